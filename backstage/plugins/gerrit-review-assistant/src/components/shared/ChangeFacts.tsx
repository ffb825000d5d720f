// SPDX-License-Identifier: Apache-2.0
import type { Change } from '@review-assistant/backstage-plugin-gerrit-review-assistant-common';
import { Ago } from './Ago';
import { Mark } from './Mark';
import { PersonLink } from './PersonLink';
import { plain, PlainText } from './PlainText';
import styles from './shared.module.css';
import { useMessages } from './useMessages';

/**
 * Who, where, which patch set and when, in one quiet line; compact, where owner, patch set and times have places of their
 * own, without them. With project, of which one.
 */
export function ChangeFacts(props: { change: Change; compact?: boolean; project?: boolean }) {
  const { change, compact, project } = props;
  const { t } = useMessages();
  return (
    <div className={`${styles.line} ${styles.facts} ${styles.quiet}`}>
      {compact ? (
        <span>#{change.number}</span>
      ) : (
        <span>
          {t('shared.change.by')} <PersonLink person={change.owner} />
        </span>
      )}
      {project && <PlainText text={change.project} most={100} />}
      <bdi>{t('shared.change.onBranch', { branch: plain(change.branch, 100) })}</bdi>
      {change.topic && <bdi>{t('shared.change.topic', { topic: plain(change.topic, 100) })}</bdi>}
      {!compact && (
        <>
          <span>{t('shared.change.number', { number: String(change.number) })}</span>
          <span>{t('shared.change.patchSet', { patchSet: String(change.patch_set) })}</span>
          <span>
            {t('shared.change.created')} <Ago time={change.created} />
          </span>
          <span>
            {t('shared.change.updated')} <Ago time={change.updated} />
          </span>
        </>
      )}
    </div>
  );
}

/** What keeps a change from being an open one to review, if anything does. */
export function StatusMark({ change }: { change: Pick<Change, 'status' | 'wip'> }) {
  const { t } = useMessages();
  return (
    <>
      {change.wip && <Mark tone="neutral">{t('shared.change.wip')}</Mark>}
      {change.status === 'MERGED' && <Mark tone="success">{t('shared.change.merged')}</Mark>}
      {change.status === 'ABANDONED' && <Mark tone="neutral">{t('shared.change.abandoned')}</Mark>}
    </>
  );
}
