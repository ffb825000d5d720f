// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"review-assistant/review"
)

// maxBatch bounds what one commit carries.
const maxBatch = 128

// writer commits in groups: it takes the writes that wait, runs each in a
// savepoint of one transaction, and answers all after one commit. Under load
// one wait for the disk serves many.
type writer struct {
	ops  chan *op // not buffered: what was taken is answered
	quit chan struct{}
	done chan struct{}
	tx   *tx
	// broken is set when the disk lost a write: what the file holds is not
	// known any more, and trying again would hide that.
	broken error
}

type op struct {
	ctx  context.Context
	fn   func(*tx) error
	err  error
	done chan struct{}
}

func startWriter(conn *sql.Conn) *writer {
	w := &writer{
		ops: make(chan *op), quit: make(chan struct{}), done: make(chan struct{}),
		tx: &tx{conn: conn, prepared: map[string]*sql.Stmt{}},
	}
	go w.run()
	return w
}

// do runs fn in a transaction and returns when that is on the disk. Once fn
// was taken its answer is awaited whatever ctx does, so that a caller never
// misses what it did.
func (w *writer) do(ctx context.Context, fn func(*tx) error) error {
	o := &op{ctx: ctx, fn: fn, done: make(chan struct{})}
	select {
	case w.ops <- o:
	case <-ctx.Done():
		return ctx.Err()
	case <-w.quit:
		return ErrClosed
	}
	<-o.done
	return o.err
}

// stop ends the writer after the batch in hand. It may be called once.
func (w *writer) stop() error {
	close(w.quit)
	<-w.done
	return w.tx.close()
}

func (w *writer) run() {
	defer close(w.done)
	for {
		select {
		case <-w.quit:
			return
		case o := <-w.ops:
			w.commit(w.gather(o))
		}
	}
}

// gather takes the writes that wait already; it does not wait for more.
func (w *writer) gather(first *op) []*op {
	batch := []*op{first}
	runtime.Gosched() // those that the last commit answered may be about to come
	for len(batch) < maxBatch {
		select {
		case o := <-w.ops:
			batch = append(batch, o)
		default:
			return batch
		}
	}
	return batch
}

func (w *writer) commit(batch []*op) {
	err := w.broken
	if err == nil {
		err = w.transact(batch)
	}
	for _, o := range batch {
		if err != nil {
			o.err = err
		}
		close(o.done)
	}
}

// transact returns an error when the whole batch failed; the error of one
// write is in its op.
func (w *writer) transact(batch []*op) error {
	if err := w.tx.exec("BEGIN IMMEDIATE"); err != nil {
		return classify(err)
	}
	for _, o := range batch {
		if o.err = o.ctx.Err(); o.err != nil {
			continue
		}
		if err := w.one(o); err != nil {
			return w.abort(err)
		}
	}
	if err := w.tx.exec("COMMIT"); err != nil {
		return w.abort(err)
	}
	return nil
}

// one runs one write; its own failure leaves nothing behind and does not fail
// the others.
func (w *writer) one(o *op) error {
	if err := w.tx.exec("SAVEPOINT one"); err != nil {
		return err
	}
	if err := o.fn(w.tx); err != nil {
		if engineFailed(err) {
			return err
		}
		o.err = err
		if err := w.tx.exec("ROLLBACK TO one"); err != nil {
			return err
		}
	}
	return w.tx.exec("RELEASE one")
}

func (w *writer) abort(cause error) error {
	// After some errors SQLite has rolled back already and refuses this.
	_ = w.tx.exec("ROLLBACK")
	cause = classify(cause)
	if f, ok := errors.AsType[*sqlite.Error](cause); ok && lostWrite(f.Code()) {
		w.broken = fmt.Errorf("the store stopped after a failed write; check the disk and restart: %w", cause)
		return w.broken
	}
	return cause
}

// tx is the transaction of a batch. Its statements do not follow a caller's
// context: an interrupt would take the whole batch back.
type tx struct {
	conn     *sql.Conn
	prepared map[string]*sql.Stmt
}

func (t *tx) stmt(query string) (*sql.Stmt, error) {
	if s, ok := t.prepared[query]; ok {
		return s, nil
	}
	s, err := t.conn.PrepareContext(context.Background(), query)
	if err == nil {
		t.prepared[query] = s
	}
	return s, err
}

func (t *tx) exec(query string, args ...any) error {
	_, err := t.changed(query, args...)
	return err
}

// changed runs a statement and reports whether it changed a row.
func (t *tx) changed(query string, args ...any) (bool, error) {
	n, err := t.count(query, args...)
	return n > 0, err
}

// count runs a statement and returns how many rows it changed.
func (t *tx) count(query string, args ...any) (int, error) {
	s, err := t.stmt(query)
	if err != nil {
		return 0, err
	}
	r, err := s.ExecContext(context.Background(), args...)
	if err != nil {
		return 0, err
	}
	n, err := r.RowsAffected()
	return int(n), err
}

// row reads one row into dest; found is false when there is none.
func (t *tx) row(dest []any, query string, args ...any) (found bool, err error) {
	s, err := t.stmt(query)
	if err != nil {
		return false, err
	}
	err = s.QueryRowContext(context.Background(), args...).Scan(dest...)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

func (t *tx) rows(query string, args ...any) (*sql.Rows, error) {
	s, err := t.stmt(query)
	if err != nil {
		return nil, err
	}
	return s.QueryContext(context.Background(), args...)
}

func (t *tx) close() error {
	var errs []error
	for _, s := range t.prepared {
		errs = append(errs, s.Close())
	}
	return errors.Join(append(errs, t.conn.Close())...)
}

// lostWrite reports whether the file may not hold what was written: a failed
// sync must not be tried again, the kernel may have dropped the pages.
func lostWrite(code int) bool {
	switch code {
	case sqlite3.SQLITE_IOERR_FSYNC, sqlite3.SQLITE_IOERR_DIR_FSYNC:
		return true
	}
	return code&0xff == sqlite3.SQLITE_CORRUPT || code&0xff == sqlite3.SQLITE_NOTADB
}

// engineFailed tells an error of SQLite, which takes the batch back, from one
// of the caller.
func engineFailed(err error) bool {
	_, ok := errors.AsType[*sqlite.Error](err)
	return ok
}

// classify says what to do about an error of SQLite.
func classify(err error) error {
	f, ok := errors.AsType[*sqlite.Error](err)
	if !ok {
		return err
	}
	after, advice := 10*time.Second, ""
	switch f.Code() & 0xff {
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		after, advice = time.Second, "another process holds the file"
	case sqlite3.SQLITE_FULL:
		advice = "the disk is full; free some space"
	case sqlite3.SQLITE_IOERR:
		advice = "the disk fails; check it"
	case sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM:
		advice = "the file and its directory have to be writable for the server"
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		return fmt.Errorf("the file is damaged or no store; move it away and restart, open changes are found again: %w", err)
	default:
		return err
	}
	return &review.RetryError{After: after, Err: fmt.Errorf("%s: %w", advice, err)}
}
