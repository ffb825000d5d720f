// SPDX-License-Identifier: Apache-2.0
import { createBackend } from '@backstage/backend-defaults';
import { run } from '../run';

// The catalog of Backstage and its tokens, and nothing else.
const backend = createBackend();
backend.add(import('@backstage/plugin-auth-backend'));
backend.add(import('@backstage/plugin-catalog-backend'));
backend.add(import('./caller'));
backend.add(import('./named'));
run(backend);
