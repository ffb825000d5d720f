// SPDX-License-Identifier: Apache-2.0
import { act } from '@testing-library/react';
import { errors, type FakeAssistant } from './fakeApi';

/** Makes it three minutes later, when nothing can be loaded any longer. Ends with jest.restoreAllMocks. */
export async function growOld(api: FakeAssistant) {
  for (const clock of [Date, performance]) {
    const now = clock.now.bind(clock);
    jest.spyOn(clock, 'now').mockImplementation(() => now() + 180_000);
  }
  const error = errors.unreachable();
  api.answers = { changes: error, failures: error, branches: error, activity: error };
  await act(async () => api.streams.forEach(stream => stream.send({ type: 'reload' })));
}
