// SPDX-License-Identifier: Apache-2.0
import type { Entity } from '@backstage/catalog-model';
import type {
  Activity,
  Mode,
} from '@review-assistant/backstage-plugin-gerrit-review-assistant-common';
import { screen } from '@testing-library/react';
import { FakeAssistant } from '../../../__testUtils__/fakeApi';
import { component } from '../../../__testUtils__/fixtures';
import { renderPart } from '../../../__testUtils__/render';
import type { ChangesOptions } from '../../../api';
import { EntityReviewAssistantContent } from '../EntityReviewAssistantContent';
import { cluster, detail, row } from '../../list/__testUtils__/rows';

/** An assistant with so many changes, which it gives page by page, and details of each. */
export function withChanges(rows: ReturnType<typeof row>[], mode?: Mode): FakeAssistant {
  const api = new FakeAssistant();
  api.answers.changes = (_ref: string, { cursor, limit = 25 }: ChangesOptions) => {
    const from = Number(cursor ?? 0);
    const to = from + limit;
    return { mode, changes: rows.slice(from, to), next: to < rows.length ? String(to) : null };
  };
  api.answers.change = (id: string) => detail(Number(id.split('~')[1]), { id });
  return api;
}

/** Something that was decided, for tests. */
export function decision(): Activity {
  const [outcome] = detail(1).outcomes;
  const url = 'https://gerrit.example/1';
  return { ...outcome, seq: 1, change: 'main/team/pay~1', subject: 'Change 1', url };
}

/** An assistant that has something for each part of the tab, of a project that uses it so. */
export function withAll(mode?: Mode): FakeAssistant {
  const api = withChanges([row(1), row(2, { summary: null, state: 'skipped' })], mode);
  api.answers.failures = { mode, clusters: [cluster()] };
  api.answers.branches = { mode, branches: [{ branch: 'main', open: 2, ready: 1, build: null }] };
  api.answers.activity = { mode, activity: [decision()], next: null };
  return api;
}

/** An assistant that has nothing for any part of the tab. */
export function withNothing(mode?: Mode): FakeAssistant {
  const api = withChanges([], mode);
  api.answers.failures = { mode, clusters: [] };
  api.answers.branches = { mode, branches: [] };
  api.answers.activity = { mode, activity: [], next: null };
  return api;
}

/** The query of an address, with the plugin's names before what is said. */
export const query = (said: string) => said.replace(/([?&])/g, '$1review-assistant.');

/** Opens the tab of the entity "pay", at a view, behind a history. */
export async function openTab(
  api: FakeAssistant,
  view = '',
  options: { at?: string[]; pseudo?: boolean; entity?: Entity } = {},
) {
  const { at = [`/${query(view)}`], pseudo, entity = component() } = options;
  renderPart(<EntityReviewAssistantContent />, { api, entity, at, pseudo });
  return screen.findByRole('tablist');
}
