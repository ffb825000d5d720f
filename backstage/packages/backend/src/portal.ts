// SPDX-License-Identifier: Apache-2.0
import { createBackend } from '@backstage/backend-defaults';

/** The whole Backstage of the demo and of the end-to-end tests. */
export function portal() {
  const backend = createBackend();
  backend.add(import('@backstage/plugin-app-backend'));
  backend.add(import('@backstage/plugin-auth-backend'));
  backend.add(import('@backstage/plugin-auth-backend-module-oidc-provider'));
  backend.add(import('@backstage/plugin-catalog-backend'));
  backend.add(import('@backstage/plugin-catalog-backend-module-gerrit'));
  backend.add(import('@backstage/plugin-permission-backend'));
  backend.add(import('@backstage/plugin-proxy-backend'));
  backend.add(import('@review-assistant/backstage-plugin-catalog-backend-module-gerrit-groups'));
  backend.add(import('@review-assistant/backstage-plugin-gerrit-review-assistant-backend'));
  backend.add(import('./policy'));
  return backend;
}
