// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events';
import http, { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import https from 'node:https';
import { AddressInfo } from 'node:net';

type Handler = (req: IncomingMessage, res: ServerResponse) => void;

/** An assistant on loopback that answers as a test says, and remembers who asked what. */
export class FakeApi {
  readonly asked: { path: string; headers: http.IncomingHttpHeaders }[] = [];
  answer: Handler = (_req, res) => json(res, { ok: true });
  private readonly server: http.Server;
  private waiting: { count: number; resolve: () => void }[] = [];

  constructor(private readonly tls?: { key: string; cert: string }) {
    const listener: RequestListener = (req, res) => {
      this.asked.push({ path: req.url!, headers: req.headers });
      this.waiting = this.waiting.filter(w => this.asked.length < w.count || w.resolve());
      this.answer(req, res);
    };
    this.server = tls ? https.createServer(tls, listener) : http.createServer(listener);
  }

  async listen() {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    return this;
  }

  /** Takes so many connections and closes others at once, as the assistant does. */
  limit(connections: number) {
    this.server.maxConnections = connections;
  }

  get url() {
    return `${this.tls ? 'https' : 'http'}://127.0.0.1:${this.port}`;
  }

  get port() {
    return (this.server.address() as AddressInfo).port;
  }

  /** Waits until there were so many questions. */
  async questions(count: number) {
    if (this.asked.length < count) {
      await new Promise<void>(resolve => this.waiting.push({ count, resolve }));
    }
  }

  async close() {
    this.server.closeAllConnections();
    await new Promise(resolve => this.server.close(resolve));
  }
}

export function json(res: ServerResponse, body: unknown, headers: Record<string, string> = {}) {
  res.writeHead(200, { 'content-type': 'application/json', ...headers });
  res.end(JSON.stringify(body));
}

export function problem(
  res: ServerResponse,
  status: number,
  reason: string,
  headers: Record<string, string> = {},
) {
  const said = {
    type: 'about:blank',
    title: 'no',
    status,
    detail: 'what is wrong',
    next: 'what to do',
    reason,
  };
  res.writeHead(status, { 'content-type': 'application/problem+json', ...headers });
  res.end(JSON.stringify(said));
}
