// SPDX-License-Identifier: Apache-2.0
import { InputError } from '@backstage/errors';

/** Name of the file on refs/meta/config. */
export const FILE = 'review-assistant.config';
/** In bytes; the assistant refuses longer files. */
const MAX_FILE = 64 << 10;
const MAX_VALUES = 50;
const MAX_INSTRUCTIONS = 20;

/** A value of a setting. */
export type Value = string | number | boolean;

/** What the file is to say. */
export interface Wish {
  mode: 'shadow' | 'on';
  /** By section and key, as in docs/project-config.md. */
  settings?: Record<string, Record<string, Value | Value[]>>;
  /** What the model should look at in files that match a glob. */
  instructions?: Array<{ files: string; text: string }>;
}

/** What a key takes, and whether it may stand several times. */
interface Setting {
  takes: string;
  fits: (value: Value) => boolean;
  list?: boolean;
}

const flag: Setting = { takes: 'true or false', fits: v => typeof v === 'boolean' };
const text: Setting = {
  takes: 'a text of 1 to 500 characters in one line',
  fits: v => typeof v === 'string' && v.length <= 500 && /^[^\p{Cc}]+$/u.test(v),
};
const texts: Setting = { ...text, list: true };

function oneOf(...values: string[]): Setting {
  return { takes: values.join(', '), fits: v => typeof v === 'string' && values.includes(v) };
}

function whole(least: number, most: number): Setting {
  return {
    takes: `a whole number from ${least} to ${most}`,
    fits: v => Number.isSafeInteger(v) && Number(v) >= least && Number(v) <= most,
  };
}

const count = whole(0, 2 ** 40);
const money: Setting = {
  takes: 'an amount such as 12.50',
  fits: v => typeof v !== 'boolean' && /^\d{1,9}(\.\d{1,6})?$/.test(String(v)),
};
const pii = oneOf(
  'email',
  'phone',
  'ip',
  'card',
  'iban',
  'national-id',
  'home-path',
  'person',
  'all',
  'none',
);

/**
 * The keys of the file. `mode` and `instructions` are inputs of their own, and `forbid` is for
 * parents. What fits here and not there, the assistant tells on the change.
 */
export const SETTINGS: Record<string, Record<string, Setting>> = {
  'review-assistant': {
    branch: texts,
    exclude: texts,
    excludeOwner: texts,
    notify: oneOf('none', 'owner', 'owner-reviewers', 'all'),
  },
  model: {
    profile: text,
    allow: texts,
    dataClass: oneOf('public', 'internal', 'restricted'),
    maxCalls: whole(1, 4),
  },
  summary: {
    enabled: flag,
    language: text,
    guide: texts,
    inline: whole(0, 5),
    inlineSeverity: oneOf('high', 'medium', 'low'),
    wip: flag,
  },
  scrub: {
    sensitivePath: texts,
    noModelPath: texts,
    pattern: texts,
    pii: { ...pii, list: true },
    comment: flag,
    allow: texts,
  },
  reviewers: { enabled: flag, add: oneOf('never', 'cc', 'reviewer'), max: whole(0, 5) },
  builds: {
    enabled: flag,
    ciAccount: { ...whole(1, Number.MAX_SAFE_INTEGER), list: true },
    label: text,
    pattern: texts,
  },
  budget: {
    tokensPerDay: count,
    tokensPerMonth: count,
    moneyPerMonth: money,
    tokensPerChange: count,
  },
};

/** Writes the file. What does not fit is an InputError that names the key and what it takes. */
export function writeFile(wish: Wish): string {
  const sections: Record<string, string[]> = { 'review-assistant': [`mode = ${wish.mode}`] };
  for (const [section, keys] of Object.entries(wish.settings ?? {})) {
    for (const [key, given] of Object.entries(keys)) {
      const lines = (sections[section] ??= []);
      lines.push(...valuesOf(section, key, given).map(v => `${key} = ${quoted(String(v))}`));
    }
  }
  const instructions = wish.instructions ?? [];
  if (instructions.length > MAX_INSTRUCTIONS) {
    throw new InputError(
      `instructions: ${instructions.length} are too many; keep ${MAX_INSTRUCTIONS}`,
    );
  }
  for (const i of instructions) {
    if (!text.fits(i.files) || !text.fits(i.text)) {
      throw new InputError(`instructions: files and text each take ${text.takes}`);
    }
    (sections[`instructions ${escaped(i.files)}`] ??= []).push(`text = ${quoted(i.text)}`);
  }
  const body = Object.entries(sections).map(([name, lines]) =>
    [`[${name}]`, ...lines.map(line => `\t${line}`), ''].join('\n'),
  );
  const file = body.join('');
  if (Buffer.byteLength(file) > MAX_FILE) {
    throw new InputError(`settings: the file would have more than ${MAX_FILE} bytes; shorten them`);
  }
  return file;
}

function valuesOf(section: string, key: string, given: Value | Value[]): Value[] {
  const name = `settings.${section}.${key}`;
  const keys = Object.hasOwn(SETTINGS, section) ? SETTINGS[section] : undefined;
  if (!keys) {
    const known = Object.keys(SETTINGS).join(', ');
    throw new InputError(`${name}: there is no such section; write one of ${known}`);
  }
  if (!Object.hasOwn(keys, key)) {
    const known = Object.keys(keys).join(', ');
    throw new InputError(`${name}: there is no such setting; write one of ${known}`);
  }
  const setting = keys[key];
  const values = Array.isArray(given) ? given : [given];
  if (values.length > (setting.list ? MAX_VALUES : 1)) {
    const most = setting.list ? `at most ${MAX_VALUES} values` : 'one value';
    throw new InputError(`${name}: has ${values.length} values; write ${most}`);
  }
  if (!values.every(setting.fits)) {
    throw new InputError(`${name}: the value does not fit; write ${setting.takes}`);
  }
  return values;
}

/** Quotes a value of git-config where it has to be. */
function quoted(value: string): string {
  return /^[\w./*@-]+$/.test(value) ? value : escaped(value);
}

function escaped(value: string): string {
  return `"${value.replace(/[\\"]/g, '\\$&')}"`;
}
