// SPDX-License-Identifier: Apache-2.0
import type {
  Change,
  Cluster,
  Detail,
} from '@review-assistant/backstage-plugin-gerrit-review-assistant-common';
import { exampleAnswers } from '@review-assistant/backstage-plugin-gerrit-review-assistant-common/testUtils';

const [example] = exampleAnswers.changes.changes;
const whole = exampleAnswers.change;
const [open] = exampleAnswers.componentFailures.clusters;

/** The example of a change that the API documents, under another number and with little besides its summary. */
export function row(number: number, over: Partial<Change> = {}): Change {
  return {
    ...example,
    id: `main/team/pay~${number}`,
    number,
    subject: `Change ${number}`,
    url: `https://gerrit.example/c/team/pay/+/${number}`,
    summary: { ...example.summary!, title: `What ${number} is about` },
    builds: { failed: 0, classes: {} },
    reviewers: [],
    labels: [],
    picks: [],
    ...over,
  };
}

/** The example of a whole change, with everything that a detail can have. */
export function detail(number: number, over: Partial<Detail> = {}): Detail {
  return {
    ...row(number),
    builds: whole.builds,
    full: {
      ...whole.full!,
      change: `main/team/pay~${number}`,
      subject: `Change ${number}`,
      title: `What ${number} is about`,
      why: 'Banks answer late.',
      risks: [{ path: 'pay/money.go', text: 'Money may move twice', severity: 'high' }],
      earlier: [
        {
          path: 'pay/old.go',
          line: 3,
          text: 'The error was dropped',
          severity: 'low',
          changed: true,
        },
      ],
      order: ['pay/retry.go', 'pay/money.go'],
      questions: ['What does the bank do with the second attempt?'],
      not_read: [
        { path: 'pay/logo.png', reason: 'binary' },
        { path: 'go.sum', reason: 'lock file' },
      ],
      truncated: true,
      model: 'some-model',
    },
    picks: whole.picks,
    outcomes: [
      {
        patch_set: 1,
        kind: 'summary',
        verdict: 'suppressed',
        reason: 'trivial',
        says: 'Nothing was worth a comment.',
        at: '2026-03-01T11:00:00Z',
      },
      ...whole.outcomes,
    ],
    ...over,
  };
}

/** The example of an open failure. */
export const cluster = (over: Partial<Cluster> = {}): Cluster => ({ ...open, ...over });
