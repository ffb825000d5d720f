// SPDX-License-Identifier: Apache-2.0

package board

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"review-assistant/review"
)

// memLog is a log of news.
type memLog struct {
	mu   sync.Mutex
	seq  int64
	rows []review.Row
	err  error
}

func (m *memLog) add(at time.Time, n review.News) int64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.seq += 3 // other logs have the numbers between
	data, err := json.Marshal(n)
	if err != nil {
		panic(err)
	}
	m.rows = append(m.rows, review.Row{Seq: m.seq, Key: fmt.Sprint(m.seq), At: at, Data: data})
	return m.seq
}

func (m *memLog) read(_ context.Context, after int64, limit int) ([]review.Row, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	i := slices.IndexFunc(m.rows, func(r review.Row) bool { return r.Seq > after })
	if m.err != nil || i < 0 {
		return nil, m.err
	}
	return slices.Clone(m.rows[i:min(len(m.rows), i+limit)]), nil
}

func (m *memLog) fail(err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.err = err
}

// eyes are what people may see.
type eyes struct {
	mu     sync.Mutex
	hidden map[review.ChangeID]bool
	before map[review.ChangeID]bool // was seen
	err    error
	asked  []int // how many changes at a time
}

func (e *eyes) sees(_ context.Context, _ review.Viewer, ids []review.ChangeID) (map[review.ChangeID]bool, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.asked = append(e.asked, len(ids))
	out := map[review.ChangeID]bool{}
	for _, id := range ids {
		if !e.hidden[id] {
			out[id] = true
		}
	}
	return out, e.err
}

func (e *eyes) where(_ context.Context, _ review.Viewer, p Place) (whereabouts, error) {
	if p.Project == "secret" {
		return whereabouts{}, &review.GoneError{Err: errors.New("no such project")}
	}
	return whereabouts{p.Host, p.Project, true}, nil
}

func (e *eyes) saw(_ review.Viewer, id review.ChangeID) bool { return e.before[id] }

var (
	start = time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)
	jane  = review.Viewer{Subject: "jane", Accounts: map[string]review.Account{"h": {ID: 7}, "g": {ID: 9}}}
)

func of(project string, number int) review.ChangeID {
	return review.ChangeID{Host: "h", Project: project, Number: number}
}

func outcome(id review.ChangeID) review.News {
	return review.News{Kind: review.NewsOutcome, Change: id, PatchSet: 1, Post: review.PostSummary, Verdict: review.VerdictPosted, Reason: "posted"}
}

func access(id review.ChangeID) review.News { return review.News{Kind: review.NewsAccess, Change: id} }

func row(id review.ChangeID) review.News { return review.News{Kind: review.NewsRow, Change: id} }

func built(id review.ChangeID) review.News { return review.News{Kind: review.NewsBuild, Change: id} }

func hides(id review.ChangeID) review.News {
	n := access(id)
	n.Hides = true
	return n
}

// lines are news, a line each.
func lines(news []review.News) []string {
	out := []string{}
	for _, n := range news {
		out = append(out, fmt.Sprintf("%d %s %s", n.Seq, n.Kind, n.Change))
	}
	return out
}

func feedOf(m *memLog, o FeedOptions) *Feed {
	o.Rows = m.read
	if o.Now == nil {
		o.Now = func() time.Time { return start }
	}
	return NewFeed(o)
}

func mustPoll(t interface {
	Helper()
	Fatal(...any)
}, f *Feed,
) {
	t.Helper()
	if err := f.poll(context.Background()); err != nil {
		t.Fatal(err)
	}
}

