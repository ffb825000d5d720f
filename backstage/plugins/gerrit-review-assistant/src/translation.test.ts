// SPDX-License-Identifier: Apache-2.0
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import german, { flatten } from './translation.de';
import { cardMessages } from './components/card/messages';
import { reviewsMessages } from './components/reviews/messages';
import { sharedMessages } from './components/shared/messages';
import { wordGroups } from './components/shared/words';
import { tabMessages } from './components/tab/messages';

const english = flatten({
  shared: sharedMessages,
  card: cardMessages,
  tab: tabMessages,
  reviews: reviewsMessages,
});
const values = (text: string) => (text.match(/{{\w+}}/g) ?? []).sort();

/** Everything in the sources that looks like the name of a message; a part that is filled in is a star. */
function named(): Set<string> {
  const sources = readdirSync(__dirname, { recursive: true, encoding: 'utf8' }).filter(
    name => /\.tsx?$/.test(name) && !/(\.test\.tsx?|messages(\.de)?\.ts)$/.test(name),
  );
  const text = sources.map(name => readFileSync(join(__dirname, name), 'utf8')).join('\n');
  const names = text.matchAll(/['`]((?:shared|card|tab|reviews)\.[^'`\s]+)['`]/g);
  return new Set([...names].map(([, name]) => name.replace(/\$\{[^}]*\}/g, '*')));
}

/** The sentences of the server, by the code of the reason as messages have it. */
function serverReasons(): Record<string, string> {
  const read = (file: string) =>
    readFileSync(resolve(__dirname, '../../../..', file), 'utf8').replace(/\r/g, '');
  const codes = Object.fromEntries(
    ['bot/decide.go', 'bot/policy.go', 'summarize/silence.go']
      .flatMap(file => [...read(file).matchAll(/^\t(\w+)(?: +\w+)? += "([^"]*)"/gm)])
      .map(([, name, code]) => [name, code]),
  );
  const says = /^\t(\w+)(?: \+ ":" \+ string\((?:summarize\.)?(\w+)\))?: +"(.*)",$/gm;
  return Object.fromEntries(
    [...read('bot/says.go').matchAll(says)].map(([, name, end, sentence]) => [
      end ? `${codes[name]}/${codes[end]}` : codes[name],
      sentence,
    ]),
  );
}

describe('translation', () => {
  it('has no message that nothing says', () => {
    const words = Object.keys(wordGroups).map(group => `${group}.*`);
    const patterns = [...named(), ...words].map(name =>
      name.replace(/[.|+()]/g, '\\$&').replaceAll('*', '[^.]+'),
    );
    const known = new RegExp(`^(${patterns.join('|')})(_one|_other)?$`);
    expect(Object.keys(english).filter(key => !known.test(key))).toEqual([]);
  });

  it('has the sentence of the server for each of its reasons', () => {
    const reasons = serverReasons();
    expect(Object.keys(reasons).length).toBeGreaterThan(30);
    expect(sharedMessages.reason).toMatchObject(reasons);
  });

  it('is there for each message', () => {
    expect(Object.keys(german.messages).sort()).toEqual(Object.keys(english).sort());
  });

  it.each(Object.entries(english))('keeps the values of %s', (key, text) => {
    const other = (german.messages as Record<string, string | null>)[key] ?? '';
    expect(other.trim()).not.toBe('');
    expect(values(other)).toEqual(values(text));
  });
});
