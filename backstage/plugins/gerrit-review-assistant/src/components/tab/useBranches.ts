// SPDX-License-Identifier: Apache-2.0
import { useCallback } from 'react';
import { useApi } from '@backstage/frontend-plugin-api';
import type { Change } from '@review-assistant/backstage-plugin-gerrit-review-assistant-common';
import { gerritReviewAssistantApiRef } from '../../api';
import { useLive } from '../../api/live';

// A branch more or less is no news for a list of choices.
const never = () => false;

/** The branches of an entity as far as they are known: those that something is open on, and that of each loaded change. */
export function useBranches(entityRef: string, items: Change[]): string[] {
  const api = useApi(gerritReviewAssistantApiRef);
  const load = useCallback(
    (signal: AbortSignal) => api.branches(entityRef, { signal }),
    [api, entityRef],
  );
  // Without an answer the branches of what is loaded have to do.
  const { value } = useLive(load, { entityRef, concerns: never });
  return [...(value?.branches ?? []), ...items].map(({ branch }) => branch);
}
