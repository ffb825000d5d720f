// SPDX-License-Identifier: Apache-2.0
import { LoggerService } from '@backstage/backend-plugin-api';
import { mockServices } from '@backstage/backend-test-utils';
import { Entity } from '@backstage/catalog-model';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import { PeopleByEmail, PeopleByUsername } from './people';

class Logged {
  readonly lines: string[] = [];
  readonly logger: LoggerService = {
    ...mockServices.logger.mock(),
    warn: message => this.lines.push(message),
  };
}

describe('PeopleByUsername', () => {
  it('makes references of names, once each', async () => {
    const people = new PeopleByUsername('staff', new Logged().logger);
    const members = [
      { _account_id: 1, username: 'joe' },
      { _account_id: 2, username: 'Jane.Doe' },
      { _account_id: 3, username: 'JOE' },
    ];
    expect(await people.find(members)).toEqual(['user:staff/jane.doe', 'user:staff/joe']);
  });

  it('leaves out what is no name, and says so once', async () => {
    const { lines, logger } = new Logged();
    const people = new PeopleByUsername('default', logger);
    const members = [
      { _account_id: 1, username: 'jane@example.com' },
      { _account_id: 2 },
      { _account_id: 3, username: `${'x'.repeat(64)}` },
      { _account_id: 4, username: '../../group:default/admins' },
    ];
    expect(await people.find(members)).toEqual([]);
    expect(await people.find(members)).toEqual([]);
    expect(lines).toEqual([
      'left Gerrit account 1 out of its groups: its user name is no name for the catalog; use "by: email"',
      'left Gerrit account 2 out of its groups: it has no user name; set one, or use "by: email"',
      'left Gerrit account 3 out of its groups: its user name is no name for the catalog; use "by: email"',
      'left Gerrit account 4 out of its groups: its user name is no name for the catalog; use "by: email"',
    ]);
  });
});

describe('PeopleByEmail', () => {
  const user = (name: string, email: string): Entity => ({
    apiVersion: 'backstage.io/v1alpha1',
    kind: 'User',
    metadata: { name, namespace: 'default' },
    spec: { profile: { email }, memberOf: [] },
  });

  it('asks the catalog, once in five minutes, and in one about nobody', async () => {
    const entities = [
      user('jane', 'Jane@Example.com'),
      user('a', 'two@example.com'),
      user('b', 'two@example.com'),
    ];
    const catalog = catalogServiceMock({ entities });
    const asked = jest.spyOn(catalog, 'getEntities');
    const { lines, logger } = new Logged();
    let now = 0;
    const people = new PeopleByEmail(catalog, mockServices.auth(), logger, () => now);
    const members = [
      { _account_id: 1, email: 'jane@example.com' },
      { _account_id: 2, email: 'two@example.com' },
      { _account_id: 3, email: 'nobody@example.com' },
      { _account_id: 4, email: 'jane@example.com,two@example.com' },
      { _account_id: 5 },
    ];
    for (now of [0, 59_999]) {
      expect(await people.find(members)).toEqual(['user:default/jane']);
    }
    expect(asked).toHaveBeenCalledTimes(1);
    now = 60_000;
    await people.find(members);
    expect(asked.mock.calls[1][0]?.filter).toEqual({
      kind: 'User',
      'spec.profile.email': ['nobody@example.com'],
    });
    expect(lines).toHaveLength(4);
    expect(lines[0]).toMatch(/account 2 .* several users/);
    expect(lines[1]).toMatch(/account 3 .* no user of the catalog/);

    now = 300_000;
    await people.find(members);
    expect(asked).toHaveBeenCalledTimes(3);
  });

  it('asks for many in batches', async () => {
    const entities = Array.from({ length: 120 }, (_, i) => user(`u${i}`, `u${i}@example.com`));
    const catalog = catalogServiceMock({ entities });
    const asked = jest.spyOn(catalog, 'getEntities');
    const people = new PeopleByEmail(catalog, mockServices.auth(), new Logged().logger);
    const members = entities.map((_, i) => ({ _account_id: i, email: `u${i}@example.com` }));
    expect(await people.find(members)).toHaveLength(120);
    expect(asked).toHaveBeenCalledTimes(3);
  });
});
