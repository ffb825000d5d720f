// SPDX-License-Identifier: Apache-2.0
import type { ReactNode } from 'react';
import { Button } from '@backstage/ui';
import { LiveView, useMessages } from '../shared';
import shared from '../shared/shared.module.css';
import styles from './list.module.css';
import type { Pages } from './usePages';

/** What is around every list: that it is read, failed or is old; the list; and the way to its next page. */
export function ListFrame<T>(props: { pages: Pages<T>; children: ReactNode }) {
  const { pages } = props;
  const other = pages.pending === 'first';
  return (
    <div className={shared.frame} aria-busy={pages.items && (other || pages.pending === 'more')}>
      <LiveView live={pages}>
        {() => (
          <>
            <div className={other ? styles.old : undefined}>{props.children}</div>
            {pages.more && <LoadMore pages={pages} />}
          </>
        )}
      </LiveView>
    </div>
  );
}

function LoadMore({ pages }: { pages: Pages<unknown> }) {
  const { t } = useMessages();
  const pending = pages.pending === 'more';
  return (
    <div className={styles.more}>
      <Button variant="secondary" isPending={pending} onPress={pages.loadMore}>
        {pending ? t('tab.more.loading') : t('tab.more.load')}
      </Button>
    </div>
  );
}
