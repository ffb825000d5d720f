// SPDX-License-Identifier: Apache-2.0
import type { Change } from '@review-assistant/backstage-plugin-gerrit-review-assistant-common';
import {
  BuildVerdict,
  ChangeFacts,
  ChangeTitle,
  Picks,
  Requirements,
  Risk,
  StatusMark,
  SummaryText,
  UntoldState,
  Votes,
} from '../shared';
import shared from '../shared/shared.module.css';
import styles from './card.module.css';

/** Changes one below the other, each with all that is known of it. */
export function ChangeList(props: { changes: Change[]; label: string }) {
  return (
    <ul className={styles.list} aria-label={props.label}>
      {props.changes.map(change => (
        <li key={change.id} className={styles.row}>
          <ChangeRow change={change} />
        </li>
      ))}
    </ul>
  );
}

/** One change: what it is, what the assistant made of it, and what it waits for. */
export function ChangeRow({ change }: { change: Change }) {
  return (
    <>
      <div>
        <ChangeTitle change={change} />
        <ChangeFacts change={change} />
      </div>
      <div className={shared.line}>
        <StatusMark change={change} />
        {change.summary && <Risk summary={change.summary} />}
        {/* Of an open change it is told that nothing is known: silence could be taken for fine. */}
        {(change.builds || change.status === 'NEW') && <BuildVerdict builds={change.builds} />}
        <Requirements submit={change.submit} />
      </div>
      <UntoldState change={change} />
      {change.summary && <SummaryText summary={change.summary} patchSet={change.patch_set} />}
      {change.labels.length > 0 && <Votes labels={change.labels} />}
      {change.picks.length > 0 && <Picks picks={change.picks} />}
    </>
  );
}
