// SPDX-License-Identifier: Apache-2.0
import { type ReactNode, useCallback, useMemo } from 'react';
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
import { Part } from '../list/Part';
import { find, idOfChange, narrow, sortRows } from '../list/rows';
import styles from '../list/list.module.css';
import { usePages, type PageQuery } from '../list/usePages';
import { useView } from '../list/useView';
import { isNarrowed, type View } from '../list/view';

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

  // There is nothing to look for or to filter then.
  if (!pages.items && pages.error?.kind === 'no-permission') {
    return (
      <Frame>
        <Forbidden error={pages.error} pending={pages.refreshing} onRetry={pages.reload} />
      </Frame>
    );
  }
  return (
    <Frame>
      <div className={styles.top}>
        <p className={styles.lead}>{t('reviews.lead')}</p>
        <Connection />
      </div>
      <Filters
        view={view}
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
            <Group
              key={group}
              name={group}
              rows={rows.filter(row => (row.waits ?? 'reviewer') === group)}
              view={view}
              onView={onView}
            />
          ))}
      </ListFrame>
    </Frame>
  );
}

function Frame(props: { children: ReactNode }) {
  const { t } = useMessages();
  return (
    <main>
      <Header title={t('reviews.title')} />
      <Container className={styles.content}>{props.children}</Container>
    </main>
  );
}

/** Why the page is not for the reader, and where else to look. */
function Forbidden(props: { error: AssistantError; pending: boolean; onRetry: () => void }) {
  const { t } = useMessages();
  const permission = gerritReviewAssistantReviewsPermission.name;
  return (
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
  );
}

function Group(props: {
  name: (typeof groups)[number];
  rows: Change[];
  view: View;
  onView: (change: Partial<View>) => void;
}) {
  const { name, rows, view, onView } = props;
  const { t } = useMessages();
  const title = t(`reviews.${name}`);
  return (
    <Part title={title} level={3} className={styles.group}>
      {rows.length > 0 ? (
        <ChangesTable
          rows={rows}
          label={title}
          sort={view.sort}
          down={view.down}
          onSort={(sort, down) => onView({ sort, down })}
          projects
        />
      ) : (
        <p className={styles.text}>
          {isNarrowed(view, filters) ? t('reviews.noMatch') : t(`reviews.none.${name}`)}
        </p>
      )}
    </Part>
  );
}
