// SPDX-License-Identifier: Apache-2.0
import type { ReactNode } from 'react';
import { Button } from '@backstage/ui';
import { useMessages } from '../shared';
import styles from './list.module.css';

export { Bounded } from '../shared';

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
