// SPDX-License-Identifier: Apache-2.0
import { createApiRef } from '@backstage/frontend-plugin-api';
import type {
  Activities,
  Branches,
  Changes,
  Detail,
  Failures,
  Me,
} from '@review-assistant/backstage-plugin-gerrit-review-assistant-common';

/** What every request takes. @public */
export type RequestOptions = { signal?: AbortSignal };

/** A page of a list: limit is 1 to 100, cursor is `next` of the page before. @public */
export type PageOptions = RequestOptions & { limit?: number; cursor?: string };

/** Which changes, and in which order. @public */
export type ChangesOptions = PageOptions & {
  status?: 'open' | 'merged' | 'abandoned' | 'all';
  /** updated: the newest update first. urgent: what fails or is risky first, on one page. */
  order?: 'updated' | 'urgent';
  /** Without refs/heads/. */
  branch?: string;
  /** Words of the commit message, or a number. */
  search?: string;
};

/** Which summary of a change, and for whom. @public */
export type ChangeOptions = RequestOptions & {
  /** The newest that has a summary when it is missing. */
  patchSet?: number;
  /**
   * The entity whose page shows the change: it has to be one of the entity, and who
   * may see the entity needs no permission for all changes.
   */
  entityRef?: string;
};

/**
 * Something moved. open: the stream stands. change: `change` is to be asked for again.
 * reload: what may be seen moved. reset: events are gone, and the last id with them.
 * @public
 */
export type AssistantEvent = {
  type: 'open' | 'change' | 'reload' | 'reset';
  /** HOST/PROJECT~NUMBER of the change that moved. */
  change?: string;
  /** Where the stream is, for `after` of the next one. */
  id?: string;
};

/**
 * What the assistant knows, as far as Gerrit shows it to the person who is signed in.
 * Entity references are as in the catalog, such as component:default/pay. Every
 * method fails with an AssistantError, or with the signal's reason when it is aborted.
 *
 * The `mode` of an answer says how the project uses the assistant. It is missing where
 * nothing may be told of the project, and from an older assistant: take it for `on`.
 * @public
 */
export interface GerritReviewAssistantApi {
  /** Changes of an entity. */
  changes(entityRef: string, options?: ChangesOptions): Promise<Changes>;
  /** One change with its whole summary; the id is HOST/PROJECT~NUMBER. */
  change(id: string, options?: ChangeOptions): Promise<Detail>;
  /** Open build failures of an entity, the most worth mending first. */
  failures(entityRef: string, options?: RequestOptions & { limit?: number }): Promise<Failures>;
  /** What was decided on an entity's changes, the newest first. */
  activity(entityRef: string, options?: PageOptions): Promise<Activities>;
  /** Branches of an entity, with their last build and how many changes are ready. */
  branches(entityRef: string, options?: RequestOptions): Promise<Branches>;
  /** Open changes that wait for the person, over all entities. */
  reviews(options?: PageOptions): Promise<Changes>;
  /** Who the assistant takes the person for. */
  me(options?: RequestOptions): Promise<Me>;
  /**
   * What moves, of one entity or of all; `after` goes on behind an event's id. It
   * ends when the server ends it, and fails when it cannot be opened or falls silent.
   */
  events(
    entityRef: string | undefined,
    options: { after?: string; signal: AbortSignal },
  ): AsyncIterable<AssistantEvent>;
}

/** What the parts of the plugin ask; an app may put its own in its place. @public */
export const gerritReviewAssistantApiRef = createApiRef<GerritReviewAssistantApi>({
  id: 'plugin.gerrit-review-assistant.service',
});
