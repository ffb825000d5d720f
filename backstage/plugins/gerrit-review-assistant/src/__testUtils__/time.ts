// SPDX-License-Identifier: Apache-2.0
import { act } from '@testing-library/react';

/** Lets time pass, and all that is waited for in it. */
export const pass = (milliseconds: number) =>
  act(() => jest.advanceTimersByTimeAsync(milliseconds));

/** Somebody looks at the page, or nobody does. */
export function show(visible: boolean) {
  Object.defineProperty(document, 'visibilityState', {
    configurable: true,
    value: visible ? 'visible' : 'hidden',
  });
  act(() => {
    document.dispatchEvent(new Event('visibilitychange'));
  });
}
