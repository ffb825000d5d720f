// SPDX-License-Identifier: Apache-2.0
import { BackstageCredentials } from '@backstage/backend-plugin-api';
import { CatalogService } from '@backstage/plugin-catalog-node';

// For how long an entity that was shown counts as shown, in milliseconds: a card
// asks for several lists at once. It adds to the time until a right that was
// taken away is gone.
export const keepFor = 3_000;
const maxKept = 10_000;

/** Tells which entities the catalog shows to whom. */
export class Visibility {
  private readonly shown = new Map<string, { until: number; answer: Promise<boolean> }>();

  constructor(
    private readonly catalog: CatalogService,
    private readonly now: () => number,
  ) {}

  /** Whether the catalog shows the entity to the person. */
  shows(user: string, entity: string, credentials: BackstageCredentials): Promise<boolean> {
    const key = JSON.stringify([user, entity]);
    const kept = this.shown.get(key);
    if (kept && kept.until > this.now()) {
      return kept.answer;
    }
    const answer = this.catalog.getEntityByRef(entity, { credentials }).then(Boolean);
    const entry = { until: this.now() + keepFor, answer };
    this.shown.delete(key);
    this.shown.set(key, entry);
    if (this.shown.size > maxKept) {
      this.shown.delete(this.shown.keys().next().value!);
    }
    // What is not shown is asked for again: it may just have been registered.
    const forget = () => this.shown.get(key) === entry && this.shown.delete(key);
    answer.then(shown => shown || forget(), forget);
    return answer;
  }
}
