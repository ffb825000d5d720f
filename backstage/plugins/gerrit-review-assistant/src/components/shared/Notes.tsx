// SPDX-License-Identifier: Apache-2.0
import { Alert, Button, Skeleton, Text } from '@backstage/ui';
import { RiErrorWarningLine } from '@remixicon/react';
import type { ReactNode } from 'react';
import { ANNOTATION_PROJECT } from '@review-assistant/backstage-plugin-gerrit-review-assistant-common';
import type { AssistantError } from '../../api';
import { Ago } from './Ago';
import { errorWords } from './errorWords';
import { Hidden } from './Hidden';
import { PlainText } from './PlainText';
import styles from './shared.module.css';
import { useMessages } from './useMessages';

/** Nothing is there, and that is fine. */
export function Empty(props: { title: string; children?: ReactNode }) {
  return (
    <div className={styles.panel}>
      <Text as="p" weight="bold">
        {props.title}
      </Text>
      {props.children && (
        <Text as="p" className={styles.quiet}>
          {props.children}
        </Text>
      )}
    </div>
  );
}

/** The project does not use the assistant. */
export function NotOptedIn() {
  const { t } = useMessages();
  return (
    <Alert
      role="note"
      status="info"
      icon
      title={t('shared.off.title')}
      description={
        <span className={styles.panel}>
          <span>{t('shared.off.why')}</span>
          <span>{t('shared.off.next')}</span>
        </span>
      }
    />
  );
}

/** As many bars as rows are awaited, so that the page does not jump. */
export function Loading({ rows = 3 }: { rows?: number }) {
  const { t } = useMessages();
  return (
    <div role="status" className={`${styles.panel} ${styles.still}`}>
      <Hidden>{t('shared.loading')}</Hidden>
      {Array.from({ length: rows }, (_, index) => (
        <Skeleton key={index} width="100%" height={72} className={styles.bone} />
      ))}
    </div>
  );
}

/** What is shown cannot be loaded anew, and why: in a quiet line at first, and so that nobody misses it once it is old. */
export function StaleNote(props: {
  loadedAt: number;
  stale: boolean;
  error?: AssistantError;
  pending?: boolean;
  onRetry: () => void;
}) {
  const { loadedAt, stale, error, onRetry } = props;
  const { t } = useMessages();
  const words = error && errorWords(error, t);
  if (!stale) {
    return (
      <p role="status" className={styles.late}>
        <RiErrorWarningLine size={14} aria-hidden="true" />
        <span>
          {words?.title ?? t('shared.stale.title')}. {t('shared.stale.since')}{' '}
          <Ago time={loadedAt} />.
        </span>
      </p>
    );
  }
  return (
    <Alert
      role="status"
      status="warning"
      icon
      title={t('shared.stale.title')}
      description={
        <span className={styles.panel}>
          <span>
            {t('shared.stale.since')} <Ago time={loadedAt} />.{' '}
            <PlainText text={words?.why ?? t('shared.stale.why')} />
          </span>
        </span>
      }
      customActions={
        <Button variant="secondary" size="small" isPending={props.pending} onPress={onRetry}>
          {t('shared.error.retry')}
        </Button>
      }
    />
  );
}

/** The entity does not say where its code is in Gerrit, and how it would. */
export function NoProject() {
  const { t } = useMessages();
  return (
    <>
      <Empty title={t('shared.missing.title')}>
        {t('shared.missing.why')} {t('shared.missing.next')}
      </Empty>
      <code className={styles.code}>{ANNOTATION_PROJECT}: team/project</code>
    </>
  );
}
