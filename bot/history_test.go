// SPDX-License-Identifier: Apache-2.0

package bot

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"review-assistant/review"
	"review-assistant/reviewers"
)

// archive is a Gerrit's closed changes, and logs in memory.
type archive struct {
	w       *world
	changes []review.Closed
	asked   []review.ClosedQuery
	*memLogs
}

// withArchive gives a world a past.
func withArchive(w *world) *archive {
	a := &archive{w: w, memLogs: &w.logs}
	h := w.b.hosts[testHost]
	h.Closings = a
	w.b.hosts[testHost] = h
	return a
}

// close adds a merged change that carol reviewed.
func (a *archive) close(project string, at time.Time) *review.Closed {
	n := len(a.changes) + 1
	a.changes = append(a.changes, review.Closed{
		ID: review.ChangeID{Host: testHost, Project: project, Number: n}, Branch: "main", ChangeKey: fmt.Sprintf("I%040d", n), Status: review.StatusMerged,
		Subject: "pay: more", Created: at.Add(-time.Hour), Updated: at, Closed: at, Owner: alice, Files: []string{"pay/a.go"}, Voters: []review.Account{carol},
	})
	return &a.changes[n-1]
}

func (a *archive) Closed(_ context.Context, q review.ClosedQuery) (review.ClosedPage, error) {
	a.asked = append(a.asked, q)
	if err := a.w.call("closed"); err != nil {
		return review.ClosedPage{}, err
	}
	var found []review.Closed
	for _, c := range a.changes {
		if (q.Project == "" || q.Project == c.ID.Project) && (q.Abandoned || c.Status == review.StatusMerged) &&
			!c.Updated.Before(q.After) && (q.Before.IsZero() || !c.Updated.After(q.Before)) {
			found = append(found, c)
		}
	}
	slices.SortFunc(found, func(a, b review.Closed) int { return cmp.Or(b.Updated.Compare(a.Updated), b.ID.Number-a.ID.Number) })
	found = found[min(q.Skip, len(found)):]
	page := review.ClosedPage{Changes: found[:min(q.Limit, len(found))], Limit: q.Limit}
	if len(found) > q.Limit {
		page.More, page.Before = true, page.Changes[q.Limit-1].Updated
		if page.Before.Equal(q.Before) {
			page.Skip = q.Skip + q.Limit
		}
	}
	return page, nil
}

// rows returns how many rows the log of the host has.
func (a *archive) rows() int { return len(a.memLogs.rows[historyLog(testHost)]) }

func (w *world) state(project string) HistoryState {
	w.t.Helper()
	s, ok, err := w.b.HistoryState(w.t.Context(), testHost, project)
	if !ok || err != nil {
		w.t.Fatalf("HistoryState(%s) = %v, %v", project, ok, err)
	}
	return s
}

func TestHistoryBootstrap(t *testing.T) {
	w := newWorld(t, nil)
	a := withArchive(w)
	w.optIn("pay", "")
	for i := range 620 {
		a.close("pay", w.now.Add(-time.Duration(i/3)*time.Minute)) // some share a moment
	}
	a.close("other", w.now)
	// These tell nothing.
	a.close("pay", w.now).Status = review.StatusAbandoned
	a.close("pay", w.now).Voters = nil
	a.close("pay", w.now).Files = nil
	a.close("pay", w.now).Branch = "refs/meta/config"
	a.close("pay", w.now).Branch = strings.Repeat("long", 1000)
	a.close("pay", w.now.Add(-5*365*24*time.Hour))

	w.push("pay", 1000, review.KindRework, review.Patch{})
	w.drain()
	if a.rows() != 620 {
		t.Errorf("%d rows, want 620", a.rows())
	}
	s := w.state("pay")
	if s.New != nil || s.Old != nil || s.Kept != 620 {
		t.Errorf("state = %+v", s)
	}
	if v, ok := w.settings[turnKey(testHost)]; ok {
		t.Errorf("the turn still belongs to %q", v)
	}
	for i, q := range a.asked {
		if q.Project != "pay" || q.Limit != historyPage || q.Brief {
			t.Errorf("query %d = %+v", i, q)
		}
	}
	// 13 pages back, and a look forward for each slice of 5.
	if len(a.asked) > 13+4+2 {
		t.Errorf("%d queries", len(a.asked))
	}

	// Nothing is read twice.
	a.asked = nil
	w.push("pay", 1001, review.KindRework, review.Patch{})
	w.drain()
	if len(a.asked) > 0 {
		t.Errorf("asked again: %+v", a.asked)
	}
	rows := w.logs.rows[historyLog(testHost)]
	last := rows[len(rows)-1].Seq
	h, err := w.b.history(t.Context(), testHost)
	if err != nil || h.Mark(testHost) != last {
		t.Errorf("history() = %d, %v", h.Mark(testHost), err)
	}
}

