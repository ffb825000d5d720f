// SPDX-License-Identifier: Apache-2.0

package review

import (
	"strconv"
	"time"
)

// BuildResult is how one run of a CI job ended.
type BuildResult string

// The results. What a CI says otherwise is unknown, never passed.
const (
	BuildPassed   BuildResult = "passed"
	BuildFailed   BuildResult = "failed"
	BuildTimedOut BuildResult = "timed-out"
	BuildAborted  BuildResult = "aborted" // stopped by somebody, or by a newer patch set
	BuildBroken   BuildResult = "broken"  // the CI itself could not run it: no node, retries spent
	BuildSkipped  BuildResult = "skipped"
	BuildUnknown  BuildResult = "unknown"
)

// Bad reports whether a run ended in a way that somebody has to explain.
func (r BuildResult) Bad() bool {
	return r == BuildFailed || r == BuildTimedOut || r == BuildBroken
}

// Stage is how far a job came before it failed.
type Stage string

// The stages, in their order.
const (
	StageSetup   Stage = "setup" // nothing of the project ran yet
	StageCompile Stage = "compile"
	StageLint    Stage = "lint"
	StageTest    Stage = "test"
)

// Build is one run of a CI job on a change, or on a branch when Change is 0.
// Its texts are scrubbed.
type Build struct {
	// Key names the run on its host for good: two reports of one run have the
	// same.
	Key      string      `json:"key"`
	Host     string      `json:"host"`
	Project  string      `json:"project"`
	Branch   string      `json:"branch,omitempty"` // without refs/heads/
	Change   int         `json:"change,omitempty"`
	PatchSet int         `json:"patch_set,omitempty"`
	Job      string      `json:"job"`
	Pipeline string      `json:"pipeline,omitempty"`
	Optional bool        `json:"optional,omitempty"` // the job has no vote
	Result   BuildResult `json:"result"`
	Said     string      `json:"said,omitempty"` // the CI's own word for it
	URL      string      `json:"url,omitempty"`  // the run's page
	LogURL   string      `json:"log_url,omitempty"`
	Node     string      `json:"node,omitempty"`
	// Base is when the state of the branch was made that was built on, or the
	// best that is known of it.
	Base    time.Time `json:"base,omitzero"`
	Started time.Time `json:"started,omitzero"`
	Ended   time.Time `json:"ended"`
	// TestsRan says that the job's tests ran to their end: one that is not
	// among the failures passed.
	TestsRan bool `json:"tests_ran,omitempty"`
	// What the change is about, for evidence: its files (at most 200), owner
	// and topic.
	Files    []string       `json:"files,omitempty"`
	Owner    int64          `json:"owner,omitempty"`
	Topic    string         `json:"topic,omitempty"`
	Failures []BuildFailure `json:"failures,omitempty"`
	// Dropped counts failures beyond those that are kept.
	Dropped int `json:"dropped,omitempty"`
	// By is the name of the token with which the run was pushed, "" for one that
	// a CI told on the change.
	By string `json:"by,omitempty"`
	// Unread says why the log of a failed run was not read, one of fixed words.
	Unread string `json:"unread,omitempty"`
}

// FailureID names a failure of the build: KEY#1 and so on.
func (b *Build) FailureID(i int) string { return b.Key + "#" + strconv.Itoa(i+1) }

// BuildFailure is one thing that went wrong in a run. Its texts are scrubbed.
type BuildFailure struct {
	Stage    Stage  `json:"stage"`
	Category string `json:"category"` // compile, test, lint, infra, timeout, crash, dependency, config or unknown
	Test     string `json:"test,omitempty"`
	Message  string `json:"message"` // the line that matters
	File     string `json:"file,omitempty"`
	Line     int    `json:"line,omitempty"` // of File, from 1
	// Fingerprint is the same for the same cause in other runs: 16 hex digits.
	Fingerprint string      `json:"fingerprint"`
	Excerpt     []BuildLine `json:"excerpt,omitempty"` // at most 30 lines
}

// BuildLine is a line of a log.
type BuildLine struct {
	Number int    `json:"number,omitempty"` // from 1; 0 when it is of no log
	Text   string `json:"text"`
}
