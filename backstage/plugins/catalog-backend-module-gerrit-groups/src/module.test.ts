// SPDX-License-Identifier: Apache-2.0
import { permissionsServiceFactory } from '@backstage/backend-defaults/permissions';
import {
  coreServices,
  createBackendModule,
  createBackendPlugin,
  createServiceFactory,
  HttpAuthService,
} from '@backstage/backend-plugin-api';
import {
  mockCredentials,
  mockServices,
  startTestBackend,
  TestBackend,
} from '@backstage/backend-test-utils';
import { Entity } from '@backstage/catalog-model';
import catalogPlugin from '@backstage/plugin-catalog-backend';
import permissionPlugin from '@backstage/plugin-permission-backend';
import {
  AuthorizeResult,
  createPermission,
  isResourcePermission,
  PolicyDecision,
} from '@backstage/plugin-permission-common';
import { PolicyQuery, PolicyQueryUser } from '@backstage/plugin-permission-node';
import { policyExtensionPoint } from '@backstage/plugin-permission-node/alpha';
import { FakeGerrit } from './__testUtils__/fakeGerrit';
import gerritGroups, { createGerritConditionalDecision, gerritConditions } from './index';

jest.setTimeout(60_000);

const GROUP = 'group:default/releasers';
/** A permission of another plugin about entities of the catalog. */
const otherPermission = createPermission({
  name: 'other.read',
  attributes: { action: 'read' },
  resourceType: 'catalog-entity',
});

/** Lets only members of the group read entities, by both permissions. */
const policyModule = createBackendModule({
  pluginId: 'permission',
  moduleId: 'test-policy',
  register(reg) {
    reg.registerInit({
      deps: { policy: policyExtensionPoint },
      async init({ policy }) {
        policy.setPolicy({
          async handle(request: PolicyQuery, user?: PolicyQueryUser): Promise<PolicyDecision> {
            if (isResourcePermission(request.permission, 'catalog-entity') && user) {
              return createGerritConditionalDecision(
                request.permission,
                gerritConditions.inGerritGroup({ group: GROUP, user: user.info.userEntityRef }),
              );
            }
            return { result: AuthorizeResult.ALLOW };
          },
        });
      },
    });
  },
});

/** Says by HTTP what the permission system says to a plugin that asks about an entity. */
const otherPlugin = createBackendPlugin({
  pluginId: 'other',
  register(reg) {
    reg.registerInit({
      deps: {
        http: coreServices.httpRouter,
        httpAuth: coreServices.httpAuth,
        permissions: coreServices.permissions,
      },
      async init({ http, httpAuth, permissions }) {
        http.use(async (req: any, res: any) => {
          const credentials = await httpAuth.credentials(req);
          const resourceRef = 'group:default/releasers';
          const [{ result }] = await permissions.authorize(
            [{ permission: otherPermission, resourceRef }],
            { credentials },
          );
          res.json({ result });
        });
      },
    });
  },
});

/** Tells, as the real service does and the mock does not, when a plugin asks for a user. */
const httpAuth = createServiceFactory({
  service: coreServices.httpAuth,
  deps: { plugin: coreServices.pluginMetadata },
  factory: ({ plugin }): HttpAuthService => {
    const mock = mockServices.httpAuth({ pluginId: plugin.getId() });
    return {
      issueUserCookie: (...args) => mock.issueUserCookie(...args),
      async credentials(req: any, options: any): Promise<any> {
        const credentials = (await mock.credentials(req, options)) as any;
        const byPlugin = req.headers.authorization?.startsWith('Bearer mock-service-token');
        return byPlugin && credentials.principal.type === 'user'
          ? mockCredentials.user(credentials.principal.userEntityRef, {
              actor: { subject: 'plugin:test' },
            })
          : credentials;
      },
    };
  },
});

