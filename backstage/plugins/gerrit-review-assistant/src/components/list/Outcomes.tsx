// SPDX-License-Identifier: Apache-2.0
import type {
  Detail,
  Outcome,
} from '@review-assistant/backstage-plugin-gerrit-review-assistant-common';
import { Ago, Bounded, Mark, PlainText, useMessages } from '../shared';
import { Part } from './Part';
import { byPatchSet } from './rows';
import styles from './list.module.css';

/** What was decided about each patch set, also where nothing was posted, and why. */
export function Outcomes({ change }: { change: Detail }) {
  const { t } = useMessages();
  return (
    <Part title={t('tab.detail.outcomes')}>
      <Bounded
        items={byPatchSet(change)}
        most={3}
        className={styles.places}
        more={count => t('tab.detail.olderOutcomes', { count })}
      >
        {({ patchSet, outcomes }) => (
          <>
            <strong>{t('shared.change.patchSet', { patchSet: String(patchSet) })}</strong>
            {outcomes.length === 0 && (
              <span className={styles.text}>{t('tab.detail.undecided')}</span>
            )}
            {outcomes.map((outcome, at) => (
              <OutcomeLine key={at} outcome={outcome} />
            ))}
          </>
        )}
      </Bounded>
    </Part>
  );
}

/** What was decided, why and when. */
export function OutcomeLine({ outcome }: { outcome: Outcome }) {
  const { word } = useMessages();
  const { kind, verdict } = outcome;
  const why = useOutcomeReason()(outcome);
  return (
    <span className={styles.outcome}>
      <Mark tone={verdict === 'posted' ? 'success' : 'neutral'}>
        {word('tab.outcome.kind', kind)}: {word('tab.outcome.verdict', verdict)}
      </Mark>{' '}
      <PlainText text={why} most={500} />{' '}
      <span className={styles.faint}>
        <Ago time={outcome.at} />
      </span>
    </span>
  );
}

/** Tells why it was decided so. In shadow nothing was posted, though it would have been. */
export function useOutcomeReason() {
  const { reason } = useMessages();
  return ({ verdict, reason: code, says }: Outcome) =>
    reason(verdict === 'shadow' && code === 'posted' ? 'shadow' : code, says);
}
