// SPDX-License-Identifier: Apache-2.0
import { act, configure, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { seriousFindings } from '../../__testUtils__/axe';
import { errors, FakeAssistant } from '../../__testUtils__/fakeApi';
import { growOld } from '../../__testUtils__/growOld';
import { untranslated } from '../../__testUtils__/pseudo';
import { cluster, detail, row } from '../list/__testUtils__/rows';
import { decision, openTab, withAll, withChanges, withNothing } from './__testUtils__/tab';
import { sections } from '../list/view';

// Tables are large, and what can be seen is asked for each of their elements again: where it counts, it is tested.
configure({ defaultHidden: true });

// What holds the rows of a part, and what it says without some. What Gerrit tells is true in any mode. key: what names
// the rows, untranslated.
const parts = {
  open: {
    role: 'table',
    name: 'Open changes',
    key: 'tab.table.open',
    empty: 'No open changes',
    gerrit: true,
  },
  landed: {
    role: 'list',
    name: /^Recently landed/,
    key: 'tab.landed.label',
    empty: 'Nothing has landed yet',
    gerrit: true,
  },
  failures: {
    role: 'list',
    name: 'Build failures',
    key: 'tab.sections.failures',
    empty: 'No build failure is known',
    gerrit: false,
  },
  branches: {
    role: 'table',
    name: 'Branches',
    key: 'tab.branches.label',
    empty: 'No branch has open changes or builds',
    gerrit: false,
  },
  activity: {
    role: 'list',
    name: /^What the assistant decided/,
    key: 'tab.activity.label',
    empty: 'Nothing was decided yet',
    gerrit: false,
  },
} as const;

const off = 'The review assistant is not used here';
const trial = 'The assistant is on trial here: its results are shown to project owners alone.';

const query = (section: string) => `?section=${section}`;

async function isClean() {
  expect(await act(() => seriousFindings(screen.getByTestId('part')))).toEqual([]);
}

function isBefore(first: Element, second: Element) {
  expect(first.compareDocumentPosition(second)).toBe(Node.DOCUMENT_POSITION_FOLLOWING);
}

afterEach(() => {
  jest.restoreAllMocks();
});

describe.each(sections)('%s', section => {
  const { role, name, key, empty, gerrit } = parts[section];
  const rows = () => screen.findByRole(role, { name });
  const noRows = () => expect(screen.queryByRole(role, { name })).not.toBeInTheDocument();

  it('has rows, and no note', async () => {
    await openTab(withAll('on'), query(section));
    await rows();
    expect(screen.queryByRole('note')).not.toBeInTheDocument();
    await isClean();
  });

  it.each(['on', undefined] as const)('says that there is nothing, in mode %s', async mode => {
    await openTab(withNothing(mode), query(section));
    expect(await screen.findByText(empty)).toBeVisible();
    expect(screen.queryByRole('note')).not.toBeInTheDocument();
    noRows();
    await isClean();
  });

  it('says that the project does not use the assistant, and what would change it', async () => {
    await openTab(withNothing('off'), query(section));
    expect(await screen.findByText(off)).toBeVisible();
    expect(screen.getByRole('note')).toHaveTextContent(/refs\/meta\/config/);
    // Nothing that only the assistant could know.
    expect(screen.queryAllByText(empty)).toHaveLength(gerrit ? 1 : 0);
    noRows();
    await isClean();
  });

  it('says so above what there is all the same', async () => {
    await openTab(withAll('off'), query(section));
    const there = await rows();
    expect(screen.getByRole('note')).toHaveTextContent(off);
    isBefore(screen.getByRole('note'), there);
    await isClean();
  });

  it('says that the assistant is on trial above what there is', async () => {
    await openTab(withAll('shadow'), query(section));
    const there = await rows();
    expect(screen.getByRole('note')).toHaveTextContent(trial);
    isBefore(screen.getByRole('note'), there);
    await isClean();
  });

  it('does not take what is for owners for nothing', async () => {
    await openTab(withNothing('shadow'), query(section));
    expect(await screen.findByText(trial)).toBeVisible();
    expect(screen.queryAllByText(empty)).toHaveLength(gerrit ? 1 : 0);
    expect(screen.queryAllByText('Nothing is shown to you')).toHaveLength(gerrit ? 0 : 1);
    await isClean();
  });

  it('follows the project into another mode', async () => {
    const api = withAll('on');
    await openTab(api, query(section));
    await rows();
    api.answers = withAll('shadow').answers;
    await act(async () => api.streams[0].send({ type: 'reload' }));
    expect(await screen.findByText(trial)).toBeVisible();
  });

  it.each([
    [
      'denied by the policy',
      errors.denied,
      'Backstage does not let you see this',
      /gerrit-review-assistant\.read/,
    ],
    ['no account', errors.noAccount, 'No Gerrit account is known as yours', /to link your user/],
  ])('says why nothing may be seen, and what to do: %s', async (_, error, title, next) => {
    await openTab(failing(error()), query(section));
    const alert = await screen.findByRole('alert');
    expect(alert).toHaveTextContent(title);
    expect(alert).toHaveTextContent(next);
    expect(screen.queryByText(empty)).not.toBeInTheDocument();
    noRows();
    await isClean();
  });

  it('shows no longer what is denied by now', async () => {
    const api = withAll('shadow');
    await openTab(api, query(section));
    await rows();
    api.answers = failing(errors.denied()).answers;
    await act(async () => api.streams[0].send({ type: 'reload' }));
    expect(await screen.findByRole('alert')).toHaveTextContent(
      'Backstage does not let you see this',
    );
    expect(screen.queryByRole('note')).not.toBeInTheDocument();
    noRows();
  });

  it('says that what it shows is old', async () => {
    const api = withAll('on');
    await openTab(api, query(section));
    await rows();
    await growOld(api);
    expect(await screen.findByText('This may be out of date')).toBeVisible();
    await rows();
    await isClean();
  });

  it.each([
    ['rows', withAll('on'), key],
    ['nothing', withNothing('on'), `tab.${section}.empty`],
    ['off', withNothing('off'), 'shared.off.title'],
    ['shadow', withNothing('shadow'), 'shared.trial.note'],
  ])('says nothing that is not translated: %s', async (_, api, said) => {
    await openTab(api, query(section), { pseudo: true });
    const part = screen.getByTestId('part');
    if (said === key) {
      await within(part).findByRole(role, { name: `⟦${key}⟧` });
    } else {
      await within(part).findByText(`⟦${said}⟧`);
    }
    // The button in the field is the design system's, which has one language.
    const data = [row(1), row(2), detail(1), cluster(), 'main/team/pay~1', 'Clear search'];
    expect(untranslated(part, data)).toEqual([]);
  });
});

function failing(error: Error): FakeAssistant {
  const answers = { changes: error, failures: error, branches: error, activity: error };
  return Object.assign(new FakeAssistant(), { answers });
}

describe('branches', () => {
  it.each([
    ['on', 'No build is known'],
    ['off', 'No build is shown'],
    ['shadow', 'No build is shown'],
  ] as const)('does not say in mode %s more than is told of builds', async (mode, text) => {
    await openTab(withAll(mode), query('branches'));
    const table = await screen.findByRole('table', { name: 'Branches' });
    expect(within(table).getByText(/^No build/)).toHaveTextContent(text);
  });

  it('offers none whose name is too long to be asked for', async () => {
    const api = withAll('on');
    const branch = (name: string) => ({ branch: name, open: 1, ready: 0, build: null });
    api.answers.branches = { branches: [branch('main'), branch('x'.repeat(201))] };
    await openTab(api, query('branches'));
    await screen.findByRole('table', { name: 'Branches' });
    expect(screen.getAllByRole('button', { name: /^Show open changes/ })).toHaveLength(1);
    await userEvent.click(screen.getByRole('tab', { name: 'Open changes' }));
    await screen.findByRole('table', { name: 'Open changes' });
    screen.getByRole('button', { name: /Branch/ }).focus();
    await userEvent.keyboard('{Enter}');
    await screen.findByRole('option', { name: 'main', hidden: false });
    expect(screen.queryByRole('option', { name: /^x+/ })).not.toBeInTheDocument();
  });

  it('says that it does not count what is in progress', async () => {
    await openTab(withAll('on'), query('branches'));
    expect(
      await screen.findByText('Changes that are work in progress are not counted.'),
    ).toBeVisible();
  });
});

describe('open', () => {
  it.each(['off', 'shadow'] as const)(
    'does not say in mode %s what it may not tell',
    async mode => {
      const api = withChanges([row(1, { builds: null, picks: [] })], mode);
      await openTab(api, query('open'));
      const table = await screen.findByRole('table', { name: 'Open changes' });
      expect(within(table).getByText('No build is shown')).toBeVisible();
      expect(within(table).getByText('No suggestions are shown')).toBeVisible();
    },
  );

  it('looks for what the server can look for', async () => {
    const api = withChanges([row(1)]);
    await openTab(api, '?search=%5B&section=open');
    await screen.findByRole('table', { name: 'Open changes' });
    expect(api.calls.find(({ method }) => method === 'changes')!.args[1]).toMatchObject({
      search: undefined,
    });
    expect(screen.getByRole('searchbox')).toHaveValue('[');
  });

  it('has words for details that an older server does not know', async () => {
    const api = withChanges([row(1)]);
    api.answers.change = errors.notFound();
    await openTab(api, query('open'));
    await userEvent.click(await screen.findByRole('button', { name: /^Details of change 1:/ }));
    expect(await screen.findByRole('alert')).toHaveTextContent(
      /^Nothing more is known of this change.*older than this plugin/,
    );
    expect(screen.queryByText(/annotation/)).not.toBeInTheDocument();
  });
});

describe('failures', () => {
  it.each([
    [true, parts.failures.empty, /7 days.*30 days/],
    [undefined, parts.failures.empty, /7 days.*30 days/], // of an older server
    [false, 'This project does not have its builds looked at', /enabled = false.*owner/],
  ])('tells nothing known from nothing looked at: builds %s', async (builds, title, hint) => {
    const api = withNothing('on');
    api.answers.failures = { mode: 'on', builds, clusters: [] };
    await openTab(api, query('failures'));
    expect(await screen.findByText(title)).toBeVisible();
    expect(screen.getByTestId('part')).toHaveTextContent(hint);
    expect(screen.getByTestId('part')).not.toHaveTextContent('open failure');
    await isClean();
  });
});

describe('activity', () => {
  it.each([[decision()], []])(
    'says that older decisions are not listed: %#',
    async (...activity) => {
      const api = withNothing('on');
      api.answers.activity = { mode: 'on', activity, next: null, more: true };
      await openTab(api, query('activity'));
      expect(await screen.findByText(/only what was decided on its newest changes/)).toBeVisible();
    },
  );

  it('does not take a page without rows for the end', async () => {
    const api = withNothing();
    api.answers.activity = (_ref: string, { cursor }: { cursor?: string }) =>
      cursor ? { activity: [decision()], next: null } : { activity: [], next: 'a' };
    await openTab(api, query('activity'));
    expect(await screen.findByText('0 decisions are loaded, there are more.')).toBeVisible();
    expect(screen.queryByText(parts.activity.empty)).not.toBeInTheDocument();
    await userEvent.click(screen.getByRole('button', { name: 'Load more' }));
    expect(await screen.findByText('1 decision.')).toBeVisible();
  });
});

describe('landed', () => {
  const hoursAgo = (hours: number) => new Date(Date.now() - hours * 3600_000).toISOString();
  const landed = (n: number, over: Parameters<typeof row>[1] = {}) =>
    row(n, { status: 'MERGED', submit: null, ...over });

  it('says when changes landed, the newest first, and not who touched them last', async () => {
    const api = withChanges([
      landed(1, { updated: hoursAgo(1), submitted: hoursAgo(48) }),
      landed(2, { updated: hoursAgo(2), submitted: hoursAgo(2) }),
      landed(3, { updated: hoursAgo(5) }), // of an older server
    ]);
    await openTab(api, query('landed'));
    const list = await screen.findByRole('list', { name: parts.landed.name });
    const texts = [...list.children].map(item => item.textContent);
    expect(texts[0]).toMatch(/Change 2.*Joe.*landed 2 hours ago/);
    expect(texts[1]).toMatch(/Change 3.*Joe.*updated 5 hours ago/);
    expect(texts[2]).toMatch(/Change 1.*Joe.*landed 2 days ago/);
  });

  it('offers branches of which nothing is loaded', async () => {
    const api = withChanges([landed(1)]);
    api.answers.branches = {
      branches: [{ branch: 'release/2.4', open: 1, ready: 0, build: null }],
    };
    await openTab(api, query('landed'));
    await screen.findByRole('list', { name: parts.landed.name });
    screen.getByRole('button', { name: /Branch/ }).focus();
    await userEvent.keyboard('{Enter}');
    await screen.findByRole('option', { name: 'main', hidden: false });
    await userEvent.keyboard('{ArrowDown}{Enter}');
    await waitFor(() =>
      expect(api.calls.filter(({ method }) => method === 'changes').at(-1)!.args[1]).toMatchObject({
        status: 'merged',
        branch: 'release/2.4',
      }),
    );
  });
});

describe('details', () => {
  it.each(['open', 'landed'] as const)('are clean for axe once they are opened: %s', async part => {
    await openTab(withAll('on'), query(part));
    await userEvent.click(await screen.findByRole('button', { name: /^Details of change 1:/ }));
    expect(await screen.findByText('Banks answer late.')).toBeVisible();
    await isClean();
  });

  it.each(['open', 'landed'] as const)('are asked for as of the entity: %s', async part => {
    const api = withAll('on');
    await openTab(api, query(part));
    await userEvent.click(await screen.findByRole('button', { name: /^Details of change 1:/ }));
    await screen.findByText('Banks answer late.');
    const [id, options] = api.calls.find(({ method }) => method === 'change')!.args;
    expect(id).toBe('main/team/pay~1');
    expect((options as { entityRef?: string }).entityRef).toBe('component:default/pay');
  });

  it('are opened, walked through and left with the keyboard', async () => {
    await openTab(withChanges([row(1), row(2)]), query('open'));
    const toggle = await screen.findByRole('button', { name: /^Details of change 1:/ });
    toggle.focus();
    await userEvent.keyboard('{Enter}');
    await screen.findByText('Banks answer late.');
    expect(toggle).toHaveFocus();

    const there = document.getElementById(toggle.getAttribute('aria-controls')!)!;
    const next = screen.getByRole('button', { name: /^Details of change 2:/ });
    const seen: Element[] = [];
    for (let steps = 0; document.activeElement !== next && steps < 40; steps++) {
      await userEvent.tab();
      if (there.contains(document.activeElement)) seen.push(document.activeElement!);
    }
    expect(next).toHaveFocus();
    const names = [/Summary of/, /^Ann/, /joe$/, /^Ticket/, /^Part of the log/, /^Re-run in CI/];
    expect(seen).toHaveLength(names.length);
    seen.forEach((element, at) => expect(element).toHaveAccessibleName(names[at]));

    await userEvent.tab({ shift: true });
    expect(there).toContainElement(document.activeElement as HTMLElement);
    toggle.focus();
    await userEvent.keyboard(' ');
    expect(toggle).toHaveAttribute('aria-expanded', 'false');
    expect(screen.queryByText('Banks answer late.')).not.toBeInTheDocument();
    expect(toggle).toHaveFocus();
  });
});

describe('parts', () => {
  it('are moved between with arrow keys, and led to by Tab', async () => {
    const list = await openTab(withAll('on'));
    const tab = (name: string) => within(list).getByRole('tab', { name });
    tab('Open changes').focus();
    const names = ['Recently landed', 'Build failures', 'Branches', 'Activity', 'Open changes'];
    for (const name of names) {
      await userEvent.keyboard('{ArrowRight}');
      expect(tab(name)).toHaveFocus();
      await userEvent.keyboard('{Enter}');
      expect(tab(name)).toHaveAttribute('aria-selected', 'true');
      expect(await screen.findByRole('tabpanel', { name })).toBeVisible();
    }
    await userEvent.keyboard('{ArrowLeft}');
    expect(tab('Activity')).toHaveFocus();
    await userEvent.keyboard('{Home}');
    expect(tab('Open changes')).toHaveFocus();
    await userEvent.tab();
    expect(screen.getByRole('tabpanel', { name: 'Open changes' })).toContainElement(
      document.activeElement as HTMLElement,
    );
    await userEvent.tab({ shift: true });
    expect(tab('Open changes')).toHaveFocus();
  });
});
