// SPDX-License-Identifier: Apache-2.0
import { coreServices, createBackendPlugin } from '@backstage/backend-plugin-api';

/**
 * Tells what it sends to another plugin: a token of its own, or one on behalf
 * of the person whose token the request carries.
 */
export default createBackendPlugin({
  pluginId: 'caller',
  register: env =>
    env.registerInit({
      deps: { auth: coreServices.auth, http: coreServices.httpRouter },
      init: async ({ auth, http }) => {
        http.addAuthPolicy({ path: '/', allow: 'unauthenticated' });
        http.use(async (req, res, next) => {
          try {
            const bearer = req.get('authorization')?.slice('Bearer '.length);
            const onBehalfOf = bearer
              ? await auth.authenticate(bearer)
              : await auth.getOwnServiceCredentials();
            const targetPluginId = String(req.query.target);
            res.json(await auth.getPluginRequestToken({ onBehalfOf, targetPluginId }));
          } catch (err) {
            next(err);
          }
        });
      },
    }),
});
