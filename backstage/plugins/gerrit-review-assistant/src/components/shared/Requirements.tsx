// SPDX-License-Identifier: Apache-2.0
import type { Submit } from '@review-assistant/backstage-plugin-gerrit-review-assistant-common';
import { Mark } from './Mark';
import { plain } from './PlainText';
import { useMessages } from './useMessages';

const most = 20; // requirements that are looked at

/** Whether a change may be submitted, or what is missing; nothing for one that is closed. */
export function Requirements(props: { submit: Submit | null }) {
  const { submit } = props;
  const { t } = useMessages();
  if (!submit) {
    return null;
  }
  if (submit.ready) {
    return <Mark tone="success">{t('shared.submit.ready')}</Mark>;
  }
  const names = (status: string) =>
    submit.requirements
      .slice(0, most)
      .filter(requirement => requirement.status === status)
      .map(requirement => plain(requirement.name, 60))
      .join(', ');
  const missing = names('unsatisfied');
  const broken = names('error');
  const says = [
    missing && t('shared.submit.missing', { names: missing }),
    broken && t('shared.submit.broken', { names: broken }),
  ].filter(Boolean);
  return (
    <Mark tone="neutral">{says.length > 0 ? says.join('. ') : t('shared.submit.notReady')}</Mark>
  );
}
