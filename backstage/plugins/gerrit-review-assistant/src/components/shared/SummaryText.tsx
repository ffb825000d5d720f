// SPDX-License-Identifier: Apache-2.0
import type { Brief } from '@review-assistant/backstage-plugin-gerrit-review-assistant-common';
import { Ago } from './Ago';
import { Mark } from './Mark';
import { plain, PlainText } from './PlainText';
import styles from './shared.module.css';
import { useMessages } from './useMessages';

const most = 3; // points that are shown

/**
 * The short form of a summary. A model wrote it of text that anybody may push: it is
 * shown as plain text, without links or markup.
 */
export function SummaryText(props: { summary: Brief; patchSet: number }) {
  const { summary, patchSet } = props;
  const { t } = useMessages();
  return (
    <div role="group" className={styles.summary} aria-label={t('shared.summary.label')}>
      <p className={styles.summaryTitle}>
        <PlainText text={summary.title} most={300} />
      </p>
      {summary.bullets.length > 0 && (
        <ul className={styles.bullets}>
          {summary.bullets.slice(0, most).map((bullet, index) => (
            <li key={index}>
              <PlainText text={bullet} most={500} />
            </li>
          ))}
        </ul>
      )}
      <div className={styles.line}>
        <SummaryMarks summary={summary} patchSet={patchSet} />
        <span className={styles.quiet}>
          {!summary.stale &&
            `${t('shared.summary.ofPatchSet', { patchSet: String(summary.patch_set) })} · `}
          <Writer model={summary.model} /> · <Ago time={summary.created} />
        </span>
      </div>
    </div>
  );
}

/** What has to be known of a summary before it is believed. */
export function SummaryMarks({ summary, patchSet }: { summary: Brief; patchSet: number }) {
  const { t } = useMessages();
  return (
    <>
      {summary.stale && (
        <Mark tone="warning">
          {t('shared.summary.stale', {
            patchSet: String(summary.patch_set),
            newest: String(patchSet),
          })}
        </Mark>
      )}
      {summary.shadow && <Mark tone="info">{t('shared.summary.shadow')}</Mark>}
    </>
  );
}

/** Who wrote a summary: a model, or none. */
export function Writer({ model }: { model: string }) {
  const { t } = useMessages();
  return (
    <>
      {model
        ? t('shared.summary.byModel', { model: plain(model, 100) })
        : t('shared.summary.computed')}
    </>
  );
}
