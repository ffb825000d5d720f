// SPDX-License-Identifier: Apache-2.0

package board

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"review-assistant/review"
)

// Reasons that are the board's own.
const (
	// ReasonShadow is why the owner of a project sees what is not on the change:
	// the project tries the bot out.
	ReasonShadow = "shadow"
	// ReasonTrial is what everybody else is told then, whatever was decided.
	ReasonTrial = "shadow-for-owners"
)

// Reasons of outcomes, in the words of package bot.
const (
	reasonPosted     = "posted"
	reasonStands     = "already-posted"
	reasonOff        = "project-off"
	reasonClosed     = "closed"
	reasonNothing    = "nothing-to-add"
	reasonSuperseded = "superseded"
	reasonMuted      = "muted"
	reasonPrivate    = "private"
	reasonGone       = "not-visible"
)

// Sentences of the board's own.
const (
	saysWaiting = "Nothing was decided about this patch set yet."
	saysShadow  = "The project tries the assistant out: its owners alone see what it would have said."
	saysTrial   = "The project tries the assistant out, and shows its owners alone what it finds."
)

// says puts a reason into a sentence, "" for what is not decided yet.
func (b *Board) says(reason string) string {
	switch reason {
	case "":
		return saysWaiting
	case ReasonShadow:
		return saysShadow
	case ReasonTrial:
		return saysTrial
	}
	return b.d.Says(reason)
}

// told puts the reason of an outcome into a sentence: in shadow nothing was
// posted, though it would have been.
func (b *Board) told(v review.Verdict, reason string) string {
	if v == review.VerdictShadow && reason == reasonPosted {
		reason = ReasonShadow
	}
	return b.says(reason)
}

// severities is the order of [Brief.Severity].
var severities = []string{"none", "low", "medium", "high"}

// about is what decides about a row, apart from what Gerrit says of the change.
type about struct {
	policy Policy
	kept   review.Kept
	owner  bool // of the project; only known where something is in shadow
	// patchSet is the newest.
	patchSet int
	builds   *ChangeBuilds // of that, nil for none
}

// maxPicks is how many suggested reviewers a row of a list names.
const maxPicks = 3

// rows puts what was kept beside what Gerrit shows, with one question to the
// store. The proofs are those of ownership.
func (b *Board) rows(ctx context.Context, t target, seen []*sighted) ([]Change, []proof, error) {
	out := make([]Change, 0, len(seen))
	if len(seen) == 0 {
		return out, nil, nil
	}
	all, proofs, err := b.about(ctx, t, seen)
	if err != nil {
		return nil, nil, err
	}
	for i, c := range seen {
		row := b.row(t, c, &all[i])
		if row.Builds != nil {
			brief := *row.Builds
			brief.Failures = nil
			row.Builds = &brief
		}
		row.Picks = row.Picks[:min(len(row.Picks), maxPicks)]
		out = append(out, row)
	}
	return out, proofs, nil
}

// about gathers what decides about rows.
func (b *Board) about(ctx context.Context, t target, seen []*sighted) ([]about, []proof, error) {
	ids := make([]review.ChangeID, len(seen))
	projects := make([]string, len(seen))
	for i, c := range seen {
		ids[i], projects[i] = c.ID, c.ID.Project
	}
	policies, err := b.policies(ctx, t.host, projects)
	if err != nil {
		return nil, nil, err
	}
	kept, err := b.kept.of(ctx, ids)
	if err != nil {
		return nil, nil, b.stored(ctx, err)
	}
	out := make([]about, len(seen))
	owners := map[string]bool{}
	var proofs []proof
	for i, id := range ids {
		a := about{policy: policies[id.Project], kept: kept[id]}
		if a.kept.Summary != nil && a.kept.Summary.Change != id {
			a.kept.Summary = nil
		}
		a.patchSet = a.current(seen[i])
		if a.inShadow() {
			owner, known := owners[id.Project]
			if !known {
				var more []proof
				if owner, more, err = b.owner(ctx, t, id.Project); err != nil {
					return nil, nil, err
				}
				owners[id.Project], proofs = owner, append(proofs, more...)
			}
			a.owner = owner
		}
		out[i] = a
	}
	return out, proofs, b.addBuilds(ctx, t.host, ids, out)
}

// addBuilds looks what failed in the newest patch sets, with one question for
// each project.
func (b *Board) addBuilds(ctx context.Context, host string, ids []review.ChangeID, all []about) error {
	if b.d.Builds == nil {
		return nil
	}
	of := map[string]map[int]int{}
	for i, id := range ids {
		if !all[i].tellsBuilds() {
			continue
		}
		if of[id.Project] == nil {
			of[id.Project] = map[int]int{}
		}
		of[id.Project][id.Number] = all[i].patchSet
	}
	for project, patchSets := range of {
		found, err := b.d.Builds.Failed(ctx, host, project, patchSets)
		if err != nil {
			return unanswered("read builds", err)
		}
		for i, id := range ids {
			if id.Project == project {
				all[i].builds = found[id.Number]
			}
		}
	}
	return nil
}

