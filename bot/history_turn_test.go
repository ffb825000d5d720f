// SPDX-License-Identifier: Apache-2.0

package bot

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"review-assistant/review"
)

// Who waits for its turn asks Gerrit nothing, but for news once an hour, and
// goes on soon after the turn is free.
func TestHistoryWaits(t *testing.T) {
	w := newWorld(t, nil)
	a := withArchive(w)
	w.optIn("web", "")
	for i := range 100 {
		a.close("web", w.now.Add(-time.Duration(i+1)*time.Hour))
	}
	takes := func() {
		w.settings[turnKey(testHost)] = w.now.UTC().Format(time.RFC3339) + " pay"
	}
	takes()
	w.b.startHistoryOf(t, "web")
	w.step()
	a.asked = nil
	start := w.now
	for w.now.Sub(start) < 59*time.Minute {
		takes()
		w.step()
	}
	if len(a.asked) > 0 {
		t.Errorf("%d queries while it waits", len(a.asked))
	}
	for w.now.Sub(start) < 119*time.Minute {
		takes()
		w.step()
	}
	if len(a.asked) != 1 || a.rows() > 0 {
		t.Errorf("%d queries in the second hour, %d rows", len(a.asked), a.rows())
	}
	w.settings[turnKey(testHost)] = ""
	free := w.now
	w.step()
	if w.now.Sub(free) > time.Minute || a.rows() == 0 {
		t.Errorf("%d rows %v after the turn is free", a.rows(), w.now.Sub(free))
	}
}

// Reading ends where the log keeps nothing older.
func TestHistoryStopsAtFloor(t *testing.T) {
	tests := []struct {
		name   string
		before func(w *world, a *archive)
		rows   int
		pages  int
	}{
		{"that stands", func(w *world, a *archive) {
			a.floors = map[string]time.Time{historyLog(testHost): w.now.Add(-100 * time.Hour)}
		}, 100, 4},
		{"of a log that is full", func(w *world, _ *archive) { w.b.opts.HistoryKeep = 100 }, 100, 7},
		{"above old changes that moved lately", func(w *world, a *archive) {
			a.floors = map[string]time.Time{historyLog(testHost): w.now.Add(-100 * time.Hour)}
			for range 60 {
				a.close("pay", w.now).Closed = w.now.Add(-1000 * time.Hour)
			}
		}, 100, 6},
		{"that is far below", func(*world, *archive) {}, 900, 19},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, nil)
			a := withArchive(w)
			w.optIn("pay", "")
			for i := range 900 {
				a.close("pay", w.now.Add(-time.Duration(i+1)*time.Hour))
			}
			tt.before(w, a)
			w.b.startHistoryOf(t, "pay")
			w.drain()
			back := slices.DeleteFunc(a.asked, func(q review.ClosedQuery) bool { return q.Abandoned })
			if s := w.state("pay"); s.Old != nil || a.rows() != tt.rows || len(back) > tt.pages {
				t.Errorf("%d rows after %d pages, want %d after at most %d; state %+v", a.rows(), len(back), tt.rows, tt.pages, s)
			}
		})
	}
}

// A log that was closed by a wrong clock is told of.
func TestHistoryTakesNothing(t *testing.T) {
	for _, tt := range []struct {
		name  string
		floor time.Duration // from now
		age   time.Duration
		want  bool
	}{
		{"a new change below the floor", time.Hour, time.Minute, true},
		{"an old change below the floor", 0, 2 * recent, false},
		{"a known change", -time.Hour, time.Minute, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, nil)
			var said strings.Builder
			w.b.log = slog.New(slog.NewTextHandler(&said, nil))
			a := withArchive(w)
			a.close("pay", w.now.Add(-tt.age))
			a.floors = map[string]time.Time{historyLog(testHost): w.now.Add(tt.floor)}
			for range 2 {
				if _, tooOld, err := w.b.learn(t.Context(), testHost, a.changes); err != nil || tooOld.IsZero() != (a.rows() > 0) {
					t.Errorf("learn() = %v, %v", tooOld, err)
				}
			}
			if got := strings.Contains(said.String(), "takes no new reviews"); got != tt.want {
				t.Errorf("log = %s, want a warning: %v", &said, tt.want)
			}
		})
	}
}

