// SPDX-License-Identifier: Apache-2.0
import { parseEntityRef } from '@backstage/catalog-model';
import type { DiscoveryApi, FetchApi } from '@backstage/frontend-plugin-api';
import type {
  Activities,
  Branches,
  Change,
  Changes,
  Detail,
  Failures,
  Me,
} from '@review-assistant/backstage-plugin-gerrit-review-assistant-common';
import { AssistantError, asAssistantError, parseError } from './error';
import { readEvents } from './stream';
import type {
  AssistantEvent,
  ChangeOptions,
  ChangesOptions,
  GerritReviewAssistantApi,
  PageOptions,
  RequestOptions,
} from './types';

const answerLimit = 8 << 20; // bytes of an answer
const errorLimit = 64 << 10; // bytes of an answer that is an error
const answerTimeout = 20_000; // milliseconds for a whole answer
const rowLimit = 500; // rows of any list

type Query = Record<string, string | number | undefined>;

/** Asks the backend plugin, which asks the assistant as the person who is signed in. @public */
export class GerritReviewAssistantClient implements GerritReviewAssistantApi {
  private readonly discoveryApi: DiscoveryApi;
  private readonly fetchApi: FetchApi;

  constructor(options: { discoveryApi: DiscoveryApi; fetchApi: FetchApi }) {
    this.discoveryApi = options.discoveryApi;
    this.fetchApi = options.fetchApi;
  }

  /** {@inheritdoc GerritReviewAssistantApi.changes} */
  async changes(entityRef: string, options: ChangesOptions = {}): Promise<Changes> {
    const { signal, ...query } = options;
    const page = rows(await this.get<Changes>(component(entityRef, 'changes'), query, signal));
    return { ...page, mode: modeOf(page) };
  }

  /** {@inheritdoc GerritReviewAssistantApi.change} */
  async change(id: string, options: ChangeOptions = {}): Promise<Detail> {
    const what = `changes/${encodeURIComponent(id)}`;
    const path = options.entityRef ? component(options.entityRef, what) : `/${what}`;
    const detail = await this.get<Detail>(path, { patch_set: options.patchSet }, options.signal);
    return { ...detail, ...row(detail), outcomes: list(detail.outcomes) };
  }

  /** {@inheritdoc GerritReviewAssistantApi.failures} */
  async failures(
    entityRef: string,
    options: RequestOptions & { limit?: number } = {},
  ): Promise<Failures> {
    const { signal, ...query } = options;
    const found = await this.get<Failures>(component(entityRef, 'failures'), query, signal);
    return { ...found, clusters: list(found.clusters) };
  }

  /** {@inheritdoc GerritReviewAssistantApi.activity} */
  async activity(entityRef: string, options: PageOptions = {}): Promise<Activities> {
    const { signal, ...query } = options;
    const found = await this.get<Activities>(component(entityRef, 'activity'), query, signal);
    return { ...found, activity: list(found.activity) };
  }

  /** {@inheritdoc GerritReviewAssistantApi.branches} */
  async branches(entityRef: string, options: RequestOptions = {}): Promise<Branches> {
    const found = await this.get<Branches>(component(entityRef, 'branches'), {}, options.signal);
    return { ...found, branches: list(found.branches) };
  }

  /** {@inheritdoc GerritReviewAssistantApi.reviews} */
  async reviews(options: PageOptions = {}): Promise<Changes> {
    const { signal, ...query } = options;
    return rows(await this.get<Changes>('/me/reviews', query, signal));
  }

  /** {@inheritdoc GerritReviewAssistantApi.me} */
  async me(options: RequestOptions = {}): Promise<Me> {
    const me = await this.get<Me>('/me', {}, options.signal);
    return { ...me, accounts: list(me.accounts), roles: list(me.roles) };
  }

