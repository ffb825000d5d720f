// SPDX-License-Identifier: Apache-2.0
import { portal } from '../portal';
import { run } from '../run';

// The demo's Backstage, in which whoever a request names is signed in.
const backend = portal();
backend.add(import('./named'));
run(backend);
