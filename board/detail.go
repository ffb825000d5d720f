// SPDX-License-Identifier: Apache-2.0

package board

import (
	"context"

	"review-assistant/review"
)

// Change returns a change, with the summary of a patch set; 0 for the newest
// that has one. A change that the viewer may not see is a [review.GoneError]
// with the same text, after the same work, as one that does not exist. Who may
// see it is told [ErrNoPatchSet] of a patch set that it does not have.
func (b *Board) Change(ctx context.Context, v review.Viewer, id review.ChangeID, patchSet int) (Detail, error) {
	return b.change(ctx, v, review.Source{}, id, patchSet)
}

// ChangeOf returns a change of an entity of the catalog, as Change does. One that
// is not of its project, or not on its branch, or does not touch its folder, is as
// one that is not shown.
func (b *Board) ChangeOf(ctx context.Context, v review.Viewer, entity string, id review.ChangeID, patchSet int) (Detail, error) {
	if err := b.admit(v); err != nil {
		return Detail{}, err
	}
	of, err := b.sourceOf(entity)
	if err != nil {
		return Detail{}, err
	}
	return b.change(ctx, v, of, id, patchSet)
}

func (b *Board) change(ctx context.Context, v review.Viewer, of review.Source, id review.ChangeID, patchSet int) (Detail, error) {
	t, err := b.on(v, id.Host)
	if review.IsGone(err) || id.Number <= 0 || id.Project == "" || !askable(id.Project) || patchSet < 0 {
		return Detail{}, &review.GoneError{Err: errNoChange}
	}
	if err != nil {
		return Detail{}, err
	}
	d, err := settled(b, func() (Detail, []proof, error) {
		seen, proofs, err := b.one(ctx, t, id, of)
		if err != nil {
			return Detail{}, nil, err
		}
		// Gerrit was asked before this: how long it takes does not tell whose code
		// the entity is.
		elsewhere := of.Host != "" && of.Host != id.Host || of.Project != "" && of.Project != id.Project
		if seen == nil || elsewhere || !of.On(seen.Branch) {
			return Detail{}, nil, &review.GoneError{Err: errNoChange}
		}
		d, more, err := b.detail(ctx, t, seen, patchSet)
		return d, append(proofs, more...), err
	})
	if err == nil && patchSet > d.PatchSet {
		return Detail{}, &review.GoneError{Err: ErrNoPatchSet}
	}
	return d, err
}

// one returns a change if it is shown, nil if not, or if it does not touch the
// folder, which only Gerrit can tell.
func (b *Board) one(ctx context.Context, t target, id review.ChangeID, of review.Source) (*sighted, []proof, error) {
	if of.Dir == "" {
		seen, proofs, err := b.seen(ctx, t, []review.ChangeID{id}, needStanding)
		return seen[id], proofs, err
	}
	p, proofs, err := b.page(ctx, t, review.SightQuery{Project: id.Project, Dir: of.Dir, Number: id.Number, Standing: true, Limit: 1})
	if err != nil || len(p.rows) == 0 || p.rows[0].ID != id {
		return nil, nil, err
	}
	return p.rows[0], proofs, nil
}

func (b *Board) detail(ctx context.Context, t target, seen *sighted, patchSet int) (Detail, []proof, error) {
	all, proofs, err := b.about(ctx, t, []*sighted{seen})
	if err != nil {
		return Detail{}, nil, err
	}
	a := &all[0]
	d := Detail{Change: b.row(t, seen, a), Outcomes: []Outcome{}}
	if a.policy.Mode == modeOff {
		return d, proofs, nil
	}
	for _, o := range a.kept.Outcomes {
		if !a.hides(o.Verdict) {
			d.Outcomes = append(d.Outcomes, Outcome{o.PatchSet, string(o.Kind), string(o.Verdict), o.Reason, b.told(o.Verdict, o.Reason), o.Audit, o.At})
		}
	}
	s := a.kept.Summary
	// Where the newest text is hidden, or there is none, older ones are as well.
	if s != nil && patchSet > 0 && s.PatchSet != patchSet {
		older, found, err := b.d.Store.SummaryAt(ctx, seen.ID, patchSet)
		if err != nil {
			return d, nil, b.stored(ctx, err)
		}
		if s = nil; found && older.Change == seen.ID && older.PatchSet == patchSet {
			if s = &older; s.Shadow && !a.owner {
				// The newest may be none of shadow: then nobody asked who owns it.
				var more []proof
				if a.owner, more, err = b.owner(ctx, t, seen.ID.Project); err != nil {
					return d, nil, err
				}
				proofs = append(proofs, more...)
			}
		}
	}
	if d.Picks = []Pick{}; a.shows(s, d.PatchSet) {
		d.Full, d.Picks = full(s), picks(s)
	}
	return d, proofs, nil
}
