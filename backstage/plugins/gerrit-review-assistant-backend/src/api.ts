// SPDX-License-Identifier: Apache-2.0
import http, { IncomingMessage } from 'node:http';
import https from 'node:https';
import { LoggerService } from '@backstage/backend-plugin-api';
import { badAnswer, fromProblem, notReachable, Refusal } from './refusal';
import { Settings } from './settings';

// Bytes of an answer. A page of 100 changes has less than 1 MiB.
const maxBody = 4 << 20;
// Connections for answers, and as many that wait; streams have their own.
const maxSockets = 64;
// How often the log tells of one sort of trouble.
const logEvery = 60_000;

/** An answer of the API, for the person alone that was named with the question. */
export interface Answer {
  body: Buffer;
  etag?: string;
}

/**
 * Asks the assistant. Nothing is followed, decoded or believed that the API
 * does not say; every error is a {@link Refusal} that can be shown.
 */
export class Api {
  private readonly agents = {
    'http:': new http.Agent({ keepAlive: true, maxSockets }),
    'https:': new https.Agent({ keepAlive: true, maxSockets }),
  };
  private readonly told = new Map<string, number>();

  constructor(
    private readonly settings: () => Settings,
    private readonly logger: LoggerService,
  ) {}

  /** Gets a path below /api/v1; undefined for a 304. */
  async get(path: string, headers: Record<string, string>): Promise<Answer | undefined> {
    const signal = AbortSignal.timeout(this.settings().timeout);
    return this.orRefuse(signal, async () => {
      const response = await this.send(
        path,
        { accept: 'application/json', ...headers },
        signal,
        false,
      );
      if (response.statusCode === 304 && 'if-none-match' in headers) {
        response.resume();
        return undefined;
      }
      const body = await read(response);
      if (response.statusCode !== 200 || typeOf(response) !== 'application/json') {
        throw this.refusal(response, body);
      }
      return { body, etag: tagOf(response) };
    });
  }

  /** Opens a stream of events, which lasts until it ends or the signal does. */
  async open(
    path: string,
    headers: Record<string, string>,
    signal: AbortSignal,
  ): Promise<IncomingMessage> {
    const opening = new AbortController();
    const end = () => opening.abort();
    signal.addEventListener('abort', end, { once: true });
    const timer = setTimeout(end, this.settings().timeout);
    return this.orRefuse(signal, async () => {
      try {
        const all = { accept: 'text/event-stream', ...headers };
        const response = await this.send(path, all, opening.signal, true);
        if (response.statusCode !== 200 || typeOf(response) !== 'text/event-stream') {
          throw this.refusal(response, await read(response));
        }
        return response;
      } finally {
        clearTimeout(timer);
      }
    });
  }

  close() {
    Object.values(this.agents).forEach(agent => agent.destroy());
  }

  private send(
    path: string,
    headers: Record<string, string>,
    signal: AbortSignal,
    alone: boolean,
    again = true,
  ): Promise<IncomingMessage> {
    const { baseUrl, ca } = this.settings();
    const url = new URL(`${baseUrl}/api/v1${path}`);
    const secure = url.protocol === 'https:';
    return new Promise((resolve, reject) => {
      const request = (secure ? https : http).request(url, {
        headers: {
          ...headers,
          'accept-encoding': 'identity',
          'user-agent': 'backstage-gerrit-review-assistant',
        },
        agent: alone ? false : this.agents[secure ? 'https:' : 'http:'],
        signal,
        ca,
      });
      request.on('response', resolve);
      request.on('error', (error: NodeJS.ErrnoException) => {
        // A server that was restarted has closed the connections that are kept.
        if (again && request.reusedSocket && error.code === 'ECONNRESET') {
          resolve(this.send(path, headers, signal, alone, false));
        } else {
          reject(error);
        }
      });
      request.end();
    });
  }

  private async orRefuse<T>(signal: AbortSignal, ask: () => Promise<T>): Promise<T> {
    try {
      return await ask();
    } catch (error) {
      if (error instanceof Refusal) {
        throw error;
      }
      if (!signal.aborted || signal.reason?.name === 'TimeoutError') {
        // The code alone: messages name addresses.
        const { code } = error as NodeJS.ErrnoException;
        const why = typeof code === 'string' && code !== 'ABORT_ERR' ? code : 'no answer in time';
        this.tell(
          'not-reachable',
          `the assistant cannot be reached (${why}); check gerritReviewAssistant.baseUrl and whether it runs`,
        );
      }
      throw notReachable();
    }
  }

  private refusal(response: IncomingMessage, body: Buffer): Refusal {
    const status = response.statusCode ?? 0;
    const said =
      typeOf(response) === 'application/problem+json'
        ? fromProblem(status, body, response.headers['retry-after'])
        : undefined;
    if (!said) {
      this.tell(
        'bad-answer',
        `the answer is none of the assistant's (status ${status}); check gerritReviewAssistant.baseUrl, and that no proxy answers in its place`,
      );
      return badAnswer();
    }
    if (status === 401) {
      this.tell(
        'not-trusted',
        `the assistant does not accept this Backstage (${said.reason}); compare gerritReviewAssistant with identity in the assistant's configuration`,
      );
    } else if (said.refusal.status === 502) {
      this.tell(
        'bad-answer',
        `the assistant failed (status ${status}, ${said.reason}); its log says more`,
      );
    }
    return said.refusal;
  }

  private tell(sort: string, message: string) {
    const now = Date.now();
    if (now - (this.told.get(sort) ?? -Infinity) >= logEvery) {
      this.told.set(sort, now);
      this.logger.warn(message);
    }
  }
}

async function read(response: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response) {
    size += chunk.length;
    if (size > maxBody) {
      throw new Refusal(
        502,
        'too-large',
        'The answer of the review assistant is too large to be shown.',
        'Ask for fewer rows with limit, or for fewer fields.',
      );
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

// What is encoded counts as nothing: no encoding was asked for.
function typeOf(response: IncomingMessage): string {
  const plain = (response.headers['content-encoding'] ?? 'identity') === 'identity';
  return plain ? (response.headers['content-type'] ?? '').split(';')[0].trim().toLowerCase() : '';
}

function tagOf(response: IncomingMessage): string | undefined {
  const { etag } = response.headers;
  return etag && /^(W\/)?"[\x21\x23-\x7e]{0,200}"$/.test(etag) ? etag : undefined;
}
