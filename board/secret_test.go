// SPDX-License-Identifier: Apache-2.0

package board_test

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"review-assistant/board"
	"review-assistant/review"
)

// Who follows a project of which Gerrit shows them nothing cannot tell it from
// one that does not exist: not when a change in it is hidden, and not when the
// project itself moves.
func TestStreamOfAnUnknownProject(t *testing.T) {
	hides := func(number int) review.News {
		return review.News{Kind: review.NewsAccess, Change: review.ChangeID{Host: "h1", Project: "secret", Number: number}, Hides: true}
	}
	for _, tt := range []struct {
		name   string
		sees   bool // a change of the project
		place  board.Place
		news   review.News
		reload bool
	}{
		{"a hidden change", false, board.Place{Host: "h1", Project: "secret"}, hides(7), false},
		{"a hidden change, by entity", false, board.Place{Entity: "component:default/secret"}, hides(7), false},
		{"the project", false, board.Place{Host: "h1", Project: "secret"}, hides(0), false},
		{"the host", false, board.Place{Host: "h1", Project: "secret"}, review.News{Kind: review.NewsAccess, Change: review.ChangeID{Host: "h1"}, Hides: true}, true},
		{"a hidden change of a project that is seen", true, board.Place{Host: "h1", Project: "secret"}, hides(7), true},
		{"a project that is seen", true, board.Place{Host: "h1", Project: "secret"}, hides(0), true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := newGerrit("h1")
				blind := func(c *fakeChange) { c.blind[2] = true }
				g.add("secret", 7, blind)
				if tt.sees {
					g.add("secret", 8)
				} else {
					g.add("secret", 8, blind)
				}
				rows := make(chan review.News, 1)
				seq := int64(0)
				feed := board.NewFeed(board.FeedOptions{Rows: func(context.Context, int64, int) ([]review.Row, error) {
					select {
					case n := <-rows:
						seq++
						data, err := json.Marshal(n)
						return []review.Row{{Seq: seq, Key: strconv.FormatInt(seq, 10), At: time.Now(), Data: data}}, err
					default:
						return nil, nil
					}
				}})
				b, err := board.New(board.Deps{
					Gerrits: map[string]board.Gerrit{"h1": g}, Store: &fakeStore{}, Feed: feed, Now: time.Now,
					Catalog: fakeCatalog{"component:default/secret": {Host: "h1", Project: "secret"}},
					Policy:  func(context.Context, string, string) (board.Policy, error) { return board.Policy{}, nil },
					Clean:   func(_ context.Context, _, _ string, texts []string) ([]string, error) { return texts, nil },
					Says:    func(string) string { return "" },
				})
				if err != nil {
					t.Fatal(err)
				}
				ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
				defer cancel()
				go feed.Run(ctx)
				v := review.Viewer{Issuer: "i", Subject: "s", Accounts: map[string]review.Account{"h1": {ID: 2}}}
				s, err := b.Subscribe(ctx, v, board.NewsQuery{Place: tt.place, After: -1})
				if err != nil {
					t.Fatal(err)
				}
				time.AfterFunc(5*time.Second, func() { rows <- tt.news })
				news, _, err := s.Next(ctx)
				if tt.reload && (err != nil || len(news) != 1 || news[0].Change.Number != 0) {
					t.Errorf("got %+v, %v, want a reload", news, err)
				}
				if !tt.reload && !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("got %+v, %v, want nothing", news, err)
				}
			})
		})
	}
}

// Who owned a project owns it for less than a minute more, for the client
// behind keeps some seconds of it too.
func TestOwnersAreAskedEarlier(t *testing.T) {
	w := newWorld(t, 1)
	w.policies["a/pay"] = board.Policy{Mode: "shadow"}
	id := w.a.add("pay", 1)
	w.store.keep(id, 1, "shadow", "posted", func(s *review.Summary) { s.Shadow = true })
	w.a.owners["pay"] = []int64{5}
	shown := func() bool {
		t.Helper()
		d, err := w.Change(t.Context(), viewer(5), id, 0)
		if err != nil {
			t.Fatal(err)
		}
		return d.Full != nil
	}
	if !shown() {
		t.Fatal("an owner sees nothing")
	}
	w.a.owners["pay"] = nil
	w.clock.add(55 * time.Second)
	if shown() {
		t.Error("who owned the project still sees what is for owners")
	}
}
