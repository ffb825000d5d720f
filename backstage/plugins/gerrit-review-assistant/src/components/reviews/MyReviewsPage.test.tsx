// SPDX-License-Identifier: Apache-2.0
import { act, configure, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import type { PageOptions } from '../../api';
import { seriousFindings } from '../../__testUtils__/axe';
import { errors, FakeAssistant } from '../../__testUtils__/fakeApi';
import { untranslated } from '../../__testUtils__/pseudo';
import { renderPart } from '../../__testUtils__/render';
import { detail, row } from '../list/__testUtils__/rows';
import { MyReviewsPage } from './MyReviewsPage';

configure({ defaultHidden: true });

const attention = row(1, { waits: 'attention', subject: 'Pay twice' });
const review = row(2, { waits: 'reviewer', project: 'team/ship', branch: 'next' });

function withReviews(rows = [attention, review]): FakeAssistant {
  const api = new FakeAssistant();
  api.answers.reviews = ({ cursor, limit = 25 }: PageOptions) => {
    const from = Number(cursor ?? 0);
    const to = from + limit;
    return { changes: rows.slice(from, to), next: to < rows.length ? String(to) : null };
  };
  api.answers.change = (id: string) => detail(Number(id.split('~')[1]), { id });
  return api;
}

async function open(api: FakeAssistant) {
  renderPart(<MyReviewsPage />, { api });
}

const group = (name: string) => screen.findByRole('table', { name });

describe('MyReviewsPage', () => {
  it('groups what waits, and names the projects', async () => {
    const api = withReviews();
    await open(api);
    expect(await group('Needs your attention')).toHaveTextContent(/Pay twice.*#1team\/pay/);
    expect(await group('To review')).toHaveTextContent(/Change 2.*#2team\/ship/);
    expect(screen.getByText('Updates by itself')).toBeVisible();
    // News of everything, not of one entity.
    expect(api.calls.find(({ method }) => method === 'events')!.args[0]).toBeUndefined();
    await userEvent.click(screen.getByRole('button', { name: /^Details of change 1/ }));
    expect(await screen.findByText('Banks answer late.')).toBeVisible();
    const [, options] = api.calls.find(({ method }) => method === 'change')!.args;
    expect(options).not.toHaveProperty('entityRef', expect.anything());
  });

  it('does not say of a project that does not use the assistant that nothing is known', async () => {
    const over = { builds: null, picks: [] };
    await open(withReviews([row(1, { ...over, state: 'off' }), row(2, over)]));
    await group('To review');
    const texts = screen.getAllByText(/^No build/).map(({ textContent }) => textContent);
    expect(texts).toEqual(['No build is shown', 'No build known']);
  });

  it('searches in what is loaded, and says that there is more', async () => {
    const rows = Array.from({ length: 30 }, (_, at) => row(at + 1, { waits: 'reviewer' }));
    rows[28] = row(29, { waits: 'reviewer', subject: 'Ship it' });
    const api = withReviews(rows);
    await open(api);
    await group('To review');
    await userEvent.type(screen.getByRole('searchbox', { name: 'Search' }), 'ship');
    expect(await screen.findAllByText('None of the loaded changes fits the filters.')).toHaveLength(
      2,
    );
    expect(screen.getByText(/^0 of the 25 loaded changes, there are more/)).toBeVisible();
    await userEvent.click(screen.getByRole('button', { name: 'Load more' }));
    await waitFor(async () => expect(await group('To review')).toHaveTextContent('Ship it'));
    expect(screen.getAllByText(/^None of the loaded changes/)).toHaveLength(1);
  });

  it('follows what happens, and keeps what is opened', async () => {
    const api = withReviews();
    await open(api);
    await group('Needs your attention');
    await userEvent.click(screen.getByRole('button', { name: /^Details of change 1/ }));
    await screen.findByText('Banks answer late.');
    api.answers.reviews = { changes: [row(3, { waits: 'attention' }), attention], next: null };
    await act(async () => api.streams[0].send({ type: 'change', change: 'main/team/pay~3' }));
    await waitFor(async () =>
      expect(await group('Needs your attention')).toHaveTextContent('Change 3'),
    );
    expect(screen.getByText('Banks answer late.')).toBeVisible();
    expect(screen.getByText('You are not asked to review another change.')).toBeVisible();
  });

  it('says that nothing waits', async () => {
    await open(withReviews([]));
    expect(await screen.findByText('Nothing waits for you')).toBeVisible();
  });

  it.each([
    [errors.noAccount, 'No Gerrit account is known as yours'],
    [errors.unreachable, 'The review assistant cannot be reached'],
  ])('says what is wrong, and tries again', async (error, text) => {
    const api = withReviews();
    const works = api.answers.reviews;
    api.answers.reviews = error;
    await open(api);
    expect(await screen.findByRole('alert')).toHaveTextContent(text);
    api.answers.reviews = works;
    await userEvent.click(screen.getByRole('button', { name: 'Retry' }));
    await group('To review');
  });

  it('says who may not see it why, and where else to look', async () => {
    const api = withReviews();
    const works = api.answers.reviews;
    api.answers.reviews = errors.denied('gerrit-review-assistant.reviews.read');
    await open(api);
    const alert = await screen.findByRole('alert');
    expect(alert).toHaveTextContent('You may not see your reviews here');
    expect(alert).toHaveTextContent(
      /no single component.*permission gerrit-review-assistant\.reviews\.read/,
    );
    expect(alert).toHaveTextContent('on your dashboard in Gerrit');
    // There is nothing to search in.
    expect(screen.queryByRole('search')).not.toBeInTheDocument();
    expect(await act(() => seriousFindings(screen.getByTestId('part')))).toEqual([]);

    api.answers.reviews = works;
    await userEvent.click(screen.getByRole('button', { name: 'Retry' }));
    await group('To review');
    expect(screen.getByRole('search')).toBeVisible();
  });

  it('shows no longer what is denied by now', async () => {
    const api = withReviews();
    await open(api);
    await group('To review');
    api.answers.reviews = errors.denied();
    await act(async () => api.streams[0].send({ type: 'reload' }));
    expect(await screen.findByText('You may not see your reviews here')).toBeVisible();
    expect(screen.queryByRole('table')).not.toBeInTheDocument();
  });

  it('is clean for axe, with an opened change', async () => {
    await open(withReviews());
    await group('To review');
    await userEvent.click(screen.getByRole('button', { name: /^Details of change 1/ }));
    await screen.findByText('Banks answer late.');
    expect(await act(() => seriousFindings(screen.getByTestId('part')))).toEqual([]);
  });

  it('says nothing that is not translated to whom it is forbidden', async () => {
    const api = withReviews();
    api.answers.reviews = errors.denied();
    renderPart(<MyReviewsPage />, { api, pseudo: true });
    const part = await screen.findByTestId('part');
    await within(part).findByText('⟦reviews.forbidden.title⟧');
    expect(untranslated(part, [])).toEqual([]);
  });

  it('says nothing that is not translated', async () => {
    const api = withReviews();
    renderPart(<MyReviewsPage />, { api, pseudo: true });
    const part = await screen.findByTestId('part');
    const [toggle] = await within(part).findAllByRole('button', { name: /tab.table.details/ });
    await userEvent.click(toggle);
    await within(part).findByText('Banks answer late.');
    // The button in the field is the design system's, which has one language.
    const data = [attention, review, detail(1), 'Clear search'];
    expect(untranslated(part, data)).toEqual([]);
  });
});
