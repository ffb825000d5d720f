// SPDX-License-Identifier: Apache-2.0
// Writes the TypeScript of our pages to snippets/, each piece to a file of the
// name in its first line, so that tsc tells of one that would not compile.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';

const root = join(import.meta.dirname, '..');
const docs = join(root, '..', 'docs');
const pages = [
  ...readdirSync(join(root, 'plugins')).map(name => [
    name,
    join(root, 'plugins', name, 'README.md'),
  ]),
  ...['backstage', 'backstage-catalog'].map(name => [name, join(docs, `${name}.md`)]),
];
// What a piece of packages/backend/src/index.ts has above it.
const above = `declare const backend: ReturnType<typeof import('@backstage/backend-defaults').createBackend>;\n`;

let count = 0;
rmSync(join(root, 'snippets'), { recursive: true, force: true });
for (const [name, page] of pages) {
  const folder = join(root, 'snippets', name);
  mkdirSync(folder, { recursive: true });
  for (const [, kind, text] of readFileSync(page, 'utf8').matchAll(/^```(tsx?)\n(.*?)^```$/gms)) {
    const [, named = `snippet.${kind}`] = /^\/\/ (\S+\.tsx?)\n/.exec(text) ?? [];
    let file = join(folder, basename(named));
    for (let n = 2; existsSync(file); n++) {
      file = join(folder, basename(named).replace('.', `-${n}.`));
    }
    const whole = /\bbackend\b(?=\.add)/.test(text) ? above + text : text;
    writeFileSync(file, /^(im|ex)port /m.test(text) ? whole : `${whole}export {};\n`);
    count++;
  }
}
console.log(`${count} pieces of TypeScript in our pages`);
process.exitCode = count > 0 ? 0 : 1;
