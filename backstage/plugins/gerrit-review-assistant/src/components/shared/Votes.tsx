// SPDX-License-Identifier: Apache-2.0
import type { Label } from '@review-assistant/backstage-plugin-gerrit-review-assistant-common';
import { Hidden } from './Hidden';
import { Mark, type Tone, toneOf } from './Mark';
import { PersonLink } from './PersonLink';
import { PlainText } from './PlainText';
import styles from './shared.module.css';
import { useMessages } from './useMessages';

const tones: Record<Label['state'], Tone> = {
  approved: 'success',
  recommended: 'info',
  none: 'neutral',
  disliked: 'warning',
  rejected: 'danger',
};

const most = 3; // people of a label that are shown

/** The labels of a change, what their votes come to, and who voted. */
export function Votes(props: { labels: Label[] }) {
  const { labels } = props;
  const { t } = useMessages();
  if (labels.length === 0) {
    return <span className={styles.quiet}>{t('shared.votes.none')}</span>;
  }
  return (
    <ul className={styles.plainList} aria-label={t('shared.votes.label')}>
      {labels.map(label => (
        <li key={label.name} className={styles.line}>
          <Vote label={label} />
          {label.votes.length > 0 && (
            <span className={styles.quiet}>
              {ranked(label)
                .slice(0, most)
                .map((vote, index) => (
                  <span key={index}>
                    {index > 0 && ', '}
                    {signed(vote.value)} <PersonLink person={vote.person} />
                  </span>
                ))}
              {label.votes.length > most &&
                ` ${t('shared.votes.more', { number: String(label.votes.length - most) })}`}
            </span>
          )}
          <Hidden>.</Hidden>
        </li>
      ))}
    </ul>
  );
}

/** A label with the vote that decides, as Gerrit writes it, and in words what it brings about. */
export function Vote(props: { label: Label }) {
  const { label } = props;
  const { t } = useMessages();
  const { state } = label;
  const [deciding] = ranked(label);
  const words = [];
  if (deciding) words.push(signed(deciding.value));
  if (state === 'approved' || state === 'rejected') words.push(t(`shared.votes.state.${state}`));
  if (words.length === 0) words.push(t('shared.votes.state.none'));
  return (
    <Mark tone={toneOf(tones, state)}>
      <PlainText text={label.name} most={60} /> {words.join(', ')}
    </Mark>
  );
}

/** The votes of a label, first those that its state rests on. */
function ranked({ state, votes }: Label): Label['votes'] {
  const down = state === 'rejected' || state === 'disliked';
  return [...votes].sort((a, b) => (down ? a.value - b.value : b.value - a.value));
}

/** As Gerrit writes a vote, with a real minus sign, which is read out. */
function signed(value: number): string {
  return value < 0 ? `−${-value}` : `+${value}`;
}
