// SPDX-License-Identifier: Apache-2.0
import { useCallback, useEffect, useMemo, useRef } from 'react';
import { useLocation, useNavigate } from 'react-router-dom';
import { parseView, writeView, type View } from './view';

/**
 * The view, kept in the query of the address so that it survives a reload and can be sent to somebody. The entry of the
 * history is replaced, with what others keep in it: "back" still leaves the page.
 */
export function useView(): [View, (change: Partial<View>) => void] {
  const location = useLocation();
  const navigate = useNavigate();
  const { search } = location;
  const view = useMemo(() => parseView(search), [search]);

  // What is true now: two changes may come between two renderings.
  const now = useRef(location);
  const go = useRef(navigate);
  useEffect(() => {
    now.current = location;
    go.current = navigate;
  }, [location, navigate]);
  const change = useCallback((part: Partial<View>) => {
    const { pathname, hash, state } = now.current;
    const query = writeView(now.current.search, { ...parseView(now.current.search), ...part });
    now.current = { ...now.current, search: query };
    go.current({ pathname, search: query, hash }, { replace: true, state });
  }, []);

  return [view, change];
}
