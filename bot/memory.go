// SPDX-License-Identifier: Apache-2.0

package bot

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"review-assistant/review"
	"review-assistant/reviewers"
)

const (
	trimEach = 24 * time.Hour
	// maxClosedPages bounds one sweep for closed changes, 100 of them a page.
	maxClosedPages = 200
)

// sweepClosed finds what closed while no webhook came, with one walk over all
// projects of a host, and asks for the histories that are behind. Projects
// that never opted in have none. It returns how many it asked for.
func (b *Bot) sweepClosed(ctx context.Context, hostID string) (int, error) {
	host := b.hosts[hostID]
	if host.Closings == nil {
		return 0, nil
	}
	key := "sweep-closed/" + hostID
	last, _, err := b.moment(ctx, key)
	if err != nil {
		return 0, fmt.Errorf("read the last sweep: %w", err)
	}
	from := latest(last, b.now().Add(-maxAge))
	newest, moved := from, map[string]time.Time{}
	q := review.ClosedQuery{After: from.Add(-overlap), Abandoned: true, Brief: true, Limit: 100}
	for pages := 1; ; pages++ {
		page, err := host.Closings.Closed(ctx, q)
		if err != nil {
			return 0, fmt.Errorf("query closed changes of %s: %w", hostID, err)
		}
		for _, c := range page.Changes {
			if c.Updated.After(moved[c.ID.Project]) {
				moved[c.ID.Project] = c.Updated
			}
			if c.Updated.After(newest) {
				newest = c.Updated
			}
		}
		if !page.More {
			break
		}
		if pages == maxClosedPages {
			// Whatever is older is read with the next change that its project closes.
			b.log.Error("a sweep has too many closed changes; the oldest are left out", "host", hostID, "pages", pages)
			break
		}
		q.Before, q.Skip, q.Limit = page.Before, page.Skip, page.Limit
	}
	asked := 0
	for project, at := range moved {
		s, ok, err := b.HistoryState(ctx, hostID, project)
		if err != nil {
			return asked, err
		}
		if !ok || !s.Until.Before(at) {
			continue
		}
		if err := b.jobs.Enqueue(ctx, review.HistoryJob(hostID, project), review.Hint{}); err != nil {
			return asked, fmt.Errorf("enqueue history of %s: %w", project, err)
		}
		asked++
	}
	// The cursor is Gerrit's own time, so a wrong clock here loses nothing.
	if newest.After(from) {
		if err := b.setMoment(ctx, key, newest, ""); err != nil {
			return asked, fmt.Errorf("store the sweep: %w", err)
		}
	}
	return asked, nil
}

// trimHistory removes what is too old or too much of past reviews and of
// suggestions, once a day.
func (b *Bot) trimHistory(ctx context.Context, hostID string) error {
	key, now := "history-trimmed/"+hostID, b.now()
	last, _, err := b.moment(ctx, key)
	if err != nil {
		return fmt.Errorf("read when history was trimmed: %w", err)
	}
	if now.Sub(last) < trimEach {
		return nil
	}
	n, err := b.trimPast(ctx, hostID)
	if err != nil {
		return err
	}
	if _, err := b.logs.Trim(ctx, FeedbackLog(hostID), now.Add(-reviewers.KeepFeedback), keepFeedback); err != nil {
		return fmt.Errorf("trim feedback: %w", err)
	}
	if _, err := b.logs.Trim(ctx, RecordsLog(hostID), now.Add(-reviewers.KeepFeedback), keepRecords); err != nil {
		return fmt.Errorf("trim records: %w", err)
	}
	if err := b.trimBuilds(ctx, hostID); err != nil {
		return err
	}
	if n > 0 {
		b.log.Info("old history removed", "host", hostID, "rows", n)
	}
	return b.setMoment(ctx, key, now, "")
}

func (b *Bot) trimPast(ctx context.Context, hostID string) (removed int, err error) {
	n, err := b.logs.Trim(ctx, historyLog(hostID), b.HistorySince(), b.opts.HistoryKeep)
	if err != nil {
		return n, fmt.Errorf("trim history: %w", err)
	}
	return n, nil
}

// HistorySince is the moment before which nothing is kept.
func (b *Bot) HistorySince() time.Time { return b.now().Add(-b.opts.HistoryKeepAge) }

// HistoryOf is what is known of a project's past reviews.
type HistoryOf struct {
	Project        string
	Rows           int
	Oldest, Newest time.Time
	State          HistoryState
	Asked          bool // the project's history was asked for: State tells
}

// Histories tells what is known of a host's projects, or of all that have
// reviews when none are named.
func (b *Bot) Histories(ctx context.Context, host string, projects []string) ([]HistoryOf, error) {
	known := map[string]*HistoryOf{}
	for _, p := range projects {
		known[p] = &HistoryOf{Project: p}
	}
	err := eachRow(ctx, b.logs, historyLog(host), 0, func(r review.Row) {
		project := review.PastProject(r.Key)
		h := known[project]
		if h == nil {
			if len(projects) > 0 {
				return
			}
			h = &HistoryOf{Project: project}
			known[project] = h
		}
		if h.Rows++; h.Oldest.IsZero() || r.At.Before(h.Oldest) {
			h.Oldest = r.At
		}
		h.Newest = latest(h.Newest, r.At)
	})
	if err != nil {
		return nil, err
	}
	var out []HistoryOf
	for _, p := range slices.Sorted(maps.Keys(known)) {
		h := known[p]
		var err error
		if h.State, h.Asked, err = b.HistoryState(ctx, host, p); err != nil {
			return nil, err
		}
		out = append(out, *h)
	}
	return out, nil
}
