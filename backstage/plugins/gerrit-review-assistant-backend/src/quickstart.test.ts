// SPDX-License-Identifier: Apache-2.0
import { mockCredentials, mockServices, startTestBackend } from '@backstage/backend-test-utils';
import proxy from '@backstage/plugin-proxy-backend';
import { FakeApi, json } from './__testUtils__/fakeApi';

// What the README says of the way over the proxy.
describe('the proxy', () => {
  let api: FakeApi;
  let backend: Awaited<ReturnType<typeof startTestBackend>>;

  const get = (init: RequestInit = {}) =>
    fetch(`http://127.0.0.1:${backend.server.port()}/api/proxy/gerrit-review-assistant/me`, init);

  beforeEach(async () => {
    api = await new FakeApi().listen();
    const endpoint = {
      target: `${api.url}/api/v1`,
      allowedMethods: ['GET'],
      headers: {
        Authorization: 'Bearer the-secret',
        'X-Review-Assistant-User': 'user:default/visitor',
      },
    };
    const config = { proxy: { endpoints: { '/gerrit-review-assistant': endpoint } } };
    backend = await startTestBackend({
      features: [proxy, mockServices.rootConfig.factory({ data: config })],
    });
  });

  afterEach(async () => {
    await backend.stop();
    await api.close();
  });

  it('asks for the one person that it names, whoever asks', async () => {
    api.answer = (_, res) => json(res, {});
    const headers = {
      authorization: mockCredentials.user.header('user:default/jane'),
      'x-review-assistant-user': 'user:default/boss',
    };
    expect((await get({ headers })).status).toBe(200);
    expect(api.asked).toHaveLength(1);
    expect(api.asked[0]).toMatchObject({
      path: '/api/v1/me',
      headers: {
        authorization: 'Bearer the-secret',
        'x-review-assistant-user': 'user:default/visitor',
      },
    });
  });

  it('lets nobody in who is not signed in, and nothing be written', async () => {
    expect((await get({ headers: { authorization: mockCredentials.none.header() } })).status).toBe(
      401,
    );
    expect((await get({ method: 'POST' })).status).toBe(404);
    expect(api.asked).toEqual([]);
  });
});
