// SPDX-License-Identifier: Apache-2.0
import {
  GerritIntegrationConfig,
  getGerritRequestOptions,
  parseGerritJsonResponse,
} from '@backstage/integration';

/** For one request, in milliseconds. */
const TIMEOUT = 30_000;
/** In bytes. Answers are one change, or a file of at most 64 KiB in base64. */
const MAX_BODY = 1 << 20;

/** An answer of Gerrit that is no success. */
export class GerritError extends Error {
  constructor(
    readonly status: number,
    readonly reason: string,
  ) {
    super(`status ${status}${reason && `: ${reason}`}`);
    this.name = 'GerritError';
  }
}

// The catalog's module sends requests in the same way, src/gerrit.ts there: a
// third package for what both share would be larger than it. Mend both.
/** Sends requests as the account of `integrations.gerrit`. */
export class GerritClient {
  constructor(
    private readonly config: GerritIntegrationConfig,
    private readonly signal?: AbortSignal,
  ) {}

  /**
   * Sends a request and returns what it answers: JSON, else text. A string is sent as it is,
   * everything else as JSON. Throws GerritError for any status but 2xx, and an Error that says so
   * when Gerrit does not answer.
   */
  async send(method: string, path: string, body?: unknown): Promise<unknown> {
    const plain = typeof body === 'string';
    const type = plain ? 'text/plain; charset=UTF-8' : 'application/json; charset=UTF-8';
    const { headers } = getGerritRequestOptions(this.config) as {
      headers?: Record<string, string>;
    };
    const signals = [AbortSignal.timeout(TIMEOUT), ...(this.signal ? [this.signal] : [])];
    let response: Response;
    let text: string;
    try {
      response = await fetch(`${this.config.baseUrl}/a${path}`, {
        method,
        headers: { ...headers, ...(body === undefined ? {} : { 'Content-Type': type }) },
        body: body === undefined || plain ? body : JSON.stringify(body),
        // A password is not to follow a redirect.
        redirect: 'manual',
        signal: AbortSignal.any(signals),
      });
      text = await bounded(response);
    } catch (error) {
      const cause = (error as { cause?: { code?: string } }).cause?.code;
      const why = cause ?? (error instanceof Error ? error.message : 'unknown');
      throw new Error(`Gerrit did not answer (${why}); check that it runs, then run this again`);
    }
    if (!response.ok) {
      throw new GerritError(response.status, said(response, text));
    }
    return text.startsWith(")]}'") ? parseGerritJsonResponse(new Response(text)) : text;
  }

  /** The same, but undefined where Gerrit says that there is nothing. */
  async find(path: string): Promise<unknown> {
    try {
      return await this.send('GET', path);
    } catch (error) {
      if (error instanceof GerritError && error.status === 404) {
        return undefined;
      }
      throw error;
    }
  }
}

/** The first line of Gerrit's own reason; pages of proxies are not for users. */
function said(response: Response, text: string): string {
  const type = response.headers.get('content-type') ?? '';
  // The latter is how it refuses a reviewer.
  const reason = type.startsWith('text/plain') ? text : (/"error":"([^"]*)"/.exec(text)?.[1] ?? '');
  return reason
    .trim()
    .split('\n', 1)[0]
    .replace(/\p{Cc}/gu, ' ')
    .slice(0, 200);
}

/** Reads a body up to MAX_BODY. */
async function bounded(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  // Leaving the loop by an error closes the connection.
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > MAX_BODY) {
      throw new Error(`more than ${MAX_BODY} bytes`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
