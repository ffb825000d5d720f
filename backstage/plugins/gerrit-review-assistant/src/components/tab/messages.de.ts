// SPDX-License-Identifier: Apache-2.0
import type { Translated } from '../shared/translated';
import type { tabMessages } from './messages';

/** German; the same keys as the English ones. */
export const tabMessagesDe: Translated<typeof tabMessages> = {
  title: 'Gerrit-Reviews',
  empty: 'Es gibt keine offenen Änderungen.',
};