func TestHistoryBounds(t *testing.T) {
	for name, set := range map[string]func(*Options){
		"by number": func(o *Options) { o.HistoryMax = 100 },
		"by age":    func(o *Options) { o.HistoryAge = 100*time.Hour - time.Minute },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, nil)
			a := withArchive(w)
			set(&w.b.opts)
			w.optIn("pay", "")
			for i := range 300 {
				a.close("pay", w.now.Add(-time.Duration(i)*time.Hour))
			}
			if err := w.b.jobs.Enqueue(t.Context(), review.ProjectJob(testHost, "pay"), review.Hint{}); err != nil {
				t.Fatal(err)
			}
			w.drain()
			// A page holds the last change of the one before it again.
			if s := w.state("pay"); s.Old != nil || a.rows() < 98 || a.rows() > 100 {
				t.Errorf("%d rows, state %+v", a.rows(), s)
			}
		})
	}
}

func TestHistoryForward(t *testing.T) {
	w := newWorld(t, nil)
	a := withArchive(w)
	w.b.opts.HistoryDelay = 30 * time.Second
	w.optIn("pay", "")
	closed := func() {
		w.event("change-merged", review.ChangeID{Host: testHost, Project: "pay", Number: 1}, 1)
	}
	closed()
	w.drain()
	for range 3 { // a chain is merged
		a.close("pay", w.now)
		closed()
	}
	a.asked = nil
	w.drain()
	if a.rows() != 3 || len(a.asked) != 1 {
		t.Errorf("%d rows after %d queries, want 3 after 1", a.rows(), len(a.asked))
	}
	if s := w.state("pay"); !s.Until.Equal(a.changes[2].Updated) {
		t.Errorf("state = %+v", s)
	}

	// After a long absence nothing is missing.
	for i := range 700 {
		a.close("pay", w.now.Add(time.Duration(i)*time.Minute))
	}
	w.now = w.now.Add(700 * time.Minute)
	closed()
	w.step()
	late := a.close("pay", w.now) // while the window is read
	closed()
	w.drain()
	if a.rows() != 704 || !w.state("pay").Until.Equal(late.Updated) {
		t.Errorf("%d rows, state %+v", a.rows(), w.state("pay"))
	}
}

// A reading that fails goes on where it stood.
func TestHistoryResumes(t *testing.T) {
	w := newWorld(t, nil)
	a := withArchive(w)
	w.optIn("pay", "")
	for i := range 400 {
		a.close("pay", w.now.Add(-time.Duration(i)*time.Hour))
	}
	busy := &review.RetryError{After: time.Minute, Err: errors.New("429")}
	w.fail["closed"] = []error{nil, nil, busy, nil, busy, nil, nil, nil}
	w.fail["append"] = []error{nil, nil, nil, errors.New("disk")}
	start := w.now
	w.b.startHistoryOf(t, "pay")
	w.drain()
	if a.rows() != 400 || w.now.Sub(start) < 2*time.Minute {
		t.Errorf("%d rows after %v", a.rows(), w.now.Sub(start))
	}
	// 9 pages, a look forward in each of 5 runs, 3 failures.
	if len(a.asked) > 9+5+3+1 {
		t.Errorf("%d queries", len(a.asked))
	}
}

