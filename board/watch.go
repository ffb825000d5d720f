// SPDX-License-Identifier: Apache-2.0

package board

import (
	"context"
	"errors"

	"review-assistant/review"
)

// Subscribe opens a stream of news that the viewer may know of. What is told of
// a change is followed by what Gerrit says of it, so a stream asks as often as
// a reader would: once a minute for each change that moves.
func (b *Board) Subscribe(ctx context.Context, v review.Viewer, q NewsQuery) (Stream, error) {
	if err := b.admit(v); err != nil {
		return nil, err
	}
	if b.d.Feed == nil {
		return nil, &review.GoneError{Err: errors.New("nothing follows the news here")}
	}
	return b.d.Feed.subscribe(ctx, watcher{b}, v, q)
}

// watcher is what a stream needs of a board.
type watcher struct{ b *Board }

func (w watcher) sees(ctx context.Context, v review.Viewer, ids []review.ChangeID) (map[review.ChangeID]review.Seen, error) {
	byHost := map[string][]review.ChangeID{}
	for _, id := range ids {
		byHost[id.Host] = append(byHost[id.Host], id)
	}
	out := map[review.ChangeID]review.Seen{}
	for host, ids := range byHost {
		t, err := w.b.on(v, host)
		if review.IsDenied(err) || review.IsGone(err) {
			continue // nothing there is shown to the viewer
		}
		if err != nil {
			return nil, err
		}
		seen, err := settled(w.b, func() (map[review.ChangeID]*review.Seen, []proof, error) { return w.b.sees(ctx, t, ids) })
		if err != nil {
			return nil, err
		}
		for id, s := range seen {
			out[id] = *s
		}
	}
	return out, nil
}

func (w watcher) where(_ context.Context, v review.Viewer, p Place) (host, project string, err error) {
	t, err := w.b.resolve(v, p)
	return t.host, t.source.Project, err
}
