// SPDX-License-Identifier: Apache-2.0
import { useCallback, useState } from 'react';
import { useApi } from '@backstage/frontend-plugin-api';
import type { Detail } from '@review-assistant/backstage-plugin-gerrit-review-assistant-common';
import { gerritReviewAssistantApiRef, type AssistantEvent } from '../../api';
import { useLive } from '../../api/live';
import { LiveView, PersonLink, PlainText, Requirements, useMessages, Votes } from '../shared';
import { ofBuild } from './failureView';
import { Failure } from './Failure';
import { Outcomes } from './Outcomes';
import { Bounded, Part } from './parts';
import { SummaryDetail, type SummaryProps } from './SummaryDetail';
import styles from './tab.module.css';

/** Everything that is known of one change. entityRef is that of the page: who may see it may see its changes. */
export function ChangeDetail(props: { id: string; entityRef?: string }) {
  const { id, entityRef } = props;
  const api = useApi(gerritReviewAssistantApiRef);
  const [patchSet, setPatchSet] = useState<number>();
  const load = useCallback(
    (signal: AbortSignal) => api.change(id, { patchSet, entityRef, signal }),
    [api, id, patchSet, entityRef],
  );
  const concerns = useCallback((event: AssistantEvent) => event.change === id, [id]);
  const live = useLive(load, { entityRef, concerns, keep: true });
  return (
    <div className={styles.detailBox}>
      <LiveView live={live} rows={1}>
        {change => <Whole change={change} patchSet={patchSet} onPatchSet={setPatchSet} />}
      </LiveView>
    </div>
  );
}

function Whole(props: SummaryProps) {
  const { change } = props;
  const { t } = useMessages();
  return (
    <div className={styles.detail}>
      <SummaryDetail {...props} />
      <div className={styles.column}>
        {change.submit && (
          <Part title={t('tab.detail.requirements')}>
            <div>
              <Requirements submit={change.submit} />
            </div>
          </Part>
        )}
        <Part title={t('tab.detail.votes')}>
          <Votes labels={change.labels} />
        </Part>
        <Part title={t('tab.detail.picks')}>
          <Suggestions picks={change.picks} />
        </Part>
        <Outcomes change={change} />
      </div>
      <Builds change={change} />
    </div>
  );
}

/** Who is suggested, with every reason. */
function Suggestions({ picks }: { picks: Detail['picks'] }) {
  const { t } = useMessages();
  if (picks.length === 0) {
    return <p className={styles.text}>{t('shared.picks.none')}</p>;
  }
  return (
    <Bounded items={picks} most={5} ordered className={styles.places}>
      {pick => (
        <>
          <PersonLink person={pick} />
          {pick.rest && <span className={styles.faint}>{t('shared.picks.rest')}</span>}
          <Bounded items={pick.reasons} most={5} className={styles.faintList}>
            {reason => <PlainText text={reason} most={200} />}
          </Bounded>
        </>
      )}
    </Bounded>
  );
}

function Builds({ change }: { change: Detail }) {
  const { t } = useMessages();
  if (!change.builds) return null;
  const failures = change.builds.failures ?? [];
  return (
    <Part title={t('tab.detail.builds')} className={styles.wide}>
      {failures.length === 0 && <p className={styles.text}>{t('tab.detail.noFailures')}</p>}
      <Bounded items={failures} most={5} ordered className={styles.cards}>
        {failure => (
          <Failure failure={ofBuild(failure)}>
            {failure.blocks > 0 && (
              <p className={styles.faint}>{t('tab.failure.blocks', { count: failure.blocks })}</p>
            )}
          </Failure>
        )}
      </Bounded>
    </Part>
  );
}
