// SPDX-License-Identifier: Apache-2.0

// Package e2e tests the bot against a real Gerrit, a real Redis, and what people
// sign in with and look at: Keycloak, Backstage and a browser. One story is a test:
//
//	go test -tags e2e ./e2e
//
// Package rig starts the servers; TestMain starts one Gerrit for all tests,
// and each test makes its own projects. Nothing imports this package.
package e2e
