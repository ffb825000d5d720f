// SPDX-License-Identifier: Apache-2.0
import { isNarrowed, parseView, plainView, writeView, type View } from './view';

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
    const query = writeView('?other=1', view);
    expect(query).toContain('other=1');
    expect(parseView(query)).toEqual(view);
    expect(isNarrowed(view)).toBe(true);
  });

  it('leaves out what is as usual', () => {
    expect(writeView('?search=x&other=1', plainView)).toBe('?other=1');
    expect(writeView('', plainView)).toBe('');
    expect(isNarrowed({ ...plainView, section: 'landed', sort: 'risk' })).toBe(false);
  });

  it.each([
    ['?section=__proto__&state=constructor&severity=HIGH&whose=all&sort=toString', plainView],
    ['?failing=1&ready=true&order=sideways', plainView],
    [`?search=${'x'.repeat(500)}`, { ...plainView, search: 'x'.repeat(200) }],
    ['?%', plainView],
  ])('reads %s as far as it is understood', (query, want) => {
    expect(parseView(query)).toEqual(want);
  });
});
