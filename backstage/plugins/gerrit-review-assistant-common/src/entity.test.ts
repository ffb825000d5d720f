// SPDX-License-Identifier: Apache-2.0
import { isGerritReviewAssistantAvailable as available, toWire } from '.';

const gitiles = 'url:https://gerrit.example.com/plugins/gitiles/';

function entity(annotations?: Record<string, string>, kind = 'Component') {
  return { apiVersion: 'backstage.io/v1alpha1', kind, metadata: { name: 'pay', annotations } };
}
const at = (location: string) => entity({ 'backstage.io/source-location': location });

describe('isGerritReviewAssistantAvailable', () => {
  // The same addresses as in the test of the assistant's own parser.
  it.each([
    'shop/+/refs/heads/main/',
    'shop/+/refs/heads/main',
    'shop/pay/+/refs/heads/main/libs/ledger/',
    'shop/+/refs/heads/main/catalog-info.yaml',
    'shop/+/refs/heads/release/1.0/libs/',
    'shop/+/refs/heads/release%2F1.0/libs/',
    'shop/+/main/libs/',
    'shop%2Fpay/+/refs/heads/main/',
    'lib%2B%2B/+/refs/heads/main/x/',
    'shop.git/+/HEAD/x/',
    `shop/+/${'a1'.repeat(20)}/x/y/`,
    'shop/+/refs/tags/v1/x/',
    'shop/+/refs/heads/main/a%20b/',
    'shop/+/refs/heads/main/a/./b//c/',
  ])('finds %s', path => {
    expect(available(at(gitiles + path))).toBe(true);
  });

  it.each([
    ['a file', 'file:/etc/passwd'],
    ['another forge', 'url:https://github.com/shop/pay/tree/main/'],
    ['no ref', `${gitiles}shop`],
    ['no branch', `${gitiles}shop/+/refs/heads/`],
    ['a file without a branch', `${gitiles}shop/+/catalog-info.yaml`],
    ['no project', 'url:https://gerrit.example.com/+/refs/heads/main/'],
    ['a way out', `${gitiles}shop/+/refs/heads/main/../../x/`],
    ['a hidden way out', `${gitiles}shop/+/refs/heads/main/%2e%2e/x/`],
    ['a way out of the project', `${gitiles}..%2Fshop/+/refs/heads/main/`],
    ['a bad escape', `${gitiles}shop/+/refs/heads/main/%zz/`],
    ['a control character', `${gitiles}sh%07op/+/refs/heads/main/`],
    ['a bidirectional override', `${gitiles}shop/+/refs/heads/main/%E2%80%AEx/`],
    ['what is not UTF-8', `${gitiles}shop/+/refs/heads/main/%ff/`],
    ['nothing', ''],
    ['too much', `${gitiles}shop/+/refs/heads/main/${'x'.repeat(5000)}`],
  ])('finds nothing in %s', (_, location) => {
    expect(available(at(location))).toBe(false);
  });

  // To look through one takes a time with the square of its length.
  it('reads no address that is longer than the assistant takes', () => {
    const begin = `${gitiles}shop/+/refs/heads/main/`;
    const ofLength = (length: number) => at(begin.padEnd(length, 'x'));
    expect(available(ofLength(4004))).toBe(true);
    expect(available(ofLength(4005))).toBe(false);
  });

  it('takes the annotation first, by both prefixes', () => {
    const elsewhere = {
      'backstage.io/source-location': 'url:https://github.com/shop/pay/tree/main/',
    };
    expect(available(entity({ 'review-assistant/project': 'team/pay', ...elsewhere }))).toBe(true);
    expect(available(entity({ 'gerrit-review-assistant/project': 'team/pay' }))).toBe(true);
    const bad = { 'backstage.io/source-location': `${gitiles}shop/+/HEAD/` };
    expect(available(entity({ 'review-assistant/project': '../pay', ...bad }))).toBe(false);
    expect(
      available(entity({ 'review-assistant/project': 'pay', 'review-assistant/path': 'a/../..' })),
    ).toBe(false);
  });

  it('takes the file that declares it for components alone', () => {
    const declared = {
      'backstage.io/managed-by-location': `${gitiles}shop/+/refs/heads/main/catalog-info.yaml`,
    };
    expect(available(entity(declared))).toBe(true);
    expect(available(entity(declared, 'API'))).toBe(false);
    expect(available(entity({ 'review-assistant/project': 'pay' }, 'API'))).toBe(true);
  });

  it('knows nothing of people, and of what says nothing', () => {
    expect(available(entity({ 'review-assistant/project': 'pay' }, 'User'))).toBe(false);
    expect(available(entity())).toBe(false);
  });
});

describe('toWire', () => {
  it('writes references whole and in lower case', () => {
    expect(toWire('User:default/Jane')).toBe('user:default/jane');
    expect(toWire(entity())).toBe('component:default/pay');
    expect(() => toWire('jane')).toThrow();
  });
});
