// SPDX-License-Identifier: Apache-2.0
import { createApp } from '@backstage/app-defaults';
import { AppRouter, FlatRoutes } from '@backstage/core-app-api';
import { createApiFactory, fetchApiRef } from '@backstage/core-plugin-api';
import { CatalogEntityPage, CatalogIndexPage, EntityLayout } from '@backstage/plugin-catalog';
import { catalogApiRef } from '@backstage/plugin-catalog-react';
import { catalogApiMock } from '@backstage/plugin-catalog-react/testUtils';
import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { Route } from 'react-router-dom';
import { answer, json } from './__testUtils__/answer';
import { change, component, everyKind, page } from './__testUtils__/fixtures';
import {
  EntityReviewAssistantCard,
  EntityReviewAssistantContent,
  MyReviewsPage,
  gerritReviewAssistantPlugin,
  gerritReviewAssistantTranslations,
} from './legacy';

const base = 'http://localhost:7007/api/gerrit-review-assistant';

/** The backend plugin, as far as the pages of these tests ask for it. */
async function backend(input: RequestInfo | URL): Promise<Response> {
  const url = String(input);
  if (url.startsWith(`${base}/events`)) {
    return answer([new TextEncoder().encode('id: 1\n\n')], { open: true });
  }
  if (url.startsWith(`${base}/components/component/default/pay/changes`)) {
    return json(page(everyKind()));
  }
  if (url.startsWith(`${base}/components/component/default/pay/`)) {
    return json({ clusters: [], activity: [], branches: [], next: null });
  }
  if (url.startsWith(`${base}/me/reviews`)) {
    return json({ changes: [change(99, { subject: 'Waits for me' })], next: null });
  }
  return json({ reason: 'not-found' }, 404);
}

/** A real app of the old frontend system, at a path and in a language. */
function renderApp(path: string, language = 'en') {
  window.history.pushState({}, '', path);
  const app = createApp({
    apis: [
      createApiFactory(fetchApiRef, { fetch: backend }),
      createApiFactory(catalogApiRef, catalogApiMock({ entities: [component()] })),
    ],
    plugins: [gerritReviewAssistantPlugin],
    configLoader: async () => [
      {
        context: 'test',
        data: {
          app: { title: 'Test', baseUrl: 'http://localhost' },
          backend: { baseUrl: 'http://localhost:7007' },
        },
      },
    ],
    __experimentalTranslations: {
      availableLanguages: ['en', 'de'],
      defaultLanguage: language,
      resources: [gerritReviewAssistantTranslations],
    },
  });
  const Root = app.createRoot(
    <AppRouter>
      <FlatRoutes>
        <Route path="/catalog" element={<CatalogIndexPage />} />
        <Route path="/catalog/:namespace/:kind/:name" element={<CatalogEntityPage />}>
          <EntityLayout>
            <EntityLayout.Route path="/" title="Overview">
              <EntityReviewAssistantCard />
            </EntityLayout.Route>
            <EntityLayout.Route path="/gerrit-reviews" title="Reviews">
              <EntityReviewAssistantContent />
            </EntityLayout.Route>
          </EntityLayout>
        </Route>
        <Route path="/my-reviews" element={<MyReviewsPage />} />
      </FlatRoutes>
    </AppRouter>,
  );
  return render(<Root />);
}

describe('in an app of the old frontend system', () => {
  afterEach(() => window.localStorage.clear());

  it('shows the card, whose link leads to the tab', async () => {
    renderApp('/catalog/default/component/pay');
    const title = await screen.findByRole('link', { name: /^Retry a payment once/ });
    expect(title).toHaveAttribute('href', 'https://gerrit.example/c/team/pay/+/4211');
    expect(screen.getAllByRole('link', { name: 'Jane Doe' })[0]).toHaveAttribute(
      'href',
      '/catalog/default/user/jane',
    );
    const all = screen.getByRole('link', { name: /^View all/ });
    expect(all).toHaveAttribute('href', '/catalog/default/component/pay/gerrit-reviews');
    await userEvent.click(all);
    expect(window.location.pathname).toBe('/catalog/default/component/pay/gerrit-reviews');
    expect(await screen.findByText(/Move to the new certificate store/)).toBeVisible();
  });

  it('shows the page of what waits', async () => {
    renderApp('/my-reviews');
    expect(await screen.findByText(/Waits for me/)).toBeVisible();
  });

  it('speaks German in an app that does', async () => {
    renderApp('/catalog/default/component/pay', 'de');
    const risk = await screen.findByText('Hohes Risiko, 2 Stellen zum Nachsehen');
    expect(risk).toBeVisible();
    expect(screen.getAllByText(/^vor \d+ Minuten$/)[0]).toBeVisible();
  });
});
