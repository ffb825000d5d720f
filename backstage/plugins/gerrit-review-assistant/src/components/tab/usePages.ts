// SPDX-License-Identifier: Apache-2.0
import { useCallback, useEffect, useRef, useState } from 'react';

/** How many rows one page has. */
export const pageSize = 25;
// The API gives at most this many rows at once.
const largestPage = 100;
// A server that always says that there is more must not be asked forever.
const mostRequests = 50;

/** One page, as the API has it. */
export interface Page<T> {
  items: T[];
  /** The cursor of the next page; null on the last. */
  next: string | null;
}

/** Which page is wanted. */
export interface PageQuery {
  limit: number;
  cursor?: string;
  signal: AbortSignal;
}

/** A list that grows page by page. */
export interface Pages<T> {
  /** Missing until the first page is there. */
  items?: T[];
  /** There are rows that are not loaded. */
  more: boolean;
  /** first: other rows are asked for. more: the next page. again: what is shown is read again. */
  pending?: 'first' | 'more' | 'again';
  /** Why the last reading failed; items are then what was there before. */
  error?: Error;
  /** The next page. */
  loadMore(): void;
  /** Reads again as much as is shown. */
  refresh(): void;
}

interface State<T> {
  items?: T[];
  next: string | null;
  pending?: 'first' | 'more' | 'again';
  error?: Error;
}

/**
 * Reads a list page by page. A new read means other rows: the old ones stay until those are there, and go if they do not
 * come. Give a stable idOf.
 */
export function usePages<T>(
  read: (query: PageQuery) => Promise<Page<T>>,
  idOf: (item: T) => string,
): Pages<T> {
  const [state, setState] = useState<State<T>>({ next: null, pending: 'first' });
  // What is true now, for callbacks: they are called between renderings too.
  const now = useRef(state);
  const running = useRef<AbortController>();

  const set = useCallback((change: Partial<State<T>>) => {
    now.current = { ...now.current, ...change };
    setState(now.current);
  }, []);

  const run = useCallback(
    async (pending: 'first' | 'more' | 'again') => {
      running.current?.abort();
      const own = new AbortController();
      running.current = own;
      const before = now.current;
      // A reading that this one ends was to bring more rows: they are still wanted.
      const wantsMore = pending === 'more' || (pending === 'again' && before.pending === 'more');
      const first = pending === 'first' || (pending === 'again' && before.pending === 'first');
      const wanted = first ? 1 : Math.max(1, before.items?.length ?? 0) + (wantsMore ? pageSize : 0);
      set({ pending: first ? 'first' : wantsMore ? 'more' : 'again' });

      const from = async (old: T[], cursor?: string): Promise<Page<T>> => {
        let items = old;
        let next: string | null | undefined = cursor;
        for (let requests = 0; requests < mostRequests; requests++) {
          const missing = Math.max(pageSize, wanted - items.length);
          const limit = Math.min(largestPage, Math.ceil(missing / pageSize) * pageSize);
          const page = await read({ limit, cursor: next ?? undefined, signal: own.signal });
          const known = new Set(items.map(idOf));
          items = [...items, ...page.items.filter(item => !known.has(idOf(item)))];
          next = page.next;
          // One page was asked for, however short it is: Gerrit may hide some of its rows.
          if (!next || items.length >= wanted || cursor) break;
        }
        return { items, next: next ?? null };
      };

      try {
        const goesOn = pending === 'more' && !before.pending && before.next;
        const page = await (goesOn
          ? from(before.items ?? [], before.next!).catch(error => {
              // Cursors end after a day, or with the key that sealed them: begin again.
              if (error?.reason === 'bad-cursor') return from([]);
              throw error;
            })
          : from([]));
        if (!own.signal.aborted) set({ ...page, pending: undefined, error: undefined });
      } catch (error) {
        if (own.signal.aborted) return;
        set({
          error: error instanceof Error ? error : new Error(String(error)),
          pending: undefined,
          ...(first ? { items: undefined, next: null } : {}),
        });
      }
    },
    [read, idOf, set],
  );

  useEffect(() => {
    run('first');
    return () => running.current?.abort();
  }, [run]);

  const loadMore = useCallback(() => run('more'), [run]);
  const refresh = useCallback(() => run('again'), [run]);
  return {
    items: state.items,
    more: state.next !== null,
    pending: state.pending,
    error: state.error,
    loadMore,
    refresh,
  };
}

/** One thing, as the list above. */
export interface Read<T> {
  value?: T;
  /** It is being read; value is what was there before. */
  pending: boolean;
  /** Why the last reading failed; value is then what was there before. */
  error?: Error;
  refresh(): void;
}

/** Reads one thing. A new read means another thing. */
export function useRead<T>(read: (signal: AbortSignal) => Promise<T>): Read<T> {
  const page = useCallback(
    async ({ signal }: PageQuery) => ({ items: [await read(signal)], next: null }),
    [read],
  );
  const { items, pending, error, refresh } = usePages(page, onlyOne);
  return { value: items?.[0], pending: pending !== undefined, error, refresh };
}

const onlyOne = () => '';
