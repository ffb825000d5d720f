// SPDX-License-Identifier: Apache-2.0

/**
 * The plugin for an app of the old frontend system.
 *
 * @packageDocumentation
 */
import {
  createApiFactory,
  createComponentExtension,
  createPlugin,
  createRoutableExtension,
  discoveryApiRef,
  fetchApiRef,
} from '@backstage/core-plugin-api';
import { GerritReviewAssistantClient, gerritReviewAssistantApiRef } from './api';
import { EntityReviewAssistantCard as Card } from './components/card';
import { entityContentRouteRef, myReviewsRouteRef } from './routes';

export {
  ANNOTATION_PROJECT,
  isGerritReviewAssistantAvailable,
} from '@review-assistant/backstage-plugin-gerrit-review-assistant-common';
export {
  gerritReviewAssistantTranslationRef,
  gerritReviewAssistantTranslations,
} from './translation';

/** The plugin for an app of the old frontend system. @public */
export const gerritReviewAssistantPlugin = createPlugin({
  id: 'gerrit-review-assistant',
  routes: { myReviews: myReviewsRouteRef, entityContent: entityContentRouteRef },
  apis: [
    createApiFactory({
      api: gerritReviewAssistantApiRef,
      deps: { discoveryApi: discoveryApiRef, fetchApi: fetchApiRef },
      factory: deps => new GerritReviewAssistantClient(deps),
    }),
  ],
});

/** The card for the page of an entity. @public */
export const EntityReviewAssistantCard: () => JSX.Element = gerritReviewAssistantPlugin.provide(
  createComponentExtension({
    name: 'EntityReviewAssistantCard',
    component: { sync: Card },
  }),
);

/** The tab for the page of an entity, as element of an EntityLayout.Route. @public */
export const EntityReviewAssistantContent: () => JSX.Element = gerritReviewAssistantPlugin.provide(
  createRoutableExtension({
    name: 'EntityReviewAssistantContent',
    mountPoint: entityContentRouteRef,
    component: () => import('./components/tab').then(m => m.EntityReviewAssistantContent),
  }),
);

/** The page of what waits for the person, as element of a Route. @public */
export const MyReviewsPage: () => JSX.Element = gerritReviewAssistantPlugin.provide(
  createRoutableExtension({
    name: 'MyReviewsPage',
    mountPoint: myReviewsRouteRef,
    component: () => import('./components/reviews').then(m => m.MyReviewsPage),
  }),
);
