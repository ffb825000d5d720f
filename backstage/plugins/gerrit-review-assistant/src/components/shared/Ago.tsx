// SPDX-License-Identifier: Apache-2.0
import { useEffect, useState } from 'react';
import { useMessages } from './useMessages';

const tick = 30_000; // milliseconds

const units: [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 365 * 86400],
  ['month', 30 * 86400],
  ['week', 7 * 86400],
  ['day', 86400],
  ['hour', 3600],
  ['minute', 60],
];

/** How long ago, in words; the exact time is its title. Nothing for what is no time. */
export function Ago(props: { time: string | number }) {
  const { language } = useMessages();
  const now = useNow();
  const time = new Date(props.time);
  if (Number.isNaN(time.getTime())) {
    return null;
  }
  const exact = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'medium' });
  return (
    <time dateTime={time.toISOString()} title={exact.format(time)}>
      {relative(time.getTime() - now, language)}
    </time>
  );
}

/** Milliseconds from now in the largest unit that fits. What is to come is now: a clock is behind. */
export function relative(milliseconds: number, language?: string): string {
  const seconds = Math.round(Math.min(0, milliseconds) / 1000);
  const format = new Intl.RelativeTimeFormat(language, { numeric: 'auto' });
  for (const [unit, size] of units) {
    if (Math.abs(seconds) >= size) {
      return format.format(Math.trunc(seconds / size), unit);
    }
  }
  return format.format(0, 'minute');
}

// One clock for all times on a page.
const listeners = new Set<(now: number) => void>();
let clock: ReturnType<typeof setInterval> | undefined;

function useNow(): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (listeners.size === 0) {
      clock = setInterval(() => listeners.forEach(listener => listener(Date.now())), tick);
    }
    listeners.add(setNow);
    return () => {
      listeners.delete(setNow);
      if (listeners.size === 0) {
        clearInterval(clock);
      }
    };
  }, []);
  return now;
}
