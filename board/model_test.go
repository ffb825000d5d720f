// SPDX-License-Identifier: Apache-2.0

package board_test

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"review-assistant/board"
	"review-assistant/review"
)

// oracle knows until when each account was shown each change.
type oracle struct {
	w *world
	// hidden is when an account lost sight of a change; told says that news
	// of it came since.
	hidden map[string]time.Time
	told   map[string]bool
}

func sightKey(account int64, id review.ChangeID) string {
	return strconv.FormatInt(account, 10) + " " + id.String()
}

// fakeOf returns the Gerrit of a change.
func (o *oracle) fakeOf(host string) *fakeGerrit {
	if host == "a" {
		return o.w.a
	}
	return o.w.b
}

// shift changes who may see a change.
func (o *oracle) shift(id review.ChangeID, accounts []int64, f func(*fakeChange)) {
	g := o.fakeOf(id.Host)
	before := map[int64]bool{}
	for _, a := range accounts {
		before[a] = g.shows(a, id)
	}
	g.edit(id, f)
	for a, was := range before {
		if was && !g.shows(a, id) {
			o.hidden[sightKey(a, id)], o.told[sightKey(a, id)] = o.w.clock.now(), false
		}
	}
}

// moved sends news of a change, project or host.
func (o *oracle) moved(id review.ChangeID) {
	o.w.moved(id)
	for k := range o.hidden {
		_, name, _ := strings.Cut(k, " ")
		c, err := review.ParseChangeID(name)
		if err != nil {
			panic(err)
		}
		if c == id || id.Host == c.Host && (id.Project == "" || id.Number == 0 && id.Project == c.Project) {
			o.told[k] = true
		}
	}
}

// allowed says why an answer must not hold a change, "" when it may.
func (o *oracle) allowed(account int64, id review.ChangeID) string {
	g := o.fakeOf(id.Host)
	if g.shows(account, id) {
		return ""
	}
	at, once := o.hidden[sightKey(account, id)]
	switch {
	case !once:
		return "was never shown"
	case o.told[sightKey(account, id)]:
		return "is hidden, and news said so"
	case o.w.clock.now().Sub(at) >= time.Minute:
		return "is hidden since " + o.w.clock.now().Sub(at).String()
	}
	return ""
}

