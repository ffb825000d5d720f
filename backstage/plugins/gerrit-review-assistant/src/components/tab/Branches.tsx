// SPDX-License-Identifier: Apache-2.0
import { useCallback } from 'react';
import { Button } from '@backstage/ui';
import { useApi } from '@backstage/frontend-plugin-api';
import type {
  Branch,
  Mode,
} from '@review-assistant/backstage-plugin-gerrit-review-assistant-common';
import { gerritReviewAssistantApiRef } from '../../api';
import { useLive } from '../../api/live';
import {
  Ago,
  Bounded,
  ByMode,
  Empty,
  LiveView,
  Mark,
  nameOf,
  OutLink,
  plain,
  PlainText,
  tellsAll,
  type Tone,
  toneOf,
  useMessages,
} from '../shared';
import type { SectionProps } from './OpenChanges';
import table from '../list/table.module.css';
import styles from '../list/list.module.css';
import { canAsk } from '../list/view';

type Build = NonNullable<Branch['build']>;

const tones: Record<Build['result'], Tone> = {
  passed: 'success',
  failed: 'danger',
  'timed-out': 'danger',
  aborted: 'warning',
  broken: 'warning',
  skipped: 'neutral',
};

/** The branches of an entity: whether they build, and how many changes only wait for somebody to submit them. */
export function Branches({ entityRef, onView }: SectionProps) {
  const { t } = useMessages();
  const api = useApi(gerritReviewAssistantApiRef);
  const load = useCallback(
    (signal: AbortSignal) => api.branches(entityRef, { signal }),
    [api, entityRef],
  );
  const live = useLive(load, { entityRef });

  return (
    <LiveView live={live}>
      {({ branches, mode }) => (
        <ByMode
          mode={mode}
          of="assistant"
          empty={
            branches.length === 0 && (
              <Empty title={t('tab.branches.empty')}>{t('tab.branches.emptyHint')}</Empty>
            )
          }
        >
          {branches.length > 0 && (
            <>
              <BranchTable
                branches={branches}
                mode={mode}
                onShow={branch => onView({ section: 'open', branch, search: '' })}
              />
              <p className={styles.status}>{t('tab.branches.wip')}</p>
            </>
          )}
        </ByMode>
      )}
    </LiveView>
  );
}

const head = ['branch', 'build', 'runs', 'ready'] as const;

function BranchTable(props: { branches: Branch[]; mode?: Mode; onShow: (branch: string) => void }) {
  const { t } = useMessages();
  return (
    <div className={table.tableBox}>
      <table className={`${table.table} ${table.branches}`} aria-label={t('tab.branches.label')}>
        <thead>
          <tr>
            {head.map(key => (
              <th key={key} scope="col">
                {t(`tab.branches.${key}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {props.branches.map(branch => (
            <BranchRow
              key={branch.branch}
              branch={branch}
              mode={props.mode}
              onShow={() => props.onShow(branch.branch)}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function BranchRow(props: { branch: Branch; mode?: Mode; onShow: () => void }) {
  const { branch, mode, onShow } = props;
  const { t } = useMessages();
  const { build } = branch;
  const counts = { ready: String(branch.ready), open: String(branch.open) };
  return (
    <tr className={table.row}>
      <th scope="row">
        <span className={styles.line}>
          <PlainText text={branch.branch} most={200} />
          {branch.default && <Mark tone="info">{t('tab.branches.default')}</Mark>}
        </span>
      </th>
      <td>
        {build ? (
          <span className={styles.line}>
            <Result result={build.result} />
            <Ago time={build.ended} />
          </span>
        ) : (
          <span className={styles.faint}>
            {/* There may be builds that are not read, or not told to this reader. */}
            {tellsAll(mode) ? t('tab.branches.noBuild') : t('tab.branches.notShown')}
          </span>
        )}
      </td>
      <td>
        {build && (
          <Bounded items={build.runs} most={5} className={table.runs}>
            {run => (
              <>
                <OutLink href={run.url}>
                  {plain(nameOf(run.job, t('shared.link.unnamed')), 100)}
                </OutLink>
                <Result result={run.result} />
                <span className={styles.faint}>
                  <Ago time={run.ended} />
                </span>
              </>
            )}
          </Bounded>
        )}
      </td>
      <td>
        <span className={styles.line}>
          {branch.at_least
            ? t('tab.branches.readyAtLeast', counts)
            : t('tab.branches.readyOf', counts)}
          {branch.open > 0 && canAsk(branch.branch) && (
            <Button
              size="small"
              variant="tertiary"
              aria-label={t('tab.branches.showOpen', { branch: plain(branch.branch, 100) })}
              onPress={onShow}
            >
              {t('tab.branches.show')}
            </Button>
          )}
        </span>
      </td>
    </tr>
  );
}

function Result({ result }: { result: Build['result'] }) {
  const { word } = useMessages();
  return <Mark tone={toneOf(tones, result)}>{word('tab.branches.result', result)}</Mark>;
}
