// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"time"

	"review-assistant/review"
)

// list reads rows of one column of JSON.
func list[T any](ctx context.Context, s *SQLite, query string, args ...any) ([]T, error) {
	rows, err := s.read.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, classify(err)
	}
	defer rows.Close()
	var out []T
	for rows.Next() {
		var raw []byte
		if err := rows.Scan(&raw); err != nil {
			return nil, classify(err)
		}
		var v T
		if err := json.Unmarshal(raw, &v); err != nil {
			return nil, fmt.Errorf("stored value is broken: %w", err)
		}
		out = append(out, v)
	}
	return out, classify(rows.Err())
}

// writeNamed runs a write and names it in its error.
func (s *SQLite) writeNamed(ctx context.Context, what string, fn func(t *tx) error) error {
	if err := s.write.do(ctx, fn); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}

const deadColumns = "key, reason, attempts, first, parked"

func scanDead(scan func(...any) error) (review.DeadJob, error) {
	var d review.DeadJob
	var first, parked int64
	err := scan(&d.Key, &d.Reason, &d.Attempts, &first, &parked)
	d.First, d.Parked = at(first), at(parked)
	return d, err
}

// Dead implements [Store].
func (s *SQLite) Dead(ctx context.Context, limit int) ([]review.DeadJob, error) {
	rows, err := s.read.QueryContext(ctx, "SELECT "+deadColumns+" FROM dead ORDER BY parked DESC, key DESC LIMIT ?", max(0, min(limit, maxDead)))
	if err != nil {
		return nil, fmt.Errorf("list dead letters: %w", classify(err))
	}
	defer rows.Close()
	var out []review.DeadJob
	for rows.Next() {
		d, err := scanDead(rows.Scan)
		if err != nil {
			return nil, fmt.Errorf("list dead letters: %w", classify(err))
		}
		out = append(out, d)
	}
	return out, classify(rows.Err())
}

// DeadGet implements [Store].
func (s *SQLite) DeadGet(ctx context.Context, key review.JobKey) (review.DeadJob, bool, error) {
	d, err := scanDead(s.read.QueryRowContext(ctx, "SELECT "+deadColumns+" FROM dead WHERE key = ?", key).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return review.DeadJob{}, false, nil
	}
	if err != nil {
		return review.DeadJob{}, false, fmt.Errorf("read dead letter: %w", classify(err))
	}
	return d, true, nil
}

// Replay implements [Store].
func (s *SQLite) Replay(ctx context.Context, key review.JobKey) (ok bool, err error) {
	err = s.writeNamed(ctx, "replay dead letter", func(t *tx) error {
		var one int
		if ok, err = t.row([]any{&one}, "SELECT 1 FROM dead WHERE key = ?", key); err != nil || !ok {
			return err
		}
		_, err = s.enqueue(t, key, review.Hint{})
		return err
	})
	s.waker.wake()
	return ok && err == nil, err
}

// Drop implements [Store].
func (s *SQLite) Drop(ctx context.Context, key review.JobKey) (ok bool, err error) {
	err = s.writeNamed(ctx, "drop dead letter", func(t *tx) error {
		ok, err = t.changed("DELETE FROM dead WHERE key = ?", key)
		return err
	})
	return ok && err == nil, err
}

// Record implements [Store].
func (s *SQLite) Record(ctx context.Context, o review.Outcome, sum *review.Summary) error {
	rec, err := newRecord(o, sum)
	if err != nil {
		return err
	}
	return s.writeNamed(ctx, "record outcome of "+rec.change, func(t *tx) error {
		err := t.exec(`INSERT INTO outcomes (change, patch_set, kind, verdict, json) VALUES (?,?,?,?,?)
			ON CONFLICT DO UPDATE SET verdict = excluded.verdict, json = excluded.json WHERE verdict <> 'posted'`,
			rec.change, o.PatchSet, o.Kind, o.Verdict, rec.outcome)
		if err != nil || rec.summary == "" {
			return err
		}
		err = t.exec("INSERT OR REPLACE INTO summaries (change, patch_set, json) VALUES (?,?,?)", rec.change, sum.PatchSet, rec.summary)
		if err != nil {
			return err
		}
		return t.exec("DELETE FROM hidden WHERE change = ?", rec.change)
	})
}

