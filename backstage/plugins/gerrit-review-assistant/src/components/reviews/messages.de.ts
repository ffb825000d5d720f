// SPDX-License-Identifier: Apache-2.0
import type { Translated } from '../shared/translated';
import type { reviewsMessages } from './messages';

/** German; the same keys as the English ones. */
export const reviewsMessagesDe: Translated<typeof reviewsMessages> = {
  title: 'Meine Reviews',
  lead: 'Offene Änderungen aller Projekte, die auf dich warten, so wie Gerrit sie dir zeigt.',
  attention: 'Braucht deine Aufmerksamkeit',
  reviewer: 'Zu reviewen',
  empty: 'Nichts wartet auf dich',
  emptyHint:
    'Änderungen stehen hier, wenn du in ihrem Attention-Set bist oder sie reviewen sollst.',
  none: {
    attention: 'Keine Änderung braucht gerade deine Aufmerksamkeit.',
    reviewer: 'Du sollst keine weitere Änderung reviewen.',
  },
  noMatch: 'Keine der geladenen Änderungen passt zu den Filtern.',
  forbidden: {
    title: 'Du darfst deine Reviews hier nicht sehen',
    why: 'Die Regeln dieses Backstage zeigen dir nichts, was zu keiner einzelnen Komponente gehört.',
    next: 'Bitte, wer Backstage betreibt, um die Berechtigung {{permission}}.',
    instead: 'Was auf dich wartet, steht auch auf deiner Übersicht in Gerrit.',
  },
};
