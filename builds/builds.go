// SPDX-License-Identifier: Apache-2.0

// Package builds makes ranked and explained failures of build results and
// logs: what a CI said (source_*.go), what its log or report shows
// (report_*.go, read.go), which line is the cause (extract.go), what is the
// same cause elsewhere (fingerprint.go), and whose fault it probably is
// (history.go, classify.go, rank.go).
//
// The invariant: text of a log leaves the package scrubbed only, as a
// [review.BuildFailure], and no text decides over class or rank but through
// the fixed rules of this package. A model is never asked.
//
// A new CI system is a file source_<name>.go and one row in sources; a new
// report format is a file report_<name>.go and one row in formats; a rule of
// what a tool prints is one row in the tables of rules_*.go, with the page that
// says so.
package builds
