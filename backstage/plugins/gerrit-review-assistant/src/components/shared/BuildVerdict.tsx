// SPDX-License-Identifier: Apache-2.0
import type { ChangeBuilds } from '@review-assistant/backstage-plugin-gerrit-review-assistant-common';
import { causesOf } from './causes';
import { Mark } from './Mark';
import { useTold } from './mode';
import styles from './shared.module.css';
import { useMessages } from './useMessages';

/** How many build failures stand, and whose they are, the change's own first; compact, each cause in a line of its own. */
export function BuildVerdict(props: { builds: ChangeBuilds | null; compact?: boolean }) {
  const { builds, compact } = props;
  const { t, word } = useMessages();
  const told = useTold();
  if (!builds) {
    return (
      <Mark tone="neutral">{told ? t('shared.builds.unknown') : t('shared.builds.notShown')}</Mark>
    );
  }
  if (builds.failed === 0) {
    return <Mark tone="success">{t('shared.builds.none')}</Mark>;
  }
  const { counts, notOwn } = causesOf(builds);
  const tone = notOwn ? 'warning' : 'danger';
  const failed = t('shared.builds.failed', { count: builds.failed });
  const causes = counts.map(({ cause, number }) =>
    t('shared.builds.counted', { number, whose: word('shared.builds.class', cause) }),
  );
  if (!compact) {
    return <Mark tone={tone}>{[failed, causes.join(', ')].filter(Boolean).join(': ')}</Mark>;
  }
  return (
    <>
      <Mark tone={tone}>{failed}</Mark>
      {causes.map(cause => (
        <span key={cause} className={styles.quiet}>
          {cause}
        </span>
      ))}
    </>
  );
}
