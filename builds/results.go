// SPDX-License-Identifier: Apache-2.0

package builds

import (
	"strings"

	"review-assistant/review"
)

// resultWords are what CIs call a result, in the form of [wordKey]. A word that is
// not here is unknown.
var resultWords = map[string]review.BuildResult{
	"SUCCESS":    review.BuildPassed,
	"SUCCEEDED":  review.BuildPassed,
	"SUCCESSFUL": review.BuildPassed,
	"PASS":       review.BuildPassed,
	"PASSED":     review.BuildPassed,
	"OK":         review.BuildPassed,

	"FAIL":    review.BuildFailed,
	"FAILED":  review.BuildFailed,
	"FAILURE": review.BuildFailed,
	// Jenkins: the build went through, and its tests failed.
	"UNSTABLE": review.BuildFailed,
	// Zuul, of one job or of all: the change does not merge, or what it says of
	// its jobs is wrong (zuul-ci.org/docs/zuul/latest/reference/jobs.html).
	"MERGE_CONFLICT": review.BuildFailed,
	"MERGE_FAILURE":  review.BuildFailed,
	"MERGER_FAILURE": review.BuildFailed,
	"CONFIG_ERROR":   review.BuildFailed,

	"TIMED_OUT": review.BuildTimedOut,
	"TIMEDOUT":  review.BuildTimedOut,
	"TIMEOUT":   review.BuildTimedOut,

	"ABORTED":   review.BuildAborted,
	"CANCELED":  review.BuildAborted,
	"CANCELLED": review.BuildAborted,
	"RETRY":     review.BuildAborted,

	// Zuul: the nodes, the executor or its preparation failed, not the job.
	"RETRY_LIMIT":  review.BuildBroken,
	"NODE_FAILURE": review.BuildBroken,
	"POST_FAILURE": review.BuildBroken,
	"DISK_FULL":    review.BuildBroken,
	"LOST":         review.BuildBroken,
	"ERROR":        review.BuildBroken,
	// Buildbot and Buildbucket.
	"EXCEPTION":     review.BuildBroken,
	"INFRA_FAILURE": review.BuildBroken,

	"SKIP":      review.BuildSkipped,
	"SKIPPED":   review.BuildSkipped,
	"NOT_BUILT": review.BuildSkipped,
}

// wordKey is the form of a word in [resultWords]: "timed-out" is TIMED_OUT.
func wordKey(s string) string {
	s = strings.ToUpper(strings.Trim(strings.TrimSpace(s), ".!"))
	return strings.NewReplacer(" ", "_", "-", "_").Replace(s)
}

// resultOf reads what a CI says of a run. Only a word that stands alone means
// passed; of any other, more may be said behind it if it is written as a
// constant: "FAILURE Host unreachable".
func resultOf(said string) review.BuildResult {
	if r, ok := resultWords[wordKey(said)]; ok {
		return r
	}
	first, _, _ := strings.Cut(strings.TrimSpace(said), " ")
	if r, ok := resultWords[first]; ok && r != review.BuildPassed {
		return r
	}
	return review.BuildUnknown
}
