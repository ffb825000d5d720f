// SPDX-License-Identifier: Apache-2.0

package bot

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"review-assistant/builds"
	"review-assistant/review"
)

// What CI said is one log for each host, which all replicas follow. Its rows
// hold scrubbed text; those of a change that is not ours to show any more are
// removed. What people rule is another log, which outlives builds.

// BuildsLog is the name of a host's log of builds.
func BuildsLog(host string) string { return "builds/" + host }

// RulingsLog is the name of a host's log of what people said of failures.
func RulingsLog(host string) string { return "rulings/" + host }

const (
	keepBuilds  = 50_000 // rows
	keepRulings = 10_000
	buildsAge   = 45 * 24 * time.Hour
	// maxBuildRow leaves room below the store's limit of a row, in bytes.
	maxBuildRow = maxRowData - 4<<10
)

// buildRow is a row of the log of builds: one of its fields is set.
type buildRow struct {
	Build  *review.Build `json:"build,omitempty"`
	Closed *closedRow    `json:"closed,omitempty"`
	Opened *changeRow    `json:"opened,omitempty"` // an abandoned change was restored
	// Erased says that nothing is known of a change any more.
	Erased *changeRow `json:"erased,omitempty"`
}

type changeRow struct {
	Project string `json:"project"`
	Change  int    `json:"change"`
}

type closedRow struct {
	changeRow
	Merged bool `json:"merged,omitempty"`
}

// Mark is what somebody said of a cluster.
type Mark struct {
	Project     string       `json:"project"`
	Fingerprint string       `json:"fingerprint"`
	Class       builds.Class `json:"class,omitempty"` // flaky or infra; "" with Fixed, or to take a mark back
	Fixed       bool         `json:"fixed,omitempty"`
	Note        string       `json:"note,omitempty"`
	Link        string       `json:"link,omitempty"`
	By          string       `json:"by"`
	At          time.Time    `json:"at"`
}

// newBuildRow writes a build. Excerpts of the last failures are left out, then
// these failures, until it fits.
func newBuildRow(b review.Build) (review.Row, error) {
	b.Failures = slices.Clone(b.Failures)
	// The same report of a run counts once, whenever it comes; another one of it
	// is news.
	told := b
	told.Ended = time.Time{}
	report, err := json.Marshal(told)
	if err != nil {
		return review.Row{}, fmt.Errorf("write a build: %w", err)
	}
	sum := sha256.Sum256(report)
	for {
		data, err := json.Marshal(buildRow{Build: &b})
		if err != nil {
			return review.Row{}, fmt.Errorf("write a build: %w", err)
		}
		if len(data) <= maxBuildRow {
			return review.Row{Key: clipKey(b.Key) + "@" + hex.EncodeToString(sum[:8]), At: b.Ended, Data: data}, nil
		}
		n := len(b.Failures)
		i := slices.IndexFunc(b.Failures, func(f review.BuildFailure) bool { return f.Excerpt == nil })
		switch {
		case i < 0 && n > 0:
			i = n
			fallthrough
		case i > 1:
			b.Failures[i-1].Excerpt = nil
		case n > 1:
			b.Failures, b.Dropped, b.TestsRan = b.Failures[:n*3/4], b.Dropped+n-n*3/4, false
		default:
			return review.Row{}, fmt.Errorf("write a build: %d bytes are too many", len(data))
		}
	}
}

// clipKey keeps a key within what the store takes; a long one ends in its hash.
func clipKey(key string) string {
	key = strings.ToValidUTF8(strings.ReplaceAll(key, "\x00", ""), "")
	if len(key) <= maxRowKey/2 {
		return key
	}
	sum := sha256.Sum256([]byte(key))
	return strings.ToValidUTF8(key[:maxRowKey/2-40], "") + hex.EncodeToString(sum[:16])
}

func newRow(key string, at time.Time, v any) (review.Row, error) {
	data, err := json.Marshal(v)
	return review.Row{Key: clipKey(key), At: at, Data: data}, err
}

// failing is what is known of a host's builds, by project. Who reads it holds mu.
type failing struct {
	now      func() time.Time
	mu       sync.Mutex
	mark     int64
	ruleMark int64
	projects map[string]*builds.History
	rulings  map[string]map[string]Mark // by project and fingerprint

	// keys are the rows about a change, for the day on which they have to go.
	// They have a lock of their own: a webhook must not wait for a store.
	keysMu sync.Mutex
	keys   map[changeRow][]rowKey
}

// rowKey is a row of the store, and from when.
type rowKey struct {
	key string
	at  time.Time
}

func newFailing(now func() time.Time) *failing {
	return &failing{now: now, projects: map[string]*builds.History{}, keys: map[changeRow][]rowKey{}, rulings: map[string]map[string]Mark{}}
}

func (f *failing) history(project string) *builds.History {
	h := f.projects[project]
	if h == nil {
		h = builds.NewHistory(builds.HistoryOptions{Failures: 50_000, Excerpts: 4 << 20, Now: f.now})
		f.projects[project] = h
	}
	return h
}

// add takes in a row of the log of builds.
func (f *failing) add(r review.Row) {
	if r.Seq <= f.mark {
		return
	}
	f.mark = r.Seq
	var row buildRow
	if json.Unmarshal(r.Data, &row) != nil {
		return
	}
	switch {
	case row.Build != nil:
		b := *row.Build
		f.history(b.Project).Add(b)
		if b.Change > 0 {
			f.addKey(changeRow{b.Project, b.Change}, rowKey{r.Key, r.At})
		}
	case row.Closed != nil:
		if h := f.history(row.Closed.Project); row.Closed.Merged {
			h.Merged(row.Closed.Change, r.At)
		} else {
			h.Closed(row.Closed.Change)
		}
	case row.Opened != nil:
		f.history(row.Opened.Project).Reopened(row.Opened.Change)
	case row.Erased != nil:
		f.history(row.Erased.Project).Forget(row.Erased.Change)
		f.noKeys(*row.Erased)
	}
}

