// SPDX-License-Identifier: Apache-2.0
import { useEffect, useRef } from 'react';
import { useApi } from '@backstage/frontend-plugin-api';
import { gerritReviewAssistantApiRef, type AssistantEvent } from '../../api';
import { feedOf } from '../../api/feed';

// One push moves a change several times within a moment.
const calm = 300; // milliseconds

/**
 * Calls refresh after something moved: on the entity, or anywhere without one. matters may leave out events; what is
 * called without an event may be about everything.
 */
export function useMoved(
  entityRef: string | undefined,
  refresh: () => void,
  matters: (event?: AssistantEvent) => boolean = () => true,
) {
  const api = useApi(gerritReviewAssistantApiRef);
  const latest = useRef({ refresh, matters });
  latest.current = { refresh, matters };

  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const end = feedOf(api, entityRef).subscribe({
      moved(event) {
        if (!timer && latest.current.matters(event)) {
          timer = setTimeout(() => {
            timer = undefined;
            latest.current.refresh();
          }, calm);
        }
      },
      state() {},
    });
    return () => {
      clearTimeout(timer);
      end();
    };
  }, [api, entityRef]);
}
