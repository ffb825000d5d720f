// SPDX-License-Identifier: Apache-2.0
import '@testing-library/jest-dom';
import { configure } from '@testing-library/react';

// A whole app is slow where many tests share a machine.
jest.setTimeout(60_000);
configure({ asyncUtilTimeout: 15_000 });
