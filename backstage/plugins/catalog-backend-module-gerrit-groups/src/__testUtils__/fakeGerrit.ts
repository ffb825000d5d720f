// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { createServer, IncomingMessage, Server, ServerResponse } from 'node:http';
import { AddressInfo } from 'node:net';
import { GerritIntegrationConfig } from '@backstage/integration';

/** An account as the list of members shows it. */
export interface FakeAccount {
  _account_id: number;
  username?: string;
  email?: string;
  inactive?: boolean;
}

/** The part of Gerrit's REST API that groups are read from. */
export class FakeGerrit {
  readonly groups = new Map<string, FakeAccount[]>();
  /** Sends this in the place of every answer. */
  broken?: (res: ServerResponse) => void;
  /** Runs when a list of members was made, before it is sent. */
  beforeAnswer?: () => void;
  readonly requests: string[] = [];
  readonly host = 'gerrit.example.com';
  readonly username = 'portal';
  readonly password = 'secret of portal';
  #server!: Server;

  static async start(): Promise<FakeGerrit> {
    const fake = new FakeGerrit();
    fake.#server = createServer((req, res) => fake.answer(req, res));
    await new Promise<void>(done => fake.#server.listen(0, '127.0.0.1', done));
    return fake;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise(done => this.#server.close(done));
  }

  /** The entry of integrations.gerrit. */
  get integration(): GerritIntegrationConfig {
    const { port } = this.#server.address() as AddressInfo;
    const baseUrl = `http://127.0.0.1:${port}/r`;
    const { host, username, password } = this;
    return { host, baseUrl, gitilesBaseUrl: `${baseUrl}/plugins/gitiles`, username, password };
  }

  static uuid(name: string): string {
    return createHash('sha1').update(name).digest('hex');
  }

  private answer(req: IncomingMessage, res: ServerResponse) {
    this.requests.push(req.url!);
    if (this.broken) {
      this.broken(res);
      return;
    }
    const token = Buffer.from(`${this.username}:${this.password}`).toString('base64');
    if (req.headers.authorization !== `Basic ${token}`) {
      res.writeHead(401).end('Unauthorized');
      return;
    }
    const [, id, list] = /^\/r\/a\/groups\/([^/]+)(\/members\/\?recursive)?$/.exec(req.url!) ?? [];
    const asked = decodeURIComponent(id ?? '');
    const name = [...this.groups.keys()].find(n => n === asked || FakeGerrit.uuid(n) === asked);
    if (asked === 'Registered Users') {
      send(res, { id: 'global:Registered-Users', name: asked });
    } else if (name === undefined) {
      res.writeHead(404).end(asked === 'Hidden' ? asked : `Not found: ${asked}`);
    } else {
      const members = this.groups.get(name)!;
      if (list) {
        this.beforeAnswer?.();
      }
      send(res, list ? members : { id: FakeGerrit.uuid(name), name });
    }
  }
}

function send(res: ServerResponse, body: unknown) {
  res.setHeader('Content-Type', 'application/json; charset=utf-8');
  res.end(`)]}'\n${JSON.stringify(body)}`);
}
