// SPDX-License-Identifier: Apache-2.0
import { createTranslationRef, createTranslationResource } from '@backstage/frontend-plugin-api';
import { cardMessages } from './components/card/messages';
import { reviewsMessages } from './components/reviews/messages';
import { sharedMessages } from './components/shared/messages';
import { tabMessages } from './components/tab/messages';

/** All that the plugin says, in English. @public */
export const gerritReviewAssistantTranslationRef = createTranslationRef({
  id: 'plugin.gerrit-review-assistant',
  messages: {
    shared: sharedMessages,
    card: cardMessages,
    tab: tabMessages,
    reviews: reviewsMessages,
  },
});

/** German, for an app that offers it. @public */
export const gerritReviewAssistantTranslations = createTranslationResource({
  ref: gerritReviewAssistantTranslationRef,
  translations: {
    de: () => import('./translation.de'),
  },
});
