// SPDX-License-Identifier: Apache-2.0
import type { Brief } from '@review-assistant/backstage-plugin-gerrit-review-assistant-common';
import { Mark, type Tone } from './Mark';
import { useMessages } from './useMessages';

const tones: Record<Brief['severity'], Tone> = {
  high: 'danger',
  medium: 'warning',
  low: 'info',
  none: 'neutral',
};

/** The worst that a summary points at; with look, how many places there are. */
export function Severity(props: { severity: Brief['severity']; look?: number }) {
  const { severity, look = 0 } = props;
  const { t } = useMessages();
  const known = severity in tones ? severity : 'none';
  return (
    <Mark tone={tones[known]}>
      {t(`shared.severity.${known}`)}
      {look > 0 && `, ${t('shared.severity.look', { count: look })}`}
    </Mark>
  );
}
