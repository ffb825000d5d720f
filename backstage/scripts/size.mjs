// SPDX-License-Identifier: Apache-2.0
// Fails when what the frontend plugin brings to an app has more than 120 KB
// after gzip: its own code, as it is built, and what no Backstage app has anyway.
import { build } from 'esbuild';
import { gzipSync } from 'node:zlib';

const limit = 120_000; // bytes
const folder = new URL('../plugins/gerrit-review-assistant/', import.meta.url).pathname;
const { outputFiles } = await build({
  absWorkingDir: folder,
  entryPoints: ['dist/index.esm.js', 'dist/legacy.esm.js'],
  bundle: true,
  minify: true,
  splitting: true,
  format: 'esm',
  outdir: 'nowhere',
  write: false,
  logLevel: 'error',
  external: ['@backstage/*', 'react', 'react-dom', 'react-router-dom'],
});
const size = outputFiles.reduce((sum, file) => sum + gzipSync(file.contents).length, 0);
console.log(
  `the frontend plugin has ${(size / 1000).toFixed(1)} KB after gzip, at most ${limit / 1000}`,
);
process.exitCode = size > limit ? 1 : 0;
