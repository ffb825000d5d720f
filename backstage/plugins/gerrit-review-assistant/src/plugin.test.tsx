// SPDX-License-Identifier: Apache-2.0
import { createApp } from '@backstage/frontend-defaults';
import { ApiBlueprint, createApiRef, createFrontendModule } from '@backstage/frontend-plugin-api';
import { mockApis, renderTestApp } from '@backstage/frontend-test-utils';
import catalogPlugin from '@backstage/plugin-catalog/alpha';
import { catalogApiRef } from '@backstage/plugin-catalog-react';
import { EntityCardBlueprint } from '@backstage/plugin-catalog-react/alpha';
import { catalogApiMock } from '@backstage/plugin-catalog-react/testUtils';
import { gerritReviewAssistantReviewsPermission } from '@review-assistant/backstage-plugin-gerrit-review-assistant-common';
import { render, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { FakeAssistant } from './__testUtils__/fakeApi';
import { change, component, page } from './__testUtils__/fixtures';
import { gerritReviewAssistantApiRef } from './api';
import plugin from './index';

// What is on the page of every entity, and loaded as our card is.
const beside = createFrontendModule({
  pluginId: 'catalog',
  extensions: [
    EntityCardBlueprint.make({
      name: 'beside',
      params: { loader: async () => <p>Beside it</p> },
    }),
  ],
});

function renderApp(path: string, api = new FakeAssistant()) {
  return renderTestApp({
    features: [catalogPlugin, beside, plugin],
    initialRouteEntries: [path],
    apis: [
      [catalogApiRef, catalogApiMock({ entities: [component(), component('plain', {})] })],
      [gerritReviewAssistantApiRef, api],
    ],
  });
}

describe('in an app of the new frontend system', () => {
  it('shows card and tab on the page of an entity', async () => {
    renderApp('/catalog/default/component/pay');
    const title = await screen.findByRole('link', { name: /^Retry a payment once/ });
    expect(title).toHaveAttribute('href', 'https://gerrit.example/c/team/pay/+/4211');
    const all = screen.getByRole('link', { name: /^View all/ });
    expect(all).toHaveAttribute('href', '/catalog/default/component/pay/gerrit-reviews');
    await userEvent.click(all);
    expect(await screen.findByText(/Move to the new certificate store/)).toBeInTheDocument();
  });

  it('shows nothing on an entity that is not in Gerrit', async () => {
    const api = new FakeAssistant();
    renderApp('/catalog/default/component/plain', api);
    // A card of the test's own, loaded as ours are: once it is there, ours would be.
    expect(await screen.findByText('Beside it')).toBeInTheDocument();
    expect(screen.queryByText(/Gerrit/)).not.toBeInTheDocument();
    expect(api.calls).toEqual([]);
  });

  it('shows the page of what waits, and a way there', async () => {
    const api = new FakeAssistant();
    api.answers = { reviews: page([change(99, { subject: 'Waits for me' })]) };
    renderApp('/my-reviews', api);
    expect(await screen.findByText(/Waits for me/)).toBeInTheDocument();
    const nav = within(screen.getByRole('navigation', { name: 'sidebar nav' }));
    expect(nav.getByRole('link', { name: 'My reviews' })).toHaveAttribute('href', '/my-reviews');
  });
});

// Backstage's own, by its id: the plugin does not need the package.
const permissionApiRef = createApiRef<{
  authorize(request: { permission: { name: string } }): Promise<{ result: 'ALLOW' | 'DENY' }>;
}>({ id: 'plugin.permission.api' });

// As the README says it.
const guarded = plugin.withOverrides({
  extensions: [
    plugin.getExtension('page:gerrit-review-assistant').override({
      if: { permissions: { $contains: `${gerritReviewAssistantReviewsPermission.name}#read` } },
    }),
  ],
});

describe('in an app that hides the page from whom it is forbidden', () => {
  it.each([
    ['ALLOW', 1],
    ['DENY', 0],
  ] as const)('has a way to it or not: %s', async (result, links) => {
    window.history.pushState({}, '', '/catalog/default/component/pay');
    const asked: string[] = [];
    const apis = createFrontendModule({
      pluginId: 'app',
      extensions: [
        ApiBlueprint.make({
          name: 'permission',
          params: define =>
            define({
              api: permissionApiRef,
              deps: {},
              factory: () => ({
                async authorize({ permission }) {
                  asked.push(permission.name);
                  return { result };
                },
              }),
            }),
        }),
      ],
    });
    const assistant = createFrontendModule({
      pluginId: 'gerrit-review-assistant',
      extensions: [
        ApiBlueprint.make({
          params: define =>
            define({
              api: gerritReviewAssistantApiRef,
              deps: {},
              factory: () => new FakeAssistant(),
            }),
        }),
      ],
    });
    const catalog = createFrontendModule({
      pluginId: 'catalog',
      extensions: [
        ApiBlueprint.make({
          params: define =>
            define({
              api: catalogApiRef,
              deps: {},
              factory: () => catalogApiMock({ entities: [component()] }),
            }),
        }),
      ],
    });
    const config = mockApis.config({
      data: {
        app: {
          title: 'Test',
          baseUrl: 'http://localhost',
          extensions: [{ 'sign-in-page:app': false }],
        },
        backend: { baseUrl: 'http://localhost:7007' },
      },
    });
    const app = createApp({
      features: [catalogPlugin, beside, guarded, apis, assistant, catalog],
      advanced: { configLoader: async () => ({ config }) },
    });
    render(app.createRoot());
    expect(await screen.findByText('Beside it')).toBeInTheDocument();
    expect(asked).toContain(gerritReviewAssistantReviewsPermission.name);
    expect(screen.queryAllByRole('link', { name: 'My reviews' })).toHaveLength(links);
  });
});
