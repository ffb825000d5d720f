// SPDX-License-Identifier: Apache-2.0
import { IncomingMessage, ServerResponse } from 'node:http';
import { Refusal } from './refusal';

/** Bounds of open streams. */
export interface StreamLimits {
  /** Streams of one person, and of all. */
  each: number;
  all: number;
  /** Milliseconds after which a stream that says nothing has ended. */
  silence: number;
  /** Milliseconds after which it is looked at again whether a person may. */
  recheck: number;
}

// The assistant allows a person 10 streams and, by default, an address 200
// connections: as many streams would leave none for lists. Who gets no stream reads
// the lists again now and then. It says every 15 seconds that a stream is open, and
// a proof lasts a minute there. To look again takes 7 seconds and what is remembered
// of the catalog 3: together the 10 that a plugin may add to what decides about groups.
export const defaultLimits: StreamLimits = { each: 8, all: 120, silence: 60_000, recheck: 7_000 };

// The longest that a timer waits.
const maxTimer = 2 ** 31 - 1;

/** The open streams. They end with the server, and none begins afterwards. */
export class Streams {
  private readonly open = new Map<AbortController, string>();
  private ended = false;

  constructor(private readonly limits: StreamLimits) {}

  /** Takes a place, which has to be left. Its signal ends what was opened. */
  enter(user: string): AbortController {
    const own = [...this.open.values()].filter(other => other === user).length;
    if (this.ended) {
      throw new Refusal(
        503,
        'not-now',
        'Backstage ends and begins no more streams.',
        'Try again in a moment.',
        { 'Retry-After': '5' },
      );
    }
    if (own >= this.limits.each || this.open.size >= this.limits.all) {
      const whose = own >= this.limits.each ? `You have ${own}` : `Backstage has ${this.open.size}`;
      throw new Refusal(
        429,
        'too-many-streams',
        `${whose} streams of events open, as many as are allowed.`,
        'Close other pages, or read the lists again now and then.',
        { 'Retry-After': '30' },
      );
    }
    const place = new AbortController();
    this.open.set(place, user);
    return place;
  }

  leave(place: AbortController) {
    this.open.delete(place);
    place.abort();
  }

  end() {
    this.ended = true;
    [...this.open.keys()].forEach(place => place.abort());
  }

  /**
   * Passes a stream on as it comes, until it ends, falls silent, may no longer
   * be read, the proof of who reads it is over, or the place's signal ends it.
   */
  async pass(
    from: IncomingMessage,
    to: ServerResponse,
    place: AbortController,
    may: () => Promise<unknown>,
    until?: Date,
  ) {
    const end = () => place.abort();
    const silence = setTimeout(end, this.limits.silence);
    let asks = false;
    const look = () => {
      // Who cannot tell in time whether a person may, lets nobody read on.
      if (asks) {
        end();
        return;
      }
      asks = true;
      may().then(() => (asks = false), end);
    };
    const recheck = setInterval(look, this.limits.recheck);
    const over = until && setTimeout(end, Math.min(until.getTime() - Date.now(), maxTimer));
    try {
      await new Promise<void>(resolve => {
        if (from.destroyed) {
          resolve();
        }
        from.on('data', () => silence.refresh());
        from.on('error', () => {}); // how it ends says nothing: the client comes again
        from.on('close', resolve);
        from.pipe(to, { end: false });
      });
    } finally {
      clearTimeout(silence);
      clearInterval(recheck);
      clearTimeout(over);
      // Who reads nothing would never see the end.
      if (to.writableNeedDrain) {
        to.destroy();
      } else {
        to.end();
      }
    }
  }
}
