// SPDX-License-Identifier: Apache-2.0
import type { Translated } from '../shared/translated';
import type { cardMessages } from './messages';

/** German; the same keys as the English ones. */
export const cardMessagesDe: Translated<typeof cardMessages> = {
  title: 'Gerrit-Reviews',
  list: 'Offene Änderungen',
  shown: '{{shown}} von {{considered}} offenen Änderungen; die dringendsten zuerst',
  shownMore:
    '{{shown}} der {{considered}} neuesten offenen Änderungen; die dringendsten zuerst. Es gibt ältere',
  viewAll: 'Alle zeigen',
  viewAllOf: 'Änderungen von {{name}}',
  empty: {
    title: 'Keine offenen Änderungen',
    why: 'Hier ist nichts im Review, oder Gerrit zeigt dir nichts davon.',
  },
  updated_one: 'Aktualisiert: {{count}} Änderung',
  updated_other: 'Aktualisiert: {{count}} Änderungen',
};
