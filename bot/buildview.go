// SPDX-License-Identifier: Apache-2.0

package bot

import (
	"context"

	"review-assistant/builds"
	"review-assistant/review"
)

// FailedBuilds is what CI said of a patch set, for people who see its change.
type FailedBuilds struct {
	// Failed counts the failures that stand and block the patch set, and Classes
	// says of which class they are: change, preexisting, flaky, infra, timeout,
	// configuration or unknown.
	Failed   int            `json:"failed"`
	Classes  map[string]int `json:"classes"`
	Failures []FailedBuild  `json:"failures"` // that which the change most likely caused first
}

// FailedBuild is one failure of a patch set. Nothing in it names another change.
type FailedBuild struct {
	ID      string       `json:"id"`   // RUN#N
	Jobs    []string     `json:"jobs"` // in whose newest run it is
	Stage   review.Stage `json:"stage"`
	Kind    string       `json:"category"`
	Test    string       `json:"test,omitempty"`
	Message string       `json:"message"` // the line that matters
	File    string       `json:"file,omitempty"`
	Line    int          `json:"line,omitempty"`
	// Cluster is its fingerprint, by which it is found among open failures.
	Cluster  string             `json:"cluster"`
	Class    builds.Class       `json:"class"` // as people are told
	Odds     builds.Odds        `json:"odds"`  // as computed, whatever was ruled
	Evidence []string           `json:"evidence"`
	Ruling   *builds.Ruling     `json:"ruling,omitempty"`
	Blocks   int                `json:"blocks"` // other open changes that show it too
	Excerpt  []review.BuildLine `json:"excerpt,omitempty"`
	Unread   string             `json:"unread,omitempty"` // why the log was not read, one of fixed words
	URL      string             `json:"url,omitempty"`    // the run's page
	LogURL   string             `json:"log_url,omitempty"`
}

// Failed tells of the failures of patch sets of a project as a comment on builds
// would, by the numbers of their changes; one without builds is missing. Whoever
// calls it knows that the changes may be shown.
func (b *Bot) Failed(ctx context.Context, host, project string, patchSets map[int]int) (map[int]*FailedBuilds, error) {
	h, marks, err := b.toldBuilds(ctx, host, project)
	switch {
	case review.IsGone(err):
		return nil, nil
	case err != nil:
		return nil, err
	}
	var known *builds.Known // read once something failed
	out := map[int]*FailedBuilds{}
	now := b.now()
	for change, patchSet := range patchSets {
		if !h.HasPatchSet(change, patchSet) {
			continue
		}
		if known == nil {
			if known, err = b.knownFailures(ctx, b.hosts[host], project); err != nil {
				return nil, err
			}
		}
		f := &FailedBuilds{Classes: map[string]int{}, Failures: []FailedBuild{}}
		for _, a := range blocking(h.AssessNameless(change, patchSet, now, ruling(marks, known, now))) {
			f.Classes[string(a.Shown)]++
			f.Failures = append(f.Failures, FailedBuild{
				ID: a.ID, Jobs: a.Jobs, Stage: a.Failure.Stage, Kind: a.Failure.Category, Test: a.Failure.Test, Message: a.Failure.Message,
				File: a.Failure.File, Line: a.Failure.Line, Cluster: a.Failure.Fingerprint, Class: a.Shown, Odds: a.Odds,
				Evidence: append([]string{}, a.Evidence...), Ruling: a.Ruling, Blocks: len(a.Blocks), Excerpt: a.Failure.Excerpt,
				Unread: a.Build.Unread, URL: a.Build.URL, LogURL: a.Build.LogURL,
			})
		}
		f.Failed = len(f.Failures)
		out[change] = f
	}
	return out, nil
}

// blocking leaves of an assessment what keeps a patch set from being submitted.
func blocking(list []builds.Assessment) []builds.Assessment {
	var out []builds.Assessment
	for _, a := range builds.OpenOnly(list) {
		if !a.Build.Optional {
			out = append(out, a)
		}
	}
	return out
}

// BuildChanges returns the numbers of the changes of whose builds [Bot.Clusters]
// may tell.
func (b *Bot) BuildChanges(ctx context.Context, host, project string) ([]int, error) {
	h, _, err := b.toldBuilds(ctx, host, project)
	if err != nil {
		return nil, err
	}
	return h.Changes(b.now(), clusterWindow), nil
}

// Standing tells how a project uses the bot now: its mode, why it is off, and
// whether it wants anything about builds. It reads the same files as the work
// does, from the same cache, and notes nothing: to ask is no opt-in.
func (b *Bot) Standing(ctx context.Context, host, project string) (mode Mode, off Off, hasBuilds bool, err error) {
	h, ok := b.hosts[host]
	if !ok {
		return ModeOff, OffNoAccess, false, nil
	}
	p, err := b.policyNow(ctx, h, project)
	if err != nil {
		return ModeOff, OffNoAccess, false, err
	}
	return p.Mode, p.Off, p.Mode != ModeOff && p.Builds, nil
}
