// SPDX-License-Identifier: Apache-2.0
import { useCallback, useEffect, useState } from 'react';
import { parseView, writeView, type View } from './view';

/**
 * The view, kept in the query of the address so that it survives a reload and can be sent to somebody. The entry of the
 * history is replaced with the router's state as it is: the plugin needs no router, and "back" still leaves the page.
 */
export function useView(): [View, (change: Partial<View>) => void] {
  const [view, setView] = useState(() => parseView(window.location.search));

  useEffect(() => {
    const onMove = () => setView(parseView(window.location.search));
    window.addEventListener('popstate', onMove);
    return () => window.removeEventListener('popstate', onMove);
  }, []);

  const change = useCallback((part: Partial<View>) => {
    setView(before => ({ ...before, ...part }));
  }, []);

  useEffect(() => {
    const { pathname, search, hash } = window.location;
    const query = writeView(search, view);
    if (query !== search) {
      window.history.replaceState(window.history.state, '', pathname + query + hash);
    }
  }, [view]);

  return [view, change];
}

/** The value once it has been the same for as long as said, in milliseconds. */
export function useSettled<T>(value: T, ms: number): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), ms);
    return () => clearTimeout(timer);
  }, [value, ms]);
  return settled;
}
