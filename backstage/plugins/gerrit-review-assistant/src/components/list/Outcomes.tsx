// SPDX-License-Identifier: Apache-2.0
import { useState } from 'react';
import { Button } from '@backstage/ui';
import type {
  Detail,
  Outcome,
} from '@review-assistant/backstage-plugin-gerrit-review-assistant-common';
import { Ago, Mark, PlainText, useMessages } from '../shared';
import { Part } from './parts';
import { byPatchSet } from './rows';
import styles from './list.module.css';

const mostPatchSets = 3;

/** What was decided about each patch set, also where nothing was posted, and why. */
export function Outcomes({ change }: { change: Detail }) {
  const { t } = useMessages();
  const [all, setAll] = useState(false);
  const sets = byPatchSet(change);
  const shown = all ? sets : sets.slice(0, mostPatchSets);
  const older = sets.length - shown.length;
  return (
    <Part title={t('tab.detail.outcomes')}>
      <ul className={styles.places}>
        {shown.map(({ patchSet, outcomes }) => (
          <li key={patchSet}>
            <strong>{t('tab.detail.patchSet', { patchSet: String(patchSet) })}</strong>
            {outcomes.length === 0 && (
              <span className={styles.text}>{t('tab.detail.undecided')}</span>
            )}
            {outcomes.map((outcome, at) => (
              <OutcomeLine key={at} outcome={outcome} />
            ))}
          </li>
        ))}
      </ul>
      {older > 0 && (
        <Button size="small" variant="tertiary" onPress={() => setAll(true)}>
          {t('tab.detail.olderOutcomes', { count: older })}
        </Button>
      )}
    </Part>
  );
}

/** What was decided, why and when. */
export function OutcomeLine({ outcome }: { outcome: Outcome }) {
  const { t } = useMessages();
  return (
    <span className={styles.outcome}>
      <Mark tone={outcome.verdict === 'posted' ? 'success' : 'neutral'}>
        {t(`tab.outcome.kind.${outcome.kind}`)}: {t(`tab.outcome.verdict.${outcome.verdict}`)}
      </Mark>{' '}
      <PlainText text={outcome.says} most={500} />{' '}
      <span className={styles.faint}>
        <Ago time={outcome.at} />
      </span>
    </span>
  );
}
