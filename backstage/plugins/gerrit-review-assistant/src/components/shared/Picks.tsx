// SPDX-License-Identifier: Apache-2.0
import type { Pick as Suggestion } from '@review-assistant/backstage-plugin-gerrit-review-assistant-common';
import { Bounded } from './Bounded';
import { useTold } from './mode';
import { PersonLink } from './PersonLink';
import { PlainText } from './PlainText';
import styles from './shared.module.css';
import { useMessages } from './useMessages';

const most = 5; // people that are shown

/** Who should look, and the best reason for each; compact, one below the other. */
export function Picks(props: { picks: Suggestion[]; compact?: boolean }) {
  const { picks, compact } = props;
  const { t } = useMessages();
  const label = t('shared.picks.label');
  if (picks.length === 0) {
    return <NoPicks />;
  }
  const list = (
    <ul className={compact ? styles.stack : styles.plainList} aria-label={label}>
      {picks.slice(0, most).map((pick, at) => {
        const reason = pick.reasons[0] ?? (pick.rest ? t('shared.picks.rest') : '');
        return (
          <li key={at}>
            <PersonLink person={pick} />
            {reason && (
              <span className={styles.quiet}>
                {' '}
                (<PlainText text={reason} most={120} lang={pick.reasons[0] ? 'en' : undefined} />)
              </span>
            )}
          </li>
        );
      })}
    </ul>
  );
  if (compact) {
    return list;
  }
  return (
    <div className={`${styles.line} ${styles.small}`}>
      <span className={styles.quiet}>{label}:</span>
      {list}
    </div>
  );
}

/** Who should look, with every reason. */
export function AllPicks({ picks }: { picks: Suggestion[] }) {
  const { t } = useMessages();
  if (picks.length === 0) {
    return <NoPicks />;
  }
  return (
    <Bounded items={picks} most={most} ordered className={styles.stack}>
      {pick => (
        <>
          <PersonLink person={pick} />
          {pick.rest && <div className={styles.quiet}>{t('shared.picks.rest')}</div>}
          <Bounded items={pick.reasons} most={most} className={`${styles.list} ${styles.quiet}`}>
            {reason => <PlainText text={reason} most={200} lang="en" />}
          </Bounded>
        </>
      )}
    </Bounded>
  );
}

function NoPicks() {
  const { t } = useMessages();
  const told = useTold();
  return (
    <span className={styles.quiet}>
      {told ? t('shared.picks.none') : t('shared.picks.notShown')}
    </span>
  );
}
