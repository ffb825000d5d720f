// SPDX-License-Identifier: Apache-2.0

/** What the card says. */
export const cardMessages = {
  title: 'Gerrit reviews',
  list: 'Open changes',
  shown: '{{shown}} of {{considered}} open changes; the most urgent first',
  shownMore:
    '{{shown}} of the {{considered}} newest open changes; the most urgent first. There are older ones',
  viewAll: 'View all',
  viewAllOf: 'changes of {{name}}',
  empty: {
    title: 'No open changes',
    why: 'Nothing is under review here, or Gerrit shows you none of it.',
  },
  updated_one: 'Updated: {{count}} change shown',
  updated_other: 'Updated: {{count}} changes shown',
} as const;
