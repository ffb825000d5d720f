// SPDX-License-Identifier: Apache-2.0
import { coreServices, createBackendPlugin } from '@backstage/backend-plugin-api';
import { catalogServiceRef } from '@backstage/plugin-catalog-node';
import { gerritReviewAssistantPermissions } from '@review-assistant/backstage-plugin-gerrit-review-assistant-common';
import { Api } from './api';
import { PersonalCache } from './cache';
import { Gate } from './gate';
import { createRouter } from './router';
import { liveSettings } from './settings';
import { defaultLimits, StreamLimits, Streams } from './streams';
import { Visibility } from './visibility';

// Bytes of answers that are kept.
const cacheSize = 32 << 20;

/** Makes the plugin; tests give it bounds that end sooner. */
export function createPlugin(limits: StreamLimits = defaultLimits) {
  return createBackendPlugin({
    pluginId: 'gerrit-review-assistant',
    register(env) {
      env.registerInit({
        deps: {
          catalog: catalogServiceRef,
          config: coreServices.rootConfig,
          httpAuth: coreServices.httpAuth,
          httpRouter: coreServices.httpRouter,
          lifecycle: coreServices.lifecycle,
          logger: coreServices.logger,
          permissions: coreServices.permissions,
          permissionsRegistry: coreServices.permissionsRegistry,
        },
        async init({
          catalog,
          config,
          httpAuth,
          httpRouter,
          lifecycle,
          logger,
          permissions,
          permissionsRegistry,
        }) {
          const settings = liveSettings(config, logger);
          const api = new Api(settings, logger);
          const cache = new PersonalCache((path, headers) => api.get(path, headers), cacheSize);
          const gate = new Gate(httpAuth, permissions, new Visibility(catalog, Date.now), settings);
          const streams = new Streams(limits);
          permissionsRegistry.addPermissions(gerritReviewAssistantPermissions);
          httpRouter.use(createRouter({ api, cache, gate, streams, logger }));
          lifecycle.addShutdownHook(() => {
            streams.end();
            api.close();
          });
        },
      });
    },
  });
}

/**
 * Asks the Gerrit review assistant on behalf of the person who is signed in.
 *
 * @public
 */
export const gerritReviewAssistantPlugin = createPlugin();
