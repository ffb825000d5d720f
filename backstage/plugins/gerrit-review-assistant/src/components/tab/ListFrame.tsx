// SPDX-License-Identifier: Apache-2.0
import type { ReactNode } from 'react';
import { staleAfter } from '../../api/loader';
import { ErrorPanel, Loading, StaleNote } from '../shared';
import { LoadMore } from './parts';
import styles from './tab.module.css';
import type { Pages } from './usePages';

/** What is around every list: that it is read, failed or is old; the list; and the way to its next page. */
export function ListFrame<T>(props: { pages: Pages<T>; children: ReactNode }) {
  const { pages } = props;
  if (!pages.items) {
    return pages.error ? <ErrorPanel error={pages.error} onRetry={pages.refresh} /> : <Loading />;
  }
  const other = pages.pending === 'first';
  return (
    <div className={styles.frame} aria-busy={other || pages.pending === 'more'}>
      {pages.error && !other && (
        <StaleNote
          loadedAt={pages.loadedAt}
          stale={Date.now() - pages.loadedAt > staleAfter}
          error={pages.error}
          onRetry={pages.refresh}
        />
      )}
      <div className={other ? styles.old : undefined}>{props.children}</div>
      <LoadMore more={pages.more} pending={pages.pending === 'more'} onPress={pages.loadMore} />
    </div>
  );
}
