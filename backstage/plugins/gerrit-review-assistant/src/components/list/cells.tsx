// SPDX-License-Identifier: Apache-2.0
import type { Change } from '@review-assistant/backstage-plugin-gerrit-review-assistant-common';
import { PlainText, Requirements, SummaryMarks, UntoldState, Vote } from '../shared';

// What a row says in the width of a column. All of it is in the details.

/** The title of the summary and whether it is of this patch set, or why there is none. */
export function SaysCell({ row }: { row: Change }) {
  const { summary } = row;
  return (
    <>
      {summary && <PlainText text={summary.title} most={200} />}
      {summary && <SummaryMarks summary={summary} patchSet={row.patch_set} />}
      <UntoldState change={row} />
    </>
  );
}

/** Whether the change may be submitted or what is missing, and what the votes come to. */
export function SubmitCell({ row }: { row: Change }) {
  return (
    <>
      <Requirements submit={row.submit} />
      {row.labels
        .filter(label => label.votes.length > 0)
        .map(label => (
          <Vote key={label.name} label={label} />
        ))}
    </>
  );
}
