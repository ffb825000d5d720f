// SPDX-License-Identifier: Apache-2.0
import type {
  Change,
  Cluster,
  Detail,
} from '@review-assistant/backstage-plugin-gerrit-review-assistant-common';

/** A change as the API sends it, for tests. */
export function row(number: number, over: Partial<Change> = {}): Change {
  return {
    id: `main/team/pay~${number}`,
    host: 'main',
    project: 'team/pay',
    number,
    branch: 'main',
    subject: `Change ${number}`,
    status: 'NEW',
    wip: false,
    url: `https://gerrit.example/c/team/pay/+/${number}`,
    owner: { name: 'Joe', entity: 'user:default/joe' },
    patch_set: 2,
    created: '2026-02-28T12:00:00Z',
    updated: '2026-03-02T11:00:00Z',
    state: 'summarized',
    says: 'The bot summarized patch set 2.',
    summary: {
      patch_set: 2,
      stale: false,
      title: `What ${number} is about`,
      bullets: ['A second attempt after 5 s'],
      severity: 'medium',
      look: 1,
      model: '',
      created: '2026-03-02T11:00:00Z',
    },
    builds: { failed: 0, classes: {} },
    reviewers: [],
    labels: [],
    submit: { ready: false, requirements: [{ name: 'Code-Review', status: 'unsatisfied' }] },
    picks: [],
    ...over,
  };
}

/** A change with everything that a detail can have, for tests. */
export function detail(number: number, over: Partial<Detail> = {}): Detail {
  return {
    ...row(number),
    builds: {
      failed: 1,
      classes: { flaky: 1 },
      failures: [
        {
          id: 'unit-812#1',
          jobs: ['unit'],
          stage: 'test',
          category: 'test',
          test: 'TestRetry',
          message: 'TestRetry failed',
          file: 'pay/retry_test.go',
          line: 31,
          cluster: '0123456789abcdef',
          class: 'flaky',
          odds: { change: 0.1, preexisting: 0, flaky: 0.9, infra: 0 },
          evidence: ['passed and failed on this patch set'],
          ruling: {
            class: 'flaky',
            message: 'known since Monday',
            link: 'https://tickets.example/1',
            by: 'user:default/joe',
            at: '2026-03-02T11:00:00Z',
          },
          blocks: 1,
          excerpt: [{ number: 12, text: '--- FAIL: TestRetry' }],
          url: 'https://ci.example/7',
        },
      ],
    },
    full: {
      change: `main/team/pay~${number}`,
      patch_set: 2,
      revision: 'ab'.repeat(20),
      subject: `Change ${number}`,
      title: `What ${number} is about`,
      bullets: ['A second attempt after 5 s'],
      why: 'Banks answer late.',
      look: [
        {
          path: 'pay/retry.go',
          line: 12,
          text: 'No bound on the total time',
          severity: 'medium',
        },
      ],
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
      files: [{ path: 'pay/retry.go', text: 'the second attempt', importance: 'high' }],
      facts: ['1 file, 20 lines'],
      not_read: [
        { path: 'pay/logo.png', reason: 'binary' },
        { path: 'go.sum', reason: 'lock file' },
      ],
      truncated: true,
      text: 'What it is about',
      model: 'some-model',
      audit: 'a1-17',
      created: '2026-03-02T11:00:00Z',
    },
    picks: [
      {
        name: 'Ann',
        entity: 'user:default/ann',
        reasons: ['wrote most of pay/retry.go'],
      },
      { name: 'Bob', reasons: ['owns pay/ according to the catalog'], rest: true },
    ],
    outcomes: [
      {
        patch_set: 1,
        kind: 'summary',
        verdict: 'suppressed',
        reason: 'trivial',
        says: 'Nothing was worth a comment.',
        at: '2026-03-01T11:00:00Z',
      },
      {
        patch_set: 2,
        kind: 'summary',
        verdict: 'posted',
        reason: 'new-code',
        says: 'Posted: there is new code.',
        audit: 'a1-17',
        at: '2026-03-02T11:00:00Z',
      },
    ],
    ...over,
  };
}

/** An open failure, for tests. */
export function cluster(over: Partial<Cluster> = {}): Cluster {
  return {
    fingerprint: '0123456789abcdef',
    title: 'TestRetry failed',
    test: 'TestRetry',
    stage: 'test',
    category: 'test',
    jobs: ['unit'],
    class: 'flaky',
    shown: 'flaky',
    odds: { change: 0.1, preexisting: 0, flaky: 0.9, infra: 0 },
    first: '2026-03-02T10:00:00Z',
    last: '2026-03-02T11:00:00Z',
    runs: 3,
    changes: 2,
    blocked: [7],
    hours: 1.5,
    score: 3,
    evidence: ['It passed twice on the same code.'],
    sample: {
      stage: 'test',
      category: 'test',
      test: 'TestRetry',
      message: 'TestRetry failed',
      fingerprint: '0123456789abcdef',
      excerpt: [{ number: 12, text: '--- FAIL: TestRetry' }],
    },
    url: 'https://ci.example/7',
    ...over,
  };
}
