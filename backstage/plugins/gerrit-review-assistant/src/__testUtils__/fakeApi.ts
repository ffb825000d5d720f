// SPDX-License-Identifier: Apache-2.0
import type {
  Activities,
  Branches,
  Changes,
  Detail,
  Failures,
  Me,
} from '@review-assistant/backstage-plugin-gerrit-review-assistant-common';
import { exampleAnswers } from '@review-assistant/backstage-plugin-gerrit-review-assistant-common/testUtils';
import { AssistantError, type AssistantEvent, type GerritReviewAssistantApi } from '../api';
import { change, everyKind, page } from './fixtures';

/** A stream whose events a test sends. */
export class FakeStream {
  private readonly waiting: (AssistantEvent | Error | 'end')[] = [];
  private wake: () => void = () => {};

  constructor(
    readonly after: string | undefined,
    readonly signal: AbortSignal,
  ) {
    signal.addEventListener('abort', () => this.wake());
  }

  send(event: AssistantEvent) {
    this.push(event);
  }

  end() {
    this.push('end');
  }

  fail(error: Error) {
    this.push(error);
  }

  async *events(): AsyncGenerator<AssistantEvent> {
    for (;;) {
      const next = this.waiting.shift();
      if (this.signal.aborted || next === 'end') {
        return;
      }
      if (next instanceof Error) {
        throw next;
      }
      if (next) {
        yield next;
      } else {
        await new Promise<void>(resolve => {
          this.wake = resolve;
        });
      }
    }
  }

  private push(what: AssistantEvent | Error | 'end') {
    this.waiting.push(what);
    this.wake();
  }
}

/**
 * An assistant that answers what a test gives it: set `answers` for what a method
 * gives back (a value, an error, or a function of the arguments), read `calls` for what
 * it was asked, and send events through `streams`. Streams open unless `noStreams` is set.
 */
export class FakeAssistant implements GerritReviewAssistantApi {
  answers: {
    changes?: Answer<Changes>;
    change?: Answer<Detail>;
    failures?: Answer<Failures>;
    activity?: Answer<Activities>;
    branches?: Answer<Branches>;
    reviews?: Answer<Changes>;
    me?: Answer<Me>;
  } = {};
  calls: { method: string; args: unknown[] }[] = [];
  streams: FakeStream[] = [];
  noStreams?: Error;

  changes(...args: Parameters<GerritReviewAssistantApi['changes']>): Promise<Changes> {
    return this.answer('changes', args, page(everyKind()));
  }

  change(...args: Parameters<GerritReviewAssistantApi['change']>): Promise<Detail> {
    return this.answer('change', args, { ...change(), full: null, outcomes: [] });
  }

  failures(...args: Parameters<GerritReviewAssistantApi['failures']>): Promise<Failures> {
    return this.answer('failures', args, { clusters: [] });
  }

  activity(...args: Parameters<GerritReviewAssistantApi['activity']>): Promise<Activities> {
    return this.answer('activity', args, { activity: [], next: null });
  }

  branches(...args: Parameters<GerritReviewAssistantApi['branches']>): Promise<Branches> {
    return this.answer('branches', args, { branches: [] });
  }

  reviews(...args: Parameters<GerritReviewAssistantApi['reviews']>): Promise<Changes> {
    return this.answer('reviews', args, { changes: [change()], next: null });
  }

  me(...args: Parameters<GerritReviewAssistantApi['me']>): Promise<Me> {
    return this.answer('me', args, exampleAnswers.me);
  }

  events(
    entityRef: string | undefined,
    options: { after?: string; signal: AbortSignal },
  ): AsyncIterable<AssistantEvent> {
    this.calls.push({ method: 'events', args: [entityRef, options] });
    const stream = new FakeStream(options.after, options.signal);
    if (this.noStreams) {
      stream.fail(this.noStreams);
    } else {
      stream.send({ type: 'open' });
    }
    this.streams.push(stream);
    return stream.events();
  }

  /** How often a method was asked. */
  count(method: string): number {
    return this.calls.filter(call => call.method === method).length;
  }

  private async answer<T>(
    method: keyof FakeAssistant['answers'],
    args: unknown[],
    otherwise: T,
  ): Promise<T> {
    this.calls.push({ method, args });
    const given = this.answers[method] as Answer<T> | undefined;
    const value =
      typeof given === 'function' ? (given as (...a: unknown[]) => unknown)(...args) : given;
    if (value instanceof Error) {
      throw value;
    }
    return ((await value) as T | undefined) ?? otherwise;
  }
}

type Answer<T> = T | Error | ((...args: never[]) => T | Error | Promise<T>);

/** Errors as the server gives them. */
export const errors = {
  noAccount: () =>
    new AssistantError('No account of Gerrit was found for the person.', {
      status: 403,
      reason: 'no-account',
      next: 'Sign in to Gerrit once, or ask the operator to map the person.',
    }),
  forbidden: () => new AssistantError('', { status: 403, reason: 'no-right' }),
  // As the backend plugin says it.
  denied: (permission = 'gerrit-review-assistant.read') =>
    new AssistantError('The policy of this Backstage does not let you see this.', {
      status: 403,
      reason: 'not-allowed',
      next: `Ask whoever runs Backstage for the permission ${permission}.`,
    }),
  notFound: () => new AssistantError('', { status: 404, reason: 'not-found' }),
  badRequest: () =>
    new AssistantError('Order is not one of updated and urgent.', {
      status: 400,
      reason: 'bad-request',
      next: 'The parameters are limit, cursor.',
    }),
  tooOften: () => new AssistantError('', { status: 429, reason: 'too-often', retryAfter: 7 }),
  unreachable: () => new AssistantError('', { status: 503, reason: 'not-reachable' }),
  notNow: () =>
    new AssistantError('Backstage cannot tell now whether this may be shown.', {
      status: 503,
      reason: 'not-now',
    }),
  notTrusted: () =>
    new AssistantError('The review assistant does not accept what Backstage sends.', {
      status: 502,
      reason: 'not-trusted',
    }),
  badAnswer: () =>
    new AssistantError('The review assistant gave no answer that can be shown.', {
      status: 502,
      reason: 'bad-answer',
    }),
  tooLarge: () =>
    new AssistantError('The answer of the review assistant is too large to be shown.', {
      status: 502,
      reason: 'too-large',
      next: 'Ask for fewer rows with limit, or for fewer fields.',
    }),
  noRole: () =>
    new AssistantError('The person has none of the roles that this needs.', {
      status: 403,
      reason: 'no-role',
      next: 'Ask the operator for a role: operator or auditor.',
    }),
  offline: () => new AssistantError('', { status: 0 }),
  other: () => new AssistantError('', { status: 500, reason: 'internal' }),
};
