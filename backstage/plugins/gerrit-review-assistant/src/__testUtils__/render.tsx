// SPDX-License-Identifier: Apache-2.0
import type { Entity } from '@backstage/catalog-model';
import { renderInTestApp } from '@backstage/frontend-test-utils';
import { EntityProvider, entityRouteRef } from '@backstage/plugin-catalog-react';
import { screen } from '@testing-library/react';
import type { ReactElement } from 'react';
import { useLocation, useNavigate } from 'react-router-dom';
import { entityContentRouteRef } from '../routes';
import { FakeAssistant } from './fakeApi';
import { pseudoTranslation } from './pseudo';
import { gerritReviewAssistantApiRef, type GerritReviewAssistantApi } from '../api';

/** Where the app of the last rendered part is, and how it goes somewhere, or so many entries of its history. */
export const router = { search: '', path: '', go(_to: string | number) {} };

function Router() {
  const navigate = useNavigate();
  const { pathname, search, hash } = useLocation();
  Object.assign(router, { search, path: pathname + search + hash, go: navigate });
  return null;
}

/**
 * Renders an element in an app, within an element of the test id "part", where catalog and assistant are there; with entity, as on
 * its page; at is the history up to the address that it is at; with pseudo, in the language that marks what is translated.
 */
export function renderPart(
  element: ReactElement,
  options: { api: GerritReviewAssistantApi; entity?: Entity; at?: string[]; pseudo?: boolean },
) {
  const { api, entity, at, pseudo = false } = options;
  return renderInTestApp(
    <>
      <Router />
      <div data-testid="part">
        {entity ? <EntityProvider entity={entity}>{element}</EntityProvider> : element}
      </div>
    </>,
    {
      initialRouteEntries: at,
      mountedRoutes: {
        '/catalog/:namespace/:kind/:name': entityRouteRef,
        '/tab': entityContentRouteRef,
      },
      apis: [[gerritReviewAssistantApiRef, api], ...(pseudo ? [pseudoTranslation] : [])],
    },
  );
}

/** What a part says that asks the assistant for nothing. */
export async function text(element: ReactElement): Promise<string> {
  renderPart(element, { api: new FakeAssistant() });
  return (await screen.findByTestId('part')).textContent ?? '';
}
