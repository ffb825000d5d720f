// SPDX-License-Identifier: Apache-2.0
import {
  BackstageCredentials,
  BackstageUserPrincipal,
  HttpAuthService,
  PermissionsService,
} from '@backstage/backend-plugin-api';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import {
  gerritReviewAssistantReadPermission,
  gerritReviewAssistantReviewsPermission,
} from '@review-assistant/backstage-plugin-gerrit-review-assistant-common';
import { Request } from 'express';
import { notNow, Refusal } from './refusal';
import { EntityName } from './requests';
import { Settings } from './settings';
import { Visibility } from './visibility';

/** The person who asks. */
export interface Person {
  /** user:NAMESPACE/NAME in lower case, as the assistant wants it. */
  ref: string;
  credentials: BackstageCredentials<BackstageUserPrincipal>;
  /** What tells the assistant who asks. */
  headers: Record<string, string>;
}

/** Decides who asks and whether they may. What they see of it, Gerrit decides. */
export class Gate {
  constructor(
    private readonly httpAuth: HttpAuthService,
    private readonly permissions: PermissionsService,
    private readonly visibility: Visibility,
    private readonly settings: () => Settings,
  ) {}

  async person(req: Request): Promise<Person> {
    const credentials = await this.httpAuth.credentials(req, { allow: ['user'] });
    const ref = credentials.principal.userEntityRef.toLowerCase();
    if (!/^user:[a-z0-9._-]{1,63}\/[a-z0-9._-]{1,63}$/.test(ref)) {
      throw new Refusal(
        403,
        'no-person',
        'You are signed in as nobody whom the catalog could have.',
        'Ask whoever runs Backstage to sign people in as users of the catalog.',
      );
    }
    return { ref, credentials, headers: this.proof(req, ref) };
  }

  private proof(req: Request, ref: string): Record<string, string> {
    const { auth, serviceToken } = this.settings();
    if (auth === 'user-token') {
      return { authorization: req.header('authorization') ?? '' };
    }
    return { authorization: `Bearer ${serviceToken}`, 'x-review-assistant-user': ref };
  }

  /** Throws unless the person may see what belongs to no entity. */
  async mayReview({ credentials }: Person) {
    const permission = gerritReviewAssistantReviewsPermission;
    const [decision] = await this.permissions
      .authorize([{ permission }], { credentials })
      .catch(() => Promise.reject(notNow()));
    check(decision.result, permission.name);
  }

  /**
   * Throws unless the person may see what belongs to the entity. Whether the
   * catalog shows it comes first: a permission that is denied would tell that
   * there is one.
   */
  async mayRead({ ref, credentials }: Person, entity: EntityName) {
    const unknown = () => Promise.reject(notNow());
    const permission = gerritReviewAssistantReadPermission;
    const [, [decision]] = await inOrder(
      this.visibility.shows(ref, entity.ref, credentials).catch(unknown).then(found),
      this.permissions
        .authorize([{ permission, resourceRef: entity.ref }], { credentials })
        .catch(unknown),
    );
    check(decision.result, permission.name);
  }
}

/** Waits for both, which run at once. When both fail, the first one says why. */
export async function inOrder<A, B>(first: Promise<A>, second: Promise<B>): Promise<[A, B]> {
  second.catch(() => {}); // it is looked at below, if at all
  return [await first, await second];
}

function found(shown: boolean) {
  if (!shown) {
    throw new Refusal(
      404,
      'not-found',
      'The catalog has no such entity, or does not show it to you.',
      'Look for it in the catalog; ask its owners for access.',
    );
  }
}

function check(result: AuthorizeResult, name: string) {
  if (result !== AuthorizeResult.ALLOW) {
    throw new Refusal(
      403,
      'not-allowed',
      'The policy of this Backstage does not let you see this.',
      `Ask whoever runs Backstage for the permission ${name}.`,
    );
  }
}
