// SPDX-License-Identifier: Apache-2.0
import { useMessages } from '../shared';
import styles from './tab.module.css';
import type { Pages } from './usePages';
import type { SortKey } from './view';

/** How much of the list is shown, in which order and among what: nothing is left out in silence. */
export function ListStatus(props: {
  pages: Pages<unknown>;
  shown: number;
  sort?: SortKey;
  /** The rows are as the server sends them, so that those that are not loaded come after them. */
  asSent?: boolean;
}) {
  const { pages, shown, sort, asSent } = props;
  const { t } = useMessages();
  const count = pages.items?.length ?? 0;
  const narrowed = shown < count;
  const what = sort && t(`tab.column.${sort}`);
  const partly = pages.more && !asSent;
  return (
    <p className={styles.status} role="status">
      {pages.pending === 'first' ? (
        t('tab.list.reading')
      ) : (
        <>
          {pages.more
            ? t(narrowed ? 'tab.list.narrowedMore' : 'tab.list.countedMore', { shown, count })
            : t(narrowed ? 'tab.list.narrowed' : 'tab.list.counted', { shown, count })}{' '}
          {what && t(partly ? 'tab.list.sortedMore' : 'tab.list.sorted', { what, count })}
        </>
      )}
    </p>
  );
}
