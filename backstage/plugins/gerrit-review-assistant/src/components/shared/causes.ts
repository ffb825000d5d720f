// SPDX-License-Identifier: Apache-2.0
import type {
  ChangeBuilds,
  FailedBuild,
} from '@review-assistant/backstage-plugin-gerrit-review-assistant-common';
import type { Tone } from './Mark';

/** What a cause of failures looks like, the change's own first. What the change did not break is no reason to reject it. */
export const causeTones: Record<FailedBuild['class'], Tone> = {
  change: 'danger',
  timeout: 'danger',
  configuration: 'danger',
  unknown: 'neutral',
  preexisting: 'warning',
  flaky: 'warning',
  infra: 'warning',
};

const order = Object.keys(causeTones);
const others = order.filter(cause => causeTones[cause as FailedBuild['class']] === 'warning');

/** The causes of the failures that stand, the change's own first, and whether all are somebody else's. */
export function causesOf({ classes }: ChangeBuilds) {
  // One that a newer server has may be the change's own.
  const rank = (cause: string) => (order.includes(cause) ? order.indexOf(cause) : order.length);
  const counts = Object.entries(classes ?? {})
    .filter(([, number]) => number > 0)
    .map(([cause, number]) => ({ cause, number: String(number) }))
    .sort((a, b) => rank(a.cause) - rank(b.cause));
  return {
    counts,
    notOwn: counts.length > 0 && counts.every(({ cause }) => others.includes(cause)),
  };
}
