// SPDX-License-Identifier: Apache-2.0

// Package gerrit speaks to one Gerrit as it really answers: webhook bodies in,
// REST reads, and the one post.
//
// The invariant: nothing that Gerrit, or whoever poses as Gerrit, sends is
// taken as success unless it has the shape of success, and no call is made
// twice. Errors are of review's three classes and hold no answer bodies;
// whether to try again is the worker's business.
//
// A new event type needs nothing here as long as it names its change like the
// others; add a recorded body to testdata/events. A new read is one method
// that calls [Client.get] with a route name of its own.
package gerrit
