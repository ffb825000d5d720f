// SPDX-License-Identifier: Apache-2.0

package board

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"review-assistant/review"
)

// Check says what is wrong with order, branch or search, in words for whoever
// wrote them. It is for who takes a query from outside: Changes does not check.
func (q ChangesQuery) Check() error {
	switch {
	case !slices.Contains([]Order{"", OrderUpdated, OrderUrgent}, q.Order):
		return errors.New("order is not one of updated and urgent")
	case q.Branch != "" && !review.ValidBranch(q.Branch):
		return fmt.Errorf("branch is not the name of a branch, of at most %d characters", review.MaxSearch)
	case !review.ValidSearch(q.Search):
		return fmt.Errorf("search is not a number or one to %d words, in at most %d characters", review.MaxSearchWords, review.MaxSearch)
	}
	return nil
}

// Changes returns a page of the changes of a place. It asks Gerrit once, and once
// a minute more whether the viewer may know of a project of which none are shown.
func (b *Board) Changes(ctx context.Context, v review.Viewer, q ChangesQuery) (List[Change], error) {
	t, err := b.resolve(v, q.Place)
	if err != nil {
		return List[Change]{}, err
	}
	limit := within(q.Limit, perCall)
	sight := review.SightQuery{
		Project: t.source.Project, Dir: t.source.Dir, Branch: cmp.Or(q.Branch, t.source.Branch), Status: q.Status, Search: q.Search, Standing: true, Limit: limit,
	}
	if q.Order == OrderUrgent {
		q.Page, sight.Limit = Page{}, perCall
	}
	return settled(b, func() (List[Change], []proof, error) {
		var p page
		var proofs []proof
		var err error
		// No change is on two branches.
		if t.source.On(sight.Branch) {
			p, proofs, err = b.turn(ctx, t, sight, q.Page)
		}
		if err != nil {
			return List[Change]{}, nil, err
		}
		rows, more, err := b.rows(ctx, t, p.rows)
		if err != nil {
			return List[Change]{}, nil, err
		}
		out := List[Change]{Rows: rows, Next: p.next()}
		if q.Order == OrderUrgent {
			out = urgent(rows, limit, p.more)
		}
		mode, known, err := b.modeOf(ctx, t, len(rows) > 0)
		out.Mode = mode
		return out, slices.Concat(proofs, more, known), err
	})
}

// urgent puts what needs somebody first, by what the rows show. More says that
// there are rows behind them.
func urgent(rows []Change, limit int, more bool) List[Change] {
	slices.SortStableFunc(rows, func(a, b Change) int {
		return cmp.Or(cmp.Compare(urgency(b), urgency(a)), cmp.Compare(severity(b), severity(a)), b.Updated.Compare(a.Updated))
	})
	return List[Change]{Rows: rows[:min(len(rows), limit)], Considered: len(rows), More: more}
}

// urgency is higher for what fails, and most for what fails because of the change.
func urgency(c Change) int {
	switch {
	case c.Builds == nil || c.Builds.Failed == 0:
		return 0
	case c.Builds.Classes[classChange] > 0:
		return 2
	}
	return 1
}

// classChange is the class of failures that a change causes, in the word of
// package builds.
const classChange = "change"

// severity is where the summary's stands in severities.
func severity(c Change) int {
	if c.Summary == nil {
		return 0
	}
	return max(0, slices.Index(severities, c.Summary.Severity))
}

// within bounds how many rows are wanted.
func within(limit, most int) int { return max(1, min(limit, most)) }

// What the viewer has to do with a change, in the order of the list.
var relations = []review.Relation{review.RelationAttention, review.RelationReviewer}

// segment is a part of the list of reviews: one relation on one host.
type segment struct {
	target
	relation review.Relation
}

// Reviews returns a page of the open changes that wait for the viewer. A page
// may be short, or empty, and have one behind it. It asks each Gerrit at most
// once for each relation.
func (b *Board) Reviews(ctx context.Context, v review.Viewer, q ReviewsQuery) (List[Change], error) {
	segments, err := b.segments(v, q.Host)
	if err != nil {
		return List[Change]{}, err
	}
	return settled(b, func() (List[Change], []proof, error) { return b.reviews(ctx, segments, q) })
}

// segments are the parts of a viewer's list, on one host or on all.
func (b *Board) segments(v review.Viewer, host string) ([]segment, error) {
	if err := b.admit(v); err != nil {
		return nil, err
	}
	hosts := []string{host}
	if host == "" {
		hosts = slices.Sorted(maps.Keys(v.Accounts))
	}
	var targets []target
	for _, h := range hosts {
		t, err := b.on(v, h)
		switch {
		case err == nil:
			targets = append(targets, t)
		case host != "":
			return nil, err
		}
	}
	if len(targets) == 0 {
		return nil, &review.DeniedError{Err: errNoAccount}
	}
	var out []segment
	for _, r := range relations {
		for _, t := range targets {
			out = append(out, segment{t, r})
		}
	}
	return out, nil
}

// reviews walks the segments. [Page.After] is the one where a page begins.
func (b *Board) reviews(ctx context.Context, segments []segment, q ReviewsQuery) (List[Change], []proof, error) {
	out := List[Change]{Rows: []Change{}}
	var proofs []proof
	limit := within(q.Limit, perCall)
	from := q.Page
	for i := max(0, from.After); i < int64(len(segments)); i++ {
		s := segments[i]
		if len(out.Rows) == limit {
			out.Next = &Page{After: i}
			break
		}
		p, shown, err := b.turn(ctx, s.target, review.SightQuery{
			Status: review.StatusNew, Relation: s.relation, Standing: true, Limit: limit - len(out.Rows),
		}, from)
		if err != nil {
			return out, nil, err
		}
		from = Page{}
		// What waits for attention was listed under that.
		seen := slices.DeleteFunc(slices.Clone(p.rows), func(c *sighted) bool {
			return s.relation == review.RelationReviewer && slices.Contains(c.Attention, s.account)
		})
		rows, more, err := b.rows(ctx, s.target, seen)
		if err != nil {
			return out, nil, err
		}
		for _, c := range rows {
			// What moved meanwhile may be in a newer page once more.
			if !slices.ContainsFunc(out.Rows, func(o Change) bool { return o.ID == c.ID }) {
				c.Waits = string(s.relation)
				out.Rows = append(out.Rows, c)
			}
		}
		proofs = append(append(proofs, shown...), more...)
		if out.Next = p.next(); out.Next != nil {
			out.Next.After = i
			break
		}
	}
	return out, proofs, nil
}
