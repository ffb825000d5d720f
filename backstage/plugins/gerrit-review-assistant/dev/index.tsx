// SPDX-License-Identifier: Apache-2.0
import { parseEntityRef } from '@backstage/catalog-model';
import { createDevApp } from '@backstage/frontend-dev-utils';
import { ApiBlueprint, PageBlueprint, createFrontendModule } from '@backstage/frontend-plugin-api';
import { EntityProvider, catalogApiRef } from '@backstage/plugin-catalog-react';
import { catalogApiMock } from '@backstage/plugin-catalog-react/testUtils';
import catalogPlugin from '@backstage/plugin-catalog/alpha';
import axe from 'axe-core';
import plugin, { gerritReviewAssistantApiRef, type GerritReviewAssistantApi } from '../src';
import { FakeAssistant } from '../src/__testUtils__/fakeApi';
import { EntityReviewAssistantCard } from '../src/components/card';
import { entities, states } from './states';

// For pictures: ?theme=dark chooses a theme before the app starts.
const theme = new URLSearchParams(window.location.search).get('theme');
if (theme) {
  window.localStorage.setItem('theme', theme);
}

// ?axe writes what axe finds at the end of the page, once the states stand.
if (new URLSearchParams(window.location.search).has('axe')) {
  setTimeout(async () => {
    const { violations } = await axe.run('section');
    const found = document.createElement('pre');
    found.id = 'axe';
    found.textContent = violations
      .flatMap(({ id, impact, nodes }) => nodes.map(node => `${impact} ${id}: ${node.html}`))
      .concat(`${violations.length} rules are broken`)
      .join('\n');
    document.body.append(found);
  }, 5_000);
}

// Each is made once: it remembers what it was asked.
const made = new Map<string, FakeAssistant>();

function assistantOf(name: string): FakeAssistant {
  const there = made.get(name) ?? (states[name] ?? states.content)();
  made.set(name, there);
  return there;
}

/** Each entity is in the state of its name. */
function assistants(): GerritReviewAssistantApi {
  const everything = new FakeAssistant();
  const of = (entityRef: string) => assistantOf(parseEntityRef(entityRef).name);
  return {
    changes: (ref, options) => of(ref).changes(ref, options),
    failures: (ref, options) => of(ref).failures(ref, options),
    activity: (ref, options) => of(ref).activity(ref, options),
    branches: (ref, options) => of(ref).branches(ref, options),
    change: (id, options) =>
      (options?.entityRef ? of(options.entityRef) : everything).change(id, options),
    reviews: options => everything.reviews(options),
    me: options => everything.me(options),
    events: (ref, options) => (ref ? of(ref) : everything).events(ref, options),
  };
}

/** All states of the card, or one of them with ?state=empty. */
function States() {
  const only = new URLSearchParams(window.location.search).get('state');
  const shown = entities.filter(entity => !only || entity.metadata.name === only);
  return (
    <div style={{ padding: 24 }}>
      {shown.map(entity => (
        <section
          key={entity.metadata.name}
          aria-label={entity.metadata.name}
          style={{ maxWidth: 760, margin: '0 0 24px' }}
        >
          <h2>{entity.metadata.name}</h2>
          <EntityProvider entity={entity}>
            <EntityReviewAssistantCard />
          </EntityProvider>
        </section>
      ))}
    </div>
  );
}

const catalogModule = createFrontendModule({
  pluginId: 'catalog',
  extensions: [
    ApiBlueprint.make({
      params: defineParams =>
        defineParams({ api: catalogApiRef, deps: {}, factory: () => catalogApiMock({ entities }) }),
    }),
  ],
});

const assistantModule = createFrontendModule({
  pluginId: 'gerrit-review-assistant',
  extensions: [
    ApiBlueprint.make({
      params: defineParams =>
        defineParams({ api: gerritReviewAssistantApiRef, deps: {}, factory: assistants }),
    }),
    PageBlueprint.make({
      name: 'states',
      params: { path: '/states', title: 'All states', loader: async () => <States /> },
    }),
  ],
});

createDevApp({ features: [catalogPlugin, catalogModule, plugin, assistantModule] });
