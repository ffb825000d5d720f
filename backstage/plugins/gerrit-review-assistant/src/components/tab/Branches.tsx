// SPDX-License-Identifier: Apache-2.0
import { useCallback } from 'react';
import { Button } from '@backstage/ui';
import { useApi } from '@backstage/frontend-plugin-api';
import type { Branch } from '@review-assistant/backstage-plugin-gerrit-review-assistant-common';
import { gerritReviewAssistantApiRef } from '../../api';
import { Ago, Empty, Mark, OutLink, useMessages, type Tone } from '../shared';
import { ReadFrame } from './ListFrame';
import type { SectionProps } from './OpenChanges';
import { Bounded, plain, PlainText } from './parts';
import styles from './tab.module.css';
import { useMoved } from './useMoved';
import { useRead } from './usePages';

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
  const readAll = useCallback(
    (signal: AbortSignal) => api.branches(entityRef, { signal }),
    [api, entityRef],
  );
  const read = useRead(readAll);
  useMoved(entityRef, read.refresh);
  const head = ['branch', 'build', 'runs', 'ready'] as const;

  return (
    <ReadFrame read={read}>
      {({ branches }) =>
        branches.length === 0 ? (
          <Empty title={t('tab.branches.empty')}>{t('tab.branches.emptyHint')}</Empty>
        ) : (
          <div className={styles.tableBox}>
            <table className={styles.table} role="table" aria-label={t('tab.branches.label')}>
              <thead role="rowgroup">
                <tr role="row">
                  {head.map(key => (
                    <th key={key} role="columnheader" scope="col">
                      {t(`tab.branches.${key}`)}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody role="rowgroup">
                {branches.map(branch => (
                  <BranchRow
                    key={branch.branch}
                    branch={branch}
                    onShow={() =>
                      onView({ section: 'open', branch: branch.branch, search: '' })
                    }
                  />
                ))}
              </tbody>
            </table>
          </div>
        )
      }
    </ReadFrame>
  );
}

function BranchRow({ branch, onShow }: { branch: Branch; onShow: () => void }) {
  const { t } = useMessages();
  const { build } = branch;
  const counts = { ready: String(branch.ready), open: String(branch.open) };
  return (
    <tr role="row" className={styles.row}>
      <th role="rowheader" scope="row">
        <span className={styles.line}>
          <PlainText text={branch.branch} most={200} />
          {branch.default && <Mark tone="info">{t('tab.branches.default')}</Mark>}
        </span>
      </th>
      <td role="cell">
        {build ? (
          <span className={styles.line}>
            <Result result={build.result} />
            <Ago time={build.ended} />
          </span>
        ) : (
          <span className={styles.faint}>{t('tab.branches.noBuild')}</span>
        )}
      </td>
      <td role="cell">
        {build && (
          <Bounded items={build.runs} most={5} className={styles.runs}>
            {run => (
              <>
                <OutLink href={run.url}>{plain(run.job, 100)}</OutLink>
                <Result result={run.result} />
                <span className={styles.faint}>
                  <Ago time={run.ended} />
                </span>
              </>
            )}
          </Bounded>
        )}
      </td>
      <td role="cell">
        <span className={styles.line}>
          {branch.at_least
            ? t('tab.branches.readyAtLeast', counts)
            : t('tab.branches.readyOf', counts)}
          {branch.open > 0 && (
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
  const { t } = useMessages();
  return <Mark tone={tones[result] ?? 'neutral'}>{t(`tab.branches.result.${result}`)}</Mark>;
}