// stumbling steps over the first change that it is asked for with files.
type stumbling struct {
	*archive
	done bool
}

func (s *stumbling) Closed(ctx context.Context, q review.ClosedQuery) (review.ClosedPage, error) {
	if s.done || q.Abandoned {
		return s.archive.Closed(ctx, q)
	}
	s.done = true
	return review.ClosedPage{More: true, Before: q.Before, Skip: q.Skip + 1, Limit: 1, Passed: 1}, nil
}

// A change that no answer can hold is told of, and reading goes on in pages of
// the size that Gerrit answers.
func TestHistoryStepsOver(t *testing.T) {
	w := newWorld(t, nil)
	var said strings.Builder
	w.b.log = slog.New(slog.NewTextHandler(&said, nil))
	a := withArchive(w)
	h := w.b.hosts[testHost]
	h.Closings = &stumbling{archive: a}
	w.b.hosts[testHost] = h
	w.optIn("pay", "")
	for i := range 4 {
		a.close("pay", w.now.Add(-time.Duration(i+1)*time.Hour))
	}
	w.b.startHistoryOf(t, "pay")
	w.drain()
	back := slices.DeleteFunc(a.asked, func(q review.ClosedQuery) bool { return q.Abandoned })
	if a.rows() != 3 || len(back) == 0 || back[0].Skip != 1 || back[0].Limit != 1 {
		t.Errorf("%d rows, want 3; asked %+v", a.rows(), back)
	}
	if !strings.Contains(said.String(), "a closed change is left out") {
		t.Errorf("log = %s", &said)
	}
}

// By hand nothing is read that the server would not read.
func TestHistoryByHandIsRefused(t *testing.T) {
	for _, tt := range []struct {
		name, config, stop string
		want               string
		offline            bool // an import that asks Gerrit nothing is taken
	}{
		{"off", "mode = off\n", "", "the project is off", true},
		{"no suggestions", "[reviewers]\nenabled = false\n", "", "the project wants no suggestions", true},
		{"stopped", "", ScopeAll, errPaused.Error(), false},
		{"project stopped", "", ScopeProject + testHost + "/pay", errPaused.Error(), false},
		{"posts stopped", "", ScopePosts, "", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, nil)
			a := withArchive(w)
			w.optIn("pay", tt.config)
			c := a.close("pay", w.now)
			one := func(yield func(review.Past, error) bool) {
				yield(review.Past{Key: "pay~main~I1", Project: "pay", Closed: c.Closed, Files: []string{"f"}, Reviewers: []review.Account{{Email: "carol@x"}}}, nil)
			}
			if tt.stop != "" {
				w.controls = []review.Control{{Scope: tt.stop}}
			}
			s, err := w.b.Bootstrap(t.Context(), testHost, "pay", func(HistoryState) {})
			if fmt.Sprint(err) != cmp.Or(tt.want, "<nil>") || (len(a.asked) == 0) != (tt.want != "") {
				t.Errorf("Bootstrap() = %+v, %v after %d queries, want %q", s, err, len(a.asked), tt.want)
			}
			if _, asked, _ := w.b.HistoryState(t.Context(), testHost, "pay"); asked != (tt.want == "") {
				t.Errorf("its history is asked for: %v", asked)
			}
			h := w.b.hosts[testHost]
			h.People = directory{w, nil}
			w.b.hosts[testHost] = h
			got, err := w.b.Import(t.Context(), testHost, "pay", one, ImportOptions{})
			if fmt.Sprint(err) != cmp.Or(tt.want, "<nil>") || (got.Added == 0) != (tt.want != "") {
				t.Errorf("Import() = %+v, %v, want %q", got, err, tt.want)
			}
			if got, err := w.b.Import(t.Context(), testHost, "pay", one, ImportOptions{Offline: true}); (err == nil) != tt.offline {
				t.Errorf("Import() offline = %+v, %v", got, err)
			}
		})
	}
}
