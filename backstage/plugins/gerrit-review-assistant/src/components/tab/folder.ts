// SPDX-License-Identifier: Apache-2.0
import {
  ANNOTATION_LOCATION,
  ANNOTATION_SOURCE_LOCATION,
  type Entity,
} from '@backstage/catalog-model';
import {
  ANNOTATION_PATH,
  ANNOTATION_PROJECT,
} from '@review-assistant/backstage-plugin-gerrit-review-assistant-common';

/** Whether an entity is a folder of its Gerrit project, and not the whole of it, as far as its annotations tell. */
export function isFolder(entity: Entity): boolean {
  const annotations = entity.metadata.annotations ?? {};
  const own = (name: string) => annotations[name] || annotations[`gerrit-${name}`];
  if (own(ANNOTATION_PROJECT)) {
    return /[^/.]/.test(own(ANNOTATION_PATH) ?? '');
  }
  const location = annotations[ANNOTATION_SOURCE_LOCATION] || annotations[ANNOTATION_LOCATION];
  const [, below = ''] = (location ?? '').split('/+/');
  // Which part is the branch only a change can tell; the first one is most often right.
  const [, ...folders] = below.replace(/^refs\/(heads|tags)\//, '').split('/');
  return folders.some(folder => folder !== '' && !/\.ya?ml$/.test(folder));
}
