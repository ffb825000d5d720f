// SPDX-License-Identifier: Apache-2.0

package board

import (
	"context"
	"maps"
	"slices"

	"review-assistant/review"
)

// Changes returns a page of the changes of a place, the newest update first. It
// asks Gerrit at most once.
func (b *Board) Changes(ctx context.Context, v review.Viewer, q ChangesQuery) (List[Change], error) {
	t, err := b.resolve(v, q.Place)
	if err != nil {
		return List[Change]{}, err
	}
	switch q.Status {
	case "", review.StatusNew, review.StatusMerged, review.StatusAbandoned:
	default:
		return List[Change]{}, &review.RejectedError{Err: errStatus}
	}
	return settled(b, func() (List[Change], []proof, error) {
		p, proofs, err := b.turn(ctx, t, review.SightQuery{
			Project: t.source.Project, Dir: t.source.Dir, Status: q.Status, Limit: within(q.Limit, perCall),
		}, q.Page)
		if err != nil {
			return List[Change]{}, nil, err
		}
		rows, more, err := b.rows(ctx, t, p.rows)
		return List[Change]{Rows: rows, Next: p.next()}, append(proofs, more...), err
	})
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
			Status: review.StatusNew, Relation: s.relation, Limit: limit - len(out.Rows),
		}, from)
		if err != nil {
			return out, nil, err
		}
		from = Page{}
		// What waits for attention was listed under that.
		seen := slices.DeleteFunc(slices.Clone(p.rows), func(c *review.Seen) bool {
			return s.relation == review.RelationReviewer && slices.Contains(c.Attention, s.account)
		})
		rows, more, err := b.rows(ctx, s.target, seen)
		if err != nil {
			return out, nil, err
		}
		for _, c := range rows {
			c.Waits = string(s.relation)
			out.Rows = append(out.Rows, c)
		}
		proofs = append(append(proofs, shown...), more...)
		if out.Next = p.next(); out.Next != nil {
			out.Next.After = i
			break
		}
	}
	return out, proofs, nil
}