func TestStream(t *testing.T) {
	for _, tt := range []struct {
		name   string
		place  Place
		viewer review.Viewer
		rows   []review.News
		want   []string
	}{
		{name: "each change once, with its newest row", rows: []review.News{outcome(of("pay", 1)), outcome(of("pay", 2)), access(of("pay", 1))}, want: []string{"6 outcome h/pay~2", "9 access h/pay~1"}},
		{name: "a change that is not shown", rows: []review.News{outcome(of("pay", 666)), access(of("pay", 666)), hides(of("pay", 666)), outcome(of("pay", 2))}, want: []string{"12 outcome h/pay~2"}},
		{name: "the same, of the project that is looked at", place: Place{Host: "h", Project: "pay"}, rows: []review.News{hides(of("pay", 666)), outcome(of("pay", 2))}, want: []string{"3 access h/pay~0", "6 outcome h/pay~2"}},
		{name: "one that was shown before", rows: []review.News{hides(of("web", 666)), outcome(of("pay", 2))}, want: []string{"3 access h/~0", "6 outcome h/pay~2"}},
		{name: "one that was shown before, and only moves", rows: []review.News{access(of("web", 666)), outcome(of("pay", 2))}, want: []string{"6 outcome h/pay~2"}},
		{name: "nothing is hidden by what only moves", place: Place{Host: "h", Project: "pay"}, rows: []review.News{access(of("pay", 666)), outcome(of("pay", 666)), outcome(of("pay", 2))}, want: []string{"9 outcome h/pay~2"}},
		{name: "hidden, then decided", place: Place{Host: "h", Project: "pay"}, rows: []review.News{hides(of("pay", 666)), outcome(of("pay", 666))}, want: []string{"6 access h/pay~0"}},
		{name: "several that are hidden tell no number", place: Place{Host: "h", Project: "pay"}, rows: []review.News{hides(of("pay", 666)), hides(of("pay", 777))}, want: []string{"6 access h/pay~0"}},
		{name: "another project", place: Place{Host: "h", Project: "pay"}, rows: []review.News{outcome(of("web", 3)), hides(of("web", 666)), outcome(of("pay", 2))}, want: []string{"9 outcome h/pay~2"}},
		{name: "a whole host", rows: []review.News{hides(review.ChangeID{Host: "h"})}, want: []string{"3 access h/~0"}},
		{name: "a whole host, of a project", place: Place{Host: "h", Project: "pay"}, rows: []review.News{hides(review.ChangeID{Host: "h"})}, want: []string{"3 access h/pay~0"}},
		{name: "a whole project has no name", rows: []review.News{hides(of("pay", 0))}, want: []string{"3 access h/~0"}},
		{name: "another host", place: Place{Host: "g"}, rows: []review.News{outcome(of("pay", 2)), outcome(review.ChangeID{Host: "g", Project: "pay", Number: 2})}, want: []string{"6 outcome g/pay~2"}},
		{name: "a host without an account", viewer: review.Viewer{Accounts: map[string]review.Account{"g": {ID: 9}}}, rows: []review.News{outcome(of("pay", 2)), hides(review.ChangeID{Host: "h"}), outcome(review.ChangeID{Host: "g", Project: "pay", Number: 2})}, want: []string{"9 outcome g/pay~2"}},
		{name: "rows and builds", rows: []review.News{row(of("pay", 1)), built(of("pay", 2)), row(of("pay", 1))}, want: []string{"6 build h/pay~2", "9 row h/pay~1"}},
		{name: "rows and builds of what is not shown", place: Place{Host: "h", Project: "pay"}, rows: []review.News{row(of("pay", 666)), built(of("pay", 666)), outcome(of("pay", 2))}, want: []string{"9 outcome h/pay~2"}},
		{name: "rows of what was shown before", rows: []review.News{row(of("web", 666)), built(of("web", 666)), outcome(of("pay", 2))}, want: []string{"9 outcome h/pay~2"}},
		{name: "hidden, then commented on", place: Place{Host: "h", Project: "pay"}, rows: []review.News{hides(of("pay", 666)), row(of("pay", 666))}, want: []string{"6 access h/pay~0"}},
		{name: "builds of a branch", place: Place{Host: "h", Project: "pay"}, rows: []review.News{built(of("pay", 0)), built(of("web", 0))}, want: []string{"3 access h/pay~0"}},
		{name: "builds of a branch, for who follows all", rows: []review.News{built(of("pay", 0)), outcome(of("pay", 2))}, want: []string{"6 outcome h/pay~2"}},
		{name: "rights, then builds of a branch, for who follows all", rows: []review.News{hides(of("pay", 0)), built(of("pay", 0))}, want: []string{"6 access h/~0"}},
		{name: "a host that is no more", rows: []review.News{outcome(review.ChangeID{Host: "old", Project: "pay", Number: 2}), outcome(of("pay", 2))}, want: []string{"6 outcome h/pay~2"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m, e := &memLog{}, &eyes{hidden: map[review.ChangeID]bool{of("pay", 666): true, of("pay", 777): true, of("web", 666): true}, before: map[review.ChangeID]bool{of("web", 666): true}}
			f := feedOf(m, FeedOptions{Hosts: []string{"h", "g"}})
			mustPoll(t, f)
			v := tt.viewer
			if v.Accounts == nil {
				v = jane
			}
			s, err := f.subscribe(t.Context(), e, v, NewsQuery{Place: tt.place, After: -1})
			if err != nil {
				t.Fatal(err)
			}
			for _, n := range tt.rows {
				m.add(start, n)
			}
			mustPoll(t, f)
			news, reset, err := s.Next(t.Context())
			if got := lines(news); err != nil || reset || !slices.Equal(got, tt.want) {
				t.Errorf("got %q, %v, %v, want %q", got, reset, err, tt.want)
			}
			if slices.ContainsFunc(news, func(n review.News) bool { return n.Hides || n.At.IsZero() }) {
				t.Errorf("got %+v", news)
			}
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			if news, _, err := s.Next(ctx); !errors.Is(err, context.Canceled) {
				t.Errorf("then %q, %v", lines(news), err)
			}
			if len(e.asked) > 1 {
				t.Errorf("asked %d times", len(e.asked))
			}
		})
	}
}