// Outcomes implements [Store].
func (s *SQLite) Outcomes(ctx context.Context, id review.ChangeID) ([]review.Outcome, error) {
	out, err := list[review.Outcome](ctx, s, "SELECT json FROM outcomes WHERE change = ? ORDER BY patch_set, kind", id.String())
	if err != nil {
		return nil, fmt.Errorf("read outcomes of %s: %w", id, err)
	}
	return out, nil
}

// Summary implements [Store].
func (s *SQLite) Summary(ctx context.Context, id review.ChangeID) (review.Summary, bool, error) {
	return s.summary(ctx, id, 0, math.MaxInt32)
}

// SummaryAt implements [Store].
func (s *SQLite) SummaryAt(ctx context.Context, id review.ChangeID, patchSet int) (review.Summary, bool, error) {
	return s.summary(ctx, id, patchSet, patchSet)
}

// summary returns the newest of the patch sets from first to last.
func (s *SQLite) summary(ctx context.Context, id review.ChangeID, first, last int) (review.Summary, bool, error) {
	out, err := list[review.Summary](ctx, s, `SELECT json FROM summaries WHERE change = ?1 AND patch_set BETWEEN ?2 AND ?3
		AND NOT EXISTS (SELECT 1 FROM hidden WHERE change = ?1) ORDER BY patch_set DESC LIMIT 1`, id.String(), first, last)
	if err != nil {
		return review.Summary{}, false, fmt.Errorf("read summary of %s: %w", id, err)
	}
	if len(out) == 0 {
		return review.Summary{}, false, nil
	}
	return out[0], true, nil
}

// Answer implements [Store].
func (s *SQLite) Answer(ctx context.Context, id review.ChangeID, key string) (text string, ok bool, err error) {
	err = s.read.QueryRowContext(ctx, "SELECT text FROM answers WHERE change = ? AND key = ? AND ends > ?", id.String(), key, s.now()).Scan(&text)
	if errors.Is(err, sql.ErrNoRows) {
		return "", false, nil
	}
	if err != nil {
		return "", false, fmt.Errorf("read answer about %s: %w", id, classify(err))
	}
	return text, true, nil
}

// KeepAnswer implements [Store].
func (s *SQLite) KeepAnswer(ctx context.Context, id review.ChangeID, key, text string) error {
	if err := checkAnswer(id, key, text); err != nil {
		return err
	}
	return s.writeNamed(ctx, "keep answer about "+id.String(), func(t *tx) error {
		now := s.now()
		if err := t.exec("DELETE FROM answers WHERE ends <= ?", now); err != nil {
			return err
		}
		if err := t.exec("INSERT OR REPLACE INTO answers (change, key, text, ends) VALUES (?,?,?,?)", id.String(), key, text, now+span(AnswerAge, time.Millisecond)); err != nil {
			return err
		}
		return t.exec(`DELETE FROM answers WHERE change = ?1 AND key <> ?2 AND key NOT IN
			(SELECT key FROM answers WHERE change = ?1 AND key <> ?2 ORDER BY ends DESC LIMIT ?3)`, id.String(), key, maxAnswers-1)
	})
}

// Hide implements [Store].
func (s *SQLite) Hide(ctx context.Context, id review.ChangeID, hidden bool) error {
	query := "DELETE FROM hidden WHERE change = ?"
	if hidden {
		query = "INSERT OR IGNORE INTO hidden (change) SELECT change FROM summaries WHERE change = ? LIMIT 1"
	}
	return s.writeNamed(ctx, "hide text about "+id.String(), func(t *tx) error { return t.exec(query, id.String()) })
}

// Erase implements [Store].
func (s *SQLite) Erase(ctx context.Context, id review.ChangeID) error {
	return s.writeNamed(ctx, "erase text about "+id.String(), func(t *tx) error {
		for _, table := range []string{"summaries", "answers"} {
			if err := t.exec("DELETE FROM "+table+" WHERE change = ?", id.String()); err != nil {
				return err
			}
		}
		return t.exec("DELETE FROM hidden WHERE change = ?", id.String())
	})
}

