// SPDX-License-Identifier: Apache-2.0
import type { ReactNode } from 'react';
import { LiveView } from '../shared';
import { LoadMore } from './parts';
import styles from './list.module.css';
import type { Pages } from './usePages';

/** What is around every list: that it is read, failed or is old; the list; and the way to its next page. */
export function ListFrame<T>(props: { pages: Pages<T>; children: ReactNode }) {
  const { pages } = props;
  const other = pages.pending === 'first';
  return (
    <div className={styles.frame} aria-busy={pages.items && (other || pages.pending === 'more')}>
      <LiveView live={pages}>
        {() => (
          <>
            <div className={other ? styles.old : undefined}>{props.children}</div>
            <LoadMore
              more={pages.more}
              pending={pages.pending === 'more'}
              onPress={pages.loadMore}
            />
          </>
        )}
      </LiveView>
    </div>
  );
}
