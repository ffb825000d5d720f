// SPDX-License-Identifier: Apache-2.0
import type { AssistantError } from '../../api';
import type { useMessages } from './useMessages';

/** What failed, why and what to do. */
export type ErrorWords = { title: string; why: string; next: string };

/** The words for an error: in the reader's language, and in the server's words where the reason is not known. */
export function errorWords(
  error: AssistantError,
  t: ReturnType<typeof useMessages>['t'],
): ErrorWords {
  const { kind, known } = error;
  return {
    title: t(`shared.error.${kind}.title`),
    why: (!known && error.message) || t(`shared.error.${kind}.why`),
    next: (!known && error.next) || t(`shared.error.${kind}.next`),
  };
}