func (b *Bot) startHistoryOf(t *testing.T, project string) {
	t.Helper()
	if err := b.startHistory(t.Context(), testHost, project, &Policy{Suggest: true}); err != nil {
		t.Fatal(err)
	}
}

func TestHistoryIsNotRead(t *testing.T) {
	for name, more := range map[string]string{"off": "mode = off\n", "no suggestions": "[reviewers]\nenabled = false\n"} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, nil)
			a := withArchive(w)
			w.optIn("pay", more)
			a.close("pay", w.now)
			w.event("change-merged", review.ChangeID{Host: testHost, Project: "pay", Number: 1}, 1)
			w.push("pay", 1000, review.KindRework, review.Patch{})
			w.drain()
			if len(a.asked) > 0 || a.rows() > 0 {
				t.Errorf("it was read: %+v", a.asked)
			}
		})
	}
}

func TestHistoryKillSwitch(t *testing.T) {
	for scope, held := range map[string]bool{
		ScopeAll: true, ScopeProject + testHost + "/pay": true, ScopeProject + testHost + "/other": false, ScopePosts: false, ScopeModels: false,
	} {
		t.Run(scope, func(t *testing.T) {
			w := newWorld(t, nil)
			a := withArchive(w)
			w.optIn("pay", "")
			a.close("pay", w.now)
			w.controls = []review.Control{{Scope: scope}}
			w.b.startHistoryOf(t, "pay")
			w.step()
			if (a.rows() == 0) != held {
				t.Errorf("%d rows", a.rows())
			}
			w.controls = nil
			w.now = w.now.Add(time.Minute)
			w.drain()
			if a.rows() != 1 {
				t.Errorf("%d rows after it ended", a.rows())
			}
		})
	}
}

// One project of a host is read back at a time; what closes now is not kept waiting.
func TestHistoryTurns(t *testing.T) {
	w := newWorld(t, nil)
	a := withArchive(w)
	for _, project := range []string{"pay", "web"} {
		w.optIn(project, "")
		for i := range 600 {
			a.close(project, w.now.Add(-time.Duration(i+1)*time.Hour))
		}
	}
	w.b.startHistoryOf(t, "pay")
	w.step()
	w.b.startHistoryOf(t, "web")
	w.step()
	if s := w.state("web"); s.Read > 0 || s.New != nil {
		t.Errorf("web = %+v while pay is read", s)
	}
	w.drain()
	if a.rows() != 1200 {
		t.Errorf("%d rows, want 1200", a.rows())
	}
	// Whoever holds the turn and is gone does not hold the others up for ever.
	w.settings[turnKey(testHost)] = w.now.Add(-turnAge).UTC().Format(time.RFC3339) + " gone"
	w.optIn("new", "")
	a.close("new", w.now)
	w.b.startHistoryOf(t, "new")
	w.step()
	if s := w.state("new"); s.Old != nil {
		t.Errorf("new = %+v", s)
	}
}

