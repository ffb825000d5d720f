// SPDX-License-Identifier: Apache-2.0
import { mockCredentials } from '@backstage/backend-test-utils';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import { ConfigReader } from '@backstage/config';
import { Answer } from './api';
import { PersonalCache } from './cache';
import { readSettings } from './settings';
import { Visibility } from './visibility';

describe('PersonalCache', () => {
  const body = Buffer.alloc(1000);

  it('forgets what was asked for longest ago when there is too much', async () => {
    const asked: string[] = [];
    const cache = new PersonalCache(async (path, headers) => {
      asked.push(path + (headers['if-none-match'] ?? ''));
      return headers['if-none-match'] ? undefined : { body, etag: '"x"' };
    }, 5000);
    for (const path of ['/1', '/2', '/3', '/1', '/4', '/2', '/1']) {
      expect((await cache.get('user:default/jane', path, {})).body).toBe(body);
    }
    // Three answers fit: 4 pushed 2 out, and 1 was asked for since.
    expect(asked).toEqual(['/1', '/2', '/3', '/1"x"', '/4', '/2', '/1"x"']);
  });

  it('keeps nothing that is larger than all of it, or has no tag', async () => {
    const answers: Answer[] = [{ body: Buffer.alloc(9000), etag: '"x"' }, { body }];
    const conditions: unknown[] = [];
    const cache = new PersonalCache(async (_, headers) => {
      conditions.push(headers['if-none-match']);
      return answers[conditions.length % 2];
    }, 5000);
    for (const _ of 'abcd') {
      await cache.get('user:default/jane', '/', {});
    }
    expect(conditions).toEqual([undefined, undefined, undefined, undefined]);
  });
});

describe('PersonalCache, asked twice at a time', () => {
  it('answers neither question with the answer to the other', async () => {
    const answers: ((answer: Answer) => void)[] = [];
    const cache = new PersonalCache(
      async () => new Promise(resolve => answers.push(resolve)),
      5000,
    );
    // Something moves between the two.
    const before = cache.get('user:default/jane', '/', {});
    const after = cache.get('user:default/jane', '/', {});
    expect(answers).toHaveLength(2);
    const [old, fresh] = ['"old"', '"new"'].map(etag => ({ body: Buffer.alloc(1), etag }));
    answers[1](fresh);
    expect(await after).toBe(fresh);
    answers[0](old);
    expect(await before).toBe(old);
  });

  it('counts what it keeps once', async () => {
    const conditions: unknown[] = [];
    const cache = new PersonalCache(async (_, headers) => {
      conditions.push(headers['if-none-match']);
      return { body: Buffer.alloc(1000), etag: '"x"' };
    }, 5000);
    const get = (path: string) => cache.get('user:default/jane', path, {});
    await get('/1');
    for (const _ of 'abcdefgh') {
      await Promise.all([get('/2'), get('/2')]);
    }
    await get('/1');
    expect(conditions.pop()).toBe('"x"');
  });
});

describe('Visibility', () => {
  it('remembers for three seconds what is shown, for each person alone', async () => {
    let now = 0;
    let shown = true;
    const catalog = catalogServiceMock.mock({
      getEntityByRef: async () =>
        shown ? { apiVersion: 'v1', kind: 'Component', metadata: { name: 'pay' } } : undefined,
    });
    const visibility = new Visibility(catalog, () => now);
    const shows = (name: string) =>
      visibility.shows(
        `user:default/${name}`,
        'component:default/pay',
        mockCredentials.user(`user:default/${name}`),
      );
    expect(await Promise.all([shows('jane'), shows('jane')])).toEqual([true, true]);
    expect(catalog.getEntityByRef).toHaveBeenCalledTimes(1);
    shown = false;
    expect(await shows('joe')).toBe(false);
    expect(await shows('jane')).toBe(true);
    now = 3_000;
    expect(await shows('jane')).toBe(false);
    shown = true;
    expect(await shows('jane')).toBe(true);
  });

  it('remembers no failure', async () => {
    const catalog = catalogServiceMock.mock();
    catalog.getEntityByRef
      .mockRejectedValueOnce(new Error('down'))
      .mockResolvedValueOnce(undefined);
    const visibility = new Visibility(catalog, () => 0);
    const shows = () =>
      visibility.shows('user:default/jane', 'component:default/pay', mockCredentials.user());
    await expect(shows()).rejects.toThrow('down');
    expect(await shows()).toBe(false);
  });
});

describe('readSettings', () => {
  const good = { baseUrl: 'https://bot.example.com/', serviceToken: '0123456789abcdef' };
  const read = (more: object) =>
    readSettings(new ConfigReader({ gerritReviewAssistant: { ...good, ...more } }));

  it('has defaults', () => {
    expect(read({})).toEqual({
      baseUrl: 'https://bot.example.com',
      auth: 'service',
      serviceToken: '0123456789abcdef',
      timeout: 10_000,
    });
    expect(read({ serviceToken: '0123456789abcdef\n' }).serviceToken).toBe('0123456789abcdef');
    expect(read({ baseUrl: 'http://bot:8080/assistant//' }).baseUrl).toBe(
      'http://bot:8080/assistant',
    );
    expect(read({ auth: 'user-token', serviceToken: undefined }).serviceToken).toBe('');
    expect(read({ timeout: { seconds: 3 } }).timeout).toBe(3000);
  });

  it.each([
    [{ baseUrl: 'bot.example.com' }, 'baseUrl is no address'],
    [{ baseUrl: 'file:///etc' }, 'baseUrl is no address'],
    [{ baseUrl: 'https://me:hunter2@bot.example.com' }, 'baseUrl is no address'],
    [{ baseUrl: 'https://bot.example.com/?a=b' }, 'baseUrl is no address'],
    [{ baseUrl: undefined }, 'gerritReviewAssistant.baseUrl'],
    [{ serviceToken: 'short' }, 'serviceToken is not'],
    [{ serviceToken: '0123456789abcdef\r\nx: y' }, 'serviceToken is not'],
    [{ serviceToken: undefined }, 'gerritReviewAssistant.serviceToken'],
    [{ auth: 'token' }, 'auth is neither'],
    [{ timeout: '2 minutes' }, 'timeout is not between'],
    [{ timeout: '0s' }, 'timeout is not between'],
  ])('refuses %j and tells no value', (wrong, message) => {
    expect(() => read(wrong)).toThrow(message);
    expect(() => read(wrong)).not.toThrow(/hunter2|short|x: y/);
  });
});
