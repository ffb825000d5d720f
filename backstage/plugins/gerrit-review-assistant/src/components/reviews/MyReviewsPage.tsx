// SPDX-License-Identifier: Apache-2.0
import { useCallback, useMemo } from 'react';
import { Container, Header } from '@backstage/ui';
import { useApi } from '@backstage/frontend-plugin-api';
import {
  gerritReviewAssistantReviewsPermission,
  type Change,
} from '@review-assistant/backstage-plugin-gerrit-review-assistant-common';
import { gerritReviewAssistantApiRef, type AssistantError } from '../../api';
import { Connection, Empty, ErrorPanel, useMessages } from '../shared';
import { ChangesTable } from '../list/ChangesTable';
import { Filters } from '../list/Filters';
import { ListFrame } from '../list/ListFrame';
import { ListStatus } from '../list/ListStatus';
import { Part } from '../list/parts';
import { find, idOfChange, narrow, sortRows } from '../list/rows';
import styles from '../list/list.module.css';
import { usePages, type PageQuery } from '../list/usePages';
import { useView } from '../list/useView';
import { isNarrowed } from '../list/view';

const filters = ['branch', 'state', 'severity', 'failing', 'ready'] as const;
const groups = ['attention', 'reviewer'] as const;

/**
 * Open changes of all projects that wait for the reader: first those that need their attention, then those to review.
 * @public
 */
export function MyReviewsPage() {
  const { t } = useMessages();
  const api = useApi(gerritReviewAssistantApiRef);
  const [view, onView] = useView();
  const read = useCallback(
    async (query: PageQuery) => {
      const page = await api.reviews(query);
      return { items: page.changes, next: page.next };
    },
    [api],
  );
  const pages = usePages(read, idOfChange, undefined);
  const { items = [], more } = pages;

  // The server does not search here: what is loaded is.
  const rows = useMemo(() => {
    const { search, branch } = view;
    const there = find(items, search).filter(row => !branch || row.branch === branch);
    return sortRows(narrow(there, { ...view, whose: '' }), view.sort, view.down);
  }, [items, view]);

  if (!pages.items && pages.error?.kind === 'no-permission') {
    return <Forbidden error={pages.error} pending={pages.refreshing} onRetry={pages.reload} />;
  }
  return (
    <main>
      <Header title={t('reviews.title')} />
      <Container className={styles.content}>
        <div className={styles.top}>
          <p className={styles.lead}>{t('reviews.lead')}</p>
          <Connection />
        </div>
        <Filters
          view={{ ...view, whose: '' }}
          onView={onView}
          names={filters}
          branches={items.map(row => row.branch)}
          hint={t('tab.filter.findHint')}
        />
        <ListFrame pages={pages}>
          <ListStatus pages={pages} shown={rows.length} sort={view.sort} />
          {items.length === 0 && !more && (
            <Empty title={t('reviews.empty')}>{t('reviews.emptyHint')}</Empty>
          )}
          {(items.length > 0 || more) &&
            groups.map(group => (
              <Part key={group} title={t(`reviews.${group}`)} level={3} className={styles.group}>
                <Group
                  rows={rows.filter(row => (row.waits ?? 'reviewer') === group)}
                  label={t(`reviews.${group}`)}
                  empty={
                    isNarrowed({ ...view, whose: '' })
                      ? t('reviews.noMatch')
                      : t(`reviews.none.${group}`)
                  }
                  view={view}
                  onView={onView}
                />
              </Part>
            ))}
        </ListFrame>
      </Container>
    </main>
  );
}

/** In place of the page, for whom it is not: there is nothing to look for or to filter. */
function Forbidden(props: { error: AssistantError; pending: boolean; onRetry: () => void }) {
  const { t } = useMessages();
  const permission = gerritReviewAssistantReviewsPermission.name;
  return (
    <main>
      <Header title={t('reviews.title')} />
      <Container className={styles.content}>
        <ErrorPanel
          {...props}
          own={{
            title: t('reviews.forbidden.title'),
            why: t('reviews.forbidden.why'),
            next: t('reviews.forbidden.next', { permission }),
          }}
        >
          <span>{t('reviews.forbidden.instead')}</span>
        </ErrorPanel>
      </Container>
    </main>
  );
}

function Group(props: {
  rows: Change[];
  label: string;
  empty: string;
  view: ReturnType<typeof useView>[0];
  onView: ReturnType<typeof useView>[1];
}) {
  if (props.rows.length === 0) {
    return <p className={styles.text}>{props.empty}</p>;
  }
  return (
    <ChangesTable
      rows={props.rows}
      label={props.label}
      sort={props.view.sort}
      down={props.view.down}
      onSort={(sort, down) => props.onView({ sort, down })}
      projects
    />
  );
}