// TestNobodySeesMore lets people ask while visibility moves: every change in
// an answer is one that Gerrit showed the very account within the last minute,
// and none of which news came since.
func TestNobodySeesMore(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w := newWorld(t, 2)
		o := &oracle{w: w, hidden: map[string]time.Time{}, told: map[string]bool{}}
		w.policies["a/trial"] = board.Policy{Mode: "shadow", Builds: true}
		people := []int64{1, 2, 3, 4}
		var accounts []int64
		for _, p := range people {
			accounts = append(accounts, p, p+1000)
		}
		var ids []review.ChangeID
		for _, g := range []*fakeGerrit{w.a, w.b} {
			for i, project := range []string{"pay", "pay", "mono", "trial"} {
				id := g.add(project, i+1, func(c *fakeChange) {
					c.dirs, c.reviewers, c.Attention = []string{"lib"}, []int64{1, 2, 1001, 1002}, []int64{2, 3, 1003}
					for _, a := range accounts {
						c.blind[a] = rapid.Bool().Draw(rt, "blind")
					}
				})
				ids = append(ids, id)
				w.store.keep(id, 1, "posted", "posted", func(s *review.Summary) {
					s.Look[0].Severity = rapid.SampledFrom([]string{"low", "medium", "high"}).Draw(rt, "severity")
				})
				if class := rapid.SampledFrom([]string{"", "change", "flaky"}).Draw(rt, "class"); class != "" {
					w.builds.failed[id] = &board.ChangeBuilds{Failed: 1, Classes: map[string]int{class: 1}}
				}
				w.happened(id, "posted", "posted")
			}
		}
		w.builds.changes = []int{1, 2, 3, 4}
		w.builds.runs = map[string][]board.BranchRun{"main": {run("unit", review.BuildFailed, 0)}, "other": {run("unit", review.BuildFailed, 0)}}
		pick := func() review.ChangeID { return rapid.SampledFrom(ids).Draw(rt, "change") }
		var v review.Viewer
		check := func(what string, err error, shown ...string) {
			if err != nil {
				if k := kindOf(err); k != "gone" && (k != "retry" || w.a.down == nil) {
					rt.Fatalf("%s fails with %v", what, err)
				}
				return
			}
			for _, name := range shown {
				id, err := review.ParseChangeID(name)
				if err != nil {
					rt.Fatal(err)
				}
				if why := o.allowed(v.Accounts[id.Host].ID, id); why != "" {
					rt.Fatalf("%s shows %s to %v: it %s", what, id, v.Accounts, why)
				}
			}
		}
		// mode is told of a project of which the account was shown a change, and is its own.
		checkMode := func(what string, p board.Place, mode string, err error) {
			if p.Entity != "" {
				p = board.Place{Host: "a", Project: "mono"}
			}
			known := slices.ContainsFunc(ids, func(id review.ChangeID) bool {
				return id.Host == p.Host && id.Project == p.Project && o.allowed(v.Accounts[id.Host].ID, id) == ""
			})
			want := cmp.Or(w.policies[p.Host+"/"+p.Project].Mode, "on")
			if err == nil && mode != "" && (!known || mode != want) {
				rt.Fatalf("%s tells %v that the mode of %+v is %q, want %q or none", what, v.Accounts, p, mode, want)
			}
		}
		places := []board.Place{{Host: "a"}, {Host: "b"}, {Host: "a", Project: "pay"}, {Host: "b", Project: "pay"}, {Host: "a", Project: "trial"}, {Entity: "component:default/lib"}}
		ask := func(f func(place board.Place, limit int)) func(*rapid.T) {
			return func(*rapid.T) {
				v = viewer(rapid.SampledFrom(people).Draw(rt, "who"))
				f(rapid.SampledFrom(places).Draw(rt, "place"), rapid.IntRange(1, 5).Draw(rt, "limit"))
			}
		}
		ids2names := func(rows []board.Change) (out []string) {
			for _, r := range rows {
				out = append(out, r.ID)
			}
			return out
		}
		rt.Repeat(map[string]func(*rapid.T){
			"time passes": func(*rapid.T) {
				w.clock.add(time.Duration(rapid.IntRange(1, 40).Draw(rt, "seconds")) * time.Second)
			},
			"sight moves": func(*rapid.T) {
				a := rapid.SampledFrom(accounts).Draw(rt, "account")
				o.shift(pick(), accounts, func(c *fakeChange) { c.blind[a] = !c.blind[a] })
			},
			"private moves": func(*rapid.T) {
				o.shift(pick(), accounts, func(c *fakeChange) { c.private = !c.private })
			},
			"attention moves": func(*rapid.T) {
				o.shift(pick(), accounts, func(c *fakeChange) { c.Attention = []int64{rapid.SampledFrom(accounts).Draw(rt, "account")} })
			},
			"news": func(*rapid.T) {
				id := pick()
				switch rapid.IntRange(0, 5).Draw(rt, "of") {
				case 0:
					id.Number = 0
				case 1:
					id = review.ChangeID{Host: id.Host}
				}
				o.moved(id)
			},
			"rows move": func(*rapid.T) {
				kind := rapid.SampledFrom([]review.NewsKind{review.NewsRow, review.NewsBuild, review.NewsOutcome}).Draw(rt, "kind")
				w.Moved(review.News{Kind: kind, Change: pick()})
			},
			"branches": ask(func(p board.Place, _ int) {
				if p.Project == "" {
					return
				}
				list, err := w.Branches(t.Context(), v, board.BranchesQuery{Place: p})
				check("Branches", err)
				checkMode("Branches", p, list.Mode, err)
				most := 0
				for _, id := range ids {
					if id.Host == p.Host && id.Project == p.Project && o.allowed(v.Accounts[id.Host].ID, id) == "" {
						most++
					}
				}
				for _, b := range list.Rows {
					if most -= b.Open; most < 0 || b.Open == 0 || (b.Build != nil) == (p.Project == "trial") {
						rt.Fatalf("Branches tells %v of %+v, more than %v are shown", v.Accounts, b, p)
					}
				}
			}),
			"gerrit goes or comes": func(*rapid.T) {
				if w.a.down = nil; rapid.Bool().Draw(rt, "down") {
					w.a.down = context.DeadlineExceeded
				}
			},
			"changes": ask(func(p board.Place, limit int) {
				list, err := w.Changes(t.Context(), v, board.ChangesQuery{Place: p, Limit: limit})
				check("Changes", err, ids2names(list.Rows)...)
				checkMode("Changes", p, list.Mode, err)
			}),
			"urgent": ask(func(p board.Place, limit int) {
				q := board.ChangesQuery{Place: p, Order: board.OrderUrgent, Limit: 100}
				q.Branch = rapid.SampledFrom([]string{"", "main", "other"}).Draw(rt, "branch")
				q.Search = rapid.SampledFrom([]string{"", "Subject", "pay", "Subject mono"}).Draw(rt, "search")
				all, err := w.Changes(t.Context(), v, q)
				check("Changes", err, ids2names(all.Rows)...)
				if err != nil {
					return
				}
				// All of them are the page that the newest are on, in another order.
				plain := q
				plain.Order = board.OrderUpdated
				list, err := w.Changes(t.Context(), v, plain)
				if err != nil || all.Next != nil || all.More || all.Considered != len(all.Rows) ||
					!slices.Equal(slices.Sorted(slices.Values(ids2names(all.Rows))), slices.Sorted(slices.Values(ids2names(list.Rows)))) {
					rt.Fatalf("%+v: %v is no permutation of %v, %v", q, ids2names(all.Rows), ids2names(list.Rows), err)
				}
				for i := range all.Rows[min(1, len(all.Rows)):] {
					if a, b := urgency(all.Rows[i]), urgency(all.Rows[i+1]); slices.Compare(a, b) < 0 {
						rt.Fatalf("%v stands before %v", a, b)
					}
				}
				// A shorter list is its beginning.
				q.Limit = limit
				short, err := w.Changes(t.Context(), v, q)
				if want := ids2names(all.Rows)[:min(limit, len(all.Rows))]; err != nil || short.Considered != all.Considered || !slices.Equal(ids2names(short.Rows), want) {
					rt.Fatalf("%d of %v are %v, %v", limit, ids2names(all.Rows), ids2names(short.Rows), err)
				}
			}),
			"change": ask(func(board.Place, int) {
				d, err := w.Change(t.Context(), v, pick(), 0)
				check("Change", err, d.ID)
				if err == nil && d.Full != nil {
					check("Change", nil, d.Full.Change)
				}
			}),
			"change of an entity": ask(func(board.Place, int) {
				d, err := w.ChangeOf(t.Context(), v, "component:default/lib", pick(), 0)
				check("ChangeOf", err, d.ID)
				if err == nil && (d.Host != "a" || d.Project != "mono") {
					rt.Fatalf("ChangeOf tells of %s, which is not of the entity", d.ID)
				}
			}),
			"reviews": ask(func(_ board.Place, limit int) {
				list, err := w.Reviews(t.Context(), v, board.ReviewsQuery{Limit: limit})
				check("Reviews", err, ids2names(list.Rows)...)
				if names := ids2names(list.Rows); len(slices.Compact(slices.Sorted(slices.Values(names)))) < len(names) {
					rt.Fatalf("Reviews holds one twice: %v", names)
				}
			}),
			"activity": ask(func(p board.Place, limit int) {
				list, err := w.Activity(t.Context(), v, board.ActivityQuery{Place: p, Limit: limit})
				var names []string
				for _, r := range list.Rows {
					names = append(names, r.Change)
				}
				check("Activity", err, names...)
				checkMode("Activity", p, list.Mode, err)
			}),
			"failures": ask(func(p board.Place, limit int) {
				if p.Project == "" {
					return
				}
				got, err := w.Failures(t.Context(), v, board.FailuresQuery{Place: p, Limit: limit})
				var names []string
				if list, is := got.Clusters.([]cluster); is {
					for _, c := range list {
						if c.Change > 0 {
							names = append(names, review.ChangeID{Host: p.Host, Project: p.Project, Number: c.Change}.String())
							continue
						}
						// Of a branch: its readers see an open change of it, for it is for nobody else.
						if !slices.ContainsFunc(ids, func(id review.ChangeID) bool {
							return id.Host == p.Host && id.Project == p.Project && o.allowed(v.Accounts[id.Host].ID, id) == ""
						}) {
							rt.Fatalf("Failures tells %v of a branch of %+v", v.Accounts, p)
						}
					}
				}
				check("Failures", err, names...)
				checkMode("Failures", p, got.Mode, err)
			}),
			// Nobody sees less either, once nothing is remembered.
			"everything": ask(func(board.Place, int) {
				w.a.down = nil
				for _, host := range []string{"a", "b"} {
					o.moved(review.ChangeID{Host: host})
					list, err := w.Changes(t.Context(), v, board.ChangesQuery{Place: board.Place{Host: host}, Limit: 50})
					check("Changes", err, ids2names(list.Rows)...)
					want := 0
					for _, id := range ids {
						if id.Host == host && o.fakeOf(host).shows(v.Accounts[host].ID, id) {
							want++
						}
					}
					if len(list.Rows) != want {
						rt.Fatalf("Changes of %s shows %d of %d", host, len(list.Rows), want)
					}
				}
			}),
		})
	})
}

