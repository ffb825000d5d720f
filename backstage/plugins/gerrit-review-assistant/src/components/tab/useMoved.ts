// SPDX-License-Identifier: Apache-2.0
import { useEffect, useRef } from 'react';
import { useApi } from '@backstage/frontend-plugin-api';
import { gerritReviewAssistantApiRef } from '../../api';
import { feedOf } from '../../api/feed';

// One push moves a change several times within a moment.
const calm = 300; // milliseconds

/** Calls refresh after something moved: on the entity, or anywhere without one. */
export function useMoved(entityRef: string | undefined, refresh: () => void) {
  const api = useApi(gerritReviewAssistantApiRef);
  const latest = useRef(refresh);
  latest.current = refresh;

  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const end = feedOf(api, entityRef).subscribe({
      moved() {
        timer ??= setTimeout(() => {
          timer = undefined;
          latest.current();
        }, calm);
      },
      state() {},
    });
    return () => {
      clearTimeout(timer);
      end();
    };
  }, [api, entityRef]);
}
