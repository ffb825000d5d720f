// SPDX-License-Identifier: Apache-2.0
import type { ReactNode } from 'react';
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
import { Part } from './Part';
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
      <Texts title={t('tab.detail.questions')} items={full.questions} />
      <Files full={full} />
      <Texts title={t('tab.detail.facts')} items={full.facts} />
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

/** What a part of a summary lists, below its heading where it has one; nothing where it lists nothing. */
function Items<T>(props: {
  title?: string;
  items?: T[];
  most?: number;
  ordered?: boolean;
  className?: string;
  children: (item: T) => ReactNode;
}) {
  const { title, items = [], most = 10, ...list } = props;
  if (items.length === 0) return null;
  const bounded = <Bounded items={items} most={most} {...list} />;
  if (!title) return bounded;
  return (
    <Part title={title} level={5}>
      {bounded}
    </Part>
  );
}

function Texts(props: { title?: string; items?: string[] }) {
  return <Items {...props}>{text => <PlainText text={text} most={1000} />}</Items>;
}

function Code({ text }: { text: string }) {
  return (
    <code>
      <PlainText text={text} most={300} />
    </code>
  );
}

function Places(props: { title: string; places?: Place[]; earlier?: boolean }) {
  const { t } = useMessages();
  return (
    <Items title={props.title} items={props.places} className={styles.places}>
      {place => (
        <>
          <span className={styles.line}>
            <Code text={placeOf(place.path, place.line)} />
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
    </Items>
  );
}

/** In which order to read, what the files are about, and which were not read. */
function Files({ full }: { full: Summary }) {
  const { t, word } = useMessages();
  return (
    <>
      <Items title={t('tab.detail.order')} items={full.order} ordered>
        {path => <Code text={path} />}
      </Items>
      <Items title={t('tab.detail.files')} items={full.files} className={styles.places}>
        {file => (
          <>
            <Code text={file.path} />
            <span className={styles.text}>
              <PlainText text={file.text} most={500} />
            </span>
          </>
        )}
      </Items>
      <Items
        title={t('tab.detail.notRead', { count: full.not_read.length })}
        items={full.not_read}
        most={5}
      >
        {file => (
          <>
            <Code text={file.path} /> ({word('tab.notRead', file.reason)})
          </>
        )}
      </Items>
    </>
  );
}
