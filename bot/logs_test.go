// SPDX-License-Identifier: Apache-2.0

package bot

import (
	"context"
	"slices"
	"sync"
	"time"

	"review-assistant/review"
)

// memLogs keeps logs in memory.
type memLogs struct {
	mu   sync.Mutex
	seq  int64
	rows map[string][]review.Row
	// floors are the times before which a log takes nothing.
	floors map[string]time.Time
	// trims are how many rows were to be kept each time.
	trims []int
	// call is told of each use, and may fail it; nil for nothing.
	call func(name string) error
}

func (m *memLogs) used(name string) error {
	if m.call == nil {
		return nil
	}
	return m.call(name)
}

func (m *memLogs) Append(_ context.Context, log string, rows []review.Row) (added int, err error) {
	use := "append"
	if log == FeedLog {
		use = "news"
	}
	if err := m.used(use); err != nil {
		return 0, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.rows == nil {
		m.rows = map[string][]review.Row{}
	}
	for _, r := range rows {
		if r.At.Before(m.floors[log]) || slices.ContainsFunc(m.rows[log], func(x review.Row) bool { return x.Key == r.Key }) {
			continue
		}
		m.seq++
		r.Seq = m.seq
		m.rows[log] = append(m.rows[log], r)
		added++
	}
	return added, nil
}

func (m *memLogs) Rows(_ context.Context, log string, after int64, limit int) ([]review.Row, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []review.Row
	for _, r := range m.rows[log] {
		if r.Seq > after && len(out) < limit {
			out = append(out, r)
		}
	}
	return out, m.used("rows")
}

func (m *memLogs) RowOf(_ context.Context, log, key string) (review.Row, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	i := slices.IndexFunc(m.rows[log], func(r review.Row) bool { return r.Key == key })
	if i < 0 {
		return review.Row{}, false, nil
	}
	return m.rows[log][i], true, nil
}

func (m *memLogs) Trim(_ context.Context, log string, before time.Time, keep int) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.trims = append(m.trims, keep)
	all := m.rows[log]
	byTime := slices.SortedFunc(slices.Values(all), func(a, b review.Row) int { return b.At.Compare(a.At) })
	floor := m.floors[log]
	if len(all) > 0 {
		if after := byTime[0].At.Add(time.Millisecond); before.After(after) {
			before = after
		}
		floor = latest(floor, before)
	}
	if len(all) > keep && !byTime[keep].At.Before(floor) {
		floor = byTime[keep].At.Add(time.Millisecond)
	}
	if m.floors == nil {
		m.floors = map[string]time.Time{}
	}
	m.floors[log] = floor
	if len(all) == 0 {
		return 0, m.used("trim")
	}
	m.rows[log] = slices.DeleteFunc(all, func(r review.Row) bool { return r.At.Before(floor) })
	return len(all) - len(m.rows[log]), m.used("trim")
}

func (m *memLogs) Remove(_ context.Context, log string, keys []string) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	before := len(m.rows[log])
	if before == 0 {
		return 0, m.used("remove")
	}
	m.rows[log] = slices.DeleteFunc(m.rows[log], func(r review.Row) bool { return slices.Contains(keys, r.Key) })
	return before - len(m.rows[log]), m.used("remove")
}
