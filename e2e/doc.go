// SPDX-License-Identifier: Apache-2.0

// Package e2e tests the bot against a real Gerrit and a real Redis, one story
// a test:
//
//	go test -tags e2e ./e2e
//
// Package rig starts the servers; TestMain starts one Gerrit for all tests,
// and each test makes its own projects. Nothing imports this package.
package e2e
