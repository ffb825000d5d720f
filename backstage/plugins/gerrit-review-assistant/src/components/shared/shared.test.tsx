// SPDX-License-Identifier: Apache-2.0
import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { errors } from '../../__testUtils__/fakeApi';
import { brief, change, jane, mei } from '../../__testUtils__/fixtures';
import { text } from '../../__testUtils__/render';
import { AssistantError } from '../../api';
import {
  Ago,
  BuildVerdict,
  ByMode,
  ChangeTitle,
  LiveView,
  Picks,
  PersonLink,
  RequirementList,
  Requirements,
  Risk,
  Severity,
  StateMark,
  SummaryText,
  Vote,
  Votes,
  safeUrl,
} from '.';
import { relative } from './Ago';

const script = ['javascript', 'alert(1)'].join(':'); // in one piece, lint takes it for a use

describe('safeUrl', () => {
  it.each([
    ['https://gerrit.example/c/1', 'https://gerrit.example/c/1'],
    ['http://gerrit.example', 'http://gerrit.example/'],
    [script, undefined],
    [` ${script}`, undefined],
    ['data:text/html,x', undefined],
    ['//gerrit.example', undefined],
    ['/c/1', undefined],
    ['https://bank.example@evil.example/', undefined],
    [`https://gerrit.example/${'x'.repeat(2000)}`, undefined],
    ['', undefined],
    [undefined, undefined],
  ])('%s', (address, want) => {
    expect(safeUrl(address)).toBe(want);
  });
});

describe('relative', () => {
  it.each([
    [-10_000, 'this minute'],
    [-59_600, '1 minute ago'],
    [-50 * 60_000, '50 minutes ago'],
    [-23 * 3600_000, '23 hours ago'],
    [-24 * 3600_000, 'yesterday'],
    [-8 * 86400_000, 'last week'],
    [-61 * 86400_000, '2 months ago'],
    [-800 * 86400_000, '2 years ago'],
    [2 * 3600_000, 'this minute'], // a clock that is behind
  ])('%d ms', (milliseconds, want) => {
    expect(relative(milliseconds, 'en')).toBe(want);
  });
});

