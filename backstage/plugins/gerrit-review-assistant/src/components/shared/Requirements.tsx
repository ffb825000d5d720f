// SPDX-License-Identifier: Apache-2.0
import type { Submit } from '@review-assistant/backstage-plugin-gerrit-review-assistant-common';
import { Mark, type Tone, toneOf } from './Mark';
import { plain, PlainText } from './PlainText';
import styles from './shared.module.css';
import { useMessages } from './useMessages';

type Requirement = Submit['requirements'][number];

const most = 20; // requirements that are looked at

const tones: Record<Requirement['status'], Tone> = {
  satisfied: 'success',
  overridden: 'info',
  forced: 'info',
  unsatisfied: 'warning',
  error: 'warning',
};

/** Whether a requirement keeps nobody from submitting. What cannot be told does. */
export function isMet({ status }: Requirement): boolean {
  return ['success', 'info'].includes(toneOf(tones, status));
}

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
  const unmet = submit.requirements.slice(0, most).filter(requirement => !isMet(requirement));
  const names = (missing: boolean) =>
    unmet
      .filter(({ status }) => (status === 'unsatisfied') === missing)
      .map(({ name }) => plain(name, 60))
      .join(', ');
  const missing = names(true);
  const broken = names(false);
  const says = [
    missing && t('shared.submit.missing', { names: missing }),
    broken && t('shared.submit.broken', { names: broken }),
  ].filter(Boolean);
  return (
    <Mark tone="neutral">{says.length > 0 ? says.join('. ') : t('shared.submit.notReady')}</Mark>
  );
}

/** Whether a change may be submitted, and each requirement with what became of it. */
export function RequirementList({ submit }: { submit: Submit }) {
  const { t, word } = useMessages();
  return (
    <>
      <div>
        <Mark tone={submit.ready ? 'success' : 'neutral'}>
          {submit.ready ? t('shared.submit.ready') : t('shared.submit.notReady')}
        </Mark>
      </div>
      {submit.requirements.length > 0 && (
        <ul className={styles.plainList} aria-label={t('shared.submit.label')}>
          {submit.requirements.map(({ name, status }, at) => (
            <li key={at} className={styles.line}>
              <PlainText text={name} most={60} />
              <Mark tone={toneOf(tones, status)}>{word('shared.submit.status', status)}</Mark>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}
