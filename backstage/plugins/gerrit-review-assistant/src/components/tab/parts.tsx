// SPDX-License-Identifier: Apache-2.0
import { useState, type ReactNode } from 'react';
import { Button } from '@backstage/ui';
import type {
  Change,
  Person,
} from '@review-assistant/backstage-plugin-gerrit-review-assistant-common';
import { ChangeTitle, PersonLink, useMessages } from '../shared';
import styles from './tab.module.css';

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

// Controls, and marks that turn the direction of text, would let one line speak for another.
const invisible = /(?![\n\t])[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu;

/** Text as it is, of a model or of anybody: no markup, apart from the text around it, and not without end. */
export function PlainText({ text, most = 600 }: { text: string; most?: number }) {
  return <bdi className={styles.plain}>{plain(text, most)}</bdi>;
}

/** The text without what hides or turns it, at most as many characters long. */
export function plain(text: string, most: number): string {
  const clean = String(text ?? '')
    .slice(0, most * 2)
    .replace(invisible, '');
  return clean.length > most ? `${clean.slice(0, most).replace(/[\ud800-\udbff]$/, '')}…` : clean;
}

/** A person by name, which anybody chooses for themselves. */
export function Who({ person }: { person: Person }) {
  return (
    <bdi className={styles.plain}>
      <PersonLink person={{ ...person, name: plain(person.name, 100) }} />
    </bdi>
  );
}

/** The subject of a change, linked to Gerrit. */
export function Title({ change }: { change: Pick<Change, 'subject' | 'url'> }) {
  return (
    <bdi className={styles.plain}>
      <ChangeTitle change={{ url: change.url, subject: plain(change.subject, 300) }} />
    </bdi>
  );
}
