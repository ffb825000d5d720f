// SPDX-License-Identifier: Apache-2.0
// The catalog of Backstage and its tokens, in memory, and nothing else.
const { createBackend } = require('@backstage/backend-defaults');
const { coreServices, createBackendModule, createBackendPlugin } = require('@backstage/backend-plugin-api');
const { authProvidersExtensionPoint, createProxyAuthenticator, createProxyAuthProviderFactory } = require('@backstage/plugin-auth-node');

const backend = createBackend();
backend.add(import('@backstage/plugin-catalog-backend'));
backend.add(import('@backstage/plugin-auth-backend'));

// Whoever a request names is signed in, as by a proxy in front that knows people.
backend.add(createBackendModule({
  pluginId: 'auth',
  moduleId: 'named',
  register: (env) => env.registerInit({
    deps: { providers: authProvidersExtensionPoint },
    init: async ({ providers }) => providers.registerProvider({
      providerId: 'named',
      factory: createProxyAuthProviderFactory({
        authenticator: createProxyAuthenticator({
          defaultProfileTransform: async () => ({ profile: {} }),
          initialize: () => {},
          authenticate: async ({ req }) => ({ result: req.get('x-user') }),
        }),
        signInResolver: ({ result }, ctx) => ctx.issueToken({ claims: { sub: result, ent: [result] } }),
      }),
    }),
  }),
}));

// A plugin that tells what it sends to another plugin: a token of its own, or
// one on behalf of the person whose token the request carries.
backend.add(createBackendPlugin({
  pluginId: 'caller',
  register: (env) => env.registerInit({
    deps: { auth: coreServices.auth, http: coreServices.httpRouter },
    init: async ({ auth, http }) => {
      http.addAuthPolicy({ path: '/', allow: 'unauthenticated' });
      http.use(async (req, res, next) => {
        try {
          const bearer = req.get('authorization')?.slice('Bearer '.length);
          const onBehalfOf = bearer ? await auth.authenticate(bearer) : await auth.getOwnServiceCredentials();
          res.json(await auth.getPluginRequestToken({ onBehalfOf, targetPluginId: req.query.target }));
        } catch (err) {
          next(err);
        }
      });
    },
  }),
}));
backend.start();
