// SPDX-License-Identifier: Apache-2.0
import { act, configure, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import type { ChangesOptions } from '../../api';
import { errors, FakeAssistant } from '../../__testUtils__/fakeApi';
import { component } from '../../__testUtils__/fixtures';
import { renderPart, router } from '../../__testUtils__/render';
import { cluster, detail, row } from '../list/__testUtils__/rows';
import { openTab as open, query, withChanges } from './__testUtils__/tab';
import { EntityReviewAssistantContent } from './EntityReviewAssistantContent';

// Tables are large, and what can be seen is asked for each of their elements again: where it counts, it is tested.
configure({ defaultHidden: true });

const upTo = (n: number) => Array.from({ length: n }, (_, at) => row(at + 1));

/** The numbers of the changes in the table, once it is there. */
async function bodyRows() {
  const table = await screen.findByRole('table', { name: 'Open changes' });
  return [...table.querySelectorAll('a[href*="/+/"]')].map(
    link => link.getAttribute('href')!.split('/+/')[1],
  );
}
const status = () => screen.getByText(/^\d+ (changes?|of)/, { selector: '[role=status]' });
const lastAsked = (api: FakeAssistant) =>
  api.calls.filter(({ method }) => method === 'changes').at(-1)!.args[1] as ChangesOptions;

afterEach(() => {
  jest.useRealTimers();
});

it('says how to name a project where none is named, and asks nothing', async () => {
  const api = new FakeAssistant();
  renderPart(<EntityReviewAssistantContent />, { api, entity: component('pay', {}) });
  expect(await screen.findByText('No Gerrit project is named')).toBeVisible();
  expect(screen.getByText('review-assistant/project: team/project')).toBeVisible();
  expect(api.calls).toEqual([]);
});

describe('open changes', () => {
  it('shows all of a row', async () => {
    await open(
      withChanges([
        row(7, {
          topic: 'retries',
          builds: { failed: 2, classes: { flaky: 1, change: 1 } },
          labels: [
            {
              name: 'Code-Review',
              state: 'rejected',
              votes: [{ value: -2, person: { name: 'A' } }],
            },
          ],
          picks: [{ name: 'Ann', entity: 'user:default/ann', reasons: ['wrote most of it'] }],
          summary: { ...row(7).summary!, stale: true, shadow: true, patch_set: 1 },
        }),
      ]),
    );
    const table = await screen.findByRole('table', { name: 'Open changes' });
    const cells = within(table)
      .getAllByRole('cell')
      .map(cell => cell.textContent);
    expect(cells[0]).toMatch(/Change 7.*#7.*on main.*topic retries/);
    expect(cells[1]).toMatch(/Joe/);
    expect(cells[2]).toMatch(/ago.*created/);
    expect(cells[3]).toMatch(/2/);
    expect(cells[4]).toMatch(
      /What 7 is about.*Of patch set 1, the newest is 2.*Shadow mode: not posted/,
    );
    expect(cells[5]).toMatch(/Medium risk in patch set 1.*1 place to look at/);
    expect(cells[6]).toMatch(/2 build failures.*1 by this change.*1 flaky/);
    expect(cells[7]).toMatch(/Missing: Code-Review.*Code-Review −2, rejected/);
    expect(cells[8]).toMatch(/Ann.*wrote most of it/);
    expect(within(table).getByRole('link', { name: /^Change 7/ })).toHaveAttribute(
      'href',
      'https://gerrit.example/c/team/pay/+/7',
    );
  });

  it('loads page by page and says what is sorted among what', async () => {
    const api = withChanges(upTo(60));
    await open(api);
    expect(await bodyRows()).toHaveLength(25);
    expect(status()).toHaveTextContent('25 changes are loaded, there are more. Sorted by Updated.');

    await userEvent.click(screen.getByRole('button', { name: 'Load more' }));
    await waitFor(async () => expect(await bodyRows()).toHaveLength(50));
    await userEvent.click(screen.getByRole('button', { name: 'Change' }));
    expect(status()).toHaveTextContent('Sorted by Change among the 50 loaded.');

    await userEvent.click(screen.getByRole('button', { name: 'Load more' }));
    await waitFor(async () => expect(await bodyRows()).toHaveLength(60));
    expect(status()).toHaveTextContent('60 changes. Sorted by Change.');
    expect(screen.queryByRole('button', { name: 'Load more' })).not.toBeInTheDocument();
  });

  it('sorts by each column with the keyboard, and says so to who hears it', async () => {
    await open(withChanges([row(1), row(3), row(2)]));
    await bodyRows();
    const header = (name: string) => screen.getByRole('columnheader', { name });
    expect(header('Updated')).toHaveAttribute('aria-sort', 'descending');
    expect(header('Change')).toHaveAttribute('aria-sort', 'none');
    expect(header('Suggested reviewers')).not.toHaveAttribute('aria-sort');

    within(header('Change')).getByRole('button').focus();
    await userEvent.keyboard('{Enter}');
    expect(header('Change')).toHaveAttribute('aria-sort', 'descending');
    expect(await bodyRows()).toEqual(['3', '2', '1']);
    await userEvent.keyboard(' ');
    expect(header('Change')).toHaveAttribute('aria-sort', 'ascending');
    expect(await bodyRows()).toEqual(['1', '2', '3']);
    expect(router.search).toBe(query('?sort=change&order=up'));
  });

  it('asks the server once somebody has stopped typing', async () => {
    jest.useFakeTimers();
    const user = userEvent.setup({ advanceTimers: jest.advanceTimersByTime, delay: 50 });
    const api = withChanges(upTo(3));
    await open(api);
    await bodyRows();
    // What is read once the stream stands.
    await act(async () => jest.advanceTimersByTime(1_000));
    const before = api.count('changes');
    await user.type(screen.getByRole('searchbox', { name: 'Search' }), ' retry pay ');
    expect(api.count('changes')).toBe(before);
    await act(async () => jest.advanceTimersByTime(300));
    expect(api.count('changes')).toBe(before + 1);
    expect(lastAsked(api)).toMatchObject({ search: 'retry pay', status: 'open', limit: 25 });
    expect(router.search).toBe(query('?search=retry+pay'));
  });

  it('filters what is loaded, and says that there is more', async () => {
    const rows = upTo(30);
    rows[3] = row(4, { builds: { failed: 1, classes: { change: 1 } } });
    rows[27] = row(28, { builds: { failed: 1, classes: { change: 1 } } });
    await open(withChanges(rows));
    await bodyRows();
    await userEvent.click(screen.getByRole('switch', { name: 'Builds fail' }));
    expect(await bodyRows()).toEqual(['4']);
    expect(status()).toHaveTextContent('1 of the 25 loaded changes, there are more.');
    await userEvent.click(screen.getByRole('button', { name: 'Load more' }));
    await waitFor(async () => expect(await bodyRows()).toEqual(['4', '28']));
    expect(status()).toHaveTextContent('2 of 30 changes.');

    await userEvent.click(screen.getByRole('switch', { name: 'Ready to submit' }));
    expect(await screen.findByText('No change fits')).toBeInTheDocument();
    await userEvent.click(screen.getByRole('button', { name: 'Clear filters' }));
    expect(await bodyRows()).toHaveLength(30);
    expect(router.search).toBe('');
  });

  it('chooses a branch with the keyboard, and the server filters by it', async () => {
    const api = withChanges(upTo(2));
    api.answers.branches = {
      branches: [
        { branch: 'main', open: 2, ready: 0, build: null },
        { branch: 'release/2.4', open: 1, ready: 0, build: null },
      ],
    };
    await open(api);
    await bodyRows();
    screen.getByRole('button', { name: /Branch/ }).focus();
    await userEvent.keyboard('{Enter}');
    await screen.findByRole('option', { name: 'release/2.4', hidden: false });
    await userEvent.keyboard('{End}{Enter}');
    await waitFor(() => expect(lastAsked(api).branch).toBe('release/2.4'));
    expect(router.search).toBe(query('?branch=release%2F2.4'));
  });

  it('begins as the address says, and knows whose changes are mine', async () => {
    const mine = { name: 'Guest', entity: 'user:default/guest' };
    const api = withChanges([row(1), row(2, { owner: mine }), row(3, { reviewers: [mine] })]);
    await open(api, '?whose=mine&search=7');
    expect(await bodyRows()).toEqual(['2']);
    expect(lastAsked(api).search).toBe('7');
  });

  it('leaves what others have in the address, and goes back to the page before', async () => {
    await open(withChanges(upTo(2)), '', {
      at: ['/before', '/tab?search=theirs&sort=x#top'],
    });
    expect(await bodyRows()).toHaveLength(2);
    await userEvent.click(screen.getByRole('switch', { name: 'Builds fail' }));
    await userEvent.click(screen.getByRole('switch', { name: 'Ready to submit' }));
    expect(router.path).toBe(
      '/tab?search=theirs&sort=x&review-assistant.failing=yes&review-assistant.ready=yes#top',
    );
    act(() => router.go(-1));
    expect(router.path).toBe('/before');
  });

  it('lets somebody pause between two words', async () => {
    const api = withChanges(upTo(2));
    await open(api);
    await bodyRows();
    const field = screen.getByRole('searchbox', { name: 'Search' });
    await userEvent.type(field, 'retry ');
    await waitFor(() => expect(lastAsked(api).search).toBe('retry'));
    await bodyRows();
    await userEvent.type(field, 'x');
    expect(field).toHaveValue('retry x');
    await waitFor(() => expect(lastAsked(api).search).toBe('retry x'));
    act(() => router.go('/'));
    await waitFor(() => expect(field).toHaveValue(''));
  });

  it('says whether it updates by itself, and is silent about it', async () => {
    const api = withChanges(upTo(2));
    await open(api);
    const note = await screen.findByText('Updates by itself');
    expect(note.closest('[role=status], [aria-live]')).toBeNull();
    api.noStreams = errors.unreachable();
    await act(async () => api.streams[0].end());
    expect(await screen.findByText('Updates every 30 seconds')).toBe(note);
    expect(api.streams).toHaveLength(1);
  });

  it('keeps focus and what is opened while rows move', async () => {
    const api = withChanges([row(1), row(2)]);
    await open(api);
    await bodyRows();
    const toggle = screen.getByRole('button', { name: 'Details of change 1: Change 1' });
    expect(toggle).toHaveAttribute('aria-expanded', 'false');
    toggle.focus();
    await userEvent.keyboard('{Enter}');
    expect(await screen.findByText('Banks answer late.')).toBeVisible();

    api.answers.changes = {
      changes: [row(9), row(2), row(1, { subject: 'Change 1, told better' })],
      next: null,
    };
    await act(async () => api.streams[0].send({ type: 'change', change: 'main/team/pay~9' }));
    expect(await screen.findByRole('link', { name: /^Change 9/ })).toBeInTheDocument();
    const moved = screen.getByRole('button', {
      name: 'Details of change 1: Change 1, told better',
    });
    expect(moved).toBe(toggle);
    expect(moved).toHaveFocus();
    expect(moved).toHaveAttribute('aria-expanded', 'true');
    expect(screen.getByText('Banks answer late.')).toBeVisible();
  });

  it('reads the opened change again when that one moved', async () => {
    const api = withChanges([row(1)]);
    await open(api);
    await bodyRows();
    await userEvent.click(screen.getByRole('button', { name: /^Details of change 1/ }));
    await screen.findByText('Banks answer late.');
    const full = { ...detail(1).full!, why: 'Banks answer twice.' };
    api.answers.change = detail(1, { full });
    const before = api.count('change');
    await act(async () => api.streams[0].send({ type: 'change', change: 'main/team/pay~1' }));
    expect(await screen.findByText('Banks answer twice.')).toBeInTheDocument();
    expect(api.count('change')).toBe(before + 1);
  });

  it.each([
    ['no account', errors.noAccount, /No Gerrit account is known as yours/],
    ['forbidden', errors.forbidden, /You may not see this/],
    ['unreachable', errors.unreachable, /cannot be reached/],
  ])('says that it failed, and tries again: %s', async (_, error, text) => {
    const api = withChanges(upTo(2));
    const works = api.answers.changes;
    api.answers.changes = error;
    await open(api);
    expect(await screen.findByRole('alert')).toHaveTextContent(text);
    api.answers.changes = works;
    await userEvent.click(screen.getByRole('button', { name: 'Retry' }));
    expect(await bodyRows()).toHaveLength(2);
  });

  it('keeps rows that cannot be read again, as old, but not those that may not be seen', async () => {
    const api = withChanges(upTo(2));
    await open(api);
    await bodyRows();
    api.answers.changes = errors.unreachable;
    await act(async () => api.streams[0].send({ type: 'reload' }));
    expect(await screen.findByText(/cannot be reached\. Loaded/)).toBeVisible();
    expect(await bodyRows()).toHaveLength(2);
    api.answers.changes = errors.forbidden;
    await act(async () => api.streams[0].send({ type: 'reload' }));
    expect(await screen.findByRole('alert')).toHaveTextContent('You may not see this');
    expect(screen.queryByRole('table')).not.toBeInTheDocument();
  });

  it('says when nothing is open', async () => {
    await open(withChanges([]));
    expect(await screen.findByText('No open changes')).toBeInTheDocument();
  });

  it('says that the project has not opted in, and shows the changes still', async () => {
    const rows = [row(1, { state: 'off', summary: null, says: 'Not in use.' })];
    await open(withChanges(rows, 'off'));
    expect(await screen.findByText('The review assistant is not used here')).toBeInTheDocument();
    expect(await bodyRows()).toEqual(['1']);
  });
});

describe('details', () => {
  const shown: FakeAssistant[] = [];
  async function openDetail(over: Parameters<typeof detail>[1] = {}) {
    const api = withChanges([row(1)]);
    api.answers.change = detail(1, over);
    shown.push(api);
    await open(api);
    await userEvent.click(await screen.findByRole('button', { name: /^Details of change 1/ }));
    return screen.findByRole('region', { name: /^(Summary of|What the assistant says)/ });
  }
  const region = (name: string) => screen.getByRole('region', { name });

  it('has the whole summary', async () => {
    const summary = await openDetail();
    expect(summary).toHaveTextContent('this is about a part of it');
    expect(region('Why')).toHaveTextContent('Banks answer late.');
    expect(region('Where to look')).toHaveTextContent(
      /pay\/retry\.go:12.*Medium risk.*No bound on the total time/,
    );
    expect(region('Risks')).toHaveTextContent(/pay\/money\.go.*High risk.*Money may move twice/);
    expect(region('Earlier points')).toHaveTextContent(/pay\/old\.go:3.*changed since/);
    expect(region('Reading order')).toHaveTextContent(/pay\/retry\.go.*pay\/money\.go/);
    expect(region('Questions to the author')).toHaveTextContent('What does the bank do');
    expect(region('Files')).toHaveTextContent(/pay\/retry\.go.*the second attempt/);
    expect(region('Facts')).toHaveTextContent('1 file, 20 lines');
    expect(region('Not read: 2 files')).toHaveTextContent(
      /pay\/logo\.png \(binary\).*go\.sum \(lock file\)/,
    );
    expect(summary).toHaveTextContent(/Written by a model \(some-model\); may be wrong/);
    expect(region('Suggested reviewers')).toHaveTextContent(
      /Ann.*wrote most of.*Bob.*knows other parts.*owns pay\//,
    );
  });

  it('says why patch sets have no post', async () => {
    await openDetail({ patch_set: 3 });
    expect(region('What was decided')).toHaveTextContent(
      /Patch set 3Nothing is decided yet\.Patch set 2.*Summary: posted.*there is new code.*Patch set 1.*Summary: not posted.*Nothing was worth a comment/,
    );
  });

  it('marks what is old and what owners alone see', async () => {
    const full = { ...detail(1).full!, shadow: true };
    const summary = await openDetail({ patch_set: 5, full });
    expect(summary).toHaveTextContent('Of patch set 2, the newest is 5');
    expect(summary).toHaveTextContent(
      'Shadow mode: not posted, owners of the project alone see this',
    );
  });

  it('ranks failures, says why, and leads to CI', async () => {
    await openDetail();
    const builds = region('Build failures');
    expect(builds).toHaveTextContent(/TestRetry.*Flaky.*pay\/retry_test\.go:31.*in unit/);
    expect(builds).toHaveTextContent(
      'almost certainly a flaky test (90 %), hardly the change (10 %)',
    );
    expect(builds).toHaveTextContent('passed and failed on this patch set');
    expect(builds).toHaveTextContent(/Somebody said: Flaky.*known since Monday/);
    expect(
      within(builds).getByRole('group', { name: /Part of the log of TestRetry/ }),
    ).toHaveTextContent('12--- FAIL: TestRetry');
    const rerun = within(builds).getByRole('link', { name: /^Re-run in CI TestRetry.*new tab/ });
    expect(rerun).toHaveAttribute('href', 'https://ci.example/7');
    expect(rerun).toHaveAttribute('target', '_blank');
    expect(builds).toHaveTextContent('What you start there, you start as yourself.');
  });

  it('says that the CI gave no address of a run', async () => {
    const failures = [{ ...detail(1).builds!.failures![0], url: undefined }];
    await openDetail({ builds: { failed: 1, classes: { flaky: 1 }, failures } });
    const builds = region('Build failures');
    expect(builds).toHaveTextContent('The CI gave no address of the run: look for it there');
    expect(builds).not.toHaveTextContent(/Re-run|you start as yourself/);
  });

  it('says how far a log was read, and shows that part', async () => {
    const failures = [{ ...detail(1).builds!.failures![0], unread: 'too-large' }];
    await openDetail({ builds: { failed: 1, classes: { flaky: 1 }, failures } });
    expect(region('Build failures')).toHaveTextContent(
      /Log: not read to its end, it is too large.*--- FAIL: TestRetry/,
    );
  });

  it('says what became of each submit requirement', async () => {
    const requirements = [
      { name: 'Owners', status: 'error' as const },
      { name: 'Code-Review', status: 'unsatisfied' as const },
      { name: 'Verified', status: 'satisfied' as const },
    ];
    await openDetail({ submit: { ready: false, requirements } });
    expect(region('Submit requirements')).toHaveTextContent(
      /Not ready to submit.*OwnersCannot be told.*Code-ReviewNot satisfied.*VerifiedSatisfied/,
    );
  });

  it('says that no build of an open change is known', async () => {
    await openDetail({ builds: null });
    expect(region('Build failures')).toHaveTextContent('No build known');
  });

  it('says why there is no comment or model, in words', async () => {
    const codes = { silent: 'nothing-to-add:told-before', fallback: 'model-timeout' };
    const summary = await openDetail({ full: { ...detail(1).full!, ...codes } });
    expect(summary).toHaveTextContent('Everything was said about an earlier patch set.');
    expect(summary).toHaveTextContent('Computed without a model: the model took too long');
  });

  /** A change with values of the API that the given function makes, and words of nobody else. */
  const valued = (of: (value: string) => never) => {
    const base = detail(1);
    const failure = {
      ...base.builds!.failures![0],
      class: of('flaky'),
      stage: of('lint'),
      category: of('config'),
      unread: of('denied'),
      odds: { [of('infra')]: 1 } as never,
      ruling: { class: of('timeout') },
    };
    return detail(1, {
      builds: { failed: 1, classes: {}, failures: [failure] },
      submit: { ready: false, requirements: [{ name: 'R', status: of('overridden') }] },
      labels: [{ name: 'L', state: of('approved'), votes: [{ value: 1, person: { name: 'P' } }] }],
      outcomes: [
        { ...base.outcomes[0], kind: of('builds'), verdict: of('suppressed'), reason: of('muted') },
      ],
      full: {
        ...base.full!,
        fallback: of('budget-spent'),
        silent: of('private'),
        look: [{ path: 'a', text: 'b', severity: of('low') }],
        not_read: [{ path: 'c', reason: of('lock file') }],
      },
    });
  };

  it('has words for the values of the API in each language', async () => {
    const api = withChanges([row(1)]);
    api.answers.change = valued(value => value as never);
    renderPart(<EntityReviewAssistantContent />, { api, entity: component(), pseudo: true });
    await userEvent.click(await screen.findByRole('button', { name: /tab.table.details/ }));
    await screen.findByText('Banks answer late.');
    const text = screen.getByRole('tabpanel').textContent;
    for (const key of [
      'tab.failure.class.flaky',
      'tab.failure.stageName.lint',
      'tab.failure.category.config',
      'tab.failure.log.denied',
      'tab.failure.cause.infra',
      'tab.failure.class.timeout',
      'shared.submit.status.overridden',
      'shared.votes.state.approved',
      'tab.outcome.kind.builds',
      'tab.outcome.verdict.suppressed',
      'shared.reason.muted',
      'tab.fallback.budget-spent',
      'shared.reason.private',
      'shared.severity.low',
      'tab.notRead.lock file',
    ]) {
      expect(text).toContain(`⟦${key}⟧`);
    }
  });

  it.each(['of-a-later-version', 'constructor'])(
    'shows values of a newer server as they are: %s',
    async value => {
      await openDetail(valued(() => value as never));
      const text = screen.getByRole('tabpanel').textContent!;
      // Its reason is told in the sentence that comes with it, its vote by the number.
      expect(text.split(value).length - 1).toBe(13);
      expect(text).toContain('Nothing was worth a comment.');
      expect(text).not.toMatch(/(shared|tab)\.\w/);
    },
  );

  it('shows the summary of an older patch set when asked to', async () => {
    const [older, posted] = detail(1).outcomes;
    await openDetail({ patch_set: 2, outcomes: [older, posted] });
    const api = shown.at(-1)!;
    api.answers.change = (_id: string, { patchSet }: { patchSet?: number }) =>
      detail(1, { full: patchSet === 1 ? null : detail(1).full });
    screen.getByRole('button', { name: /Summary of/ }).focus();
    await userEvent.keyboard('{Enter}');
    await screen.findByRole('option', { name: 'Patch set 1', hidden: false });
    await userEvent.keyboard('{End}{Enter}');
    const summary = await screen.findByText(/^There is no summary\./);
    expect(summary).toHaveTextContent('Nothing was worth a comment.');
  });

  it('says that there is no summary, and why', async () => {
    const region1 = await openDetail({ full: null, state: 'skipped', says: 'It is too large.' });
    expect(region1).toHaveTextContent('There is no summary. It is too large.');
  });

  it('shows hostile text as text, bounded, and links nowhere but to the web', async () => {
    const bad = ['javascript', 'alert(1)'].join(':'); // in one piece, lint takes it for a use
    const hostile = `<img src=x onerror=alert(1)> [a](${bad}) \u202egnp.exe\u0007`;
    const base = detail(1);
    const failure = {
      ...base.builds!.failures![0],
      message: hostile,
      test: undefined,
      url: bad,
      log_url: 'data:text/html,x',
      evidence: [hostile],
      ruling: { message: hostile, link: bad },
      excerpt: Array.from({ length: 500 }, () => ({ text: 'x'.repeat(10_000) })),
    };
    const long = 'y'.repeat(10_000);
    await openDetail({
      subject: hostile,
      builds: { failed: 1, classes: {}, failures: [failure] },
      picks: [{ name: hostile, entity: bad, reasons: [long] }],
      full: {
        ...base.full!,
        title: hostile,
        bullets: Array.from({ length: 100 }, () => long),
        why: long,
        look: [{ path: hostile, text: long, severity: 'high' }],
      },
    });
    await screen.findByRole('region', { name: 'Build failures' });
    const content = screen.getByRole('tabpanel');
    expect(content).toHaveTextContent('<img src=x onerror=alert(1)>');
    expect(content.querySelector('img, script, iframe')).toBeNull();
    expect(content.textContent).not.toMatch(/[\u202e\p{Cc}]/u);
    for (const link of within(content).getAllByRole('link')) {
      expect(link.getAttribute('href')).toMatch(/^(https:\/\/|\/)/);
    }
    expect(screen.queryByRole('link', { name: /Re-run/ })).not.toBeInTheDocument();
    expect(content.textContent!.length).toBeLessThan(60_000);
    expect(content).toHaveTextContent('460 more lines are in the log');
    expect(content).toHaveTextContent('and 90 more');
  });
});

describe('other parts', () => {
  const landed = (n: number) => row(n, { status: 'MERGED', submit: null });

  it('moves between parts with the keyboard and keeps the part in the address', async () => {
    const list = await open(withChanges(upTo(1)));
    await bodyRows();
    within(list).getByRole('tab', { name: 'Open changes' }).focus();
    await userEvent.keyboard('{ArrowRight}{ArrowRight}{Enter}');
    expect(await screen.findByText('No build failure is known')).toBeInTheDocument();
    expect(router.search).toBe(query('?section=failures'));
    act(() => router.go(`/${query('?section=branches')}`));
    expect(await screen.findByText(/No branch has open changes/)).toBeInTheDocument();
    act(() => router.go(-1));
    expect(await screen.findByText('No build failure is known')).toBeInTheDocument();
  });

  it('lists what landed, with summaries, and more of it', async () => {
    const api = withChanges(Array.from({ length: 30 }, (_, at) => landed(at + 1)));
    await open(api, '?section=landed');
    const list = await screen.findByRole('list', { name: /Recently landed changes/ });
    expect(lastAsked(api)).toMatchObject({ status: 'merged' });
    expect(list.children).toHaveLength(25);
    expect(list.children[0]).toHaveTextContent(/Change 1.*What 1 is about.*A second attempt/);
    await userEvent.click(screen.getByRole('button', { name: 'Load more' }));
    await waitFor(() => expect(list.children).toHaveLength(30));
    await userEvent.click(screen.getByRole('button', { name: /^Details of change 1:/ }));
    expect(await screen.findByText('Banks answer late.')).toBeVisible();
  });

  it('ranks open failures', async () => {
    const api = withChanges([]);
    const title = 'undefined: pay.Retry';
    api.answers.failures = {
      clusters: [
        cluster(),
        cluster({
          fingerprint: 'b',
          title,
          test: undefined,
          shown: 'change',
          blocked: [],
          evidence: [],
        }),
      ],
    };
    await open(api, '?section=failures');
    expect(await screen.findByText('2 open failures, the most worth mending first.')).toBeVisible();
    const [first, second] = screen.getAllByRole('article');
    expect(first).toHaveAccessibleName('TestRetry');
    expect(first).toHaveTextContent(/^TestRetryFlakyTestRetry failed/);
    expect(first).toHaveTextContent(/Flaky.*1 open change waits for it: #7.*3 runs.*first.*last/);
    expect(within(first).getByRole('link', { name: /^Re-run in CI/ })).toHaveAttribute(
      'href',
      'https://ci.example/7',
    );
    expect(second).toHaveAccessibleName(title);
    expect(second).toHaveTextContent(/Caused by the change.*No open change waits for it/);
  });

  it('says how branches build and how many changes are ready', async () => {
    const api = withChanges(upTo(1));
    api.answers.branches = {
      branches: [
        {
          branch: 'main',
          default: true,
          open: 12,
          ready: 3,
          build: {
            result: 'failed',
            ended: '2026-03-02T11:00:00Z',
            runs: [
              {
                job: 'unit',
                result: 'failed',
                ended: '2026-03-02T11:00:00Z',
                url: 'https://ci.example/1',
              },
              {
                job: 'lint',
                result: 'passed',
                ended: '2026-03-02T11:00:00Z',
                url: 'data:text/html,x',
              },
            ],
          },
        },
        { branch: 'old', open: 500, ready: 20, at_least: true, build: null },
      ],
    };
    await open(api, '?section=branches');
    const table = await screen.findByRole('table', { name: 'Branches' });
    const [, main, old] = within(table).getAllByRole('row');
    expect(main).toHaveTextContent(
      /main.*default.*Failed.*unit.*Failed.*lint.*Passed.*3 of 12 open/,
    );
    expect(within(main).getAllByRole('link')).toHaveLength(1);
    expect(old).toHaveTextContent(/No build is known.*at least 20 of 500 and more open/);
    await userEvent.click(screen.getByRole('button', { name: 'Show open changes of main' }));
    await bodyRows();
    expect(lastAsked(api).branch).toBe('main');
  });

  it('says what was decided, and why', async () => {
    const api = withChanges([]);
    const activity = detail(1).outcomes.map((outcome, seq) => ({
      ...outcome,
      seq,
      change: 'main/team/pay~1',
      subject: 'Change 1',
      url: 'https://gerrit.example/1',
    }));
    api.answers.activity = (_ref: string, { cursor }: { cursor?: string }) => ({
      activity: cursor ? activity.slice(1) : activity.slice(0, 1),
      next: cursor ? null : 'a',
    });
    await open(api, '?section=activity');
    expect(await screen.findByText('1 decisions are loaded, there are more.')).toBeVisible();
    await userEvent.click(screen.getByRole('button', { name: 'Load more' }));
    const list = await screen.findByRole('list', { name: /What the assistant decided/ });
    await waitFor(() => expect(list.children).toHaveLength(2));
    expect(list.children[0]).toHaveTextContent(
      /Change 1.*main\/team\/pay~1.*patch set 1.*Summary: not posted.*Nothing was worth a comment/,
    );
  });

  it.each(['landed', 'failures', 'branches', 'activity'])('says that %s failed', async section => {
    const api = new FakeAssistant();
    const error = errors.forbidden;
    api.answers = { changes: error, failures: error, branches: error, activity: error };
    await open(api, `?section=${section}`);
    expect(await screen.findByRole('alert')).toHaveTextContent('You may not see this');
  });

  it.each(['landed', 'failures', 'branches', 'activity'])('waits for %s', async section => {
    const api = new FakeAssistant();
    const never = () => new Promise<never>(() => {});
    api.answers = { changes: never, failures: never, branches: never, activity: never };
    await open(api, `?section=${section}`);
    expect(await screen.findByText('Loading changes')).toBeInTheDocument();
  });
});
