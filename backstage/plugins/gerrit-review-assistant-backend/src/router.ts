// SPDX-License-Identifier: Apache-2.0
import { LoggerService } from '@backstage/backend-plugin-api';
import type { ErrorRequestHandler, Request, Response } from 'express';
import Router from 'express-promise-router';
import { Api } from './api';
import { PersonalCache } from './cache';
import { Gate, inOrder, Person } from './gate';
import { Refusal } from './refusal';
import {
  changeParameters,
  changePath,
  EntityName,
  entityOf,
  eventsParameters,
  lastEventOf,
  lists,
  parametersOf,
  reviewsParameters,
} from './requests';
import { Streams } from './streams';

/** What the routes are made of. */
export interface RouterOptions {
  api: Api;
  cache: PersonalCache;
  gate: Gate;
  streams: Streams;
  logger: LoggerService;
}

/** The routes: those of the API that are for people, with its parameters and its JSON. */
export function createRouter({ api, cache, gate, streams, logger }: RouterOptions) {
  const router = Router({ caseSensitive: true });

  // The answer is asked for while it is looked at whether the person may have it,
  // for each of both takes a round trip or two.
  async function answer(
    req: Request,
    res: Response,
    person: Person,
    path: string,
    known: string[],
    may: () => Promise<void>,
  ) {
    const wanted = withParameters(path, parametersOf(req, known));
    const [, { body, etag }] = await inOrder(may(), cache.get(person.ref, wanted, person.headers));
    res.set({ 'Cache-Control': 'private, no-cache', 'X-Content-Type-Options': 'nosniff' });
    res.vary('Authorization'); // browsers keep answers too, and people share them
    if (etag) {
      res.set('ETag', etag);
    }
    if (etag && holds(req, etag)) {
      res.status(304).end();
    } else {
      res.type('application/json').send(body);
    }
  }

  async function own(req: Request, res: Response, path: string, known: string[]) {
    const person = await gate.person(req);
    await answer(req, res, person, path, known, () => gate.mayReview(person));
  }

  router.get('/me', (req, res) => own(req, res, '/me', []));
  router.get('/me/reviews', (req, res) => own(req, res, '/me/reviews', reviewsParameters));
  router.get('/changes/:id', (req, res) =>
    own(req, res, changePath(req.params.id), changeParameters),
  );

  router.get(
    `/components/:kind/:namespace/:name/:list(${Object.keys(lists).join('|')})`,
    async (req, res) => {
      const { kind, namespace, name, list } = req.params;
      const person = await gate.person(req);
      const entity = entityOf(`${kind}:${namespace}/${name}`);
      const path = `${entity.path}/${list}`;
      await answer(req, res, person, path, lists[list], () => gate.mayRead(person, entity));
    },
  );

  // For who shows an entity: what a person sees of others is behind another permission.
  router.get('/components/:kind/:namespace/:name/changes/:id', async (req, res) => {
    const { kind, namespace, name, id } = req.params;
    const person = await gate.person(req);
    const entity = entityOf(`${kind}:${namespace}/${name}`);
    const path = entity.path + changePath(id);
    await answer(req, res, person, path, changeParameters, () => gate.mayRead(person, entity));
  });

  router.head('/events', async () => Promise.reject(badMethod('GET')));
  router.get('/events', async (req, res) => {
    const person = await gate.person(req);
    const parameters = parametersOf(req, eventsParameters);
    const component = parameters.get('component');
    let entity: EntityName | undefined;
    if (component !== null) {
      entity = entityOf(component);
      parameters.set('component', entity.ref);
    }
    const may = () => (entity ? gate.mayRead(person, entity) : gate.mayReview(person));
    await may();
    const headers = { ...person.headers, ...lastEventOf(req) };
    const place = streams.enter(person.ref);
    try {
      res.on('close', () => place.abort());
      if (res.closed) {
        return; // the client went while it was looked at whether it may
      }
      const stream = await api.open(withParameters('/events', parameters), headers, place.signal);
      // Compression would keep events back until there are more of them.
      res.writeHead(200, {
        'Content-Type': 'text/event-stream',
        'Cache-Control': 'private, no-cache, no-transform',
        'X-Accel-Buffering': 'no',
        // One that is kept would hold up the end of the server.
        Connection: 'close',
        'X-Content-Type-Options': 'nosniff',
      });
      res.flushHeaders();
      await streams.pass(stream, res, place, may, person.credentials.expiresAt);
    } finally {
      streams.leave(place);
    }
  });

  router.use(async req => {
    if (req.method !== 'GET' && req.method !== 'HEAD') {
      throw badMethod('GET, HEAD');
    }
    throw new Refusal(
      404,
      'not-found',
      'There is no such route.',
      'The routes are in the README of the plugin.',
    );
  });

  const failed: ErrorRequestHandler = (error, _req, res, _next) =>
    refuse(res, refusalOf(error, logger));
  router.use(failed);
  return router;
}

// Whether the client has the answer already. Express would say no to those who
// send If-None-Match by fetch, which adds that no cache may answer: none does.
function holds(req: Request, etag: string): boolean {
  const weak = (tag: string) => tag.trim().replace(/^W\//, '');
  return (req.header('if-none-match') ?? '').split(',').map(weak).includes(weak(etag));
}

function withParameters(path: string, parameters: URLSearchParams): string {
  return parameters.size ? `${path}?${parameters}` : path;
}

function badMethod(allow: string) {
  return new Refusal(405, 'bad-method', 'This route is for reading alone.', `Send ${allow}.`, {
    Allow: allow,
  });
}

function refuse(res: Response, refusal: Refusal) {
  if (res.headersSent) {
    res.destroy();
    return;
  }
  res.removeHeader('ETag');
  res.set({ 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff', ...refusal.headers });
  res.status(refusal.status).json(refusal.body());
}

function refusalOf(error: unknown, logger: LoggerService): Refusal {
  if (error instanceof Refusal) {
    return error;
  }
  const { name, status } = error as { name?: string; status?: number };
  if (name === 'AuthenticationError') {
    return new Refusal(
      401,
      'not-signed-in',
      'You are not signed in to Backstage.',
      'Sign in and try again.',
    );
  }
  if (name === 'NotAllowedError') {
    return new Refusal(
      403,
      'no-person',
      'This is for people who are signed in, not for programs.',
      'Sign in to Backstage and ask with your own token.',
    );
  }
  if (status === 400) {
    return new Refusal(
      400,
      'bad-request',
      'The address cannot be read.',
      'Escape each part of it once.',
    );
  }
  // The name alone: what an unforeseen error holds nobody has looked through.
  logger.error(`a request failed with an unforeseen ${name ?? 'error'}`);
  return new Refusal(
    500,
    'internal',
    'Something went wrong inside Backstage.',
    'Tell whoever runs Backstage; its log has it.',
  );
}
