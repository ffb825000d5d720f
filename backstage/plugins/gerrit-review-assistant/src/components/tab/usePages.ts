// SPDX-License-Identifier: Apache-2.0
import { useCallback, useEffect, useRef, useState } from 'react';
import type { AssistantError } from '../../api';
import { asAssistantError } from '../../api/error';
import { pollEvery } from '../../api/feed';

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
  /** Missing until the first page is there, and once it may not be shown any longer. */
  items?: T[];
  /** When items were read, in milliseconds since 1970. */
  loadedAt: number;
  /** There are rows that are not loaded. */
  more: boolean;
  /** first: other rows are asked for. more: the next page. again: what is shown is read again. */
  pending?: Pending;
  /** Why the last reading failed; items are then what was there before. */
  error?: AssistantError;
  /** The next page. */
  loadMore(): void;
  /** Reads again as much as is shown. */
  refresh(): void;
}

type Pending = 'first' | 'more' | 'again';

interface State<T> {
  items?: T[];
  loadedAt: number;
  next: string | null;
  pending?: Pending;
  error?: AssistantError;
}

/**
 * Reads a list page by page. A new read means other rows: the old ones stay until those are there, and go if they do not
 * come. Give a stable idOf.
 */
export function usePages<T>(
  read: (query: PageQuery) => Promise<Page<T>>,
  idOf: (item: T) => string,
): Pages<T> {
  const [state, setState] = useState<State<T>>({ loadedAt: 0, next: null, pending: 'first' });
  // What is true now, for callbacks: they are called between renderings too.
  const now = useRef(state);
  const running = useRef<AbortController>();
  // News came while something was being read.
  const moved = useRef(false);
  const retry = useRef<ReturnType<typeof setTimeout>>();

  const run = useCallback(
    async (pending: Pending) => {
      running.current?.abort();
      clearTimeout(retry.current);
      const own = new AbortController();
      running.current = own;
      const set = (change: Partial<State<T>>) => {
        now.current = { ...now.current, ...change };
        setState(now.current);
      };
      const before = now.current;
      const shown = pending === 'first' ? 0 : (before.items?.length ?? 0);
      const wanted = shown + (pending === 'more' ? pageSize : 0);
      moved.current = false;
      set({ pending });

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
          ? from(before.items ?? [], goesOn).catch(error => {
              // Cursors end after a day, or with the key that sealed them: begin again.
              if (error?.reason === 'bad-cursor') return from([]);
              throw error;
            })
          : from([]));
        if (own.signal.aborted) return;
        set({ ...page, loadedAt: Date.now(), pending: undefined, error: undefined });
      } catch (reason) {
        if (own.signal.aborted) return;
        const error = asAssistantError(reason);
        const gone = pending === 'first' || error.revokes;
        set({ error, pending: undefined, ...(gone ? { items: undefined, next: null } : {}) });
        const wait = Math.max(pollEvery, (error.retryAfter ?? 0) * 1000);
        retry.current = setTimeout(() => run(now.current.items ? 'again' : 'first'), wait);
      }
      if (moved.current) run(now.current.items ? 'again' : 'first');
    },
    [read, idOf],
  );

  useEffect(() => {
    run('first');
    return () => {
      running.current?.abort();
      clearTimeout(retry.current);
    };
  }, [run]);

  const loadMore = useCallback(() => run('more'), [run]);
  const refresh = useCallback(() => {
    moved.current = true;
    // What is being read is read to its end: events that come often must not keep the page empty.
    if (!now.current.pending) run(now.current.items ? 'again' : 'first');
  }, [run]);
  return {
    items: state.items,
    loadedAt: state.loadedAt,
    more: state.next !== null,
    pending: state.pending,
    error: state.error,
    loadMore,
    refresh,
  };
}
