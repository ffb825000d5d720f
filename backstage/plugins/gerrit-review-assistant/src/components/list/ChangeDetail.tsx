// SPDX-License-Identifier: Apache-2.0
import { useCallback, useState } from 'react';
import { useApi } from '@backstage/frontend-plugin-api';
import type { Detail } from '@review-assistant/backstage-plugin-gerrit-review-assistant-common';
import { gerritReviewAssistantApiRef, type AssistantEvent } from '../../api';
import { useLive } from '../../api/live';
import {
  AllPicks,
  Bounded,
  BuildVerdict,
  LiveView,
  RequirementList,
  useMessages,
  Votes,
} from '../shared';
import { ofBuild } from './failureView';
import { Failure } from './Failure';
import { Outcomes } from './Outcomes';
import { Part } from './Part';
import { SummaryDetail, type SummaryProps } from './SummaryDetail';
import styles from './list.module.css';

/** Everything that is known of one change. entityRef is that of the page: who may see it may see its changes. */
export function ChangeDetail(props: { id: string; entityRef?: string }) {
  const { id, entityRef } = props;
  const { t } = useMessages();
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
      <LiveView
        live={live}
        rows={1}
        notFound={{
          title: t('tab.detail.notFound.title'),
          why: t('tab.detail.notFound.why'),
          next: t('tab.detail.notFound.next'),
        }}
      >
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
          <Part title={t('shared.submit.label')}>
            <RequirementList submit={change.submit} />
          </Part>
        )}
        <Part title={t('shared.votes.label')}>
          <Votes labels={change.labels} />
        </Part>
        <Part title={t('shared.picks.label')}>
          <AllPicks picks={change.picks} />
        </Part>
        <Outcomes change={change} />
      </div>
      <Builds change={change} />
    </div>
  );
}

function Builds({ change }: { change: Detail }) {
  const { t } = useMessages();
  if (!change.builds && change.status !== 'NEW') return null;
  const failures = change.builds?.failures ?? [];
  return (
    <Part title={t('tab.detail.builds')} className={styles.wide}>
      {failures.length === 0 && (
        <div>
          <BuildVerdict builds={change.builds} />
        </div>
      )}
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
