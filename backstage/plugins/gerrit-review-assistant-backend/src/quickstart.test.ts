// SPDX-License-Identifier: Apache-2.0
import fs from 'node:fs';
import path from 'node:path';
import { mockCredentials, mockServices, startTestBackend } from '@backstage/backend-test-utils';
import proxy from '@backstage/plugin-proxy-backend';
import { parse } from 'yaml';
import { FakeApi, json } from './__testUtils__/fakeApi';

const readme = fs.readFileSync(path.join(__dirname, '../README.md'), 'utf8');

// The endpoint that the README shows, with an assistant and a token of this test.
function endpointOfReadme(url: string) {
  const [, block] = /```yaml\n(# app-config.yaml\nproxy:\n[^]*?)```/.exec(readme)!;
  const text = block
    .replace('https://review-assistant.example.com', url)
    .replace('${REVIEW_ASSISTANT_TOKEN}', 'a-token-for-programs');
  return parse(text).proxy;
}

// What the README says of the way over the proxy.
describe('the proxy', () => {
  let api: FakeApi;
  let backend: Awaited<ReturnType<typeof startTestBackend>>;

  const failures = '/components/component/default/pay/failures';
  const get = (init: RequestInit = {}) =>
    fetch(
      `http://127.0.0.1:${backend.server.port()}/api/proxy/gerrit-review-assistant${failures}`,
      init,
    );

  beforeEach(async () => {
    api = await new FakeApi().listen();
    const config = { proxy: endpointOfReadme(api.url) };
    backend = await startTestBackend({
      features: [proxy, mockServices.rootConfig.factory({ data: config })],
    });
  });

  afterEach(async () => {
    await backend.stop();
    await api.close();
  });

  it('asks with the token for programs and names nobody, whoever asks', async () => {
    api.answer = (_, res) => json(res, {});
    const headers = {
      authorization: mockCredentials.user.header('user:default/jane'),
      'x-review-assistant-user': 'user:default/boss',
    };
    expect((await get({ headers })).status).toBe(200);
    expect(api.asked).toHaveLength(1);
    expect(api.asked[0].path).toBe(`/api/v1${failures}`);
    expect(api.asked[0].headers.authorization).toBe('Bearer a-token-for-programs');
    expect(api.asked[0].headers).not.toHaveProperty('x-review-assistant-user');
  });

  it('lets nobody in who is not signed in, and nothing be written', async () => {
    const nobody = { authorization: mockCredentials.none.header() };
    expect((await get({ headers: nobody })).status).toBe(401);
    expect((await get({ method: 'POST' })).status).toBe(404);
    expect(api.asked).toEqual([]);
  });
});
