// SPDX-License-Identifier: Apache-2.0
// The catalog of Backstage and nothing else, in memory.
const { createBackend } = require('@backstage/backend-defaults');

const backend = createBackend();
backend.add(import('@backstage/plugin-catalog-backend'));
backend.start();