// policies reads the policy of each project, several at a time.
func (b *Board) policies(ctx context.Context, host string, projects []string) (map[string]Policy, error) {
	projects = slices.Compact(slices.Sorted(slices.Values(projects)))
	list := make([]Policy, len(projects))
	group, gctx := errgroup.WithContext(ctx)
	group.SetLimit(8)
	for i, project := range projects {
		group.Go(func() (err error) {
			list[i], err = b.policyOf(gctx, host, project)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	out := make(map[string]Policy, len(list))
	for i, project := range projects {
		out[project] = list[i]
	}
	return out, nil
}

// stored is an error of the store, or of whoever waits for it.
func (b *Board) stored(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return unanswered("read what is kept", err)
}

// inShadow reports whether something about the change is for owners alone.
func (a *about) inShadow() bool {
	return a.policy.Mode == modeShadow || a.policy.Mode == modeOn && (a.kept.Summary != nil && a.kept.Summary.Shadow ||
		slices.ContainsFunc(a.kept.Outcomes, func(o review.Outcome) bool { return o.Verdict == review.VerdictShadow }))
}

// hides reports whether an outcome is not for the viewer: what was not said on
// the change is for owners, as long as the project tries the bot out.
func (a *about) hides(v review.Verdict) bool {
	return !a.owner && (v == review.VerdictShadow || a.policy.Mode == modeShadow && v != review.VerdictPosted)
}

// outcome returns what was decided about the summary of a patch set.
func (a *about) outcome(patchSet int) (review.Outcome, bool) {
	for _, o := range a.kept.Outcomes {
		if o.PatchSet == patchSet && o.Kind == review.PostSummary {
			return o, true
		}
	}
	return review.Outcome{}, false
}

// current is the number of the newest patch set: what was decided may be newer
// than Gerrit's answer.
func (a *about) current(seen *sighted) int {
	n := seen.PatchSet
	for _, o := range a.kept.Outcomes {
		n = max(n, o.PatchSet)
	}
	return n
}

// state says what the bot made of a patch set.
func (a *about) state(status review.Status, patchSet int) (State, string) {
	if a.policy.Mode == modeOff {
		return StateOff, reasonOff + ":" + cmp.Or(a.policy.Off, "off")
	}
	o, decided := a.outcome(patchSet)
	reason, _, _ := strings.Cut(o.Reason, ":")
	switch {
	case a.hides(o.Verdict):
		return StateWaiting, ReasonTrial
	case !decided && status != review.StatusNew:
		return StateSkipped, reasonClosed
	case !decided:
		return StateWaiting, ""
	case reason == reasonPosted && o.Verdict == review.VerdictShadow:
		return StateSummarized, ReasonShadow
	case reason == reasonPosted, reason == reasonStands:
		return StateSummarized, o.Reason
	case reason == reasonNothing:
		return StateQuiet, o.Reason
	case reason == reasonSuperseded:
		return StateWaiting, o.Reason
	}
	return StateSkipped, o.Reason
}

// shows reports whether the text of a summary is for the viewer.
func (a *about) shows(s *review.Summary, current int) bool {
	if s == nil || a.policy.Mode == modeOff {
		return false
	}
	if o, _ := a.outcome(s.PatchSet); (s.Shadow || o.Verdict == review.VerdictShadow) && !a.owner {
		return false
	}
	o, _ := a.outcome(current)
	switch o.Reason {
	case reasonMuted, reasonPrivate, reasonGone:
		return false
	}
	return true
}

// row is what the viewer is told of a change.
func (b *Board) row(t target, seen *sighted, a *about) Change {
	current := a.patchSet
	c := Change{
		ID: seen.ID.String(), Host: seen.ID.Host, Project: seen.ID.Project, Number: seen.ID.Number,
		Branch: seen.Branch, Topic: seen.Topic, Subject: seen.Subject, Status: string(seen.Status), WIP: seen.WIP,
		URL: t.gerrit.ChangeURL(seen.ID), Owner: b.person(seen.Owner), PatchSet: current, Created: seen.Created, Updated: seen.Updated, Submitted: seen.Submitted,
		Reviewers: []Person{}, Labels: []Label{}, Picks: []Pick{},
	}
	if s := seen.standing; s != nil {
		c.Reviewers, c.Labels, c.Submit = s.reviewers, s.labels, s.submit
	}
	c.State, c.Reason = a.state(seen.Status, current)
	c.Says = b.says(c.Reason)
	if s := a.kept.Summary; a.shows(s, current) {
		c.Summary, c.Picks = brief(s, current), picks(s)
	}
	c.Builds = a.builds
	return c
}

// tellsBuilds reports whether the viewer is told of builds.
func (a *about) tellsBuilds() bool {
	return a.policy.Builds && (a.policy.Mode == modeOn || a.policy.Mode == modeShadow && a.owner)
}

// person is what is shown of an account.
func (b *Board) person(a review.Account) Person {
	p := Person{Name: a.Name}
	if b.d.Catalog != nil && a.Username != "" {
		p.Entity = b.d.Catalog.EntityOf(a.Username)
	}
	return p
}

// brief is the short form of a summary.
func brief(s *review.Summary, current int) *Brief {
	b := Brief{
		PatchSet: s.PatchSet, Stale: s.PatchSet < current, Title: s.Title, Bullets: listed(s.Bullets[:min(len(s.Bullets), 3)]),
		Look: len(s.Look) + len(s.Risks), Model: s.Model, Shadow: s.Shadow, Created: s.Created,
	}
	worst := 0
	for _, list := range [][]review.Place{s.Look, s.Risks} {
		for _, p := range list {
			worst = max(worst, slices.Index(severities, p.Severity))
		}
	}
	b.Severity = severities[worst]
	return &b
}
