// SPDX-License-Identifier: Apache-2.0
import { useId } from 'react';
import type { Change } from '@review-assistant/backstage-plugin-gerrit-review-assistant-common';
import {
  Ago,
  BuildVerdict,
  ChangeFacts,
  ChangeTitle,
  ModeProvider,
  PersonLink,
  Picks,
  Risk,
  StatusMark,
  useMessages,
} from '../shared';
import { SaysCell, SubmitCell } from './cells';
import { ChangeDetail } from './ChangeDetail';
import table from './table.module.css';
import styles from './list.module.css';
import { Toggle, useOpened } from './Toggle';
import { type SortKey, sortKeys } from './view';

const columns = [...sortKeys, 'picks'] as const;

interface Props {
  rows: Change[];
  /** What the table is called. */
  label: string;
  sort: SortKey;
  down: boolean;
  onSort: (sort: SortKey, down: boolean) => void;
  /** Of the page; without one, changes of all projects are shown. */
  entityRef?: string;
  /** Rows of several projects: each names its own. */
  projects?: boolean;
}

/**
 * Changes, one a row, each with its details below once they are asked for. It is a table of the browser with links and
 * buttons in it: a grid would take over the arrow keys, and what can be opened would be hard to reach.
 */
export function ChangesTable(props: Props) {
  const { t } = useMessages();
  const opened = useOpened();
  return (
    <div className={table.tableBox}>
      <table className={`${table.table} ${table.changes}`} aria-label={props.label}>
        <thead>
          <tr>
            {sortKeys.map(key => (
              <th key={key} scope="col" data-column={key} aria-sort={sortedAs(key, props)}>
                <SortButton {...props} by={key} />
              </th>
            ))}
            <th scope="col" data-column="picks">
              {t('tab.column.picks')}
            </th>
          </tr>
        </thead>
        <tbody>
          {props.rows.map(row => (
            <Rows
              key={row.id}
              row={row}
              projects={props.projects}
              entityRef={props.entityRef}
              open={opened.has(row.id)}
              onToggle={() => opened.toggle(row.id)}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function sortedAs(sort: SortKey, props: Props) {
  if (sort !== props.sort) return 'none';
  return props.down ? 'descending' : 'ascending';
}

function SortButton(props: Props & { by: SortKey }) {
  const { t } = useMessages();
  const { by, sort, down, onSort } = props;
  const mine = by === sort;
  const arrow = down ? '▼' : '▲';
  return (
    <button
      type="button"
      className={table.sort}
      onClick={() => onSort(by, mine ? !down : by !== 'owner')}
    >
      {t(`tab.column.${by}`)}
      <span aria-hidden="true" className={table.arrow}>
        {mine ? arrow : ''}
      </span>
    </button>
  );
}

function Rows(props: {
  row: Change;
  open: boolean;
  onToggle: () => void;
  entityRef?: string;
  projects?: boolean;
}) {
  const { row, open } = props;
  const { t } = useMessages();
  const id = useId();
  const rows = (
    <>
      <tr className={table.row} data-open={open || undefined}>
        <td data-column="change">
          <div className={styles.titled}>
            <Toggle change={row} open={open} controls={id} onToggle={props.onToggle} />
            <div>
              <ChangeTitle change={row} />
              <ChangeFacts change={row} compact project={props.projects} />
              <StatusMark change={row} />
            </div>
          </div>
        </td>
        <Cell column="owner">
          <PersonLink person={row.owner} />
        </Cell>
        <Cell column="updated">
          <Ago time={row.updated} />
          <span className={styles.faint}>
            {t('shared.change.created')} <Ago time={row.created} />
          </span>
        </Cell>
        <Cell column="patch_set">{row.patch_set}</Cell>
        <Cell column="state">
          <SaysCell row={row} />
        </Cell>
        <Cell column="risk">
          <Risk summary={row.summary} compact />
        </Cell>
        <Cell column="builds">
          <BuildVerdict builds={row.builds} compact />
        </Cell>
        <Cell column="submit">
          <SubmitCell row={row} />
        </Cell>
        <Cell column="picks">
          <Picks picks={row.picks} compact />
        </Cell>
      </tr>
      <tr className={table.below} hidden={!open}>
        <td colSpan={columns.length} id={id}>
          {open && <ChangeDetail id={row.id} entityRef={props.entityRef} />}
        </td>
      </tr>
    </>
  );
  // A list of several projects has no mode of its own.
  return row.state === 'off' ? <ModeProvider value="off">{rows}</ModeProvider> : rows;
}

/** A cell that says, where there is no header above it, what it is. */
function Cell(props: { column: (typeof columns)[number]; children: React.ReactNode }) {
  const { t } = useMessages();
  return (
    <td data-column={props.column}>
      <span className={table.cellLabel} aria-hidden="true">
        {t(`tab.column.${props.column}`)}
      </span>
      <div className={table.cell}>{props.children}</div>
    </td>
  );
}
