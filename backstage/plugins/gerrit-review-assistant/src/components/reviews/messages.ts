// SPDX-License-Identifier: Apache-2.0

/** What the page says, in English. The German ones are in messages.de.ts. */
export const reviewsMessages = {
  title: 'My reviews',
  lead: 'Open changes of all projects that wait for you, as Gerrit shows them to you.',
  attention: 'Needs your attention',
  reviewer: 'To review',
  empty: 'Nothing waits for you',
  emptyHint: 'Changes are here when you are in their attention set or are asked to review them.',
  none: {
    attention: 'No change needs your attention now.',
    reviewer: 'You are not asked to review another change.',
  },
  noMatch: 'None of the loaded changes fits the filters.',
  forbidden: {
    title: 'You may not see your reviews here',
    why: 'The policy of this Backstage does not let you see what belongs to no single component.',
    next: 'Ask whoever runs Backstage for the permission {{permission}}.',
    instead: 'What waits for you is on your dashboard in Gerrit too.',
  },
} as const;
