// SPDX-License-Identifier: Apache-2.0
import { isNarrowed, parseView, plainView, wordsOf, writeView, type View } from './view';

const own = (query: string) => query.replace(/([?&])/g, '$1review-assistant.');

describe('view', () => {
  it('survives the address', () => {
    const view: View = {
      section: 'landed',
      search: 'retry & pay',
      branch: 'release/1',
      state: 'skipped',
      severity: 'high',
      whose: 'review',
      failing: true,
      ready: true,
      sort: 'risk',
      down: false,
    };
    const query = writeView('?search=theirs', view);
    expect(new URLSearchParams(query).get('search')).toBe('theirs');
    expect(parseView(query)).toEqual(view);
    expect(isNarrowed({ ...view, search: '' }, ['branch', 'ready'])).toBe(true);
  });

  it('leaves out what is as usual', () => {
    expect(writeView(own('?search=x&sort=risk'), plainView)).toBe('');
    expect(writeView('?search=theirs', plainView)).toBe('?search=theirs');
    expect(writeView('', plainView)).toBe('');
  });

  it.each([
    ['by nothing', { section: 'landed', sort: 'risk' }, false],
    ['by words', { search: 'pay' }, true],
    ['by a filter', { branch: 'main' }, true],
    ['by a filter that the list does not have', { whose: 'mine' }, false],
  ] as const)('says whether a list is narrowed: %s', (_, parts, want) => {
    expect(isNarrowed({ ...plainView, ...parts }, ['branch'])).toBe(want);
  });

  it.each([
    ['?section=__proto__&state=constructor&severity=HIGH&whose=all&sort=toString', plainView],
    ['?failing=1&ready=true&order=sideways', plainView],
    [`?search=${'x'.repeat(500)}`, { ...plainView, search: 'x'.repeat(200) }],
    ['?%', plainView],
  ])('reads %s as far as it is understood', (query, want) => {
    expect(parseView(own(query))).toEqual(want);
  });

  it('leaves to others what is theirs', () => {
    expect(parseView('?search=x&sort=risk&section=landed')).toEqual(plainView);
  });
});

describe('wordsOf', () => {
  it.each([
    ['retry  pay', 'retry pay'],
    ['4211', '4211'],
    ['[', ''],
    ['a -> b ##', 'a b'],
    ['^fix: "quoted" C:\\x', 'fix: quoted C: x'],
    ['ä\u202eö', 'ä ö'],
    ['1 2 3 4 5 6 7 8 9 10 11', '1 2 3 4 5 6 7 8 9 10'],
  ])('%j', (search, want) => {
    expect(wordsOf(search)).toBe(want);
  });
});
