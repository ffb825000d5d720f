// SPDX-License-Identifier: Apache-2.0
import { Alert, Button, Skeleton } from '@backstage/ui';
import { RiErrorWarningLine } from '@remixicon/react';
import type { ReactNode } from 'react';
import type { AssistantError } from '../../api';
import type { Live } from '../../api/live';
import { Ago } from './Ago';
import { ErrorPanel } from './ErrorPanel';
import { errorWords, type ErrorWords } from './errorWords';
import { Hidden } from './Hidden';
import { PlainText } from './PlainText';
import styles from './shared.module.css';
import { useMessages } from './useMessages';

/** A value that is loaded, in the state that it is in: awaited, failed, old, or there. */
export function LiveView<T>(props: {
  live: Live<T>;
  rows?: number;
  /** For what is not found, where it is known what that means. */
  notFound?: ErrorWords;
  children: (value: T) => ReactNode;
}) {
  const { live, rows, notFound, children } = props;
  if (live.value === undefined) {
    return live.error ? (
      <ErrorPanel
        error={live.error}
        own={live.error.kind === 'not-found' ? notFound : undefined}
        pending={live.refreshing}
        onRetry={live.reload}
      />
    ) : (
      <Loading rows={rows} />
    );
  }
  return (
    <>
      {live.error && live.loadedAt !== undefined && (
        <StaleNote
          error={live.error}
          loadedAt={live.loadedAt}
          stale={live.stale}
          pending={live.refreshing}
          onRetry={live.reload}
        />
      )}
      {children(live.value)}
    </>
  );
}

/** As many bars as rows are awaited, so that the page does not jump. */
function Loading({ rows = 3 }: { rows?: number }) {
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
function StaleNote(props: {
  error: AssistantError;
  loadedAt: number;
  stale: boolean;
  pending: boolean;
  onRetry: () => void;
}) {
  const { error, loadedAt, stale, pending, onRetry } = props;
  const { t } = useMessages();
  const { title, why } = errorWords(error, t);
  if (!stale) {
    return (
      <p role="status" className={styles.late}>
        <RiErrorWarningLine size={14} aria-hidden="true" />
        <span>
          {title}. {t('shared.stale.since')} <Ago time={loadedAt} />.
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
        <span>
          {t('shared.stale.since')} <Ago time={loadedAt} />. <PlainText text={why} />
        </span>
      }
      customActions={
        <Button variant="secondary" size="small" isPending={pending} onPress={onRetry}>
          {t('shared.error.retry')}
        </Button>
      }
    />
  );
}
