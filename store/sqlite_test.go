// SPDX-License-Identifier: Apache-2.0

package store

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	sqlite3 "modernc.org/sqlite/lib"

	"review-assistant/review"
)

func openSQLiteAt(t testing.TB, path string) *SQLite {
	t.Helper()
	s, err := OpenSQLite(t.Context(), path, SQLiteOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// pragma changes a setting of the connection that writes.
func (s *SQLite) pragma(t testing.TB, format string, args ...any) {
	t.Helper()
	var was any
	err := s.write.do(t.Context(), func(x *tx) error {
		_, err := x.row([]any{&was}, fmt.Sprintf("PRAGMA "+format, args...))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestSQLiteFileIsPrivate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new dir", "odd ?name%20#1.db")
	s := openSQLiteAt(t, path)
	if err := s.SetSetting(t.Context(), "a", "b"); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{path, path + "-wal", path + "-shm"} {
		st, err := os.Stat(name)
		if err != nil {
			t.Error(err)
		} else if st.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %o, want 600", name, st.Mode().Perm())
		}
	}
}

func TestSQLiteRefusesWhatItDoesNotKnow(t *testing.T) {
	newer, garbage := filepath.Join(t.TempDir(), "newer.db"), filepath.Join(t.TempDir(), "garbage.db")
	s := openSQLiteAt(t, newer)
	s.pragma(t, "user_version = %d", len(migrations)+1)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(garbage, bytes.Repeat([]byte("no database "), 1000), 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		newer:                      "a newer version wrote it",
		garbage:                    "damaged or no store",
		t.TempDir():                "is a directory",
		"/proc/nothing/here.db":    "no such file",
		filepath.Dir(newer) + "/x": "",
	} {
		s, err := OpenSQLite(t.Context(), path, SQLiteOptions{})
		if err == nil {
			err = s.Close()
		}
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("OpenSQLite(%s) = %v, want %q", path, err, want)
		}
	}
}

// A full disk takes nothing and breaks nothing: what was there stays, and
// when there is room again the store works again.
func TestSQLiteDiskFull(t *testing.T) {
	s := openSQLiteAt(t, filepath.Join(t.TempDir(), "store.db"))
	s.pragma(t, "max_page_count = 60")
	text := strings.Repeat("x", 10_000)
	n := 0
	var err error
	for ; err == nil && n < 1000; n++ {
		id := review.ChangeID{Host: "main", Project: "a", Number: n + 1}
		err = s.Record(t.Context(), outcome(id, 1, review.VerdictPosted), summary(id, 1, text))
	}
	if _, ok := errors.AsType[*review.RetryError](err); !ok || !strings.Contains(err.Error(), "disk is full") {
		t.Fatalf("Record() on a full disk = %v; want a RetryError that says so", err)
	}
	failed := review.ChangeID{Host: "main", Project: "a", Number: n}
	f := &fixture{Store: s}
	if got := f.outcomes(t, failed); len(got) != 0 {
		t.Errorf("Outcomes() of the write that failed = %+v, want none", got)
	}
	f.shows(t, review.ChangeID{Host: "main", Project: "a", Number: n - 1}, text)
	s.pragma(t, "max_page_count = 10000")
	f.record(t, outcome(failed, 1, review.VerdictPosted), summary(failed, 1, text))
	if problems, err := s.integrity(t.Context()); err != nil || len(problems) > 0 {
		t.Errorf("integrity() = %v, %v", problems, err)
	}
}

// One write that fails takes no other with it, though they share a commit.
func TestSQLiteGroupCommitKeepsWritesApart(t *testing.T) {
	s := openSQLiteAt(t, filepath.Join(t.TempDir(), "store.db"))
	var taken, wg sync.WaitGroup
	gate := make(chan struct{})
	taken.Add(1)
	wg.Go(func() { // holds the writer until the others wait
		err := s.write.do(t.Context(), func(*tx) error {
			taken.Done()
			<-gate
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	})
	taken.Wait()
	refused := errors.New("refused")
	for n := range 10 {
		wg.Go(func() {
			err := s.write.do(t.Context(), func(x *tx) error {
				if err := x.exec("INSERT INTO settings VALUES (?, 'x')", fmt.Sprint(n)); err != nil {
					return err
				}
				if n%2 == 1 {
					return refused
				}
				return nil
			})
			if want := n%2 == 1; errors.Is(err, refused) != want {
				t.Errorf("write %d = %v", n, err)
			}
		})
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.write.do(gone, func(*tx) error { t.Error("a write of a caller that left ran"); return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("write of a caller that left = %v", err)
	}
	close(gate)
	wg.Wait()
	for n := range 10 {
		_, ok, err := s.Setting(t.Context(), fmt.Sprint(n))
		if want := n%2 == 0; err != nil || ok != want {
			t.Errorf("Setting(%d) = %v, %v; want %v", n, ok, err, want)
		}
	}
}

// The command line opens the file beside the server.
func TestSQLiteTwoProcesses(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	var wg sync.WaitGroup
	for n := range 3 {
		s := openSQLiteAt(t, path)
		wg.Go(func() {
			for i := range 30 {
				if err := s.Enqueue(t.Context(), key(fmt.Sprint(n), i+1), review.Hint{}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if st, err := openSQLiteAt(t, path).Stats(t.Context()); err != nil || st.Due != 90 {
		t.Errorf("Stats() = %+v, %v; want 90 due", st, err)
	}
}

func TestSQLiteBusyIsTyped(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	s := openSQLiteAt(t, path)
	s.pragma(t, "busy_timeout = 1")
	db, err := sql.Open("sqlite", dsn(path))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	if _, err := db.Exec("BEGIN IMMEDIATE"); err != nil {
		t.Fatal(err)
	}
	err = s.Enqueue(t.Context(), key("a", 1), review.Hint{})
	if after := review.RetryAfter(err); after != time.Second || !strings.Contains(err.Error(), "another process") {
		t.Errorf("Enqueue() beside a lock = %v, again after %v", err, after)
	}
	if _, err := db.Exec("ROLLBACK"); err != nil {
		t.Fatal(err)
	}
	if err := s.Enqueue(t.Context(), key("a", 1), review.Hint{}); err != nil {
		t.Errorf("Enqueue() after the lock = %v", err)
	}
}

// After a sync that failed nobody knows what the disk holds: no write is
// taken any more.
func TestSQLiteStopsAfterLostWrite(t *testing.T) {
	for code, want := range map[int]bool{
		sqlite3.SQLITE_IOERR_FSYNC: true, sqlite3.SQLITE_IOERR_DIR_FSYNC: true, sqlite3.SQLITE_CORRUPT_INDEX: true,
		sqlite3.SQLITE_NOTADB: true, sqlite3.SQLITE_FULL: false, sqlite3.SQLITE_BUSY: false, sqlite3.SQLITE_IOERR_WRITE: false,
	} {
		if got := lostWrite(code); got != want {
			t.Errorf("lostWrite(%d) = %v, want %v", code, got, want)
		}
	}
	path := filepath.Join(t.TempDir(), "store.db")
	s := openSQLiteAt(t, path)
	damage(t, path)
	err := s.Enqueue(t.Context(), key("a", 1), review.Hint{})
	if err == nil || !strings.Contains(err.Error(), "restart") {
		t.Fatalf("Enqueue() on a damaged file = %v", err)
	}
	if err := s.Ping(t.Context()); err == nil {
		t.Error("Ping() after that = nil, want an error")
	}
	if err := s.Close(); err != nil {
		t.Logf("Close() = %v", err)
	}
}

// damage overwrites all pages but the first, after the log went into the file.
func damage(t *testing.T, path string) {
	t.Helper()
	db, err := sql.Open("sqlite", dsn(path))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec("PRAGMA wal_checkpoint(TRUNCATE)"); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	st, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	_, err = f.WriteAt(bytes.Repeat([]byte{0xa5}, int(st.Size())-4096), 4096)
	if err := errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
}

// Erased text is not in the file any more.
func TestSQLiteEraseLeavesNoBytes(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	s := openSQLiteAt(t, path)
	const planted = "planted-and-erased"
	f := &fixture{Store: s}
	for n := range 20 {
		id := review.ChangeID{Host: "main", Project: "a", Number: n + 1}
		f.record(t, outcome(id, 1, review.VerdictPosted), summary(id, 1, planted))
	}
	for n := range 20 {
		if err := s.Erase(t.Context(), review.ChangeID{Host: "main", Project: "a", Number: n + 1}); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(path + "*")
	if err != nil || len(files) != 1 {
		t.Errorf("files are %q, %v; want the one", files, err)
	}
	for _, name := range files {
		if raw, err := os.ReadFile(name); err != nil || bytes.Contains(raw, []byte(planted)) {
			t.Errorf("%s holds erased text (%v)", name, err)
		}
	}
}

func TestSQLiteCheck(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	s := openSQLiteAt(t, path)
	// Where tests run may be a RAM disk; a server should not.
	is := func(want string) {
		t.Helper()
		for _, p := range s.Check(t.Context()) {
			if !strings.HasPrefix(p.Cause, "the file is on ") && (want == "" || !strings.Contains(p.String(), want)) {
				t.Errorf("Check() says %s; want %q", p, want)
			} else {
				want = ""
			}
		}
		if want != "" {
			t.Errorf("Check() does not say %q", want)
		}
	}
	is("")
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	is("others may read the file")
}

func TestSQLiteClosed(t *testing.T) {
	s := openSQLiteAt(t, filepath.Join(t.TempDir(), "store.db"))
	for range 2 {
		if err := s.Close(); err != nil {
			t.Errorf("Close() = %v", err)
		}
	}
	if err := s.Enqueue(t.Context(), key("a", 1), review.Hint{}); !errors.Is(err, ErrClosed) {
		t.Errorf("Enqueue() = %v, want ErrClosed", err)
	}
}

// A write costs the same however much is stored: no statement reads a whole
// table, but the one row of fence.
func TestSQLiteStatementsUseIndexes(t *testing.T) {
	s := openSQLiteAt(t, filepath.Join(t.TempDir(), "store.db"))
	f := &fixture{Store: s}
	f.enqueue(t, key("a", 1), review.Hint{})
	must(t, "Park", true)(f.Park(t.Context(), f.lease(t, key("a", 1)), "why"))
	must(t, "Replay", true)(f.Replay(t.Context(), key("a", 1)))
	must(t, "Finish", true)(f.Finish(t.Context(), f.lease(t, key("a", 1))))
	f.idle(t)
	f.record(t, outcome(changeOne, 1, review.VerdictPosted), summary(changeOne, 1, "x"))
	for _, err := range []error{
		f.Hide(t.Context(), changeOne, true), f.Erase(t.Context(), changeOne), f.SetSetting(t.Context(), "a", "b"),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if _, err := f.Count(t.Context(), review.Count{Key: "a", Delta: 1, TTL: time.Hour}); err != nil {
		t.Fatal(err)
	}
	if n, err := f.Append(t.Context(), "a", rowsOf(3, "k")); n != 3 || err != nil {
		t.Fatal(err)
	}
	if n, err := f.Trim(t.Context(), "a", time.Unix(1, 0), 1); n != 2 || err != nil {
		t.Fatal(err)
	}
	err := s.write.do(t.Context(), func(x *tx) error {
		for query := range x.prepared {
			rows, err := x.conn.QueryContext(t.Context(), "EXPLAIN QUERY PLAN "+query, make([]any, strings.Count(query, "?"))...)
			if err != nil {
				continue // not a query, such as COMMIT
			}
			for rows.Next() {
				var id, parent, unused int
				var plan string
				if err := rows.Scan(&id, &parent, &unused, &plan); err != nil {
					return err
				}
				if strings.Contains(plan, "TEMP B-TREE FOR ORDER BY") ||
					strings.HasPrefix(plan, "SCAN") && plan != "SCAN fence" && !strings.HasSuffix(query, "LIMIT 1") {
					t.Errorf("%s\nis done by: %s", query, plan)
				}
			}
			if err := errors.Join(rows.Err(), rows.Close()); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// A file of any version that was released goes on.
func TestSQLiteUpgrades(t *testing.T) {
	for version := 1; version < len(migrations); version++ {
		path := filepath.Join(t.TempDir(), "store.db")
		db, err := sql.Open("sqlite", dsn(path))
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range append(slices.Clone(migrations[:version]), fmt.Sprintf("PRAGMA user_version = %d; INSERT INTO settings VALUES ('a', 'b')", version)) {
			if _, err := db.Exec(m); err != nil {
				t.Fatal(err)
			}
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		f := &fixture{Store: openSQLiteAt(t, path)}
		f.adds(t, "log", 2, rowsOf(2, "k")...)
		if v, ok, err := f.Setting(t.Context(), "a"); v != "b" || !ok || err != nil {
			t.Errorf("version %d: Setting() = %q, %v, %v", version, v, ok, err)
		}
	}
}
