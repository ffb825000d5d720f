// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"fmt"
	"time"

	"review-assistant/review"
)

const jobColumns = "key, project, generation, due, hinted, deadline, fence, asked, fresh, patch_set, attempt, first"

func (s *state) columns() []any {
	return []any{
		&s.key, &s.project, &s.generation, &s.due, &s.hinted, &s.deadline, &s.fence,
		&s.asked, &s.fresh, &s.patchSet, &s.attempt, &s.first,
	}
}

func loadJob(t *tx, key review.JobKey) (s state, found bool, err error) {
	found, err = t.row(s.columns(), "SELECT "+jobColumns+" FROM jobs WHERE key = ?", key)
	return s, found, err
}

func saveJob(t *tx, s *state) error {
	err := t.exec("INSERT OR REPLACE INTO jobs ("+jobColumns+", at) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)",
		s.key, s.project, s.generation, s.due, s.hinted, s.deadline, s.fence, s.asked, s.fresh, s.patchSet, s.attempt, s.first, s.at())
	if err != nil {
		return err
	}
	return saveHead(t, s.project)
}

func dropJob(t *tx, s *state) error {
	if err := t.exec("DELETE FROM jobs WHERE key = ?", s.key); err != nil {
		return err
	}
	return saveHead(t, s.project)
}

func saveHead(t *tx, project string) error {
	some, err := t.changed("INSERT OR REPLACE INTO heads (project, at) SELECT project, at FROM jobs WHERE project = ? ORDER BY at LIMIT 1", project)
	if err != nil || some {
		return err
	}
	return t.exec("DELETE FROM heads WHERE project = ?", project)
}

// Enqueue implements [Store].
func (s *SQLite) Enqueue(ctx context.Context, key review.JobKey, h review.Hint) error {
	if err := checkKey("job", string(key)); err != nil {
		return err
	}
	var wait time.Duration
	err := s.write.do(ctx, func(t *tx) (err error) {
		wait, err = s.enqueue(t, key, h)
		return err
	})
	if err != nil {
		return fmt.Errorf("enqueue %s: %w", key, err)
	}
	s.waker.after(wait)
	return nil
}

// enqueue returns how long the job waits.
func (s *SQLite) enqueue(t *tx, key review.JobKey, h review.Hint) (time.Duration, error) {
	j, found, err := loadJob(t, key)
	if err != nil {
		return 0, err
	}
	if !found {
		j = state{key: key, project: share(key)}
		// A dead letter comes back with what was known of it.
		if _, err := t.row([]any{&j.fresh, &j.patchSet}, "DELETE FROM dead WHERE key = ? RETURNING asked, patch_set", key); err != nil {
			return 0, err
		}
	}
	now := s.now()
	j.hint(now, h)
	return time.Duration(j.at()-now) * time.Millisecond, saveJob(t, &j)
}

// Lease implements [Store].
func (s *SQLite) Lease(ctx context.Context, ttl time.Duration) (job review.Job, ok bool, err error) {
	next := pollEach
	err = s.write.do(ctx, func(t *tx) error {
		now := s.now()
		project, found, err := s.fairest(t, now)
		if err != nil {
			return err
		}
		if !found {
			var at int64
			if found, err = t.row([]any{&at}, "SELECT at FROM heads ORDER BY at LIMIT 1"); found {
				next = time.Duration(at-now) * time.Millisecond
			}
			return err
		}
		var j state
		if _, err := t.row(j.columns(), "SELECT "+jobColumns+" FROM jobs WHERE project = ? ORDER BY at, key LIMIT 1", project); err != nil {
			return err
		}
		var fence int64
		// At least the time, so that a file brought back from a backup does
		// not give out a fence for the second time.
		if _, err := t.row([]any{&fence}, "UPDATE fence SET last = max(last + 1, ?) RETURNING last", now); err != nil {
			return err
		}
		j.lease(now, fence, ttl)
		job, ok = j.job(), true
		return saveJob(t, &j)
	})
	if err != nil {
		return review.Job{}, false, fmt.Errorf("lease a job: %w", err)
	}
	if ok {
		next = 0 // there may be more for the next worker
	}
	s.waker.after(next)
	return job, ok, nil
}

