// SPDX-License-Identifier: Apache-2.0
import { createParser } from 'eventsource-parser';
import { AssistantError } from './error';
import type { AssistantEvent } from './types';

const eventLimit = 64 << 10; // characters of one event
const silence = 45_000; // milliseconds; the server speaks every 15 seconds

/**
 * The events of a stream, of which the first is that it stands: a proxy may answer
 * at once and hold back what the server says. A position that comes without an event is not told:
 * who goes on from an older one is told more than is new, and misses nothing.
 */
export async function* readEvents(response: Response): AsyncGenerator<AssistantEvent> {
  if (!response.body) {
    throw new AssistantError('', { status: 502, reason: 'bad-answer' });
  }
  const waiting: AssistantEvent[] = [];
  let broken = false;
  let open = false;
  const parser = createParser({
    maxBufferSize: eventLimit,
    onEvent: message => {
      const event = toEvent(message);
      if (event) {
        waiting.push(event);
      }
    },
    onError: error => {
      broken ||= error.type === 'max-buffer-size-exceeded';
    },
  });
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  try {
    for (;;) {
      const { done, value } = await within(silence, reader.read());
      if (done) {
        return;
      }
      if (!open) {
        open = true;
        yield { type: 'open' };
      }
      parser.feed(decoder.decode(value, { stream: true }));
      if (broken) {
        throw new AssistantError('', { status: 502, reason: 'too-large' });
      }
      while (waiting.length > 0) {
        yield waiting.shift()!;
      }
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}

function toEvent(message: {
  event?: string;
  id?: string;
  data: string;
}): AssistantEvent | undefined {
  const id = /^\d{1,19}$/.test(message.id ?? '') ? message.id : undefined;
  switch (message.event) {
    case 'change':
      return { type: 'change', id, change: changeOf(message.data) };
    case 'reload':
    case 'reset':
      return { type: message.event, id };
    default: // of a later version of the API
      return undefined;
  }
}

function changeOf(data: string): string | undefined {
  try {
    const { id } = JSON.parse(data);
    return typeof id === 'string' ? id : undefined;
  } catch {
    return undefined;
  }
}

async function within<T>(milliseconds: number, promise: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    return await Promise.race([
      promise,
      new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(new AssistantError('', { status: 504 })), milliseconds);
      }),
    ]);
  } finally {
    clearTimeout(timer);
  }
}
