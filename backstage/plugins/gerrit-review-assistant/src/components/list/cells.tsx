// SPDX-License-Identifier: Apache-2.0
import type { Change } from '@review-assistant/backstage-plugin-gerrit-review-assistant-common';
import {
  causesOf,
  Mark,
  PersonLink,
  plain,
  PlainText,
  Severity,
  StateMark,
  useMessages,
  Vote,
} from '../shared';
import table from './table.module.css';
import styles from './list.module.css';

// What a row says in the width of a column. All of it is in the details.

/** The title of the summary and whether it is of this patch set, or why there is none. */
export function SaysCell({ row }: { row: Change }) {
  const { t } = useMessages();
  const { summary } = row;
  return (
    <>
      {summary && <PlainText text={summary.title} most={200} />}
      {summary?.stale && (
        <Mark tone="warning">
          {t('shared.summary.ofPatchSet', { patchSet: String(summary.patch_set) })}
        </Mark>
      )}
      {summary?.shadow && (
        <Mark tone="info" title={t('tab.detail.shadow')}>
          {t('tab.table.shadow')}
        </Mark>
      )}
      {(!summary || row.state !== 'summarized') && <StateMark change={row} />}
    </>
  );
}

/** The worst that the summary points at. */
export function RiskCell({ row }: { row: Change }) {
  const { t } = useMessages();
  if (!row.summary) {
    return <span className={styles.faint}>{t('tab.table.noSummary')}</span>;
  }
  return (
    <>
      <Severity severity={row.summary.severity} />
      {row.summary.look > 0 && (
        <span className={styles.faint}>
          {t('shared.severity.look', { count: row.summary.look })}
        </span>
      )}
    </>
  );
}

/** How many failures stand, and whose they are. */
export function BuildsCell({ row }: { row: Change }) {
  const { t } = useMessages();
  const { builds } = row;
  if (!builds) {
    return <span className={styles.faint}>{t('tab.table.noBuilds')}</span>;
  }
  if (builds.failed === 0) {
    return <Mark tone="success">{t('tab.table.noFailures')}</Mark>;
  }
  const { counts, notOwn } = causesOf(builds);
  return (
    <>
      <Mark tone={notOwn ? 'warning' : 'danger'}>
        {t('tab.table.failed', { count: builds.failed })}
      </Mark>
      {counts.map(({ cause, number }) => (
        <span key={cause} className={styles.faint}>
          {t(`shared.builds.class.${cause}`, { number })}
        </span>
      ))}
    </>
  );
}

/** Whether the change may be submitted or what is missing, and what the votes come to. */
export function SubmitCell({ row }: { row: Change }) {
  const { t } = useMessages();
  const missing = (row.submit?.requirements ?? [])
    .filter(({ status }) => status === 'unsatisfied' || status === 'error')
    .map(({ name }) => plain(name, 60));
  return (
    <>
      {row.submit?.ready && <Mark tone="success">{t('shared.submit.ready')}</Mark>}
      {row.submit && !row.submit.ready && (
        <span className={styles.faint}>
          {missing.length > 0
            ? t('shared.submit.missing', { names: missing.join(', ') })
            : t('shared.submit.notReady')}
        </span>
      )}
      {row.labels
        .filter(label => label.votes.length > 0)
        .map(label => (
          <Vote key={label.name} label={label} />
        ))}
    </>
  );
}

/** Who should look, and the best reason for each. */
export function PicksCell({ row }: { row: Change }) {
  const { t } = useMessages();
  if (row.picks.length === 0) {
    return <span className={styles.faint}>{t('tab.table.noPicks')}</span>;
  }
  return (
    <ul className={table.picks}>
      {row.picks.slice(0, 3).map((pick, at) => (
        <li key={at}>
          <PersonLink person={pick} />
          {pick.reasons.length > 0 && (
            <span className={styles.faint}>
              <PlainText text={pick.reasons[0]} most={120} />
            </span>
          )}
        </li>
      ))}
    </ul>
  );
}
