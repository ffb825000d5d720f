// SPDX-License-Identifier: Apache-2.0

package store

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"review-assistant/review"
)

var longAgo = time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)

// rowsOf makes n rows, one a day.
func rowsOf(n int, prefix string) []review.Row {
	out := make([]review.Row, n)
	for i := range out {
		out[i] = review.Row{Key: fmt.Sprint(prefix, i), At: longAgo.AddDate(0, 0, i), Data: fmt.Append(nil, "data of ", i)}
	}
	return out
}

// adds checks how many rows a log takes.
func (f *fixture) adds(t testing.TB, log string, want int, rows ...review.Row) {
	t.Helper()
	if n, err := f.Append(t.Context(), log, rows); n != want || err != nil {
		t.Fatalf("Append(%s) = %d, %v; want %d", log, n, err, want)
	}
}

func (f *fixture) trims(t testing.TB, log string, before time.Time, keep, want int) {
	t.Helper()
	if n, err := f.Trim(t.Context(), log, before, keep); n != want || err != nil {
		t.Fatalf("Trim(%s, %v, %d) = %d, %v; want %d", log, before, keep, n, err, want)
	}
}

// rows reads a log in pages and checks that the numbers grow.
func (f *fixture) rows(t testing.TB, log string, after int64) (out []review.Row) {
	t.Helper()
	for {
		page, err := f.Rows(t.Context(), log, after, 3)
		if err != nil {
			t.Fatalf("Rows(%s, %d) = %v", log, after, err)
		}
		for _, r := range page {
			if r.Seq <= after {
				t.Fatalf("row %s has number %d after %d", r.Key, r.Seq, after)
			}
			after = r.Seq
		}
		out = append(out, page...)
		if len(page) < 3 {
			return out
		}
	}
}

func keysOf(rows []review.Row) string {
	var keys []string
	for _, r := range rows {
		keys = append(keys, r.Key)
	}
	return strings.Join(keys, " ")
}

func TestLog(t *testing.T) {
	onEngines(t, func(t *testing.T, f *fixture) {
		f.adds(t, "a", 0)
		if rows := f.rows(t, "a", 0); len(rows) > 0 {
			t.Errorf("Rows() of nothing = %v", rows)
		}
		f.adds(t, "a", 4, rowsOf(4, "k")...)
		f.adds(t, "b", 1, rowsOf(1, "other")...) // beside it, with numbers of its own or not
		// Known ones are left out, be it in one call.
		extra := review.Row{Key: "x", At: longAgo, Data: []byte{0, 0xff, '\n'}}
		f.adds(t, "a", 2, append(rowsOf(5, "k"), extra, extra)...)
		rows := f.rows(t, "a", 0)
		if got, want := keysOf(rows), "k0 k1 k2 k3 k4 x"; got != want {
			t.Errorf("Rows() = %s, want %s", got, want)
		}
		if got := f.rows(t, "a", rows[3].Seq); keysOf(got) != "k4 x" {
			t.Errorf("Rows() behind the fourth = %s", keysOf(got))
		}
		if r := rows[5]; !r.At.Equal(longAgo) || string(r.Data) != string(extra.Data) {
			t.Errorf("row = %+v, want %+v", r, extra)
		}
		r, ok, err := f.RowOf(t.Context(), "a", "k2")
		if !ok || err != nil || r.Seq != rows[2].Seq || string(r.Data) != "data of 2" || !r.At.Equal(rows[2].At) {
			t.Errorf("RowOf() = %+v, %v, %v; want %+v", r, ok, err, rows[2])
		}
		for _, log := range []string{"a", "c"} {
			if r, ok, err := f.RowOf(t.Context(), log, "other0"); ok || err != nil {
				t.Errorf("RowOf() of another log = %+v, %v", r, err)
			}
		}
		if got, err := f.Rows(t.Context(), "a", 0, 0); len(got) > 0 || err != nil {
			t.Errorf("Rows() of at most 0 = %v, %v", got, err)
		}
	})
}

// What is removed is gone, and its key free: nothing else moves.
func TestLogRemove(t *testing.T) {
	onEngines(t, func(t *testing.T, f *fixture) {
		rows := rowsOf(1200, "k") // more than one step
		f.adds(t, "a", 1200, rows...)
		f.adds(t, "b", 1, rows[0])
		last := f.rows(t, "a", 0)[1199].Seq
		var keys []string
		for _, r := range rows[1:] {
			keys = append(keys, r.Key)
		}
		for _, want := range []int{1199, 0} {
			if n, err := f.Remove(t.Context(), "a", append(keys, "unknown")); n != want || err != nil {
				t.Fatalf("Remove() = %d, %v; want %d", n, err, want)
			}
		}
		if got := keysOf(f.rows(t, "a", 0)); got != "k0" {
			t.Errorf("Rows() = %s, want k0", got)
		}
		if got := keysOf(f.rows(t, "b", 0)); got != "k0" {
			t.Errorf("Rows() of another log = %s", got)
		}
		f.adds(t, "a", 1, rows[5])
		if got := f.rows(t, "a", last); keysOf(got) != "k5" {
			t.Errorf("a removed row comes back as %v, want it behind the others", got)
		}
		f.trims(t, "a", longAgo.AddDate(0, 0, 6), 10, 2)
		if n, err := f.Remove(t.Context(), "a", nil); n != 0 || err != nil {
			t.Errorf("Remove() of nothing = %d, %v", n, err)
		}
	})
}

