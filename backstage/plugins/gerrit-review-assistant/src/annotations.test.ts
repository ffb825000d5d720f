// SPDX-License-Identifier: Apache-2.0
import { component } from './__testUtils__/fixtures';
import { isGerritReviewAssistantAvailable } from './annotations';

const gitiles = 'url:https://gerrit.example/plugins/gitiles/team/pay/+/refs/heads/main/';

describe('isGerritReviewAssistantAvailable', () => {
  it.each([
    ['the annotation', { 'review-assistant/project': 'team/pay' }, true],
    ['a source in Gitiles', { 'backstage.io/source-location': gitiles }, true],
    ['a catalog file in Gitiles', { 'backstage.io/managed-by-location': gitiles }, true],
    [
      'a source elsewhere',
      { 'backstage.io/source-location': 'url:https://git.example/a/b' },
      false,
    ],
    ['an empty annotation', { 'review-assistant/project': '' }, false],
    ['nothing', {}, false],
  ])('with %s', (_name, annotations, want) => {
    expect(isGerritReviewAssistantAvailable(component('pay', annotations))).toBe(want);
  });

  it('does not take the file that a group is written in for its code', () => {
    const group = {
      ...component('team', { 'backstage.io/managed-by-location': gitiles }),
      kind: 'Group',
    };
    expect(isGerritReviewAssistantAvailable(group)).toBe(false);
  });
});
