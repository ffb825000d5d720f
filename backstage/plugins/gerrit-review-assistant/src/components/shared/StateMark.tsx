// SPDX-License-Identifier: Apache-2.0
import type { Change } from '@review-assistant/backstage-plugin-gerrit-review-assistant-common';
import { Mark, type Tone } from './Mark';
import { PlainText } from './PlainText';
import styles from './shared.module.css';
import { useMessages } from './useMessages';

const tones: Record<Change['state'], Tone> = {
  summarized: 'info',
  quiet: 'success',
  skipped: 'warning', // nobody looked: never to be taken for fine
  waiting: 'neutral',
  off: 'neutral',
};

/** What was made of the newest patch set, and why in a sentence of the server. */
export function StateMark(props: { change: Pick<Change, 'state' | 'says'> }) {
  const { state, says } = props.change;
  const { t } = useMessages();
  // A state of a later version of the API is one of which nothing good is known.
  const known = state in tones ? state : 'waiting';
  return (
    <span className={styles.line}>
      <Mark tone={tones[known]}>{t(`shared.state.${known}`)}</Mark>
      {says && (
        <span className={styles.quiet}>
          <PlainText text={says} most={400} />
        </span>
      )}
    </span>
  );
}
