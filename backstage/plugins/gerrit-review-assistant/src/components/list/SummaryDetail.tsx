// SPDX-License-Identifier: Apache-2.0
import { Select } from '@backstage/ui';
import type {
  Detail,
  Place,
  Summary,
} from '@review-assistant/backstage-plugin-gerrit-review-assistant-common';
import {
  Ago,
  Bounded,
  Mark,
  plain,
  PlainText,
  Severity,
  useMessages,
  useStateReason,
  Writer,
} from '../shared';
import { placeOf } from './failureView';
import { useOutcomeReason } from './Outcomes';
import { Part } from './parts';
import { summarized, summaryOutcome } from './rows';
import styles from './list.module.css';

/** A change, and of which of its patch sets the summary is shown. */
export interface SummaryProps {
  change: Detail;
  /** Missing: the newest that has one. */
  patchSet?: number;
  onPatchSet: (patchSet: number) => void;
}

/** The whole summary of a change, as text: what a model wrote is never markup. */
export function SummaryDetail(props: SummaryProps) {
  return (
    <div className={styles.column}>
      <PatchSets {...props} />
      <SummaryOf {...props} />
    </div>
  );
}

/** Chooses a patch set, where several were decided about. */
function PatchSets({ change, patchSet, onPatchSet }: SummaryProps) {
  const { t } = useMessages();
  const shown = patchSet ?? change.full?.patch_set;
  const sets = summarized(change, shown);
  if (shown === undefined || sets.length < 2) return null;
  return (
    <Select
      size="small"
      className={styles.patchSets}
      label={t('tab.detail.summaryOf')}
      options={sets.map(number => ({
        value: String(number),
        label: t('shared.change.patchSet', { patchSet: String(number) }),
      }))}
      value={String(shown)}
      onChange={value => onPatchSet(Number(value))}
    />
  );
}

function SummaryOf({ change, patchSet }: SummaryProps) {
  const { t } = useMessages();
  const { full } = change;
  if (!full) {
    return <NoSummary change={change} patchSet={patchSet} />;
  }
  return (
    <Part title={t('tab.detail.summary', { patchSet: String(full.patch_set) })}>
      <Notes change={change} full={full} />
      <p className={styles.summaryTitle}>
        <PlainText text={full.title} most={300} />
      </p>
      <Texts items={full.bullets} />
      <Texts items={full.story} />
      {full.why && (
        <Part title={t('tab.detail.why')} level={5}>
          <p className={styles.text}>
            <PlainText text={full.why} most={2000} />
          </p>
        </Part>
      )}
      <Places title={t('tab.detail.look')} places={full.look} />
      <Places title={t('tab.detail.risks')} places={full.risks} />
      <Places title={t('tab.detail.earlier')} places={full.earlier} earlier />
      {(full.questions ?? []).length > 0 && (
        <Part title={t('tab.detail.questions')} level={5}>
          <Texts items={full.questions} />
        </Part>
      )}
      <Files full={full} />
      {full.facts.length > 0 && (
        <Part title={t('tab.detail.facts')} level={5}>
          <Texts items={full.facts} />
        </Part>
      )}
      <p className={styles.faint}>
        <Writer model={full.model} /> · <Ago time={full.created} />
      </p>
    </Part>
  );
}

/** Why a patch set has no summary. */
function NoSummary({ change, patchSet }: Pick<SummaryProps, 'change' | 'patchSet'>) {
  const { t } = useMessages();
  const stateReason = useStateReason();
  const outcomeReason = useOutcomeReason();
  const outcome = patchSet === undefined ? undefined : summaryOutcome(change, patchSet);
  const why = patchSet === undefined ? stateReason(change) : outcome && outcomeReason(outcome);
  return (
    <Part title={t('tab.column.state')}>
      <p className={styles.text}>
        {t('tab.detail.none')} {why && <PlainText text={why} />}
      </p>
    </Part>
  );
}

/** What has to be known before the text is believed. */
function Notes({ change, full }: { change: Detail; full: Summary }) {
  const { t, word, reason } = useMessages();
  const number = (patchSet: number) => String(patchSet);
  const notes = [
    full.shadow && t('shared.summary.shadow'),
    full.patch_set < change.patch_set &&
      t('shared.summary.stale', {
        patchSet: number(full.patch_set),
        newest: number(change.patch_set),
      }),
    full.truncated && t('tab.detail.truncated'),
    full.silent && t('tab.detail.silent', { reason: plain(reason(full.silent, full.silent), 200) }),
    full.fallback && t('tab.detail.fallback', { reason: word('tab.fallback', full.fallback) }),
    full.secrets && t('tab.detail.secrets', { count: full.secrets }),
    full.since && t('tab.detail.since', { patchSet: number(full.since) }),
  ].filter(Boolean);
  if (notes.length === 0) return null;
  return (
    <ul className={styles.notes}>
      {notes.map(note => (
        <li key={String(note)}>{note}</li>
      ))}
    </ul>
  );
}

function Texts({ items }: { items?: string[] }) {
  if (!items || items.length === 0) return null;
  return (
    <Bounded items={items} most={10}>
      {text => <PlainText text={text} most={1000} />}
    </Bounded>
  );
}

function Places(props: { title: string; places?: Place[]; earlier?: boolean }) {
  const { t } = useMessages();
  if (!props.places || props.places.length === 0) return null;
  return (
    <Part title={props.title} level={5}>
      <Bounded items={props.places} most={10} className={styles.places}>
        {place => (
          <>
            <span className={styles.line}>
              <code>
                <PlainText text={placeOf(place.path, place.line)} most={300} />
              </code>
              <Severity severity={place.severity} />
              {props.earlier && (
                <Mark tone={place.changed ? 'success' : 'neutral'}>
                  {place.changed ? t('tab.detail.changed') : t('tab.detail.unchanged')}
                </Mark>
              )}
            </span>
            <span className={styles.text}>
              <PlainText text={place.text} most={1000} />
            </span>
          </>
        )}
      </Bounded>
    </Part>
  );
}

/** In which order to read, what the files are about, and which were not read. */
function Files({ full }: { full: Summary }) {
  const { t, word } = useMessages();
  return (
    <>
      {full.order.length > 0 && (
        <Part title={t('tab.detail.order')} level={5}>
          <Bounded items={full.order} most={10} ordered>
            {path => (
              <code>
                <PlainText text={path} most={300} />
              </code>
            )}
          </Bounded>
        </Part>
      )}
      {full.files.length > 0 && (
        <Part title={t('tab.detail.files')} level={5}>
          <Bounded items={full.files} most={10} className={styles.places}>
            {file => (
              <>
                <code>
                  <PlainText text={file.path} most={300} />
                </code>
                <span className={styles.text}>
                  <PlainText text={file.text} most={500} />
                </span>
              </>
            )}
          </Bounded>
        </Part>
      )}
      {full.not_read.length > 0 && (
        <Part title={t('tab.detail.notRead', { count: full.not_read.length })} level={5}>
          <Bounded items={full.not_read} most={5}>
            {file => (
              <>
                <code>
                  <PlainText text={file.path} most={300} />
                </code>{' '}
                ({word('tab.notRead', file.reason)})
              </>
            )}
          </Bounded>
        </Part>
      )}
    </>
  );
}
