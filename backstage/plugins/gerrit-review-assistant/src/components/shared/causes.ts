// SPDX-License-Identifier: Apache-2.0
import type { ChangeBuilds } from '@review-assistant/backstage-plugin-gerrit-review-assistant-common';

// What the change did not break is no reason to reject it.
const own = ['change', 'timeout', 'configuration', 'unknown'] as const;
const others = ['preexisting', 'flaky', 'infra'] as const;

/** The causes of the failures that stand, the change's own first, and whether all are somebody else's. */
export function causesOf({ classes }: ChangeBuilds) {
  const stand = (name: string) => (classes?.[name] ?? 0) > 0;
  const known = [...own, ...others].filter(stand);
  return {
    counts: known.map(cause => ({ cause, number: String(classes[cause]) })),
    notOwn: known.length > 0 && !own.some(stand),
  };
}
