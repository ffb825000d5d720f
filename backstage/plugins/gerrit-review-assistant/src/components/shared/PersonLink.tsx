// SPDX-License-Identifier: Apache-2.0
import { parseEntityRef } from '@backstage/catalog-model';
import { EntityRefLink } from '@backstage/plugin-catalog-react';
import type { Person } from '@review-assistant/backstage-plugin-gerrit-review-assistant-common';
import { nameOf, PlainText } from './PlainText';

/** A person by name, which anybody chooses for themselves, linked to their entity where there is one. */
export function PersonLink(props: { person: Person }) {
  const { name, entity } = props.person;
  const text = <PlainText text={nameOf(name, entity ?? '')} most={100} />;
  if (!entity || !isEntityRef(entity)) {
    return text;
  }
  return (
    <EntityRefLink entityRef={entity} hideIcon>
      {text}
    </EntityRefLink>
  );
}

function isEntityRef(text: string): boolean {
  try {
    parseEntityRef(text);
    return true;
  } catch {
    return false;
  }
}
