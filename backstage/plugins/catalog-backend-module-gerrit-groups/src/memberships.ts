// SPDX-License-Identifier: Apache-2.0
import { Memberships } from './rule';

/**
 * How long an answer of Gerrit counts, in milliseconds from the moment before it was asked for. With
 * the 10 seconds for which plugins may keep a decision it makes the minute that is promised.
 */
export const MAX_AGE = 50_000;

/** A moment on the calendar and on a clock that is never set, both in milliseconds. */
export interface Moment {
  wall: number;
  steady: number;
}

/** Tells the moment. */
export type Clock = () => Moment;

/** The clocks of this machine. */
export const systemClock: Clock = () => ({ wall: Date.now(), steady: performance.now() });

/**
 * Who is in which group, by the last answer for each group. An answer counts from the moment before
 * Gerrit was asked, so that whoever is in it was still a member then: whoever is removed is out
 * `MAX_AGE` later, however long the answer took and whatever fails in between.
 */
export class FreshMemberships implements Memberships {
  readonly #answers = new Map<string, { members: ReadonlySet<string>; asOf: Moment }>();

  constructor(private readonly clock: Clock = systemClock) {}

  now(): Moment {
    return this.clock();
  }

  /** Keeps an answer that was asked for at the given moment. */
  put(group: string, members: Iterable<string>, asOf: Moment): void {
    this.#answers.set(group, { members: new Set(members), asOf });
  }

  /** Forgets a group that is no more. */
  drop(group: string): void {
    this.#answers.delete(group);
  }

  has(group: string, user: string): boolean {
    const answer = this.#answers.get(group);
    if (!answer) {
      return false;
    }
    const now = this.clock();
    // The calendar can be set back, and the other clock stands still while a
    // machine sleeps: the larger age is the one to believe.
    const age = Math.max(now.wall - answer.asOf.wall, now.steady - answer.asOf.steady);
    return age < MAX_AGE && answer.members.has(user);
  }
}
