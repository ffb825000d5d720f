// SPDX-License-Identifier: Apache-2.0
import type { Change } from '@review-assistant/backstage-plugin-gerrit-review-assistant-common';
import { Mark, type Tone, toneOf } from './Mark';
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

/** What was made of the newest patch set, and why in a sentence. */
export function StateMark(props: { change: Pick<Change, 'state' | 'reason' | 'says'> }) {
  const { state } = props.change;
  const { word } = useMessages();
  const why = useStateReason()(props.change);
  return (
    <span className={styles.line}>
      <Mark tone={toneOf(tones, state)}>{word('shared.state', state)}</Mark>
      {why && (
        <span className={styles.quiet}>
          <PlainText text={why} most={400} />
        </span>
      )}
    </span>
  );
}

/** The state where the summary does not tell it: one of an older patch set does not say what became of the newest. */
export function UntoldState({ change }: { change: Change }) {
  const told = change.summary && change.state === 'summarized';
  return told ? null : <StateMark change={change} />;
}

/** Tells why a change is in its state. One that waits without a reason is not decided yet. */
export function useStateReason() {
  const { reason } = useMessages();
  return ({ state, reason: code, says }: Pick<Change, 'state' | 'reason' | 'says'>) =>
    reason(code || (state === 'waiting' ? 'undecided' : ''), says);
}
