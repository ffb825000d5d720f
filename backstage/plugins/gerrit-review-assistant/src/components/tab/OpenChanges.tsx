// SPDX-License-Identifier: Apache-2.0
import { useCallback, useMemo } from 'react';
import { useApi } from '@backstage/frontend-plugin-api';
import type { Change } from '@review-assistant/backstage-plugin-gerrit-review-assistant-common';
import { gerritReviewAssistantApiRef } from '../../api';
import { useLive } from '../../api/live';
import { Empty, NotOptedIn, useMessages } from '../shared';
import { ChangesTable } from '../list/ChangesTable';
import { Filters } from '../list/Filters';
import { ListStatus } from '../list/ListStatus';
import { ListFrame } from '../list/ListFrame';
import { narrow, sortRows } from '../list/rows';
import { useChanges } from './useChanges';
import { useMyRef } from './useMyRef';
import { isNarrowed, type View } from '../list/view';

const filters = ['branch', 'state', 'severity', 'whose', 'failing', 'ready'] as const;

// A branch more or less is no news for a list of choices.
const never = () => false;

/** What the parts of the tab take. */
export interface SectionProps {
  entityRef: string;
  view: View;
  onView: (change: Partial<View>) => void;
}

/** The open changes of an entity: words and branch are asked of the server, the rest is looked for in what is loaded. */
export function OpenChanges({ entityRef, view, onView }: SectionProps) {
  const { t } = useMessages();
  const pages = useChanges(entityRef, 'open', view);
  const { items = [] } = pages;
  const branches = useBranches(entityRef, items);
  const me = useMyRef();

  const rows = useMemo(
    () => sortRows(narrow(items, view, me), view.sort, view.down),
    [items, view, me],
  );
  return (
    <>
      <Filters
        view={view}
        onView={onView}
        names={filters}
        branches={branches}
        hint={t('tab.filter.searchHint')}
      />
      <ListFrame pages={pages}>
        {items.length > 0 && items.every(row => row.state === 'off') && <NotOptedIn />}
        <ListStatus
          pages={pages}
          shown={rows.length}
          sort={view.sort}
          asSent={view.sort === 'updated' && view.down}
        />
        {rows.length > 0 ? (
          <ChangesTable
            rows={rows}
            label={t('tab.table.open')}
            sort={view.sort}
            down={view.down}
            onSort={(sort, down) => onView({ sort, down })}
            entityRef={entityRef}
          />
        ) : (
          <NoRows view={view} loaded={items.length} more={pages.more} />
        )}
      </ListFrame>
    </>
  );
}

/** All branches that something is open on, as far as they can be told. */
function useBranches(entityRef: string, items: Change[]): string[] {
  const api = useApi(gerritReviewAssistantApiRef);
  const load = useCallback(
    (signal: AbortSignal) => api.branches(entityRef, { signal }),
    [api, entityRef],
  );
  // Without an answer the branches of what is loaded have to do.
  const { value } = useLive(load, { entityRef, concerns: never });
  return useMemo(
    () => [
      ...new Set([
        ...(value?.branches ?? []).map(branch => branch.branch),
        ...items.map(row => row.branch),
      ]),
    ],
    [value, items],
  );
}

function NoRows(props: { view: View; loaded: number; more: boolean }) {
  const { t } = useMessages();
  if (!isNarrowed(props.view)) {
    return <Empty title={t('tab.open.empty')}>{t('tab.open.emptyHint')}</Empty>;
  }
  return (
    <Empty title={t('tab.open.noMatch')}>
      {props.more
        ? t('tab.open.noMatchMore', { loaded: String(props.loaded) })
        : t('tab.open.noMatchHint')}
    </Empty>
  );
}