describe('parts', () => {
  it('leaves out what is no time', async () => {
    expect(await text(<Ago time="not a time" />)).toBe('');
  });

  it.each([
    ['somebody without an entity', mei],
    ['a reference that is none', { name: 'Mei Tanaka', entity: ':::' }],
  ])('names %s without a link', async (_name, person) => {
    expect(await text(<PersonLink person={person} />)).toBe('Mei Tanaka');
    expect(screen.queryByRole('link')).not.toBeInTheDocument();
  });

  it('calls by another name what has none that can be seen', async () => {
    const unseen = '\u202e'.repeat(700);
    const url = 'https://gerrit.example/1';
    expect(
      await text(
        <>
          <ChangeTitle change={{ subject: `${unseen}hello`, url }} />
          <ChangeTitle change={{ subject: unseen, url }} />
          <PersonLink person={{ name: '\u200b', entity: 'user:default/mei' }} />
        </>,
      ),
    ).not.toContain('\u202e');
    const names = screen.getAllByRole('link').map(link => link.textContent);
    expect(names).toEqual([
      expect.stringMatching(/^hello/),
      expect.stringMatching(/^Without a name/),
      'user:default/mei',
    ]);
  });

  it.each([
    ['on', 'No build knownNo reviewers are suggested'],
    ['off', 'No build is shownNo suggestions are shown'],
    ['shadow', 'No build is shownNo suggestions are shown'],
  ] as const)(
    'does not say in mode %s that there is nothing it may not tell',
    async (mode, want) => {
      expect(
        await text(
          <ByMode mode={mode} of="gerrit">
            <BuildVerdict builds={null} />
            <Picks picks={[]} />
          </ByMode>,
        ),
      ).toContain(want);
    },
  );

  it.each([
    ['summarized', 'Summarized'],
    ['quiet', 'Read, no remarks'],
    ['skipped', 'Not read'],
    ['waiting', 'Not decided yet'],
    ['off', 'Assistant is off'],
    ['of-a-later-version', 'of-a-later-version'],
    ['constructor', 'constructor'],
  ])('says the state %s', async (state, want) => {
    const row = change(1, {
      state: state as 'quiet',
      reason: 'of-a-later-version',
      says: 'Because.',
    });
    expect(await text(<StateMark change={row} />)).toBe(`${want}Because.`);
  });

  it.each([
    ['nothing-to-add:small-and-obvious', 'The patch set is small and speaks for itself.'],
    ['nothing-to-add:of-a-later-version', 'There was nothing worth a comment.'],
    ['constructor', 'Because.'],
    [undefined, 'Because.'],
  ])('says why: %s', async (reason, want) => {
    const row = change(1, { state: 'quiet', reason, says: 'Because.' });
    expect(await text(<StateMark change={row} />)).toBe(`Read, no remarks${want}`);
  });

  it('says that nothing is decided, in the language of the page', async () => {
    const row = change(1, { state: 'waiting', reason: undefined, says: 'Nichts.' });
    expect(await text(<StateMark change={row} />)).toBe(
      'Not decided yetNothing was decided about this patch set yet.',
    );
  });

  it.each([
    ['high', 'High risk'],
    ['none', 'No risk found'],
    ['grave', 'grave'],
    ['toString', 'toString'],
  ])('says how bad a point is: %s', async (severity, want) => {
    expect(await text(<Severity severity={severity as 'high'} />)).toBe(want);
  });

  it.each([
    ['the newest patch set', { severity: 'medium', look: 1 }, 'Medium risk, 1 place to look at'],
    ['one without risk', { severity: 'none', look: 0 }, 'No risk found'],
    [
      'an older one',
      { severity: 'high', look: 2, stale: true },
      'High risk in patch set 3, 2 places to look at',
    ],
    ['an older one without risk', { severity: 'none', look: 0, stale: true }, 'Risk not known'],
    ['none', null, 'Risk not known'],
  ] as const)('says the risk by a summary of %s', async (_, parts, want) => {
    expect(await text(<Risk summary={parts && brief(parts)} />)).toBe(want);
  });

  it('says that no model wrote a summary', async () => {
    expect(
      await text(<SummaryText summary={brief({ model: '', bullets: [] })} patchSet={3} />),
    ).toMatch(/Of patch set 3 · Computed, no model · 12 minutes ago$/);
  });

  it('shows three points of a summary at most', async () => {
    const bullets = ['one', 'two', 'three', 'four'];
    await text(<SummaryText summary={brief({ bullets })} patchSet={3} />);
    expect(screen.getAllByRole('listitem')).toHaveLength(3);
  });

  it.each([
    [null, 'No build known'],
    [{ failed: 0, classes: {} }, 'No build fails'],
    [{ failed: 1, classes: { preexisting: 1 } }, '1 build failure: 1 older than this change'],
    [
      { failed: 3, classes: { infra: 1, change: 2 } },
      '3 build failures: 2 by this change, 1 of the CI itself',
    ],
    [{ failed: 2, classes: { later: 2 } }, '2 build failures: 2 later'],
    [
      { failed: 2, classes: { later: 1, timeout: 1, flaky: 0 } },
      '2 build failures: 1 too slow, 1 later',
    ],
  ])('says what builds say: %j', async (builds, want) => {
    expect(await text(<BuildVerdict builds={builds} />)).toBe(want);
  });

  it.each([
    ['danger', { flaky: 1, change: 1 }],
    ['danger', { flaky: 1, later: 1 }],
    ['warning', { flaky: 1, infra: 1 }],
  ])('looks like %s: %j', async (tone, classes) => {
    await text(<BuildVerdict builds={{ failed: 2, classes }} />);
    expect(screen.getByText(/^2 build failures/).parentElement).toHaveClass(tone);
  });

  it('says the builds in a narrow column', async () => {
    const builds = { failed: 2, classes: { change: 1, flaky: 1 } };
    expect(await text(<BuildVerdict builds={builds} compact />)).toBe(
      '2 build failures1 by this change1 flaky',
    );
  });

  it.each([
    ['recommended', [1], 'Code-Review +1'],
    ['disliked', [1, -1], 'Code-Review −1'],
    ['rejected', [2, -2], 'Code-Review −2, rejected'],
    ['none', [], 'Code-Review no vote'],
    ['of-a-later-version', [1], 'Code-Review +1'],
  ])('says the vote that decides: %s', async (state, values, want) => {
    const votes = values.map(value => ({ value, person: mei }));
    const label = { name: 'Code-Review', state: state as 'none', votes };
    expect(await text(<Vote label={label} />)).toBe(want);
  });

  it('says who voted, and how many more', async () => {
    const votes = ['A', 'B', 'C', 'D', 'E'].map((name, n) => ({ value: 2 - n, person: { name } }));
    expect(
      await text(<Votes labels={[{ name: 'Code-Review', state: 'approved', votes }]} />),
    ).toMatch(/^Code-Review \+2, approved\+2 A, \+1 B, \+0 C and 2 more/);
  });

  it.each([
    [{ ready: true, requirements: [] }, 'Ready to submit'],
    [{ ready: false, requirements: [] }, 'Not ready to submit'],
    [
      {
        ready: false,
        requirements: [
          { name: 'Verified', status: 'unsatisfied' as const },
          { name: 'Owners', status: 'error' as const },
          { name: 'Code-Review', status: 'satisfied' as const },
        ],
      },
      'Missing: Verified. Cannot be told: Owners',
    ],
    [
      { ready: false, requirements: [{ name: 'Owners', status: 'of-a-later-version' as 'error' }] },
      'Cannot be told: Owners',
    ],
    [null, ''],
  ])('says whether a change may be submitted: %j', async (submit, want) => {
    expect(await text(<Requirements submit={submit} />)).toBe(want);
  });

  it('says of each submit requirement what became of it', async () => {
    const statuses = ['satisfied', 'unsatisfied', 'overridden', 'forced', 'error', 'later'];
    const requirements = statuses.map((status, n) => ({
      name: `R${n}`,
      status: status as 'error',
    }));
    expect(await text(<RequirementList submit={{ ready: false, requirements }} />)).toBe(
      'Not ready to submitR0SatisfiedR1Not satisfiedR2OverriddenR3Not satisfied, submitted all the sameR4Cannot be toldR5later',
    );
    expect(screen.getByRole('list', { name: 'Submit requirements' }).children).toHaveLength(6);
  });

  it('suggests people with the best reason, or what they know besides', async () => {
    const picks = [
      { ...jane, reasons: ['owns pay/', 'more'] },
      { ...mei, reasons: [], rest: true },
    ];
    const want = 'Jane Doe (owns pay/)Mei Tanaka (knows other parts of the change)';
    expect(await text(<Picks picks={picks} compact />)).toBe(want);
    expect(screen.getByText('owns pay/')).toHaveAttribute('lang', 'en');
  });
});

