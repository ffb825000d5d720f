// SPDX-License-Identifier: Apache-2.0
import { Entity } from '@backstage/catalog-model';
import { createConditionAuthorizer } from '@backstage/plugin-permission-node';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import { createInGerritGroupRule, gerritConditions } from './rule';

const GROUP = 'group:default/releasers';
const USER = 'user:default/jane';

describe('inGerritGroup', () => {
  const rule = createInGerritGroupRule({ has: (group, user) => group === GROUP && user === USER });
  const entity: Entity = { apiVersion: 'x', kind: 'Component', metadata: { name: 'x' } };
  const authorize = createConditionAuthorizer([rule]);
  const decide = (group: string, user: string) =>
    authorize(
      {
        result: AuthorizeResult.CONDITIONAL,
        pluginId: 'catalog',
        resourceType: 'catalog-entity',
        conditions: gerritConditions.inGerritGroup({ group, user }),
      },
      entity,
    );

  it('makes conditions', () => {
    expect(gerritConditions.inGerritGroup({ group: GROUP, user: USER })).toEqual({
      rule: 'inGerritGroup',
      resourceType: 'catalog-entity',
      params: { group: GROUP, user: USER },
    });
  });

  it.each([
    [GROUP, USER, true],
    ['Group:default/Releasers', 'User:Default/Jane', true],
    [GROUP, 'user:default/joe', false],
    ['group:default/others', USER, false],
  ])('answers %s, %s', (group, user, want) => {
    expect(decide(group, user)).toBe(want);
    expect(rule.toQuery({ group, user })).toEqual(
      want ? { key: 'kind' } : { not: { key: 'kind' } },
    );
  });

  it.each([
    ['releasers', USER],
    ['group:releasers', USER],
    [USER, USER],
    [GROUP, GROUP],
    [GROUP, 'user:default/jane/x'],
    [GROUP, 'user:default/'],
    [GROUP, `user:default/${'x'.repeat(300)}`],
  ])('refuses %s, %s', (group, user) => {
    expect(() => decide(group, user)).toThrow('Parameters to rule are invalid');
  });
});
