// SPDX-License-Identifier: Apache-2.0
import { parseEntityRef } from '@backstage/catalog-model';
import { EntityRefLink } from '@backstage/plugin-catalog-react';
import type { Person } from '@review-assistant/backstage-plugin-gerrit-review-assistant-common';

/** A person by name, linked to their entity where there is one. */
export function PersonLink(props: { person: Person }) {
  const { name, entity } = props.person;
  if (!entity || !isEntityRef(entity)) {
    return <span>{name}</span>;
  }
  return (
    <EntityRefLink entityRef={entity} hideIcon>
      {name || entity}
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
