// SPDX-License-Identifier: Apache-2.0
import { KubernetesValidatorFunctions, stringifyEntityRef } from '@backstage/catalog-model';
import { Config, readDurationFromConfig } from '@backstage/config';
import { InputError } from '@backstage/errors';
import { GerritIntegrationConfig, ScmIntegrations } from '@backstage/integration';
import { durationToMilliseconds, HumanDuration } from '@backstage/types';
import { MAX_AGE } from './memberships';

const ROOT = 'catalog.providers.gerritGroups';
const MAX_GROUPS = 100;
// What is left of MAX_AGE is for an answer on its way.
const MAX_CYCLE = MAX_AGE - 10_000;

/** A group that is mapped. Nothing of it is taken from Gerrit but the title's default. */
export interface MappedGroup {
  /** Name or UUID, as Gerrit is asked for it. */
  id: string;
  /** Set when the configuration names the UUID: the answer has to be about it. */
  uuid?: string;
  /** Name in the catalog. */
  name: string;
  title?: string;
  /** Entity reference in lower case. */
  ref: string;
}

/** One provider's configuration, checked. */
export interface ProviderConfig {
  id: string;
  gerrit: GerritIntegrationConfig;
  groups: MappedGroup[];
  namespace: string;
  by: 'username' | 'email';
  /** Both in milliseconds. */
  frequency: number;
  timeout: number;
}

/** Reads all providers. A fault is an error that names the key and what to write there. */
export function readProviderConfigs(root: Config): ProviderConfig[] {
  const providers = root.getOptionalConfig(ROOT);
  const integrations = ScmIntegrations.fromConfig(root);
  const taken = new Set<string>();
  return (providers?.keys() ?? []).map(id => {
    const config = providers!.getConfig(id);
    const fail = failAt(`${ROOT}.${id}`);
    const host = config.getString('host');
    const gerrit = integrations.gerrit.byHost(host)?.config;
    if (!gerrit) {
      throw fail('host', `no entry of integrations.gerrit has the host "${host}"; add one`);
    }
    if (!gerrit.username || !gerrit.password) {
      const next = 'Gerrit tells members to accounts only; add username and password';
      throw fail('host', `integrations.gerrit has no account for "${host}"; ${next}`);
    }
    const namespace = (config.getOptionalString('namespace') ?? 'default').toLowerCase();
    if (!KubernetesValidatorFunctions.isValidNamespace(namespace)) {
      throw fail('namespace', `"${namespace}" is no namespace; use a-z, 0-9 and "-", at most 63`);
    }
    const by = config.getOptionalString('members.by') ?? 'username';
    if (by !== 'username' && by !== 'email') {
      throw fail('members.by', `"${by}" is not known; write username or email`);
    }
    const groups = config.getConfigArray('groups').map((g, i) => {
      const group = readGroup(g, namespace, failAt(`${ROOT}.${id}.groups[${i}]`));
      if (taken.has(group.ref)) {
        throw fail(`groups[${i}]`, `${group.ref} is mapped twice; give one of them another "as"`);
      }
      taken.add(group.ref);
      return group;
    });
    if (groups.length === 0 || groups.length > MAX_GROUPS) {
      throw fail('groups', `has ${groups.length} groups; list 1 to ${MAX_GROUPS}`);
    }
    return { id, gerrit, groups, namespace, by, ...readSchedule(config, fail) };
  });
}

type Fail = (key: string, what: string) => InputError;

function failAt(path: string): Fail {
  return (key, what) => new InputError(`${path}${key && `.${key}`}: ${what}`);
}

function readGroup(config: Config, namespace: string, fail: Fail): MappedGroup {
  const name = config.getOptionalString('name');
  const uuid = config.getOptionalString('uuid')?.toLowerCase();
  const as = config.getOptionalString('as');
  if ((name === undefined) === (uuid === undefined)) {
    throw fail('', 'needs either name or uuid; write one of them');
  }
  if (uuid !== undefined && !/^[0-9a-f]{40}$/.test(uuid)) {
    const next =
      'Gerrit shows it on the page of the group; groups of other systems have no list of members';
    throw fail('uuid', `is not the UUID of a group of Gerrit, 40 hex digits; ${next}`);
  }
  if (uuid !== undefined && as === undefined) {
    throw fail('as', 'is missing; with a uuid, write the name that the group has in the catalog');
  }
  const entity =
    as ??
    name!
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-|-$/g, '');
  if (!KubernetesValidatorFunctions.isValidObjectName(entity)) {
    const next = 'set "as" to letters, digits, "-", "_" and ".", at most 63';
    throw fail('as', `"${entity}" is no name for the catalog; ${next}`);
  }
  const ref = stringifyEntityRef({ kind: 'Group', namespace, name: entity });
  return { id: uuid ?? name!, uuid, name: entity, title: config.getOptionalString('title'), ref };
}

function readSchedule(config: Config, fail: Fail) {
  const read = (key: string, fallback: HumanDuration) =>
    durationToMilliseconds(config.has(key) ? readDurationFromConfig(config, { key }) : fallback);
  const frequency = read('schedule.frequency', { seconds: 20 });
  const timeout = read('schedule.timeout', { seconds: 10 });
  if (frequency < 1_000 || timeout < 1_000 || frequency + timeout > MAX_CYCLE) {
    const why = `an answer counts for ${MAX_AGE / 1000} seconds`;
    const next = `keep both at 1 second or more, and their sum at ${MAX_CYCLE / 1000} or less`;
    throw fail('schedule', `frequency and timeout do not fit: ${why}; ${next}`);
  }
  return { frequency, timeout };
}
