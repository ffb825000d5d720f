// SPDX-License-Identifier: Apache-2.0
import { AssistantError, asAssistantError } from './error';
import { pollEvery } from './feed';

/** Milliseconds. */
const settle = 100; // what moves together is loaded once
const apart = 1_000; // between the starts of two loads, when much moves
export const staleAfter = 120_000;

/** What is known of a value that is loaded again and again. */
export type Loaded<T> = {
  /** The last one that could be loaded. */
  value?: T;
  /** Why the last load failed; undefined after one that did not. */
  error?: AssistantError;
  /** Nothing is there to show yet, neither a value nor an error. */
  loading: boolean;
  /** A load is on its way. */
  refreshing: boolean;
  /** The value is older than two minutes, and cannot be loaded anew. */
  stale: boolean;
  /** When the value was loaded, in milliseconds since 1970. */
  loadedAt?: number;
};

/**
 * Loads a value, and again when it is asked to: one load is on its way at a time, and
 * at most one waits behind it. The last good value stays while a load fails, but for
 * a failure that says that it may not be shown any longer.
 */
export class Loader<T> {
  state: Loaded<T>;
  private again = false;
  private stopped = false;
  private started = -Infinity;
  private timer?: ReturnType<typeof setTimeout>;
  private retry?: ReturnType<typeof setTimeout>;
  private abort = new AbortController();

  constructor(
    private readonly load: (signal: AbortSignal) => Promise<T>,
    private readonly onState: (state: Loaded<T>) => void,
    before?: Loaded<T>,
  ) {
    this.state = before ?? { loading: true, refreshing: false, stale: false };
  }

  /** Loads soon. */
  soon() {
    if (this.stopped || this.timer !== undefined) {
      return;
    }
    if (this.state.refreshing) {
      this.again = true;
      return;
    }
    const wait = Math.max(settle, this.started + apart - Date.now());
    this.timer = setTimeout(() => this.now(), wait);
  }

  /** Loads at once, or right behind the load that is on its way. */
  now() {
    if (this.stopped) {
      return;
    }
    clearTimeout(this.timer);
    clearTimeout(this.retry);
    this.timer = undefined;
    if (this.state.refreshing) {
      this.again = true;
      return;
    }
    this.started = Date.now();
    this.set({ ...this.state, loading: this.state.value === undefined, refreshing: true });
    this.load(this.abort.signal).then(
      value =>
        this.done({ value, loading: false, refreshing: false, stale: false, loadedAt: Date.now() }),
      error => this.failed(asAssistantError(error)),
    );
  }

  stop() {
    this.stopped = true;
    clearTimeout(this.timer);
    clearTimeout(this.retry);
    this.abort.abort();
  }

  private failed(error: AssistantError) {
    const { value, loadedAt } = error.revokes ? ({} as Loaded<T>) : this.state;
    const age = loadedAt === undefined ? 0 : Date.now() - loadedAt;
    this.done({
      value,
      loadedAt,
      error,
      loading: false,
      refreshing: false,
      stale: age > staleAfter,
    });
    if (!this.stopped) {
      this.retry = setTimeout(this.onRetry, Math.max(pollEvery, (error.retryAfter ?? 0) * 1000));
    }
  }

  private readonly onRetry = () => {
    if (document.visibilityState === 'hidden') {
      this.retry = setTimeout(this.onRetry, pollEvery);
    } else {
      this.now();
    }
  };

  private done(state: Loaded<T>) {
    if (this.stopped) {
      return;
    }
    this.set(state);
    if (this.again) {
      this.again = false;
      this.soon();
    }
  }

  private set(state: Loaded<T>) {
    this.state = state;
    this.onState(state);
  }
}
