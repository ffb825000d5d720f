// SPDX-License-Identifier: Apache-2.0
import { useCallback } from 'react';
import { useApi } from '@backstage/frontend-plugin-api';
import type { Cluster } from '@review-assistant/backstage-plugin-gerrit-review-assistant-common';
import { gerritReviewAssistantApiRef } from '../../api';
import { useLive } from '../../api/live';
import { Ago, ByMode, Empty, LiveView, useMessages } from '../shared';
import { ofCluster } from '../list/failureView';
import { Failure } from '../list/Failure';
import styles from '../list/list.module.css';

// The server ranks them: who mended so many looks again.
const mostClusters = 100;
const mostNumbers = 10;

/** Open build failures of an entity, one for each cause, the most worth mending first. */
export function FailuresSection({ entityRef }: { entityRef: string }) {
  const api = useApi(gerritReviewAssistantApiRef);
  const load = useCallback(
    (signal: AbortSignal) => api.failures(entityRef, { limit: mostClusters, signal }),
    [api, entityRef],
  );
  const live = useLive(load, { entityRef });

  return (
    <LiveView live={live}>
      {({ clusters, mode, builds }) => (
        <ByMode
          mode={mode}
          of="assistant"
          empty={clusters.length === 0 && <None wanted={builds !== false} />}
        >
          {clusters.length > 0 && <Clusters clusters={clusters} />}
        </ByMode>
      )}
    </LiveView>
  );
}

/** Where nobody looks, that there is nothing says nothing. */
function None({ wanted }: { wanted: boolean }) {
  const { t } = useMessages();
  return wanted ? (
    <Empty title={t('tab.failures.empty')}>{t('tab.failures.emptyHint')}</Empty>
  ) : (
    <Empty title={t('tab.failures.unwanted')}>{t('tab.failures.unwantedHint')}</Empty>
  );
}

function Clusters({ clusters }: { clusters: Cluster[] }) {
  const { t } = useMessages();
  return (
    <>
      <p className={styles.status} role="status">
        {clusters.length < mostClusters
          ? t('tab.failures.count', { count: clusters.length })
          : t('tab.failures.countMore', { loaded: String(clusters.length) })}
      </p>
      <ol className={styles.cards} aria-label={t('tab.sections.failures')}>
        {clusters.map(cluster => (
          <li key={cluster.fingerprint} className={styles.card}>
            <Failure failure={ofCluster(cluster)} level={3}>
              <Spread cluster={cluster} />
            </Failure>
          </li>
        ))}
      </ol>
    </>
  );
}

/** Whom it holds up, how often and since when. */
function Spread({ cluster }: { cluster: Cluster }) {
  const { t } = useMessages();
  const numbers = cluster.blocked.slice(0, mostNumbers).map(number => `#${number}`);
  if (cluster.blocked.length > mostNumbers) numbers.push('…');
  return (
    <p className={styles.facts}>
      <strong>
        {cluster.blocked.length === 0
          ? t('tab.failures.blocksNone')
          : t('tab.failures.blocked', {
              count: cluster.blocked.length,
              numbers: numbers.join(', '),
            })}
      </strong>
      <span>{t('tab.failures.runs', { count: cluster.runs })}</span>
      <span>
        {t('tab.failures.first')} <Ago time={cluster.first} />
      </span>
      <span>
        {t('tab.failures.last')} <Ago time={cluster.last} />
      </span>
    </p>
  );
}
