// SPDX-License-Identifier: Apache-2.0

package board

import (
	"context"
	"errors"
	"maps"
	"slices"

	"review-assistant/review"
)

// Subscribe opens a stream of news that the viewer may know of. What moves is
// followed by what Gerrit says of it, so a stream asks no more than a reader
// would: once a minute for each change that moves.
func (b *Board) Subscribe(ctx context.Context, v review.Viewer, q NewsQuery) (Stream, error) {
	if err := b.admit(v); err != nil {
		return nil, err
	}
	if b.d.Feed == nil {
		return nil, &review.GoneError{Err: errors.New("nothing follows the news here")}
	}
	return b.d.Feed.subscribe(ctx, b, v, q)
}

// sees returns those of the changes, of any host, that the viewer may see now.
// A host where the viewer has no account shows nothing.
func (b *Board) sees(ctx context.Context, v review.Viewer, ids []review.ChangeID) (map[review.ChangeID]bool, error) {
	if err := b.admit(v); err != nil {
		return nil, err
	}
	hosts := map[string][]review.ChangeID{}
	for _, id := range ids {
		hosts[id.Host] = append(hosts[id.Host], id)
	}
	return settled(b, func() (map[review.ChangeID]bool, []proof, error) {
		out := map[review.ChangeID]bool{}
		var proofs []proof
		for _, host := range slices.Sorted(maps.Keys(hosts)) {
			t, err := b.on(v, host)
			if err != nil {
				continue
			}
			seen, more, err := b.seen(ctx, t, hosts[host], needShown)
			if err != nil {
				return nil, nil, err
			}
			for id := range seen {
				out[id] = true
			}
			proofs = append(proofs, more...)
		}
		return out, proofs, nil
	})
}

// saw reports whether a change was shown to the viewer before it moved, as far as
// this replica remembers.
func (b *Board) saw(v review.Viewer, id review.ChangeID) bool {
	b.sights.mu.Lock()
	defer b.sights.mu.Unlock()
	return b.sights.lost[id][v.Accounts[id.Host].ID]
}

// where finds a place, and asks whether the viewer sees any change of its project:
// to others the project is no more than a name that they made up.
func (b *Board) where(ctx context.Context, v review.Viewer, p Place) (w whereabouts, err error) {
	t, err := b.resolve(v, p)
	if err != nil {
		return w, err
	}
	w = whereabouts{host: t.host, project: t.source.Project}
	if w.project == "" {
		return w, nil
	}
	w.known, err = settled(b, func() (bool, []proof, error) { return b.seesAny(ctx, t) })
	return w, err
}
