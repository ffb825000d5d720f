// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"review-assistant/review"
)

// Append implements [Store].
func (s *SQLite) Append(ctx context.Context, log string, rows []review.Row) (added int, err error) {
	if err := checkRows(log, rows); err != nil {
		return 0, err
	}
	for len(rows) > 0 {
		var some []review.Row
		some, rows = step(rows)
		n := 0
		err := s.writeNamed(ctx, "add to log "+log, func(t *tx) (err error) { n, err = appendRows(t, log, some); return err })
		if err != nil {
			return added, err
		}
		added += n
	}
	return added, nil
}

func appendRows(t *tx, log string, rows []review.Row) (added int, err error) {
	floor, err := floorOf(t, log)
	if err != nil {
		return 0, err
	}
	for _, r := range rows {
		at := milliseconds(r.At)
		if at < floor {
			continue
		}
		data := r.Data
		if data == nil {
			data = []byte{}
		}
		new, err := t.changed("INSERT INTO log_rows (log, key, at, data) VALUES (?,?,?,?) ON CONFLICT DO NOTHING", log, r.Key, at, data)
		if err != nil {
			return 0, err
		}
		if new {
			added++
		}
	}
	return added, nil
}

func floorOf(t *tx, log string) (floor int64, err error) {
	_, err = t.row([]any{&floor}, "SELECT at FROM log_floors WHERE log = ?", log)
	return floor, err
}

const rowColumns = "seq, key, at, data"

func scanRow(scan func(...any) error) (r review.Row, err error) {
	var ms int64
	err = scan(&r.Seq, &r.Key, &ms, &r.Data)
	r.At = at(ms)
	return r, err
}

// Rows implements [Store].
func (s *SQLite) Rows(ctx context.Context, log string, after int64, limit int) ([]review.Row, error) {
	fail := func(err error) ([]review.Row, error) { return nil, fmt.Errorf("read log %s: %w", log, classify(err)) }
	rows, err := s.read.QueryContext(ctx, "SELECT "+rowColumns+" FROM log_rows WHERE log = ? AND seq > ? ORDER BY seq LIMIT ?", log, after, max(0, min(limit, maxRows)))
	if err != nil {
		return fail(err)
	}
	defer rows.Close()
	var out []review.Row
	for rows.Next() {
		r, err := scanRow(rows.Scan)
		if err != nil {
			return fail(err)
		}
		out = append(out, r)
	}
	if err := rows.Err(); err != nil {
		return fail(err)
	}
	return out, nil
}

// RowOf implements [Store].
func (s *SQLite) RowOf(ctx context.Context, log, key string) (review.Row, bool, error) {
	r, err := scanRow(s.read.QueryRowContext(ctx, "SELECT "+rowColumns+" FROM log_rows WHERE log = ? AND key = ?", log, key).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return review.Row{}, false, nil
	}
	if err != nil {
		return review.Row{}, false, fmt.Errorf("read log %s: %w", log, classify(err))
	}
	return r, true, nil
}

// Trim implements [Store].
func (s *SQLite) Trim(ctx context.Context, log string, before time.Time, keep int) (removed int, err error) {
	if err := checkTrim(log, keep); err != nil {
		return 0, err
	}
	for more := true; more; {
		n := 0
		err := s.writeNamed(ctx, "trim log "+log, func(t *tx) (err error) {
			n, err = trimRows(t, log, milliseconds(before), keep)
			return err
		})
		if err != nil {
			return removed, err
		}
		removed, more = removed+n, n == stepTrim
	}
	return removed, nil
}

// trimRows does one step and returns how many rows it removed.
func trimRows(t *tx, log string, before int64, keep int) (int, error) {
	floor, err := floorOf(t, log)
	if err != nil {
		return 0, err
	}
	// A clock that is ahead must not close the log for what comes.
	var newest int64
	if _, err := t.row([]any{&newest}, "SELECT at FROM log_rows WHERE log = ? ORDER BY at DESC LIMIT 1", log); err != nil {
		return 0, err
	}
	before = min(before, newest+1)
	// The newest row that is too much: what goes is not newer, or from before
	// the time.
	var lastAt, lastSeq int64
	tooMany, err := t.row([]any{&lastAt, &lastSeq}, "SELECT at, seq FROM log_rows WHERE log = ? ORDER BY at DESC, seq DESC LIMIT 1 OFFSET ?", log, keep)
	if err != nil {
		return 0, err
	}
	raised := max(floor, before)
	if tooMany {
		raised = max(raised, lastAt+1)
	}
	if !tooMany || lastAt < before {
		lastAt, lastSeq = before, 0
	}
	if raised > floor {
		if err := t.exec("INSERT OR REPLACE INTO log_floors (log, at) VALUES (?,?)", log, raised); err != nil {
			return 0, err
		}
	}
	return t.count(`DELETE FROM log_rows WHERE seq IN
		(SELECT seq FROM log_rows WHERE log = ? AND (at, seq) <= (?, ?) ORDER BY at, seq LIMIT ?)`, log, lastAt, lastSeq, stepTrim)
}

// Remove implements [Store].
func (s *SQLite) Remove(ctx context.Context, log string, keys []string) (removed int, err error) {
	if err := checkKeys(log, keys); err != nil {
		return 0, err
	}
	for some := range slices.Chunk(keys, stepRows) {
		n := 0
		err := s.writeNamed(ctx, "remove from log "+log, func(t *tx) error {
			n = 0
			for _, k := range some {
				gone, err := t.changed("DELETE FROM log_rows WHERE log = ? AND key = ?", log, k)
				if err != nil {
					return err
				}
				if gone {
					n++
				}
			}
			return nil
		})
		if err != nil {
			return removed, err
		}
		removed += n
	}
	return removed, nil
}
