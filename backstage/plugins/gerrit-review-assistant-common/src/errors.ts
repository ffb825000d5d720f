// SPDX-License-Identifier: Apache-2.0

/**
 * The body of every error of the backend plugin, beside the status.
 *
 * @public
 */
export interface GerritReviewAssistantError {
  /** The name of one of Backstage's errors, and what failed. */
  error: { name: string; message: string };
  /** A fixed word for programs: one of the assistant's, or `not-reachable`. */
  reason: string;
  /** What to do about it. */
  next: string;
}
