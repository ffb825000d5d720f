// SPDX-License-Identifier: Apache-2.0
import type { HumanDuration } from '@backstage/types';

export interface Config {
  /** How Backstage reaches the Gerrit review assistant. */
  gerritReviewAssistant?: {
    /**
     * Where the assistant is, without /api/v1, such as
     * https://review-assistant.example.com.
     */
    baseUrl: string;
    /**
     * How people are told to the assistant. service, the default: by the secret
     * of this Backstage and the person's name beside it. user-token: by the
     * token that Backstage gave the person; no secret is shared then.
     */
    auth?: 'service' | 'user-token';
    /**
     * The secret of this Backstage at the assistant (identity.services there),
     * of at least 16 characters; needed unless auth is user-token. A new value
     * counts from the moment that the configuration is reloaded.
     *
     * @visibility secret
     */
    serviceToken?: string;
    /** For how long an answer is waited for; 10 seconds by default. */
    timeout?: string | HumanDuration;
    /**
     * Certificates (PEM) that the assistant's is checked against, instead of
     * those that Node.js knows.
     */
    ca?: string;
  };
}
