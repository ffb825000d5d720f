// SPDX-License-Identifier: Apache-2.0
import { Request } from 'express';
import { Refusal } from './refusal';

const page = ['host', 'limit', 'cursor', 'fields'];

/** The lists of a component and the parameters of each. */
export const lists: Record<string, string[]> = {
  changes: ['status', 'order', 'branch', 'search', ...page],
  activity: page,
  failures: ['host', 'limit'],
  branches: ['host'],
};
export const reviewsParameters = page;
export const changeParameters = ['patch_set', 'fields'];
export const eventsParameters = ['after', 'component', 'host', 'project'];

// Bytes of one parameter; a cursor, the longest, has 512.
const maxValue = 1024;

const bad = (message: string, next: string) => new Refusal(400, 'bad-request', message, next);

/** The parameters of a request, none but those known, each once. */
export function parametersOf(req: Request, known: string[]): URLSearchParams {
  const found = new URL(req.originalUrl, 'http://backstage').searchParams;
  for (const name of new Set(found.keys())) {
    const values = found.getAll(name);
    if (!known.includes(name) || values.length > 1 || !values[0] || values[0].length > maxValue) {
      throw bad(
        'A parameter is unknown, there twice, without a value or too long.',
        known.length ? `The parameters are ${known.join(', ')}.` : 'Leave all parameters out.',
      );
    }
  }
  found.sort(); // one question, however it is written, is one in the cache
  return found;
}

const name = '[a-z0-9](?:[a-z0-9._-]{0,61}[a-z0-9])?';
const refForm = new RegExp(`^(${name}):(${name})/(${name})$`);

/** An entity as the catalog names it, in lower case, and its path in the API. */
export interface EntityName {
  ref: string;
  path: string;
}

/** Reads KIND:NAMESPACE/NAME. */
export function entityOf(text: string): EntityName {
  const found = refForm.exec(text.toLowerCase());
  if (!found) {
    throw bad(
      'This is no name of an entity of the catalog.',
      'Write it as KIND, NAMESPACE and NAME, such as component:default/pay.',
    );
  }
  const [ref, ...parts] = found;
  return { ref, path: `/components/${parts.join('/')}` };
}

/** The path of a change, HOST/PROJECT~NUMBER. */
export function changePath(id: string): string {
  const form = /^[A-Za-z0-9._-]+\/[^\p{C}\p{Zl}\p{Zp}]+~[1-9]\d{0,9}$/u;
  const steps = id.split('/').some(step => step === '' || step === '.' || step === '..');
  if (id.length > 512 || !form.test(id) || steps) {
    throw bad(
      'This is no id of a change.',
      'Write it as HOST/PROJECT~NUMBER, with each slash as %2F.',
    );
  }
  return `/changes/${encodeURIComponent(id)}`;
}

/** The id of the last event that the client has. */
export function lastEventOf(req: Request): Record<string, string> {
  const id = req.header('last-event-id');
  if (id !== undefined && !/^\d{1,19}$/.test(id)) {
    throw bad(
      'Last-Event-ID is no id of an event.',
      'Send it as a stream gave it, or none and read the lists anew.',
    );
  }
  return id === undefined ? {} : { 'last-event-id': id };
}
