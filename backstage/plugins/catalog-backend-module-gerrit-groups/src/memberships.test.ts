// SPDX-License-Identifier: Apache-2.0
import { FreshMemberships } from './memberships';

const GROUP = 'group:default/releasers';
const USER = 'user:default/jane';

describe('FreshMemberships', () => {
  const at = { wall: 0, steady: 0 };
  const memberships = new FreshMemberships(() => ({ ...at }));
  beforeEach(() => {
    Object.assign(at, { wall: 1_000_000, steady: 5_000 });
    memberships.put(GROUP, [USER], memberships.now());
  });

  it.each([
    ['at once', 0, 0, true],
    ['just before the end', 49_999, 49_999, true],
    ['at the end', 50_000, 50_000, false],
    ['after the machine slept', 3_600_000, 1_000, false],
    ['when the calendar was set back', -3_600_000, 49_999, true],
    ['when it was set back and the time is over', -3_600_000, 50_000, false],
  ])('answers %s', (_, wall, steady, want) => {
    at.wall += wall;
    at.steady += steady;
    expect(memberships.has(GROUP, USER)).toBe(want);
  });

  it('knows nobody else', () => {
    expect(memberships.has(GROUP, 'user:default/joe')).toBe(false);
    expect(memberships.has('group:default/others', USER)).toBe(false);
    memberships.drop(GROUP);
    expect(memberships.has(GROUP, USER)).toBe(false);
  });
});
