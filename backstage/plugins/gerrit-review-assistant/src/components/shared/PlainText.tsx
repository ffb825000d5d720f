// SPDX-License-Identifier: Apache-2.0
import styles from './shared.module.css';

// Controls, and marks that turn the direction of text, would let one line speak for another.
const invisible = /(?![\n\t])[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu;

/**
 * Text as it is, of a model or of anybody: no markup, apart from the text around it, and not without end. With lang, in a
 * language that need not be the page's.
 */
export function PlainText(props: { text: string; most?: number; lang?: string }) {
  const { text, most = 600, lang } = props;
  return (
    <bdi className={styles.plain} lang={lang}>
      {plain(text, most)}
    </bdi>
  );
}

/** The text without what hides or turns it, at most as many characters long. */
export function plain(text: string, most: number): string {
  const clean = String(text ?? '').replace(invisible, '');
  return clean.length > most ? `${clean.slice(0, most).replace(/[\ud800-\udbff]$/, '')}…` : clean;
}

/** What to call something: its own name, or another where nothing of that can be seen. */
export function nameOf(text: string, otherwise: string): string {
  return /[\p{L}\p{N}\p{P}\p{S}]/u.test(text ?? '') ? text : otherwise;
}
