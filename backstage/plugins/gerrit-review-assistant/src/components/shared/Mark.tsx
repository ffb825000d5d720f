// SPDX-License-Identifier: Apache-2.0
import {
  RiCheckLine,
  RiCloseLine,
  RiErrorWarningLine,
  RiInformationLine,
  RiIndeterminateCircleLine,
} from '@remixicon/react';
import type { ReactNode } from 'react';
import styles from './Marks.module.css';

export type Tone = 'neutral' | 'info' | 'success' | 'warning' | 'danger';

// The shape says the same as the colour, for who cannot tell colours apart.
const shapes = {
  neutral: RiIndeterminateCircleLine,
  info: RiInformationLine,
  success: RiCheckLine,
  warning: RiErrorWarningLine,
  danger: RiCloseLine,
};

/** The tone of a value of the API; that of a newer server has none. */
export function toneOf<T extends string>(tones: Record<T, Tone>, value: string): Tone {
  return Object.keys(tones).includes(value) ? tones[value as T] : 'neutral';
}

/** A short word with a colour and a shape of the same meaning. */
export function Mark(props: { tone: Tone; children: ReactNode }) {
  const { tone, children } = props;
  const Shape = shapes[tone];
  return (
    <span className={`${styles.mark} ${tone === 'neutral' ? '' : styles[tone]}`}>
      <Shape size={14} aria-hidden="true" />
      <span>{children}</span>
    </span>
  );
}
