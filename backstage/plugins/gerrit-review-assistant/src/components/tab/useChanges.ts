// SPDX-License-Identifier: Apache-2.0
import { useCallback } from 'react';
import { useApi } from '@backstage/frontend-plugin-api';
import { gerritReviewAssistantApiRef } from '../../api';
import { idOfChange } from '../list/rows';
import { usePages, type PageQuery } from '../list/usePages';
import { wordsOf, type View } from '../list/view';

/** The changes of an entity as they move; words and branch are asked of the server. */
export function useChanges(
  entityRef: string,
  status: 'open' | 'merged',
  { search, branch }: Pick<View, 'search' | 'branch'>,
) {
  const api = useApi(gerritReviewAssistantApiRef);
  const words = wordsOf(search);
  const read = useCallback(
    async (query: PageQuery) => {
      const asked = { search: words || undefined, branch: branch || undefined };
      const page = await api.changes(entityRef, { status, ...asked, ...query });
      return { items: page.changes, next: page.next, mode: page.mode };
    },
    [api, entityRef, status, words, branch],
  );
  return usePages(read, idOfChange, entityRef);
}
