// SPDX-License-Identifier: Apache-2.0
import { asAssistantError, type AssistantError } from './error';
import type { AssistantEvent, GerritReviewAssistantApi } from './types';

/** Milliseconds. */
export const pollEvery = 30_000;
const firstRetry = 3_000;
const lastRetry = 60_000;
const lasts = 30_000; // a stream that stands so long is no trouble when it ends
// Browsers have six connections to a server over HTTP/1.1, all windows together:
// a window that nobody looks at must not hold one of them.
const hiddenFor = 30_000;

/** live: the stream stands, or ended and is opened anew. polling: it does not, and is tried again. */
export type FeedState = 'connecting' | 'live' | 'polling';

/** What a subscriber is told. event is missing where nothing is known of what moved. */
type FeedListener = {
  moved(event?: AssistantEvent): void;
  state(state: FeedState): void;
};

/**
 * Tells what moves in one entity to all parts of the page that show it, over one
 * stream. While there is no stream it tells every 30 seconds that something may
 * have moved, and every minute while there is one, which does not tell of all: nobody
 * says so when Gerrit takes a right away, or is down. Not for a page that nobody sees.
 */
class Feed {
  state: FeedState = 'connecting';
  private readonly listeners = new Set<FeedListener>();
  private after?: string;
  private failures = 0;
  private stood = false; // since it was told that it broke
  private opened?: number; // when the stream began to stand, of performance.now
  private gone = false; // no stream stood at the last beat
  private beats = 0;
  private stream?: AbortController;
  private retry?: ReturnType<typeof setTimeout>;
  private poll?: ReturnType<typeof setInterval>;
  private hidden?: ReturnType<typeof setTimeout>;

  constructor(
    private readonly open: (
      after: string | undefined,
      signal: AbortSignal,
    ) => AsyncIterable<AssistantEvent>,
    private readonly onIdle: () => void = () => {},
  ) {}

  subscribe(listener: FeedListener): () => void {
    this.listeners.add(listener);
    if (this.listeners.size === 1) {
      document.addEventListener('visibilitychange', this.onVisibility);
      this.poll = setInterval(this.onPoll, pollEvery);
      // A tab that is opened in the background connects once somebody looks at it.
      if (document.visibilityState !== 'hidden') {
        this.connect();
      }
    }
    return () => {
      if (this.listeners.delete(listener) && this.listeners.size === 0) {
        document.removeEventListener('visibilitychange', this.onVisibility);
        clearInterval(this.poll);
        clearTimeout(this.hidden);
        this.disconnect();
        this.onIdle();
      }
    };
  }

  private connect() {
    if (this.stream) {
      return;
    }
    clearTimeout(this.retry);
    const stream = new AbortController();
    this.stream = stream;
    this.read(stream.signal).then(
      () => this.broke(stream),
      error => this.broke(stream, asAssistantError(error)),
    );
  }

  private async read(signal: AbortSignal) {
    for await (const event of this.open(this.after, signal)) {
      if (signal.aborted) {
        return;
      }
      if (event.type === 'open') {
        this.opened = performance.now();
        this.stood = true;
        this.setState('live');
        // Without an id the stream begins now: what moved before is not in it.
        if (this.after === undefined) {
          this.tell();
        }
        continue;
      }
      this.after = event.type === 'reset' ? undefined : (event.id ?? this.after);
      this.tell(event);
    }
  }

  private broke(stream: AbortController, error?: AssistantError) {
    if (this.stream !== stream) {
      return; // it was ended from here
    }
    this.stream = undefined;
    const lasted = this.opened !== undefined && performance.now() - this.opened >= lasts;
    this.opened = undefined;
    if (lasted) {
      this.failures = 0;
    }
    // The server ends each stream after some minutes: that alone is no news.
    if (error || !lasted) {
      this.setState('polling');
    }
    const wait = Math.min(firstRetry * 2 ** this.failures, lastRetry);
    this.failures = Math.min(this.failures + 1, 10);
    this.retry = setTimeout(() => this.connect(), Math.max(wait, (error?.retryAfter ?? 0) * 1000));
    // What broke the stream may keep all else from being loaded: who looks is told now, and not in half a minute.
    if (error && this.stood && document.visibilityState !== 'hidden') {
      this.stood = false;
      this.tell();
    }
  }

  private disconnect() {
    clearTimeout(this.retry);
    const stream = this.stream;
    this.stream = undefined;
    this.opened = undefined;
    stream?.abort();
    this.setState('connecting');
  }

  private readonly onPoll = () => {
    this.beats++;
    if (document.visibilityState === 'hidden') {
      return;
    }
    // To open one anew takes seconds; this one does not come.
    if (this.opened === undefined && this.gone) {
      this.setState('polling');
    }
    this.gone = this.opened === undefined;
    if (this.state !== 'live' || this.beats % 2 === 0) {
      this.tell();
    }
  };

  private readonly onVisibility = () => {
    clearTimeout(this.hidden);
    if (document.visibilityState === 'hidden') {
      this.hidden = setTimeout(() => this.disconnect(), hiddenFor);
      return;
    }
    if (this.state !== 'live') {
      this.tell();
      this.connect();
    }
  };

  private tell(event?: AssistantEvent) {
    for (const listener of [...this.listeners]) {
      listener.moved(event);
    }
  }

  private setState(state: FeedState) {
    if (this.state !== state) {
      this.state = state;
      for (const listener of [...this.listeners]) {
        listener.state(state);
      }
    }
  }
}

const feeds = new WeakMap<GerritReviewAssistantApi, Map<string, Feed>>();

/** The one feed of an entity, or without one of everything that the person sees. */
export function feedOf(api: GerritReviewAssistantApi, entityRef: string | undefined): Feed {
  let known = feeds.get(api);
  if (!known) {
    known = new Map();
    feeds.set(api, known);
  }
  const ofApi = known;
  const key = entityRef ?? '';
  let feed = ofApi.get(key);
  if (!feed) {
    feed = new Feed(
      (after, signal) => api.events(entityRef, { after, signal }),
      () => ofApi.delete(key),
    );
    ofApi.set(key, feed);
  }
  return feed;
}
