// SPDX-License-Identifier: Apache-2.0

package board

import (
	"context"
	"slices"

	"review-assistant/review"
)

// maxFailures is how many failures an answer holds.
const maxFailures = 500

// Failures are the open failures of a place.
type Failures struct {
	Clusters any    // a JSON list, most important first
	Mode     string // as [List.Mode]
	Builds   bool   // the project wants builds looked at; only known with a mode
}

// Failures returns open failures, most important first: those of builds of changes
// that the viewer may see, and those of branches of which [Board.Branches] tells. Of
// more than 200 changes about which Gerrit was not asked within the last minute, the
// newest count.
func (b *Board) Failures(ctx context.Context, v review.Viewer, q FailuresQuery) (Failures, error) {
	t, err := b.resolve(v, q.Place)
	switch {
	case err != nil:
		return Failures{}, err
	case t.source.Project == "":
		return Failures{}, &review.RejectedError{Err: errNoProject}
	case !askable(t.source.Project):
		return Failures{Clusters: []any{}}, nil
	}
	return settled(b, func() (Failures, []proof, error) {
		list, shown, proofs, err := b.failures(ctx, t, within(q.Limit, maxFailures))
		if err != nil {
			return Failures{}, nil, err
		}
		mode, more, err := b.modeOf(ctx, t, shown)
		if err != nil || mode == "" {
			return Failures{Clusters: list}, append(proofs, more...), err
		}
		p, err := b.policyOf(ctx, t.host, t.source.Project)
		return Failures{list, mode, p.Builds && mode != modeOff}, append(proofs, more...), err
	})
}

// mayTellBuilds reports whether the viewer is told of the project's builds, with
// the proofs of ownership that it took.
func (b *Board) mayTellBuilds(ctx context.Context, t target) (bool, []proof, error) {
	a := about{}
	var proofs []proof
	var err error
	if a.policy, err = b.policyOf(ctx, t.host, t.source.Project); err != nil {
		return false, nil, err
	}
	if a.policy.Mode == modeShadow {
		if a.owner, proofs, err = b.owner(ctx, t, t.source.Project); err != nil {
			return false, nil, err
		}
	}
	return a.tellsBuilds(), proofs, nil
}

// failures also reports whether anything of the project was shown, which the list
// does not say by itself.
func (b *Board) failures(ctx context.Context, t target, limit int) (list any, shown bool, proofs []proof, err error) {
	if b.d.Builds == nil {
		return []any{}, false, nil, nil
	}
	project := t.source.Project
	may, proofs, err := b.mayTellBuilds(ctx, t)
	if err != nil || !may {
		return []any{}, false, proofs, err
	}
	numbers, err := b.d.Builds.Changes(ctx, t.host, project)
	if err != nil {
		return nil, false, nil, b.stored(ctx, err)
	}
	numbers = slices.Clone(numbers)
	slices.Sort(numbers)
	slices.Reverse(numbers)
	ids := make([]review.ChangeID, len(numbers))
	for i, n := range numbers {
		ids[i] = review.ChangeID{Host: t.host, Project: project, Number: n}
	}
	seen, some, err := b.seen(ctx, t, ids, needShown)
	if err != nil {
		return nil, false, nil, err
	}
	public, more, err := b.everybodys(ctx, t)
	if err != nil {
		return nil, false, nil, err
	}
	proofs = slices.Concat(proofs, some, more)
	var covers func(string) bool
	if t.source.Dir != "" {
		covers = t.source.Covers
	}
	var open map[string]review.Open
	others := false // branches are built of which public does not decide
	clusters := func() (any, error) {
		return b.d.Builds.Clusters(ctx, t.host, project, limit, covers, func(change int, branch string) bool {
			if change == 0 {
				if branch == "" || !t.source.On(branch) {
					return false
				}
				others = others || branch != public
				return branch == public || open[branch].All > 0
			}
			c := seen[review.ChangeID{Host: t.host, Project: project, Number: change}]
			return c != nil && t.source.On(c.Branch)
		})
	}
	if list, err = clusters(); err == nil && others {
		// Seldom, and so it is asked for only now: it costs Gerrit most.
		if open, more, err = b.readable(ctx, t); err != nil {
			return nil, false, nil, err
		}
		proofs = append(proofs, more...)
		list, err = clusters()
	}
	if err != nil {
		return nil, false, nil, b.stored(ctx, err)
	}
	return list, len(seen) > 0 || public != "" || len(open) > 0, proofs, nil
}
