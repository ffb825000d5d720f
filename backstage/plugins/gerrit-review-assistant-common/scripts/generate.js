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

// The shapes alone: what the routes are, the backend plugin knows and tests.
async function types({ openapi, info, components: { schemas } }) {
  const nodes = await openapiTS.default({ openapi, info, paths: {}, components: { schemas } });
  const text = openapiTS
    .astToString(nodes)
    // What API Extractor does not know as a tag.
    .replace(/@description /g, '')
    .replace(/\n *(\/\*\* @enum \{string\} \*\/|\* @enum \{string\})/g, '')
    .replace(/^ {4}\w+: never;\n/gm, '')
    .replace(
      'export interface components {',
      `/** The shapes of the API, by the names of its document. @public */\n$&`,
    )
    .replace('    schemas: {', `    /** All of them. */\n$&`);
  return licence + openapiTS.COMMENT_HEADER + text;
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
    answers[get.operationId] = { type: nameOf(json.schema), example: json.example };
  }
  const problems = {};
  for (const [name, { content }] of Object.entries(api.components.responses)) {
    const example = content?.['application/problem+json']?.example;
    if (example) {
      problems[name] = { type: 'Problem', example };
    }
  }
  return `${licence}// Written by scripts/generate.js: do not change it by hand.
import type { components } from './api';

/** One answer of each route for people, by its operation. @public */
export const exampleAnswers${constant(answers)}

/** One error of each sort. @public */
export const exampleProblems${constant(problems)}
`;
}

function nameOf(schema) {
  const { $ref } = schema;
  if (!$ref) {
    throw new Error(
      'an answer has a schema without a name; move it to components in server/openapi.yaml',
    );
  }
  return $ref.replace('#/components/schemas/', '');
}

// The rest of a constant that holds examples: its type and its value.
function constant(examplesByName) {
  const names = Object.keys(examplesByName);
  const each = names.map(
    name => `  ${name}: components['schemas']['${examplesByName[name].type}'];\n`,
  );
  const values = Object.fromEntries(names.map(name => [name, examplesByName[name].example]));
  return `: {\n${each.join('')}} = ${JSON.stringify(values, null, 2)};`;
}

/** The files of src/generated, by name, as a document has them. */
async function generate(text) {
  const api = parse(text);
  return { 'api.ts': await types(api), 'examples.ts': examples(api) };
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
