// SPDX-License-Identifier: Apache-2.0
import { Alert, Button } from '@backstage/ui';
import type { ReactNode } from 'react';
import type { AssistantError, AssistantErrorKind } from '../../api';
import { errorWords, type ErrorWords } from './errorWords';
import { PlainText } from './PlainText';
import styles from './shared.module.css';
import { useMessages } from './useMessages';

// Something is broken; else somebody may not see something, or has to wait.
const serious: AssistantErrorKind[] = [
  'unreachable',
  'not-trusted',
  'bad-answer',
  'too-large',
  'other',
];

/** What failed, why, and what to do. A page that knows better what its error means gives own words for it. */
export function ErrorPanel(props: {
  error: AssistantError;
  /** It is being tried again. */
  pending?: boolean;
  onRetry: () => void;
  own?: ErrorWords;
  children?: ReactNode;
}) {
  const { error, onRetry, own } = props;
  const { t } = useMessages();
  const wait = error.retryAfter ?? 0; // seconds
  const { title, why, next } = own ?? errorWords(error, t);
  return (
    <Alert
      role="alert"
      status={serious.includes(error.kind) ? 'danger' : 'warning'}
      icon
      title={title}
      description={
        <span className={styles.panel}>
          <PlainText text={why} />
          <PlainText text={next} />
          {wait > 0 && (
            <span>
              {wait < 60
                ? t('shared.error.retryAfter', { count: wait })
                : t('shared.error.retryAfterMinutes', { count: Math.ceil(wait / 60) })}
            </span>
          )}
          {props.children}
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
