// SPDX-License-Identifier: Apache-2.0
import { AssistantError } from './error';

const kindOf = (status: number, reason: string) => new AssistantError('', { status, reason });

describe('AssistantError', () => {
  it.each([
    [401, 'not-signed-in', 'signed-out'],
    [403, 'no-person', 'no-person'],
    [403, 'person-unknown', 'no-person'],
    [403, 'no-account', 'no-account'],
    [403, 'account-inactive', 'account-refused'],
    [403, 'account-service', 'account-refused'],
    [403, 'account-ambiguous', 'account-refused'],
    [403, 'account-rebound', 'account-refused'],
    [403, 'not-allowed', 'no-permission'],
    [404, 'not-found', 'not-found'],
    [404, 'not-shown', 'not-found'],
    [400, 'no-host', 'no-host'],
    [400, 'bad-request', 'bad-request'],
    [429, 'too-often', 'too-often'],
    [503, 'not-reachable', 'unreachable'],
    [503, 'not-now', 'not-now'],
    [502, 'not-trusted', 'not-trusted'],
    [502, 'bad-answer', 'bad-answer'],
    [502, 'too-large', 'too-large'],
    [500, 'internal', 'other'],
  ])('has words of its own for %d %s', (status, reason, kind) => {
    expect(kindOf(status, reason)).toMatchObject({ kind, known: true });
  });

  it.each([
    [0, '', 'unreachable'],
    [400, 'bad-cursor', 'other'],
    [401, '', 'signed-out'],
    [403, 'no-role', 'forbidden'],
    [404, '', 'not-found'],
    [429, 'too-many-streams', 'too-often'],
    [502, '', 'unreachable'],
    [503, 'of-a-later-version', 'unreachable'],
    [504, '', 'unreachable'],
    [403, 'constructor', 'forbidden'],
  ])('tells %d %s by the status, and leaves the words to the server', (status, reason, kind) => {
    expect(kindOf(status, reason)).toMatchObject({ kind, known: false });
  });

  it.each([
    [undefined, undefined],
    [7, 7],
    [86_400, 300],
  ])('waits five minutes at most: %s seconds', (retryAfter, want) => {
    expect(new AssistantError('', { status: 503, retryAfter }).retryAfter).toBe(want);
  });
});
