// SPDX-License-Identifier: Apache-2.0
import { mockServices, startTestBackend } from '@backstage/backend-test-utils';
import { scaffolderActionsExtensionPoint, TemplateAction } from '@backstage/plugin-scaffolder-node';
import { parse } from 'yaml';
import { examples } from './examples';
import scaffolderModule from './index';

describe('scaffolderModuleGerritReviewAssistant', () => {
  it('brings the action', async () => {
    const actions: TemplateAction<any, any, any>[] = [];
    const backend = await startTestBackend({
      extensionPoints: [
        [scaffolderActionsExtensionPoint, { addActions: (...more) => actions.push(...more) }],
      ],
      features: [scaffolderModule, mockServices.rootConfig.factory({ data: {} })],
    });
    await backend.stop();
    expect(actions.map(a => [a.id, a.supportsDryRun])).toEqual([
      ['gerrit:review-assistant:opt-in', true],
    ]);
    const { input, output } = actions[0].schema as any;
    expect(Object.keys(input.properties)).toEqual([
      'repoUrl',
      'host',
      'project',
      'mode',
      'settings',
      'instructions',
      'reviewers',
    ]);
    expect(input.required ?? []).toEqual([]);
    expect(Object.keys(output.properties)).toEqual(['outcome', 'changeUrl', 'changeId']);
    for (const { example } of examples) {
      expect(parse(example).steps[0].action).toBe(actions[0].id);
    }
  });
});
