// SPDX-License-Identifier: Apache-2.0

package bot

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"review-assistant/builds"
	"review-assistant/review"
)

// TakeBuild keeps a run that a CI pushed, with what its report shows, and asks
// for a look at its change. added is false for a report that is known. An error
// is a [*RefusedError], or says that nothing was kept and it may come again.
func (b *Bot) TakeBuild(ctx context.Context, build review.Build, raws []builds.Raw) (kept review.Build, added bool, err error) {
	host, ok := b.hosts[build.Host]
	if !ok {
		return build, false, &RefusedError{"is of a Gerrit that is not configured"}
	}
	p, _, err := b.policyOf(ctx, host, build.Host, build.Project)
	switch {
	case err != nil:
		return build, false, err
	case p.Mode == ModeOff:
		return build, false, &RefusedError{"is off"}
	case !p.Builds:
		return build, false, &RefusedError{"wants nothing about builds"}
	}
	if !build.Result.Bad() {
		// A log of a run that passed tells of errors that were none.
		raws, build.Dropped = nil, 0
	}
	scrubber, err := b.scrubs.of(&p)
	if err != nil {
		return build, false, &scrubError{err}
	}
	id := review.ChangeID{Host: build.Host, Project: build.Project, Number: build.Change}
	if build.Change > 0 {
		v := &visit{b: b, host: host, id: id, policy: p, job: review.Job{Key: review.BuildsJob(id)}}
		if v.change, err = host.Gerrit.Change(ctx, id); err != nil {
			if review.IsGone(err) {
				return build, false, &RefusedError{"has no such change, as far as the service account sees"}
			}
			return build, false, err
		}
		if why := v.takes(&build); why != "" {
			return build, false, &RefusedError{why}
		}
		facts, err := v.changeFacts(ctx)
		if err != nil {
			return build, false, err
		}
		branch, err := scrubber.Begin().Clean(strings.TrimPrefix(v.change.Branch, "refs/heads/"))
		if err != nil {
			return build, false, &scrubError{err}
		}
		build.Branch = branch.String()
		if v.afterMerge(build.Ended) {
			builds.OnBranch(&build)
		}
		facts.to(&build)
	}
	if err := cleaned(scrubber, &build, raws); err != nil {
		return build, false, err
	}
	if len(build.Failures) == 0 && build.Result.Bad() {
		if build.Result == review.BuildFailed {
			build.Unread = unreadEmpty
		}
		build.Failures = append(build.Failures, builds.Unexplained(&build))
	}
	row, err := newBuildRow(build)
	if err != nil {
		return build, false, err
	}
	n, err := b.keepBuildRows(ctx, id, row)
	if err != nil {
		return build, false, err
	}
	// Without this the sender is told to try again.
	return build, n > 0, b.lookAtBuilds(ctx, id, build.PatchSet)
}

// lookAtBuilds asks for a look at the builds of a change, if it is one.
func (b *Bot) lookAtBuilds(ctx context.Context, id review.ChangeID, patchSet int) error {
	if id.Number == 0 {
		return nil
	}
	if err := b.jobs.Enqueue(ctx, review.BuildsJob(id), b.buildsHint(patchSet)); err != nil {
		return fmt.Errorf("store hint: %w", err)
	}
	return nil
}

// takes returns why a run cannot be of the change, or "".
func (v *visit) takes(b *review.Build) string {
	switch {
	case v.change.Private:
		return "has a private change of that number: nothing is kept of it"
	case v.change.OnConfigBranch():
		return "has a change of its configuration of that number: it has no builds"
	case b.PatchSet > v.change.Current().Number:
		return fmt.Sprintf("has no patch set %d of that change, the newest is %d", b.PatchSet, v.change.Current().Number)
	}
	return ""
}

// BuildAt is a build in the order in which it was kept.
type BuildAt struct {
	Seq   int64        `json:"seq"`
	Build review.Build `json:"build"`
}

// Newest asks [Bot.Builds] for the end of what is kept.
const Newest = -1

