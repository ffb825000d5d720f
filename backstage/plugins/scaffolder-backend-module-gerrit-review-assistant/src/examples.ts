// SPDX-License-Identifier: Apache-2.0
import { TemplateExample } from '@backstage/plugin-scaffolder-node';

/** Examples that Backstage shows at /create/actions. */
export const examples: TemplateExample[] = [
  {
    description: 'Let a project try the assistant: it computes, and posts nothing',
    example: `steps:
  - id: opt-in
    name: Open the change
    action: gerrit:review-assistant:opt-in
    input:
      repoUrl: gerrit.example.com?repo=infra/dns
`,
  },
  {
    description: 'Switch it on, with summaries in German and a reviewer',
    example: `steps:
  - id: opt-in
    name: Open the change
    action: gerrit:review-assistant:opt-in
    input:
      host: gerrit.example.com
      project: infra/dns
      mode: 'on'
      settings:
        summary:
          language: de
        review-assistant:
          exclude: ['**/*.pb.go']
      instructions:
        - files: pay/**
          text: Amounts are integers of the smallest unit.
      reviewers: [jane]
`,
  },
];
