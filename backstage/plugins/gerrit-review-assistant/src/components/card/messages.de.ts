// SPDX-License-Identifier: Apache-2.0
import type { Translated } from '../shared/translated';
import type { cardMessages } from './messages';

/** German; the same keys as the English ones. */
export const cardMessagesDe: Translated<typeof cardMessages> = {
  title: 'Gerrit-Reviews',
  list: 'Offene Änderungen',
  shown: '{{shown}} von {{considered}} offenen Änderungen',
  shownMore: '{{shown}} der {{considered}} neuesten offenen Änderungen; es gibt ältere',
  viewAll: 'Alle zeigen',
  viewAllOf: 'Änderungen von {{name}}',
  empty: {
    title: 'Keine offenen Änderungen',
    why: 'Hier ist nichts im Review, oder Gerrit zeigt dir nichts davon.',
  },
  missing: {
    title: 'Kein Gerrit-Projekt ist genannt',
    why: 'Diese Entität sagt nicht, wo ihr Code in Gerrit ist.',
    next: 'Trage diese Annotation mit dem Namen des Projekts in ihre catalog-info.yaml ein:',
  },
  updated_one: 'Aktualisiert: {{count}} Änderung',
  updated_other: 'Aktualisiert: {{count}} Änderungen',
};
