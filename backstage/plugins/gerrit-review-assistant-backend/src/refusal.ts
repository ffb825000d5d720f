// SPDX-License-Identifier: Apache-2.0
import { GerritReviewAssistantError } from '@review-assistant/backstage-plugin-gerrit-review-assistant-common';

const names: Record<number, string> = {
  400: 'InputError',
  401: 'AuthenticationError',
  403: 'NotAllowedError',
  404: 'NotFoundError',
  405: 'MethodNotAllowedError',
  429: 'TooManyRequestsError',
  501: 'NotImplementedError',
  502: 'BadGatewayError',
  503: 'ServiceUnavailableError',
};

/** An answer that is an error: what failed, a word for programs, what to do next. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly reason: string,
    message: string,
    readonly next: string,
    /** Headers of the answer, such as Retry-After in seconds. */
    readonly headers: Record<string, string> = {},
  ) {
    super(message);
  }

  body(): GerritReviewAssistantError {
    const name = names[this.status] ?? 'InternalError';
    return { error: { name, message: this.message }, reason: this.reason, next: this.next };
  }
}

/** Why nothing of an answer is passed on; the operator is told in the log. */
export const badAnswer = () =>
  new Refusal(
    502,
    'bad-answer',
    'The review assistant gave no answer that can be shown.',
    'Try again later; if it stays, tell whoever runs Backstage.',
  );

export const notReachable = () =>
  new Refusal(
    503,
    'not-reachable',
    'The review assistant does not answer.',
    'Try again in a moment; if it stays, tell whoever runs Backstage.',
    { 'Retry-After': '5' },
  );

/** For what Backstage itself could not tell. */
export const notNow = () =>
  new Refusal(
    503,
    'not-now',
    'Backstage cannot tell now whether this may be shown.',
    'Try again in a moment.',
    { 'Retry-After': '5' },
  );

// The assistant does not believe this Backstage, or takes the person for nobody
// that it may name: nothing that the person can mend.
const notTrusted = () =>
  new Refusal(
    502,
    'not-trusted',
    'The review assistant does not accept what Backstage sends.',
    'Tell whoever runs Backstage; its log says what to mend.',
  );

// What the assistant may say of a request itself. All else is between it and Backstage.
const passed = [400, 403, 404, 429, 501, 503];

/** What the assistant's own error becomes, and its word; undefined for what is none. */
export function fromProblem(
  status: number,
  body: Buffer,
  retryAfter: string | undefined,
): { refusal: Refusal; reason: string } | undefined {
  let problem: Record<string, unknown>;
  try {
    problem = JSON.parse(body.toString('utf8')) ?? {};
  } catch {
    return undefined;
  }
  const { reason, detail, next } = problem;
  if (typeof reason !== 'string' || !/^[a-z][a-z-]{0,39}$/.test(reason)) {
    return undefined;
  }
  if (status === 401) {
    return { refusal: notTrusted(), reason };
  }
  if (!passed.includes(status) || !isText(detail) || !isText(next)) {
    return { refusal: badAnswer(), reason };
  }
  const headers: Record<string, string> = /^\d{1,4}$/.test(retryAfter ?? '')
    ? { 'Retry-After': retryAfter! }
    : {};
  return { refusal: new Refusal(status, reason, detail, next, headers), reason };
}

function isText(text: unknown): text is string {
  return typeof text === 'string' && text.length <= 1000 && !/[\p{C}\p{Zl}\p{Zp}]/u.test(text);
}
