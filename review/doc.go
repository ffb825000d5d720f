// SPDX-License-Identifier: Apache-2.0

// Package review holds the nouns that every other package speaks: changes,
// patches, people, events, comments, jobs and the three classes of error.
//
// It imports no sibling. Text in these types is raw unless the type says
// otherwise: it comes from outside and has not been through package scrub.
// Add a noun here only when two packages need it; a noun of one package lives
// in that package.
package review
