// SPDX-License-Identifier: Apache-2.0
import { coreServices, createBackendModule } from '@backstage/backend-plugin-api';
import { ScmIntegrations } from '@backstage/integration';
import { scaffolderActionsExtensionPoint } from '@backstage/plugin-scaffolder-node';
import { createOptInAction } from './action';

/**
 * Brings the scaffolder action `gerrit:review-assistant:opt-in`.
 *
 * @public
 */
export const scaffolderModuleGerritReviewAssistant = createBackendModule({
  pluginId: 'scaffolder',
  moduleId: 'gerrit-review-assistant',
  register(reg) {
    reg.registerInit({
      deps: { actions: scaffolderActionsExtensionPoint, config: coreServices.rootConfig },
      async init({ actions, config }) {
        actions.addActions(createOptInAction({ integrations: ScmIntegrations.fromConfig(config) }));
      },
    });
  },
});
