// SPDX-License-Identifier: Apache-2.0

package board

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"review-assistant/review"
)

// BranchesQuery asks for the branches of a place.
type BranchesQuery struct{ Place }

// Branch is a branch with its last build and how much waits for it.
type Branch struct {
	Branch  string       `json:"branch"` // without refs/heads/
	Default bool         `json:"default,omitempty"`
	Open    int          `json:"open"`               // open changes, without work in progress
	Ready   int          `json:"ready"`              // of them those that meet all submit requirements
	AtLeast bool         `json:"at_least,omitempty"` // only the newest open changes of the project were counted
	Build   *BranchBuild `json:"build"`              // null when CI said nothing of the branch that may be told
}

// BranchBuild is what CI says of a branch.
type BranchBuild struct {
	Result review.BuildResult `json:"result"` // the worst of the newest run of each job
	Ended  time.Time          `json:"ended"`  // of the newest run
	Runs   []BranchRun        `json:"runs"`   // at most maxBranchRuns, the worst first
}

// BranchRun is the newest run of a job on a branch.
type BranchRun struct {
	Job    string             `json:"job"`
	Result review.BuildResult `json:"result"`
	Ended  time.Time          `json:"ended"`
	URL    string             `json:"url,omitempty"` // the run's page
}

// maxBranchRuns is how many runs are shown of a branch; its result is that of all.
const maxBranchRuns = 100

// openKey is a question for open changes. The account stands in the query.
type openKey struct {
	host string
	q    review.OpenQuery
}

func (k openKey) scope() scope {
	return scope{id: review.ChangeID{Host: k.host, Project: k.q.Project}, list: true}
}

// Branches returns the branches of a place on which the viewer sees open changes,
// and the default branch when every account may read it and it has builds: this
// one first, then those with most open changes. Builds are told of these branches
// alone: Gerrit shows a change that is not private to nobody who may not read its
// branch. Of an entity that is on one branch there is no other.
func (b *Board) Branches(ctx context.Context, v review.Viewer, q BranchesQuery) (List[Branch], error) {
	t, err := b.resolve(v, q.Place)
	switch {
	case err != nil:
		return List[Branch]{}, err
	case t.source.Project == "":
		return List[Branch]{}, &review.RejectedError{Err: errNoProject}
	case !askable(t.source.Project):
		return List[Branch]{Rows: []Branch{}}, nil
	}
	return settled(b, func() (List[Branch], []proof, error) {
		rows, proofs, err := b.branches(ctx, t)
		if err != nil {
			return List[Branch]{}, nil, err
		}
		mode, more, err := b.modeOf(ctx, t, len(rows) > 0)
		return List[Branch]{Rows: rows, Mode: mode}, append(proofs, more...), err
	})
}

func (b *Board) branches(ctx context.Context, t target) ([]Branch, []proof, error) {
	count, proofs, err := b.openOf(ctx, t)
	if err != nil {
		return nil, nil, err
	}
	public, more, err := b.everybodys(ctx, t)
	if err != nil {
		return nil, nil, err
	}
	proofs = append(proofs, more...)
	runs, more, err := b.lastRuns(ctx, t, func(branch string) bool {
		return branch != "" && t.source.On(branch) && (branch == public || count.Branches[branch].All > 0)
	})
	if err != nil {
		return nil, nil, err
	}
	proofs = append(proofs, more...)
	out := []Branch{}
	add := func(name string, open review.Open) {
		out = append(out, Branch{
			Branch: plain(name), Default: public != "" && name == public, Open: open.All, Ready: open.Ready,
			AtLeast: count.More, Build: buildOf(runs[name]),
		})
	}
	for name, open := range count.Branches {
		add(name, open)
	}
	if _, is := count.Branches[public]; !is && len(runs[public]) > 0 {
		add(public, review.Open{})
	}
	slices.SortFunc(out, func(a, b Branch) int {
		if a.Default != b.Default {
			return cmp.Compare(num(b.Default), num(a.Default))
		}
		return cmp.Or(cmp.Compare(b.Open, a.Open), strings.Compare(a.Branch, b.Branch))
	})
	return out, proofs, nil
}

func num(is bool) int {
	if is {
		return 1
	}
	return 0
}

// openKey is the question for a target's open changes.
func (t target) openKey() openKey {
	return openKey{t.host, review.OpenQuery{Account: t.account, Project: t.source.Project, Dir: t.source.Dir, Branch: t.source.Branch}}
}

// readable returns the branches on which the viewer sees open changes, and which the
// viewer may read therefore. A vote is no reason to ask for that again.
func (b *Board) readable(ctx context.Context, t target) (map[string]review.Open, []proof, error) {
	k := t.openKey()
	if count, asked, is := b.open.last(k); is {
		return count.Branches, []proof{{k.scope(), asked}}, nil
	}
	count, proofs, err := b.openOf(ctx, t)
	return count.Branches, proofs, err
}

// openOf counts the open changes that the viewer may see, in one question.
func (b *Board) openOf(ctx context.Context, t target) (review.OpenCount, []proof, error) {
	k := t.openKey()
	count, asked, err := b.open.get(ctx, k, func(ctx context.Context, _ stamp) (review.OpenCount, error) {
		count, err := t.gerrit.Open(ctx, k.q)
		if err != nil {
			return review.OpenCount{}, unanswered("ask Gerrit for open changes", err)
		}
		return count, nil
	})
	return count, []proof{{k.scope(), asked}}, err
}

// lastRuns returns the newest runs on branches, if any are to be told of the project.
func (b *Board) lastRuns(ctx context.Context, t target, shows func(branch string) bool) (map[string][]BranchRun, []proof, error) {
	if b.d.Builds == nil {
		return nil, nil, nil
	}
	may, proofs, err := b.mayTellBuilds(ctx, t)
	if err != nil || !may {
		return nil, proofs, err
	}
	runs, err := b.d.Builds.LastRuns(ctx, t.host, t.source.Project, shows)
	if err != nil {
		return nil, nil, b.stored(ctx, err)
	}
	return runs, proofs, nil
}

// badness orders results, the worst first.
var badness = []review.BuildResult{
	review.BuildFailed, review.BuildTimedOut, review.BuildBroken, review.BuildAborted, review.BuildSkipped, review.BuildPassed,
}

// buildOf puts the newest run of each job together, nil for none.
func buildOf(runs []BranchRun) *BranchBuild {
	runs = slices.DeleteFunc(slices.Clone(runs), func(r BranchRun) bool { return !slices.Contains(badness, r.Result) })
	if len(runs) == 0 {
		return nil
	}
	slices.SortFunc(runs, func(a, b BranchRun) int {
		return cmp.Or(cmp.Compare(slices.Index(badness, a.Result), slices.Index(badness, b.Result)), b.Ended.Compare(a.Ended), strings.Compare(a.Job, b.Job))
	})
	out := &BranchBuild{Result: runs[0].Result}
	for _, r := range runs {
		if r.Ended.After(out.Ended) {
			out.Ended = r.Ended
		}
	}
	out.Runs = runs[:min(len(runs), maxBranchRuns)]
	return out
}

// Open implements [Gerrit].
func (l limited) Open(ctx context.Context, q review.OpenQuery) (c review.OpenCount, err error) {
	err = l.turn(ctx, func() error { c, err = l.Gerrit.Open(ctx, q); return err })
	return c, err
}
