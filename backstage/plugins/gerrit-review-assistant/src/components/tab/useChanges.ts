// SPDX-License-Identifier: Apache-2.0
import { useCallback } from 'react';
import { useApi } from '@backstage/frontend-plugin-api';
import type { Change } from '@review-assistant/backstage-plugin-gerrit-review-assistant-common';
import { gerritReviewAssistantApiRef } from '../../api';
import { modeOf } from '../shared';
import { useEntityPages } from './useEntityPages';
import type { PageQuery } from './usePages';
import type { View } from './view';

/** How a change is told from another. */
export const idOfChange = ({ id }: Change) => id;

/** The changes of an entity as they move; words and branch are asked of the server. */
export function useChanges(
  entityRef: string,
  status: 'open' | 'merged',
  { search, branch }: Pick<View, 'search' | 'branch'>,
) {
  const api = useApi(gerritReviewAssistantApiRef);
  const read = useCallback(
    async (query: PageQuery) => {
      const asked = { search: search || undefined, branch: branch || undefined };
      const page = await api.changes(entityRef, { status, ...asked, ...query });
      return { items: page.changes, next: page.next, mode: modeOf(page) };
    },
    [api, entityRef, status, search, branch],
  );
  return useEntityPages(entityRef, read, idOfChange);
}
