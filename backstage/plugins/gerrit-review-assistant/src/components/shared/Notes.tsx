// SPDX-License-Identifier: Apache-2.0
import { Alert, Button, Skeleton, Text } from '@backstage/ui';
import type { ReactNode } from 'react';
import type { AssistantError } from '../../api';
import { Ago } from './Ago';
import { Hidden } from './Hidden';
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
export function Loading(props: { rows?: number; label?: string }) {
  const { rows = 3 } = props;
  const { t } = useMessages();
  return (
    <div role="status" className={`${styles.panel} ${styles.still}`}>
      <Hidden>{props.label ?? t('shared.loading')}</Hidden>
      {Array.from({ length: rows }, (_, index) => (
        <Skeleton key={index} width="100%" height={72} />
      ))}
    </div>
  );
}

/** What is shown is old, and why it cannot be loaded anew. */
export function StaleNote(props: {
  loadedAt: number;
  error?: AssistantError;
  onRetry: () => void;
}) {
  const { loadedAt, error, onRetry } = props;
  const { t } = useMessages();
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
            {error ? error.message || t(`shared.error.${error.kind}.why`) : t('shared.stale.why')}
          </span>
        </span>
      }
      customActions={
        <Button variant="secondary" size="small" onPress={onRetry}>
          {t('shared.error.retry')}
        </Button>
      }
    />
  );
}
