// SPDX-License-Identifier: Apache-2.0

/**
 * Backend plugin of the Gerrit review assistant.
 *
 * @packageDocumentation
 */
export { gerritReviewAssistantPlugin as default } from './plugin';
