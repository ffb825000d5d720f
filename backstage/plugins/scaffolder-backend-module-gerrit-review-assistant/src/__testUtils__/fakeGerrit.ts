// SPDX-License-Identifier: Apache-2.0
import { createServer, IncomingMessage, Server, ServerResponse } from 'node:http';
import { AddressInfo } from 'node:net';
import { ConfigReader } from '@backstage/config';
import { ScmIntegrations } from '@backstage/integration';

/** A change on refs/meta/config. */
export interface FakeChange {
  _number: number;
  project: string;
  branch: string;
  topic: string;
  subject: string;
  status: 'NEW' | 'MERGED' | 'ABANDONED';
  owner: string;
  files: Map<string, string>;
  edit?: Map<string, string>;
  reviewers: string[];
}

/** A project, and what the account may do in it. */
export interface FakeProject {
  readsConfig: boolean;
  pushes: boolean;
  config: Map<string, string>;
}

const JSON_TYPE = 'application/json;charset=utf-8';
const TEXT_TYPE = 'text/plain;charset=utf-8';

/** The part of Gerrit's REST API by which a change on refs/meta/config comes to be. */
export class FakeGerrit {
  readonly projects = new Map<string, FakeProject>();
  readonly changes: FakeChange[] = [];
  readonly people = ['jane', 'joe'];
  /** Method and path of each request. */
  readonly requests: string[] = [];
  /** Answers in the place of everything else when it returns true. */
  broken?: (request: string, res: ServerResponse) => boolean;
  readonly host = 'gerrit.example.com';
  #server!: Server;

  static async start(): Promise<FakeGerrit> {
    const fake = new FakeGerrit();
    fake.#server = createServer((req, res) => void fake.answer(req, res));
    await new Promise<void>(done => fake.#server.listen(0, '127.0.0.1', done));
    return fake;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise(done => this.#server.close(done));
  }

  get baseUrl(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/r`;
  }

  integrations(account: object = { username: 'portal', password: 'secret' }): ScmIntegrations {
    const { host, baseUrl } = this;
    const gerrit = [{ host, baseUrl, gitilesBaseUrl: `${baseUrl}/plugins/gitiles`, ...account }];
    return ScmIntegrations.fromConfig(new ConfigReader({ integrations: { gerrit } }));
  }

  addProject(name: string): FakeProject {
    const project = { readsConfig: true, pushes: true, config: new Map() };
    this.projects.set(name, project);
    return project;
  }

  private async answer(req: IncomingMessage, res: ServerResponse) {
    const chunks: Buffer[] = [];
    for await (const chunk of req) {
      chunks.push(chunk);
    }
    const body = Buffer.concat(chunks).toString('utf8');
    const request = `${req.method} ${req.url!.replace(/^\/r/, '')}`;
    this.requests.push(request);
    if (this.broken?.(request, res)) {
      return;
    }
    const token = Buffer.from('portal:secret').toString('base64');
    if (req.headers.authorization !== `Basic ${token}`) {
      res.writeHead(401, { 'Content-Type': TEXT_TYPE }).end('Unauthorized');
      return;
    }
    const { status, says } = this.route(request, body);
    if (typeof says === 'string') {
      res.writeHead(status, { 'Content-Type': TEXT_TYPE }).end(says);
    } else {
      res.writeHead(status, { 'Content-Type': JSON_TYPE }).end(`)]}'\n${JSON.stringify(says)}`);
    }
  }

  private route(request: string, body: string): { status: number; says: unknown } {
    const ok = (says: unknown = '') => ({ status: says === '' ? 204 : 200, says });
    const gone = { status: 404, says: 'Not found' };
    const content = (files: Map<string, string>, name: string) => {
      const text = files.get(decodeURIComponent(name));
      return text === undefined ? gone : ok(Buffer.from(text).toString('base64'));
    };
    const is = (pattern: RegExp) => pattern.exec(request)?.slice(1);

    let at = is(
      /^GET \/a\/projects\/([^/]+)(\/branches\/refs%2Fmeta%2Fconfig(?:\/files\/([^/]+)\/content)?)?$/,
    );
    if (at) {
      const project = this.projects.get(decodeURIComponent(at[0]));
      if (!project || (at[1] && !project.readsConfig)) {
        return gone;
      }
      return at[2] ? content(project.config, at[2]) : ok({ id: at[0] });
    }
    at = is(/^GET \/a\/changes\/\?q=([^&]+)&n=10$/);
    if (at) {
      const query = /^project:"([^"]+)" ref:(\S+) topic:"([^"]+)" status:open owner:self$/;
      const [, project, ref, topic] = query.exec(decodeURIComponent(at[0]))!;
      return ok(
        this.changes
          .filter(c => c.project === project && c.branch === ref && c.topic === topic)
          .filter(c => c.status === 'NEW' && c.owner === 'portal')
          .map(shown),
      );
    }
    if (request === 'POST /a/changes/') {
      return this.create(JSON.parse(body));
    }
    at = is(/^\w+ \/a\/changes\/([^/]+~\d+)\//);
    const change = this.changes.find(
      c => at?.[0] === `${encodeURIComponent(c.project)}~${c._number}`,
    );
    if (!change) {
      return gone;
    }
    at = is(/^GET .*\/revisions\/current\/files\/([^/]+)\/content$/);
    if (at) {
      return content(change.files, at[0]);
    }
    at = is(/^PUT .*\/edit\/([^/]+)$/);
    if (at) {
      const name = decodeURIComponent(at[0]);
      if (change.edit?.get(name) === body) {
        return { status: 409, says: 'no changes were made' };
      }
      change.edit = new Map([[name, body]]);
      return ok();
    }
    if (request.endsWith('/edit:publish') && change.edit) {
      change.edit.forEach((text, name) => change.files.set(name, text));
      change.edit = undefined;
      return ok();
    }
    if (request.endsWith('/reviewers')) {
      const { reviewer } = JSON.parse(body);
      if (!this.people.includes(reviewer)) {
        const error = `${reviewer} does not have permission to see this change`;
        return { status: 400, says: { input: reviewer, error } };
      }
      change.reviewers.push(reviewer);
      return ok({ input: reviewer });
    }
    return gone;
  }

  private create(input: { project: string; branch: string; topic: string; subject: string }) {
    if (!this.projects.get(input.project)?.pushes) {
      return { status: 403, says: `not permitted: create change on ${input.branch}` };
    }
    const change: FakeChange = {
      ...input,
      _number: this.changes.length + 1,
      status: 'NEW',
      owner: 'portal',
      files: new Map(),
      reviewers: [],
    };
    this.changes.push(change);
    return { status: 201, says: shown(change) };
  }
}

function shown({ _number, project, branch, topic, status }: FakeChange) {
  return { _number, project, branch, topic, status };
}
