// SPDX-License-Identifier: Apache-2.0
import styles from './shared.module.css';

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
