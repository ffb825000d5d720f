// SPDX-License-Identifier: Apache-2.0
import { useMessages } from '../shared';
import styles from './list.module.css';
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
  const loaded = String(count);
  if (pages.pending === 'first') {
    return (
      <p className={styles.status} role="status">
        {t('tab.list.reading')}
      </p>
    );
  }
  const texts = [];
  if (shown < count) {
    const key = pages.more ? 'tab.list.narrowedMore' : 'tab.list.narrowed';
    texts.push(t(key, { shown: String(shown), loaded }));
  } else if (pages.more) {
    texts.push(t('tab.list.countedMore', { loaded }));
  } else {
    texts.push(t('tab.list.counted', { count }));
  }
  if (sort) {
    const what = t(`tab.column.${sort}`);
    texts.push(
      pages.more && !asSent
        ? t('tab.list.sortedMore', { what, loaded })
        : t('tab.list.sorted', { what }),
    );
  }
  return (
    <p className={styles.status} role="status">
      {texts.join(' ')}
    </p>
  );
}
