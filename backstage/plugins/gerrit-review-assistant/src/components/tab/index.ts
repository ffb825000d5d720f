// SPDX-License-Identifier: Apache-2.0
export { EntityReviewAssistantContent } from './EntityReviewAssistantContent';
