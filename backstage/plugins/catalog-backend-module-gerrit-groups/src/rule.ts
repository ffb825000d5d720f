// SPDX-License-Identifier: Apache-2.0
import { parseEntityRef } from '@backstage/catalog-model';
import { catalogEntityPermissionResourceRef } from '@backstage/plugin-catalog-node/alpha';
import { createConditionExports, createPermissionRule } from '@backstage/plugin-permission-node';
import { z } from 'zod';

/** Who is in which group, as far as it is known. Both are whole entity references in lower case. */
export interface Memberships {
  has(group: string, user: string): boolean;
}

/** The rule over what is known of memberships. It does not look at the entity. */
export function createInGerritGroupRule(memberships: Memberships) {
  const holds = (p: { group: string; user: string }) =>
    memberships.has(p.group.toLocaleLowerCase('en-US'), p.user.toLocaleLowerCase('en-US'));
  return createPermissionRule({
    name: 'inGerritGroup',
    description: 'Allow when Gerrit said within the last 50 seconds that the user is in the group',
    resourceRef: catalogEntityPermissionResourceRef,
    paramsSchema: z.object({
      group: entityRef('group').describe('Reference of a mapped group, as group:default/releasers'),
      user: entityRef('user').describe("Reference of the user, the policy's userEntityRef"),
    }),
    apply: (_entity, params) => holds(params),
    // Every entity has a kind, so that this is all of them or none.
    toQuery: params => (holds(params) ? { key: 'kind' } : { not: { key: 'kind' } }),
  });
}

function entityRef(kind: string) {
  return z
    .string()
    .max(300)
    .refine(ref => isEntityRef(ref, kind), `has to be a whole reference: ${kind}:NAMESPACE/NAME`);
}

function isEntityRef(ref: string, kind: string): boolean {
  try {
    const parts = ref.split(/[:/]/);
    return parts.length === 3 && parseEntityRef(ref).kind.toLocaleLowerCase('en-US') === kind;
  } catch {
    return false;
  }
}

// A condition carries the name of a rule and its parameters; which memberships
// it is about is decided where it is applied, in the catalog's process.
const exported = createConditionExports({
  resourceRef: catalogEntityPermissionResourceRef,
  rules: { inGerritGroup: createInGerritGroupRule({ has: () => false }) },
});

/**
 * Conditions for policies. `inGerritGroup({group, user})` holds while Gerrit said within the last 50
 * seconds that the user is in the group; it never holds for groups that are not mapped.
 *
 * Never put it under `not`: when Gerrit does not answer, the condition does not hold, and its
 * negation would let everybody in.
 *
 * @public
 */
export const gerritConditions = exported.conditions;

/**
 * Makes a conditional decision of {@link gerritConditions} for a permission with the resource type
 * `catalog-entity`. Conditions of the catalog may stand beside them.
 *
 * @public
 */
export const createGerritConditionalDecision = exported.createConditionalDecision;
