// SPDX-License-Identifier: Apache-2.0

package bot

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"sync"
	"time"

	"review-assistant/review"
	"review-assistant/reviewers"
)

// What was suggested, and what became of it, is one log for each host. It is
// read from its end only, so that replicas see each other's suggestions.

// FeedbackLog is the name of a host's log of suggestions.
func FeedbackLog(host string) string { return "feedback/" + host }

// SuggestionMark is what the audit log holds of a suggestion: a hash of its
// record, which is kept for [reviewers.KeepFeedback] and then goes.
func SuggestionMark(record []byte) string {
	sum := sha256.Sum256(record)
	return "suggestion " + hex.EncodeToString(sum[:16])
}

const (
	// askedFor is how long a suggestion counts as load; faded by half in each
	// week, little of it is left then.
	askedFor = 35 * 24 * time.Hour
	// rowsPerRead bounds one read of a log.
	rowsPerRead = 1000
	// keepFeedback is the most rows of a host's log.
	keepFeedback = 100_000
)

// feedback is what is remembered of the logs of suggestions.
type feedback struct {
	mu    sync.Mutex
	hosts map[string]*toldOf
}

// toldOf is what was suggested on one host.
type toldOf struct {
	mark  int64
	byNum map[int]reviewers.Told // the last suggestion on a change, without its record
	asked []reviewers.Told       // the newest, oldest first
}

// told brings what is remembered of a host up to date and calls f with it.
func (b *Bot) told(ctx context.Context, host string, f func(*toldOf)) error {
	b.feedback.mu.Lock()
	defer b.feedback.mu.Unlock()
	t := b.feedback.hosts[host]
	if t == nil {
		t = &toldOf{byNum: map[int]reviewers.Told{}}
		if b.feedback.hosts == nil {
			b.feedback.hosts = map[string]*toldOf{}
		}
		b.feedback.hosts[host] = t
	}
	err := eachRow(ctx, b.logs, FeedbackLog(host), t.mark, func(r review.Row) {
		t.mark = r.Seq
		if told, ok := reviewers.ParseTold(r); ok {
			told.Record = nil
			t.byNum[told.Change] = told
			t.asked = append(t.asked, told)
		}
	})
	if err != nil {
		return err
	}
	now := b.now()
	t.asked = slices.DeleteFunc(t.asked, func(x reviewers.Told) bool { return now.Sub(x.At) > askedFor })
	for change, x := range t.byNum {
		if now.Sub(x.At) > reviewers.KeepFeedback {
			delete(t.byNum, change)
		}
	}
	f(t)
	return nil
}

// eachRow calls f with the rows of a log after a mark.
func eachRow(ctx context.Context, logs Logs, log string, after int64, f func(review.Row)) error {
	for {
		rows, err := logs.Rows(ctx, log, after, rowsPerRead)
		if err != nil {
			return fmt.Errorf("read log %s: %w", log, err)
		}
		for _, r := range rows {
			f(r)
			after = r.Seq
		}
		if len(rows) < rowsPerRead {
			return nil
		}
	}
}

// asked returns how often each account was named first of late, faded.
func (b *Bot) asked(ctx context.Context, host string) (map[int64]float64, error) {
	out := map[int64]float64{}
	now := b.now()
	err := b.told(ctx, host, func(t *toldOf) {
		for _, s := range t.asked {
			out[s.Picks[0].Account] += reviewers.Fade(s.At, now)
		}
	})
	return out, err
}

// keepSuggestion writes down who was named in a post that stands. A failure
// costs no more than that.
func (v *visit) keepSuggestion(ctx context.Context, w *work, auditID string) {
	told := reviewers.Told{
		Project: v.id.Project, Change: v.id.Number, PatchSet: v.change.Current().Number,
		At: v.b.now().UTC(), Audit: auditID, Record: w.record,
	}
	for _, p := range w.picks {
		told.Picks = append(told.Picks, reviewers.ToldPick{Account: p.Account.ID, Group: w.groups[p.Account.ID]})
	}
	row, err := told.Row()
	if err == nil {
		_, err = v.b.logs.Append(ctx, FeedbackLog(v.id.Host), []review.Row{row})
	}
	if err != nil {
		v.b.log.Warn("cannot store a suggestion", "change", v.id.String(), "error", err)
	}
}

// closed writes down what became of suggestions on changes that ended.
func (b *Bot) closed(ctx context.Context, host string, list []review.Closed) error {
	var rows []review.Row
	err := b.told(ctx, host, func(t *toldOf) {
		for _, c := range list {
			told, ok := t.byNum[c.ID.Number]
			if !ok || c.Closed.Before(told.At) {
				continue
			}
			if row, err := ended(told, c).Row(); err == nil {
				rows = append(rows, row)
			}
		}
	})
	if err != nil || len(rows) == 0 {
		return err
	}
	if _, err := b.logs.Append(ctx, FeedbackLog(host), rows); err != nil {
		return fmt.Errorf("store feedback: %w", err)
	}
	return nil
}

// ended compares a suggestion with how its change ended.
func ended(told reviewers.Told, c review.Closed) reviewers.Ended {
	e := reviewers.Ended{Project: told.Project, Change: told.Change, At: c.Closed.UTC(), Merged: c.Status == review.StatusMerged}
	if !c.Reviewed.IsZero() {
		e.FirstReview = c.Reviewed.UTC()
	}
	for _, p := range told.Picks {
		is := func(a review.Account) bool { return a.ID == p.Account }
		reviewed := slices.ContainsFunc(c.Spoke, is)
		if reviewed {
			e.Reviewed = append(e.Reviewed, p.Account)
		}
		if reviewed || slices.ContainsFunc(c.Reviewers, is) {
			e.Added = append(e.Added, p.Account)
		}
		if !reviewed && slices.ContainsFunc(c.Removed, is) {
			e.Declined = append(e.Declined, p.Account)
		}
	}
	return e
}

// Report counts what became of the suggestions on a host's changes; an empty
// project means all of them.
func Report(ctx context.Context, logs Logs, host, project string, now time.Time, span time.Duration) (reviewers.Report, error) {
	var rows []review.Row
	err := eachRow(ctx, logs, FeedbackLog(host), 0, func(r review.Row) { rows = append(rows, r) })
	return reviewers.NewReport(rows, project, now.Add(-span), now), err
}
