// SPDX-License-Identifier: Apache-2.0
import { LoggerService, SchedulerService } from '@backstage/backend-plugin-api';
import {
  ANNOTATION_LOCATION,
  ANNOTATION_ORIGIN_LOCATION,
  GroupEntity,
} from '@backstage/catalog-model';
import { isError } from '@backstage/errors';
import { EntityProvider, EntityProviderConnection } from '@backstage/plugin-catalog-node';
import { MappedGroup, ProviderConfig } from './config';
import { GerritGroup, GroupsClient, NoGroupError } from './gerrit';
import { FreshMemberships } from './memberships';
import { People } from './people';

/** Annotation with the UUID of the Gerrit group that an entity stands for. */
export const ANNOTATION_GROUP_UUID = 'review-assistant/gerrit-group-uuid';

/** Groups that are read at the same time. */
const PARALLEL = 5;

/** Polls the groups of one Gerrit, for the catalog and for the rule. */
export class GerritGroupsProvider implements EntityProvider {
  readonly #client: GroupsClient;
  readonly #logger: LoggerService;
  /** The last answer for each group: its entity, or null when there is none to map. */
  readonly #answers = new Map<string, GroupEntity | null>();
  /** Why a group could not be read the last time. */
  readonly #failures = new Map<string, string>();
  #connection?: EntityProviderConnection;
  #written = '';

  constructor(
    private readonly config: ProviderConfig,
    private readonly people: People,
    private readonly memberships: FreshMemberships,
    private readonly scheduler: SchedulerService,
    logger: LoggerService,
  ) {
    this.#client = new GroupsClient(config.gerrit);
    this.#logger = logger.child({ provider: this.getProviderName() });
  }

  getProviderName(): string {
    return `gerrit-groups:${this.config.id}`;
  }

  async connect(connection: EntityProviderConnection): Promise<void> {
    this.#connection = connection;
    await this.scheduler.scheduleTask({
      id: `${this.getProviderName()}:refresh`,
      // In each process: the rule answers from this one's memory.
      scope: 'local',
      frequency: { milliseconds: this.config.frequency },
      timeout: { milliseconds: this.config.timeout },
      fn: signal => this.refresh(signal),
    });
  }

  /** Asks for every group once. It fails only when the catalog does not take the entities. */
  async refresh(signal: AbortSignal): Promise<void> {
    const queue = [...this.config.groups];
    const work = async () => {
      for (let group = queue.shift(); group; group = queue.shift()) {
        await this.ask(group, signal);
      }
    };
    await Promise.all(Array.from({ length: PARALLEL }, work));
    await this.write();
  }

  private async ask(group: MappedGroup, signal: AbortSignal): Promise<void> {
    const asOf = this.memberships.now();
    try {
      const answer = await this.#client.read(group, signal);
      // Whoever is switched off in Gerrit can do nothing there either.
      const users = await this.people.find(answer.members.filter(m => !m.inactive));
      this.memberships.put(group.ref, users, asOf);
      this.#answers.set(group.ref, this.entityOf(group, answer, users));
      if (this.#failures.delete(group.ref)) {
        this.#logger.info(`reading Gerrit group of ${group.ref} works again`);
      }
    } catch (error) {
      if (error instanceof NoGroupError) {
        this.memberships.drop(group.ref);
        this.#answers.set(group.ref, null);
      }
      this.failed(group, isError(error) ? error.message : String(error));
    }
  }

  /** Logs a failure when it begins and when its reason changes. */
  private failed(group: MappedGroup, why: string): void {
    if (this.#failures.get(group.ref) !== why) {
      this.#failures.set(group.ref, why);
      const effect = 'inGerritGroup says no, 50 seconds after the last answer at the latest';
      this.#logger.warn(
        `cannot read the Gerrit group of ${group.ref}: ${why}. Meanwhile ${effect}`,
      );
    }
  }

  /**
   * Replaces the entities when they have changed. Before every group was answered for once, what the
   * catalog has from an earlier run stays.
   */
  private async write(): Promise<void> {
    if (this.#answers.size < this.config.groups.length) {
      return;
    }
    const entities = this.config.groups.flatMap(g => this.#answers.get(g.ref) ?? []);
    const text = JSON.stringify(entities);
    if (text === this.#written) {
      return;
    }
    const locationKey = this.getProviderName();
    await this.#connection!.applyMutation({
      type: 'full',
      entities: entities.map(entity => ({ entity, locationKey })),
    });
    this.#written = text;
  }

  private entityOf(group: MappedGroup, answer: GerritGroup, members: string[]): GroupEntity {
    const page = this.#client.pageOf(answer.uuid);
    return {
      apiVersion: 'backstage.io/v1alpha1',
      kind: 'Group',
      metadata: {
        name: group.name,
        namespace: this.config.namespace,
        title: group.title ?? answer.name,
        annotations: {
          [ANNOTATION_LOCATION]: `url:${page}`,
          [ANNOTATION_ORIGIN_LOCATION]: `url:${page}`,
          [ANNOTATION_GROUP_UUID]: answer.uuid,
        },
        links: [{ url: page, title: 'Group in Gerrit', icon: 'group' }],
      },
      spec: { type: 'gerrit-group', children: [], members },
    };
  }
}
