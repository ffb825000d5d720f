// SPDX-License-Identifier: Apache-2.0
import { answer, json } from '../__testUtils__/answer';
import { change, offChange } from '../__testUtils__/fixtures';
import { GerritReviewAssistantClient } from './client';
import { AssistantError } from './error';
import type { AssistantEvent } from './types';

const base = 'http://localhost:7007/api/gerrit-review-assistant';

/** A client whose server answers as told; urls are those that it was asked for. */
function setup(respond: (url: string, init: RequestInit) => Response | Promise<Response>) {
  const urls: string[] = [];
  const client = new GerritReviewAssistantClient({
    discoveryApi: { getBaseUrl: async () => base },
    fetchApi: {
      fetch: async (input, init) => {
        urls.push(String(input));
        return respond(String(input), init ?? {});
      },
    },
  });
  return { client, urls };
}

async function errorOf(promise: Promise<unknown>): Promise<AssistantError> {
  const error = await promise.then(
    () => undefined,
    e => e,
  );
  expect(error).toBeInstanceOf(AssistantError);
  return error as AssistantError;
}

describe('GerritReviewAssistantClient', () => {
  it('asks the routes of the backend plugin', async () => {
    const { client, urls } = setup(() => json({ changes: [], next: null }));
    const ref = 'component:default/pay';
    await client.changes(ref, {
      status: 'open',
      order: 'urgent',
      branch: 'release/2.4',
      search: 'retry & pay',
      limit: 5,
      cursor: '',
    });
    await client.change('main/team/pay~7', { patchSet: 2 });
    await client.change('main/team/pay~7', { patchSet: 2, entityRef: ref });
    await client.failures(ref, { limit: 10 });
    await client.activity('group:other/a b', { cursor: 'next' });
    await client.branches(ref);
    await client.reviews();
    await client.me();
    expect(urls.map(url => url.replace(base, ''))).toEqual([
      '/components/component/default/pay/changes?status=open&order=urgent&branch=release%2F2.4&search=retry+%26+pay&limit=5',
      '/changes/main%2Fteam%2Fpay~7?patch_set=2',
      '/components/component/default/pay/changes/main%2Fteam%2Fpay~7?patch_set=2',
      '/components/component/default/pay/failures?limit=10',
      '/components/group/other/a%20b/activity?cursor=next',
      '/components/component/default/pay/branches',
      '/me/reviews',
      '/me',
    ]);
  });

  it('fills in what an older server leaves out', async () => {
    const { reviewers, labels, submit, picks, ...old } = change();
    const { client } = setup(() => json({ changes: [old], next: null }));
    const { changes } = await client.changes('component:default/pay');
    expect(changes[0]).toMatchObject({ reviewers: [], labels: [], submit: null, picks: [] });
  });

  it.each([
    ['changes that are off', [offChange()], 'off'],
    ['some that are not', [offChange(), change()], undefined],
    ['no changes', [], undefined],
  ])(
    'knows from an older server how the project uses the assistant by %s',
    async (_, list, mode) => {
      const { client } = setup(() => json({ changes: list, next: null }));
      expect((await client.changes('component:default/pay')).mode).toBe(mode);
    },
  );

  it('passes on how the project uses the assistant and when a change was merged', async () => {
    const submitted = '2026-03-02T10:00:00Z';
    const merged = change(7, { status: 'MERGED', submitted });
    const { client } = setup(() => json({ ...merged, mode: 'shadow', changes: [merged] }));
    const ref = 'component:default/pay';
    const { changes, mode } = await client.changes(ref);
    expect([mode, changes[0].submitted]).toEqual(['shadow', submitted]);
    expect((await client.change('main/team/pay~7')).submitted).toBe(submitted);
    for (const list of [client.failures(ref), client.activity(ref), client.branches(ref)]) {
      expect((await list).mode).toBe('shadow');
    }
  });

  it('takes no more rows than a page can have', async () => {
    const { client } = setup(() => json({ changes: Array.from({ length: 600 }, () => change()) }));
    const { changes } = await client.changes('component:default/pay');
    expect(changes).toHaveLength(500);
  });

  it('says what the backend plugin says of an error', async () => {
    const body = {
      error: { name: 'NotAllowedError', message: 'No account is linked.', stack: 'at /srv/x.js' },
      reason: 'no-account',
      next: 'Ask the operator.',
    };
    const { client } = setup(() => json(body, 403));
    const error = await errorOf(client.me());
    expect(error).toMatchObject({
      message: 'No account is linked.',
      status: 403,
      reason: 'no-account',
      next: 'Ask the operator.',
      kind: 'no-account',
    });
    expect(JSON.stringify({ ...error })).not.toContain('/srv');
  });

  it('says what the API itself says, behind a proxy', async () => {
    const body = {
      title: 'too often',
      detail: 'more than 50 requests',
      next: 'wait a minute, then ask again',
      reason: 'too-often',
    };
    const { client } = setup(() => json(body, 429, { 'Retry-After': '7' }));
    expect(await errorOf(client.me())).toMatchObject({
      message: 'More than 50 requests.', // as a sentence
      next: 'Wait a minute, then ask again.',
      retryAfter: 7,
      kind: 'too-often',
    });
  });

  it('does not take a token for programs, behind a proxy, for somebody who is not in the catalog', async () => {
    const body = {
      title: 'not allowed',
      detail: 'the token is one for programs, and this route is for people',
      next: 'send the token of a person',
      reason: 'no-person',
    };
    const { client } = setup(() => json(body, 403));
    expect(await errorOf(client.me())).toMatchObject({
      kind: 'forbidden',
      known: false,
      message: 'The token is one for programs, and this route is for people.',
    });
  });

  it.each([
    ['a page of a proxy', () => answer('<html>Bad gateway</html>', { status: 502 }), 'unreachable'],
    ['an answer that is no object', () => json('hello'), 'bad-answer'],
    ['an answer that is cut off', () => answer('{"changes": ['), 'bad-answer'],
    [
      'a network that is down',
      () => Promise.reject(new TypeError('Failed to fetch')),
      'unreachable',
    ],
    ['a sign-in that ended', () => json({}, 401), 'signed-out'],
    ['a reason that is none', () => json({ reason: '<b>' }, 403), 'forbidden'],
    ['a bug', () => json({}, 500), 'other'],
  ])('has a kind for %s', async (_name, respond, kind) => {
    const { client } = setup(respond);
    const error = await errorOf(client.me());
    expect(error.kind).toBe(kind);
    expect(error.message).toBe('');
  });

  it('fails as documented where nobody knows the address of the backend', async () => {
    const client = new GerritReviewAssistantClient({
      discoveryApi: { getBaseUrl: () => Promise.reject(new Error('no such plugin')) },
      fetchApi: { fetch: async () => json({}) },
    });
    const { signal } = new AbortController();
    const events = client.events(undefined, { signal })[Symbol.asyncIterator]();
    for (const failed of [client.me(), events.next()]) {
      expect((await errorOf(failed)).kind).toBe('unreachable');
    }
  });

  it('shortens what an error says', async () => {
    const { client } = setup(() => json({ detail: 'x'.repeat(10_000) }, 400));
    expect((await errorOf(client.me())).message).toHaveLength(401);
  });

  it('reads no answer without end', async () => {
    let read = 0;
    const { client } = setup(
      () =>
        ({
          ok: true,
          status: 200,
          headers: new Headers(),
          body: {
            getReader: () => ({
              read: async () => {
                read++;
                return { done: false, value: new Uint8Array(1 << 20) };
              },
              cancel: async () => {},
            }),
          },
        }) as unknown as Response,
    );
    expect(await errorOf(client.me())).toMatchObject({ reason: 'too-large', kind: 'too-large' });
    expect(read).toBe(9);
  });

  it('gives up on an answer that does not come', async () => {
    jest.useFakeTimers();
    try {
      const { client } = setup(
        (_url, init) =>
          new Promise((_, reject) => {
            init.signal!.addEventListener('abort', () => reject(new Error('aborted')));
          }),
      );
      const failed = errorOf(client.me());
      await jest.advanceTimersByTimeAsync(20_000);
      expect((await failed).kind).toBe('unreachable');
    } finally {
      jest.useRealTimers();
    }
  });

  it('fails with the reason of a signal, not with an error of its own', async () => {
    const { client } = setup(() => json({}));
    const abort = new AbortController();
    abort.abort(new Error('gone'));
    await expect(client.me({ signal: abort.signal })).rejects.toThrow('gone');
  });
});

