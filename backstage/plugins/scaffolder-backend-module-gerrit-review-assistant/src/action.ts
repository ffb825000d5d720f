// SPDX-License-Identifier: Apache-2.0
import { InputError } from '@backstage/errors';
import { ScmIntegrationRegistry } from '@backstage/integration';
import {
  createTemplateAction,
  parseRepoUrl,
  TemplateAction,
} from '@backstage/plugin-scaffolder-node';
import { examples } from './examples';
import { GerritClient } from './gerrit';
import { optIn } from './optIn';
import { writeFile } from './settings';

/** The input of the action. @public */
export type OptInInput = {
  repoUrl?: string;
  host?: string;
  project?: string;
  mode?: 'shadow' | 'on';
  settings?: Record<
    string,
    Record<string, string | number | boolean | (string | number | boolean)[]>
  >;
  instructions?: { files: string; text: string }[];
  reviewers?: string[];
};

/** The output of the action. @public */
export type OptInOutput = {
  outcome: 'opened' | 'open' | 'unchanged' | 'dry-run';
  changeUrl?: string;
  changeId?: string;
};

/**
 * Makes the scaffolder action `gerrit:review-assistant:opt-in`: it opens a change on
 * `refs/meta/config` that brings the project's `review-assistant.config`, as the account of
 * `integrations.gerrit`. An owner of the project submits it, or does not.
 *
 * @public
 */
export function createOptInAction(options: {
  integrations: ScmIntegrationRegistry;
}): TemplateAction<OptInInput, OptInOutput, 'v2'> {
  const { integrations } = options;
  return createTemplateAction({
    id: 'gerrit:review-assistant:opt-in',
    description: 'Opens a change by which a Gerrit project opts in to the review assistant',
    examples,
    supportsDryRun: true,
    schema: {
      input: {
        repoUrl: z =>
          z
            .string()
            .max(1000)
            .describe('The repository as RepoUrlPicker gives it: HOST?repo=PROJECT')
            .optional(),
        host: z =>
          z
            .string()
            .max(255)
            .describe('Host in integrations.gerrit, when there is no repoUrl')
            .optional(),
        project: z =>
          z.string().max(500).describe('Name of the project, when there is no repoUrl').optional(),
        mode: z =>
          z
            .enum(['shadow', 'on'])
            .describe('shadow: compute and show to the owners, post nothing (default); on: post')
            .optional(),
        settings: z => {
          const value = z.union([z.string().max(500), z.number(), z.boolean()]);
          return z
            .record(z.record(z.union([value, z.array(value).max(50)])))
            .describe('More of the file, by section and key')
            .optional();
        },
        instructions: z =>
          z
            .array(z.object({ files: z.string().max(500), text: z.string().max(500) }))
            .max(20)
            .describe('What the model should look at in files that match a glob')
            .optional(),
        reviewers: z =>
          z
            .array(z.string().min(1).max(254))
            .max(10)
            .describe('User names, e-mail addresses or groups of Gerrit to add as reviewers')
            .optional(),
      },
      output: {
        outcome: z =>
          z
            .enum(['opened', 'open', 'unchanged', 'dry-run'])
            .describe('opened; open: such a change was there; unchanged: the file was there'),
        changeUrl: z => z.string().describe('Page of the change, if there is one').optional(),
        changeId: z => z.string().describe('PROJECT~NUMBER of the change').optional(),
      },
    },
    async handler(ctx) {
      const input = { ...ctx.input, mode: ctx.input.mode ?? 'shadow' };
      const { host, project } = placeOf(input, integrations);
      // They stand in the log when Gerrit does not take them.
      if (input.reviewers?.some(name => /\p{Cc}/u.test(name))) {
        throw new InputError('reviewers: a name has a control character; write it in one line');
      }
      const config = integrations.gerrit.byHost(host)?.config;
      if (!config) {
        const known = integrations.gerrit.list().map(i => i.config.host);
        throw new InputError(
          `Cannot opt ${project} in: integrations.gerrit has no host ${host}; use ${known.join(', ') || 'one that is added there'}`,
        );
      }
      if (!config.username || !config.password) {
        throw new InputError(
          `Cannot opt ${project} in: integrations.gerrit has no account for ${host}; ask the operator of Backstage to set username and password there`,
        );
      }
      const by = ctx.user?.ref ? ` by ${ctx.user.ref}` : '';
      const result = await optIn({
        client: new GerritClient(config, ctx.signal),
        logger: ctx.logger,
        baseUrl: config.baseUrl!,
        project,
        file: writeFile(input),
        message: `Opt in to the review assistant\n\nAsked for in Backstage${by}, with mode ${input.mode}.\n`,
        reviewers: input.reviewers ?? [],
        dryRun: ctx.isDryRun ?? false,
      });
      ctx.output('outcome', result.outcome);
      ctx.output('changeUrl', result.changeUrl);
      ctx.output('changeId', result.changeId);
    },
  });
}

function placeOf(
  input: { repoUrl?: string; host?: string; project?: string },
  integrations: ScmIntegrationRegistry,
): { host: string; project: string } {
  if (input.repoUrl !== undefined && (input.host ?? input.project) !== undefined) {
    throw new InputError('repoUrl stands beside host and project; write either');
  }
  const { host, repo: project } =
    input.repoUrl === undefined
      ? { host: input.host, repo: input.project }
      : parseRepoUrl(input.repoUrl, integrations);
  if (!host || !project) {
    throw new InputError('the repository is missing; write repoUrl, or host and project');
  }
  // Quotes would end the name in a query, and Gerrit has no such projects.
  if (!/^[^\p{Cc}"\\]+$/u.test(project) || project.split('/').some(s => /^\.{0,2}$/.test(s))) {
    throw new InputError(
      'project: this is no name of a project in Gerrit; write it as Gerrit shows it',
    );
  }
  return { host, project };
}
