// SPDX-License-Identifier: Apache-2.0
import { TestApiProvider } from '@backstage/frontend-test-utils';
import { act, renderHook, waitFor } from '@testing-library/react';
import type { ReactNode } from 'react';
import { errors, FakeAssistant } from '../../__testUtils__/fakeApi';
import { pass, show } from '../../__testUtils__/time';
import { AssistantError, gerritReviewAssistantApiRef } from '../../api';
import { usePages, type Page, type PageQuery } from './usePages';

type Read = (query: PageQuery) => Promise<Page<number>>;
const ref = 'component:default/pay';

/** A list of numbers as a server has it: the cursor is where the page begins. */
class Numbers {
  asked: { limit: number; cursor?: string }[] = [];
  fails?: Error;
  constructor(public all: number[]) {}
  read = async ({ limit, cursor }: PageQuery): Promise<Page<number>> => {
    this.asked.push({ limit, cursor });
    if (this.fails) {
      const error = this.fails;
      this.fails = undefined;
      throw error;
    }
    const from = Number(cursor ?? 0);
    const to = from + limit;
    return { items: this.all.slice(from, to), next: to < this.all.length ? String(to) : null };
  };
}

const upTo = (n: number) => Array.from({ length: n }, (_, at) => at);

/** No news come unless a test gives the assistant that sends them. */
function pagesOf(
  read: Read,
  api: FakeAssistant = Object.assign(new FakeAssistant(), { noStreams: errors.unreachable() }),
) {
  const wrapper = ({ children }: { children: ReactNode }) => (
    <TestApiProvider apis={[[gerritReviewAssistantApiRef, api]]}>{children}</TestApiProvider>
  );
  return renderHook(props => usePages(props.read, String, ref), {
    wrapper,
    initialProps: { read },
  });
}

async function listOf(server: Numbers) {
  const hook = pagesOf(server.read);
  await waitFor(() => expect(hook.result.current.pending).toBeUndefined());
  return hook;
}

