// SPDX-License-Identifier: Apache-2.0
import { stringifyEntityRef } from '@backstage/catalog-model';
import { useRouteRef } from '@backstage/core-plugin-api';
import { useApi } from '@backstage/frontend-plugin-api';
import { EntityInfoCard, useEntity } from '@backstage/plugin-catalog-react';
import { Link } from '@backstage/ui';
import {
  isGerritReviewAssistantAvailable,
  type Changes,
} from '@review-assistant/backstage-plugin-gerrit-review-assistant-common';
import { useCallback } from 'react';
import { gerritReviewAssistantApiRef } from '../../api';
import { useLive } from '../../api/live';
import { entityContentRouteRef } from '../../routes';
import { ByMode, Connection, Empty, Hidden, LiveView, NoProject, useMessages } from '../shared';
import shared from '../shared/shared.module.css';
import { ChangeList } from './ChangeList';

const most = 5; // changes on the card

/** The open changes of the entity that are most worth a look. @public */
export function EntityReviewAssistantCard() {
  const { entity } = useEntity();
  const { t } = useMessages();
  if (!isGerritReviewAssistantAvailable(entity)) {
    return (
      <EntityInfoCard title={t('card.title')}>
        <NoProject />
      </EntityInfoCard>
    );
  }
  return (
    <OpenChanges
      entityRef={stringifyEntityRef(entity)}
      name={entity.metadata.title ?? entity.metadata.name}
    />
  );
}

function OpenChanges(props: { entityRef: string; name: string }) {
  const { entityRef, name } = props;
  const api = useApi(gerritReviewAssistantApiRef);
  const { t } = useMessages();
  const tab = useTab();
  const load = useCallback(
    (signal: AbortSignal) =>
      api.changes(entityRef, { status: 'open', order: 'urgent', limit: most, signal }),
    [api, entityRef],
  );
  const live = useLive(load, { entityRef });
  return (
    <EntityInfoCard
      title={t('card.title')}
      headerActions={!live.error && <Connection entityRef={entityRef} />}
      footerActions={
        tab && (
          <Link href={tab}>
            {t('card.viewAll')} <Hidden>{t('card.viewAllOf', { name })}</Hidden>
          </Link>
        )
      }
    >
      <div className={shared.frame}>
        <LiveView live={live}>{page => <Page page={page} />}</LiveView>
        <div role="status" aria-live="polite">
          <Hidden>
            {live.value && t('card.updated', { count: live.value.changes.slice(0, most).length })}
          </Hidden>
        </div>
      </div>
    </EntityInfoCard>
  );
}

function Page(props: { page: Changes }) {
  const { t } = useMessages();
  const { considered, more } = props.page;
  const changes = props.page.changes.slice(0, most);
  const all = considered ?? changes.length;
  const counts = { shown: String(changes.length), considered: String(all) };
  return (
    <ByMode
      mode={props.page.mode}
      of="gerrit"
      empty={
        changes.length === 0 && <Empty title={t('card.empty.title')}>{t('card.empty.why')}</Empty>
      }
    >
      <ChangeList changes={changes} label={t('card.list')} />
      {(more || all > changes.length) && (
        <p className={shared.quiet}>
          {more ? t('card.shownMore', counts) : t('card.shown', counts)}
        </p>
      )}
    </ByMode>
  );
}

/** The address of the entity's tab; undefined in an app that does not have it. */
function useTab(): string | undefined {
  try {
    return useRouteRef(entityContentRouteRef)();
  } catch {
    return undefined;
  }
}
