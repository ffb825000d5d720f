// SPDX-License-Identifier: Apache-2.0
import { act, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { states } from '../../../dev/states';
import { seriousFindings } from '../../__testUtils__/axe';
import { FakeAssistant, errors } from '../../__testUtils__/fakeApi';
import { growOld } from '../../__testUtils__/growOld';
import {
  brief,
  change,
  component,
  everyKind,
  offChange,
  page,
  shadowChange,
} from '../../__testUtils__/fixtures';
import { untranslated } from '../../__testUtils__/pseudo';
import { renderPart } from '../../__testUtils__/render';
import { EntityReviewAssistantCard } from './EntityReviewAssistantCard';

const show = (api: FakeAssistant, options: { pseudo?: boolean } = {}) =>
  renderPart(<EntityReviewAssistantCard />, { api, entity: component(), ...options });

const answering = (answers: FakeAssistant['answers']) =>
  Object.assign(new FakeAssistant(), { answers });

/** The rows of the card, once it has some. */
async function rows() {
  const list = await screen.findByRole('list', { name: 'Open changes' });
  return [...list.children] as HTMLElement[];
}

// What is said once a state stands: none of it is said while the card awaits its changes, but in that state.
const said: Record<string, string> = {
  content: 'shared.change.onBranch',
  more: 'card.shownMore',
  shadow: 'shared.trial.note',
  empty: 'card.empty.title',
  off: 'shared.off.title',
  'off-empty': 'card.empty.title',
  loading: 'shared.loading',
  stale: 'shared.stale.title',
  'no-account': 'shared.error.no-account.title',
  forbidden: 'shared.error.forbidden.title',
  'not-found': 'shared.error.not-found.title',
  'bad-request': 'shared.error.bad-request.title',
  'too-often': 'shared.error.retryAfter',
  unreachable: 'shared.error.unreachable.title',
  'not-now': 'shared.error.not-now.title',
  'not-trusted': 'shared.error.not-trusted.title',
  'bad-answer': 'shared.error.bad-answer.title',
  'too-large': 'shared.error.too-large.title',
  error: 'shared.error.other.title',
  missing: 'shared.missing.title',
};

/** The card in a state of its own, in the language that marks what is translated. */
async function inState(state: string) {
  // What is to grow old has to be loaded first, and to hear of news.
  const api = state === 'stale' || state === 'missing' ? new FakeAssistant() : states[state]();
  const entity = component('pay', state === 'missing' ? {} : undefined);
  renderPart(<EntityReviewAssistantCard />, { api, entity, pseudo: true });
  const part = await screen.findByTestId('part');
  const says = (key: string) => within(part).findAllByText(text => text.includes(key));
  if (state === 'stale') {
    await says(said.content);
    await growOld(api);
  }
  await says(said[state]);
  return part;
}

afterEach(() => jest.restoreAllMocks());

describe('EntityReviewAssistantCard', () => {
  it('asks for the most urgent open changes of its entity', async () => {
    const api = new FakeAssistant();
    show(api);
    await rows();
    const { args } = api.calls.find(call => call.method === 'changes')!;
    expect(args[0]).toBe('component:default/pay');
    expect(args[1]).toMatchObject({ status: 'open', order: 'urgent', limit: 5 });
  });

  it('says all of a change', async () => {
    show(answering({ changes: page([change()], { considered: 12 }) }));
    const [row] = await rows();
    const title = within(row).getByRole('link', { name: /Retry a payment once/ });
    expect(title).toHaveAttribute('href', 'https://gerrit.example/c/team/pay/+/4211');
    expect(title).toHaveAttribute('target', '_blank');
    expect(title).toHaveAttribute('rel', 'noopener noreferrer');
    expect(title).toHaveAccessibleName(/opens in a new tab/);
    expect(within(row).getByRole('link', { name: 'Jane Doe' })).toHaveAttribute(
      'href',
      '/catalog/default/user/jane',
    );
    for (const text of [
      'on main',
      'Patch set 3',
      /^High risk, 2 places to look at$/,
      '2 build failures: 1 by this change, 1 flaky',
      'Missing: Code-Review, Verified',
      'Retries a payment once when the bank answers with a server error.',
      'The timeout of a payment grows from 2 to 6 seconds.',
      /Written by a model \(example-model-1\); may be wrong/,
      /owns pay\/retry.go/,
      /changed these lines last/,
    ]) {
      expect(within(row).getByText(text)).toBeInTheDocument();
    }
    const votes = within(row).getByRole('list', { name: 'Votes' });
    expect(votes).toHaveTextContent(/Code-Review \+1\+1 Omar Haddad .*Verified −1, rejected−1 CI /);
    expect(row.querySelector('time')).toHaveAttribute('title');
    expect(screen.getByText('1 of 12 open changes; the most urgent first')).toBeInTheDocument();
    expect(screen.getByRole('link', { name: 'View all changes of pay' })).toHaveAttribute(
      'href',
      '/tab',
    );
  });

  it('shows five at most, and says that there are older ones', async () => {
    const many = Array.from({ length: 8 }, (_, n) => change(n + 1));
    show(answering({ changes: page(many, { considered: 100, more: true }) }));
    expect(await rows()).toHaveLength(5);
    expect(
      screen.getByText(
        /^5 of the 100 newest open changes; the most urgent first\. There are older ones$/,
      ),
    ).toBeInTheDocument();
  });

  it('does not count what is all there', async () => {
    show(new FakeAssistant());
    await rows();
    expect(screen.queryByText(/of \d+ (newest )?open changes/)).not.toBeInTheDocument();
  });

  it('keeps text of others apart, without what hides or turns it, and not without end', async () => {
    const evil = `\u202egnp.exe\u0007${'x'.repeat(5_000)}`;
    const person = { name: evil };
    const hostile = change(1, {
      subject: evil,
      owner: person,
      branch: evil,
      state: 'quiet',
      says: evil,
      summary: brief({ title: evil, bullets: [evil], model: evil }),
      labels: [{ name: evil, state: 'rejected', votes: [{ value: -2, person }] }],
      submit: { ready: false, requirements: [{ name: evil, status: 'unsatisfied' }] },
      picks: [{ ...person, reasons: [evil] }],
    });
    show(answering({ changes: page([hostile]) }));
    const [row] = await rows();
    expect(row).not.toHaveTextContent('\u202e');
    expect(row).not.toHaveTextContent('\u0007');
    expect(row.querySelectorAll('bdi').length).toBeGreaterThanOrEqual(9);
    expect(row.textContent!.length).toBeLessThan(3_000);
  });

  it('never shows what was not read as fine', async () => {
    show(new FakeAssistant());
    const [, , skipped, quiet] = await rows();
    expect(within(skipped).getByText('Not read')).toBeInTheDocument();
    expect(within(skipped).getByText(/more files than the assistant reads/)).toBeInTheDocument();
    expect(within(skipped).queryByText(/risk|no remarks/i)).not.toBeInTheDocument();
    expect(within(quiet).getByText('Read, no remarks')).toBeInTheDocument();
  });

  it('says of which patch set a summary is when there is a newer one', async () => {
    show(new FakeAssistant());
    const [, stale] = await rows();
    expect(within(stale).getByText('Of patch set 4, the newest is 5')).toBeInTheDocument();
    expect(within(stale).getByText(/^Medium risk in patch set 4, 1 place/)).toBeInTheDocument();
  });

  it('says which summaries no one else sees', async () => {
    show(answering({ changes: page([shadowChange()]) }));
    expect(await screen.findByText(/^Shadow mode: not posted/)).toBeInTheDocument();
  });

  it('shows what a model wrote as text alone', async () => {
    const script = ['javascript', 'alert(1)'].join(':');
    const evil = `<img src=x onerror=alert(1)> [click](${script}) https://evil.example`;
    const summary = brief({ title: evil, bullets: [evil] });
    show(
      answering({
        changes: page([change(1, { summary, subject: evil, url: script })]),
      }),
    );
    const [row] = await rows();
    expect(within(row).getAllByText(evil)).toHaveLength(3);
    expect(row.querySelector('img')).toBeNull();
    for (const link of within(row).getAllByRole('link')) {
      expect(link.getAttribute('href')).toMatch(/^\/catalog\//);
    }
  });

  it('awaits its changes', async () => {
    show(states.loading());
    expect(await screen.findByText('Loading changes')).toBeInTheDocument();
  });

  it('says when there is nothing', async () => {
    show(states.empty());
    expect(await screen.findByText('No open changes')).toBeInTheDocument();
  });

  it.each([
    ['off', 'The review assistant is not used here', 2],
    ['shadow', /^The assistant is on trial here/, 1],
  ])('says how the project uses the assistant, and still lists its changes: %s', async (...of) => {
    const [state, says, count] = of;
    show(states[state]());
    expect(await screen.findByText(says)).toBeVisible();
    expect(screen.getAllByRole('note')).toHaveLength(1);
    expect(await rows()).toHaveLength(count);
  });

  it('says that the project does not use the assistant where nothing is open', async () => {
    show(states['off-empty']());
    expect(await screen.findByText('The review assistant is not used here')).toBeVisible();
    expect(screen.getByText(/refs\/meta\/config/)).toBeVisible();
    expect(screen.getByText('No open changes')).toBeVisible();
  });

  it('takes the word of the project before that of its changes', async () => {
    show(answering({ changes: page([offChange()], { mode: 'on' }) }));
    expect(await rows()).toHaveLength(1);
    expect(screen.queryByText('The review assistant is not used here')).not.toBeInTheDocument();
  });

  it.each([
    ['no-account', 'No Gerrit account is known as yours', /^Ask the operator .* to link your user/],
    ['forbidden', 'You may not see this', /^Ask the owner/],
    ['not-found', 'The review assistant does not know this', /^Check the annotation/],
    ['bad-request', 'The review assistant does not take this request', /^Clear the filters/],
    ['too-often', 'Too many requests', 'Try again in 7 seconds.'],
    ['unreachable', 'The review assistant cannot be reached', /^It is tried again by itself/],
    ['not-now', 'This cannot be told now', /^It is tried again by itself/],
    ['not-trusted', 'The review assistant does not trust this Backstage', /^Tell whoever runs/],
    ['bad-answer', 'The answer cannot be read', /^Try again later\./],
    ['too-large', 'The answer is too large to be shown', /^Choose a branch/],
    ['error', 'Something went wrong', /^Try again\./],
  ])('says what failed and what to do: %s', async (state, title, next) => {
    show(states[state]());
    const alert = await screen.findByRole('alert');
    expect(within(alert).getByText(title)).toBeInTheDocument();
    expect(within(alert).getByText(next)).toBeInTheDocument();
    expect(within(alert).getByRole('button', { name: 'Retry' })).toBeInTheDocument();
  });

  it('tries again when asked to, by keyboard too', async () => {
    const api = answering({ changes: errors.unreachable() });
    show(api);
    const retry = await screen.findByRole('button', { name: 'Retry' });
    api.answers = {};
    retry.focus();
    await userEvent.keyboard('{Enter}');
    expect(await rows()).toHaveLength(5);
    expect(screen.queryByRole('alert')).not.toBeInTheDocument();
  });

  it('shows a change that moves without being asked, and says so once', async () => {
    const api = answering({ changes: page([change()]) });
    show(api);
    await rows();
    expect(screen.getByText('Updated: 1 change shown')).toBeInTheDocument();
    api.answers = { changes: page([change(1, { subject: 'New here' }), change()]) };
    await act(async () =>
      api.streams[0].send({ type: 'change', id: '1', change: 'main/team/pay~1' }),
    );
    expect(await screen.findByText('New here', {}, { timeout: 3000 })).toBeInTheDocument();
    expect(screen.getByText('Updated: 2 changes shown')).toBeInTheDocument();
  });

  it('says how to name a project where none is named, and asks nothing', async () => {
    const api = new FakeAssistant();
    renderPart(<EntityReviewAssistantCard />, { api, entity: component('pay', {}) });
    expect(await screen.findByText('No Gerrit project is named')).toBeInTheDocument();
    expect(screen.getByText('review-assistant/project: team/project')).toBeInTheDocument();
    expect(api.calls).toEqual([]);
  });

  it('says that what it shows is old, and why', async () => {
    const api = new FakeAssistant();
    show(api);
    await rows();
    await growOld(api);
    expect(await screen.findByText('This may be out of date')).toBeVisible();
    expect(screen.getByText(/^Its server, Gerrit or the network does not answer/)).toBeVisible();
    expect(await rows()).toHaveLength(5);
  });

  it.each(Object.keys(said))('translates all it says: %s', async state => {
    const part = await inState(state);
    const data = [everyKind(), offChange(), shadowChange(), Object.values(errors).map(e => e())];
    expect(untranslated(part, data)).toEqual([]);
  });

  it.each(Object.keys(said))('is clean for axe: %s', async state => {
    const part = await inState(state);
    expect(await act(() => seriousFindings(part))).toEqual([]);
  });

  it('has a state of each that can be shown', () => {
    expect(Object.keys(said).sort()).toEqual([...Object.keys(states), 'missing'].sort());
  });
});
