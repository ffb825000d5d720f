// SPDX-License-Identifier: Apache-2.0
// An OpenID provider for tests: four people, two clients, a page to sign in on,
// and a way for a test to change its keys or to make it fall silent.
//
//   node index.js PORT PASSWORD SECRET REDIRECT
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { Provider, errors } from 'oidc-provider';

const [port, password, secret, redirect] = process.argv.slice(2);
const issuer = `http://127.0.0.1:${port}`;

const people = new Map([
  ['jane', { groups: ['review-operators'] }],
  ...['tom', 'kim', 'gus'].map((name) => [name, { groups: [] }]),
].map(([name, more]) => [name, {
  preferred_username: name, name, email: `${name}@example.com`, email_verified: true, ...more,
}]));

// Subjects are unlike names, as those of real providers are.
const subjects = new Map([...people.keys()].map((name) => [`subject-of-${name}`, name]));
const subjectOf = (name, given) => (people.has(name) && given === password ? `subject-of-${name}` : undefined);

const newKeys = () => [
  generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  generateKeyPairSync('rsa', { modulusLength: 2048 }),
].map((pair, i) => ({
  ...pair.privateKey.export({ format: 'jwk' }), kid: randomUUID(), use: 'sig', alg: ['ES256', 'RS256'][i],
}));

const resourceOf = (client, alg = 'ES256', life = 300) => ({
  audience: client.clientId, scope: 'profile email', accessTokenFormat: 'jwt', accessTokenTTL: life, jwt: { sign: { alg } },
});

// password is the grant of scripts. Besides it takes alg and life, in seconds.
async function passwordGrant(ctx) {
  const { params, client, provider } = ctx.oidc;
  const accountId = subjectOf(params.username, params.password);
  if (!accountId) {
    throw new errors.InvalidGrant('name or password is wrong');
  }
  const life = Number(params.life ?? 300);
  const token = new provider.AccessToken({ accountId, client, scope: 'profile email', expiresIn: life, gty: 'password' });
  token.resourceServer = new provider.ResourceServer(`urn:${client.clientId}`, resourceOf(client, params.alg, life));
  ctx.body = { access_token: await token.save(), token_type: 'Bearer', expires_in: life };
}

function newProvider(keys) {
  const provider = new Provider(issuer, {
    clients: ['review-assistant', 'elsewhere'].map((id) => ({
      client_id: id, client_secret: secret, redirect_uris: [redirect], token_endpoint_auth_method: 'client_secret_post',
      grant_types: ['authorization_code', 'password'], response_types: ['code'],
    })),
    jwks: { keys },
    cookies: { keys: [randomUUID()] },
    claims: { openid: ['sub'], profile: ['preferred_username', 'name', 'groups'], email: ['email', 'email_verified'] },
    pkce: { required: () => true },
    findAccount: (ctx, id) => subjects.has(id) && {
      accountId: id, claims: () => ({ sub: id, ...people.get(subjects.get(id)) }),
    },
    extraTokenClaims: (ctx, token) => people.get(subjects.get(token.accountId)),
    interactions: { url: (ctx, interaction) => `/sign-in/${interaction.uid}` },
    // Nobody is asked for consent.
    loadExistingGrant: async (ctx) => {
      const { client, session, provider } = ctx.oidc;
      const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId });
      grant.addOIDCScope('openid profile email');
      grant.addResourceScope(`urn:${client.clientId}`, 'profile email');
      await grant.save();
      return grant;
    },
    features: {
      devInteractions: { enabled: false },
      resourceIndicators: {
        enabled: true,
        defaultResource: (ctx, client) => `urn:${client.clientId}`,
        useGrantedResource: () => true,
        getResourceServerInfo: (ctx, resource, client) => resourceOf(client),
      },
    },
  });
  provider.registerGrantType('password', passwordGrant, ['username', 'password', 'alg', 'life']);
  return provider;
}

const bodyOf = async (req) => {
  let text = '';
  for await (const chunk of req) {
    text += chunk;
  }
  return new URLSearchParams(text);
};

async function signIn(req, res) {
  const form = req.method === 'POST' ? await bodyOf(req) : undefined;
  const accountId = form && subjectOf(form.get('login'), form.get('password'));
  if (accountId) {
    return provider.interactionFinished(req, res, { login: { accountId } });
  }
  res.setHeader('Content-Type', 'text/html; charset=utf-8');
  return res.end(`<!doctype html><title>Sign in</title><p>${form ? 'Name or password is wrong.' : ''}</p>
<form method="post" action="${req.url}"><input name="login"><input name="password" type="password"><button>Sign in</button></form>`);
}

let keys = newKeys();
let provider = newProvider(keys);
let mode = 'well';

const controls = {
  // New keys sign, old ones are still published.
  rotate: () => { keys = [...newKeys(), ...keys]; provider = newProvider(keys); },
  // Only the newest keys are.
  forget: () => { keys = keys.slice(0, 2); provider = newProvider(keys); },
  well: () => { mode = 'well'; },
  // Requests are taken and never answered.
  hang: () => { mode = 'hang'; },
  // Each is answered with status 503.
  fail: () => { mode = 'fail'; },
};

createServer((req, res) => {
  const control = req.url.startsWith('/control/') && controls[req.url.slice('/control/'.length)];
  if (control) {
    control();
    res.end();
  } else if (mode === 'fail') {
    res.writeHead(503).end('out of order');
  } else if (mode === 'well') {
    const answer = req.url.startsWith('/sign-in/') ? signIn(req, res) : provider.callback()(req, res);
    answer.catch?.((err) => { console.error(err); res.writeHead(500).end(); });
  }
}).listen(port, '127.0.0.1', () => console.log('READY'));