  /** {@inheritdoc GerritReviewAssistantApi.events} */
  async *events(
    entityRef: string | undefined,
    options: { after?: string; signal: AbortSignal },
  ): AsyncIterable<AssistantEvent> {
    // Ends the request too when the reader stops early.
    const gone = new AbortController();
    const stop = () => gone.abort();
    options.signal.addEventListener('abort', stop);
    try {
      options.signal.throwIfAborted();
      const query = { component: entityRef, after: options.after };
      yield* readEvents(await this.ask('/events', query, 'text/event-stream', gone.signal));
    } catch (error) {
      options.signal.throwIfAborted();
      throw asAssistantError(error);
    } finally {
      options.signal.removeEventListener('abort', stop);
      stop();
    }
  }

  private async ask(
    path: string,
    query: Query,
    accept: string,
    signal: AbortSignal,
  ): Promise<Response> {
    const base = await this.discoveryApi.getBaseUrl('gerrit-review-assistant');
    const wanted = new URLSearchParams();
    for (const [name, value] of Object.entries(query)) {
      // The API refuses a parameter without a value.
      if (value !== undefined && value !== '') {
        wanted.set(name, String(value));
      }
    }
    const text = wanted.toString();
    const response = await this.fetchApi.fetch(base + path + (text && `?${text}`), {
      headers: { Accept: accept },
      signal,
    });
    if (!response.ok) {
      throw await failure(response);
    }
    return response;
  }

  private async get<T extends object>(
    path: string,
    query: Query,
    signal?: AbortSignal,
  ): Promise<T> {
    const late = new AbortController();
    const stop = () => late.abort();
    const timer = setTimeout(stop, answerTimeout);
    signal?.addEventListener('abort', stop);
    try {
      signal?.throwIfAborted();
      const response = await this.ask(path, query, 'application/json', late.signal);
      return parse<T>(await readText(response, answerLimit));
    } catch (error) {
      signal?.throwIfAborted();
      throw asAssistantError(error);
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', stop);
    }
  }
}

function component(entityRef: string, what: string): string {
  const { kind, namespace, name } = parseEntityRef(entityRef);
  return `/components/${[kind, namespace, name].map(encodeURIComponent).join('/')}/${what}`;
}

async function failure(response: Response): Promise<AssistantError> {
  const text = await readText(response, errorLimit).catch(() => '');
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    // A page of a proxy, for example: its status has to do.
  }
  return parseError(response.status, body, response.headers.get('Retry-After'));
}

/** Reads a body as text, and fails when it is larger than limit bytes. */
async function readText(response: Response, limit: number): Promise<string> {
  if (!response.body) {
    return '';
  }
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  let text = '';
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) {
      return text + decoder.decode();
    }
    size += value.byteLength;
    if (size > limit) {
      await reader.cancel();
      throw new AssistantError('', { status: 502, reason: 'too-large' });
    }
    text += decoder.decode(value, { stream: true });
  }
}

function parse<T extends object>(text: string): T {
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch {
    // As much as nothing.
  }
  if (typeof answer !== 'object' || answer === null) {
    throw new AssistantError('', { status: 502, reason: 'bad-answer' });
  }
  return answer as T;
}

function list<T>(value: T[] | undefined): T[] {
  return Array.isArray(value) ? value.slice(0, rowLimit) : [];
}

function rows(page: Changes): Changes {
  return { ...page, next: page.next ?? null, changes: list(page.changes).map(row) };
}

/** An older server says of each change alone that its project does not use the assistant. */
function modeOf({ mode, changes }: Changes): Changes['mode'] {
  const off = changes.length > 0 && changes.every(change => change.state === 'off');
  return mode ?? (off ? 'off' : undefined);
}

/** An older server leaves out what it does not know; components count on all of it but `submitted`. */
function row(change: Change): Change {
  return {
    ...change,
    summary: change.summary ? { ...change.summary, bullets: list(change.summary.bullets) } : null,
    builds: change.builds ?? null,
    reviewers: list(change.reviewers),
    labels: list(change.labels).map(label => ({ ...label, votes: list(label.votes) })),
    submit: change.submit
      ? { ...change.submit, requirements: list(change.submit.requirements) }
      : null,
    picks: list(change.picks).map(pick => ({ ...pick, reasons: list(pick.reasons) })),
  };
}
