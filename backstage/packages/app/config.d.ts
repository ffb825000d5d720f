// SPDX-License-Identifier: Apache-2.0
export interface Config {
  app?: {
    /**
     * Id of an auth provider that knows people from what a proxy in front
     * says; without it people sign in with the OpenID provider "oidc".
     * @visibility frontend
     */
    signInProxy?: string;
  };
}
