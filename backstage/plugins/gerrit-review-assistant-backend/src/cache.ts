// SPDX-License-Identifier: Apache-2.0
import { Answer } from './api';

type Ask = (path: string, headers: Record<string, string>) => Promise<Answer | undefined>;

/**
 * Keeps what each person was last answered, to be spared the body when it is
 * still the same. It never spares the question: what Gerrit shows the person is
 * looked at before each answer. What one person was answered nobody else is
 * given. Nor is a question answered with that of an earlier one, though it be open
 * still: whoever was told that something moved asks for what is there since.
 */
export class PersonalCache {
  private readonly kept = new Map<string, Answer>();
  private size = 0;

  constructor(
    private readonly ask: Ask,
    /** In bytes of bodies; those that were asked for longest ago go first. */
    private readonly maxSize: number,
  ) {}

  async get(user: string, path: string, headers: Record<string, string>): Promise<Answer> {
    const key = JSON.stringify([user, path]);
    const before = this.take(key);
    const condition = before?.etag ? { 'if-none-match': before.etag } : undefined;
    // A 304 answers only a condition, and so only what was kept before.
    const answer = (await this.ask(path, { ...headers, ...condition })) ?? before!;
    this.keep(key, answer);
    return answer;
  }

  // Whoever is refused meanwhile leaves nothing behind: it is taken out first.
  private take(key: string): Answer | undefined {
    const answer = this.kept.get(key);
    if (answer) {
      this.kept.delete(key);
      this.size -= weight(key, answer);
    }
    return answer;
  }

  private keep(key: string, answer: Answer) {
    this.take(key); // of a question that was asked at the same time
    if (!answer.etag) {
      return;
    }
    this.kept.set(key, answer);
    this.size += weight(key, answer);
    for (const oldest of this.kept.keys()) {
      if (this.size <= this.maxSize) {
        break;
      }
      this.take(oldest);
    }
  }
}

// A small body costs its entry too.
function weight(key: string, answer: Answer): number {
  return answer.body.length + 2 * key.length + 500;
}
