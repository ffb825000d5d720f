// SPDX-License-Identifier: Apache-2.0
import { portal } from './portal';
import { run } from './run';

run(portal());
