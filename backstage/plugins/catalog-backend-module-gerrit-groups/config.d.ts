// SPDX-License-Identifier: Apache-2.0
import { HumanDuration } from '@backstage/types';

export interface Config {
  catalog?: {
    providers?: {
      /** Gerrit groups that become groups of the catalog, by the id of a provider. */
      gerritGroups?: {
        [id: string]: {
          /** Host of an entry of `integrations.gerrit` that has a username and a password. */
          host: string;

          /** The groups, at most 100. Each has a name or a UUID. */
          groups: Array<{
            /** Name of the group in Gerrit. A group that takes over this name takes over the mapping. */
            name?: string;
            /** UUID of the group in Gerrit, 40 hex digits. It stays when the group is renamed. */
            uuid?: string;
            /** Name of the group in the catalog; required with `uuid`, made from `name` by default. */
            as?: string;
            /** Title in the catalog, by default the name in Gerrit. */
            title?: string;
          }>;

          /** Namespace of the groups, and of the users with `by: username`. Default: `default`. */
          namespace?: string;

          members?: {
            /**
             * How an account is told to be a user of the catalog: by its user name in Gerrit, which is
             * the name of the user entity, or by its preferred e-mail address, which is the user's
             * `spec.profile.email`. Default: `username`.
             */
            by?: 'username' | 'email';
          };

          schedule?: {
            /** From one poll to the next, in each Backstage process. Default: 20 seconds. */
            frequency?: string | HumanDuration;
            /** How long a poll may take, with that at most 40 seconds. Default: 10 seconds. */
            timeout?: string | HumanDuration;
          };
        };
      };
    };
  };
}
