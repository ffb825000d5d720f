// SPDX-License-Identifier: Apache-2.0
import { act, renderHook, waitFor } from '@testing-library/react';
import { AssistantError } from '../../api';
import { usePages, type Page, type PageQuery } from './usePages';

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

async function listOf(server: Numbers) {
  const hook = renderHook(({ read }) => usePages(read, String), {
    initialProps: { read: server.read },
  });
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
    await act(async () => result.current.refresh());
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
    await act(async () => result.current.refresh());
    expect(result.current.items).toEqual(upTo(3));
    expect(result.current.error?.message).toBe('no answer');
    await act(async () => result.current.refresh());
    expect(result.current.error).toBeUndefined();
  });

  it.each([401, 403, 404])('shows nothing any longer after a %d', async status => {
    const server = new Numbers(upTo(3));
    const { result } = await listOf(server);
    server.fails = new AssistantError('', { status });
    await act(async () => result.current.refresh());
    expect(result.current.items).toBeUndefined();
    await act(async () => result.current.refresh());
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

  it('does not lose the wish for more when events come in between', async () => {
    const server = new Numbers(upTo(60));
    const { result } = await listOf(server);
    await act(async () => {
      result.current.loadMore();
      result.current.refresh();
    });
    expect(result.current.items).toEqual(upTo(50));
    await act(async () => {
      result.current.refresh();
      result.current.loadMore();
    });
    expect(result.current.items).toEqual(upTo(60));
  });

  it('reads to its end what news would interrupt, and then again', async () => {
    const answers: ((page: Page<number>) => void)[] = [];
    const slow = () => new Promise<Page<number>>(resolve => answers.push(resolve));
    const { result } = renderHook(() => usePages(slow, String));
    await act(async () => {
      result.current.refresh();
      result.current.refresh();
    });
    expect(answers).toHaveLength(1);
    await act(async () => answers[0]({ items: [1], next: null }));
    expect(result.current.items).toEqual([1]);
    expect(answers).toHaveLength(2);
    await act(async () => answers[1]({ items: [2], next: null }));
    expect(result.current.items).toEqual([2]);
    expect(result.current.pending).toBeUndefined();
  });

  it('forgets an answer that is no longer asked for', async () => {
    const answers: ((page: Page<number>) => void)[] = [];
    const slow = () => new Promise<Page<number>>(resolve => answers.push(resolve));
    const hook = renderHook(({ read }) => usePages(read, String), { initialProps: { read: slow } });
    const other = new Numbers([5]);
    hook.rerender({ read: other.read as () => Promise<Page<number>> });
    await waitFor(() => expect(hook.result.current.items).toEqual([5]));
    await act(async () => answers[0]({ items: [1], next: null }));
    expect(hook.result.current.items).toEqual([5]);
  });

  it('asks a server that never ends only so often', async () => {
    let asked = 0;
    // Its first page has all that there is, and then it says forever that there is more.
    const read = async () => ({ items: asked++ === 0 ? upTo(60) : [], next: 'more' });
    const { result } = renderHook(() => usePages(read, String));
    await waitFor(() => expect(result.current.items).toHaveLength(60));
    await act(async () => result.current.refresh());
    expect(asked).toBe(51);
    expect(result.current.pending).toBeUndefined();
  });
});
