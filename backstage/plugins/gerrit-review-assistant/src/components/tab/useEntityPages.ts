// SPDX-License-Identifier: Apache-2.0
import { useCallback, useState } from 'react';
import type { Mode } from '@review-assistant/backstage-plugin-gerrit-review-assistant-common';
import { useMoved } from './useMoved';
import { usePages, type Page, type PageQuery } from './usePages';

/** A page of an entity, with how its project uses the assistant. */
type EntityPage<T> = Page<T> & { mode?: Mode };

/** A list of an entity as it moves, with the mode that its newest page told. Give stable functions. */
export function useEntityPages<T>(
  entityRef: string,
  read: (query: PageQuery) => Promise<EntityPage<T>>,
  idOf: (item: T) => string,
) {
  const [mode, setMode] = useState<Mode>();
  const readMode = useCallback(
    async (query: PageQuery) => {
      const page = await read(query);
      setMode(page.mode);
      return page;
    },
    [read],
  );
  const pages = usePages(readMode, idOf);
  useMoved(entityRef, pages.refresh);
  return { ...pages, mode };
}
