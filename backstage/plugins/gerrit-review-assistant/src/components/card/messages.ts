// SPDX-License-Identifier: Apache-2.0

/** What the card says. */
export const cardMessages = {
  title: 'Gerrit reviews',
  list: 'Open changes',
  shown: 'Showing {{shown}} of {{considered}} open changes',
  shownMore: 'Showing {{shown}} of the {{considered}} newest open changes; there are older ones',
  viewAll: 'View all',
  viewAllOf: 'changes of {{name}}',
  empty: {
    title: 'No open changes',
    why: 'Nothing is under review here, or Gerrit shows you none of it.',
  },
  missing: {
    title: 'No Gerrit project is named',
    why: 'This entity does not say where its code is in Gerrit.',
    next: 'Add this annotation to its catalog-info.yaml, with the name of the project:',
  },
  updated_one: 'Updated: {{count}} change shown',
  updated_other: 'Updated: {{count}} changes shown',
} as const;
