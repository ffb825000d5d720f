// SPDX-License-Identifier: Apache-2.0

package board

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"review-assistant/review"
)

// stuck is a Gerrit that takes requests and never answers.
type stuck struct {
	Gerrit
	now, most atomic.Int64
}

func (s *stuck) wait(ctx context.Context) error {
	if n := s.now.Add(1); n > s.most.Load() {
		s.most.Store(n)
	}
	defer s.now.Add(-1)
	<-ctx.Done()
	return ctx.Err()
}

func (s *stuck) Seen(ctx context.Context, _ review.SightQuery) (review.SightPage, error) {
	return review.SightPage{}, s.wait(ctx)
}

func (s *stuck) Sees(ctx context.Context, _ int64, _ []review.ChangeID, _ bool) (map[review.ChangeID]review.Seen, error) {
	return nil, s.wait(ctx)
}

func (s *stuck) Owns(ctx context.Context, _ string, _ int64) (bool, error) { return false, s.wait(ctx) }

func (s *stuck) Public(ctx context.Context, _ string) (string, error) { return "", s.wait(ctx) }

// Each request has its own end, whoever asked first, and the bot keeps its
// share of a Gerrit that answers nobody.
func TestGerritHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &stuck{}
		b, err := New(Deps{
			Gerrits: map[string]Gerrit{"a": g}, Store: noStore{}, Now: time.Now,
			Policy: func(context.Context, string, string) (Policy, error) { return Policy{}, nil },
			Clean:  func(_ context.Context, _, _ string, texts []string) ([]string, error) { return texts, nil },
			Says:   func(string) string { return "" },
		})
		if err != nil {
			t.Fatal(err)
		}
		const patience = 7 * time.Second
		var all sync.WaitGroup
		for account := range 40 {
			for range 2 {
				all.Go(func() {
					ctx, cancel := context.WithTimeout(t.Context(), patience)
					defer cancel()
					began := time.Now()
					v := review.Viewer{Accounts: map[string]review.Account{"a": {ID: int64(account) + 1}}}
					var err error
					if account%2 == 0 {
						_, err = b.Changes(ctx, v, ChangesQuery{Limit: 10})
					} else {
						_, err = b.Change(ctx, v, review.ChangeID{Host: "a", Project: "pay", Number: 1}, 0)
					}
					if took := time.Since(began); took > patience || err == nil || review.IsGone(err) || review.IsDenied(err) {
						t.Errorf("after %s: %v", took, err)
					}
				})
			}
		}
		all.Wait()
		if n := g.most.Load(); n != maxAtOnce {
			t.Errorf("%d questions at once", n)
		}
		// Without an end of its own a question has ours.
		began := time.Now()
		_, err = b.Changes(t.Context(), review.Viewer{Accounts: map[string]review.Account{"a": {ID: 99}}}, ChangesQuery{Limit: 10})
		if took := time.Since(began); took != callTime || err == nil {
			t.Errorf("after %s: %v", took, err)
		}
		l := newLimited(g)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := l.Owns(ctx, "pay", 1); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("owns: %v", err)
		}
		if _, err := l.Public(ctx, "pay"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("public: %v", err)
		}
	})
}

type noStore struct{}

func (noStore) Kept(context.Context, []review.ChangeID) (map[review.ChangeID]review.Kept, error) {
	return nil, nil
}

func (noStore) SummaryAt(context.Context, review.ChangeID, int) (review.Summary, bool, error) {
	return review.Summary{}, false, nil
}
