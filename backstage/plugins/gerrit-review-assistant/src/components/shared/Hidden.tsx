// SPDX-License-Identifier: Apache-2.0
import type { ReactNode } from 'react';
import styles from './shared.module.css';

/**
 * Text for who hears the page; inline, so that it may stand within a sentence. Its box is apart from the text around it,
 * and would take the spaces between words with it: it begins with its own.
 */
export function Hidden(props: { children: ReactNode }) {
  return (
    <span className={styles.hidden}>
      {` `}
      {props.children}
    </span>
  );
}
