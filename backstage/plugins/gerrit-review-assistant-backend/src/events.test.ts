// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events';
import { IncomingMessage, ServerResponse } from 'node:http';
import { Backstage, startBackstage } from './__testUtils__/backstage';
import { FakeApi, json, problem } from './__testUtils__/fakeApi';
import { defaultLimits, StreamLimits } from './streams';
import { keepFor } from './visibility';

let api: FakeApi;
let backstage: Backstage;
// The streams that are open at the assistant, in their order.
let open: { req: IncomingMessage; res: ServerResponse; closed: Promise<unknown> }[];

async function start(limits: Partial<StreamLimits> = {}, config: object = {}, until?: Date) {
  backstage = await startBackstage(api, { limits, config, expires: until });
}

// Opens a stream, with its own reader.
async function listen(path = '/events', init: Parameters<Backstage['get']>[1] = {}) {
  const leave = new AbortController();
  const response = await backstage.get(path, { ...init, signal: leave.signal });
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  return {
    response,
    leave: () => leave.abort(),
    next: async () => (await reader.read()).value,
    rest: async () => {
      let text = '';
      for (let part = await reader.read(); !part.done; part = await reader.read()) {
        text += part.value;
      }
      return text;
    },
  };
}

beforeEach(async () => {
  open = [];
  api = await new FakeApi().listen();
  api.answer = (req, res) => {
    open.push({ req, res, closed: once(res, 'close') });
    res.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
    res.write('retry: 3000\nid: 40\n\n');
  };
});

afterEach(async () => {
  await backstage.stop();
  await api.close();
});

it('passes each event on as it comes', async () => {
  await start();
  const stream = await listen('/events?component=Component:default/Pay&host=main', {
    headers: { 'last-event-id': '40', 'accept-encoding': 'gzip' },
  });
  expect(stream.response.status).toBe(200);
  expect(Object.fromEntries(stream.response.headers)).toMatchObject({
    'content-type': 'text/event-stream',
    'cache-control': 'private, no-cache, no-transform',
    'x-accel-buffering': 'no',
  });
  expect(stream.response.headers.get('content-encoding')).toBeNull();
  expect(await stream.next()).toBe('retry: 3000\nid: 40\n\n');
  for (const event of ['id: 41\nevent: change\ndata: {"id":"main/pay~7"}\n\n', 'id: 42\n\n']) {
    open[0].res.write(event);
    expect(await stream.next()).toBe(event);
  }
  open[0].res.end('event: reset\ndata: {}\n\n');
  expect(await stream.rest()).toBe('event: reset\ndata: {}\n\n');
  expect(api.asked).toHaveLength(1);
  expect(api.asked[0].path).toBe('/api/v1/events?component=component%3Adefault%2Fpay&host=main');
  expect(api.asked[0].headers).toMatchObject({
    accept: 'text/event-stream',
    'last-event-id': '40',
    'x-review-assistant-user': 'user:default/jane',
  });
});

it('ends at the assistant when the client goes', async () => {
  await start();
  const stream = await listen();
  await stream.next();
  stream.leave();
  await expect(open[0].closed).resolves.toBeDefined();
});

it('is not opened for a client that went before there was an answer', async () => {
  await start();
  const gone: Promise<unknown>[] = [];
  api.answer = (_, res) => gone.push(once(res, 'close'));
  const leave = new AbortController();
  const asked = backstage.get('/events', { signal: leave.signal });
  await api.questions(1);
  leave.abort();
  await expect(asked).rejects.toThrow();
  await gone[0];
});

it('ends when the assistant falls silent', async () => {
  await start({ silence: 50 });
  const stream = await listen();
  expect(await stream.rest()).toBe('retry: 3000\nid: 40\n\n');
  await open[0].closed;
});

it('ends cleanly when the assistant breaks off', async () => {
  await start();
  const stream = await listen();
  await stream.next();
  open[0].req.socket.destroy();
  expect(await stream.rest()).toBe('');
});

it('ends when the person may no longer see the entity', async () => {
  await start({ recheck: 10 });
  const stream = await listen('/events?component=component:default/pay');
  await stream.next();
  backstage.world.denied = ['gerrit-review-assistant.read'];
  expect(await stream.rest()).toBe('');
  await open[0].closed;
});

it('is looked at again soon enough for the minute that is promised', () => {
  expect(defaultLimits.recheck + keepFor).toBeLessThanOrEqual(10_000);
});

it('ends when nobody can tell any more whether the person may see it', async () => {
  await start({ recheck: 10 });
  const stream = await listen('/events?component=component:default/pay');
  await stream.next();
  backstage.world.until = new Promise(() => {});
  expect(await stream.rest()).toBe('');
  await open[0].closed;
});

