// SPDX-License-Identifier: Apache-2.0
import { createBackendModule } from '@backstage/backend-plugin-api';
import { AuthenticationError } from '@backstage/errors';
import {
  authProvidersExtensionPoint,
  createProxyAuthenticator,
  createProxyAuthProviderFactory,
} from '@backstage/plugin-auth-node';

/**
 * Signs in whoever a request names, as behind a proxy that knows people. Only
 * the entry points of this folder have it: no configuration brings it elsewhere.
 */
export default createBackendModule({
  pluginId: 'auth',
  moduleId: 'named',
  register: env =>
    env.registerInit({
      deps: { providers: authProvidersExtensionPoint },
      init: async ({ providers }) =>
        providers.registerProvider({
          providerId: 'named',
          factory: createProxyAuthProviderFactory({
            authenticator: createProxyAuthenticator({
              defaultProfileTransform: async () => ({ profile: {} }),
              initialize: () => ({}),
              authenticate: async ({ req }) => {
                const name = req.get('x-user');
                if (!name) {
                  throw new AuthenticationError('The header x-user names nobody');
                }
                return { result: name };
              },
            }),
            signInResolver: ({ result }, ctx) =>
              ctx.issueToken({ claims: { sub: result, ent: [result] } }),
          }),
        }),
    }),
});
