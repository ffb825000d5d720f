// SPDX-License-Identifier: Apache-2.0
export * from './types';
export { AssistantError, type AssistantErrorKind } from './error';
export { GerritReviewAssistantClient } from './client';
