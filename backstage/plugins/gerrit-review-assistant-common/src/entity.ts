// SPDX-License-Identifier: Apache-2.0
import {
  ANNOTATION_LOCATION,
  ANNOTATION_SOURCE_LOCATION,
  Entity,
  parseEntityRef,
  stringifyEntityRef,
} from '@backstage/catalog-model';

/**
 * Annotation that names the Gerrit project of an entity. With the prefix
 * `gerrit-review-assistant/` it, and those below, are read too.
 *
 * @public
 */
export const ANNOTATION_PROJECT = 'review-assistant/project';
/** Annotation that names the folder of the entity inside its project. @public */
export const ANNOTATION_PATH = 'review-assistant/path';
/** Annotation that names the only branch that the entity is on. @public */
export const ANNOTATION_BRANCH = 'review-assistant/branch';
/** Annotation that names one of several Gerrits by its id at the assistant. @public */
export const ANNOTATION_HOST = 'review-assistant/host';

// The kinds of which the assistant reads where they are.
const kinds = ['component', 'api', 'resource', 'system', 'domain'];

/**
 * Whether the assistant can find the Gerrit project of an entity: by the
 * annotation, else by a source location on Gitiles, else, for components, by
 * that of the file that declares them. Which addresses are a Gerrit's the
 * assistant alone knows: of another Gitiles this says yes and the assistant
 * that there is nothing.
 *
 * @public
 */
export function isGerritReviewAssistantAvailable(entity: Entity): boolean {
  const kind = entity.kind.toLowerCase();
  if (!kinds.includes(kind)) {
    return false;
  }
  const annotations = entity.metadata.annotations ?? {};
  const own = (name: string) => annotations[name] || annotations[`gerrit-${name}`];
  const project = own(ANNOTATION_PROJECT);
  if (project) {
    return isName(project) && isPath(own(ANNOTATION_PATH) ?? '');
  }
  return (
    isGitiles(annotations[ANNOTATION_SOURCE_LOCATION]) ||
    (kind === 'component' && isGitiles(annotations[ANNOTATION_LOCATION]))
  );
}

/**
 * The reference of an entity as the assistant writes it: whole, and in lower
 * case. It throws for what is no reference.
 *
 * @public
 */
export function toWire(entity: Entity | string): string {
  return stringifyEntityRef(typeof entity === 'string' ? parseEntityRef(entity) : entity);
}

// Whether an annotation is url:BASE/PROJECT/+/REVISION, with a folder or file
// behind it or not. It accepts what the assistant accepts.
function isGitiles(annotation: string = ''): boolean {
  // Before the expression, which takes a time with the square of the length.
  if (annotation.length > 4004) {
    return false;
  }
  const found = /^url:[a-z][a-z0-9+.-]*:\/\/[^/?#\\]+([^?#]*?)\/\+\/([^?#]*)/i.exec(annotation);
  if (!found) {
    return false;
  }
  // Decoded after the cut: %2F inside a name separates nothing.
  const project = decode(found[1])?.replace(/^\/+|\/+$/g, '');
  const revision = found[2];
  const below = decode(revision.replace(/^refs\/(heads|tags)\//, '').replace(/[^/]*\.ya?ml$/, ''));
  return (
    !!project && isName(project) && below !== undefined && isPath(below) && /[^/.]/.test(below)
  );
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

function isName(text: string): boolean {
  return text !== '' && text.length <= 1000 && isPath(text);
}

function isPath(text: string): boolean {
  const plain = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]*$/u.test(text);
  return plain && text.length <= 4000 && !text.split('/').includes('..');
}
