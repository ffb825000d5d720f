// SPDX-License-Identifier: Apache-2.0
// References of this package serve the old frontend system and the new one.
import { createRouteRef } from '@backstage/core-plugin-api';

/** The page "My reviews". @public */
export const myReviewsRouteRef = createRouteRef({ id: 'gerrit-review-assistant:my-reviews' });

/** The tab of an entity. @public */
export const entityContentRouteRef = createRouteRef({ id: 'gerrit-review-assistant:entity' });
