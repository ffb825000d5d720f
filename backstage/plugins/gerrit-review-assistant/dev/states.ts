// SPDX-License-Identifier: Apache-2.0
import { FakeAssistant, errors } from '../src/__testUtils__/fakeApi';
import { component, everyKind, offChange, page, shadowChange } from '../src/__testUtils__/fixtures';

const never = () => new Promise<never>(() => {});

/** An assistant for each state that a part can be in, by the name of the state. */
export const states: Record<string, FakeAssistant> = {
  content: answering({}),
  more: answering({ changes: () => page(everyKind(), { considered: 100, more: true }) }),
  shadow: answering({ changes: () => page([shadowChange()]) }),
  empty: answering({ changes: () => page([]), reviews: () => page([]) }),
  off: answering({ changes: () => page([offChange(), offChange(4214)]) }),
  loading: answering({
    changes: never,
    change: never,
    failures: never,
    activity: never,
    branches: never,
    reviews: never,
  }),
  stale: staleAssistant(),
  'no-account': failing(errors.noAccount()),
  forbidden: failing(errors.forbidden()),
  'not-found': failing(errors.notFound()),
  'too-often': failing(errors.tooOften()),
  unreachable: failing(errors.unreachable()),
  'not-now': failing(errors.notNow()),
  'not-trusted': failing(errors.notTrusted()),
  'bad-answer': failing(errors.badAnswer()),
  'too-large': failing(errors.tooLarge()),
  error: failing(errors.other()),
};

/** An entity for each state, and one without an annotation. */
export const entities = [
  ...Object.keys(states).map(name => component(name)),
  component('missing', {}),
];

function answering(answers: FakeAssistant['answers']): FakeAssistant {
  return Object.assign(new FakeAssistant(), { answers });
}

function failing(error: Error): FakeAssistant {
  const api = answering({
    changes: error,
    change: error,
    failures: error,
    activity: error,
    branches: error,
    reviews: error,
    me: error,
  });
  api.noStreams = error;
  return api;
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