func (f *failing) addKey(c changeRow, k rowKey) {
	f.keysMu.Lock()
	defer f.keysMu.Unlock()
	f.keys[c] = append(f.keys[c], k)
}

func (f *failing) noKeys(c changeRow) {
	f.keysMu.Lock()
	defer f.keysMu.Unlock()
	delete(f.keys, c)
}

// dropKeys forgets rows that the store has no more.
func (f *failing) dropKeys(before time.Time) {
	f.keysMu.Lock()
	defer f.keysMu.Unlock()
	for c, keys := range f.keys {
		keys = slices.DeleteFunc(keys, func(k rowKey) bool { return k.at.Before(before) })
		if f.keys[c] = keys; len(keys) == 0 {
			delete(f.keys, c)
		}
	}
}

func (f *failing) keysOf(c changeRow) (out []string) {
	f.keysMu.Lock()
	defer f.keysMu.Unlock()
	for _, k := range f.keys[c] {
		out = append(out, k.key)
	}
	return out
}

func (f *failing) addRuling(r review.Row) {
	if r.Seq <= f.ruleMark {
		return
	}
	f.ruleMark = r.Seq
	var m Mark
	if json.Unmarshal(r.Data, &m) != nil || m.Fingerprint == "" {
		return
	}
	of := f.rulings[m.Project]
	if of == nil {
		of = map[string]Mark{}
		f.rulings[m.Project] = of
	}
	if m.Class == "" && !m.Fixed {
		delete(of, m.Fingerprint)
		return
	}
	of[m.Fingerprint] = m
}

// rule answers what people ruled of a failure: a mark, or the project's file of
// known failures.
func (f *failing) rule(project string, known *builds.Known, now time.Time) func(*review.Build, *review.BuildFailure) (builds.Ruling, bool) {
	marks := f.rulings[project]
	return func(b *review.Build, x *review.BuildFailure) (builds.Ruling, bool) {
		if m, ok := marks[x.Fingerprint]; ok {
			r := builds.Ruling{Class: m.Class, Message: m.Note, Link: m.Link, By: m.By, At: m.At}
			if m.Fixed {
				r.Fixed = m.At
			}
			return r, true
		}
		if known == nil {
			return builds.Ruling{}, false
		}
		return known.Rule(b, x, now)
	}
}

// follow brings what is known of a host's builds up to date.
func (f *failing) follow(ctx context.Context, logs Logs, host string) error {
	if err := eachRow(ctx, logs, BuildsLog(host), f.mark, f.add); err != nil {
		return err
	}
	return eachRow(ctx, logs, RulingsLog(host), f.ruleMark, f.addRuling)
}

// withBuilds brings what is known of a host's builds up to date and calls fn
// with it, alone.
func (b *Bot) withBuilds(ctx context.Context, host string, fn func(*failing) error) error {
	ctx, cancel := context.WithTimeout(ctx, followTime)
	defer cancel()
	f := b.failing[host]
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.follow(ctx, b.logs, host); err != nil {
		return err
	}
	return fn(f)
}

// followBuilds brings what is known of a host's builds up to date.
func (b *Bot) followBuilds(ctx context.Context, host string) error {
	return b.withBuilds(ctx, host, func(f *failing) error {
		f.dropKeys(b.now().Add(-buildsAge - trimEach)) // what the daily trim removed
		return nil
	})
}

// erase removes everything that is stored about a change.
func (b *Bot) erase(ctx context.Context, id review.ChangeID) error {
	if err := b.records.Erase(ctx, id); err != nil {
		return err
	}
	return b.eraseBuilds(ctx, id)
}

// eraseBuilds removes what CI said of a change: the rows, and, by one that says
// so, what replicas remember of them.
func (b *Bot) eraseBuilds(ctx context.Context, id review.ChangeID) error {
	c := changeRow{id.Project, id.Number}
	return b.withBuilds(ctx, id.Host, func(f *failing) error {
		keys := f.keysOf(c)
		if len(keys) == 0 {
			return nil
		}
		now := b.now().UTC()
		row, err := newRow(fmt.Sprintf("erased/%s~%d/%d", id.Project, id.Number, now.UnixMilli()), now, buildRow{Erased: &c})
		if err == nil {
			_, err = b.logs.Append(ctx, BuildsLog(id.Host), []review.Row{row})
		}
		if err == nil {
			_, err = b.logs.Remove(ctx, BuildsLog(id.Host), keys)
		}
		if err != nil {
			return fmt.Errorf("erase builds of %s: %w", id, err)
		}
		return f.follow(ctx, b.logs, id.Host)
	})
}

// knowsBuilds reports whether anything is remembered of a change's builds. It
// asks no store.
func (b *Bot) knowsBuilds(id review.ChangeID) bool {
	return len(b.failing[id.Host].keysOf(changeRow{id.Project, id.Number})) > 0
}

func (b *Bot) trimBuilds(ctx context.Context, host string) error {
	if _, err := b.logs.Trim(ctx, BuildsLog(host), b.now().Add(-buildsAge), keepBuilds); err != nil {
		return fmt.Errorf("trim builds: %w", err)
	}
	if _, err := b.logs.Trim(ctx, RulingsLog(host), time.Time{}, keepRulings); err != nil {
		return fmt.Errorf("trim rulings: %w", err)
	}
	return nil
}
