// SPDX-License-Identifier: Apache-2.0
//
// Bundles each entry of the package as an app does, without what the app has
// already, prints how large it is compressed, and fails above the limit.
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const limit = 120_000; // bytes, compressed
const root = fileURLToPath(new URL('..', import.meta.url));
const { peerDependencies } = JSON.parse(readFileSync(`${root}package.json`, 'utf8'));
// An app has React, the router and Backstage itself.
const external = [...Object.keys(peerDependencies), 'react/*', 'react-dom/*', '@backstage/*'];

let failed = false;
for (const entry of ['src/index.ts', 'src/legacy.tsx']) {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: [entry],
    outdir: 'out',
    bundle: true,
    splitting: true,
    minify: true,
    write: false,
    format: 'esm',
    target: 'es2022',
    jsx: 'automatic',
    external,
    define: { 'process.env.NODE_ENV': '"production"' },
  });
  const plain = outputFiles.reduce((sum, file) => sum + file.contents.byteLength, 0);
  const small = outputFiles.reduce((sum, file) => sum + gzipSync(file.contents).byteLength, 0);
  process.stdout.write(
    `${entry}: ${kilo(small)} KB compressed, ${kilo(plain)} KB plain, ${outputFiles.length} files\n`,
  );
  if (small > limit) {
    process.stderr.write(
      `${entry} is larger than ${kilo(limit)} KB; look for a dependency that is new\n`,
    );
    failed = true;
  }
}
process.exitCode = failed ? 1 : 0;

function kilo(bytes) {
  return (bytes / 1000).toFixed(1);
}
