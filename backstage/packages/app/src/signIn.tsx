// SPDX-License-Identifier: Apache-2.0
import { OAuth2 } from '@backstage/core-app-api';
import { ProxiedSignInPage, SignInPage } from '@backstage/core-components';
import {
  ApiBlueprint,
  configApiRef,
  createApiRef,
  createFrontendModule,
  discoveryApiRef,
  oauthRequestApiRef,
  useApi,
  type BackstageIdentityApi,
  type OpenIdConnectApi,
  type ProfileInfoApi,
  type SessionApi,
} from '@backstage/frontend-plugin-api';
import { SignInPageBlueprint, type SignInPageProps } from '@backstage/plugin-app-react';

const oidcApiRef = createApiRef<
  OpenIdConnectApi & ProfileInfoApi & BackstageIdentityApi & SessionApi
>({ id: 'auth.oidc' });

const oidc = {
  id: 'oidc',
  title: 'OpenID Connect',
  message: 'Sign in with the account of your company',
  apiRef: oidcApiRef,
};

function SignIn(props: SignInPageProps) {
  const proxy = useApi(configApiRef).getOptionalString('app.signInProxy');
  return proxy ? (
    <ProxiedSignInPage {...props} provider={proxy} />
  ) : (
    <SignInPage {...props} provider={oidc} />
  );
}

/** How people sign in. */
export const signIn = createFrontendModule({
  pluginId: 'app',
  extensions: [
    ApiBlueprint.make({
      name: 'oidc',
      params: defineParams =>
        defineParams({
          api: oidcApiRef,
          deps: {
            discoveryApi: discoveryApiRef,
            oauthRequestApi: oauthRequestApiRef,
            configApi: configApiRef,
          },
          factory: deps =>
            OAuth2.create({
              ...deps,
              provider: { ...oidc, icon: () => null },
              environment: deps.configApi.getOptionalString('auth.environment'),
              defaultScopes: ['openid', 'profile', 'email'],
            }),
        }),
    }),
    SignInPageBlueprint.make({ params: { loader: async () => SignIn } }),
  ],
});
