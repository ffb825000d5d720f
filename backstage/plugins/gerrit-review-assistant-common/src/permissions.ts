// SPDX-License-Identifier: Apache-2.0
import { RESOURCE_TYPE_CATALOG_ENTITY } from '@backstage/plugin-catalog-common/alpha';
import { createPermission } from '@backstage/plugin-permission-common';

/**
 * Guards what the card and the tab of an entity show. A policy may decide by
 * the entity, with the conditions of the catalog.
 *
 * @public
 */
export const gerritReviewAssistantReadPermission = createPermission({
  name: 'gerrit-review-assistant.read',
  attributes: { action: 'read' },
  resourceType: RESOURCE_TYPE_CATALOG_ENTITY,
});

/**
 * Guards what belongs to no entity: "My reviews", changes by id alone, and the
 * events of all components together.
 *
 * @public
 */
export const gerritReviewAssistantReviewsPermission = createPermission({
  name: 'gerrit-review-assistant.reviews.read',
  attributes: { action: 'read' },
});

/** All permissions of the plugin. @public */
export const gerritReviewAssistantPermissions = [
  gerritReviewAssistantReadPermission,
  gerritReviewAssistantReviewsPermission,
];
