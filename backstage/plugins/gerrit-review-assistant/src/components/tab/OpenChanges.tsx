// SPDX-License-Identifier: Apache-2.0
import { useMemo } from 'react';
import { ByMode, Empty, useMessages } from '../shared';
import { ChangesTable } from '../list/ChangesTable';
import { Filters } from '../list/Filters';
import { ListStatus } from '../list/ListStatus';
import { ListFrame } from '../list/ListFrame';
import { narrow, sortRows } from '../list/rows';
import { useBranches } from './useBranches';
import { useChanges } from './useChanges';
import { useMyRef } from './useMyRef';
import { isNarrowed, type View } from '../list/view';

const filters = ['branch', 'state', 'severity', 'whose', 'failing', 'ready'] as const;

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
        <ByMode
          mode={pages.value?.mode}
          of="gerrit"
          empty={
            rows.length === 0 &&
            (isNarrowed(view, filters) || !pages.more) && (
              <NoRows view={view} loaded={items.length} more={pages.more} />
            )
          }
        >
          <ListStatus
            pages={pages}
            shown={rows.length}
            sort={view.sort}
            asSent={view.sort === 'updated' && view.down}
          />
          {rows.length > 0 && (
            <ChangesTable
              rows={rows}
              label={t('tab.table.open')}
              sort={view.sort}
              down={view.down}
              onSort={(sort, down) => onView({ sort, down })}
              entityRef={entityRef}
            />
          )}
        </ByMode>
      </ListFrame>
    </>
  );
}

function NoRows(props: { view: View; loaded: number; more: boolean }) {
  const { t } = useMessages();
  if (!isNarrowed(props.view, filters)) {
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
