// SPDX-License-Identifier: Apache-2.0
import { useId, type ReactNode } from 'react';
import {
  Ago,
  Bounded,
  causeTones,
  Hidden,
  Mark,
  OutLink,
  PersonLink,
  plain,
  PlainText,
  safeUrl,
  toneOf,
  useMessages,
} from '../shared';
import type { FailureView } from './failureView';
import { likelihood, rankOdds } from './rows';
import own from './Failure.module.css';
import styles from './list.module.css';

// A log line can be a whole minified file, and an excerpt is to fit on a screen.
const mostLines = 40;
const longestLine = 400;

/** One failure: what, why, what the log says, and the way to CI's own page. */
export function Failure(props: { failure: FailureView; level?: 3 | 5; children?: ReactNode }) {
  const { failure } = props;
  const { t, word } = useMessages();
  const id = useId();
  const Heading = `h${props.level ?? 5}` as const;
  const odds = rankOdds(failure.odds).map(({ cause, p }) =>
    t(`tab.failure.odds.${likelihood(p)}`, {
      cause: word('tab.failure.cause', cause),
      percent: String(Math.round(p * 100)),
    }),
  );
  return (
    <article className={own.failure} aria-labelledby={id}>
      <div className={styles.line}>
        <Heading className={own.failureTitle} id={id}>
          <PlainText text={failure.title} most={200} />
        </Heading>
        <Mark tone={toneOf(causeTones, failure.cause)}>
          {word('tab.failure.class', failure.cause)}
        </Mark>
      </div>
      {failure.message && (
        <p className={own.message}>
          <PlainText text={failure.message} />
        </p>
      )}
      <p className={styles.facts}>
        {failure.place && (
          <code>
            <PlainText text={failure.place} most={200} />
          </code>
        )}
        {failure.jobs.length > 0 && (
          <span>
            {t('tab.failure.jobs')} <PlainText text={failure.jobs.join(', ')} most={200} />
          </span>
        )}
        <span>
          {t('tab.failure.stage', {
            stage: word('tab.failure.stageName', failure.stage),
            category: word('tab.failure.category', failure.category),
          })}
        </span>
      </p>
      <dl className={own.pairs}>
        <dt>{t('tab.failure.oddsLabel')}</dt>
        <dd>{odds.join(', ')}</dd>
        {failure.evidence.length > 0 && (
          <>
            <dt>{t('tab.failure.evidence')}</dt>
            <dd>
              <Bounded items={failure.evidence} most={4}>
                {/* The server words it, in English alone. */}
                {line => <PlainText text={line} most={300} lang="en" />}
              </Bounded>
            </dd>
          </>
        )}
      </dl>
      {failure.ruling && <Ruling ruling={failure.ruling} />}
      {props.children}
      <Excerpt failure={failure} />
      <FailureLinks failure={failure} />
    </article>
  );
}

function Ruling({ ruling }: { ruling: NonNullable<FailureView['ruling']> }) {
  const { t, word } = useMessages();
  const said = ruling.fixed
    ? t('tab.failure.fixed')
    : ruling.class && word('tab.failure.class', ruling.class);
  return (
    <p className={own.ruling}>
      {said && <strong>{t('tab.failure.ruling', { ruling: said })}</strong>}
      {ruling.name && <span>{t('tab.failure.known', { name: plain(ruling.name, 100) })}</span>}
      {ruling.message && <PlainText text={ruling.message} most={300} />}
      {ruling.by && (
        <span className={styles.faint}>
          {t('tab.failure.rulingBy')} <PersonLink person={{ name: ruling.by, entity: ruling.by }} />{' '}
          {ruling.at && <Ago time={ruling.at} />}
        </span>
      )}
      {safeUrl(ruling.link) && <OutLink href={ruling.link}>{t('tab.failure.ticket')}</OutLink>}
    </p>
  );
}

function Excerpt({ failure }: { failure: FailureView }) {
  const { t, word } = useMessages();
  const unread = failure.unread && (
    <p className={styles.faint}>
      {t('tab.failure.unread', { reason: word('tab.failure.log', failure.unread) })}
    </p>
  );
  if (failure.excerpt.length === 0) return unread || null;
  const cut = failure.excerpt.length - mostLines;
  const label = t('tab.failure.excerptOf', { title: plain(failure.title, 100) });
  return (
    <>
      {unread}
      {/* A box that scrolls has to be reached with the keyboard. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <div className={own.excerpt} role="group" aria-label={label} tabIndex={0}>
        {failure.excerpt.slice(0, mostLines).map((line, at) => (
          <div key={at} className={own.logLine}>
            <span className={own.logNumber}>{line.number}</span>
            <PlainText text={line.text} most={longestLine} />
          </div>
        ))}
      </div>
      {cut > 0 && <p className={styles.faint}>{t('tab.failure.cutLines', { count: cut })}</p>}
    </>
  );
}

function FailureLinks({ failure }: { failure: FailureView }) {
  const { t } = useMessages();
  // What is no address of the web is no page to act on.
  const run = safeUrl(failure.url);
  const log = safeUrl(failure.logUrl);
  return (
    <p className={own.links}>
      {run && (
        <OutLink href={run}>
          {t('tab.failure.rerun')} <Hidden>{plain(failure.title, 100)}</Hidden>
        </OutLink>
      )}
      <span className={styles.faint}>
        {run ? t('tab.failure.rerunNote') : t('tab.failure.noRun')}
      </span>
      {log && <OutLink href={log}>{t('tab.failure.wholeLog')}</OutLink>}
    </p>
  );
}
