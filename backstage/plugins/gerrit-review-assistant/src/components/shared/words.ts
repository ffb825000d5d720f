// SPDX-License-Identifier: Apache-2.0
import { tabMessages } from '../tab/messages';
import { sharedMessages } from './messages';

/** The values of the API that are shown as words, by the messages that have the words. */
export const wordGroups = {
  'shared.state': sharedMessages.state,
  'shared.severity': sharedMessages.severity,
  'shared.builds.class': sharedMessages.builds.class,
  'shared.submit.status': sharedMessages.submit.status,
  'shared.reason': sharedMessages.reason,
  'tab.notRead': tabMessages.notRead,
  'tab.fallback': tabMessages.fallback,
  'tab.outcome.kind': tabMessages.outcome.kind,
  'tab.outcome.verdict': tabMessages.outcome.verdict,
  'tab.failure.class': tabMessages.failure.class,
  'tab.failure.cause': tabMessages.failure.cause,
  'tab.failure.stageName': tabMessages.failure.stageName,
  'tab.failure.category': tabMessages.failure.category,
  'tab.failure.log': tabMessages.failure.log,
  'tab.branches.result': tabMessages.branches.result,
};

/** Messages that are words for values of the API. */
export type WordGroup = keyof typeof wordGroups;

/** Whether there is a word for a value. A newer server may send others. */
export function hasWord(group: WordGroup, value: string): boolean {
  return Object.keys(wordGroups[group]).includes(value);
}
