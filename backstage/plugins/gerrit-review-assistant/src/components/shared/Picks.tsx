// SPDX-License-Identifier: Apache-2.0
import type { Pick as Suggestion } from '@review-assistant/backstage-plugin-gerrit-review-assistant-common';
import { PersonLink } from './PersonLink';
import { PlainText } from './PlainText';
import styles from './shared.module.css';
import { useMessages } from './useMessages';

const most = 5; // people that are shown

/** Who should look, and why: the best reason of each. */
export function Picks(props: { picks: Suggestion[] }) {
  const { picks } = props;
  const { t } = useMessages();
  if (picks.length === 0) {
    return <span className={styles.quiet}>{t('shared.picks.none')}</span>;
  }
  return (
    <div className={`${styles.line} ${styles.small}`}>
      <span className={styles.quiet}>{t('shared.picks.label')}:</span>
      <ul className={styles.plainList} aria-label={t('shared.picks.label')}>
        {picks.slice(0, most).map((pick, index) => {
          const reason = pick.reasons[0] ?? (pick.rest ? t('shared.picks.rest') : '');
          return (
            <li key={index}>
              <PersonLink person={pick} />
              {reason && (
                <span className={styles.quiet}>
                  {' '}
                  (<PlainText text={reason} most={120} />)
                </span>
              )}
            </li>
          );
        })}
      </ul>
    </div>
  );
}
