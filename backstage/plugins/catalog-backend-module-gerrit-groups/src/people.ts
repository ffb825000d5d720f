// SPDX-License-Identifier: Apache-2.0
import { AuthService, LoggerService } from '@backstage/backend-plugin-api';
import { Entity, KubernetesValidatorFunctions, stringifyEntityRef } from '@backstage/catalog-model';
import { CatalogService } from '@backstage/plugin-catalog-node';
import { Member } from './gerrit';

/** Finds the users of the catalog that accounts belong to. Whoever cannot be told is left out. */
export interface People {
  /** Returns entity references in lower case, without doubles, in order. */
  find(members: Member[]): Promise<string[]>;
}

/** The longest memory of what was logged; then it may be logged again. */
const MAX_LOGGED = 10_000;

/** Logs each account that is left out once, by its number: no names and addresses in logs. */
class LeftOut {
  readonly #logged = new Set<string>();

  constructor(private readonly logger: LoggerService) {}

  tell(member: Member, why: string): void {
    const text = `left Gerrit account ${member._account_id} out of its groups: ${why}`;
    if (this.#logged.has(text)) {
      return;
    }
    if (this.#logged.size >= MAX_LOGGED) {
      this.#logged.clear();
    }
    this.#logged.add(text);
    this.logger.warn(text);
  }
}

/** Takes the user name in Gerrit for the name of the user entity. */
export class PeopleByUsername implements People {
  readonly #leftOut: LeftOut;

  constructor(
    private readonly namespace: string,
    logger: LoggerService,
  ) {
    this.#leftOut = new LeftOut(logger);
  }

  async find(members: Member[]): Promise<string[]> {
    const refs = new Set<string>();
    for (const member of members) {
      const name = member.username;
      if (name === undefined) {
        this.#leftOut.tell(member, 'it has no user name; set one, or use "by: email"');
      } else if (!KubernetesValidatorFunctions.isValidObjectName(name)) {
        this.#leftOut.tell(member, 'its user name is no name for the catalog; use "by: email"');
      } else {
        refs.add(stringifyEntityRef({ kind: 'User', namespace: this.namespace, name }));
      }
    }
    return [...refs].sort();
  }
}

/** How long it is remembered who has an address, and that nobody has, in milliseconds. */
const EMAIL_AGE = 5 * 60_000;
const NOBODY_AGE = 60_000;
/** Addresses in one request: its line stays far below the 16 kB that Node reads. */
const EMAIL_BATCH = 50;
const MAX_EMAILS = 50_000;

/** Looks for the user with the preferred e-mail address of an account. */
export class PeopleByEmail implements People {
  readonly #leftOut: LeftOut;
  readonly #known = new Map<string, { refs: string[]; until: number }>();

  constructor(
    private readonly catalog: CatalogService,
    private readonly auth: AuthService,
    logger: LoggerService,
    private readonly now: () => number = Date.now,
  ) {
    this.#leftOut = new LeftOut(logger);
  }

  async find(members: Member[]): Promise<string[]> {
    const emails = new Set(members.flatMap(m => (isEmail(m.email) ? [normal(m.email)] : [])));
    const wanted = [...emails].filter(e => !((this.#known.get(e)?.until ?? 0) > this.now()));
    for (let i = 0; i < wanted.length; i += EMAIL_BATCH) {
      await this.lookUp(wanted.slice(i, i + EMAIL_BATCH));
    }
    const refs = new Set<string>();
    for (const member of members) {
      const found = isEmail(member.email)
        ? (this.#known.get(normal(member.email))?.refs ?? [])
        : [];
      if (found.length === 1) {
        refs.add(found[0]);
      } else if (found.length === 0) {
        this.#leftOut.tell(
          member,
          'no user of the catalog has its preferred address; add it there',
        );
      } else {
        this.#leftOut.tell(
          member,
          'several users of the catalog have its address; leave it to one',
        );
      }
    }
    return [...refs].sort();
  }

  private async lookUp(emails: string[]): Promise<void> {
    if (this.#known.size > MAX_EMAILS) {
      this.#known.clear();
    }
    const { items } = await this.catalog.getEntities(
      {
        filter: { kind: 'User', 'spec.profile.email': emails },
        fields: ['kind', 'metadata.name', 'metadata.namespace', 'spec.profile.email'],
      },
      { credentials: await this.auth.getOwnServiceCredentials() },
    );
    const found = new Map(emails.map(email => [email, [] as string[]]));
    for (const user of items) {
      found.get(normal(emailOf(user)))?.push(stringifyEntityRef(user));
    }
    found.forEach((refs, email) => {
      const until = this.now() + (refs.length > 0 ? EMAIL_AGE : NOBODY_AGE);
      this.#known.set(email, { refs, until });
    });
  }
}

function emailOf(user: Entity): string {
  const profile = user.spec?.profile as { email?: unknown } | undefined;
  return typeof profile?.email === 'string' ? profile.email : '';
}

/** A comma would be read as the end of a value. */
function isEmail(email: string | undefined): email is string {
  return email !== undefined && email.length <= 254 && /^[^\s,@]+@[^\s,@]+$/.test(email);
}

function normal(email: string): string {
  return email.toLocaleLowerCase('en-US');
}