describe('with the real catalog and permission backend', () => {
  let gerrit: FakeGerrit;
  let backend: TestBackend;
  let poll: () => Promise<void>;

  async function start(by: string) {
    gerrit = await FakeGerrit.start();
    gerrit.groups.set('Releasers', [
      { _account_id: 1, username: 'jane', email: 'Jane@example.com' },
      { _account_id: 2, username: 'joe', email: 'joe@example.com' },
    ]);
    const scheduler = mockServices.scheduler.mock({
      scheduleTask: async task => {
        if (task.id.startsWith('gerrit-groups:')) {
          poll = async () => task.fn(new AbortController().signal);
        }
      },
    });
    backend = await startTestBackend({
      features: [
        catalogPlugin,
        permissionPlugin,
        policyModule,
        otherPlugin,
        gerritGroups,
        httpAuth,
        permissionsServiceFactory,
        scheduler.factory,
        mockServices.rootConfig.factory({
          data: {
            permission: { enabled: true },
            backend: { database: { client: 'better-sqlite3', connection: ':memory:' } },
            integrations: { gerrit: [{ ...gerrit.integration }] },
            catalog: {
              rules: [{ allow: ['User', 'Group'] }],
              locations: [{ type: 'file', target: `${__dirname}/__testUtils__/users.yaml` }],
              processingInterval: { seconds: 1 },
              providers: {
                gerritGroups: {
                  main: { host: gerrit.host, groups: [{ name: 'Releasers' }], members: { by } },
                },
              },
            },
          },
        }),
      ],
    });
  }

  afterEach(async () => {
    await backend?.stop();
    await gerrit?.stop();
  });

  async function get(path: string, authorization: string) {
    const { port } = backend.server;
    const response = await fetch(`http://127.0.0.1:${port()}/api/${path}`, {
      headers: { authorization },
    });
    return { status: response.status, body: (await response.json()) as any };
  }
  const as = (name: string) => mockCredentials.user.header(`user:default/${name}`);
  const names = async (who: string) => {
    const { status, body } = await get('catalog/entities/by-query', as(who));
    expect(status).toBe(200);
    return body.items.map((e: Entity) => e.metadata.name).sort();
  };
  const decision = async (who: string) => (await get('other', as(who))).body.result;

  /** Waits for what the catalog does on its own time, for at most 15 seconds. */
  async function until(what: () => Promise<boolean>) {
    const end = Date.now() + 15_000;
    while (!(await what())) {
      expect(Date.now()).toBeLessThan(end);
    }
  }

  it('lets members read, by name, in lists, and for other plugins, until they are removed', async () => {
    await start('username');
    // Before the first answer of Gerrit nobody is a member.
    expect(await names('jane')).toEqual([]);
    await poll();
    await until(async () => (await names('jane')).length >= 4);
    expect(await names('jane')).toEqual([
      expect.stringMatching(/^generated-/),
      'jane',
      'joe',
      'releasers',
    ]);
    expect(await names('eve')).toEqual([]);

    const path = 'catalog/entities/by-name/group/default/releasers';
    expect((await get(path, as('eve'))).status).toBe(404);
    const { body: group } = await get(path, as('jane'));
    expect(group.relations).toEqual([
      { type: 'hasMember', targetRef: 'user:default/jane' },
      { type: 'hasMember', targetRef: 'user:default/joe' },
    ]);
    const byQuery = 'catalog/entities/by-query?limit=1';
    expect((await get(byQuery, as('joe'))).body.totalItems).toBeGreaterThanOrEqual(3);
    expect((await get(byQuery, as('eve'))).body).toMatchObject({ items: [], totalItems: 0 });
    const facets = 'catalog/entity-facets?facet=kind';
    expect((await get(facets, as('eve'))).body.facets.kind).toEqual([]);

    expect(await decision('jane')).toBe('ALLOW');
    expect(await decision('eve')).toBe('DENY');

    gerrit.groups.set('Releasers', [{ _account_id: 2, username: 'joe' }]);
    await poll();
    expect(await decision('jane')).toBe('DENY');
    expect(await names('jane')).toEqual([]);
    expect(await decision('joe')).toBe('ALLOW');
  });

  it('finds people by e-mail address', async () => {
    await start('email');
    const path = 'catalog/entities/by-name/user/default/jane';
    await until(async () => (await get(path, mockCredentials.service.header())).status === 200);
    await poll();
    // The group's entity, about which the other plugin asks, takes its time.
    await until(async () => (await decision('jane')) === 'ALLOW');
    expect(await decision('eve')).toBe('DENY');
  });
});
