// SPDX-License-Identifier: Apache-2.0
import { coreServices, createBackendModule } from '@backstage/backend-plugin-api';
import { catalogProcessingExtensionPoint, catalogServiceRef } from '@backstage/plugin-catalog-node';
import { readProviderConfigs } from './config';
import { FreshMemberships } from './memberships';
import { PeopleByEmail, PeopleByUsername } from './people';
import { GerritGroupsProvider } from './provider';
import { createInGerritGroupRule } from './rule';

/**
 * Maps Gerrit groups to groups of the catalog, and brings the permission rule `inGerritGroup`.
 *
 * @public
 */
export const catalogModuleGerritGroups = createBackendModule({
  pluginId: 'catalog',
  moduleId: 'gerrit-groups',
  register(reg) {
    reg.registerInit({
      deps: {
        auth: coreServices.auth,
        catalog: catalogServiceRef,
        config: coreServices.rootConfig,
        logger: coreServices.logger,
        permissionsRegistry: coreServices.permissionsRegistry,
        processing: catalogProcessingExtensionPoint,
        scheduler: coreServices.scheduler,
      },
      async init({ auth, catalog, config, logger, permissionsRegistry, processing, scheduler }) {
        const memberships = new FreshMemberships();
        permissionsRegistry.addPermissionRules([createInGerritGroupRule(memberships)]);
        for (const provider of readProviderConfigs(config)) {
          const people =
            provider.by === 'email'
              ? new PeopleByEmail(catalog, auth, logger)
              : new PeopleByUsername(provider.namespace, logger);
          processing.addEntityProvider(
            new GerritGroupsProvider(provider, people, memberships, scheduler, logger),
          );
        }
      },
    });
  },
});