// urgency is what a row is ordered by, the most urgent the highest.
func urgency(c board.Change) []int {
	fails, severity := 0, 0
	if b := c.Builds; b != nil && b.Classes["change"] > 0 {
		fails = 2
	} else if b != nil && b.Failed > 0 {
		fails = 1
	}
	if c.Summary != nil {
		severity = slices.Index([]string{"none", "low", "medium", "high"}, c.Summary.Severity)
	}
	return []int{fails, severity, int(c.Updated.Unix())}
}

// TestManyPeopleAtOnce lets 200 people ask at once while changes turn private
// and public. Every row is checked against what the account may see.
func TestManyPeopleAtOnce(t *testing.T) {
	const people, rounds, changes, flips = 200, 6, 60, 150
	w := newWorld(t, 1)
	// An account sees what it shares a remainder with; the first five flip.
	may := func(account int64, number int) bool { return account%7 != int64(number)%7 }
	var flipping []review.ChangeID
	for n := 1; n <= changes; n++ {
		id := w.a.add("pay", n, func(c *fakeChange) {
			for a := int64(1); a <= people; a++ {
				c.blind[a] = !may(a, n)
			}
			c.reviewers = []int64{int64(n), int64(n + 1), int64(n + 100)}
		})
		if n <= 5 {
			flipping = append(flipping, id)
		}
		w.store.keep(id, 1, "posted", "posted", asIs)
		w.happened(id, "posted", "posted")
		w.builds.changes = append(w.builds.changes, n)
	}
	// epochs[i] is the set of private changes after i flips, as bits; one counts
	// from before the flip, and its predecessor until its news were told.
	var mu sync.Mutex
	epochs := []uint{0}
	var told atomic.Int64
	epoch := func() int { return int(told.Load()) }
	allowed := func(account int64, number, from int) bool {
		if !may(account, number) || number > 5 {
			return may(account, number)
		}
		mu.Lock()
		defer mu.Unlock()
		return slices.ContainsFunc(epochs[from:], func(e uint) bool { return e&(1<<number) == 0 })
	}
	var rows atomic.Int64
	var wg sync.WaitGroup
	for a := int64(1); a <= people; a++ {
		wg.Go(func() {
			v := viewer(a)
			check := func(what string, from int, err error, numbers ...int) {
				if err != nil && kindOf(err) != "gone" && kindOf(err) != "retry" {
					t.Errorf("%s fails with %v", what, err)
				}
				for _, n := range numbers {
					rows.Add(1)
					if !allowed(a, n, from) {
						t.Errorf("%s shows %d to account %d", what, n, a)
					}
				}
			}
			place := board.Place{Project: "pay"}
			for r := range rounds {
				from := epoch()
				list, err := w.Changes(t.Context(), v, board.ChangesQuery{Place: place, Limit: 25})
				check("Changes", from, err, numbers(list.Rows)...)
				from = epoch()
				d, err := w.Change(t.Context(), v, review.ChangeID{Host: "a", Project: "pay", Number: 1 + (r+int(a))%changes}, 0)
				if err == nil {
					check("Change", from, nil, d.Number)
				} else {
					check("Change", from, err)
				}
				from = epoch()
				list, err = w.Reviews(t.Context(), v, board.ReviewsQuery{Limit: 25})
				check("Reviews", from, err, numbers(list.Rows)...)
				from = epoch()
				got, err := w.Failures(t.Context(), v, board.FailuresQuery{Place: place, Limit: 100})
				var shown []int
				if l, is := got.Clusters.([]cluster); is {
					for _, c := range l {
						if c.Change > 0 { // else of the branch, of which each sees a change
							shown = append(shown, c.Change)
						}
					}
				}
				check("Failures", from, err, shown...)
				from = epoch()
				act, err := w.Activity(t.Context(), v, board.ActivityQuery{Place: place, Limit: 25})
				shown = nil
				for _, x := range act.Rows {
					id, _ := review.ParseChangeID(x.Change)
					shown = append(shown, id.Number)
				}
				check("Activity", from, err, shown...)
			}
		})
	}
	for i := range flips {
		id := flipping[i%len(flipping)]
		mu.Lock()
		next := epochs[len(epochs)-1] ^ 1<<id.Number
		epochs = append(epochs, next)
		mu.Unlock()
		w.a.edit(id, func(c *fakeChange) { c.private = next&(1<<id.Number) != 0 })
		w.moved(id)
		told.Add(1)
	}
	wg.Wait()
	if rows.Load() < people*rounds {
		t.Errorf("only %d rows were checked", rows.Load())
	}
	t.Logf("%d rows checked, %d pages and %d batches asked for", rows.Load(), w.a.pages, w.a.batches)
}

