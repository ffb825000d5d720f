// SPDX-License-Identifier: Apache-2.0
import { LoggerService, SchedulerServiceTaskFunction } from '@backstage/backend-plugin-api';
import { mockServices } from '@backstage/backend-test-utils';
import { Entity } from '@backstage/catalog-model';
import { EntityProviderMutation } from '@backstage/plugin-catalog-node';
import { FakeAccount, FakeGerrit } from './__testUtils__/fakeGerrit';
import { MappedGroup, ProviderConfig } from './config';
import { MAX_MEMBERS } from './gerrit';
import { FreshMemberships, MAX_AGE } from './memberships';
import { PeopleByUsername } from './people';
import { GerritGroupsProvider } from './provider';

const RELEASERS = 'group:default/releasers';
const JANE = 'user:default/jane';
const jane: FakeAccount = { _account_id: 1, username: 'jane', email: 'jane@example.com' };
const joe: FakeAccount = { _account_id: 2, username: 'Joe' };

describe('GerritGroupsProvider', () => {
  let gerrit: FakeGerrit;
  /** Seconds; both clocks. */
  let now: number;
  let memberships: FreshMemberships;
  let lines: string[];
  let mutations: EntityProviderMutation[];
  let refuse: Error | undefined;

  beforeEach(async () => {
    gerrit = await FakeGerrit.start();
    gerrit.groups.set('Releasers', [jane, joe]);
    now = 1_000;
    memberships = new FreshMemberships(() => ({ wall: now * 1000, steady: now * 1000 }));
    lines = [];
    mutations = [];
    refuse = undefined;
  });
  afterEach(() => gerrit.stop());

  const releasers: MappedGroup = { id: 'Releasers', name: 'releasers', ref: RELEASERS };

  async function connect(groups: MappedGroup[] = [releasers]) {
    const config: ProviderConfig = {
      id: 'main',
      gerrit: gerrit.integration,
      groups,
      namespace: 'default',
      by: 'username',
      frequency: 20_000,
      timeout: 10_000,
    };
    const log = (message: string) => lines.push(message);
    const logger: LoggerService = {
      ...mockServices.logger.mock(),
      warn: log,
      info: log,
      child: () => logger,
    };
    const scheduler = mockServices.scheduler.mock();
    const people = new PeopleByUsername('default', logger);
    const provider = new GerritGroupsProvider(config, people, memberships, scheduler, logger);
    await provider.connect({
      applyMutation: async mutation => {
        if (refuse) {
          throw refuse;
        }
        mutations.push(mutation);
      },
      refresh: async () => {},
    });
    const task = scheduler.scheduleTask.mock.calls[0][0];
    const fn = task.fn as SchedulerServiceTaskFunction;
    return { task, poll: async (signal = new AbortController().signal) => fn(signal) };
  }

  const entities = (): Entity[] => {
    const last = mutations.at(-1);
    return last?.type === 'full' ? last.entities.map(e => e.entity) : [];
  };

  it('polls in each process', async () => {
    const { task } = await connect();
    expect(task).toMatchObject({
      id: 'gerrit-groups:main:refresh',
      scope: 'local',
      frequency: { milliseconds: 20_000 },
      timeout: { milliseconds: 10_000 },
    });
  });

  it('makes groups of the catalog', async () => {
    const { poll } = await connect();
    await poll();
    const uuid = FakeGerrit.uuid('Releasers');
    const page = `${gerrit.integration.baseUrl}/admin/groups/uuid-${uuid}`;
    expect(entities()).toEqual([
      {
        apiVersion: 'backstage.io/v1alpha1',
        kind: 'Group',
        metadata: {
          name: 'releasers',
          namespace: 'default',
          title: 'Releasers',
          annotations: {
            'backstage.io/managed-by-location': `url:${page}`,
            'backstage.io/managed-by-origin-location': `url:${page}`,
            'review-assistant/gerrit-group-uuid': uuid,
          },
          links: [{ url: page, title: 'Group in Gerrit', icon: 'group' }],
        },
        spec: { type: 'gerrit-group', children: [], members: [JANE, 'user:default/joe'] },
      },
    ]);
    expect(gerrit.requests).toEqual([
      '/r/a/groups/Releasers',
      `/r/a/groups/${uuid}/members/?recursive`,
    ]);
  });

  it('writes to the catalog only what has changed', async () => {
    const { poll } = await connect();
    await poll();
    await poll();
    expect(mutations).toHaveLength(1);
    gerrit.groups.set('Releasers', [joe]);
    await poll();
    expect(mutations).toHaveLength(2);
    expect(entities()[0].spec?.members).toEqual(['user:default/joe']);
  });

  it('writes again what the catalog did not take', async () => {
    const { poll } = await connect();
    refuse = new Error('database is locked');
    await expect(poll()).rejects.toThrow('database is locked');
    expect(memberships.has(RELEASERS, JANE)).toBe(true);
    refuse = undefined;
    await poll();
    expect(mutations).toHaveLength(1);
  });

  it('leaves out accounts that are switched off', async () => {
    gerrit.groups.set('Releasers', [{ ...jane, inactive: true }, joe]);
    const { poll } = await connect();
    await poll();
    expect(memberships.has(RELEASERS, JANE)).toBe(false);
    expect(entities()[0].spec?.members).toEqual(['user:default/joe']);
  });

  /** Whether the rule says yes at each second after `from`, up to 90. */
  const held = (from: number) =>
    Array.from({ length: 91 }, (_, s) => {
      now = from + s;
      return memberships.has(RELEASERS, JANE);
    });

  it('takes what a removed member had at the next poll', async () => {
    const { poll } = await connect();
    // The member leaves right after Gerrit has made its answer.
    gerrit.beforeAnswer = () => gerrit.groups.set('Releasers', [joe]);
    await poll();
    const removed = now;
    expect(memberships.has(RELEASERS, JANE)).toBe(true);
    now = removed + 20;
    await poll();
    expect(held(removed + 20)).not.toContain(true);
  });

  it.each([
    ['answers with a fault', (res: any) => res.writeHead(503).end('Not found: not really')],
    ['breaks the connection', (res: any) => res.destroy()],
    ['sends a page', (res: any) => res.end('<html>')],
    ['refuses the account', (res: any) => res.writeHead(401).end('Unauthorized')],
    [
      'is behind a proxy that knows nothing',
      (res: any) => res.writeHead(404).end('<html>no such site</html>'),
    ],
    ['redirects', (res: any) => res.writeHead(302, { location: 'http://127.0.0.1:1/' }).end()],
    ['sends something else', (res: any) => res.end(`)]}'\n{"id": 7}`)],
  ])('takes it within 50 seconds when Gerrit %s', async (_, broken) => {
    const { poll } = await connect();
    // Gerrit says that jane is a member, she is removed, and the answer is ten
    // seconds on its way.
    const removed = now;
    gerrit.beforeAnswer = () => {
      gerrit.groups.set('Releasers', [joe]);
      now += 10;
    };
    await poll();
    expect(now).toBe(removed + 10);
    gerrit.broken = broken;
    for (now of [removed + 20, removed + 40, removed + 49]) {
      await poll();
    }
    const yes = held(removed);
    expect(yes.indexOf(false)).toBe(MAX_AGE / 1000);
    expect(yes.slice(50)).not.toContain(true);
    // The catalog keeps what was known, and the log has one line.
    expect(mutations).toHaveLength(1);
    expect(entities()[0].spec?.members).toContain(JANE);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(
      /^cannot read the Gerrit group of group:default\/releasers: .*; [a-z]/,
    );

    gerrit.broken = undefined;
    await poll();
    expect(lines[1]).toBe('reading Gerrit group of group:default/releasers works again');
  });

  it('takes it within 50 seconds when Gerrit hangs', async () => {
    const { poll } = await connect();
    await poll();
    const removed = now;
    const stop = new AbortController();
    // The scheduler gives up after the timeout.
    gerrit.broken = () => stop.abort();
    now = removed + 30;
    await poll(stop.signal);
    expect(held(removed).indexOf(false)).toBe(50);
    expect(lines[0]).toMatch(/Gerrit did not answer \(/);
  });

  it('takes it at once when the group is no more', async () => {
    const { poll } = await connect();
    await poll();
    gerrit.groups.delete('Releasers');
    await poll();
    expect(memberships.has(RELEASERS, JANE)).toBe(false);
    expect(mutations).toHaveLength(2);
    expect(entities()).toEqual([]);
    expect(lines[0]).toMatch(/Gerrit knows no such group; check its name, and that the account/);
  });

  it('does not take a group that is called like the UUID of one that is no more', async () => {
    const uuid = FakeGerrit.uuid('Releasers');
    const { poll } = await connect([{ ...releasers, id: uuid, uuid }]);
    await poll();
    expect(memberships.has(RELEASERS, JANE)).toBe(true);
    gerrit.groups.delete('Releasers');
    gerrit.groups.set(uuid, [jane]);
    await poll();
    expect(memberships.has(RELEASERS, JANE)).toBe(false);
    expect(entities()).toEqual([]);
    expect(lines[0]).toMatch(/Gerrit takes that for another group; map it by its UUID/);
  });

  it('does not take a name for the UUID of another group', async () => {
    const { poll } = await connect([{ ...releasers, id: FakeGerrit.uuid('Releasers') }]);
    await poll();
    expect(memberships.has(RELEASERS, JANE)).toBe(false);
    expect(entities()).toEqual([]);
    expect(lines[0]).toMatch(/Gerrit takes that for another group; map it by its UUID/);
  });

  it('keeps what the catalog has from an earlier run', async () => {
    const others: MappedGroup = { id: 'Others', name: 'others', ref: 'group:default/others' };
    const { poll } = await connect([releasers, others]);
    gerrit.groups.set('Others', [joe]);
    gerrit.beforeAnswer = () => {
      gerrit.broken = res => res.writeHead(500).end();
    };
    await poll();
    expect(mutations).toHaveLength(0);
    gerrit.beforeAnswer = undefined;
    gerrit.broken = undefined;
    await poll();
    expect(entities().map(e => e.metadata.name)).toEqual(['releasers', 'others']);
  });

  it('refuses groups that are too large, or of another system', async () => {
    const many = Array.from({ length: MAX_MEMBERS + 1 }, (_, i) => ({
      _account_id: i,
      username: `u${i}`,
    }));
    gerrit.groups.set('Many', many);
    gerrit.groups.set('Long', [{ ...jane, email: 'x'.repeat(9 << 20) }]);
    const map = (id: string): MappedGroup => ({ id, name: id, ref: `group:default/${id}` });
    const { poll } = await connect([
      map('Many'),
      map('Long'),
      map('Registered Users'),
      map('Hidden'),
      releasers,
    ]);
    await poll();
    expect(memberships.has('group:default/Many', 'user:default/u1')).toBe(false);
    gerrit.groups.set('Long', []);
    await poll();
    // They do not keep the others out of the catalog.
    expect(entities().map(e => e.metadata.name)).toEqual(['Long', 'releasers']);
    const said = lines.sort().join('\n');
    expect(said).toMatch(/Many: it has 10001 members, of at most 10000; map a smaller group/);
    expect(said).toMatch(/Long: Gerrit did not answer \(more than 8388608 bytes\)/);
    expect(said).toMatch(/Registered Users: it is a group of another system/);
  });
});
