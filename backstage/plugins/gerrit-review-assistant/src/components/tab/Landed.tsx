// SPDX-License-Identifier: Apache-2.0
import { useId, useMemo } from 'react';
import type { Change } from '@review-assistant/backstage-plugin-gerrit-review-assistant-common';
import {
  Ago,
  ChangeFacts,
  ByMode,
  ChangeTitle,
  Empty,
  PersonLink,
  StateMark,
  SummaryText,
  useMessages,
} from '../shared';
import { ChangeDetail } from '../list/ChangeDetail';
import { Filters } from '../list/Filters';
import { ListFrame } from '../list/ListFrame';
import { ListStatus } from '../list/ListStatus';
import type { SectionProps } from './OpenChanges';
import styles from '../list/list.module.css';
import { Toggle, useOpened } from '../list/Toggle';
import { isNarrowed } from '../list/view';
import { useBranches } from './useBranches';
import { useChanges } from './useChanges';

const filters = ['branch'] as const;

/** When a change landed; an older server knows only when it was touched last. */
const landedAt = (row: Change) => Date.parse(row.submitted ?? row.updated);

/** Changes that were submitted, the newest first, and what they did. */
export function Landed({ entityRef, view, onView }: SectionProps) {
  const { t } = useMessages();
  const pages = useChanges(entityRef, 'merged', view);
  const opened = useOpened();
  const { items = [] } = pages;
  const branches = useBranches(entityRef, items);
  // The server has those first that were touched last, as by a comment on what landed long ago.
  const rows = useMemo(() => [...items].sort((a, b) => landedAt(b) - landedAt(a)), [items]);

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
            !pages.more && <NothingLanded narrowed={isNarrowed(view, filters)} />
          }
        >
          <ListStatus pages={pages} shown={rows.length} />
          {rows.length > 0 && (
            <ul className={styles.cards} aria-label={t('tab.landed.label')}>
              {rows.map(row => (
                <LandedRow
                  key={row.id}
                  row={row}
                  entityRef={entityRef}
                  open={opened.has(row.id)}
                  onToggle={() => opened.toggle(row.id)}
                />
              ))}
            </ul>
          )}
        </ByMode>
      </ListFrame>
    </>
  );
}

function NothingLanded({ narrowed }: { narrowed: boolean }) {
  const { t } = useMessages();
  return narrowed ? (
    <Empty title={t('tab.open.noMatch')}>{t('tab.open.noMatchHint')}</Empty>
  ) : (
    <Empty title={t('tab.landed.empty')}>{t('tab.landed.emptyHint')}</Empty>
  );
}

function LandedRow(props: { row: Change; entityRef: string; open: boolean; onToggle: () => void }) {
  const { row, open } = props;
  const { t } = useMessages();
  const id = useId();
  return (
    <li className={styles.card}>
      <div className={styles.titled}>
        <Toggle change={row} open={open} controls={id} onToggle={props.onToggle} />
        <div className={styles.grow}>
          <ChangeTitle change={row} />
          <ChangeFacts change={row} compact />
          <span className={styles.facts}>
            <PersonLink person={row.owner} />
            <span>
              {row.submitted ? t('tab.landed.landed') : t('shared.change.updated')}{' '}
              <Ago time={row.submitted ?? row.updated} />
            </span>
          </span>
          {row.summary ? (
            <SummaryText summary={row.summary} patchSet={row.patch_set} />
          ) : (
            <StateMark change={row} />
          )}
        </div>
      </div>
      <div id={id} hidden={!open}>
        {open && <ChangeDetail id={row.id} entityRef={props.entityRef} />}
      </div>
    </li>
  );
}
