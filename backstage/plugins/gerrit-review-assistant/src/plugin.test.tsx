// SPDX-License-Identifier: Apache-2.0
import { renderTestApp } from '@backstage/frontend-test-utils';
import catalogPlugin from '@backstage/plugin-catalog/alpha';
import { catalogApiRef } from '@backstage/plugin-catalog-react';
import { catalogApiMock } from '@backstage/plugin-catalog-react/testUtils';
import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { FakeAssistant } from './__testUtils__/fakeApi';
import { change, component, page } from './__testUtils__/fixtures';
import { gerritReviewAssistantApiRef } from './api';
import plugin from './index';

function renderApp(path: string, api = new FakeAssistant()) {
  return renderTestApp({
    features: [catalogPlugin, plugin],
    initialRouteEntries: [path],
    apis: [
      [catalogApiRef, catalogApiMock({ entities: [component(), component('plain', {})] })],
      [gerritReviewAssistantApiRef, api],
    ],
  });
}

const patience = { timeout: 15_000 };

describe('in an app of the new frontend system', () => {
  it('shows card and tab on the page of an entity', async () => {
    renderApp('/catalog/default/component/pay');
    const title = await screen.findByRole('link', { name: /^Retry a payment once/ }, patience);
    expect(title).toHaveAttribute('href', 'https://gerrit.example/c/team/pay/+/4211');
    const all = screen.getByRole('link', { name: /^View all/ });
    expect(all).toHaveAttribute('href', '/catalog/default/component/pay/gerrit-reviews');
    await userEvent.click(all);
    expect(
      await screen.findByText(/Move to the new certificate store/, {}, patience),
    ).toBeInTheDocument();
  }, 30_000);

  it('shows nothing on an entity that is not in Gerrit', async () => {
    renderApp('/catalog/default/component/plain');
    await screen.findByRole('heading', { name: /plain/ }, patience);
    expect(screen.queryByText(/Gerrit/)).not.toBeInTheDocument();
  }, 30_000);

  it('shows the page of what waits, and a way there', async () => {
    const api = new FakeAssistant();
    api.answers = { reviews: page([change(99, { subject: 'Waits for me' })]) };
    const { container } = renderApp('/my-reviews', api);
    expect(await screen.findByText(/Waits for me/, {}, patience)).toBeInTheDocument();
    expect(within(container).getAllByText('My reviews')[0]).toBeInTheDocument();
  }, 30_000);
});
