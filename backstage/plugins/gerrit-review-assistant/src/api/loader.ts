// SPDX-License-Identifier: Apache-2.0
import { AssistantError, asAssistantError } from './error';
import { pollEvery } from './feed';

/** Milliseconds. */
const settle = 100; // what moves together is loaded once
const apart = 1_000; // between the starts of two loads, when much moves
const staleAfter = 120_000;

/** What is known of a value that is loaded again and again. */
export type Loaded<T> = {
  /** The last one that could be loaded. */
  value?: T;
  /** The value was loaded for what was asked before, and goes if this cannot be loaded. */
  kept?: boolean;
  /** Why the last load failed; undefined after one that did not. */
  error?: AssistantError;
  /** A load is on its way. */
  refreshing: boolean;
  /** The value is older than two minutes, and cannot be loaded anew. */
  stale: boolean;
  /** When the value was loaded, in milliseconds since 1970. */
  loadedAt?: number;
};

/** How a value is loaded; before is the last one, for loads that go on from it. */
export type Load<T> = (signal: AbortSignal, before?: T) => Promise<T>;

/**
 * Loads a value, and again when it is asked to: one load is on its way at a time, and
 * at most one waits behind it. The last good value stays while a load fails, but for
 * a failure that says that it may not be shown any longer. After a failure it tries
 * again by itself, not before the server wants it and not while nobody looks.
 */
export class Loader<T> {
  state: Loaded<T>;
  private again = false;
  // Times are of performance.now: nobody sets that clock.
  private started = -Infinity;
  private notBefore = -Infinity; // as the server said with its last failure
  private due = Infinity;
  private timer?: ReturnType<typeof setTimeout>;
  private running = new AbortController();
  private stopped = false;

  constructor(
    private readonly load: Load<T>,
    private readonly onState: (state: Loaded<T>) => void,
    before?: Loaded<T>,
  ) {
    this.state = before ?? { refreshing: false, stale: false };
  }

  /** Loads soon, for news: what is being loaded is loaded to its end first. */
  soon() {
    if (this.state.refreshing) {
      this.again = true;
      return;
    }
    const now = performance.now();
    this.plan(Math.max(now + settle, this.started + apart, this.notBefore));
  }

  /** Loads at once, for a person: in the place of what is being loaded. */
  now() {
    if (this.stopped) {
      return;
    }
    this.unplan();
    this.again = false;
    this.running.abort();
    const running = new AbortController();
    this.running = running;
    this.started = performance.now();
    const { value, kept } = this.state;
    this.set({ ...this.state, refreshing: true });
    this.load(running.signal, kept ? undefined : value).then(
      loaded => running.signal.aborted || this.loaded(loaded),
      error => running.signal.aborted || this.failed(asAssistantError(error)),
    );
  }

  stop() {
    this.stopped = true;
    this.unplan();
    this.running.abort();
  }

  private loaded(value: T) {
    this.notBefore = -Infinity;
    this.done({ value, refreshing: false, stale: false, loadedAt: Date.now() });
  }

  private failed(error: AssistantError) {
    const gone = error.revokes || this.state.kept;
    const { value, loadedAt } = gone ? ({} as Loaded<T>) : this.state;
    const stale = loadedAt !== undefined && Date.now() - loadedAt > staleAfter;
    const now = performance.now();
    this.notBefore = now + (error.retryAfter ?? 0) * 1000;
    this.plan(Math.max(now + pollEvery, this.notBefore));
    this.done({ value, loadedAt, error, refreshing: false, stale });
  }

  private done(state: Loaded<T>) {
    this.set(state);
    if (this.again) {
      this.again = false;
      this.soon();
    }
  }

  /** Loads at a time, or earlier where that is planned already. */
  private plan(time: number) {
    if (this.stopped || time >= this.due) {
      return;
    }
    this.unplan();
    this.due = time;
    this.timer = setTimeout(this.onDue, time - performance.now());
  }

  private unplan() {
    clearTimeout(this.timer);
    this.due = Infinity;
  }

  private readonly onDue = () => {
    this.due = Infinity;
    // What fails is not asked for again and again for a page that nobody sees.
    if (this.state.error && document.visibilityState === 'hidden') {
      this.plan(performance.now() + pollEvery);
    } else {
      this.now();
    }
  };

  private set(state: Loaded<T>) {
    this.state = state;
    this.onState(state);
  }
}
