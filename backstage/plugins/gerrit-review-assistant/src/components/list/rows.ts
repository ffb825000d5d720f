// SPDX-License-Identifier: Apache-2.0
import type {
  Change,
  Detail,
  Outcome,
  Submit,
} from '@review-assistant/backstage-plugin-gerrit-review-assistant-common';
import { isMet } from '../shared';
import { severities, states, type SortKey, type View } from './view';

/** How a change is told from another. */
export const idOfChange = ({ id }: Change) => id;

/** What a list is narrowed to here, because the server does not do it. */
type Narrow = Pick<View, 'state' | 'severity' | 'whose' | 'failing' | 'ready'>;

/** The rows that the view asks for. me is the reader's entity; unknown, nothing is theirs. */
export function narrow(rows: Change[], view: Narrow, me?: string): Change[] {
  return rows.filter(
    row =>
      (!view.state || row.state === view.state) &&
      (!view.severity || riskOf(row) === view.severity) &&
      (!view.failing || (row.builds?.failed ?? 0) > 0) &&
      (!view.ready || row.submit?.ready === true) &&
      (view.whose !== 'mine' || isPerson(row.owner.entity, me)) &&
      (view.whose !== 'review' ||
        row.waits !== undefined ||
        (row.reviewers ?? []).some(person => isPerson(person.entity, me))),
  );
}

/** The risk of the newest patch set. What was said of an older one is not known of it. */
function riskOf({ summary }: Pick<Change, 'summary'>): Exclude<View['severity'], ''> {
  const told = summary && !summary.stale && severities.find(known => known === summary.severity);
  return told || 'unknown';
}

function isPerson(entity: string | undefined, me: string | undefined): boolean {
  return Boolean(me) && entity?.toLowerCase() === me?.toLowerCase();
}

/** The rows in which all words are, in what a row shows. For lists that the server does not search. */
export function find(rows: Change[], search: string): Change[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  return rows.filter(row => {
    const text = [
      row.subject,
      row.number,
      row.project,
      row.branch,
      row.topic,
      row.owner.name,
      row.summary?.title,
      ...(row.summary?.bullets ?? []),
    ]
      .join('\n')
      .toLowerCase();
    return words.every(word => text.includes(word));
  });
}

// How much of it a row has: what sorts first downwards has the most. Rows without are last in both directions.
const weights: { [key in SortKey]: (row: Change) => number | string | null | undefined } = {
  change: row => row.number,
  owner: row => row.owner.name.toLowerCase(),
  updated: row => row.updated,
  patch_set: row => row.patch_set,
  state: row => rank(states, row.state),
  risk: row => (riskOf(row) === 'unknown' ? undefined : rank(severities, riskOf(row))),
  builds: row => row.builds?.failed,
  submit: row => row.submit && -unmet(row.submit),
};

/** How early a word is in a list; undefined for one that a newer server has. */
function rank(list: readonly string[], word: string): number | undefined {
  return list.includes(word) ? list.length - list.indexOf(word) : undefined;
}

/** How many submit requirements are not met yet; one that nobody names counts too. */
function unmet({ ready, requirements }: Submit): number {
  return ready ? 0 : Math.max(1, requirements.filter(requirement => !isMet(requirement)).length);
}

/** The rows by a column. Equal ones stay as the server had them. */
export function sortRows(rows: Change[], by: SortKey, down: boolean): Change[] {
  const weigh = weights[by];
  return [...rows].sort((a, b) => {
    const [x, y] = [weigh(a) ?? undefined, weigh(b) ?? undefined];
    if (x === undefined || y === undefined)
      return Number(x === undefined) - Number(y === undefined);
    if (x === y) return 0;
    return x < y === down ? 1 : -1;
  });
}

/** What was decided about one patch set. */
interface PatchSetOutcomes {
  patchSet: number;
  /** Empty where nothing was decided. */
  outcomes: Outcome[];
}

/**
 * Outcomes by patch set, the newest first. The current patch set is there even if nothing was decided about it:
 * silence has a reason too.
 */
export function byPatchSet(detail: Pick<Detail, 'outcomes' | 'patch_set'>): PatchSetOutcomes[] {
  const sets = new Map<number, Outcome[]>([[detail.patch_set, []]]);
  for (const outcome of detail.outcomes ?? []) {
    sets.set(outcome.patch_set, [...(sets.get(outcome.patch_set) ?? []), outcome]);
  }
  return [...sets]
    .map(([patchSet, outcomes]) => ({ patchSet, outcomes }))
    .sort((a, b) => b.patchSet - a.patchSet);
}

const ofSummary = ({ kind, verdict }: Outcome) => kind === 'summary' && verdict !== 'not-ours';

/** The patch sets that may have a summary, the newest first; also is among them. */
export function summarized(detail: Pick<Detail, 'outcomes'>, also?: number): number[] {
  const sets = detail.outcomes.filter(ofSummary).map(outcome => outcome.patch_set);
  return [...new Set([...sets, ...(also === undefined ? [] : [also])])].sort((a, b) => b - a);
}

/** What was decided last about the summary of a patch set. */
export function summaryOutcome(
  detail: Pick<Detail, 'outcomes'>,
  patchSet: number,
): Outcome | undefined {
  return detail.outcomes.filter(o => ofSummary(o) && o.patch_set === patchSet).at(-1);
}

/** How likely, in a word. p is from 0 to 1. */
export function likelihood(p: number): 'certain' | 'likely' | 'perhaps' | 'unlikely' {
  if (p >= 0.9) return 'certain';
  if (p >= 0.6) return 'likely';
  return p >= 0.25 ? 'perhaps' : 'unlikely';
}

/** Odds that are worth saying, the most likely first: the first, and others from 5 %. */
export function rankOdds<Odds extends object>(odds: Odds): { cause: keyof Odds; p: number }[] {
  return (Object.entries(odds) as [keyof Odds, number][])
    .map(([cause, p]) => ({ cause, p }))
    .sort((a, b) => b.p - a.p)
    .filter(({ p }, at) => at === 0 || p >= 0.05);
}
