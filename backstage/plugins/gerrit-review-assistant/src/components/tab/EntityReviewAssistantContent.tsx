// SPDX-License-Identifier: Apache-2.0
import { stringifyEntityRef } from '@backstage/catalog-model';
import { useApi } from '@backstage/frontend-plugin-api';
import { useEntity } from '@backstage/plugin-catalog-react';
import { useCallback } from 'react';
import { gerritReviewAssistantApiRef } from '../../api';
import { useLive } from '../../api/live';
import { ChangeList, Empty, LiveView, useMessages } from '../shared';

/** All open changes of the entity. @public */
export function EntityReviewAssistantContent() {
  const { entity } = useEntity();
  const entityRef = stringifyEntityRef(entity);
  const api = useApi(gerritReviewAssistantApiRef);
  const { t } = useMessages();
  const load = useCallback(
    (signal: AbortSignal) => api.changes(entityRef, { status: 'open', limit: 100, signal }),
    [api, entityRef],
  );
  const live = useLive(load, { entityRef });
  return (
    <LiveView live={live}>
      {({ changes }) =>
        changes.length === 0 ? (
          <Empty title={t('tab.empty')} />
        ) : (
          <ChangeList changes={changes} label={t('tab.title')} />
        )
      }
    </LiveView>
  );
}
