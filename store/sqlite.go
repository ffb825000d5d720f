// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"time"

	"modernc.org/sqlite"
)

// busyWait is how long a statement waits for another process, such as the
// command line, to let go of the file.
const busyWait = 5 * time.Second

// SQLiteOptions tune a SQLite store; the zero value is right for a server.
type SQLiteOptions struct {
	// Now is the engine's clock, default time.Now.
	Now func() time.Time
}

// SQLite is the store in one file.
type SQLite struct {
	path  string
	clock func() time.Time
	read  *sql.DB
	write *writer
	waker *waker
	close func() error
}

var _ Store = (*SQLite)(nil)

// OpenSQLite opens the file, makes it when it is not there, and brings its
// schema up to date.
func OpenSQLite(ctx context.Context, path string, o SQLiteOptions) (*SQLite, error) {
	s, err := openSQLite(ctx, path, o)
	if err != nil {
		return nil, fmt.Errorf("open store %s: %w", path, err)
	}
	return s, nil
}

func openSQLite(ctx context.Context, path string, o SQLiteOptions) (_ *SQLite, err error) {
	path, err = filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	if err := makePrivate(path); err != nil {
		return nil, err
	}
	// Commits wait for data and size but not for times: half the wait, and
	// nothing that a crash could take. Where there is no such call, the
	// library goes on with fsync.
	_, _ = sqlite.Fdatasync(true)

	db, err := sql.Open("sqlite", dsn(path, "foreign_keys(1)", "secure_delete(1)", "synchronous(FULL)", "journal_mode(WAL)", "journal_size_limit(16777216)"))
	if err != nil {
		return nil, err
	}
	s := &SQLite{path: path, clock: o.Now, waker: newWaker()}
	if s.clock == nil {
		s.clock = time.Now
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, db.Close())
		}
	}()
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, classify(err)
	}
	if err := migrate(ctx, conn); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	if s.read, err = sql.Open("sqlite", dsn(path, "query_only(1)")); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	s.read.SetMaxOpenConns(4)
	s.read.SetMaxIdleConns(4)
	s.write = startWriter(conn)
	s.close = sync.OnceValue(func() error {
		s.waker.close()
		// The last connection to close takes the log back into the file: let
		// it be the one that may write.
		return errors.Join(s.read.Close(), s.write.stop(), db.Close())
	})
	return s, nil
}

// makePrivate makes the file for us alone before SQLite can make it for all;
// its log and index files get the same mode.
func makePrivate(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	return errors.Join(f.Chmod(0o600), f.Close())
}

func dsn(path string, pragmas ...string) string {
	q := url.Values{"_pragma": append([]string{fmt.Sprintf("busy_timeout(%d)", busyWait.Milliseconds())}, pragmas...)}
	u := url.URL{Scheme: "file", Path: path, RawQuery: q.Encode()}
	return u.String()
}

func (s *SQLite) now() int64 { return s.clock().UnixMilli() }

// Close waits for the writes in hand.
func (s *SQLite) Close() error { return s.close() }

// Ping writes nothing, but takes the lock that a write needs.
func (s *SQLite) Ping(ctx context.Context) error {
	return s.write.do(ctx, func(*tx) error { return nil })
}

// Wait returns when a job may be due.
func (s *SQLite) Wait(ctx context.Context, limit time.Duration) { s.waker.wait(ctx, limit) }