func TestSweepClosed(t *testing.T) {
	w := newWorld(t, nil)
	a := withArchive(w)
	w.optIn("pay", "")
	w.optIn("quiet", "")
	for _, project := range []string{"pay", "quiet"} {
		w.b.startHistoryOf(t, project)
	}
	w.drain()
	w.now = w.now.Add(time.Hour)
	for range 250 {
		a.close("pay", w.now)
	}
	a.close("never opted in", w.now)
	sweep := func(want int) {
		t.Helper()
		if n, err := w.b.sweepClosed(t.Context(), testHost); n != want || err != nil {
			t.Errorf("sweepClosed() = %d, %v; want %d", n, err, want)
		}
	}
	a.asked = nil
	sweep(1)
	for _, q := range a.asked {
		if q.Project != "" || !q.Brief || !q.Abandoned {
			t.Errorf("query %+v", q)
		}
	}
	if len(a.asked) != 4 { // one of them again, for those of one second
		t.Errorf("%d queries for 251 changes, want 4", len(a.asked))
	}
	w.drain()
	if a.rows() != 250 {
		t.Errorf("%d rows, want 250", a.rows())
	}
	sweep(0)
	w.fail["closed"] = []error{errors.New("down")}
	if _, err := w.b.sweepClosed(t.Context(), testHost); err == nil {
		t.Error("sweepClosed() of a Gerrit that is down = nil")
	}
	w.now = w.now.Add(time.Hour)
	a.close("pay", w.now).Status = review.StatusAbandoned
	sweep(1)
}

func TestTrimHistory(t *testing.T) {
	w := newWorld(t, nil)
	a := withArchive(w)
	for _, step := range []struct{ hours, want int }{{0, 3}, {23, 3}, {2, 6}} {
		w.now = w.now.Add(time.Duration(step.hours) * time.Hour)
		if err := w.b.trimHistory(t.Context(), testHost); err != nil || len(a.trims) != step.want {
			t.Errorf("after %d more hours: %v, trimmed %d times, want %d", step.hours, err, len(a.trims), step.want)
		}
	}
	if !slices.Equal(a.trims[:3], []int{100_000, keepFeedback, keepRecords}) {
		t.Errorf("it keeps %v", a.trims)
	}
}

// Replicas see each other's rows, however many there are.
func TestHistoryOfReplicas(t *testing.T) {
	w, w2 := newWorld(t, nil), newWorld(t, nil)
	a := withArchive(w)
	w2.b.logs = a.memLogs
	for n := range 3 {
		for i := range rowsPerRead {
			a.close("pay", w.now.Add(time.Duration(i)*time.Second))
		}
		if _, _, err := w.b.learn(t.Context(), testHost, a.changes[n*rowsPerRead:]); err != nil {
			t.Fatal(err)
		}
		a.memLogs.rows[historyLog(testHost)][n].Data = []byte("broken")
		for _, b := range []*Bot{w.b, w2.b} {
			h, err := b.history(t.Context(), testHost)
			if want := int64((n + 1) * rowsPerRead); err != nil || h.Mark(testHost) != want {
				t.Errorf("history() ends with row %d, %v; want %d", h.Mark(testHost), err, want)
			}
		}
	}
	w.fail["rows"] = []error{errors.New("store is away")}
	if _, err := w.b.history(t.Context(), testHost); err == nil {
		t.Error("history() without a store = nil")
	}
}

func TestBootstrap(t *testing.T) {
	w := newWorld(t, nil)
	a := withArchive(w)
	w.optIn("pay", "")
	for i := range 600 {
		a.close("pay", w.now.Add(-time.Duration(i)*time.Hour))
	}
	w.settings[turnKey(testHost)] = w.now.UTC().Format(time.RFC3339) + " another"
	ctx, cancel := context.WithCancel(t.Context())
	slices := 0
	stop := func(HistoryState) {
		if slices++; slices == 1 {
			cancel()
			w.fail["closed"] = []error{context.Canceled}
		}
	}
	if s, err := w.b.Bootstrap(ctx, testHost, "pay", stop); !errors.Is(err, context.Canceled) || s.Read == 0 || s.Old == nil {
		t.Fatalf("Bootstrap() = %+v, %v", s, err)
	}
	before := a.rows()
	if s, err := w.b.Bootstrap(t.Context(), testHost, "pay", stop); err != nil || s.Old != nil || s.Kept != 600 {
		t.Errorf("Bootstrap() = %+v, %v", s, err)
	}
	if before == 0 || before >= 600 || a.rows() != 600 {
		t.Errorf("%d rows, then %d", before, a.rows())
	}
	if s, err := w.b.Bootstrap(t.Context(), testHost, "pay", stop); err != nil || s.Kept != 600 {
		t.Errorf("Bootstrap() of what is read = %+v, %v", s, err)
	}
	if _, err := w.b.Bootstrap(t.Context(), "nope", "pay", stop); err == nil {
		t.Error("Bootstrap() of an unknown host = nil")
	}
}

