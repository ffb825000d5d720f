// SPDX-License-Identifier: Apache-2.0
import { reasons } from './reasons';

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
    topic: 'topic {{topic}}',
    created: 'created',
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
    unknown: 'Risk not known',
  },
  risk: {
    look_one: '{{count}} place to look at',
    look_other: '{{count}} places to look at',
    ofPatchSet: '{{risk}} in patch set {{patchSet}}',
  },
  summary: {
    label: 'Summary',
    ofPatchSet: 'Of patch set {{patchSet}}',
    stale: 'Of patch set {{patchSet}}, the newest is {{newest}}',
    byModel: 'Written by a model ({{model}}); may be wrong',
    computed: 'Computed, no model',
    shadow: 'Shadow mode: not posted, owners of the project alone see this',
  },
  builds: {
    none: 'No build fails',
    unknown: 'No build known',
    failed_one: '{{count}} build failure',
    failed_other: '{{count}} build failures',
    counted: '{{number}} {{whose}}',
    class: {
      change: 'by this change',
      preexisting: 'older than this change',
      flaky: 'flaky',
      infra: 'of the CI itself',
      timeout: 'too slow',
      configuration: 'of configuration',
      unknown: 'of unknown cause',
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
    status: {
      satisfied: 'Satisfied',
      unsatisfied: 'Not satisfied',
      overridden: 'Overridden',
      forced: 'Not satisfied, submitted all the same',
      error: 'Cannot be told',
    },
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
    'no-person': {
      title: 'Your user is not in the catalog',
      why: 'What you may see depends on your user in the catalog, and there is none.',
      next: 'Ask whoever runs Backstage to add your user to the catalog.',
    },
    'no-account': {
      title: 'No Gerrit account is known as yours',
      why: 'What Gerrit shows depends on your account there, and none could be matched to you.',
      next: 'Ask the operator of the review assistant to link your user to your Gerrit account.',
    },
    'account-refused': {
      title: 'Your Gerrit account cannot be used here',
      why: 'It is switched off, belongs to no person, or it is not certain that it is yours.',
      next: 'Ask the operator of the review assistant, who can see which it is.',
    },
    'no-permission': {
      title: 'Backstage does not let you see this',
      why: 'The permissions of this Backstage do not allow it.',
      next: 'Ask whoever runs Backstage for the permission gerrit-review-assistant.read.',
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
    'no-host': {
      title: 'Which Gerrit is meant is not said',
      why: 'The review assistant serves several, and this entity names none of them.',
      next: 'Add the annotation review-assistant/host to its catalog-info.yaml, with the id of the Gerrit.',
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
    'not-now': {
      title: 'This cannot be told now',
      why: 'The catalog, Gerrit or something else that says what you may see does not answer.',
      next: 'It is tried again by itself. If this lasts, tell whoever runs Backstage.',
    },
    'not-trusted': {
      title: 'The review assistant does not trust this Backstage',
      why: 'It refuses what Backstage sends; you cannot mend that yourself.',
      next: 'Tell whoever runs Backstage; the log of its backend says what to mend.',
    },
    'bad-answer': {
      title: 'The answer cannot be read',
      why: 'Something else answered in the place of the review assistant, or it failed.',
      next: 'Try again later. If this lasts, tell whoever runs Backstage; the log of its backend says more.',
    },
    'too-large': {
      title: 'The answer is too large to be shown',
      why: 'The review assistant answered with more than is read at once.',
      next: 'Choose a branch or look for words to get fewer changes. If this lasts, tell whoever runs Backstage.',
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
  reason: reasons,
  cut_one: 'and {{count}} more',
  cut_other: 'and {{count}} more',
  loading: 'Loading changes',
  stale: {
    title: 'This may be out of date',
    since: 'Loaded',
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
