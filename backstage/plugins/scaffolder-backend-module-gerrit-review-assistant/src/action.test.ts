// SPDX-License-Identifier: Apache-2.0
import { LoggerService } from '@backstage/backend-plugin-api';
import { mockServices } from '@backstage/backend-test-utils';
import { createMockActionContext } from '@backstage/plugin-scaffolder-node-test-utils';
import { FakeGerrit, FakeProject } from './__testUtils__/fakeGerrit';
import { createOptInAction } from './action';

const FILE = 'review-assistant.config';
const SHADOW = '[review-assistant]\n\tmode = shadow\n';

describe('gerrit:review-assistant:opt-in', () => {
  let gerrit: FakeGerrit;
  let project: FakeProject;
  let lines: string[];

  beforeEach(async () => {
    gerrit = await FakeGerrit.start();
    project = gerrit.addProject('infra/dns');
    lines = [];
  });
  afterEach(() => gerrit.stop());

  const place = { host: 'gerrit.example.com', project: 'infra/dns' };

  async function run(input: object = place, options: object = {}, account?: object) {
    const output: Record<string, unknown> = {};
    const log = (message: string) => lines.push(message);
    const logger: LoggerService = { ...mockServices.logger.mock(), info: log, warn: log };
    const action = createOptInAction({ integrations: gerrit.integrations(account) });
    const context = createMockActionContext({
      input: input as any,
      logger,
      workspacePath: 'unused',
    });
    await action.handler({
      ...(context as any),
      user: { ref: 'user:default/jane' },
      output: (name: string, value: unknown) => {
        output[name] = value;
      },
      ...options,
    });
    return output;
  }
  const writes = () => gerrit.requests.filter(r => !r.startsWith('GET '));

  it('opens a change that brings the file', async () => {
    expect(await run()).toEqual({
      outcome: 'opened',
      changeUrl: `${gerrit.baseUrl}/c/infra/dns/+/1`,
      changeId: 'infra%2Fdns~1',
    });
    expect(gerrit.changes).toHaveLength(1);
    expect(gerrit.changes[0]).toMatchObject({
      project: 'infra/dns',
      branch: 'refs/meta/config',
      topic: 'review-assistant-opt-in',
      subject:
        'Opt in to the review assistant\n\nAsked for in Backstage by user:default/jane, with mode shadow.\n',
      files: new Map([[FILE, SHADOW]]),
      reviewers: [],
    });
    expect(lines).toEqual([
      `opened ${gerrit.baseUrl}/c/infra/dns/+/1; an owner of the project has to submit it`,
    ]);
  });

  it('takes no reviewer that would write lines into the log', async () => {
    const reviewers = ['jane', 'nobody\nopened https://evil.example.com'];
    await expect(run({ ...place, reviewers })).rejects.toThrow(/^reviewers: a name has a control/);
    expect(gerrit.requests).toEqual([]);
    expect(lines).toEqual([]);
  });

  it('takes a repoUrl, settings, instructions and reviewers', async () => {
    await run({
      repoUrl: 'gerrit.example.com?owner=x&repo=infra%2Fdns',
      mode: 'on',
      settings: { summary: { language: 'de' }, 'review-assistant': { exclude: ['a b/**', 'x'] } },
      instructions: [{ files: 'pay/**', text: 'Look for "floats".' }],
      reviewers: ['jane', 'nobody', 'joe'],
    });
    expect(gerrit.changes[0].files.get(FILE)).toBe(
      [
        '[review-assistant]',
        '\tmode = on',
        '\texclude = "a b/**"',
        '\texclude = x',
        '[summary]',
        '\tlanguage = de',
        '[instructions "pay/**"]',
        '\ttext = "Look for \\"floats\\"."',
        '',
      ].join('\n'),
    );
    expect(gerrit.changes[0].reviewers).toEqual(['jane', 'joe']);
    expect(lines[0]).toBe(
      'could not add a reviewer (status 400: nobody does not have permission to see this change); add nobody on the change',
    );
  });

  it('does not open a second change', async () => {
    const first = await run();
    expect(await run()).toEqual({ ...first, outcome: 'open' });
    expect(await run({ ...place, mode: 'on' })).toEqual({ ...first, outcome: 'open' });
    expect(gerrit.changes).toHaveLength(1);
    expect(gerrit.changes[0].files.get(FILE)).toBe(SHADOW);
    expect(lines.slice(1)).toEqual([
      `a change is open already: ${first.changeUrl}`,
      `a change is open already, with other content; it was left as it is: ${first.changeUrl}`,
    ]);
  });

  it.each(['MERGED', 'ABANDONED'] as const)('opens a new one when the old is %s', async status => {
    await run();
    gerrit.changes[0].status = status;
    expect(await run()).toMatchObject({ outcome: 'opened', changeId: 'infra%2Fdns~2' });
  });

  it("leaves other people's changes alone", async () => {
    await run();
    gerrit.changes[0].owner = 'mallory';
    expect(await run()).toMatchObject({ outcome: 'opened', changeId: 'infra%2Fdns~2' });
  });

  it.each([
    ['writing the file', /^PUT/],
    ['publishing it', /edit:publish$/],
  ])('finishes what broke off before %s', async (_, request) => {
    gerrit.broken = (r, res) => request.test(r) && !!res.writeHead(500).end('<html>stack</html>');
    await expect(run()).rejects.toThrow(/could not .* status 500; run this again, and look into/);
    gerrit.broken = undefined;
    expect(await run()).toMatchObject({ outcome: 'opened', changeId: 'infra%2Fdns~1' });
    expect(gerrit.changes).toHaveLength(1);
    expect(gerrit.changes[0].files.get(FILE)).toBe(SHADOW);
  });

  it('does nothing when the file is there', async () => {
    project.config.set(FILE, SHADOW);
    expect(await run()).toEqual({
      outcome: 'unchanged',
      changeUrl: undefined,
      changeId: undefined,
    });
    expect(writes()).toEqual([]);
  });

  it('does not overwrite another file', async () => {
    project.config.set(FILE, `# ours\n${SHADOW}`);
    await expect(run()).rejects.toThrow(
      'Cannot opt infra/dns in: it has a review-assistant.config with other content, which is not overwritten; propose what should change in it on refs/meta/config of the project',
    );
    expect(writes()).toEqual([]);
  });

  it('only looks in a dry run', async () => {
    expect(await run(place, { isDryRun: true })).toMatchObject({ outcome: 'dry-run' });
    expect(writes()).toEqual([]);
    expect(lines).toEqual([
      `would open a change on refs/meta/config of infra/dns with this review-assistant.config:\n${SHADOW}`,
    ]);
  });

  const rights =
    /ask an owner of the project to give the account of integrations.gerrit Read on refs\/meta\/config and Push on refs\/for\/refs\/meta\/config$/;

  it('says which rights are missing', async () => {
    project.pushes = false;
    await expect(run()).rejects.toThrow(rights);
    await expect(run()).rejects.toThrow(/status 403: not permitted: create change on refs\/meta/);
    project.readsConfig = false;
    await expect(run()).rejects.toThrow(rights);
    await expect(run()).rejects.toThrow(/Gerrit does not show refs\/meta\/config/);
  });

  it('says what else is wrong', async () => {
    await expect(run({ ...place, project: 'nope' })).rejects.toThrow(
      /^Cannot opt nope in: Gerrit shows no such project; check its name/,
    );
    await expect(run(place, {}, { username: 'portal', password: 'wrong' })).rejects.toThrow(
      /could not find the project: status 401: Unauthorized; check username and password/,
    );
    await expect(run(place, {}, {})).rejects.toThrow(/no account for gerrit.example.com; ask the/);
    await expect(run({ ...place, host: 'x.example.com' })).rejects.toThrow(
      /integrations.gerrit has no host x.example.com; use gerrit.example.com/,
    );
    gerrit.broken = (_, res) => !!res.destroy();
    await expect(run()).rejects.toThrow(/^Gerrit did not answer \(.*\); check that it runs, then/);
    gerrit.broken = (_, res) => !!res.end('x'.repeat(2 << 20));
    await expect(run()).rejects.toThrow(/more than 1048576 bytes/);
    gerrit.broken = (_, res) => !!res.writeHead(302, { location: 'http://127.0.0.1:1' }).end();
    await expect(run()).rejects.toThrow(/status 302; run this again/);
  });

  it('stops when the task is stopped', async () => {
    const stop = new AbortController();
    gerrit.broken = () => {
      stop.abort();
      return true;
    };
    await expect(run(place, { signal: stop.signal })).rejects.toThrow(/Gerrit did not answer \(/);
  });

  it.each([
    [
      { host: 'gerrit.example.com' },
      /the repository is missing; write repoUrl, or host and project/,
    ],
    [{ ...place, repoUrl: 'gerrit.example.com?repo=x' }, /repoUrl stands beside host and project/],
    [{ ...place, project: 'a"b' }, /this is no name of a project/],
    [{ ...place, project: '../x' }, /this is no name of a project/],
    [{ ...place, project: 'a//b' }, /this is no name of a project/],
    [{ ...place, project: 'a\nb' }, /this is no name of a project/],
    [
      { ...place, settings: { summary: { inline: 9 } } },
      /summary.inline: .* whole number from 0 to 5/,
    ],
  ])('refuses %j', async (input, message) => {
    await expect(run(input)).rejects.toThrow(message);
    expect(gerrit.requests).toEqual([]);
  });
});
