// SPDX-License-Identifier: Apache-2.0
import type { ChangeBuilds } from '@review-assistant/backstage-plugin-gerrit-review-assistant-common';
import { Mark } from './Mark';
import { useMessages } from './useMessages';

const classes = [
  'change',
  'timeout',
  'configuration',
  'unknown',
  'preexisting',
  'flaky',
  'infra',
] as const;

/** How many build failures stand, and whose they are, the change's own first. */
export function BuildVerdict(props: { builds: ChangeBuilds | null }) {
  const { builds } = props;
  const { t } = useMessages();
  if (!builds) {
    return <Mark tone="neutral">{t('shared.builds.unknown')}</Mark>;
  }
  if (builds.failed === 0) {
    return <Mark tone="success">{t('shared.builds.none')}</Mark>;
  }
  const counts = classes
    .filter(name => (builds.classes?.[name] ?? 0) > 0)
    .map(name => t(`shared.builds.class.${name}`, { number: String(builds.classes[name]) }));
  // What the change did not break is no reason to reject it.
  const own = classes.slice(0, 4).some(name => (builds.classes?.[name] ?? 0) > 0);
  return (
    <Mark tone={own || counts.length === 0 ? 'danger' : 'warning'}>
      {t('shared.builds.failed', { count: builds.failed })}
      {counts.length > 0 && `: ${counts.join(', ')}`}
    </Mark>
  );
}
