// SPDX-License-Identifier: Apache-2.0
import { useCallback, useRef } from 'react';
import type { Mode } from '@review-assistant/backstage-plugin-gerrit-review-assistant-common';
import { useLive, type Live } from '../../api/live';

const pageSize = 25; // rows
// The API gives at most this many rows at once.
const largestPage = 100;
// A server that always says that there is more must not be asked forever.
const mostRequests = 50;

/** One page, as the API has it. */
export interface Page<T> {
  items: T[];
  /** The cursor of the next page; null on the last. */
  next: string | null;
  /** How the project of the list uses the assistant. */
  mode?: Mode;
  /** There are older rows that no page has. */
  older?: boolean;
}

/** Which page is wanted. */
export interface PageQuery {
  limit: number;
  cursor?: string;
  signal: AbortSignal;
}

/** A list that grows page by page, and follows what happens on the server. */
export type Pages<T> = Live<Page<T>> & {
  /** Missing until the first page is there, and once it may not be shown any longer. */
  items?: T[];
  /** There are rows that are not loaded. */
  more: boolean;
  /** first: other rows are asked for. more: the next page. again: what is shown is read again. */
  pending?: 'first' | 'more' | 'again';
  /** The next page. */
  loadMore(): void;
};

/**
 * Reads a list page by page, and again as much as is shown when something moves on the entity, or anywhere without one.
 * A new read means other rows: the old ones stay until those are there, and go if they do not come. Give a stable idOf.
 */
export function usePages<T>(
  read: (query: PageQuery) => Promise<Page<T>>,
  idOf: (item: T) => string,
  entityRef: string | undefined,
): Pages<T> {
  // grow: the next page is wished for. busy: a load is on its way, or was interrupted.
  const wish = useRef({ grow: false, busy: false });

  const load = useCallback(
    async (signal: AbortSignal, before?: Page<T>): Promise<Page<T>> => {
      const { grow, busy } = wish.current;
      const shown = before?.items.length ?? 0;
      const wanted = grow ? shown + pageSize : shown;

      const from = async (old: T[], cursor: string | null): Promise<Page<T>> => {
        let items = old;
        let next = cursor;
        let mode: Mode | undefined;
        let older: boolean | undefined;
        for (let requests = 0; requests < mostRequests; requests++) {
          const missing = Math.max(pageSize, wanted - items.length);
          const limit = Math.min(largestPage, Math.ceil(missing / pageSize) * pageSize);
          const page = await read({ limit, cursor: next ?? undefined, signal });
          const known = new Set(items.map(idOf));
          items = [...items, ...page.items.filter(item => !known.has(idOf(item)))];
          ({ next, mode, older } = page);
          // One page was asked for, however short it is: Gerrit may hide some of its rows.
          if (!next || items.length >= wanted || cursor) break;
        }
        return { items, next, mode, older };
      };

      const all = () => from([], null);
      // What news wanted to be read again, and was interrupted, is read again with the next page.
      const goesOn = grow && !busy && before?.next;
      wish.current.busy = true;
      try {
        return await (goesOn
          ? from(before.items, goesOn).catch(error => {
              // Cursors end after a day, or with the key that sealed them: begin again.
              if (error?.reason === 'bad-cursor') return all();
              throw error;
            })
          : all());
      } finally {
        if (!signal.aborted) wish.current = { grow: false, busy: false };
      }
    },
    [read, idOf],
  );

  const live = useLive(load, { entityRef, keep: true });
  const { value, kept, refreshing, reload } = live;
  const loadMore = useCallback(() => {
    wish.current.grow = true;
    reload();
  }, [reload]);

  let pending: Pages<T>['pending'];
  if (refreshing) {
    const next = wish.current.grow ? 'more' : 'again';
    pending = value === undefined || kept ? 'first' : next;
  }
  const more = Boolean(value?.next);
  return { ...live, items: value?.items, more, pending, loadMore };
}