describe('LiveView', () => {
  const live = {
    refreshing: false,
    stale: false,
    reload: () => {},
  };
  const view = (parts: object) => (
    <LiveView live={{ ...live, ...parts }}>{(value: string) => <p>{value}</p>}</LiveView>
  );

  it('says that what it shows is old, why, and tries again when asked to', async () => {
    let asked = 0;
    const loadedAt = Date.now() - 180_000;
    const error = errors.unreachable();
    const reload = () => asked++;
    expect(await text(view({ value: 'rows', stale: true, loadedAt, error, reload }))).toMatch(
      /This may be out of dateLoaded 3 minutes ago\. Its server.*Retry.*rows/,
    );
    await userEvent.click(screen.getByRole('button', { name: 'Retry' }));
    expect(asked).toBe(1);
  });

  it('says in a line that what it shows cannot be loaded anew for a while', async () => {
    const loadedAt = Date.now();
    expect(await text(view({ value: 'rows', loadedAt, error: errors.unreachable() }))).toBe(
      'The review assistant cannot be reached. Loaded this minute.rows',
    );
  });

  it('says what failed in the words of the server where it has none for the reason', async () => {
    expect(await text(view({ error: errors.noRole() }))).toMatch(
      /^You may not see thisThe person has none of the roles that this needs\.Ask the operator for a role/,
    );
  });

  it.each([
    ['tries it again', {}],
    ['reads it again, and it is old', { value: 'rows', stale: true, loadedAt: Date.now() }],
  ])('says that it %s', async (_, parts) => {
    await text(view({ error: errors.unreachable(), refreshing: true, ...parts }));
    expect(screen.getByRole('button', { name: /Retry/ })).toHaveAttribute('data-pending', 'true');
  });

  it.each([
    [7, 'Try again in 7 seconds.'],
    [60, 'Try again in 1 minute.'],
    [86_400, 'Try again in 5 minutes.'],
  ])('says when to try again: %d', async (retryAfter, want) => {
    const error = new AssistantError('', { status: 503, retryAfter });
    expect(await text(view({ error }))).toContain(want);
  });

  it('shows an error where there is no value', async () => {
    expect(await text(view({ error: errors.other() }))).toMatch(/^Something went wrong/);
  });
});
