// SPDX-License-Identifier: Apache-2.0
import { useState, type ReactNode } from 'react';
import { Button } from '@backstage/ui';
import { useMessages } from '../shared';
import styles from './list.module.css';

/** A part of a page with its heading; level is that of the heading. */
export function Part(props: {
  title: string;
  level?: 2 | 3 | 4 | 5;
  className?: string;
  children: ReactNode;
}) {
  const Heading = `h${props.level ?? 4}` as const;
  return (
    <section className={props.className ?? styles.part} aria-label={props.title}>
      <Heading className={styles.heading}>{props.title}</Heading>
      {props.children}
    </section>
  );
}

/** A list that shows its first rows, says how many there are besides, and shows them when asked. */
export function Bounded<T>(props: {
  items: T[];
  most: number;
  ordered?: boolean;
  className?: string;
  children: (item: T, at: number) => ReactNode;
}) {
  const { t } = useMessages();
  const [all, setAll] = useState(false);
  const List = props.ordered ? 'ol' : 'ul';
  const shown = all ? props.items : props.items.slice(0, props.most);
  const cut = props.items.length - shown.length;
  return (
    <>
      <List className={props.className ?? styles.list}>
        {shown.map((item, at) => (
          // Texts have no ids, and may be there twice.
          <li key={at}>{props.children(item, at)}</li>
        ))}
      </List>
      {cut > 0 && (
        <Button size="small" variant="tertiary" onPress={() => setAll(true)}>
          {t('tab.detail.cut', { count: cut })}
        </Button>
      )}
    </>
  );
}

/** The button below a list that has more rows than are loaded. */
export function LoadMore(props: { more: boolean; pending: boolean; onPress: () => void }) {
  const { t } = useMessages();
  if (!props.more) return null;
  return (
    <div className={styles.more}>
      <Button variant="secondary" isPending={props.pending} onPress={props.onPress}>
        {props.pending ? t('tab.more.loading') : t('tab.more.load')}
      </Button>
    </div>
  );
}
