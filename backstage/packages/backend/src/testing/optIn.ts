// SPDX-License-Identifier: Apache-2.0
import { ConfigReader } from '@backstage/config';
import { ScmIntegrations } from '@backstage/integration';
import { createOptInAction } from '@review-assistant/backstage-plugin-scaffolder-backend-module-gerrit-review-assistant';

// Runs the scaffolder action once: configuration and input are JSON arguments,
// the output is printed as JSON.
const [config, input] = process.argv.slice(2).map(text => JSON.parse(text));
const integrations = ScmIntegrations.fromConfig(new ConfigReader(config));
const output: Record<string, unknown> = {};
const log = (text: string) => process.stderr.write(`${text}\n`);
const context = {
  input,
  logger: { debug: log, info: log, warn: log, error: log, child: () => context.logger },
  user: { ref: 'user:default/jane' },
  output: (name: string, value: unknown) => {
    output[name] = value;
  },
};

createOptInAction({ integrations })
  .handler(context as never)
  .then(
    () => process.stdout.write(JSON.stringify(output)),
    error => {
      log(String(error));
      process.exitCode = 1;
    },
  );
