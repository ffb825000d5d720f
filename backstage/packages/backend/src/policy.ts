// SPDX-License-Identifier: Apache-2.0
import { coreServices, createBackendModule } from '@backstage/backend-plugin-api';
import { catalogConditions } from '@backstage/plugin-catalog-backend/alpha';
import { RESOURCE_TYPE_CATALOG_ENTITY } from '@backstage/plugin-catalog-common/alpha';
import {
  AuthorizeResult,
  isResourcePermission,
  type PermissionCondition,
  type PermissionCriteria,
  type PolicyDecision,
} from '@backstage/plugin-permission-common';
import {
  type PermissionPolicy,
  type PolicyQuery,
  type PolicyQueryUser,
} from '@backstage/plugin-permission-node';
import { policyExtensionPoint } from '@backstage/plugin-permission-node/alpha';
import {
  createGerritConditionalDecision,
  gerritConditions,
} from '@review-assistant/backstage-plugin-catalog-backend-module-gerrit-groups';

type CatalogCondition = PermissionCondition<typeof RESOURCE_TYPE_CATALOG_ENTITY>;

/** Names the mapped Gerrit group whose members alone may see an entity. */
const ANNOTATION = 'portal/only-for';

/**
 * Everybody may do everything, but what `policy.denied` of the configuration takes
 * from somebody, and but with entities that are for one of the groups alone: these
 * are for its members, and for nobody when it is no group of `policy.groups`.
 */
class Policy implements PermissionPolicy {
  constructor(
    private readonly groups: string[],
    private readonly denied: { user: string; permissions: string[] }[],
  ) {}

  async handle({ permission }: PolicyQuery, user?: PolicyQueryUser): Promise<PolicyDecision> {
    const takenFrom = this.denied.filter(({ permissions }) =>
      permissions.includes(permission.name),
    );
    if (takenFrom.some(({ user: ref }) => ref === user?.info.userEntityRef)) {
      return { result: AuthorizeResult.DENY };
    }
    if (!isResourcePermission(permission, RESOURCE_TYPE_CATALOG_ENTITY)) {
      return { result: AuthorizeResult.ALLOW };
    }
    const open = { not: catalogConditions.hasAnnotation({ annotation: ANNOTATION }) };
    const member = user?.info.userEntityRef;
    const own = (member ? this.groups : []).map(name => ofGroup(name, member!));
    return createGerritConditionalDecision(permission, { anyOf: [open, ...own] });
  }
}

function ofGroup(name: string, user: string): PermissionCriteria<CatalogCondition> {
  return {
    allOf: [
      catalogConditions.hasAnnotation({ annotation: ANNOTATION, value: name }),
      gerritConditions.inGerritGroup({ group: `group:default/${name}`, user }),
    ],
  };
}

/** Who may do what in this Backstage. */
export default createBackendModule({
  pluginId: 'permission',
  moduleId: 'policy',
  register: env =>
    env.registerInit({
      deps: { config: coreServices.rootConfig, policy: policyExtensionPoint },
      init: async ({ config, policy }) => {
        const denied = (config.getOptionalConfigArray('policy.denied') ?? []).map(one => ({
          user: one.getString('user'),
          permissions: one.getStringArray('permissions'),
        }));
        policy.setPolicy(new Policy(config.getOptionalStringArray('policy.groups') ?? [], denied));
      },
    }),
});
