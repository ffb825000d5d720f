// SPDX-License-Identifier: Apache-2.0
import type { Mode } from '@review-assistant/backstage-plugin-gerrit-review-assistant-common';
import { FakeAssistant, errors } from '../src/__testUtils__/fakeApi';
import { component, everyKind, offChange, page, shadowChange } from '../src/__testUtils__/fixtures';

const never = () => new Promise<never>(() => {});

/** Makes an assistant for each state that a part can be in, by the name of the state. */
export const states: Record<string, () => FakeAssistant> = {
  content: () => answering({}),
  more: () => answering({ changes: () => page(everyKind(), { considered: 100, more: true }) }),
  shadow: () => inMode('shadow', [shadowChange()]),
  empty: () => answering({ changes: () => page([]), reviews: () => page([]) }),
  off: () => inMode('off', [offChange(), offChange(4214)]),
  'off-empty': () => inMode('off', []),
  loading: () => everything(never),
  stale: staleAssistant,
  'no-account': () => failing(errors.noAccount()),
  forbidden: () => failing(errors.forbidden()),
  'not-found': () => failing(errors.notFound()),
  'bad-request': () => failing(errors.badRequest()),
  'too-often': () => failing(errors.tooOften()),
  unreachable: () => failing(errors.unreachable()),
  'not-now': () => failing(errors.notNow()),
  'not-trusted': () => failing(errors.notTrusted()),
  'bad-answer': () => failing(errors.badAnswer()),
  'too-large': () => failing(errors.tooLarge()),
  error: () => failing(errors.other()),
};

/** An entity for each state, and one without an annotation. */
export const entities = [
  ...Object.keys(states).map(name => component(name)),
  component('missing', {}),
];

function answering(answers: FakeAssistant['answers']): FakeAssistant {
  return Object.assign(new FakeAssistant(), { answers });
}

function everything(answer: Error | (() => Promise<never>)): FakeAssistant {
  return answering({
    changes: answer,
    change: answer,
    failures: answer,
    activity: answer,
    branches: answer,
    reviews: answer,
    me: answer,
  });
}

function failing(error: Error): FakeAssistant {
  return Object.assign(everything(error), { noStreams: error });
}

/** A project that uses the assistant in some way, with changes in Gerrit and nothing that the assistant tells. */
function inMode(mode: Mode, changes: ReturnType<typeof everyKind>): FakeAssistant {
  return answering({
    changes: () => page(changes, { mode }),
    failures: { mode, clusters: [] },
    branches: {
      mode,
      branches: changes.length > 0 ? [{ branch: 'main', open: 2, ready: 0, build: null }] : [],
    },
    activity: { mode, activity: [], next: null },
  });
}

/** Answers once, and then no more: look again after two minutes. */
function staleAssistant(): FakeAssistant {
  const api = new FakeAssistant();
  let asked = 0;
  const once = () => (asked++ === 0 ? page(everyKind()) : errors.unreachable());
  api.answers = { changes: once, reviews: once };
  api.noStreams = errors.unreachable();
  return api;
}
