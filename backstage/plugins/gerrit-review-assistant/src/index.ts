// SPDX-License-Identifier: Apache-2.0

/**
 * Open changes of a catalog entity with what the Gerrit review assistant says of them.
 *
 * @packageDocumentation
 */
export { gerritReviewAssistantPlugin as default } from './plugin';
export {
  ANNOTATION_PROJECT,
  isGerritReviewAssistantAvailable,
} from '@review-assistant/backstage-plugin-gerrit-review-assistant-common';
export * from './api';
export {
  gerritReviewAssistantTranslationRef,
  gerritReviewAssistantTranslations,
} from './translation';
