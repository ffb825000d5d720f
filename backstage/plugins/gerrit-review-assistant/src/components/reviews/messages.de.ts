// SPDX-License-Identifier: Apache-2.0
import type { Translated } from '../shared/translated';
import type { reviewsMessages } from './messages';

/** German; the same keys as the English ones. */
export const reviewsMessagesDe: Translated<typeof reviewsMessages> = {
  title: 'Meine Reviews',
  empty: 'Nichts wartet auf dein Review.',
};
