// SPDX-License-Identifier: Apache-2.0
import { useApi } from '@backstage/frontend-plugin-api';
import { useCallback, useEffect, useRef, useState } from 'react';
import type { AssistantEvent } from './types';
import { gerritReviewAssistantApiRef } from './types';
import { feedOf, type FeedState } from './feed';
import { Loader, type Loaded } from './loader';

/** A value that follows what happens on the server. */
export type Live<T> = Loaded<T> & {
  /** Whether news come by themselves, or by asking every 30 seconds. */
  connection: FeedState;
  /** Loads at once. */
  reload(): void;
};

export type LiveOptions = {
  /** Whose events count; without it those of everything that the person sees. */
  entityRef?: string;
  /**
   * Shows the value of the load before while another load, such as the next page,
   * has none yet. Only for loads of the same entity.
   */
  keep?: boolean;
  /** Which events count; all without it. Has to be stable, as by useCallback. */
  concerns?: (event: AssistantEvent) => boolean;
};

const nothing = { loading: true, refreshing: false, stale: false };

/**
 * Loads a value and loads it again when something moves. `load` has to be stable, as by
 * useCallback: another one is another value. Everything on the page that follows the
 * same entity shares one stream.
 */
export function useLive<T>(
  load: (signal: AbortSignal) => Promise<T>,
  options: LiveOptions = {},
): Live<T> {
  const { entityRef, keep = false, concerns } = options;
  const api = useApi(gerritReviewAssistantApiRef);
  const [state, setState] = useState<{ of?: unknown; entityRef?: string; loaded: Loaded<T> }>({
    loaded: nothing,
  });
  const [connection, setConnection] = useState<FeedState>('connecting');
  const loader = useRef<Loader<T>>();
  const last = useRef(state);
  last.current = state;

  useEffect(() => {
    const before = last.current;
    const kept = keep && before.entityRef === entityRef && before.loaded.value !== undefined;
    const current = new Loader<T>(
      load,
      loaded => setState({ of: load, entityRef, loaded }),
      kept ? { ...before.loaded, refreshing: false } : undefined,
    );
    loader.current = current;
    const feed = feedOf(api, entityRef);
    current.now();
    const unsubscribe = feed.subscribe({
      moved: event => {
        if (!event || event.type !== 'change' || !concerns || concerns(event)) {
          current.soon();
        }
      },
      state: setConnection,
    });
    setConnection(feed.state);
    return () => {
      unsubscribe();
      current.stop();
    };
  }, [api, load, entityRef, keep, concerns]);

  const reload = useCallback(() => loader.current?.now(), []);
  // What was loaded for something else is never shown as this, not even for a moment.
  const fits = state.of === load || (keep && state.entityRef === entityRef);
  return { ...(fits ? state.loaded : nothing), connection, reload };
}
