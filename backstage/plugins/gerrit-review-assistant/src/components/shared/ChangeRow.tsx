// SPDX-License-Identifier: Apache-2.0
import type { Change } from '@review-assistant/backstage-plugin-gerrit-review-assistant-common';
import type { ReactNode } from 'react';
import { Ago } from './Ago';
import { BuildVerdict } from './BuildVerdict';
import { ChangeTitle } from './ChangeTitle';
import { Mark } from './Mark';
import { PersonLink } from './PersonLink';
import { Picks } from './Picks';
import { plain } from './PlainText';
import { Requirements } from './Requirements';
import { Severity } from './Severity';
import { StateMark } from './StateMark';
import { SummaryText } from './SummaryText';
import { Votes } from './Votes';
import row from './ChangeRow.module.css';
import styles from './shared.module.css';
import { useMessages } from './useMessages';

/** Changes one below the other, each with all that is known of it. */
export function ChangeList(props: { changes: Change[]; label: string }) {
  return (
    <ul className={row.list} aria-label={props.label}>
      {props.changes.map(change => (
        <li key={change.id} className={row.row}>
          <ChangeRow change={change} />
        </li>
      ))}
    </ul>
  );
}

/** One change: what it is, what the assistant made of it, and what it waits for. */
export function ChangeRow(props: { change: Change; extra?: ReactNode }) {
  const { change, extra } = props;
  const { t } = useMessages();
  return (
    <>
      <div>
        <ChangeTitle change={change} />
        <ChangeFacts change={change} />
      </div>
      <div className={styles.line}>
        {extra}
        {change.wip && <Mark tone="neutral">{t('shared.change.wip')}</Mark>}
        {change.status === 'MERGED' && <Mark tone="success">{t('shared.change.merged')}</Mark>}
        {change.status === 'ABANDONED' && (
          <Mark tone="neutral">{t('shared.change.abandoned')}</Mark>
        )}
        {change.summary && (
          <Severity severity={change.summary.severity} look={change.summary.look} />
        )}
        {change.builds && <BuildVerdict builds={change.builds} />}
        <Requirements submit={change.submit} />
      </div>
      {/* A summary of an older patch set does not tell what became of the newest. */}
      {(change.state !== 'summarized' || !change.summary) && <StateMark change={change} />}
      {change.summary && <SummaryText summary={change.summary} patchSet={change.patch_set} />}
      {change.labels.length > 0 && <Votes labels={change.labels} />}
      {change.picks.length > 0 && <Picks picks={change.picks} />}
    </>
  );
}

/** Who, where, which patch set and when, in one quiet line. */
export function ChangeFacts(props: { change: Change }) {
  const { change } = props;
  const { t } = useMessages();
  return (
    <div className={`${styles.line} ${styles.facts} ${styles.quiet}`}>
      <span>
        {t('shared.change.by')} <PersonLink person={change.owner} />
      </span>
      <span>{t('shared.change.onBranch', { branch: plain(change.branch, 100) })}</span>
      <span>{t('shared.change.number', { number: String(change.number) })}</span>
      <span>{t('shared.change.patchSet', { patchSet: String(change.patch_set) })}</span>
      <span>
        {t('shared.change.updated')} <Ago time={change.updated} />
      </span>
    </div>
  );
}
