// SPDX-License-Identifier: Apache-2.0
/**
 * A scaffolder action that lets a Gerrit project opt in to the review assistant.
 *
 * @packageDocumentation
 */
export { scaffolderModuleGerritReviewAssistant as default } from './module';
export { createOptInAction, type OptInInput, type OptInOutput } from './action';
