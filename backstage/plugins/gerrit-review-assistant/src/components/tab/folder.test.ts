// SPDX-License-Identifier: Apache-2.0
import { component } from '../../__testUtils__/fixtures';
import { isFolder } from './folder';

describe('isFolder', () => {
  const project = { 'review-assistant/project': 'team/pay' };
  const at = (rest: string) => ({
    'backstage.io/source-location': `url:https://gerrit.example/team/pay/+/${rest}`,
  });
  it.each([
    [project, false],
    [{ ...project, 'review-assistant/path': '/' }, false],
    [{ ...project, 'review-assistant/path': 'services/pay' }, true],
    [{ ...project, ...at('main/services/pay/') }, false],
    [at('refs/heads/main/'), false],
    [at('refs/heads/main/catalog-info.yaml'), false],
    [at('refs/heads/main/services/pay/'), true],
    [at('main/services/catalog-info.yaml'), true],
    [{}, false],
  ])('%j', (annotations, want) => {
    expect(isFolder(component('pay', annotations))).toBe(want);
  });
});
