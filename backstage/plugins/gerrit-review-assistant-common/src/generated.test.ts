// SPDX-License-Identifier: Apache-2.0
import fs from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { command, differing, document, generate } from '../scripts/generate';

const text = fs.readFileSync(document, 'utf8');
const folder = path.join(__dirname, 'generated');

// What the compiler says of examples.ts beside api.ts, with their text instead
// of what is on disk.
function compile(files: Record<string, string>): string[] {
  const options: ts.CompilerOptions = { strict: true, noEmit: true, types: [], skipLibCheck: true };
  const host = ts.createCompilerHost(options);
  const { getSourceFile } = host;
  host.getSourceFile = (name, target) => {
    const content = path.dirname(name) === folder ? files[path.basename(name)] : undefined;
    return content === undefined
      ? getSourceFile(name, target)
      : ts.createSourceFile(name, content, target);
  };
  const program = ts.createProgram([path.join(folder, 'examples.ts')], options, host);
  return ts
    .getPreEmitDiagnostics(program)
    .map(d => ts.flattenDiagnosticMessageText(d.messageText, '\n'));
}

describe('src/generated', () => {
  it('is what the document of the API says', async () => {
    const names = await differing(text);
    expect(names.length ? `${names} differ: run "${command}"` : 'the same').toBe('the same');
  });

  it('is found to differ when the document does', async () => {
    expect(
      await differing(text.replace('title: {type: string}', 'title: {type: integer}')),
    ).toEqual(['api.ts']);
    expect(await differing(text.replace('"subject": "jane"', '"subject": "joe"'))).toContain(
      'examples.ts',
    );
  });

  it('has examples of the types that it has', async () => {
    expect(compile(await generate(text))).toEqual([]);
  });

  it.each([
    [
      'a field that is not described',
      '"subject": "jane"',
      '"subject": "jane", "mail": ""',
      /mail.* does not exist/,
    ],
    ['a field of another type', '"subject": "jane"', '"subject": 7', /'number' is not assignable/],
    ['a missing field', '"subject": "jane",', '', /'subject' is missing/],
    ['a word that is none', '"status": "NEW"', '"status": "DONE"', /"DONE"' is not assignable/],
  ])('refuses an example with %s', async (_, before, after, message) => {
    expect(compile(await generate(text.replace(before, after))).join('\n')).toMatch(message);
  });

  it('wants an example of each answer for people', async () => {
    const without = text.replace(
      /(operationId: me\n[^]*?)example: \{[^}]*\}[^}]*\}/,
      '$1description: none',
    );
    await expect(generate(without)).rejects.toThrow('GET /me has no example');
  });
});
