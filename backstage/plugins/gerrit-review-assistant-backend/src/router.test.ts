// SPDX-License-Identifier: Apache-2.0
import zlib from 'node:zlib';
import { IncomingMessage, ServerResponse } from 'node:http';
import { mockCredentials } from '@backstage/backend-test-utils';
import { Backstage, secret, startBackstage } from './__testUtils__/backstage';
import { FakeApi, json, problem } from './__testUtils__/fakeApi';

let api: FakeApi;
let backstage: Backstage;

async function start(config?: object) {
  backstage = await startBackstage(api, { config });
}

beforeEach(async () => {
  api = await new FakeApi().listen();
});

afterEach(async () => {
  await backstage.stop();
  await api.close();
});

const pay = '/components/component/default/pay';

describe('what is asked', () => {
  beforeEach(() => start());

  it.each([
    ['/me', '/me'],
    ['/me/reviews?limit=5&host=main', '/me/reviews?host=main&limit=5'],
    ['/changes/main%2Fteam%2Fpay~7?patch_set=2', '/changes/main%2Fteam%2Fpay~7?patch_set=2'],
    ['/changes/main%2Fc%2B%2B%20%C3%A9~7', '/changes/main%2Fc%2B%2B%20%C3%A9~7'],
    [
      `${pay}/changes?status=open&order=urgent&search=a%20%26b`,
      `${pay}/changes?order=urgent&search=a+%26b&status=open`,
    ],
    ['/components/Component/DEFAULT/Pay/failures?limit=500', `${pay}/failures?limit=500`],
    [
      `${pay}/activity?cursor=abc&fields=seq,change`,
      `${pay}/activity?cursor=abc&fields=seq%2Cchange`,
    ],
    [`${pay}/branches`, `${pay}/branches`],
    [
      '/components/Component/DEFAULT/Pay/changes/main%2Fteam%2FPay~7?patch_set=2',
      `${pay}/changes/main%2Fteam%2FPay~7?patch_set=2`,
    ],
  ])('passes %s on', async (path, want) => {
    const response = await backstage.get(path);
    expect(await response.json()).toEqual({ ok: true });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toMatch(/^application\/json/);
    expect(response.headers.get('cache-control')).toBe('private, no-cache');
    expect(response.headers.get('vary')).toMatch('Authorization');
    expect(api.asked.map(a => a.path)).toEqual([`/api/v1${want}`]);
  });

  it('names the person and proves itself, and passes on nothing else', async () => {
    await backstage.get('/me', {
      as: 'User:Default/Jane',
      headers: {
        'x-review-assistant-user': 'user:default/boss',
        cookie: 'a=b',
        'x-forwarded-for': '1.2.3.4',
      },
    });
    expect(api.asked[0].headers).toEqual({
      accept: 'application/json',
      'accept-encoding': 'identity',
      authorization: `Bearer ${secret}`,
      connection: 'keep-alive',
      host: `127.0.0.1:${api.port}`,
      'user-agent': 'backstage-gerrit-review-assistant',
      'x-review-assistant-user': 'user:default/jane',
    });
  });

  it.each<[string, string, Record<string, string>?]>([
    ['an unknown parameter', '/me/reviews?status=open'],
    ['a parameter of another list', `${pay}/branches?limit=1`],
    ['a parameter that is there twice', '/me/reviews?limit=1&limit=2'],
    ['a parameter without a value', '/me/reviews?limit='],
    ['a parameter in brackets', '/me/reviews?limit[a]=1'],
    ['a long parameter', `/me/reviews?cursor=${'x'.repeat(2000)}`],
    ['an id without a number', '/changes/main%2Fpay'],
    ['an id without a project', '/changes/main~7'],
    ['an id that climbs', '/changes/main%2F..%2F..%2Fbuilds~7'],
    ['an id of a component that climbs', `${pay}/changes/main%2F..%2F..%2Fbuilds~7`],
    ['a parameter of the list beside an id', `${pay}/changes/main%2Fpay~7?status=open`],
    ['an id with a line break', '/changes/main%2Fpay%0A~7'],
    ['a long id', `/changes/main%2F${'x'.repeat(600)}~7`],
    ['a bad escape', '/changes/%zz'],
    ['a name that is none', '/components/component/default/-pay/changes'],
    ['a name that climbs', '/components/component/%2e%2e%2fx/pay/changes'],
    ['a component that is none', '/events?component=pay'],
    ['an id of an event that is none', '/events', { 'last-event-id': '7x' }],
  ])('refuses %s', async (_, path, headers = {}) => {
    const response = await backstage.get(path, { headers });
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({
      error: { name: 'InputError', message: expect.any(String) },
      reason: 'bad-request',
      next: expect.any(String),
    });
    expect(api.asked).toEqual([]);
  });

  it('is for reading alone', async () => {
    for (const [method, path] of [
      ['POST', '/me'],
      ['DELETE', pay],
      ['OPTIONS', '/me/reviews'],
      ['HEAD', '/events'],
    ]) {
      const response = await backstage.get(path, { method });
      expect([method, response.status]).toEqual([method, 405]);
      expect(response.headers.get('allow')).toMatch(/^GET/);
    }
    expect(api.asked).toEqual([]);
    const head = await backstage.get('/me', { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([200, '']);
  });

  it.each([
    '/',
    '/builds',
    `${pay}/builds`,
    '/components/component/default/pay',
    '/changes/main/pay~7',
    `${pay}/changes/main/pay~7`,
    `${pay}/CHANGES/main%2Fpay~7`,
    `${pay}/CHANGES?limit=5`,
    '/openapi.yaml',
  ])('has no route %s', async path => {
    const response = await backstage.get(path);
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({
      error: { name: 'NotFoundError' },
      reason: 'not-found',
    });
    expect(api.asked).toEqual([]);
  });
});

describe('who may', () => {
  beforeEach(() => start());

  it.each([
    '/me',
    '/me/reviews',
    '/changes/main%2Fpay~7',
    `${pay}/changes`,
    `${pay}/changes/main%2Fpay~7`,
    '/events',
  ])('lets nobody in to %s who is not a person', async path => {
    const nobody = await backstage.get(path, {
      headers: { authorization: mockCredentials.none.header() },
    });
    expect(nobody.status).toBe(401);
    const program = await backstage.get(path, {
      headers: { authorization: mockCredentials.service.header() },
    });
    expect(program.status).toBe(403);
    expect(await program.json()).toMatchObject({ error: { name: 'NotAllowedError' } });
    const invalid = await backstage.get(path, {
      headers: { authorization: mockCredentials.user.invalidHeader() },
    });
    expect(invalid.status).toBe(401);
    const group = await backstage.get(path, { as: 'group:default/all' });
    expect(group.status).toBe(403);
    expect(api.asked).toEqual([]);
  });

  it.each([
    ['gerrit-review-assistant.read', `${pay}/changes`, 'component:default/pay'],
    ['gerrit-review-assistant.read', `${pay}/changes/main%2Fpay~7`, 'component:default/pay'],
    [
      'gerrit-review-assistant.read',
      '/events?component=Component:default/Pay',
      'component:default/pay',
    ],
    ['gerrit-review-assistant.reviews.read', '/events', undefined],
    ['gerrit-review-assistant.reviews.read', '/me', undefined],
    ['gerrit-review-assistant.reviews.read', '/me/reviews', undefined],
    ['gerrit-review-assistant.reviews.read', '/changes/main%2Fpay~7', undefined],
  ])('asks for %s before %s', async (permission, path, resource) => {
    backstage.world.denied = [permission];
    const response = await backstage.get(path);
    expect(response.status).toBe(403);
    expect(await response.json()).toEqual({
      error: { name: 'NotAllowedError', message: expect.any(String) },
      reason: 'not-allowed',
      next: expect.stringContaining(permission),
    });
    expect(backstage.world.decisions).toEqual([{ permission, resource }]);
  });

  it('shows a change of an entity to who may see no others', async () => {
    backstage.world.denied = ['gerrit-review-assistant.reviews.read'];
    expect((await backstage.get(`${pay}/changes/main%2Fpay~7`)).status).toBe(200);
    expect((await backstage.get('/changes/main%2Fpay~7')).status).toBe(403);
  });

  it('tells the policy which permissions there are', async () => {
    const response = await backstage.get('/.well-known/backstage/permissions/metadata');
    const { permissions } = (await response.json()) as { permissions: { name: string }[] };
    expect(permissions.map(p => p.name)).toEqual([
      'gerrit-review-assistant.read',
      'gerrit-review-assistant.reviews.read',
    ]);
  });

  it.each(['changes', 'changes/main%2Fpay~7'])(
    'takes an entity that is not shown for one that is not there, for %s',
    async what => {
      backstage.world.shown['user:default/joe'].push('component:default/hidden');
      backstage.world.denied = ['gerrit-review-assistant.read'];
      const answers = await Promise.all(
        ['hidden', 'nothing'].map(async name => {
          const response = await backstage.get(`/components/component/default/${name}/${what}`);
          return [response.status, await response.text(), response.headers.get('etag')];
        }),
      );
      expect(answers[0]).toEqual(answers[1]);
      expect(answers[0][0]).toBe(404);
    },
  );

  it('shows nothing while the catalog or the policy cannot tell', async () => {
    backstage.catalog.getEntityByRef.mockRejectedValueOnce(
      new Error(`connect ECONNREFUSED ${api.url}`),
    );
    const response = await backstage.get(`${pay}/changes`);
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({ reason: 'not-now' });
    expect((await backstage.get(`${pay}/changes`)).status).toBe(200);
  });
});

describe('what is kept', () => {
  let people: Record<string, { name: string; version: number }>;

  beforeEach(async () => {
    people = {
      'user:default/jane': { name: 'Jane', version: 1 },
      'user:default/joe': { name: 'Joe', version: 1 },
    };
    // The tag is the same for both, as no server should do.
    api.answer = (req, res) => {
      const { name, version } = people[req.headers['x-review-assistant-user'] as string];
      const etag = `"v${version}"`;
      if (req.headers['if-none-match'] === etag) {
        res.writeHead(304).end();
      } else {
        json(res, { name, version }, { etag });
      }
    };
    await start();
  });

  it('is looked at anew each time, and sent when it has changed', async () => {
    const first = await backstage.get('/me');
    expect(first.headers.get('etag')).toBe('"v1"');
    const second = await backstage.get('/me');
    expect(await second.json()).toEqual({ name: 'Jane', version: 1 });
    const third = await backstage.get('/me', { headers: { 'if-none-match': '"x", W/"v1"' } });
    expect([third.status, await third.text(), third.headers.get('etag')]).toEqual([
      304,
      '',
      '"v1"',
    ]);
    people['user:default/jane'].version = 2;
    const fourth = await backstage.get('/me', { headers: { 'if-none-match': '"v1"' } });
    expect(await fourth.json()).toEqual({ name: 'Jane', version: 2 });
    expect(api.asked.map(a => a.headers['if-none-match'])).toEqual([
      undefined,
      '"v1"',
      '"v1"',
      '"v1"',
    ]);
  });

  it('is shown to nobody else, whatever the tags are', async () => {
    await backstage.get('/me');
    const joe = await backstage.get('/me', { as: 'user:default/joe' });
    expect(await joe.json()).toMatchObject({ name: 'Joe' });
    expect(api.asked[1].headers['if-none-match']).toBeUndefined();
    const again = await Promise.all(
      ['jane', 'joe', 'jane', 'joe'].map(async name => {
        const response = await backstage.get('/me', { as: `user:default/${name}` });
        return [name, ((await response.json()) as { name: string }).name];
      }),
    );
    expect(again).toEqual([
      ['jane', 'Jane'],
      ['joe', 'Joe'],
      ['jane', 'Jane'],
      ['joe', 'Joe'],
    ]);
  });

  it('is not shown once it is refused', async () => {
    await backstage.get('/me');
    const { answer } = api;
    api.answer = (_req, res) => problem(res, 403, 'account-inactive');
    expect((await backstage.get('/me', { headers: { 'if-none-match': '"v1"' } })).status).toBe(403);
    api.answer = answer;
    expect(await (await backstage.get('/me')).json()).toMatchObject({ name: 'Jane' });
    expect(api.asked[2].headers['if-none-match']).toBeUndefined();
  });

  it('is asked for anew by each who asks, though the same person asks twice at a time', async () => {
    const held: [IncomingMessage, ServerResponse][] = [];
    const { answer } = api;
    api.answer = (req, res) => held.push([req, res]);
    const asked = ['jane', 'jane', 'joe'].map(name =>
      backstage.get('/me/reviews?limit=5', { as: `user:default/${name}` }),
    );
    await api.questions(3);
    expect(api.asked.map(a => a.headers['x-review-assistant-user']).sort()).toEqual([
      'user:default/jane',
      'user:default/jane',
      'user:default/joe',
    ]);
    held.forEach(([req, res]) => answer(req, res));
    const names = await Promise.all(asked.map(async r => ((await (await r).json()) as any).name));
    expect(names).toEqual(['Jane', 'Jane', 'Joe']);
  });
});

describe('errors', () => {
  it.each<[string, (req: IncomingMessage, res: ServerResponse) => void, number, string]>([
    ['400', (_, res) => problem(res, 400, 'bad-cursor'), 400, 'bad-cursor'],
    ['401', (_, res) => problem(res, 401, 'service-secret'), 502, 'not-trusted'],
    ['401 of a person', (_, res) => problem(res, 401, 'service-person'), 502, 'not-trusted'],
    ['403', (_, res) => problem(res, 403, 'no-account'), 403, 'no-account'],
    ['404', (_, res) => problem(res, 404, 'not-shown'), 404, 'not-shown'],
    ['429', (_, res) => problem(res, 429, 'too-often'), 429, 'too-often'],
    ['501', (_, res) => problem(res, 501, 'not-offered'), 501, 'not-offered'],
    ['503', (_, res) => problem(res, 503, 'not-now'), 503, 'not-now'],
    ['500', (_, res) => problem(res, 500, 'internal'), 502, 'bad-answer'],
    ['405', (_, res) => problem(res, 405, 'bad-method'), 502, 'bad-answer'],
    ['a reason that is no word', (_, res) => problem(res, 403, '<script>'), 502, 'bad-answer'],
    [
      'an error of something else',
      (_, res) =>
        res.writeHead(403, { 'content-type': 'application/json' }).end('{"reason":"no-account"}'),
      502,
      'bad-answer',
    ],
    [
      'an error that is no JSON',
      (_, res) =>
        res
          .writeHead(404, { 'content-type': 'application/problem+json' })
          .end('at Object.<anonymous>'),
      502,
      'bad-answer',
    ],
    [
      'an error with control characters',
      (_, res) =>
        res
          .writeHead(404, { 'content-type': 'application/problem+json' })
          .end(JSON.stringify({ reason: 'not-found', detail: 'a\u001b[2J', next: 'b' })),
      502,
      'bad-answer',
    ],
    [
      'null',
      (_, res) => res.writeHead(404, { 'content-type': 'application/problem+json' }).end('null'),
      502,
      'bad-answer',
    ],
    [
      'HTML',
      (_, res) => res.writeHead(200, { 'content-type': 'text/html' }).end('<p>Sign in'),
      502,
      'bad-answer',
    ],
    [
      'HTML with 404',
      (_, res) => res.writeHead(404, { 'content-type': 'text/html' }).end('nginx'),
      502,
      'bad-answer',
    ],
    ['no type', (_, res) => res.writeHead(200).end('{}'), 502, 'bad-answer'],
    [
      'what is compressed',
      (_, res) =>
        res
          .writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' })
          .end(zlib.gzipSync('{}')),
      502,
      'bad-answer',
    ],
    [
      'another success',
      (_, res) => res.writeHead(206, { 'content-type': 'application/json' }).end('{}'),
      502,
      'bad-answer',
    ],
    ['a 304 that nobody asked for', (_, res) => res.writeHead(304).end(), 502, 'bad-answer'],
    ['too much', (_, res) => json(res, 'x'.repeat(5 << 20)), 502, 'too-large'],
    [
      'without an end',
      (_, res) => {
        res.writeHead(200, { 'content-type': 'application/json' });
        const more = () => res.write('x'.repeat(1 << 16), error => error || more());
        more();
      },
      502,
      'too-large',
    ],
    ['a connection that breaks', req => req.socket.destroy(), 503, 'not-reachable'],
    [
      'a body that breaks',
      (req, res) => {
        res.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' });
        res.write('{"ok"', () => req.socket.destroy());
      },
      503,
      'not-reachable',
    ],
    ['what is no HTTP', req => req.socket.end('hello\r\n\r\n'), 503, 'not-reachable'],
    [
      'large headers',
      (_, res) => json(res, {}, { 'x-large': 'x'.repeat(40_000) }),
      503,
      'not-reachable',
    ],
  ])('are told of %s and say nothing else', async (_, answer, status, reason) => {
    await start();
    api.answer = answer;
    const response = await backstage.get('/me');
    const body = await response.text();
    expect([response.status, JSON.parse(body)]).toEqual([
      status,
      {
        error: { name: expect.stringMatching(/Error$/), message: expect.any(String) },
        reason,
        next: expect.any(String),
      },
    ]);
    expect(response.headers.get('cache-control')).toBe('no-store');
    const told = body + backstage.logged();
    for (const leak of [
      secret,
      '127.0.0.1',
      String(api.port),
      'localhost',
      ' at ',
      'Sign in',
      'nginx',
      '\u001b',
    ]) {
      expect(told).not.toContain(leak);
    }
    // What only the operator can mend is in the log, once.
    await backstage.get('/me');
    const operators = ['not-trusted', 'bad-answer', 'not-reachable'].includes(reason);
    expect(backstage.warnings()).toBe(operators ? 1 : 0);
  });

  it('name the reason in the log when the secret is refused', async () => {
    await start();
    api.answer = (_, res) => problem(res, 401, 'service-secret');
    await backstage.get('/me');
    expect(backstage.logged()).toContain('does not accept this Backstage (service-secret)');
  });

  it('pass on what the assistant says to do', async () => {
    await start();
    api.answer = (_, res) => problem(res, 403, 'no-account');
    expect(await (await backstage.get('/me')).json()).toEqual({
      error: { name: 'NotAllowedError', message: 'what is wrong' },
      reason: 'no-account',
      next: 'what to do',
    });
  });

  it('say when to come again, if the assistant does', async () => {
    await start();
    const times = [];
    for (const time of ['3', 'Wed, 21 Oct 2015 07:28:00 GMT', '99999']) {
      api.answer = (_, res) => problem(res, 503, 'not-now', { 'retry-after': time });
      times.push((await backstage.get('/me')).headers.get('retry-after'));
    }
    expect(times).toEqual(['3', null, null]);
  });

  it('come in time when there is no answer, or no end of it', async () => {
    await start({ timeout: '50ms' });
    api.answer = () => {};
    expect((await backstage.get('/me')).status).toBe(503);
    api.answer = (_, res) => res.writeHead(200, { 'content-type': 'application/json' }).write('{');
    const response = await backstage.get('/me');
    expect([response.status, await response.json()]).toEqual([
      503,
      expect.objectContaining({ reason: 'not-reachable' }),
    ]);
    expect(backstage.logged()).toContain('no answer in time');
  });

  it('are told of a redirect, which is not followed', async () => {
    const elsewhere = await new FakeApi().listen();
    await start();
    for (const status of [301, 302, 307, 308]) {
      api.answer = (_, res) =>
        res.writeHead(status, { location: `${elsewhere.url}/api/v1/me` }).end();
      expect((await backstage.get('/me')).status).toBe(502);
    }
    expect(elsewhere.asked).toEqual([]);
    await elsewhere.close();
  });

  it('are told of a server that is gone, until it is there again', async () => {
    await start();
    expect((await backstage.get('/me')).status).toBe(200);
    await api.close();
    const response = await backstage.get('/me');
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '5']);
    expect(await response.json()).toMatchObject({ reason: 'not-reachable' });
    expect(backstage.logged()).toMatch(/cannot be reached \((ECONNREFUSED|ECONNRESET)\)/);
  });

  it('are none when only a connection that was kept has gone', async () => {
    await start();
    const seen = new Set();
    api.answer = (req, res) => {
      if (seen.has(req.socket)) {
        req.socket.destroy();
      } else {
        seen.add(req.socket);
        json(res, { ok: true });
      }
    };
    for (const _ of 'abc') {
      expect((await backstage.get('/me')).status).toBe(200);
    }
    expect(seen.size).toBe(3);
  });
});

describe('configuration', () => {
  it('changes the secret without a restart, and keeps the last one that could be read', async () => {
    await start();
    await backstage.get('/me');
    backstage.reload({ serviceToken: 'the-next-secret-of-the-portal' });
    await backstage.get('/me');
    backstage.reload({ serviceToken: 'short' });
    await backstage.get('/me');
    expect(api.asked.map(a => a.headers.authorization)).toEqual([
      `Bearer ${secret}`,
      'Bearer the-next-secret-of-the-portal',
      'Bearer the-next-secret-of-the-portal',
    ]);
    expect(backstage.logged()).toContain('gerritReviewAssistant.serviceToken is not one line');
    expect(backstage.logged()).not.toContain("'short'");
  });

  it('sends the token of the person where no secret is shared', async () => {
    await start({ auth: 'user-token', serviceToken: undefined });
    await backstage.get('/me');
    expect(api.asked[0].headers.authorization).toBe(
      mockCredentials.user.header('user:default/jane'),
    );
    expect(api.asked[0].headers['x-review-assistant-user']).toBeUndefined();
  });
});