func TestStreamRefused(t *testing.T) {
	m, e := &memLog{}, &eyes{}
	now := start
	f := feedOf(m, FeedOptions{Now: func() time.Time { return now }})
	mustPoll(t, f)
	if _, err := f.subscribe(t.Context(), e, jane, NewsQuery{Place: Place{Host: "h", Project: "secret"}, After: -1}); !review.IsGone(err) {
		t.Errorf("a place that is not there: %v", err)
	}
	v := jane
	v.Until = start.Add(time.Hour)
	s, err := f.subscribe(t.Context(), e, v, NewsQuery{After: -1})
	if err != nil {
		t.Fatal(err)
	}
	m.add(now, outcome(of("pay", 1)))
	mustPoll(t, f)

	e.err = &review.RetryError{Err: errors.New("gerrit is down")}
	for range 2 {
		if news, reset, err := s.Next(t.Context()); err == nil || reset || news != nil {
			t.Errorf("while nobody says who may see it: %q, %v, %v", lines(news), reset, err)
		}
	}
	e.err = nil
	if news, _, err := s.Next(t.Context()); err != nil || len(news) != 1 {
		t.Errorf("the same news come again: %q, %v", lines(news), err)
	}
	m.add(now, outcome(of("pay", 2)))
	mustPoll(t, f)
	now = v.Until
	if news, _, err := s.Next(t.Context()); !review.IsDenied(err) {
		t.Errorf("after the proof has ended: %q, %v", lines(news), err)
	}
}

func TestStreamIsChecked(t *testing.T) {
	m, e := &memLog{}, &eyes{}
	f := feedOf(m, FeedOptions{})
	mustPoll(t, f)
	s, _ := f.subscribe(t.Context(), e, jane, NewsQuery{After: -1})
	for i := range 250 {
		m.add(start, outcome(of("pay", i+1)))
	}
	mustPoll(t, f)
	var got []review.News
	for len(got) < 250 {
		news, _, err := s.Next(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, news...)
	}
	if !slices.Equal(e.asked, []int{100, 100, 50}) {
		t.Errorf("asked of %v changes at a time", e.asked)
	}
	if mark := s.Mark(); mark != m.seq {
		t.Errorf("mark %d, want %d", mark, m.seq)
	}
}

