// SPDX-License-Identifier: Apache-2.0

/**
 * Why the assistant did what it did, in the server's own sentences, by the code of the reason with a slash for its colon.
 * The German ones are in reasons.de.ts.
 */
export const reasons = {
  undecided: 'Nothing was decided about this patch set yet.',
  shadow: 'The project tries the assistant out: its owners alone see what it would have said.',
  'shadow-for-owners':
    'The project tries the assistant out, and shows its owners alone what it finds.',
  posted: 'The assistant commented on this patch set.',
  'already-posted': "The assistant's comment stands on this patch set.",
  closed: 'The change was closed before the assistant looked at it.',
  private: 'The change is private: nothing about it is kept.',
  muted: 'The change is muted with a hashtag.',
  'work-in-progress': 'The change is work in progress: the assistant waits until it is ready.',
  'branch-not-covered': 'The project does not use the assistant on this branch.',
  'owner-excluded': 'The project leaves out changes of this owner.',
  'before-opt-in': "The patch set is older than the project's decision to use the assistant.",
  'older-than-24h': 'The patch set was older than a day when the assistant saw it.',
  'already-reviewed': 'Somebody had reviewed the patch set before the assistant saw it.',
  'same-code': 'The code is the same as in the last patch set with a summary.',
  'nothing-to-add': 'There was nothing worth a comment.',
  'summary-disabled': 'The project has switched this kind of comment off.',
  superseded: 'A newer patch set came before the comment was ready.',
  'account-may-vote':
    "The assistant's account has more rights on this change than to comment, so it keeps silent.",
  'scrubber-stopped': 'The search for secrets could not be finished, so nothing was read further.',
  'file-not-touched': 'The change touches no file of the assistant.',
  'not-visible': 'Gerrit does not show the change to the assistant.',
  'no-files': 'The patch set changes no files.',
  'ten-posts-a-day': 'The assistant has commented on this change as often as it may in a day.',
  'nothing-readable': 'There is nothing in the patch set that the assistant can read.',
  'no-model-nothing-to-add':
    'No model may read this patch set, and nothing could be computed that is worth a comment.',
  'configuration-linted': 'The assistant checked its configuration in this change.',
  'seal-refused': 'The comment did not pass the last check, so it was not posted.',
  'post-failed': 'The comment could not be posted yet; it will be tried again.',
  'nothing-failed': 'Nothing failed in the newest builds.',
  'project-off': 'The project does not use the assistant.',
  'project-off/no-file': 'The project has not switched the assistant on.',
  'project-off/no-access': "The assistant may not read the project's configuration.",
  'project-off/forbidden-by-parent': 'A parent project forbids the assistant.',
  'project-off/broken-config':
    "The project's configuration of the assistant has a fault, so the assistant is off.",
  'project-off/off': 'The project has switched the assistant off.',
  'nothing-to-add/nothing-read': 'Only generated, binary, vendored or lock files changed.',
  'nothing-to-add/said-by-message': 'The commit message says everything already.',
  'nothing-to-add/small-and-obvious': 'The patch set is small and speaks for itself.',
  'nothing-to-add/dependencies-only':
    'Only versions of dependencies changed, and the commit message names them.',
  'nothing-to-add/told-before': 'Everything was said about an earlier patch set.',
  'nothing-to-add/nothing-certain': 'Without a model nothing certain can be said.',
} as const;
