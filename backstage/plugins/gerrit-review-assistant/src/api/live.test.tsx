// SPDX-License-Identifier: Apache-2.0
import { TestApiProvider } from '@backstage/frontend-test-utils';
import { act, renderHook } from '@testing-library/react';
import { StrictMode, type ReactNode } from 'react';
import { FakeAssistant, FakeStream, errors } from '../__testUtils__/fakeApi';
import { pass, show } from '../__testUtils__/time';
import { AssistantError } from './error';
import { gerritReviewAssistantApiRef } from './types';
import { useFeedState, useLive, type LiveOptions } from './live';

const ref = 'component:default/pay';

/** A load whose results a test decides; it counts how many are on their way at once. */
function counter() {
  const load = Object.assign(
    async () => {
      load.calls++;
      load.running++;
      load.most = Math.max(load.most, load.running);
      try {
        await new Promise(resolve => {
          setTimeout(resolve, load.takes);
        });
        if (load.error) {
          throw load.error;
        }
        return load.calls;
      } finally {
        load.running--;
      }
    },
    { calls: 0, running: 0, most: 0, takes: 10, error: undefined as Error | undefined },
  );
  return load;
}

function follow(
  api: FakeAssistant,
  load: (signal: AbortSignal) => Promise<number>,
  options: LiveOptions = { entityRef: ref },
) {
  const wrapper = ({ children }: { children: ReactNode }) => (
    <TestApiProvider apis={[[gerritReviewAssistantApiRef, api]]}>{children}</TestApiProvider>
  );
  return renderHook(
    props => ({
      ...useLive(props.load, props.options),
      connection: useFeedState(props.options.entityRef),
    }),
    { wrapper, initialProps: { load, options } },
  );
}

beforeEach(() => {
  jest.useFakeTimers();
  show(true);
});

afterEach(() => {
  jest.useRealTimers();
});