// TestOneQuestionAMinute counts: 60 people with many requests each cost one
// question for each person and page, or change, and minute.
func TestOneQuestionAMinute(t *testing.T) {
	const people, changes = 60, 150
	w := newWorld(t, 1)
	for n := 1; n <= changes; n++ {
		w.happened(w.a.add("pay", n, func(c *fakeChange) { c.blind[int64(n)] = true }), "posted", "posted")
		w.builds.changes = append(w.builds.changes, n)
	}
	var wg sync.WaitGroup
	for a := int64(1); a <= people; a++ {
		for range 3 { // of each person at once
			wg.Go(func() {
				for r := range 2 {
					id := review.ChangeID{Host: "a", Project: "pay", Number: 1 + (r*37+int(a))%changes}
					if _, err := w.Change(t.Context(), viewer(a), id, 0); err != nil && kindOf(err) != "gone" {
						t.Error(err)
					}
					if _, err := w.Failures(t.Context(), viewer(a), board.FailuresQuery{Place: board.Place{Project: "pay"}, Limit: 10}); err != nil {
						t.Error(err)
					}
					if _, err := w.Changes(t.Context(), viewer(a), board.ChangesQuery{Place: board.Place{Project: "pay"}, Limit: 50}); err != nil {
						t.Error(err)
					}
					if _, err := w.Activity(t.Context(), viewer(a), board.ActivityQuery{Place: board.Place{Project: "pay"}, Limit: 50}); err != nil {
						t.Error(err)
					}
				}
			})
		}
	}
	wg.Wait()
	for what, n := range w.a.asked {
		if n != 1 {
			t.Errorf("asked %d times about %s", n, what)
		}
	}
	if w.a.pages != people || w.a.facts != 1 || w.read != 1 {
		t.Errorf("asked for %d pages and %d facts, and %d times for the policy", w.a.pages, w.a.facts, w.read)
	}
	// Two for the failures, and one for each change that is read by itself.
	if w.a.batches > 4*people {
		t.Errorf("%d batches for %d people", w.a.batches, people)
	}
}

