// SPDX-License-Identifier: Apache-2.0

// Writes src/generated from the document of the assistant's API. With --check it
// writes nothing, and fails when the files are not what it would write.
const fs = require('node:fs');
const path = require('node:path');
const openapiTS = require('openapi-typescript');
const { parse } = require('yaml');

const here = path.join(__dirname, '..');
const command =
  'yarn workspace @review-assistant/backstage-plugin-gerrit-review-assistant-common generate';

/** Where the API is described. */
const document = path.join(here, '../../../server/openapi.yaml');
const licence = '// SPDX-License-Identifier: Apache-2.0\n';

async function types(text) {
  return `${licence}${openapiTS.COMMENT_HEADER}${openapiTS.astToString(await openapiTS.default(text))}`;
}

/** The examples of the document as a constant each, of the type that they have to have. */
function examples(api) {
  const answers = {};
  for (const [route, { get }] of Object.entries(api.paths)) {
    const json = get?.responses['200']?.content?.['application/json'];
    if (!json || !get.tags.includes('people')) {
      continue;
    }
    if (!json.example) {
      throw new Error(`GET ${route} has no example of its answer; add one to server/openapi.yaml`);
    }
    answers[get.operationId] = json.example;
  }
  const problems = {};
  for (const [name, { content }] of Object.entries(api.components.responses)) {
    const example = content?.['application/problem+json']?.example;
    if (example) {
      problems[name] = example;
    }
  }
  const answerTypes = Object.keys(answers).map(
    id => `  ${id}: operations['${id}']['responses'][200]['content']['application/json'];\n`,
  );
  const problemTypes = Object.keys(problems).map(
    name => `  ${name}: components['schemas']['Problem'];\n`,
  );
  return `${licence}// Written by scripts/generate.js: do not change it by hand.
import type { components, operations } from './api';

/** One answer of each route for people, by its operation. @public */
export const exampleAnswers: {
${answerTypes.join('')}} = ${JSON.stringify(answers, null, 2)};

/** One error of each sort. @public */
export const exampleProblems: {
${problemTypes.join('')}} = ${JSON.stringify(problems, null, 2)};
`;
}

/** The files of src/generated, by name, as a document has them. */
async function generate(text) {
  return { 'api.ts': await types(text), 'examples.ts': examples(parse(text)) };
}

/** The names of the files that are not what the document says. */
async function differing(text) {
  const files = Object.entries(await generate(text));
  return files
    .filter(
      ([name, want]) => fs.readFileSync(path.join(here, 'src/generated', name), 'utf8') !== want,
    )
    .map(([name]) => name);
}

async function main() {
  const text = fs.readFileSync(document, 'utf8');
  if (process.argv.includes('--check')) {
    const names = await differing(text);
    if (names.length) {
      throw new Error(
        `src/generated is not what server/openapi.yaml says (${names}); run "${command}"`,
      );
    }
    return;
  }
  for (const [name, content] of Object.entries(await generate(text))) {
    fs.writeFileSync(path.join(here, 'src/generated', name), content);
  }
}

module.exports = { command, document, differing, generate };

if (require.main === module) {
  main().catch(error => {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  });
}