// Builds returns what CI said of a project behind a sequence number. next is
// where to go on, also when ctx ends on the way. [Newest] for the number means
// the newest limit of them. Of a folder only those count that touch it, or ran on a
// branch.
func (b *Bot) Builds(ctx context.Context, of review.Source, after int64, limit int) (out []BuildAt, next int64, err error) {
	next = after
	if err := b.hasBuilds(ctx, of.Host, of.Project); err != nil {
		return nil, after, err
	}
	newest := after == Newest
	if newest {
		next, after = 0, 0
	}
	for newest || len(out) < limit {
		rows, err := b.logs.Rows(ctx, BuildsLog(of.Host, of.Project), next, rowsPerRead)
		if err != nil && ctx.Err() != nil && next > after {
			break // the next request gets further
		}
		if err != nil {
			return nil, after, fmt.Errorf("read builds: %w", err)
		}
		for _, r := range rows {
			if len(out) == limit && !newest {
				return out, next, nil
			}
			next = r.Seq
			var row buildRow
			if json.Unmarshal(r.Data, &row) == nil && row.Build != nil && concerns(row.Build, of) {
				if len(out) == limit {
					out = slices.Delete(out, 0, 1)
				}
				out = append(out, BuildAt{r.Seq, *row.Build})
			}
		}
		if len(rows) < rowsPerRead {
			break
		}
	}
	return out, next, nil
}

func concerns(b *review.Build, of review.Source) bool {
	if !of.On(b.Branch) || of.Dir == "" || b.Change == 0 {
		return of.On(b.Branch)
	}
	return slices.ContainsFunc(b.Files, of.Covers) ||
		slices.ContainsFunc(b.Failures, func(f review.BuildFailure) bool { return f.File != "" && of.Covers(f.File) })
}

// clusterWindow is how far back open failures are looked for.
const clusterWindow = 7 * 24 * time.Hour

// Clusters returns the open failures of a project, the most worth mending
// first; with covers only those that concern a path which it covers, with shows
// only of builds of changes that it lets through, see [builds.ClusterOptions].
func (b *Bot) Clusters(ctx context.Context, host, project string, limit int, covers func(path string) bool, shows func(change int, branch string) bool) ([]builds.Cluster, error) {
	h, marks, err := b.toldBuilds(ctx, host, project)
	if err != nil {
		return nil, err
	}
	known, err := b.knownFailures(ctx, b.hosts[host], project)
	if err != nil {
		return nil, err
	}
	now := b.now()
	list := h.Clusters(now, builds.ClusterOptions{Window: clusterWindow, Limit: limit, Rule: ruling(marks, known, now), Covers: covers, Shows: shows})
	return append([]builds.Cluster{}, list...), nil // in JSON, too, none is no null
}

// hasBuilds is nil for a project about whose builds may be told: what is off is
// not there.
func (b *Bot) hasBuilds(ctx context.Context, host, project string) error {
	h, ok := b.hosts[host]
	if !ok {
		return &review.GoneError{Err: errors.New("no such Gerrit is configured")}
	}
	p, err := b.policyNow(ctx, h, project)
	switch {
	case err != nil:
		return err
	case p.Mode == ModeOff || !p.Builds:
		return &review.GoneError{Err: fmt.Errorf("the project %s is off, or wants nothing about builds", project)}
	}
	return nil
}

// toldBuilds is buildsOf for a project about whose builds may be told.
func (b *Bot) toldBuilds(ctx context.Context, host, project string) (*builds.History, map[string]Mark, error) {
	if err := b.hasBuilds(ctx, host, project); err != nil {
		return nil, nil, err
	}
	return b.buildsOf(ctx, host, project)
}

// MarkClasses are what a cluster may be marked as; "none" takes a mark back.
var MarkClasses = []string{string(builds.ClassFlaky), string(builds.ClassInfra), "fixed", "none"}

// maxNote is in characters, of what somebody says with a mark.
const maxNote = 200

// NewMark checks what somebody says of a cluster.
func NewMark(fingerprint, class, note, url, by string, at time.Time) (Mark, error) {
	m := Mark{Fingerprint: fingerprint, Note: strings.TrimSpace(note), Link: url, By: by, At: at.UTC()}
	switch class {
	case string(builds.ClassFlaky), string(builds.ClassInfra):
		m.Class = builds.Class(class)
	case "fixed":
		m.Fixed = true
	case "none":
	default:
		return m, fmt.Errorf("class %q: write one of %s", clip(class, 40), strings.Join(MarkClasses, ", "))
	}
	switch {
	case len(fingerprint) != 16 || strings.Trim(fingerprint, "0123456789abcdef") != "":
		return m, fmt.Errorf("fingerprint %q: write the 16 hex digits of a cluster, as builds list prints them", clip(fingerprint, 40))
	case utf8.RuneCountInString(m.Note) > maxNote:
		return m, fmt.Errorf("the note has more than %d characters", maxNote)
	case url != "" && !builds.SafeLink(url):
		return m, fmt.Errorf("the link is no plain https address of at most %d characters", builds.MaxLink)
	}
	return m, nil
}
