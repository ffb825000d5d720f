// SPDX-License-Identifier: Apache-2.0
import type { Entity } from '@backstage/catalog-model';

/** Names the Gerrit project of an entity; where it is missing, the entity's source location counts. @public */
export const GERRIT_PROJECT_ANNOTATION = 'review-assistant/project';

// Gitiles writes a branch, a tag or a commit behind "/+/" of its addresses.
const gitiles = /^url:https?:\/\/[^\s]+\/\+\//;

/**
 * True for an entity that says where its code is in Gerrit: by the annotation, or by
 * a location in Gitiles. Whether there is such a project, the server decides.
 * @public
 */
export function isGerritReviewAssistantAvailable(entity: Entity): boolean {
  const annotations = entity.metadata.annotations ?? {};
  return (
    Boolean(annotations[GERRIT_PROJECT_ANNOTATION]) ||
    gitiles.test(annotations['backstage.io/source-location'] ?? '') ||
    (entity.kind.toLocaleLowerCase('en-US') === 'component' &&
      gitiles.test(annotations['backstage.io/managed-by-location'] ?? ''))
  );
}
