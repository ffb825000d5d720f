// SPDX-License-Identifier: Apache-2.0
import type { Entity } from '@backstage/catalog-model';
import { renderInTestApp } from '@backstage/frontend-test-utils';
import { EntityProvider, entityRouteRef } from '@backstage/plugin-catalog-react';
import type { ReactElement } from 'react';
import { gerritReviewAssistantApiRef, type GerritReviewAssistantApi } from '../api';

/** Renders an element in an app, where catalog and assistant are there; with entity, as on its page. */
export function renderPart(
  element: ReactElement,
  options: { api: GerritReviewAssistantApi; entity?: Entity },
) {
  const { api, entity } = options;
  return renderInTestApp(
    entity ? <EntityProvider entity={entity}>{element}</EntityProvider> : element,
    {
      mountedRoutes: { '/catalog/:namespace/:kind/:name': entityRouteRef },
      apis: [[gerritReviewAssistantApiRef, api]],
    },
  );
}
