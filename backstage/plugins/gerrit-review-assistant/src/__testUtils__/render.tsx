// SPDX-License-Identifier: Apache-2.0
import type { Entity } from '@backstage/catalog-model';
import { renderInTestApp } from '@backstage/frontend-test-utils';
import { EntityProvider, entityRouteRef } from '@backstage/plugin-catalog-react';
import type { ReactElement } from 'react';
import { entityContentRouteRef } from '../routes';
import { pseudoTranslation } from './pseudo';
import { gerritReviewAssistantApiRef, type GerritReviewAssistantApi } from '../api';

/**
 * Renders an element in an app, within an element of the test id "part", where catalog and assistant are there; with entity, as on
 * its page; with pseudo, in the language that marks what is translated.
 */
export function renderPart(
  element: ReactElement,
  options: { api: GerritReviewAssistantApi; entity?: Entity; pseudo?: boolean },
) {
  const { api, entity, pseudo = false } = options;
  return renderInTestApp(
    <div data-testid="part">
      {entity ? <EntityProvider entity={entity}>{element}</EntityProvider> : element}
    </div>,
    {
      mountedRoutes: {
        '/catalog/:namespace/:kind/:name': entityRouteRef,
        '/tab': entityContentRouteRef,
      },
      apis: [[gerritReviewAssistantApiRef, api], ...(pseudo ? [pseudoTranslation] : [])],
    },
  );
}
