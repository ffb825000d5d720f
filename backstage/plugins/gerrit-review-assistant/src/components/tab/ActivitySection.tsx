// SPDX-License-Identifier: Apache-2.0
import { useCallback } from 'react';
import { useApi } from '@backstage/frontend-plugin-api';
import type { Activity } from '@review-assistant/backstage-plugin-gerrit-review-assistant-common';
import { gerritReviewAssistantApiRef } from '../../api';
import { ChangeTitle, Empty, PlainText, useMessages } from '../shared';
import { ListFrame } from '../list/ListFrame';
import { OutcomeLine } from '../list/Outcomes';
import styles from '../list/list.module.css';
import { usePages, type PageQuery } from '../list/usePages';

const idOfActivity = ({ seq }: Activity) => String(seq);

/** What the assistant decided on an entity's changes, and why, the newest first. */
export function ActivitySection({ entityRef }: { entityRef: string }) {
  const { t } = useMessages();
  const api = useApi(gerritReviewAssistantApiRef);
  const read = useCallback(
    async (query: PageQuery) => {
      const page = await api.activity(entityRef, query);
      return { items: page.activity, next: page.next };
    },
    [api, entityRef],
  );
  const pages = usePages(read, idOfActivity, entityRef);
  const { items = [], more } = pages;

  return (
    <ListFrame pages={pages}>
      {items.length === 0 ? (
        <Empty title={t('tab.activity.empty')}>{t('tab.activity.emptyHint')}</Empty>
      ) : (
        <>
          <p className={styles.status} role="status">
            {more
              ? t('tab.activity.countMore', { loaded: String(items.length) })
              : t('tab.activity.count', { count: items.length })}
          </p>
          <ol className={styles.cards} aria-label={t('tab.activity.label')}>
            {items.map(row => (
              <li key={row.seq} className={styles.card}>
                <ChangeTitle change={row} />
                <span className={styles.facts}>
                  <PlainText text={row.change} most={200} />
                  <span>{t('tab.activity.patchSet', { patchSet: String(row.patch_set) })}</span>
                </span>
                <OutcomeLine outcome={row} />
              </li>
            ))}
          </ol>
        </>
      )}
    </ListFrame>
  );
}