func TestResume(t *testing.T) {
	for _, tt := range []struct {
		name  string
		rows  int           // in the log
		age   time.Duration // of the first of them; the others follow each minute
		after int64
		reset bool
		want  int // news
	}{
		{"from the last", 5, 5 * time.Minute, 12, false, 1},
		{"a number between", 5, 5 * time.Minute, 13, false, 1},
		{"what may be gone from the log", 5, 5 * time.Minute, 2, true, 0},
		{"older than news are kept", 60, 60 * time.Minute, 3 * 29, true, 0},
		{"not as old", 60, 60 * time.Minute, 3 * 40, false, 20},
		{"nothing is as young", 5, 3 * time.Hour, 6, true, 0},
		{"nothing came since", 5, 3 * time.Hour, 15, false, 0},
		{"more than is kept in memory", 200, 3 * time.Minute, 3 * 50, true, 0},
		{"of an empty log", 0, 0, 0, false, 0},
		{"of another log", 5, 5 * time.Minute, 99, true, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m, e := &memLog{}, &eyes{}
				for i := range tt.rows {
					m.add(start.Add(-tt.age+time.Duration(i)*time.Minute), outcome(of("pay", i+1)))
				}
				f := feedOf(m, FeedOptions{Keep: 100})
				s, err := f.subscribe(t.Context(), e, jane, NewsQuery{After: tt.after})
				if err != nil {
					t.Fatal(err)
				}
				go f.Run(t.Context()) // streams that came before wait for it
				ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
				defer cancel()
				news, reset, err := s.Next(ctx)
				if reset != tt.reset || len(news) != tt.want || (err != nil) != (!tt.reset && tt.want == 0) {
					t.Errorf("got %d news, reset %v, %v", len(news), reset, err)
				}
				m.add(start, outcome(of("web", 1)))
				if news, reset, err = s.Next(t.Context()); err != nil || reset || len(news) != 1 {
					t.Errorf("then %d news, reset %v, %v", len(news), reset, err)
				}
			})
		})
	}
}

// A client that was at another replica, which had read further, misses nothing
// and reads nothing anew.
func TestResumeAtSlowerReplica(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, e := &memLog{}, &eyes{}
		f := feedOf(m, FeedOptions{})
		go f.Run(t.Context())
		synctest.Wait()
		m.add(start, outcome(of("pay", 1)))
		s, err := f.subscribe(t.Context(), e, jane, NewsQuery{After: 3})
		if err != nil {
			t.Fatal(err)
		}
		go func() {
			time.Sleep(1500 * time.Millisecond)
			m.add(start, outcome(of("pay", 2)))
		}()
		if news, reset, err := s.Next(t.Context()); err != nil || reset || !slices.Equal(lines(news), []string{"6 outcome h/pay~2"}) {
			t.Errorf("got %q, %v, %v", lines(news), reset, err)
		}
	})
}

func TestFeedIsBlind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, e := &memLog{}, &eyes{}
		m.fail(errors.New("the store is down"))
		moved := 0
		var text strings.Builder
		f := feedOf(m, FeedOptions{Moved: func(review.News) { moved++ }, Log: logTo(&text)})
		go f.Run(t.Context())
		s, _ := f.subscribe(t.Context(), e, jane, NewsQuery{After: -1})
		time.Sleep(10 * time.Second)
		m.fail(nil)
		m.add(start, outcome(of("pay", 1))) // it was there before anything was read
		time.Sleep(2 * time.Second)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if news, reset, err := s.Next(ctx); err == nil {
			t.Errorf("got %q, %v", lines(news), reset)
		}
		m.fail(errors.New("the store is down"))
		m.add(start, outcome(of("pay", 2)))
		time.Sleep(10 * time.Second)
		m.fail(nil)
		if news, reset, err := s.Next(t.Context()); err != nil || reset || len(news) != 1 {
			t.Errorf("got %q, %v, %v", lines(news), reset, err)
		}
		synctest.Wait()
		if moved != 2 {
			t.Errorf("told %d times that something moved", moved)
		}
		if n := strings.Count(text.String(), "read the feed"); n != 2 {
			t.Errorf("logged %d times:\n%s", n, &text)
		}
	})
}

func TestBrokenRows(t *testing.T) {
	m := &memLog{}
	m.rows = []review.Row{
		{Seq: 1, At: start, Data: []byte("{")},
		{Seq: 2, At: start, Data: []byte("null")},
		{Seq: 3, At: start, Data: []byte(`{"kind":"text","change":{"Host":"h"}}`)},
		{Seq: 4, At: start, Data: []byte(`{"kind":"outcome","change":{"Host":"h","Project":"pay","Number":-1}}`)},
		{Seq: 5, At: start, Data: nil},
		{Seq: 6, At: start, Data: []byte(`{"kind":"row","change":{"Host":"h","Project":"pay"}}`)},
		{Seq: 7, At: start, Data: []byte(`{"kind":"build","change":{"Host":"h"}}`)},
	}
	m.seq = 7
	m.add(start, outcome(of("pay", 1)))
	f := feedOf(m, FeedOptions{})
	mustPoll(t, f)
	if got := f.Recent("h", func(review.News) bool { return true }, 0, 10); len(got) != 1 || len(f.recent) != 1 || f.last != 10 {
		t.Errorf("got %q up to %d", lines(got), f.last)
	}
}

