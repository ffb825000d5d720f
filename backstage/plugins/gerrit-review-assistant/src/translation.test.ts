// SPDX-License-Identifier: Apache-2.0
import german, { flatten } from './translation.de';
import { cardMessages } from './components/card/messages';
import { reviewsMessages } from './components/reviews/messages';
import { sharedMessages } from './components/shared/messages';
import { tabMessages } from './components/tab/messages';

const english = flatten({
  shared: sharedMessages,
  card: cardMessages,
  tab: tabMessages,
  reviews: reviewsMessages,
});
const values = (text: string) => (text.match(/{{\w+}}/g) ?? []).sort();

describe('translation', () => {
  it('is there for each message', () => {
    expect(Object.keys(german.messages).sort()).toEqual(Object.keys(english).sort());
  });

  it.each(Object.entries(english))('keeps the values of %s', (key, text) => {
    const other = (german.messages as Record<string, string | null>)[key] ?? '';
    expect(other.trim()).not.toBe('');
    expect(values(other)).toEqual(values(text));
  });
});