describe('events', () => {
  async function collect(events: AsyncIterable<AssistantEvent>) {
    const all: AssistantEvent[] = [];
    for await (const event of events) {
      all.push(event);
    }
    return all;
  }

  it('reads a stream in whatever pieces it comes', async () => {
    const text =
      'retry: 3000\nid: 40\n\nid: 41\nevent: change\ndata: {"id":"main/team/pay~7"}\n\n' +
      'id: 42\nevent: reload\ndata: {}\n\n: still here\nevent: news\ndata: {}\n\n' +
      'event: change\ndata: not json\n\nevent: reset\ndata: {}\n\n';
    const bytes = new TextEncoder().encode(text);
    for (const size of [1, 7, bytes.length]) {
      const pieces: Uint8Array[] = [];
      for (let at = 0; at < bytes.length; at += size) {
        pieces.push(bytes.slice(at, at + size));
      }
      const { client, urls } = setup(() => answer(pieces));
      const { signal } = new AbortController();
      const events = await collect(client.events('component:default/pay', { after: '39', signal }));
      expect(events).toEqual([
        { type: 'open' },
        { type: 'change', id: '41', change: 'main/team/pay~7' },
        { type: 'reload', id: '42' },
        { type: 'change', id: undefined, change: undefined },
        { type: 'reset', id: undefined },
      ]);
      expect(urls).toEqual([`${base}/events?component=component%3Adefault%2Fpay&after=39`]);
    }
  });

  it('is not open before the server spoke', async () => {
    const { client } = setup(() => answer([]));
    const { signal } = new AbortController();
    expect(await collect(client.events(undefined, { signal }))).toEqual([]);
  });

  it('fails with what the server says', async () => {
    const { client } = setup(() =>
      json({ reason: 'too-many-streams' }, 429, { 'Retry-After': '9' }),
    );
    const { signal } = new AbortController();
    const error = await errorOf(collect(client.events(undefined, { signal })));
    expect(error).toMatchObject({ reason: 'too-many-streams', retryAfter: 9 });
  });

  it('fails when the server falls silent, and ends the request', async () => {
    jest.useFakeTimers();
    try {
      let ended: AbortSignal | undefined;
      const { client } = setup((_url, init) => {
        ended = init.signal!;
        return answer([new TextEncoder().encode('id: 1\n\n')], { open: true });
      });
      const { signal } = new AbortController();
      const failed = errorOf(collect(client.events(undefined, { signal })));
      await jest.advanceTimersByTimeAsync(45_000);
      expect((await failed).status).toBe(504);
      expect(ended!.aborted).toBe(true);
    } finally {
      jest.useRealTimers();
    }
  });

  it('reads no event without end', async () => {
    const piece = new TextEncoder().encode('x'.repeat(40_000));
    const { client } = setup(() => answer([piece, piece, piece]));
    const { signal } = new AbortController();
    const error = await errorOf(collect(client.events(undefined, { signal })));
    expect(error.reason).toBe('too-large');
  });
});
