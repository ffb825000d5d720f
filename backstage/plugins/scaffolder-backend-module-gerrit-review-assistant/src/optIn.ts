// SPDX-License-Identifier: Apache-2.0
import { LoggerService } from '@backstage/backend-plugin-api';
import { ConflictError, NotAllowedError, NotFoundError } from '@backstage/errors';
import { GerritClient, GerritError } from './gerrit';
import { FILE } from './settings';

const REF = 'refs/meta/config';
/** By its topic an open change is known again. */
export const TOPIC = 'review-assistant-opt-in';

const RIGHTS = [
  `ask an owner of the project to give the account of integrations.gerrit Read on ${REF}`,
  `and Push on refs/for/${REF}`,
].join(' ');

/** What to do, checked. */
export interface Order {
  client: GerritClient;
  logger: LoggerService;
  /** Address of Gerrit, without a slash at the end. */
  baseUrl: string;
  project: string;
  /** Content of the file. */
  file: string;
  message: string;
  reviewers: string[];
  dryRun: boolean;
}

/** What was done. */
export interface Result {
  /** `unchanged`: the project has this file already. `open`: a change was there before. */
  outcome: 'opened' | 'open' | 'unchanged' | 'dry-run';
  changeUrl?: string;
  /** PROJECT~NUMBER, both as Gerrit's REST API takes them. */
  changeId?: string;
}

interface ChangeInfo {
  _number: number;
  project: string;
  branch: string;
  topic?: string;
}

/** Opens a change that brings the file, unless the file or such a change is there. */
export async function optIn(order: Order): Promise<Result> {
  const { client, project, logger } = order;
  const projectPath = `/projects/${encodeURIComponent(project)}`;
  if ((await tried(order, 'find the project', client.find(projectPath))) === undefined) {
    const next = 'check its name, and that the account of integrations.gerrit has Read on it';
    throw new NotFoundError(`Cannot opt ${project} in: Gerrit shows no such project; ${next}`);
  }
  const refPath = `${projectPath}/branches/${encodeURIComponent(REF)}`;
  if ((await tried(order, `read ${REF}`, client.find(refPath))) === undefined) {
    throw new NotAllowedError(`Cannot opt ${project} in: Gerrit does not show ${REF}; ${RIGHTS}`);
  }
  const filePath = `/files/${encodeURIComponent(FILE)}/content`;
  const there = await tried(order, `read ${FILE}`, client.find(refPath + filePath));
  if (there !== undefined) {
    if (decoded(there) === order.file) {
      logger.info(`${project} has this ${FILE} already; nothing to do`);
      return { outcome: 'unchanged' };
    }
    const next = `propose what should change in it on ${REF} of the project`;
    throw new ConflictError(
      `Cannot opt ${project} in: it has a ${FILE} with other content, which is not overwritten; ${next}`,
    );
  }
  const open = await findOpen(order);
  if (open) {
    const path = `/changes/${idOf(open)}/revisions/current${filePath}`;
    const proposed = await tried(order, 'read the open change', client.find(path));
    if (proposed !== undefined) {
      const same = decoded(proposed) === order.file;
      const note = same ? '' : ', with other content; it was left as it is';
      logger.info(`a change is open already${note}: ${urlOf(order, open)}`);
      return { outcome: 'open', ...outputOf(order, open) };
    }
  }
  if (order.dryRun) {
    logger.info(`would open a change on ${REF} of ${project} with this ${FILE}:\n${order.file}`);
    return { outcome: 'dry-run' };
  }
  // An open change without the file is one whose run broke off.
  const change = open ?? (await create(order));
  await fill(order, change);
  await invite(order, change);
  logger.info(`opened ${urlOf(order, change)}; an owner of the project has to submit it`);
  return { outcome: 'opened', ...outputOf(order, change) };
}

async function findOpen(order: Order): Promise<ChangeInfo | undefined> {
  const query = `project:"${order.project}" ref:${REF} topic:"${TOPIC}" status:open owner:self`;
  const path = `/changes/?q=${encodeURIComponent(query)}&n=10`;
  const found = (await tried(order, 'look for an open change', order.client.find(path))) ?? [];
  if (!Array.isArray(found)) {
    throw new Error("Gerrit's answer is no list of changes; check baseUrl in integrations.gerrit");
  }
  return found.find(
    (c): c is ChangeInfo => isChange(c) && c.project === order.project && c.topic === TOPIC,
  );
}

async function create(order: Order): Promise<ChangeInfo> {
  const { client, project, message } = order;
  const body = { project, branch: REF, subject: message, topic: TOPIC };
  const change = await tried(order, 'open a change', client.send('POST', '/changes/', body));
  if (!isChange(change)) {
    throw new Error("Gerrit's answer is no change; check baseUrl in integrations.gerrit");
  }
  return change;
}

/** Puts the file into the change. */
async function fill(order: Order, change: ChangeInfo): Promise<void> {
  const { client } = order;
  const edit = `/changes/${idOf(change)}/edit`;
  const put = client.send('PUT', `${edit}/${encodeURIComponent(FILE)}`, order.file).catch(error => {
    // The edit of a run that broke off has the file already.
    if (!(error instanceof GerritError && error.status === 409)) {
      throw error;
    }
  });
  await tried(order, `write ${FILE} into ${urlOf(order, change)}`, put);
  const published = client.send('POST', `${edit}:publish`, { notify: 'NONE' });
  await tried(order, `publish the edit of ${urlOf(order, change)}`, published);
}

/** Adds the reviewers one by one: one whom Gerrit does not take is no reason to take nobody. */
async function invite(order: Order, change: ChangeInfo): Promise<void> {
  for (const reviewer of order.reviewers) {
    const path = `/changes/${idOf(change)}/reviewers`;
    try {
      await order.client.send('POST', path, { reviewer });
    } catch (error) {
      const why = error instanceof Error ? error.message : 'unknown';
      order.logger.warn(`could not add a reviewer (${why}); add ${reviewer} on the change`);
    }
  }
}

/** Says what failed, and which right is missing when it is one. */
async function tried<T>(order: Order, what: string, doing: Promise<T>): Promise<T> {
  try {
    return await doing;
  } catch (error) {
    if (!(error instanceof GerritError)) {
      throw error;
    }
    const text = `Cannot opt ${order.project} in: could not ${what}: ${error.message}`;
    switch (error.status) {
      case 401:
        throw new NotAllowedError(`${text}; check username and password in integrations.gerrit`);
      case 403:
        throw new NotAllowedError(`${text}; ${RIGHTS}`);
      case 404:
        throw new NotFoundError(`${text}; ${RIGHTS}`);
      default:
        throw new Error(`${text}; run this again, and look into Gerrit's log if it stays`);
    }
  }
}

function isChange(value: unknown): value is ChangeInfo {
  const change = value as Partial<ChangeInfo> | null;
  return Number.isSafeInteger(change?._number) && typeof change?.project === 'string';
}

function idOf(change: ChangeInfo): string {
  return `${encodeURIComponent(change.project)}~${change._number}`;
}

function urlOf(order: Order, change: ChangeInfo): string {
  const project = change.project.split('/').map(encodeURIComponent).join('/');
  return `${order.baseUrl}/c/${project}/+/${change._number}`;
}

function outputOf(order: Order, change: ChangeInfo) {
  return { changeUrl: urlOf(order, change), changeId: idOf(change) };
}

/** Gerrit sends content in base64. */
function decoded(content: unknown): string {
  return Buffer.from(String(content), 'base64').toString('utf8');
}
