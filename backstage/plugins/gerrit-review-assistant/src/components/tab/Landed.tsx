// SPDX-License-Identifier: Apache-2.0
import { useId } from 'react';
import type { Change } from '@review-assistant/backstage-plugin-gerrit-review-assistant-common';
import {
  Ago,
  ChangeFacts,
  ChangeTitle,
  Empty,
  PersonLink,
  plain,
  StateMark,
  SummaryText,
  useMessages,
} from '../shared';
import { ChangeDetail } from '../list/ChangeDetail';
import { Filters } from '../list/Filters';
import { ListFrame } from '../list/ListFrame';
import { ListStatus } from '../list/ListStatus';
import type { SectionProps } from './OpenChanges';
import table from '../list/table.module.css';
import styles from '../list/list.module.css';
import { Toggle, useOpened } from '../list/Toggle';
import { useChanges } from './useChanges';

/** Changes that were submitted, the newest first, and what they did. */
export function Landed({ entityRef, view, onView }: SectionProps) {
  const { t } = useMessages();
  const { search, branch } = view;
  const pages = useChanges(entityRef, 'merged', view);
  const opened = useOpened();
  const { items = [] } = pages;

  return (
    <>
      <Filters
        view={{ ...view, state: '', severity: '', whose: '', failing: false, ready: false }}
        onView={onView}
        names={['branch']}
        branches={items.map(row => row.branch)}
        hint={t('tab.filter.searchHint')}
      />
      <ListFrame pages={pages}>
        <ListStatus pages={pages} shown={items.length} />
        {items.length === 0 && (search || branch) && (
          <Empty title={t('tab.open.noMatch')}>{t('tab.open.noMatchHint')}</Empty>
        )}
        {items.length === 0 && !search && !branch && (
          <Empty title={t('tab.landed.empty')}>{t('tab.landed.emptyHint')}</Empty>
        )}
        {items.length > 0 && (
          <ul className={styles.cards} aria-label={t('tab.landed.label')}>
            {items.map(row => (
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
      </ListFrame>
    </>
  );
}

function LandedRow(props: { row: Change; entityRef: string; open: boolean; onToggle: () => void }) {
  const { row, open } = props;
  const { t } = useMessages();
  const id = useId();
  return (
    <li className={styles.card}>
      <div className={table.titleCell}>
        <Toggle
          open={open}
          controls={id}
          onToggle={props.onToggle}
          label={t('tab.table.details', {
            number: String(row.number),
            subject: plain(row.subject, 200),
          })}
        />
        <div className={table.grow}>
          <ChangeTitle change={row} />
          <ChangeFacts change={row} compact />
          <span className={styles.facts}>
            <PersonLink person={row.owner} /> <Ago time={row.updated} />
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
