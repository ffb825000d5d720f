// SPDX-License-Identifier: Apache-2.0
import type { Entity } from '@backstage/catalog-model';
import type {
  Brief,
  Change,
  Changes,
} from '@review-assistant/backstage-plugin-gerrit-review-assistant-common';
import { ANNOTATION_PROJECT } from '@review-assistant/backstage-plugin-gerrit-review-assistant-common';
import { exampleAnswers } from '@review-assistant/backstage-plugin-gerrit-review-assistant-common/testUtils';

/** A component; it names a Gerrit project unless annotations say something else. */
export function component(
  name = 'pay',
  annotations: Record<string, string> = { [ANNOTATION_PROJECT]: 'team/pay' },
): Entity {
  return {
    apiVersion: 'backstage.io/v1alpha1',
    kind: 'Component',
    metadata: { name, namespace: 'default', annotations },
    spec: { type: 'service', lifecycle: 'production', owner: 'group:default/payments' },
    relations: [{ type: 'ownedBy', targetRef: 'group:default/payments' }],
  };
}

const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();

export const jane = { name: 'Jane Doe', entity: 'user:default/jane' };
export const omar = { name: 'Omar Haddad', entity: 'user:default/omar' };
export const mei = { name: 'Mei Tanaka' }; // has no entity in the catalog

/** A summary by a model; parts of it may be given. */
export function brief(parts: Partial<Brief> = {}): Brief {
  return {
    patch_set: 3,
    stale: false,
    title: 'Retries a payment once when the bank answers with a server error.',
    bullets: [
      'The retry uses the same idempotency key, so nothing is paid twice.',
      'The timeout of a payment grows from 2 to 6 seconds.',
      'Callers that set their own timeout are unchanged.',
    ],
    severity: 'high',
    look: 2,
    model: 'example-model-1',
    created: minutesAgo(12),
    ...parts,
  };
}

/** The example of a change that the API documents, as of now and with more to say; parts of it may be given. */
export function change(number = 4211, parts: Partial<Change> = {}): Change {
  return {
    ...exampleAnswers.changes.changes[0],
    id: `main/team/pay~${number}`,
    number,
    subject: 'Retry a payment once when the bank fails',
    url: `https://gerrit.example/c/team/pay/+/${number}`,
    owner: jane,
    patch_set: 3,
    created: minutesAgo(26 * 60),
    updated: minutesAgo(14),
    summary: brief(),
    builds: { failed: 2, classes: { change: 1, flaky: 1 } },
    reviewers: [omar],
    labels: [
      { name: 'Code-Review', state: 'recommended', votes: [{ value: 1, person: omar }] },
      { name: 'Verified', state: 'rejected', votes: [{ value: -1, person: { name: 'CI' } }] },
    ],
    submit: {
      ready: false,
      requirements: [
        { name: 'Code-Review', status: 'unsatisfied' },
        { name: 'Verified', status: 'unsatisfied' },
      ],
    },
    picks: [
      { ...omar, reasons: ['owns pay/retry.go'] },
      { ...mei, reasons: ['changed these lines last'] },
    ],
    ...parts,
  };
}

/** One change of each kind that a list can have. */
export function everyKind(): Change[] {
  return [
    change(4211),
    change(4207, {
      subject: 'Round amounts the way the ledger does',
      owner: mei,
      patch_set: 5,
      updated: minutesAgo(95),
      summary: brief({
        patch_set: 4,
        stale: true,
        severity: 'medium',
        look: 1,
        title: 'Rounds half to even, as the ledger does.',
        bullets: ['Reports of the last quarter would change by less than a cent.'],
      }),
      builds: { failed: 1, classes: { preexisting: 1 } },
      labels: [{ name: 'Code-Review', state: 'disliked', votes: [{ value: -1, person: jane }] }],
    }),
    change(4190, {
      subject: 'Move to the new certificate store',
      state: 'skipped',
      reason: 'too-large',
      says: 'The change has more files than the assistant reads.',
      summary: null,
      builds: null,
      labels: [],
      picks: [],
      updated: minutesAgo(3 * 60),
    }),
    change(4188, {
      subject: 'Raise the toolchain to Go 1.26',
      branch: 'release/2.4',
      owner: omar,
      state: 'quiet',
      says: 'It was read, and nothing was worth a comment.',
      summary: brief({
        severity: 'none',
        look: 0,
        bullets: [],
        title: 'Raises the version of the toolchain; no source changes.',
        model: '',
      }),
      builds: { failed: 0, classes: {} },
      labels: [
        { name: 'Code-Review', state: 'approved', votes: [{ value: 2, person: jane }] },
        { name: 'Verified', state: 'approved', votes: [{ value: 1, person: { name: 'CI' } }] },
      ],
      submit: { ready: true, requirements: [{ name: 'Code-Review', status: 'satisfied' }] },
      picks: [],
      updated: minutesAgo(2 * 24 * 60),
    }),
    change(4180, {
      subject: 'Sketch of refunds in parts',
      wip: true,
      owner: mei,
      patch_set: 1,
      state: 'waiting',
      says: 'Nothing is decided yet.',
      summary: null,
      builds: null,
      labels: [],
      picks: [],
      updated: minutesAgo(1),
    }),
  ];
}

/** A page of changes. */
export function page(changes: Change[], parts: Partial<Changes> = {}): Changes {
  return { changes, next: null, considered: changes.length, more: false, ...parts };
}

/** What a project in shadow mode shows its owners. */
export const shadowChange = () =>
  change(4212, {
    state: 'summarized',
    says: 'Shown to owners alone.',
    summary: brief({ shadow: true }),
  });

/** A change of a project that does not use the assistant. */
export const offChange = (number = 4213) =>
  change(number, {
    state: 'off',
    says: 'The project does not use the assistant.',
    summary: null,
    builds: null,
    picks: [],
  });
