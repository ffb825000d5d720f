// SPDX-License-Identifier: Apache-2.0

package store

import (
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// fixture is an engine under a clock that stands still unless moved.
type fixture struct {
	Store
	clock *clock
	// reopen opens the same data again, without closing the store: what a
	// restart after kill -9 finds.
	reopen func() Store
}

type clock struct{ ms atomic.Int64 }

func newClock() *clock {
	c := &clock{}
	c.ms.Store(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC).UnixMilli())
	return c
}

func (c *clock) now() time.Time          { return time.UnixMilli(c.ms.Load()).UTC() }
func (c *clock) advance(d time.Duration) { c.ms.Add(d.Milliseconds()) }

// engine makes empty stores. A store ends with its test.
type engine struct {
	name string
	open func(t testing.TB) *fixture
}

func openTestSQLite(t testing.TB) *fixture {
	c := newClock()
	path := filepath.Join(t.TempDir(), "store.db")
	open := func() Store {
		s, err := OpenSQLite(t.Context(), path, SQLiteOptions{Now: c.now})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { s.Close() })
		return s
	}
	return &fixture{Store: open(), clock: c, reopen: open}
}

func engines(t testing.TB) []engine {
	return []engine{{"sqlite", openTestSQLite}}
}

// onEngines runs a test on every engine that is there.
func onEngines(t *testing.T, test func(t *testing.T, f *fixture)) {
	for _, e := range engines(t) {
		t.Run(e.name, func(t *testing.T) { test(t, e.open(t)) })
	}
}
