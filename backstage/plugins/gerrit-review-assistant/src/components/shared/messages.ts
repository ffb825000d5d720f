// SPDX-License-Identifier: Apache-2.0

/** What the parts say that card, tab and page share. The German ones are in messages.de.ts. */
export const sharedMessages = {
  link: {
    newTab: 'opens in a new tab',
  },
  change: {
    number: 'Change {{number}}',
    patchSet: 'Patch set {{patchSet}}',
    wip: 'Work in progress',
    merged: 'Merged',
    abandoned: 'Abandoned',
    by: 'by',
    onBranch: 'on {{branch}}',
    updated: 'updated',
  },
  state: {
    summarized: 'Summarized',
    quiet: 'Read, no remarks',
    skipped: 'Not read',
    waiting: 'Not decided yet',
    off: 'Assistant is off',
  },
  severity: {
    high: 'High risk',
    medium: 'Medium risk',
    low: 'Low risk',
    none: 'No risk found',
    look_one: '{{count}} place to look at',
    look_other: '{{count}} places to look at',
  },
  summary: {
    label: 'Summary',
    ofPatchSet: 'Of patch set {{patchSet}}',
    stale: 'Of patch set {{patchSet}}, the newest is {{newest}}',
    byModel: 'Written by a model ({{model}}); may be wrong',
    computed: 'Computed, no model',
    shadow: 'Shadow: not posted, project owners alone see this',
  },
  builds: {
    label: 'Builds',
    none: 'No build failure stands',
    unknown: 'No build is known',
    failed_one: '{{count}} build failure',
    failed_other: '{{count}} build failures',
    class: {
      change: '{{number}} by this change',
      preexisting: '{{number}} older than this change',
      flaky: '{{number}} flaky',
      infra: '{{number}} of the CI itself',
      timeout: '{{number}} too slow',
      configuration: '{{number}} of configuration',
      unknown: '{{number}} of unknown cause',
    },
  },
  votes: {
    label: 'Votes',
    none: 'No votes',
    state: {
      approved: 'approved',
      rejected: 'rejected',
      none: 'no vote',
    },
    more: 'and {{number}} more',
  },
  submit: {
    label: 'Submit requirements',
    ready: 'Ready to submit',
    missing: 'Missing: {{names}}',
    broken: 'Cannot be told: {{names}}',
    notReady: 'Not ready to submit',
  },
  picks: {
    label: 'Suggested reviewers',
    none: 'No reviewers are suggested',
    rest: 'knows other parts of the change',
  },
  error: {
    retry: 'Retry',
    retryAfter_one: 'Try again in {{count}} second.',
    retryAfter_other: 'Try again in {{count}} seconds.',
    'signed-out': {
      title: 'You are not signed in any longer',
      why: 'Your sign-in ended, or was not accepted.',
      next: 'Sign in again and reload the page.',
    },
    'no-account': {
      title: 'No Gerrit account is known as yours',
      why: 'What Gerrit shows depends on your account there, and none could be matched to you.',
      next: 'Ask the operator of the review assistant to link your user to your Gerrit account.',
    },
    forbidden: {
      title: 'You may not see this',
      why: 'Backstage or Gerrit does not allow it.',
      next: 'Ask the owner of this entity for access.',
    },
    'not-found': {
      title: 'The review assistant does not know this',
      why: 'It is not there, or Gerrit does not show it to you.',
      next: 'Check the annotation that names the Gerrit project, and your access to that project.',
    },
    'too-often': {
      title: 'Too many requests',
      why: 'The review assistant was asked too often.',
      next: 'Wait a little; it is tried again by itself.',
    },
    unreachable: {
      title: 'The review assistant cannot be reached',
      why: 'Its server, Gerrit or the network does not answer.',
      next: 'It is tried again by itself. If this lasts, tell the operator of the review assistant.',
    },
    other: {
      title: 'Something went wrong',
      why: 'The review assistant could not answer.',
      next: 'Try again. If this lasts, tell the operator of the review assistant.',
    },
  },
  off: {
    title: 'The review assistant is not used here',
    why: 'The Gerrit project has not opted in, so nothing is read or summarized.',
    next: 'A project owner can opt in by a change on refs/meta/config.',
  },
  missing: {
    title: 'No Gerrit project is named',
    why: 'This entity does not say where its code is in Gerrit.',
    next: 'Add this annotation to its catalog-info.yaml, with the name of the project:',
  },
  loading: 'Loading changes',
  stale: {
    title: 'This may be out of date',
    since: 'Loaded',
    why: 'It cannot be loaded anew.',
  },
  connection: {
    live: 'Updates by itself',
    polling: 'Updates every 30 seconds',
    connecting: 'Connecting',
  },
  trial: {
    note: 'The assistant is on trial here: its results are shown to project owners alone.',
    nothing: 'Nothing is shown to you',
    why: 'Either there is nothing yet, or it is for project owners.',
  },
} as const;
