// SPDX-License-Identifier: Apache-2.0
import { ConfigReader } from '@backstage/config';
import { JsonObject } from '@backstage/types';
import { readProviderConfigs } from './config';

const UUID = '59b92f35489e62c80d1ab1bf0c2d17843038df8b';
const ACCOUNT = { username: 'portal', password: 'secret' };

function read(provider: JsonObject, account: JsonObject = ACCOUNT) {
  const gerrit = { host: 'g.example.com', gitilesBaseUrl: 'https://g.example.com/git', ...account };
  return readProviderConfigs(
    new ConfigReader({
      integrations: { gerrit: [gerrit] },
      catalog: { providers: { gerritGroups: { main: { host: 'g.example.com', ...provider } } } },
    }),
  );
}

describe('readProviderConfigs', () => {
  it('reads nothing where nothing is', () => {
    expect(readProviderConfigs(new ConfigReader({}))).toEqual([]);
  });

  it('has defaults', () => {
    const [provider] = read({ groups: [{ name: 'Release Managers (EU)' }] });
    expect(provider).toMatchObject({
      id: 'main',
      namespace: 'default',
      by: 'username',
      frequency: 20_000,
      timeout: 10_000,
      gerrit: { baseUrl: 'https://g.example.com' },
      groups: [
        {
          id: 'Release Managers (EU)',
          name: 'release-managers-eu',
          ref: 'group:default/release-managers-eu',
        },
      ],
    });
  });

  it('reads everything', () => {
    const [provider] = read({
      groups: [{ uuid: UUID.toUpperCase(), as: 'Releasers', title: 'Those who release' }],
      namespace: 'gerrit',
      members: { by: 'email' },
      schedule: { frequency: { seconds: 5 }, timeout: '3s' },
    });
    expect(provider).toMatchObject({
      namespace: 'gerrit',
      by: 'email',
      frequency: 5_000,
      timeout: 3_000,
      groups: [
        {
          id: UUID,
          uuid: UUID,
          name: 'Releasers',
          title: 'Those who release',
          ref: 'group:gerrit/releasers',
        },
      ],
    });
  });

  const group = { name: 'Releasers' };
  it.each<[string, JsonObject, RegExp]>([
    [
      'another host',
      { host: 'x.example.com', groups: [group] },
      /host: no entry of integrations.gerrit .* add one/,
    ],
    ['no groups', { groups: [] }, /groups: has 0 groups; list 1 to 100/],
    [
      'too many groups',
      { groups: Array.from({ length: 101 }, (_, i) => ({ name: `g${i}` })) },
      /has 101 groups/,
    ],
    ['neither name nor uuid', { groups: [{ as: 'x' }] }, /groups\[0\]: needs either name or uuid/],
    ['both', { groups: [{ name: 'x', uuid: UUID, as: 'x' }] }, /needs either name or uuid/],
    ['a uuid without a name', { groups: [{ uuid: UUID }] }, /groups\[0\].as: is missing/],
    [
      'a group of LDAP',
      { groups: [{ uuid: 'ldap:cn=x', as: 'x' }] },
      /groups\[0\].uuid: is not the UUID/,
    ],
    [
      'a bad name',
      { groups: [{ name: 'x', as: 'x/y' }] },
      /groups\[0\].as: "x\/y" is no name for the catalog/,
    ],
    [
      'nothing left of a name',
      { groups: [{ name: '发布' }] },
      /"" is no name for the catalog; set "as"/,
    ],
    [
      'a name twice',
      { groups: [group, { name: 'x', as: 'RELEASERS' }] },
      /group:default\/releasers is mapped twice/,
    ],
    ['a bad namespace', { groups: [group], namespace: 'a/b' }, /namespace: "a\/b" is no namespace/],
    [
      'another way',
      { groups: [group], members: { by: 'name' } },
      /members.by: "name" is not known/,
    ],
    [
      'a slow schedule',
      { groups: [group], schedule: { frequency: '50s' } },
      /schedule: .* sum at 40 or less/,
    ],
    [
      'a fast schedule',
      { groups: [group], schedule: { frequency: '1ms' } },
      /both at 1 second or more/,
    ],
  ])('refuses %s', (_, provider, message) => {
    expect(() => read(provider)).toThrow(message);
  });

  it('refuses a Gerrit without an account', () => {
    expect(() => read({ groups: [group] }, {})).toThrow(/add username and password/);
  });
});
