// SPDX-License-Identifier: Apache-2.0
import fs from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { changeParameters, eventsParameters, lists, reviewsParameters } from './requests';

const file = path.join(__dirname, '../../../../server/openapi.yaml');
const api = parse(fs.readFileSync(file, 'utf8'));

// The parameters in the address that the document of the API has.
function documented(route: string): string[] {
  const parameters: { $ref?: string; in?: string; name?: string }[] =
    api.paths[route].get.parameters ?? [];
  return parameters
    .map(({ $ref, ...own }) => ($ref ? api.components.parameters[$ref.split('/').pop()!] : own))
    .filter(parameter => parameter.in === 'query')
    .map(parameter => parameter.name)
    .sort();
}

it.each<[string, string[]]>([
  ['/me', []],
  ['/me/reviews', reviewsParameters],
  ['/changes/{id}', changeParameters],
  ['/components/{kind}/{namespace}/{name}/changes/{id}', changeParameters],
  ['/events', eventsParameters],
  ...Object.entries(lists).map(([list, known]): [string, string[]] => [
    `/components/{kind}/{namespace}/{name}/${list}`,
    known,
  ]),
])('%s lets through what the API knows', (route, known) => {
  expect([...known].sort()).toEqual(documented(route));
});