describe('usePages', () => {
  it('grows page by page and says whether there is more', async () => {
    const server = new Numbers(upTo(60));
    const { result } = await listOf(server);
    expect(result.current.items).toEqual(upTo(25));
    expect(result.current.more).toBe(true);
    await act(async () => result.current.loadMore());
    await act(async () => result.current.loadMore());
    expect(result.current.items).toEqual(upTo(60));
    expect(result.current.more).toBe(false);
    expect(server.asked.map(({ cursor }) => cursor)).toEqual([undefined, '25', '50']);
  });

  it('reads again as much as is shown, without a row twice', async () => {
    const server = new Numbers(upTo(60));
    const { result } = await listOf(server);
    await act(async () => result.current.loadMore());
    server.all = [99, ...upTo(60)];
    await act(async () => result.current.reload());
    expect(result.current.items).toEqual([99, ...upTo(49)]);
    expect(server.asked[2]).toEqual({ limit: 50, cursor: undefined });
    // A row moved over the border of the page: it is there once.
    server.all = [98, 99, ...upTo(60)];
    await act(async () => result.current.loadMore());
    expect(server.asked[3]).toEqual({ limit: 25, cursor: '50' });
    expect(result.current.items).toEqual([99, ...upTo(60)]);
  });

  it('keeps what is shown when reading again fails', async () => {
    const server = new Numbers(upTo(3));
    const { result } = await listOf(server);
    server.fails = new AssistantError('no answer', { status: 503 });
    await act(async () => result.current.reload());
    expect(result.current.items).toEqual(upTo(3));
    expect(result.current.error?.message).toBe('no answer');
    await act(async () => result.current.reload());
    expect(result.current.error).toBeUndefined();
  });

  it.each([401, 403, 404])('shows nothing any longer after a %d', async status => {
    const server = new Numbers(upTo(3));
    const { result } = await listOf(server);
    server.fails = new AssistantError('', { status });
    await act(async () => result.current.reload());
    expect(result.current.items).toBeUndefined();
    await act(async () => result.current.reload());
    expect(result.current.items).toEqual(upTo(3));
  });

  it('begins again when the cursor is refused', async () => {
    const server = new Numbers(upTo(60));
    const { result } = await listOf(server);
    server.fails = new AssistantError('old cursor', { status: 400, reason: 'bad-cursor' });
    await act(async () => result.current.loadMore());
    expect(result.current.items).toEqual(upTo(50));
    expect(result.current.error).toBeUndefined();
  });

  it('shows nothing of another list when the new one cannot be read', async () => {
    const server = new Numbers(upTo(3));
    const hook = await listOf(server);
    const other = new Numbers([]);
    other.fails = new AssistantError('forbidden', { status: 403 });
    await act(async () => hook.rerender({ read: other.read }));
    await waitFor(() => expect(hook.result.current.error?.message).toBe('forbidden'));
    expect(hook.result.current.items).toBeUndefined();
  });

  it('does not lose the wish for more when it is read again in between', async () => {
    const server = new Numbers(upTo(60));
    const { result } = await listOf(server);
    await act(async () => {
      result.current.loadMore();
      result.current.reload();
    });
    expect(result.current.items).toEqual(upTo(50));
    server.all = [99, ...upTo(60)];
    await act(async () => {
      result.current.reload();
      result.current.loadMore();
    });
    // What was interrupted is made up for.
    expect(result.current.items).toEqual([99, ...upTo(60)]);
  });

  it('says what it waits for', async () => {
    const answers: ((page: Page<number>) => void)[] = [];
    const slow = () => new Promise<Page<number>>(resolve => answers.push(resolve));
    const { result, rerender } = pagesOf(slow);
    expect(result.current.pending).toBe('first');
    await act(async () => answers[0]({ items: [1], next: '1' }));
    expect(result.current.pending).toBeUndefined();
    act(() => result.current.reload());
    expect(result.current.pending).toBe('again');
    act(() => result.current.loadMore());
    expect(result.current.pending).toBe('more');
    rerender({ read: () => slow() });
    expect(result.current.pending).toBe('first');
    expect(result.current.items).toEqual([1]);
  });

  it('forgets an answer that is no longer asked for', async () => {
    const answers: ((page: Page<number>) => void)[] = [];
    const slow = () => new Promise<Page<number>>(resolve => answers.push(resolve));
    const hook = pagesOf(slow);
    const other = new Numbers([5]);
    hook.rerender({ read: other.read });
    await waitFor(() => expect(hook.result.current.items).toEqual([5]));
    await act(async () => answers[0]({ items: [1], next: null }));
    expect(hook.result.current.items).toEqual([5]);
  });

  describe('with news', () => {
    beforeEach(() => {
      jest.useFakeTimers();
      show(true);
    });
    afterEach(() => {
      jest.useRealTimers();
    });

    it('reads to its end what news would interrupt, and then again', async () => {
      const api = new FakeAssistant();
      const answers: ((page: Page<number>) => void)[] = [];
      const slow = () => new Promise<Page<number>>(resolve => answers.push(resolve));
      const { result } = pagesOf(slow, api);
      await pass(2_000);
      api.streams[0].send({ type: 'reload' });
      await pass(2_000);
      expect(answers).toHaveLength(1);
      answers[0]({ items: [1], next: null });
      await pass(2_000);
      expect(result.current.items).toEqual([1]);
      expect(answers).toHaveLength(2);
      answers[1]({ items: [2], next: null });
      await pass(2_000);
      expect(result.current.items).toEqual([2]);
      expect(result.current.pending).toBeUndefined();
    });

    it('asks nothing after a failure while nobody looks', async () => {
      const server = new Numbers(upTo(3));
      const fails = jest.fn(async () => {
        throw errors.unreachable();
      });
      const { rerender } = pagesOf(server.read);
      rerender({ read: fails });
      await pass(5_000);
      expect(fails).toHaveBeenCalledTimes(1);
      show(false);
      await pass(600_000);
      expect(fails).toHaveBeenCalledTimes(1);
      show(true);
      await pass(31_000);
      expect(fails.mock.calls.length).toBeGreaterThan(1);
    });

    it('waits as long as the server says, even when news come', async () => {
      const api = new FakeAssistant();
      const fails = jest.fn(async () => {
        throw Object.assign(errors.tooOften(), { retryAfter: 90 });
      });
      pagesOf(fails, api);
      for (let seconds = 0; seconds < 85; seconds += 5) {
        api.streams[0].send({ type: 'reload' });
        await pass(5_000);
      }
      expect(fails).toHaveBeenCalledTimes(1);
      await pass(6_000);
      expect(fails).toHaveBeenCalledTimes(2);
    });
  });

  it('asks a server that never ends only so often', async () => {
    let asked = 0;
    // Its first page has all that there is, and then it says forever that there is more.
    const read = async () => ({ items: asked++ === 0 ? upTo(60) : [], next: 'more' });
    const { result } = pagesOf(read);
    await waitFor(() => expect(result.current.items).toHaveLength(60));
    await act(async () => result.current.reload());
    expect(asked).toBe(51);
    expect(result.current.pending).toBeUndefined();
  });
});
