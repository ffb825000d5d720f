// SPDX-License-Identifier: Apache-2.0
import { coreServices, createServiceFactory } from '@backstage/backend-plugin-api';
import { mockCredentials, mockServices, startTestBackend } from '@backstage/backend-test-utils';
import { catalogServiceRef } from '@backstage/plugin-catalog-node';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import { createPlugin } from '../plugin';
import { defaultLimits, StreamLimits } from '../streams';
import { FakeApi } from './fakeApi';

export const secret = 'a-secret-of-the-portal-0123456789';

/** Who sees which entities, and who is denied which permissions. */
export interface World {
  shown: Record<string, string[]>;
  denied: string[];
  /** When the policy answers; at once without one. */
  until?: Promise<void>;
  /** What was asked of the policy. */
  decisions: { permission: string; resource?: string }[];
}

/** A Backstage with the plugin in front of an assistant. */
export async function startBackstage(
  api: Pick<FakeApi, 'url'>,
  options: { config?: object; limits?: Partial<StreamLimits>; expires?: Date } = {},
) {
  const world: World = {
    shown: {
      'user:default/jane': ['component:default/pay'],
      'user:default/joe': ['component:default/pay'],
    },
    denied: [],
    decisions: [],
  };
  const data = (more: object = {}) => ({
    gerritReviewAssistant: {
      baseUrl: api.url,
      serviceToken: secret,
      timeout: '5s',
      ...options.config,
      ...more,
    },
  });
  const config = mockServices.rootConfig({ data: data() });
  const logger = mockServices.logger.mock();
  const catalog = catalogServiceMock.mock({
    getEntityByRef: async (ref, how) => {
      const { userEntityRef } = (how as any).credentials.principal;
      const [kind, namespace, name] = (ref as string).split(/[:/]/);
      return world.shown[userEntityRef.toLowerCase()]?.includes(ref as string)
        ? { apiVersion: 'backstage.io/v1alpha1', kind, metadata: { namespace, name } }
        : undefined;
    },
  });
  const permissions = mockServices.permissions.mock({
    authorize: async requests => {
      await world.until;
      return requests.map(request => {
        const { name } = request.permission;
        world.decisions.push({ permission: name, resource: (request as any).resourceRef });
        return {
          result: world.denied.includes(name) ? AuthorizeResult.DENY : AuthorizeResult.ALLOW,
        };
      });
    },
  });
  const httpAuth = mockServices.httpAuth();
  const expiring = mockServices.httpAuth.mock({
    ...httpAuth,
    credentials: async (...args: Parameters<typeof httpAuth.credentials>) => ({
      ...(await httpAuth.credentials(...args)),
      expiresAt: options.expires,
    }),
  } as object);
  const backend = await startTestBackend({
    features: [
      createPlugin({ ...defaultLimits, ...options.limits }),
      createServiceFactory({ service: coreServices.rootConfig, deps: {}, factory: () => config }),
      createServiceFactory({ service: catalogServiceRef, deps: {}, factory: () => catalog }),
      permissions.factory,
      logger.factory,
      ...(options.expires ? [expiring.factory] : []),
    ],
  });
  const base = `http://127.0.0.1:${backend.server.port()}/api/gerrit-review-assistant`;
  return {
    world,
    server: backend.server,
    catalog,
    warnings: () => logger.warn.mock.calls.length,
    logged: () =>
      JSON.stringify([logger.info, logger.warn, logger.error].map(level => level.mock.calls)),
    reload: (more: object) => config.update({ data: data(more) }),
    stop: () => backend.stop(),
    /** Asks as somebody, Jane unless another is named. */
    get: (
      path: string,
      init: RequestInit & { as?: string; headers?: Record<string, string> } = {},
    ) =>
      fetch(base + path, {
        redirect: 'manual',
        ...init,
        headers: {
          authorization: mockCredentials.user.header(init.as ?? 'user:default/jane'),
          ...init.headers,
        },
      }),
  };
}

export type Backstage = Awaited<ReturnType<typeof startBackstage>>;