func TestRecent(t *testing.T) {
	m := &memLog{}
	for i := range 5 {
		m.add(start.Add(-24*time.Hour), outcome(of("pay", i+1)))
		m.add(start, access(of("pay", i+1)))
		m.add(start, outcome(of("web", i+1)))
	}
	f := feedOf(m, FeedOptions{Keep: 8})
	mustPoll(t, f)
	pay := func(n review.News) bool { return n.Change.Project == "pay" }
	first := f.Recent("h", pay, 0, 2)
	if got := lines(first); !slices.Equal(got, []string{"39 outcome h/pay~5", "30 outcome h/pay~4"}) {
		t.Errorf("first page: %q", got)
	}
	if got := lines(f.Recent("h", pay, first[1].Seq, 10)); !slices.Equal(got, []string{"21 outcome h/pay~3", "12 outcome h/pay~2"}) {
		t.Errorf("the rest: %q", got) // eight outcomes are kept
	}
	if got := f.Recent("g", func(review.News) bool { return true }, 0, 10); got != nil {
		t.Errorf("another host: %q", lines(got))
	}
}

// TestNothingIsMissed has clients come and go while news come, the feed forgets
// and replicas start anew: each knows the last news of every change, or was
// told to read all again after them.
func TestNothingIsMissed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m, e := &memLog{}, &eyes{}
		now := start
		open := func() *Feed { return feedOf(m, FeedOptions{Keep: 6, Now: func() time.Time { return now }}) }
		f := open()
		mustPoll(t, f)
		ctx, cancel := context.WithCancel(context.Background())
		cancel() // Next returns what is there
		newest, known := map[review.ChangeID]int64{}, map[review.ChangeID]int64{}
		last := int64(0) // event that the client has
		conn, err := f.subscribe(ctx, e, jane, NewsQuery{After: 0})
		if err != nil {
			t.Fatal(err)
		}
		read := func() bool {
			news, reset, err := conn.Next(ctx)
			switch {
			case reset:
				// The client reads everything again.
				for id, seq := range newest {
					known[id] = seq
				}
			case err != nil:
				return false
			}
			take := len(news)
			if take > 0 {
				take = rapid.IntRange(0, take).Draw(t, "arrives")
			}
			for _, n := range news[:take] {
				if n.Seq <= last {
					t.Fatalf("%d comes after %d", n.Seq, last)
				}
				known[n.Change], last = n.Seq, n.Seq
			}
			if take < len(news) || rapid.IntRange(0, 5).Draw(t, "breaks") == 0 {
				if conn, err = f.subscribe(ctx, e, jane, NewsQuery{After: last}); err != nil {
					t.Fatal(err)
				}
			}
			return true
		}
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			switch rapid.SampledFrom([]string{"add", "add", "add", "poll", "read", "read", "restart", "trim", "wait"}).Draw(t, "step") {
			case "add":
				id := of("pay", rapid.IntRange(1, 9).Draw(t, "change"))
				kind := rapid.SampledFrom([]func(review.ChangeID) review.News{outcome, access, hides, row, row, built}).Draw(t, "kind")
				n := kind(id)
				if n.Kind == review.NewsRow || n.Kind == review.NewsBuild { // it takes the place of the one before
					m.rows = slices.DeleteFunc(m.rows, func(r review.Row) bool {
						was, err := newsOf(r)
						return err == nil && was.Kind == n.Kind && was.Change == n.Change
					})
				}
				newest[id] = m.add(now, n)
			case "poll":
				mustPoll(t, f)
			case "read":
				read()
			case "restart":
				f = open()
				mustPoll(t, f)
				if conn, err = f.subscribe(ctx, e, jane, NewsQuery{After: last}); err != nil {
					t.Fatal(err)
				}
			case "trim": // all but outcomes are kept for an hour, and the last row
				m.rows = slices.DeleteFunc(m.rows, func(r review.Row) bool {
					return r.Seq != m.seq && now.Sub(r.At) >= time.Hour && !strings.Contains(string(r.Data), `"kind":"outcome"`)
				})
			case "wait":
				now = now.Add(time.Duration(rapid.IntRange(1, 50).Draw(t, "minutes")) * time.Minute)
			}
		}
		mustPoll(t, f)
		for range 100 { // until all is read
			if !read() {
				break
			}
		}
		for id, seq := range newest {
			if known[id] < seq {
				t.Fatalf("the client knows %d of %s, not %d", known[id], id, seq)
			}
		}
	})
}

