// SPDX-License-Identifier: Apache-2.0
import type { ChangeBuilds } from '@review-assistant/backstage-plugin-gerrit-review-assistant-common';
import { causesOf } from './causes';
import { Mark } from './Mark';
import { useMessages } from './useMessages';

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
  const { counts, notOwn } = causesOf(builds);
  const words = counts.map(({ cause, number }) => t(`shared.builds.class.${cause}`, { number }));
  return (
    <Mark tone={notOwn ? 'warning' : 'danger'}>
      {t('shared.builds.failed', { count: builds.failed })}
      {words.length > 0 && `: ${words.join(', ')}`}
    </Mark>
  );
}