it('ends with the token that it was opened with', async () => {
  const until = new Date(Date.now() + 300);
  await start({}, {}, until);
  const stream = await listen();
  expect(await stream.next()).toBe('retry: 3000\nid: 40\n\n');
  expect(await stream.rest()).toBe('');
  await open[0].closed;
  expect(Date.now()).toBeGreaterThanOrEqual(until.getTime() - 1);
});

it('is not opened, and holds no place, for a client that went before it was decided', async () => {
  await start({ each: 1 });
  const leave = new AbortController();
  let decide = () => {};
  backstage.world.until = new Promise(resolve => (decide = resolve));
  const connected = once(backstage.server, 'connection');
  const asked = backstage.get('/events', { signal: leave.signal });
  const [socket] = await connected;
  await once(backstage.server, 'request');
  const left = once(socket, 'close');
  leave.abort();
  await expect(asked).rejects.toThrow();
  await left;
  decide();
  const next = await listen();
  expect(next.response.status).toBe(200);
  expect(api.asked).toHaveLength(1);
});

it('ends for a client that does not read', async () => {
  await start({ silence: 200 });
  api.answer = (req, res) => {
    open.push({ req, res, closed: once(res, 'close') });
    res.writeHead(200, { 'content-type': 'text/event-stream' });
    const more = () => res.write('x'.repeat(1 << 16), error => error || more());
    more();
  };
  await backstage.get('/events');
  await expect(open[0].closed).resolves.toBeDefined();
});

it('ends with the server, and none begins after it', async () => {
  await start();
  const streams = await Promise.all(
    ['jane', 'joe'].map(name => listen('/events', { as: `user:default/${name}` })),
  );
  await Promise.all(streams.map(stream => stream.next()));
  const stopped = backstage.stop();
  expect(await Promise.all(streams.map(stream => stream.rest()))).toEqual(['', '']);
  await Promise.all(open.map(stream => stream.closed));
  await stopped;
});

it('has bounds for one person and for all', async () => {
  await start({ each: 2, all: 3 });
  const streams = [await listen(), await listen()];
  const third = await backstage.get('/events');
  expect([third.status, third.headers.get('retry-after')]).toEqual([429, '30']);
  expect(await third.json()).toMatchObject({
    reason: 'too-many-streams',
    error: { message: expect.stringMatching(/^You have 2/) },
  });
  streams.push(await listen('/events', { as: 'user:default/joe' }));
  const fourth = await backstage.get('/events', { as: 'user:default/joe' });
  expect(await fourth.json()).toMatchObject({
    error: { message: expect.stringMatching(/^Backstage has 3/) },
  });
  expect(api.asked).toHaveLength(3);
  open[0].res.end();
  await streams[0].rest();
  streams.push(await listen());
  expect(streams[3].response.status).toBe(200);
});

it('leaves lists their connections, however many pages are open', async () => {
  const { answer } = api;
  api.answer = (req, res) => (req.url === '/api/v1/me' ? json(res, {}) : answer(req, res));
  api.limit(200); // the assistant's own default
  await start();
  const pages = Array.from({ length: 210 }, (_, i) => `user:default/u${i}`);
  const streams = await Promise.all(pages.map(as => listen('/events', { as })));
  const lists = await Promise.all(pages.map(as => backstage.get('/me', { as })));
  expect(lists.map(list => list.status)).toEqual(pages.map(() => 200));
  const refused = streams.filter(stream => stream.response.status === 429);
  expect(refused).toHaveLength(210 - 120);
  await Promise.all(streams.map(stream => stream.leave()));
});

it.each<[string, (res: ServerResponse) => void, number, string]>([
  ['an error', res => problem(res, 429, 'too-many-streams'), 429, 'too-many-streams'],
  ['a refused secret', res => problem(res, 401, 'service-secret'), 502, 'not-trusted'],
  ['JSON', res => json(res, {}), 502, 'bad-answer'],
  [
    'a page',
    res => res.writeHead(200, { 'content-type': 'text/html' }).end('<p>'),
    502,
    'bad-answer',
  ],
  ['a redirect', res => res.writeHead(302, { location: '/login' }).end(), 502, 'bad-answer'],
  ['nothing', () => {}, 503, 'not-reachable'],
])('is an error when the assistant answers %s', async (_, answer, status, reason) => {
  await start({ each: 1 }, { timeout: '300ms' });
  api.answer = (_req, res) => answer(res);
  const response = await backstage.get('/events');
  expect([response.status, await response.json()]).toEqual([
    status,
    expect.objectContaining({ reason }),
  ]);
  expect(response.headers.get('content-type')).toMatch('application/json');
  // A stream that did not begin holds no place.
  expect((await backstage.get('/events')).status).toBe(status);
});

it('is a 404 for an entity that is not shown', async () => {
  await start();
  expect((await backstage.get('/events?component=component:default/hidden')).status).toBe(404);
  expect(api.asked).toEqual([]);
});
