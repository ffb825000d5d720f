// SPDX-License-Identifier: Apache-2.0
import { portal } from '../portal';

// The demo's Backstage, in which whoever a request names is signed in.
const backend = portal();
backend.add(import('./named'));
backend.start();
