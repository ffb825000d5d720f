// SPDX-License-Identifier: Apache-2.0
/** What the page says, in English; the German ones are in messages.de.ts. */
export const reviewsMessages = {
  title: 'My reviews',
  empty: 'Nothing waits for your review.',
} as const;
