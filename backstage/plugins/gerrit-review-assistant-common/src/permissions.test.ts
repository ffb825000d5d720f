// SPDX-License-Identifier: Apache-2.0
import { isResourcePermission } from '@backstage/plugin-permission-common';
import * as common from '.';

it('lists every permission', () => {
  const exported = Object.entries(common).filter(([name]) => name.endsWith('Permission'));
  expect(common.gerritReviewAssistantPermissions).toEqual(
    exported.map(([, permission]) => permission),
  );
  expect(
    common.gerritReviewAssistantPermissions.filter(p => isResourcePermission(p, 'catalog-entity')),
  ).toEqual([common.gerritReviewAssistantReadPermission]);
});