// BenchmarkChanges is a page of 50 rows about which Gerrit was asked within
// the minute.
func BenchmarkChanges(b *testing.B) {
	for _, moved := range []bool{false, true} {
		b.Run(fmt.Sprintf("cold=%v", moved), func(b *testing.B) {
			w := newWorld(b, 1)
			for n := 1; n <= 500; n++ {
				id := w.a.add("pay", n, func(c *fakeChange) { c.Standing = standing() })
				w.store.keep(id, 1, "posted", "posted", asIs)
				w.builds.failed[id] = &board.ChangeBuilds{Failed: 1, Classes: map[string]int{"flaky": 1}}
			}
			q := board.ChangesQuery{Place: board.Place{Project: "pay"}, Limit: 50}
			b.ReportAllocs()
			for b.Loop() {
				if moved {
					w.moved(review.ChangeID{Host: "a"})
				}
				if list, err := w.Changes(b.Context(), viewer(5), q); err != nil || len(list.Rows) != 50 {
					b.Fatal(len(list.Rows), err)
				}
			}
		})
	}
}

// BenchmarkChange is one change about which Gerrit was asked within the minute.
func BenchmarkChange(b *testing.B) {
	w := newWorld(b, 1)
	id := w.a.add("pay", 1)
	w.store.keep(id, 1, "posted", "posted", asIs)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := w.Change(b.Context(), viewer(5), id, 0); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkFailures is for somebody about whom Gerrit was asked within the
// minute, in a project with 200 changes that have builds.
func BenchmarkFailures(b *testing.B) {
	w := newWorld(b, 1)
	for n := 1; n <= 200; n++ {
		w.a.add("pay", n)
		w.builds.changes = append(w.builds.changes, n)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := w.Failures(b.Context(), viewer(5), board.FailuresQuery{Place: board.Place{Project: "pay"}, Limit: 50}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkMoved is news of one change while 2,000 pages of 25 rows are kept.
func BenchmarkMoved(b *testing.B) {
	w := newWorld(b, 1)
	for n := 1; n <= 25; n++ {
		w.a.add("pay", n)
	}
	for account := int64(1); account < 2000; account++ {
		if _, err := w.Changes(b.Context(), viewer(account), board.ChangesQuery{Place: board.Place{Project: "pay"}, Limit: 25}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		w.moved(review.ChangeID{Host: "a", Project: "lib", Number: 1})
	}
}