// fairest returns the project whose turn it is.
func (s *SQLite) fairest(t *tx, now int64) (project string, ok bool, err error) {
	live := map[string]int{}
	rows, err := t.rows("SELECT project, count(*) FROM jobs WHERE deadline > 0 AND deadline > ? GROUP BY project", now)
	if err != nil {
		return "", false, err
	}
	defer rows.Close()
	for rows.Next() {
		var n int
		if err := rows.Scan(&project, &n); err != nil {
			return "", false, err
		}
		live[project] = n
	}
	if err := rows.Err(); err != nil {
		return "", false, err
	}
	// One more than the projects in work: among these is one that is not in
	// work, or there is none.
	var heads []head
	due, err := t.rows("SELECT project, at FROM heads WHERE at <= ? ORDER BY at, project LIMIT ?", now, len(live)+1)
	if err != nil {
		return "", false, err
	}
	defer due.Close()
	for due.Next() {
		var h head
		if err := due.Scan(&h.project, &h.at); err != nil {
			return "", false, err
		}
		heads = append(heads, h)
	}
	project, ok = fairest(heads, live)
	return project, ok, due.Err()
}

// holding runs fn on the job when its lease stands.
func (s *SQLite) holding(ctx context.Context, what string, job review.Job, fn func(t *tx, j *state, now int64) error) (ok bool, err error) {
	err = s.write.do(ctx, func(t *tx) error {
		j, found, err := loadJob(t, job.Key)
		if err != nil || !found || !j.held(job) {
			return err
		}
		ok = true
		return fn(t, &j, s.now())
	})
	if err != nil {
		return false, fmt.Errorf("%s %s: %w", what, job.Key, err)
	}
	return ok, nil
}

// Extend implements [Store].
func (s *SQLite) Extend(ctx context.Context, job review.Job, ttl time.Duration) (bool, error) {
	return s.holding(ctx, "extend lease of", job, func(t *tx, j *state, now int64) error {
		j.deadline = now + span(ttl, time.Millisecond)
		return saveJob(t, j)
	})
}

// Finish implements [Store].
func (s *SQLite) Finish(ctx context.Context, job review.Job) (bool, error) {
	return s.ending(ctx, "finish", job, func(t *tx, j *state, now int64) error {
		if j.generation == job.Generation {
			return dropJob(t, j)
		}
		j.asked = false
		return saveJob(t, j)
	})
}

// Retry implements [Store].
func (s *SQLite) Retry(ctx context.Context, job review.Job, delay time.Duration) (bool, error) {
	return s.ending(ctx, "retry", job, func(t *tx, j *state, now int64) error {
		if j.generation == job.Generation {
			j.due = now + span(delay, 0)
		}
		return saveJob(t, j)
	})
}

// Park implements [Store].
func (s *SQLite) Park(ctx context.Context, job review.Job, reason string) (bool, error) {
	return s.ending(ctx, "park", job, func(t *tx, j *state, now int64) error {
		if j.generation != job.Generation {
			return saveJob(t, j)
		}
		err := t.exec("INSERT OR REPLACE INTO dead (key, reason, attempts, first, parked, asked, patch_set) VALUES (?,?,?,?,?,?,?)",
			j.key, clipReason(reason), j.attempt, j.first, now, j.asked, j.patchSet)
		if err != nil {
			return err
		}
		return dropJob(t, j)
	})
}

// ending releases the lease and lets fn decide what comes next.
func (s *SQLite) ending(ctx context.Context, what string, job review.Job, fn func(t *tx, j *state, now int64) error) (bool, error) {
	return s.holding(ctx, what, job, func(t *tx, j *state, now int64) error {
		j.release()
		return fn(t, j, now)
	})
}

// Stats implements [Store].
func (s *SQLite) Stats(ctx context.Context) (Stats, error) {
	var st Stats
	now := s.now()
	var oldest int64
	err := s.read.QueryRowContext(ctx, `
		SELECT count(*) FILTER (WHERE at <= ?1), count(*) FILTER (WHERE deadline > ?1),
			count(*) FILTER (WHERE at > ?1 AND deadline = 0), (SELECT count(*) FROM dead), coalesce(min(at), ?1)
		FROM jobs`, now).Scan(&st.Due, &st.Leased, &st.Delayed, &st.Dead, &oldest)
	if err != nil {
		return Stats{}, fmt.Errorf("count jobs: %w", classify(err))
	}
	st.OldestDue = time.Duration(max(0, now-oldest)) * time.Millisecond
	return st, nil
}