// A Gerrit with many votes pushes nothing else out of memory: of each change the
// newest row counts.
func TestFeedOfManyVotes(t *testing.T) {
	m, e := &memLog{}, &eyes{}
	f := feedOf(m, FeedOptions{Keep: 100})
	mustPoll(t, f)
	s, err := f.subscribe(t.Context(), e, jane, NewsQuery{After: -1})
	if err != nil {
		t.Fatal(err)
	}
	first := m.add(start, outcome(of("pay", 1000)))
	m.add(start, hides(of("pay", 1001)))
	for i := range 5000 {
		m.add(start, row(of("pay", i%40+1)))
		if i%50 == 0 {
			mustPoll(t, f)
		}
	}
	mustPoll(t, f)
	if n := len(f.recent); n > 100 || f.floor >= first {
		t.Errorf("%d news from %d on are in memory", n, f.floor)
	}
	news, reset, err := s.Next(t.Context())
	if err != nil || reset || len(news) != 42 || news[0].Seq != first || news[41].Seq != m.seq {
		t.Errorf("%d news, reset %v, %v: %q", len(news), reset, err, lines(news))
	}
	for i := range 200 { // and more changes than are kept
		m.add(start, row(of("web", i+1)))
	}
	mustPoll(t, f)
	if n := len(f.recent); n != 100 || f.floor < first {
		t.Errorf("%d news from %d on are in memory", n, f.floor)
	}
}

func TestManyStreams(t *testing.T) {
	m, e := &memLog{}, &eyes{}
	f := feedOf(m, FeedOptions{})
	mustPoll(t, f)
	const n = 1000
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	streams := make([]Stream, n)
	for i := range streams {
		var err error
		if streams[i], err = f.subscribe(t.Context(), e, jane, NewsQuery{After: -1}); err != nil {
			t.Fatal(err)
		}
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if per := int64(after.HeapAlloc-before.HeapAlloc) / n; per > 1000 {
		t.Errorf("a stream takes %d bytes", per)
	}
	var all sync.WaitGroup
	got := make([]int, n)
	for i, s := range streams {
		all.Go(func() {
			for got[i] < 3 {
				news, _, err := s.Next(t.Context())
				if err != nil {
					t.Error(err)
					return
				}
				got[i] += len(news)
			}
		})
	}
	for i := range 3 {
		m.add(start, outcome(of("pay", i+1)))
		mustPoll(t, f)
	}
	all.Wait()
	runtime.KeepAlive(streams)
}

func BenchmarkBroadcast(b *testing.B) {
	m, e := &memLog{}, &eyes{}
	f := feedOf(m, FeedOptions{})
	mustPoll(b, f)
	var all sync.WaitGroup
	ctx, cancel := context.WithCancel(b.Context())
	heard := make(chan struct{}, 1000)
	for range 1000 {
		s, err := f.subscribe(ctx, e, jane, NewsQuery{After: -1})
		if err != nil {
			b.Fatal(err)
		}
		all.Go(func() {
			for {
				if _, _, err := s.Next(ctx); err != nil {
					return
				}
				heard <- struct{}{}
			}
		})
	}
	for i := 0; b.Loop(); i++ {
		m.rows = nil
		m.add(start, outcome(of("pay", i%1000+1)))
		mustPoll(b, f)
		for range 1000 {
			<-heard
		}
	}
	cancel()
	all.Wait()
}

func logTo(w io.Writer) *slog.Logger { return slog.New(slog.NewTextHandler(w, nil)) }
