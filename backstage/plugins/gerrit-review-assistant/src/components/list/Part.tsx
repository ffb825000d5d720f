// SPDX-License-Identifier: Apache-2.0
import type { ReactNode } from 'react';
import styles from './list.module.css';

/** A part of a page with its heading; level is that of the heading. */
export function Part(props: {
  title: string;
  level?: 3 | 4 | 5;
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
