// SPDX-License-Identifier: Apache-2.0
import {
  GerritIntegrationConfig,
  getGerritRequestOptions,
  parseGerritJsonResponse,
} from '@backstage/integration';
import { z } from 'zod';

/** A group with more members is refused: a part of the list would be anybody's choice. */
export const MAX_MEMBERS = 10_000;
// In bytes: about 800 for each of MAX_MEMBERS.
const MAX_BODY = 8 << 20;

const groupInfo = z.object({ id: z.string(), name: z.string() });

const memberInfo = z.object({
  _account_id: z.number().int(),
  username: z.string().optional(),
  email: z.string().optional(),
  inactive: z.boolean().optional(),
});

/** An account in a group. */
export type Member = z.infer<typeof memberInfo>;

/** What Gerrit says of a group: its members are those of the groups in it too. */
export interface GerritGroup {
  uuid: string;
  name: string;
  members: Member[];
}

/** How a group is asked for. */
export interface Wanted {
  /** Its name, or its UUID. */
  id: string;
  /** Set when it is the UUID. */
  uuid?: string;
}

const CHECK = 'check what answers at the baseUrl of integrations.gerrit';

/** Gerrit answered, and it has no group that can be mapped. */
export class NoGroupError extends Error {}

// The scaffolder's module sends requests in the same way, src/gerrit.ts there: a
// third package for what both share would be larger than it. Mend both.
/** Reads groups as the account of `integrations.gerrit`. */
export class GroupsClient {
  constructor(private readonly config: GerritIntegrationConfig) {}

  /** Address of a group in Gerrit's pages. */
  pageOf(uuid: string): string {
    return `${this.config.baseUrl}/admin/groups/uuid-${uuid}`;
  }

  /**
   * Reads a group by its name, or by its UUID when one is given. Throws NoGroupError when there is
   * none, none for this account, or one whose members cannot be listed, and another error when
   * Gerrit did not answer, or with something else than a group.
   */
  async read({ id, uuid: only }: Wanted, signal: AbortSignal): Promise<GerritGroup> {
    const path = encodeURIComponent(id);
    const group = groupInfo.safeParse(await this.get(id, `/a/groups/${path}`, signal));
    if (!group.success) {
      throw new Error(`the answer is no group; ${CHECK}`);
    }
    if (!/^[0-9a-f]{40}$/.test(group.data.id)) {
      const next = 'map one of Gerrit itself, whose UUID has 40 hex digits';
      throw new NoGroupError(
        `it is a group of another system, whose members Gerrit does not list; ${next}`,
      );
    }
    // Gerrit takes what it is asked for as a UUID, a number and a name: a group
    // that somebody calls like the UUID of one that is gone is not that one.
    if (only === undefined ? group.data.name !== id : group.data.id !== only) {
      const next = 'map it by its UUID, which Gerrit shows on the page of the group';
      throw new NoGroupError(`Gerrit takes that for another group; ${next}`);
    }
    const uuid = group.data.id;
    const list = await this.get(uuid, `/a/groups/${uuid}/members/?recursive`, signal);
    if (Array.isArray(list) && list.length > MAX_MEMBERS) {
      const next = 'map a smaller group';
      throw new NoGroupError(`it has ${list.length} members, of at most ${MAX_MEMBERS}; ${next}`);
    }
    const members = z.array(memberInfo).safeParse(list);
    if (!members.success) {
      throw new Error(`the answer is no list of members; ${CHECK}`);
    }
    return { uuid, name: group.data.name.slice(0, 200), members: members.data };
  }

  private async get(id: string, path: string, signal: AbortSignal): Promise<unknown> {
    let response: Response;
    let text: string;
    try {
      response = await fetch(this.config.baseUrl + path, {
        ...getGerritRequestOptions(this.config),
        // A password is not to follow a redirect.
        redirect: 'manual',
        signal,
      });
      text = await bounded(response);
    } catch (error) {
      throw new Error(`Gerrit did not answer (${reason(error)}); check that it runs`);
    }
    if (response.ok) {
      return await parsed(text);
    }
    if (response.status === 404 && isGerrits(text, id)) {
      const next = 'check its name, and that the account of integrations.gerrit may see it';
      throw new NoGroupError(`Gerrit knows no such group; ${next}`);
    }
    const next =
      response.status === 401 || response.status === 403
        ? 'check username and password of integrations.gerrit'
        : "look into Gerrit's log";
    throw new Error(`Gerrit answered with status ${response.status}; ${next}`);
  }
}

async function parsed(text: string): Promise<unknown> {
  try {
    return await parseGerritJsonResponse(new Response(text));
  } catch {
    throw new Error(`the answer is not Gerrit's; ${CHECK}`);
  }
}

/** Tells a 404 of Gerrit from one of a proxy, which says nothing of groups. */
function isGerrits(body: string, id: string): boolean {
  return body.trim() === id || body.startsWith('Not found');
}

/** Reads a body up to MAX_BODY. */
async function bounded(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  // Leaving the loop by an error closes the connection.
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > MAX_BODY) {
      throw new Error(`more than ${MAX_BODY} bytes`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function reason(error: unknown): string {
  if (!(error instanceof Error)) {
    return 'unknown';
  }
  const cause = error.cause as { code?: unknown } | undefined;
  return typeof cause?.code === 'string' ? cause.code : error.message;
}
