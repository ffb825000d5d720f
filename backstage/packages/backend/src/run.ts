// SPDX-License-Identifier: Apache-2.0
/** Starts a backend. One of which a part does not start ends, with the reason in its log. */
export function run(backend: { start(): Promise<unknown> }) {
  backend.start().catch(error => {
    process.stderr.write(`${error}\n`, () => process.exit(1));
  });
}
