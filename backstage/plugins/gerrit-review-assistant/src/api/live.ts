// SPDX-License-Identifier: Apache-2.0
import { useApi } from '@backstage/frontend-plugin-api';
import { useCallback, useEffect, useRef, useState } from 'react';
import type { AssistantEvent } from './types';
import { gerritReviewAssistantApiRef } from './types';
import { feedOf, type FeedState } from './feed';
import { Loader, type Load, type Loaded } from './loader';

/** A value that follows what happens on the server. */
export type Live<T> = Loaded<T> & {
  /** Loads at once. */
  reload(): void;
};

export type LiveOptions = {
  /** Whose events count; without it those of everything that the person sees. */
  entityRef?: string;
  /**
   * Shows the value of the load before while another load, such as other words to
   * look for, has none yet. Only for loads of the same entity.
   */
  keep?: boolean;
  /** Which events count; all without it. Has to be stable, as by useCallback. */
  concerns?: (event: AssistantEvent) => boolean;
};

const nothing = { refreshing: false, stale: false };

/**
 * Loads a value and loads it again when something moves. `load` has to be stable, as by
 * useCallback: another one is another value. Everything on the page that follows the
 * same entity shares one stream.
 */
export function useLive<T>(load: Load<T>, options: LiveOptions = {}): Live<T> {
  const { entityRef, keep = false, concerns } = options;
  const api = useApi(gerritReviewAssistantApiRef);
  const [state, setState] = useState<{ of?: unknown; entityRef?: string; loaded: Loaded<T> }>({
    loaded: nothing,
  });
  const loader = useRef<Loader<T>>();
  const last = useRef(state);
  last.current = state;

  useEffect(() => {
    const before = last.current;
    const current = new Loader<T>(
      load,
      loaded => setState({ of: load, entityRef, loaded }),
      keep && before.entityRef === entityRef ? keptOf(before.loaded) : undefined,
    );
    loader.current = current;
    current.now();
    const unsubscribe = feedOf(api, entityRef).subscribe({
      moved: event => {
        if (!event || event.type !== 'change' || !concerns || concerns(event)) {
          current.soon();
        }
      },
      state() {},
    });
    return () => {
      unsubscribe();
      current.stop();
    };
  }, [api, load, entityRef, keep, concerns]);

  const reload = useCallback(() => loader.current?.now(), []);
  if (state.of === load) {
    return { ...state.loaded, reload };
  }
  // What was loaded for something else is never shown as this, not even for a moment.
  const kept = keep && state.entityRef === entityRef ? keptOf(state.loaded) : nothing;
  return { ...kept, refreshing: true, reload };
}

/** What stays of a value until there is one of another load. */
function keptOf<T>({ value, loadedAt }: Loaded<T>): Loaded<T> {
  return value === undefined ? nothing : { ...nothing, value, loadedAt, kept: true };
}

/** Whether news of an entity, or without one of everything, come by themselves. */
export function useFeedState(entityRef: string | undefined): FeedState {
  const api = useApi(gerritReviewAssistantApiRef);
  const [state, setState] = useState<FeedState>('connecting');
  useEffect(() => {
    const feed = feedOf(api, entityRef);
    const unsubscribe = feed.subscribe({ moved() {}, state: setState });
    setState(feed.state);
    return unsubscribe;
  }, [api, entityRef]);
  return state;
}
