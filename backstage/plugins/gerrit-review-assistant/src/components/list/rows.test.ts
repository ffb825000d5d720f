// SPDX-License-Identifier: Apache-2.0
import { byPatchSet, find, likelihood, narrow, rankOdds, sortRows } from './rows';
import { detail, row } from './__testUtils__/rows';
import { plainView } from './view';

const numbers = (rows: { number: number }[]) => rows.map(({ number }) => number);
const summary = row(0).summary!;

describe('narrow', () => {
  const rows = [
    row(1, { summary: null, state: 'skipped', builds: null, submit: null }),
    row(2, {
      summary: { ...summary, severity: 'high' },
      builds: { failed: 2, classes: { change: 2 } },
      reviewers: [{ name: 'Jane', entity: 'user:default/Jane' }],
    }),
    row(3, {
      summary: { ...summary, severity: 'none' },
      owner: { name: 'Jane', entity: 'user:default/jane' },
      submit: { ready: true, requirements: [] },
    }),
    row(4, { waits: 'attention', reviewers: undefined }),
    row(5, { summary: { ...summary, severity: 'none', stale: true } }),
    row(6, { summary: { ...summary, severity: 'grave' as 'high' } }),
  ];

  it.each([
    ['everything', {}, [1, 2, 3, 4, 5, 6]],
    ['a state', { state: 'skipped' }, [1]],
    // What was not read is not what has no risk.
    ['no risk', { severity: 'none' }, [3]],
    ['a risk that is not known', { severity: 'unknown' }, [1, 5, 6]],
    ['failing', { failing: true }, [2]],
    ['ready', { ready: true }, [3]],
    ['mine', { whose: 'mine' }, [3]],
    ['mine to review', { whose: 'review' }, [2, 4]],
    ['two at once', { failing: true, ready: true }, []],
  ] as const)('lets %s through', (_, view, want) => {
    expect(numbers(narrow(rows, { ...plainView, ...view }, 'user:default/jane'))).toEqual(want);
  });

  it('takes nothing for mine while nobody knows who I am', () => {
    expect(narrow([row(1, { owner: { name: 'x' } })], { ...plainView, whose: 'mine' })).toEqual([]);
  });
});

describe('find', () => {
  it('wants all words, in any case and place', () => {
    const rows = [row(7, { topic: 'Retry' }), row(8)];
    expect(numbers(find(rows, ' retry ATTEMPT '))).toEqual([7]);
    expect(numbers(find(rows, '8'))).toEqual([8]);
    expect(numbers(find(rows, ''))).toEqual([7, 8]);
  });
});

describe('sortRows', () => {
  const rows = [
    row(1, {
      updated: '2026-03-01T00:00:00Z',
      owner: { name: 'bob' },
      summary: null,
      submit: null,
    }),
    row(2, { updated: '2026-03-03T00:00:00Z', owner: { name: 'Ann' } }),
    row(3, {
      updated: '2026-03-02T00:00:00Z',
      owner: { name: 'Cem' },
      summary: { ...summary, severity: 'high' },
      builds: { failed: 3, classes: {} },
      submit: { ready: true, requirements: [] },
    }),
  ];

  it.each([
    ['updated', true, [2, 3, 1]],
    ['updated', false, [1, 3, 2]],
    ['owner', false, [2, 1, 3]],
    ['change', false, [1, 2, 3]],
    ['risk', true, [3, 2, 1]],
    // Unknown is last both ways.
    ['risk', false, [2, 3, 1]],
    ['builds', true, [3, 1, 2]],
    ['submit', true, [3, 2, 1]],
    ['patch_set', true, [1, 2, 3]],
  ] as const)('by %s, down %s', (by, down, want) => {
    expect(numbers(sortRows(rows, by, down))).toEqual(want);
    expect(numbers(rows)).toEqual([1, 2, 3]);
  });
});

describe('sortRows by what is not known', () => {
  const submit = { ready: false, requirements: [] };
  const rows = [
    row(1, { summary: { ...summary, severity: 'high', stale: true }, submit: null }),
    row(2, { summary: { ...summary, severity: 'none' }, submit: { ...submit, ready: true } }),
    row(3, { summary: { ...summary, severity: 'low' }, submit }),
    row(4, { summary: null, state: 'of-a-later-version' as 'off', submit: null }),
  ];

  it.each([
    // The risk of an older patch set is not that of the newest.
    ['risk', true, [3, 2, 1, 4]],
    ['risk', false, [2, 3, 1, 4]],
    ['state', true, [1, 2, 3, 4]],
    ['submit', true, [2, 3, 1, 4]],
  ] as const)('%s, down %s', (by, down, want) => {
    expect(numbers(sortRows(rows, by, down))).toEqual(want);
  });
});

describe('byPatchSet', () => {
  it('has the newest first and the current one always', () => {
    const sets = byPatchSet(detail(7, { patch_set: 3 }));
    expect(sets.map(({ patchSet, outcomes }) => [patchSet, outcomes.length])).toEqual([
      [3, 0],
      [2, 1],
      [1, 1],
    ]);
  });
});

describe('odds', () => {
  it('says the likely and leaves out what is not', () => {
    expect(rankOdds({ change: 0.1, preexisting: 0.02, flaky: 0.88, infra: 0 })).toEqual([
      { cause: 'flaky', p: 0.88 },
      { cause: 'change', p: 0.1 },
    ]);
    expect(rankOdds({ change: 0, flaky: 0 })).toHaveLength(1);
    expect([1, 0.7, 0.3, 0.1].map(likelihood)).toEqual([
      'certain',
      'likely',
      'perhaps',
      'unlikely',
    ]);
  });
});
