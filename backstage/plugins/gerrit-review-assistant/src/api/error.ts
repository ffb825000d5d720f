// SPDX-License-Identifier: Apache-2.0

/** Which of the designed error states fits; see ErrorPanel. @public */
export type AssistantErrorKind =
  | 'signed-out'
  | 'no-person'
  | 'no-account'
  | 'account-refused'
  | 'no-permission'
  | 'forbidden'
  | 'not-found'
  | 'no-host'
  | 'bad-request'
  | 'too-often'
  | 'unreachable'
  | 'not-now'
  | 'not-trusted'
  | 'bad-answer'
  | 'too-large'
  | 'other';

// The words of the backend plugin and of the API that have a state of their own,
// in words that fit them. All else is told by the status, in the server's words.
const kinds = new Map<string, AssistantErrorKind>([
  ['not-signed-in', 'signed-out'],
  ['no-person', 'no-person'],
  ['person-unknown', 'no-person'],
  ['no-account', 'no-account'],
  ['account-inactive', 'account-refused'],
  ['account-service', 'account-refused'],
  ['account-ambiguous', 'account-refused'],
  ['account-rebound', 'account-refused'],
  ['not-allowed', 'no-permission'],
  ['not-found', 'not-found'],
  ['not-shown', 'not-found'],
  ['no-host', 'no-host'],
  ['bad-request', 'bad-request'],
  ['too-often', 'too-often'],
  ['not-reachable', 'unreachable'],
  ['not-now', 'not-now'],
  ['not-trusted', 'not-trusted'],
  ['bad-answer', 'bad-answer'],
  ['too-large', 'too-large'],
  ['internal', 'other'],
]);

const longest = 400; // characters of a text that are shown
const longestWait = 300; // seconds; who looks at a page is not kept waiting for a day

/**
 * What went wrong with a request, as the server says it: a fixed word for programs,
 * what is wrong, and what to do next. Texts are plain and short. @public
 */
export class AssistantError extends Error {
  /** HTTP status; 0 when there was no answer. */
  readonly status: number;
  /** The fixed word of the API, such as "no-account"; "" when there was none. */
  readonly reason: string;
  /** What to do, as the server says it; "" when it says nothing. */
  readonly next: string;
  /** Seconds to wait before the next request, when the server says so; five minutes at most. */
  readonly retryAfter?: number;

  constructor(
    message: string,
    options: {
      status: number;
      reason?: string;
      next?: string;
      retryAfter?: number;
      cause?: unknown;
    },
  ) {
    super(shortText(message));
    this.name = 'AssistantError';
    this.status = options.status;
    this.reason = options.reason ?? '';
    this.next = shortText(options.next ?? '');
    if (options.retryAfter !== undefined) {
      this.retryAfter = Math.min(options.retryAfter, longestWait);
    }
    if (options.cause !== undefined) {
      this.cause = options.cause;
    }
  }

  /** Which of the designed error states fits. */
  get kind(): AssistantErrorKind {
    const known = kinds.get(this.reason);
    if (known) return known;
    if (this.status === 401) return 'signed-out';
    if (this.status === 403) return 'forbidden';
    if (this.status === 404) return 'not-found';
    if (this.status === 429) return 'too-often';
    if (this.status === 0 || (this.status >= 502 && this.status <= 504)) return 'unreachable';
    return 'other';
  }

  /** The plugin knows the reason, and has words for it in each of its languages. */
  get known(): boolean {
    return kinds.has(this.reason);
  }

  /** What was shown may not be shown any longer. */
  get revokes(): boolean {
    return this.status === 401 || this.status === 403 || this.status === 404;
  }
}

/** Any failure as an AssistantError. */
export function asAssistantError(error: unknown): AssistantError {
  if (error instanceof AssistantError) {
    return error;
  }
  // What fetch throws tells of addresses and browsers, and helps nobody on a card.
  return new AssistantError('', { status: 0, cause: error });
}

/** Reads the error of the backend plugin, or of the API itself behind a proxy. */
export function parseError(
  status: number,
  body: unknown,
  retryAfter: string | null,
): AssistantError {
  const fields = asRecord(body);
  const inner = asRecord(fields.error);
  const reason = /^[a-z-]{1,40}$/.test(asText(fields.reason)) ? asText(fields.reason) : '';
  // The API itself means that it was sent a token for programs, and says so better than the words for who is not in the catalog.
  const ofPrograms = reason === 'no-person' && Boolean(asText(fields.detail));
  const seconds = /^\d{1,5}$/.test(retryAfter ?? '') ? Number(retryAfter) : undefined;
  return new AssistantError(
    sentence(asText(inner.message) || asText(fields.detail) || asText(fields.title)),
    {
      status,
      reason: ofPrograms ? '' : reason,
      next: sentence(asText(fields.next)),
      retryAfter: seconds,
    },
  );
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** The API says parts of sentences, as logs have them: a person reads a whole one. */
function sentence(text: string): string {
  const trimmed = text.trim();
  if (!trimmed) {
    return '';
  }
  const [first] = trimmed; // a whole character
  const end = /[.!?…:]$/.test(trimmed) ? '' : '.';
  return first.toLocaleUpperCase('en-US') + trimmed.slice(first.length) + end;
}

function shortText(text: string): string {
  return text.length > longest ? `${text.slice(0, longest)}…` : text;
}
