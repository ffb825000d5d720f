// SPDX-License-Identifier: Apache-2.0
import { createTranslationMessages } from '@backstage/frontend-plugin-api';
import { cardMessagesDe } from './components/card/messages.de';
import { reviewsMessagesDe } from './components/reviews/messages.de';
import { sharedMessagesDe } from './components/shared/messages.de';
import { tabMessagesDe } from './components/tab/messages.de';
import { gerritReviewAssistantTranslationRef } from './translation';

type Nested = { [key: string]: string | Nested };

/** Messages as the translation API counts them: a.b.c. */
export function flatten(messages: Nested, prefix = ''): Record<string, string> {
  return Object.assign(
    {},
    ...Object.entries(messages).map(([key, value]) =>
      typeof value === 'string' ? { [prefix + key]: value } : flatten(value, `${prefix}${key}.`),
    ),
  );
}

const messages = flatten({
  shared: sharedMessagesDe,
  card: cardMessagesDe,
  tab: tabMessagesDe,
  reviews: reviewsMessagesDe,
});

export default createTranslationMessages({
  ref: gerritReviewAssistantTranslationRef,
  full: false,
  messages,
});