describe('useLive', () => {
  it('loads, and again once the stream stands', async () => {
    const api = new FakeAssistant();
    const load = counter();
    const { result } = follow(api, load);
    expect(result.current).toMatchObject({ refreshing: true });
    expect(result.current.value).toBeUndefined();
    await pass(10);
    expect(result.current).toMatchObject({ value: 1, connection: 'live' });
    await pass(2_000);
    expect(load.calls).toBe(2);
  });

  it.each(['change', 'reload', 'reset'] as const)(
    'loads again after %s, within a second',
    async type => {
      const api = new FakeAssistant();
      const load = counter();
      const { result } = follow(api, load);
      await pass(5_000);
      const before = load.calls;
      api.streams[0].send({ type, id: '7', change: 'main/team/pay~7' });
      await pass(120);
      expect(result.current.value).toBe(before + 1);
    },
  );

  it('loads once for what moves together, and has one load on its way at a time', async () => {
    const api = new FakeAssistant();
    const load = counter();
    follow(api, load);
    await pass(5_000);
    const before = load.calls;
    load.takes = 3_000;
    for (let n = 0; n < 50; n++) {
      api.streams[0].send({ type: 'change', id: String(n) });
      await pass(20);
    }
    expect(load.calls).toBe(before + 1);
    await pass(10_000);
    expect(load.calls).toBe(before + 2);
    expect(load.most).toBe(1);
  });

  it('keeps the last good value while a load fails, and says when it is old', async () => {
    const api = new FakeAssistant();
    const load = counter();
    const { result } = follow(api, load);
    await pass(5_000);
    const { value } = result.current;
    load.error = errors.unreachable();
    api.streams[0].send({ type: 'reload' });
    await pass(2_000);
    expect(result.current).toMatchObject({ value, stale: false });
    expect(result.current.error?.kind).toBe('unreachable');
    await pass(160_000);
    expect(result.current).toMatchObject({ value, stale: true });
    load.error = undefined;
    await pass(31_000);
    expect(result.current).toMatchObject({ stale: false, value: load.calls });
    expect(result.current.error).toBeUndefined();
  });

  it.each(['noAccount', 'forbidden', 'notFound'] as const)(
    'shows nothing any longer after %s',
    async name => {
      const api = new FakeAssistant();
      const load = counter();
      const { result } = follow(api, load);
      await pass(5_000);
      load.error = errors[name]();
      api.streams[0].send({ type: 'reload' });
      await pass(2_000);
      expect(result.current.value).toBeUndefined();
      expect(result.current.error).toBe(load.error);
    },
  );

  it('waits as long as the server says', async () => {
    const api = new FakeAssistant();
    const load = counter();
    load.error = Object.assign(errors.tooOften(), { retryAfter: 90 });
    api.noStreams = load.error;
    follow(api, load, {});
    await pass(20);
    expect(load.calls).toBe(1);
    expect(api.streams).toHaveLength(1);
    await pass(89_000);
    expect(api.streams).toHaveLength(1);
    await pass(2_000);
    expect(api.streams).toHaveLength(2);
  });

  it('waits as long as the server says, even when news come', async () => {
    const api = new FakeAssistant();
    const load = counter();
    follow(api, load);
    await pass(5_000);
    load.error = Object.assign(errors.tooOften(), { retryAfter: 20 });
    const { calls } = load;
    api.streams[0].send({ type: 'reload' });
    await pass(2_000);
    expect(load.calls).toBe(calls + 1);
    api.streams[0].send({ type: 'reload' });
    await pass(17_000);
    expect(load.calls).toBe(calls + 1);
    load.error = undefined;
    await pass(2_000);
    expect(load.calls).toBe(calls + 2);
    await pass(20_000);
    expect(load.calls).toBe(calls + 2);
  });

  it('asks every 30 seconds while there is no stream, and tries the stream again', async () => {
    const api = new FakeAssistant();
    api.noStreams = errors.unreachable();
    const load = counter();
    const { result } = follow(api, load);
    await pass(2_000);
    expect(result.current.connection).toBe('polling');
    expect(load.calls).toBe(1);
    await pass(30_000);
    expect(load.calls).toBe(2);
    await pass(30_000);
    expect(load.calls).toBe(3);
    // 3, 6, 12, 24 seconds after one another.
    expect(api.streams).toHaveLength(5);
    api.noStreams = undefined;
    await pass(60_000);
    expect(result.current.connection).toBe('live');
  });

  it('asks every minute while the stream stands, which does not tell of rights that are lost', async () => {
    const api = new FakeAssistant();
    const load = counter();
    const { result } = follow(api, load);
    await pass(5_000);
    const { calls } = load;
    load.error = errors.forbidden();
    await pass(60_000);
    expect(load.calls).toBe(calls + 1);
    expect(result.current).toMatchObject({ connection: 'live', value: undefined });
    load.error = undefined;
    await pass(300_000);
    // After the failure it asked once more by itself.
    expect(load.calls).toBe(calls + 7);
    show(false);
    await pass(600_000);
    expect(load.calls).toBe(calls + 7);
  });

  it('stays live when the server ends a stream that stood, unless the next one fails', async () => {
    const api = new FakeAssistant();
    const { result } = follow(api, counter());
    await pass(300_000);
    api.streams[0].end();
    await pass(1_000);
    expect(result.current.connection).toBe('live');
    await pass(3_000);
    expect(api.streams).toHaveLength(2);
    expect(result.current.connection).toBe('live');
    await pass(300_000);
    api.noStreams = errors.unreachable();
    api.streams[1].end();
    await pass(2_000);
    expect(result.current.connection).toBe('live');
    await pass(2_000);
    expect(result.current.connection).toBe('polling');
  });

  it('does not stay live without a stream that answers', async () => {
    const api = new FakeAssistant();
    const { result } = follow(api, counter());
    await pass(100_000);
    api.events = () => new FakeStream(undefined, new AbortController().signal).events();
    api.streams[0].end();
    await pass(60_000);
    expect(result.current.connection).toBe('polling');
  });

  it('opens streams that end at once ever more rarely', async () => {
    const api = new FakeAssistant();
    const load = counter();
    follow(api, load);
    const ends = setInterval(() => api.streams.at(-1)!.end(), 100);
    await pass(180_000);
    clearInterval(ends);
    // 3, 6, 12, 24, 48, 60 seconds after one another.
    expect(api.streams).toHaveLength(7);
    expect(load.calls).toBeLessThan(16);
  });

  it('holds no stream for a page that nobody has looked at yet', async () => {
    show(false);
    const api = new FakeAssistant();
    const load = counter();
    follow(api, load);
    await pass(600_000);
    expect(api.streams).toHaveLength(0);
    expect(load.calls).toBe(1);
    show(true);
    await pass(1_000);
    expect(api.streams).toHaveLength(1);
    expect(load.calls).toBe(2);
  });

  it('goes on when the clock is set back', async () => {
    const api = new FakeAssistant();
    const load = counter();
    follow(api, load);
    await pass(5_000);
    const { calls } = load;
    jest.setSystemTime(Date.now() - 3600_000);
    api.streams[0].send({ type: 'reload' });
    await pass(2_000);
    expect(load.calls).toBe(calls + 1);
  });

  it('waits five minutes at most, whatever the server says', async () => {
    const api = new FakeAssistant();
    const load = counter();
    load.error = new AssistantError('', { status: 503, retryAfter: 86_400 });
    api.noStreams = load.error;
    follow(api, load);
    await pass(299_000);
    expect([load.calls, api.streams.length]).toEqual([1, 1]);
    await pass(2_000);
    expect([load.calls, api.streams.length]).toEqual([2, 2]);
  });

  it('goes on behind the last event when a stream ends', async () => {
    const api = new FakeAssistant();
    const load = counter();
    const { result } = follow(api, load);
    await pass(2_000);
    api.streams[0].send({ type: 'change', id: '41' });
    await pass(2_000);
    const { calls } = load;
    api.streams[0].end();
    await pass(100);
    expect(result.current.connection).toBe('polling');
    await pass(3_000);
    expect(api.streams[1].after).toBe('41');
    expect(result.current.connection).toBe('live');
    expect(load.calls).toBe(calls); // the stream tells what was missed
    api.streams[1].send({ type: 'reset' });
    await pass(2_000);
    api.streams[1].end();
    await pass(8_000);
    expect(api.streams[2].after).toBeUndefined();
    expect(load.calls).toBe(calls + 2);
  });

  it('sees at once whether what broke the stream keeps all else away too', async () => {
    const api = new FakeAssistant();
    const load = counter();
    const { result } = follow(api, load);
    await pass(5_000);
    load.error = errors.unreachable();
    api.noStreams = errors.unreachable();
    api.streams[0].fail(errors.unreachable());
    const { calls } = load;
    await pass(150);
    expect(load.calls).toBe(calls + 1);
    expect(result.current.error?.kind).toBe('unreachable');
    await pass(20_000);
    expect(load.calls).toBe(calls + 1);
  });

  it('rests while nobody looks, and is up to date when somebody does', async () => {
    const api = new FakeAssistant();
    const load = counter();
    follow(api, load);
    await pass(5_000);
    const { calls } = load;
    show(false);
    await pass(31_000);
    expect(api.streams[0].signal.aborted).toBe(true);
    await pass(600_000);
    expect(load.calls).toBe(calls);
    expect(api.streams).toHaveLength(1);
    show(true);
    await pass(150);
    expect(load.calls).toBe(calls + 1);
    expect(api.streams).toHaveLength(2);
  });

  it('asks nothing after a failure while nobody looks', async () => {
    const api = new FakeAssistant();
    const load = counter();
    load.error = errors.unreachable();
    follow(api, load);
    await pass(5_000);
    const { calls } = load;
    show(false);
    await pass(600_000);
    expect(load.calls).toBe(calls);
  });

  it('shares one stream for an entity, and ends it with the last who follows', async () => {
    const api = new FakeAssistant();
    const first = follow(api, counter());
    const second = follow(api, counter());
    const other = follow(api, counter(), { entityRef: 'component:default/ship' });
    await pass(1_000);
    expect(api.streams).toHaveLength(2);
    first.unmount();
    await pass(1_000);
    expect(api.streams[0].signal.aborted).toBe(false);
    second.unmount();
    expect(api.streams[0].signal.aborted).toBe(true);
    expect(api.streams[1].signal.aborted).toBe(false);
    other.unmount();
    expect(api.streams[1].signal.aborted).toBe(true);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('survives the double mounting of strict mode', async () => {
    const api = new FakeAssistant();
    const load = counter();
    const { result, unmount } = renderHook(() => useLive(load, { entityRef: ref }), {
      wrapper: ({ children }) => (
        <StrictMode>
          <TestApiProvider apis={[[gerritReviewAssistantApiRef, api]]}>{children}</TestApiProvider>
        </StrictMode>
      ),
    });
    await pass(3_000);
    expect(result.current.value).toBe(load.calls);
    expect(api.streams.filter(stream => !stream.signal.aborted)).toHaveLength(1);
    unmount();
    expect(api.streams.filter(stream => !stream.signal.aborted)).toHaveLength(0);
  });

  it('never shows what was loaded for something else', async () => {
    const api = new FakeAssistant();
    const { result, rerender } = follow(api, counter());
    await pass(2_000);
    expect(result.current.value).toBeDefined();
    rerender({ load: counter(), options: { entityRef: 'component:default/ship' } });
    expect(result.current.value).toBeUndefined();
    await pass(1_000);
  });

  it('keeps a value over to the next load of the same entity when asked to', async () => {
    const api = new FakeAssistant();
    const { result, rerender } = follow(api, counter(), { entityRef: ref, keep: true });
    await pass(2_000);
    const { value } = result.current;
    rerender({ load: counter(), options: { entityRef: ref, keep: true } });
    expect(result.current).toMatchObject({ value, refreshing: true });
    rerender({ load: counter(), options: { entityRef: 'component:default/ship', keep: true } });
    expect(result.current.value).toBeUndefined();
    await pass(1_000);
  });

  it('shows what it kept no longer when the other load fails', async () => {
    const api = new FakeAssistant();
    const { result, rerender } = follow(api, counter(), { entityRef: ref, keep: true });
    await pass(2_000);
    const other = counter();
    other.error = errors.unreachable();
    rerender({ load: other, options: { entityRef: ref, keep: true } });
    expect(result.current).toMatchObject({ value: 2, kept: true });
    await pass(2_000);
    expect(result.current.value).toBeUndefined();
    expect(result.current.error).toBe(other.error);
  });

  it('drops what is on its way when a person asks, and lets news wait for it', async () => {
    const api = new FakeAssistant();
    const load = counter();
    const { result } = follow(api, load);
    await pass(5_000);
    const { calls } = load;
    load.takes = 1_000;
    api.streams[0].send({ type: 'reload' });
    await pass(500);
    act(() => result.current.reload());
    await pass(700);
    expect(result.current).toMatchObject({ value: calls, refreshing: true });
    await pass(500);
    expect(result.current).toMatchObject({ value: calls + 2, refreshing: false });
  });

  it('passes over changes that are none of its concern', async () => {
    const api = new FakeAssistant();
    const load = counter();
    follow(api, load, { entityRef: ref, concerns: event => event.change === 'main/team/pay~7' });
    await pass(5_000);
    const { calls } = load;
    api.streams[0].send({ type: 'change', change: 'main/team/pay~8' });
    await pass(2_000);
    expect(load.calls).toBe(calls);
    api.streams[0].send({ type: 'change', change: 'main/team/pay~7' });
    await pass(2_000);
    expect(load.calls).toBe(calls + 1);
  });

  it('loads at once when a person asks for it', async () => {
    const api = new FakeAssistant();
    const load = counter();
    const { result } = follow(api, load);
    await pass(5_000);
    const { calls } = load;
    act(() => result.current.reload());
    await pass(10);
    expect(result.current.value).toBe(calls + 1);
  });
});
