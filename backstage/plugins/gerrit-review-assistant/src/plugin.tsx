// SPDX-License-Identifier: Apache-2.0
import {
  ApiBlueprint,
  PageBlueprint,
  createFrontendPlugin,
  discoveryApiRef,
  fetchApiRef,
} from '@backstage/frontend-plugin-api';
import { EntityCardBlueprint, EntityContentBlueprint } from '@backstage/plugin-catalog-react/alpha';
import { RiGitPullRequestLine } from '@remixicon/react';
import { isGerritReviewAssistantAvailable } from '@review-assistant/backstage-plugin-gerrit-review-assistant-common';
import { GerritReviewAssistantClient, gerritReviewAssistantApiRef } from './api';
import { EntityReviewAssistantCard } from './components/card';
import { entityContentRouteRef, myReviewsRouteRef } from './routes';

const api = ApiBlueprint.make({
  params: defineParams =>
    defineParams({
      api: gerritReviewAssistantApiRef,
      deps: { discoveryApi: discoveryApiRef, fetchApi: fetchApiRef },
      factory: deps => new GerritReviewAssistantClient(deps),
    }),
});

const card = EntityCardBlueprint.make({
  name: 'changes',
  params: {
    type: 'content',
    filter: isGerritReviewAssistantAvailable,
    // Small, and on the page that people wait for: not worth a request before its own one can begin.
    loader: async () => <EntityReviewAssistantCard />,
  },
});

// Titles of tabs and pages are strings that the app reads before anything is rendered, and the blueprints of Backstage 1.55
// take no message for them. An app in another language sets `title` of the extension in its app-config.yaml.
const content = EntityContentBlueprint.make({
  name: 'changes',
  params: {
    path: '/gerrit-reviews',
    title: 'Gerrit reviews',
    group: 'development',
    routeRef: entityContentRouteRef,
    filter: isGerritReviewAssistantAvailable,
    loader: () => import('./components/tab').then(m => <m.EntityReviewAssistantContent />),
  },
});

// The app makes an item of its navigation from a page's title and icon.
const page = PageBlueprint.make({
  params: {
    path: '/my-reviews',
    title: 'My reviews',
    icon: <RiGitPullRequestLine />,
    routeRef: myReviewsRouteRef,
    loader: () => import('./components/reviews').then(m => <m.MyReviewsPage />),
  },
});

/** The plugin for an app of the new frontend system. @public */
export const gerritReviewAssistantPlugin = createFrontendPlugin({
  pluginId: 'gerrit-review-assistant',
  title: 'Gerrit review assistant',
  info: { packageJson: () => import('../package.json') },
  routes: { myReviews: myReviewsRouteRef, entityContent: entityContentRouteRef },
  extensions: [api, card, content, page],
});
