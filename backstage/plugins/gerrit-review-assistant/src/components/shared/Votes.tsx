// SPDX-License-Identifier: Apache-2.0
import type { Label } from '@review-assistant/backstage-plugin-gerrit-review-assistant-common';
import { Hidden } from './Hidden';
import { Mark, type Tone } from './Mark';
import { PersonLink } from './PersonLink';
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
      {labels.map(label => {
        const state = label.state in tones ? label.state : 'none';
        return (
          <li key={label.name} className={styles.line}>
            <Mark tone={tones[state]}>
              {label.name}: {t(`shared.votes.state.${state}`)}
            </Mark>
            {label.votes.length > 0 && (
              <span className={styles.quiet}>
                {label.votes.slice(0, most).map((vote, index) => (
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
        );
      })}
    </ul>
  );
}

/** As Gerrit writes a vote, with a real minus sign, which is read out. */
export function signed(value: number): string {
  return value < 0 ? `−${-value}` : `+${value}`;
}
