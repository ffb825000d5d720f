// SPDX-License-Identifier: Apache-2.0
/** What the tab says, in English; `messagesDe` has the same keys. */
export const tabMessages = {
  title: 'Gerrit reviews',
  empty: 'There are no open changes.',
} as const;
