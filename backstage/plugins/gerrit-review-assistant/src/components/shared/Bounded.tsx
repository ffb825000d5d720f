// SPDX-License-Identifier: Apache-2.0
import { useState, type ReactNode } from 'react';
import { Button } from '@backstage/ui';
import styles from './shared.module.css';
import { useMessages } from './useMessages';

/** A list that shows its first rows, says how many there are besides, and shows them when asked. */
export function Bounded<T>(props: {
  items: T[];
  most: number;
  ordered?: boolean;
  className?: string;
  /** What the button says; else "and 3 more". */
  more?: (count: number) => string;
  children: (item: T) => ReactNode;
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
          <li key={at}>{props.children(item)}</li>
        ))}
      </List>
      {cut > 0 && (
        <Button size="small" variant="tertiary" onPress={() => setAll(true)}>
          {props.more ? props.more(cut) : t('shared.cut', { count: cut })}
        </Button>
      )}
    </>
  );
}
