// SPDX-License-Identifier: Apache-2.0
import type { Brief } from '@review-assistant/backstage-plugin-gerrit-review-assistant-common';
import { Mark, type Tone, toneOf } from './Mark';
import styles from './shared.module.css';
import { useMessages } from './useMessages';

const tones: Record<Brief['severity'], Tone> = {
  high: 'danger',
  medium: 'warning',
  low: 'info',
  none: 'neutral',
};

/** How bad a point of a summary is. */
export function Severity({ severity }: { severity: Brief['severity'] }) {
  const { word } = useMessages();
  return <Mark tone={toneOf(tones, severity)}>{word('shared.severity', severity)}</Mark>;
}

/**
 * The worst that a summary points at, and at how many places; compact, in two lines. That of an older patch set is said
 * with its number, and nothing found in it says nothing of the newest.
 */
export function Risk(props: { summary: Brief | null; compact?: boolean }) {
  const { summary, compact } = props;
  const { t, word } = useMessages();
  if (!summary || (summary.stale && summary.severity === 'none')) {
    return <Mark tone="neutral">{t('shared.severity.unknown')}</Mark>;
  }
  const severity = word('shared.severity', summary.severity);
  const says = summary.stale
    ? t('shared.risk.ofPatchSet', { risk: severity, patchSet: String(summary.patch_set) })
    : severity;
  const look = summary.look > 0 && t('shared.risk.look', { count: summary.look });
  const tone = toneOf(tones, summary.severity);
  if (!compact) {
    return <Mark tone={tone}>{[says, look].filter(Boolean).join(', ')}</Mark>;
  }
  return (
    <>
      <Mark tone={tone}>{says}</Mark>
      {look && <span className={styles.quiet}>{look}</span>}
    </>
  );
}
