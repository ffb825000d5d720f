// SPDX-License-Identifier: Apache-2.0
import { Alert, Button } from '@backstage/ui';
import type { AssistantError } from '../../api';
import { PlainText } from './PlainText';
import styles from './shared.module.css';
import { useMessages } from './useMessages';

/** What failed, why, and what to do; the server's own words where it has some. */
export function ErrorPanel(props: { error: AssistantError; onRetry: () => void }) {
  const { error, onRetry } = props;
  const { t } = useMessages();
  const { kind } = error;
  const serious = kind === 'other' || kind === 'unreachable';
  return (
    <Alert
      role="alert"
      status={serious ? 'danger' : 'warning'}
      icon
      title={t(`shared.error.${kind}.title`)}
      description={
        <span className={styles.panel}>
          <PlainText text={error.message || t(`shared.error.${kind}.why`)} />
          <PlainText text={error.next || t(`shared.error.${kind}.next`)} />
          {error.retryAfter !== undefined && error.retryAfter > 0 && (
            <span>{t('shared.error.retryAfter', { count: error.retryAfter })}</span>
          )}
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
