// SPDX-License-Identifier: Apache-2.0

/**
 * Answers of the assistant for tests, as its API documents them: a test that
 * shows one shows what the server is tested to send.
 *
 * @packageDocumentation
 */
export type { components } from './generated/api';
export { exampleAnswers, exampleProblems } from './generated/examples';