func TestImport(t *testing.T) {
	w := newWorld(t, nil)
	a := withArchive(w)
	w.optIn("pay", "")
	c := a.close("pay", w.now)
	mail := func(names ...string) (out []review.Account) {
		for _, n := range names {
			out = append(out, review.Account{Email: n})
		}
		return out
	}
	changes := []review.Past{
		{Key: c.Past().Key, Project: "pay", Branch: "main", Author: mail("alice@x")[0], Created: w.now, Closed: w.now, Files: []string{"f"}, Reviewers: mail("carol@x")},
		{Key: "pay~main~I2", Project: "pay", Author: mail("alice@x")[0], Closed: w.now.Add(time.Hour), Files: []string{"f"}, Reviewers: mail("ALICE@x", "gone@x", "Gone@X", "robot@x")},
		{Key: "pay~main~I3", Project: "pay", Author: mail("alice@x")[0], Closed: w.now, Files: []string{"f"}, Reviewers: mail("robot@x", "")},
		{Key: "pay~main~I4", Project: "pay", Author: mail("alice@x")[0], Closed: w.now, Reviewers: mail("carol@x")},
	}
	h := w.b.hosts[testHost]
	h.People = directory{w, map[string]review.Account{"alice@x": alice, "carol@x": carol, "robot@x": {ID: 99, Service: true}}}
	w.b.hosts[testHost] = h
	if _, _, err := w.b.learn(t.Context(), testHost, a.changes); err != nil {
		t.Fatal(err)
	}
	seq := func(yield func(review.Past, error) bool) {
		for _, p := range changes {
			if !yield(p, nil) {
				return
			}
		}
	}
	told := Imported{}
	for _, want := range []Imported{{Read: 4, Added: 1, People: 4, Unknown: 1}, {Read: 4, People: 4, Unknown: 1}} {
		got, err := w.b.Import(t.Context(), testHost, "pay", seq, ImportOptions{Progress: func(i Imported) { told = i }})
		if got != want || told != want || err != nil {
			t.Errorf("Import() = %+v, %v; want %+v", got, err, want)
		}
	}
	row, ok, err := a.RowOf(t.Context(), historyLog(testHost), "pay~main~I2")
	resolved := changes[1]
	resolved.Author, resolved.Closed, resolved.Reviewers = alice, w.now, []review.Account{{ID: reviewers.MailID("gone@x")}}
	want, werr := reviewers.NewRow(resolved)
	if werr != nil || !ok || err != nil || !row.At.Equal(w.now) || string(row.Data) != string(want.Data) {
		t.Errorf("row = %q of %v, want %q", row.Data, row.At, want.Data)
	}
	if got, err := w.b.Import(t.Context(), testHost, "pay", seq, ImportOptions{Offline: true}); err != nil || got.Unknown > 0 {
		t.Errorf("Import() offline = %+v, %v", got, err)
	}
	broken := func(yield func(review.Past, error) bool) { yield(review.Past{}, errors.New("git")) }
	if _, err := w.b.Import(t.Context(), testHost, "pay", broken, ImportOptions{}); err == nil {
		t.Error("Import() of a broken source = nil")
	}
}

// directory knows people by address.
type directory struct {
	*world
	people map[string]review.Account
}

func (d directory) Resolve(_ context.Context, list []review.Person) ([]review.Person, error) {
	list = slices.Clone(list)
	for i := range list {
		list[i].Account = d.people[list[i].Email]
	}
	return list, nil
}
