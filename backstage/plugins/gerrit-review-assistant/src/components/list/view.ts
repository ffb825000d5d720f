// SPDX-License-Identifier: Apache-2.0

/** The parts of the tab, in their order. */
export const sections = ['open', 'landed', 'failures', 'branches', 'activity'] as const;
/** A part of the tab. */
export type Section = (typeof sections)[number];

/** Columns that rows can be sorted by. */
export const sortKeys = [
  'change',
  'owner',
  'updated',
  'patch_set',
  'state',
  'risk',
  'builds',
  'submit',
] as const;
export type SortKey = (typeof sortKeys)[number];

/** What the assistant made of a patch set. */
export const states = ['summarized', 'quiet', 'skipped', 'waiting', 'off'] as const;
/** Severities of the newest patch set, the worst first; unknown is that of one that was not read. */
export const severities = ['high', 'medium', 'low', 'none', 'unknown'] as const;
/** Whose changes are shown. */
export const whose = ['mine', 'review'] as const;

/** What is looked for and in which order. The empty text is "any". */
export interface View {
  section: Section;
  /** Words for the server. */
  search: string;
  /** A branch, for the server. */
  branch: string;
  state: (typeof states)[number] | '';
  severity: (typeof severities)[number] | '';
  whose: (typeof whose)[number] | '';
  failing: boolean;
  ready: boolean;
  sort: SortKey;
  down: boolean;
}

/** What a list can be narrowed by, beside words. */
export type FilterName = 'branch' | 'state' | 'severity' | 'whose' | 'failing' | 'ready';

/** Narrowed by nothing. */
export const unnarrowed: Pick<View, 'search' | FilterName> = {
  search: '',
  branch: '',
  state: '',
  severity: '',
  whose: '',
  failing: false,
  ready: false,
};

/** Everything, as the server sends it: the newest update first. */
export const plainView: View = {
  section: 'open',
  ...unnarrowed,
  sort: 'updated',
  down: true,
};

/** The API takes no longer words or branches, in characters. */
export const longest = 200;
const mostWords = 10;

/** Whether the API can be asked for a branch. Half of a name is that of another one. */
export const canAsk = (branch: string) => branch.length <= longest;

/** What is looked for, as the API takes it: at most ten words that have a letter or a digit; "" for none. */
export function wordsOf(search: string): string {
  return search
    .replace(/["\\]|[^\p{L}\p{M}\p{N}\p{P}\p{S}]/gu, ' ')
    .split(' ')
    .map(word => word.replace(/^\^+/, ''))
    .filter(word => /[\p{L}\p{Nd}]/u.test(word))
    .slice(0, mostWords)
    .join(' ');
}

function oneOf<T extends string, D extends string>(
  value: string | null,
  known: readonly T[],
  otherwise: D,
): T | D {
  return known.find(word => word === value) ?? otherwise;
}

// The query of an address belongs to the whole page: others on it have names of their own.
const own = (name: string) => `review-assistant.${name}`;

/** Reads a view from the query of an address. What is not understood counts as not said. */
export function parseView(query: string): View {
  const params = new URLSearchParams(query);
  const get = (name: string) => params.get(own(name));
  const text = (name: string) => (get(name) ?? '').trim().slice(0, longest);
  return {
    section: oneOf(get('section'), sections, plainView.section),
    search: text('search'),
    branch: text('branch'),
    state: oneOf(get('state'), states, ''),
    severity: oneOf(get('severity'), severities, ''),
    whose: oneOf(get('whose'), whose, ''),
    failing: get('failing') === 'yes',
    ready: get('ready') === 'yes',
    sort: oneOf(get('sort'), sortKeys, plainView.sort),
    down: get('order') !== 'up',
  };
}

/** The query with the view in it. Parameters of others stay; what is as usual is left out. */
export function writeView(query: string, view: View): string {
  const params = new URLSearchParams(query);
  const set = (name: string, value: string, usual: string) =>
    value === usual ? params.delete(own(name)) : params.set(own(name), value);
  set('section', view.section, plainView.section);
  set('search', view.search, '');
  set('branch', view.branch, '');
  set('state', view.state, '');
  set('severity', view.severity, '');
  set('whose', view.whose, '');
  set('failing', view.failing ? 'yes' : '', '');
  set('ready', view.ready ? 'yes' : '', '');
  set('sort', view.sort, plainView.sort);
  set('order', view.down ? 'down' : 'up', 'down');
  const text = params.toString();
  return text && `?${text}`;
}

/** Whether a list that has these filters is narrowed, by one of them or by words. */
export function isNarrowed(view: View, filters: readonly FilterName[]): boolean {
  return view.search !== '' || filters.some(name => Boolean(view[name]));
}
