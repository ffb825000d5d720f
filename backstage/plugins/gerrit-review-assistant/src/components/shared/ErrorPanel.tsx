// SPDX-License-Identifier: Apache-2.0
import { Alert, Button } from '@backstage/ui';
import type { ReactNode } from 'react';
import type { AssistantError } from '../../api';
import { PlainText } from './PlainText';
import styles from './shared.module.css';
import { useMessages } from './useMessages';

/**
 * What failed, why, and what to do; the server's own words where it has some. A page that knows better what its error means
 * gives own words for it.
 */
export function ErrorPanel(props: {
  error: AssistantError;
  onRetry: () => void;
  own?: { title: string; why: string; next: string };
  children?: ReactNode;
}) {
  const { error, onRetry, own } = props;
  const { t } = useMessages();
  const { kind } = error;
  const serious = kind === 'other' || kind === 'unreachable';
  return (
    <Alert
      role="alert"
      status={serious ? 'danger' : 'warning'}
      icon
      title={own?.title ?? t(`shared.error.${kind}.title`)}
      description={
        <span className={styles.panel}>
          <PlainText text={error.message || (own?.why ?? t(`shared.error.${kind}.why`))} />
          <PlainText text={error.next || (own?.next ?? t(`shared.error.${kind}.next`))} />
          {error.retryAfter !== undefined && error.retryAfter > 0 && (
            <span>{t('shared.error.retryAfter', { count: error.retryAfter })}</span>
          )}
          {props.children}
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