// Any engine keeps the newest by time, and what went never comes back.
func TestLogTrim(t *testing.T) {
	onEngines(t, func(t *testing.T, f *fixture) {
		f.trims(t, "a", longAgo, 10, 0)
		rows := rowsOf(10, "k")
		slices.Reverse(rows) // as a bootstrap adds: the newest first
		f.adds(t, "a", 10, rows...)
		last := f.rows(t, "a", 0)[9].Seq
		f.trims(t, "a", longAgo.AddDate(0, 0, 2), 100, 2)
		f.trims(t, "a", longAgo, 5, 3)
		f.trims(t, "a", longAgo, 5, 0)
		if got, want := keysOf(f.rows(t, "a", 0)), "k9 k8 k7 k6 k5"; got != want {
			t.Errorf("Rows() = %s, want %s", got, want)
		}
		f.adds(t, "a", 0, rows...)
		if _, ok, err := f.RowOf(t.Context(), "a", "k4"); ok || err != nil {
			t.Errorf("RowOf() of a row that went = %v, %v", ok, err)
		}
		// Its key is free for something newer, under a new number.
		f.adds(t, "a", 1, review.Row{Key: "k4", At: longAgo.AddDate(0, 0, 30)})
		r, ok, err := f.RowOf(t.Context(), "a", "k4")
		if !ok || err != nil || r.Seq <= last || len(r.Data) > 0 {
			t.Errorf("RowOf() of the new row = %+v, %v, %v; want a number above %d", r, ok, err, last)
		}
		f.trims(t, "a", longAgo.AddDate(1, 0, 0), 100, 6)
		f.adds(t, "a", 0, rowsOf(31, "late")...) // as old as what went
		f.adds(t, "a", 1, review.Row{Key: "new", At: longAgo.AddDate(1, 0, 0)})
		if got := f.rows(t, "a", r.Seq); keysOf(got) != "new" {
			t.Errorf("Rows() = %s, want new", keysOf(got))
		}
	})
}

// A trim by a clock that is years ahead leaves the log open for what comes.
func TestLogTrimAhead(t *testing.T) {
	onEngines(t, func(t *testing.T, f *fixture) {
		ahead := longAgo.AddDate(7, 0, 0)
		f.trims(t, "a", ahead, 10, 0)
		rows := rowsOf(6, "k")
		f.adds(t, "a", 4, rows[:4]...)
		f.trims(t, "a", ahead, 10, 4)
		f.trims(t, "a", ahead, 10, 0)
		f.adds(t, "a", 2, rows...)
		if got := keysOf(f.rows(t, "a", 0)); got != "k4 k5" {
			t.Errorf("Rows() = %s, want k4 k5", got)
		}
	})
}

// More than one step adds and removes.
func TestLogInSteps(t *testing.T) {
	onEngines(t, func(t *testing.T, f *fixture) {
		var rows []review.Row
		for i := range 2*stepTrim + 10 {
			rows = append(rows, review.Row{Key: fmt.Sprint(i), At: longAgo.Add(time.Duration(i/2) * time.Second)})
		}
		f.adds(t, "a", len(rows), rows...)
		f.trims(t, "a", time.Time{}, 9, len(rows)-9)
		if got := f.rows(t, "a", 0); len(got) != 9 || got[8].Key != rows[len(rows)-1].Key {
			t.Errorf("Rows() = %s", keysOf(got))
		}
		if first, later := step([]review.Row{{Data: make([]byte, stepBytes)}, {Data: []byte{1}}, {}}); len(first) != 1 || len(later) != 2 {
			t.Errorf("step() = %d, %d rows", len(first), len(later))
		}
	})
}

func TestLogRefuses(t *testing.T) {
	onEngines(t, func(t *testing.T, f *fixture) {
		good := review.Row{Key: "k", At: longAgo}
		for name, row := range map[string]review.Row{
			"no key": {At: longAgo}, "a long key": {Key: strings.Repeat("k", maxKey+1)}, "no text": {Key: "\xff"},
			"much data": {Key: "k", Data: make([]byte, maxValue+1)},
		} {
			if n, err := f.Append(t.Context(), "a", []review.Row{good, row}); n != 0 || err == nil {
				t.Errorf("Append() of a row with %s = %d, %v", name, n, err)
			}
		}
		if _, err := f.Append(t.Context(), "", []review.Row{good}); err == nil {
			t.Error("Append() to a log without a name = nil")
		}
		if _, err := f.Trim(t.Context(), "a", longAgo, 0); err == nil {
			t.Error("Trim() to nothing = nil")
		}
		f.adds(t, "a", 1, good)
	})
}

// Of replicas that add the same rows, each row counts once; a reader that
// follows misses none.
func TestLogManyWriters(t *testing.T) {
	onEngines(t, func(t *testing.T, f *fixture) {
		var wg sync.WaitGroup
		var mu sync.Mutex
		sum, seen := 0, map[string]int{}
		const n = 200
		for range 4 {
			s := f.reopen()
			wg.Go(func() {
				for part := range slices.Chunk(rowsOf(n, "k"), 7) {
					added, err := s.Append(t.Context(), "a", part)
					if err != nil {
						t.Error(err)
					}
					mu.Lock()
					sum += added
					mu.Unlock()
				}
			})
		}
		wg.Go(func() {
			for after := int64(0); len(seen) < n && !t.Failed(); {
				rows, err := f.Rows(t.Context(), "a", after, 10)
				if err != nil {
					t.Error(err)
					return
				}
				for _, r := range rows {
					seen[r.Key]++
					after = r.Seq
				}
			}
		})
		wg.Wait()
		if sum != n || len(seen) != n || len(f.rows(t, "a", 0)) != n {
			t.Errorf("%d rows were added and %d read; want %d", sum, len(seen), n)
		}
	})
}
