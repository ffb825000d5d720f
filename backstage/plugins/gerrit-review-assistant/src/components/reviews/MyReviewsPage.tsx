// SPDX-License-Identifier: Apache-2.0
import { useApi } from '@backstage/frontend-plugin-api';
import { useCallback } from 'react';
import { gerritReviewAssistantApiRef } from '../../api';
import { useLive } from '../../api/live';
import { ChangeList, Empty, LiveView, useMessages } from '../shared';

/** What waits for the person, over all entities. @public */
export function MyReviewsPage() {
  const api = useApi(gerritReviewAssistantApiRef);
  const { t } = useMessages();
  const load = useCallback((signal: AbortSignal) => api.reviews({ limit: 100, signal }), [api]);
  const live = useLive(load);
  return (
    <LiveView live={live}>
      {({ changes }) =>
        changes.length === 0 ? (
          <Empty title={t('reviews.empty')} />
        ) : (
          <ChangeList changes={changes} label={t('reviews.title')} />
        )
      }
    </LiveView>
  );
}