// Setting implements [Store].
func (s *SQLite) Setting(ctx context.Context, key string) (value string, ok bool, err error) {
	err = s.read.QueryRowContext(ctx, "SELECT value FROM settings WHERE key = ?", key).Scan(&value)
	if errors.Is(err, sql.ErrNoRows) {
		return "", false, nil
	}
	if err != nil {
		return "", false, fmt.Errorf("read setting: %w", classify(err))
	}
	return value, true, nil
}

// SetSetting implements [Store].
func (s *SQLite) SetSetting(ctx context.Context, key, value string) error {
	if err := checkSetting(key, value); err != nil {
		return err
	}
	return s.writeNamed(ctx, "store setting", func(t *tx) error {
		if value == "" {
			return t.exec("DELETE FROM settings WHERE key = ?", key)
		}
		return t.exec("INSERT OR REPLACE INTO settings (key, value) VALUES (?,?)", key, value)
	})
}

// SetOnce implements [Store].
func (s *SQLite) SetOnce(ctx context.Context, key, value string) (stands string, err error) {
	if err := checkSetting(key, value); err != nil {
		return "", err
	}
	err = s.writeNamed(ctx, "store setting", func(t *tx) error {
		if value != "" {
			if err := t.exec("INSERT OR IGNORE INTO settings (key, value) VALUES (?,?)", key, value); err != nil {
				return err
			}
		}
		_, err := t.row([]any{&stands}, "SELECT value FROM settings WHERE key = ?", key)
		return err
	})
	return stands, err
}

// Remember implements [Store].
func (s *SQLite) Remember(ctx context.Context, key string, words []string, keep int) error {
	if err := checkWords(key, words, keep); err != nil || len(words) == 0 {
		return err
	}
	return s.writeNamed(ctx, "store setting", func(t *tx) error {
		old := ""
		if _, err := t.row([]any{&old}, "SELECT value FROM settings WHERE key = ?", key); err != nil {
			return err
		}
		return t.exec("INSERT OR REPLACE INTO settings (key, value) VALUES (?,?)", key, remember(old, words, keep))
	})
}

// Count implements [Store].
func (s *SQLite) Count(ctx context.Context, counts ...review.Count) ([]int64, error) {
	if err := checkCounts(counts); err != nil {
		return nil, err
	}
	sums := make([]int64, len(counts))
	err := s.writeNamed(ctx, "count", func(t *tx) error {
		now := s.now()
		if err := t.exec("DELETE FROM counters WHERE ends <= ?", now); err != nil {
			return err
		}
		for i, c := range counts {
			if c.Delta != 0 {
				err := t.exec("INSERT INTO counters (key, sum, ends) VALUES (?,?,?) ON CONFLICT DO UPDATE SET sum = sum + excluded.sum",
					c.Key, c.Delta, now+span(c.TTL, time.Millisecond))
				if err != nil {
					return err
				}
			}
			sums[i] = 0
			if _, err := t.row([]any{&sums[i]}, "SELECT sum FROM counters WHERE key = ?", c.Key); err != nil {
				return err
			}
		}
		return nil
	})
	return sums, err
}

// Controls implements [Store].
func (s *SQLite) Controls(ctx context.Context) ([]review.Control, error) {
	out, err := list[review.Control](ctx, s, "SELECT json FROM controls ORDER BY scope")
	if err != nil {
		return nil, fmt.Errorf("read kill switches: %w", err)
	}
	return out, nil
}

// SetControl implements [Store].
func (s *SQLite) SetControl(ctx context.Context, c review.Control) error {
	raw, err := controlJSON(c)
	if err != nil {
		return err
	}
	return s.writeNamed(ctx, "set kill switch", func(t *tx) error {
		return t.exec("INSERT OR REPLACE INTO controls (scope, json) VALUES (?,?)", c.Scope, raw)
	})
}

// ClearControl implements [Store].
func (s *SQLite) ClearControl(ctx context.Context, scope string) (ok bool, err error) {
	err = s.writeNamed(ctx, "clear kill switch", func(t *tx) error {
		ok, err = t.changed("DELETE FROM controls WHERE scope = ?", scope)
		return err
	})
	return ok && err == nil, err
}
