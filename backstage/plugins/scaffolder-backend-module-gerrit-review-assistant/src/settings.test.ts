// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { SETTINGS, Value, writeFile } from './settings';

const settings = (section: string, key: string, value: Value | Value[]) =>
  writeFile({ mode: 'shadow', settings: { [section]: { [key]: value } } });

describe('writeFile', () => {
  it('knows the keys that docs/project-config.md lists', () => {
    const docs = resolve(__dirname, '../../../../docs/project-config.md');
    const rows = readFileSync(docs, 'utf8').matchAll(/^\| `([\w-]+)\.(\w+)` \|/gm);
    const listed = [...rows].map(([, section, key]) => `${section}.${key}`);
    const known = Object.entries(SETTINGS).flatMap(([s, keys]) =>
      Object.keys(keys).map(k => `${s}.${k}`),
    );
    const own = ['review-assistant.mode', 'review-assistant.forbid'];
    expect([...known, ...own].sort()).toEqual(listed.sort());
  });

  it.each<[string, string, Value | Value[], string]>([
    ['model', 'profile', 'default', 'profile = default'],
    ['summary', 'guide', 'a # b; c', 'guide = "a # b; c"'],
    ['scrub', 'pattern', '\\bX"\\d+', 'pattern = "\\\\bX\\"\\\\d+"'],
    ['summary', 'guide', ' padded ', 'guide = " padded "'],
    ['scrub', 'pii', ['email', 'ip'], 'pii = email\n\tpii = ip'],
    ['budget', 'moneyPerMonth', 12.5, 'moneyPerMonth = 12.5'],
    ['builds', 'enabled', false, 'enabled = false'],
  ])('writes %s.%s', (section, key, value, want) => {
    expect(settings(section, key, value)).toBe(
      `[review-assistant]\n\tmode = shadow\n[${section}]\n\t${want}\n`,
    );
  });

  it.each<[string, string, Value | Value[], RegExp]>([
    [
      'nothing',
      'x',
      1,
      /settings.nothing.x: there is no such section; write one of review-assistant,/,
    ],
    ['__proto__', 'x', 1, /no such section/],
    [
      'summary',
      'colour',
      'red',
      /settings.summary.colour: there is no such setting; write one of enabled,/,
    ],
    ['summary', 'toString', 'x', /no such setting/],
    ['review-assistant', 'mode', 'on', /no such setting/],
    ['review-assistant', 'forbid', true, /no such setting/],
    ['summary', 'enabled', 'true', /write true or false/],
    ['summary', 'guide', 'two\nlines', /in one line/],
    ['summary', 'guide', '', /1 to 500 characters/],
    ['summary', 'guide', 'x'.repeat(501), /1 to 500 characters/],
    ['summary', 'inline', 1.5, /whole number from 0 to 5/],
    ['summary', 'inline', '1', /whole number from 0 to 5/],
    ['summary', 'language', ['de', 'en'], /has 2 values; write one value/],
    ['scrub', 'allow', Array(51).fill('x'), /has 51 values; write at most 50 values/],
    ['budget', 'moneyPerMonth', '1e9', /an amount such as 12.50/],
    ['scrub', 'pii', ['email', 'shoe size'], /write email, phone,/],
    ['builds', 'ciAccount', ['1000042'], /whole number from 1/],
  ])('refuses %s.%s = %j', (section, key, value, message) => {
    const wish = {
      mode: 'shadow' as const,
      settings: Object.fromEntries([[section, { [key]: value }]]),
    };
    expect(() => writeFile(wish)).toThrow(message);
  });

  it('refuses instructions that do not fit', () => {
    const one = { files: 'a', text: 'b' };
    const write = (instructions: Array<{ files: string; text: string }>) => () =>
      writeFile({ mode: 'on', instructions });
    expect(write([{ ...one, files: 'a"]\n[x' }])).toThrow(/files and text each take/);
    expect(write([{ ...one, text: '' }])).toThrow(/files and text each take/);
    expect(write(Array(21).fill(one))).toThrow(/21 are too many; keep 20/);
  });

  it('refuses a file that the assistant would refuse', () => {
    const long = Array(50).fill('x'.repeat(500));
    const scrub = { pattern: long, sensitivePath: long, noModelPath: long };
    expect(() => writeFile({ mode: 'on', settings: { scrub } })).toThrow(/more than 65536 bytes/);
  });
});
