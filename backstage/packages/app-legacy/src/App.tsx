// SPDX-License-Identifier: Apache-2.0
import { createApp } from '@backstage/app-defaults';
import { AppRouter, FlatRoutes } from '@backstage/core-app-api';
import { OAuthRequestDialog, ProxiedSignInPage } from '@backstage/core-components';
import {
  configApiRef,
  createApiFactory,
  useApi,
  type SignInPageProps,
} from '@backstage/core-plugin-api';
import { ScmIntegrationsApi, scmIntegrationsApiRef } from '@backstage/integration-react';
import {
  CatalogEntityPage,
  CatalogIndexPage,
  EntityAboutCard,
  EntityLayout,
} from '@backstage/plugin-catalog';
import { UserSettingsPage } from '@backstage/plugin-user-settings';
import {
  EntityReviewAssistantCard,
  EntityReviewAssistantContent,
  MyReviewsPage,
} from '@review-assistant/backstage-plugin-gerrit-review-assistant/legacy';
import { Grid } from '@material-ui/core';
import { Navigate, Route } from 'react-router-dom';

function SignIn(props: SignInPageProps) {
  const provider = useApi(configApiRef).getString('app.signInProxy');
  return <ProxiedSignInPage {...props} provider={provider} />;
}

const app = createApp({
  apis: [
    createApiFactory({
      api: scmIntegrationsApiRef,
      deps: { configApi: configApiRef },
      factory: ({ configApi }) => ScmIntegrationsApi.fromConfig(configApi),
    }),
  ],
  components: { SignInPage: SignIn },
});

const entityPage = (
  <EntityLayout>
    <EntityLayout.Route path="/" title="Overview">
      <Grid container spacing={3}>
        <Grid item md={6} xs={12}>
          <EntityAboutCard />
        </Grid>
        <Grid item md={6} xs={12}>
          <EntityReviewAssistantCard />
        </Grid>
      </Grid>
    </EntityLayout.Route>
    <EntityLayout.Route path="/gerrit-reviews" title="Gerrit reviews">
      <EntityReviewAssistantContent />
    </EntityLayout.Route>
  </EntityLayout>
);

const Root = app.createRoot(
  <>
    <OAuthRequestDialog />
    <AppRouter>
      <FlatRoutes>
        <Route path="/" element={<Navigate to="catalog" />} />
        <Route path="/catalog" element={<CatalogIndexPage />} />
        <Route path="/catalog/:namespace/:kind/:name" element={<CatalogEntityPage />}>
          {entityPage}
        </Route>
        <Route path="/my-reviews" element={<MyReviewsPage />} />
        <Route path="/settings" element={<UserSettingsPage />} />
      </FlatRoutes>
    </AppRouter>
  </>,
);

/** Routes and pages as apps of the old system have them. */
export default Root;
