// SPDX-License-Identifier: Apache-2.0

package bot

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"review-assistant/review"
	"review-assistant/reviewers"
)

// What was suggested, and what became of it, is one log for each host. It is
// read from its end only, so that replicas see each other's suggestions. The
// records, which are large, are another log that only a replay reads.

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
	// followTime bounds bringing the memory of a host up to date.
	followTime = 30 * time.Second
	// keepFeedback and keepRecords are the most rows of a host's logs.
	keepFeedback = 100_000
	keepRecords  = 20_000
)

// toldOf is what was suggested on one host, and what became of it. Nobody
// holds mu while the store is read.
type toldOf struct {
	mu    sync.Mutex
	mark  int64
	all   reviewers.Feedback
	asked []reviewers.Told // the newest, oldest first
}

func (t *toldOf) marked() int64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.mark
}

// add takes in a row, once: several may read the log at a time, and each has
// the rows in their order.
func (t *toldOf) add(r review.Row) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if r.Seq <= t.mark {
		return
	}
	t.mark = r.Seq
	if told, ok := t.all.Add(r); ok {
		t.asked = append(t.asked, told)
	}
}

// told brings what is remembered of a host up to date and calls f with it.
func (b *Bot) told(ctx context.Context, host string, f func(*toldOf)) error {
	ctx, cancel := context.WithTimeout(ctx, followTime)
	defer cancel()
	t := b.suggested[host]
	if err := eachRow(ctx, b.logs, FeedbackLog(host), t.marked(), t.add); err != nil {
		return err
	}
	now := b.now()
	t.mu.Lock()
	defer t.mu.Unlock()
	t.asked = slices.DeleteFunc(t.asked, func(x reviewers.Told) bool { return now.Sub(x.At) > askedFor })
	f(t)
	return nil
}

// forget drops what is remembered of suggestions on a host and too old to count.
func (b *Bot) forget(host string) {
	t := b.suggested[host]
	t.mu.Lock()
	defer t.mu.Unlock()
	t.all.Forget(b.now().Add(-reviewers.KeepFeedback))
}

// asked returns how often each account was named first of late, faded: once
// for a change, and not for the one at hand, whose own names are no load.
func (b *Bot) asked(ctx context.Context, id review.ChangeID) (map[int64]float64, error) {
	out := map[int64]float64{}
	now := b.now()
	err := b.told(ctx, id.Host, func(t *toldOf) {
		last := map[int]reviewers.Told{}
		for _, s := range t.asked {
			last[s.Change] = s
		}
		delete(last, id.Number)
		for _, change := range slices.Sorted(maps.Keys(last)) { // in one order, for the same sums
			s := last[change]
			out[s.Picks[0].Account] += reviewers.Fade(s.At, now)
		}
	})
	return out, err
}

// keepSuggestion writes down who was named in a post that stands, and how that
// came about. What cannot be kept is logged: the post stands all the same.
func (v *visit) keepSuggestion(ctx context.Context, w *work, auditID string) {
	told := reviewers.Told{
		Project: v.id.Project, Change: v.id.Number, PatchSet: v.change.Current().Number,
		At: v.b.now().UTC(), Audit: auditID, ByBot: v.policy.Add != AddNever,
	}
	for _, p := range w.picks {
		told.Picks = append(told.Picks, reviewers.ToldPick{Account: p.Account.ID, Group: w.groups[p.Account.ID]})
	}
	row, err := told.Row()
	if err == nil {
		_, err = v.b.logs.Append(ctx, FeedbackLog(v.id.Host), []review.Row{row})
	}
	if err != nil {
		v.b.log.Error("cannot keep a suggestion; it counts neither as load nor in reports", "change", v.id.String(), "error", err)
	}
	record := review.Row{Key: reviewers.ToldKey(told.Change, told.PatchSet), At: told.At, Data: w.record}
	if _, err := v.b.logs.Append(ctx, RecordsLog(v.id.Host), []review.Row{record}); err != nil {
		v.b.log.Error("cannot keep the record of a suggestion; it will not replay", "change", v.id.String(), "error", err)
	}
}

// closed writes down what became of suggestions on changes that ended.
func (b *Bot) closed(ctx context.Context, host string, list []review.Closed) error {
	told := make([]reviewers.Told, len(list)) // without picks where nobody was suggested
	found := false
	err := b.told(ctx, host, func(t *toldOf) {
		for i, c := range list {
			if s, ok := t.all.Suggestion(c.ID.Number, c.Closed); ok {
				told[i], found = s, true
			}
		}
	})
	if err != nil || !found {
		return err
	}
	history, err := b.history(ctx, host)
	if err != nil {
		return err
	}
	var rows []review.Row
	for i, c := range list {
		if len(told[i].Picks) == 0 {
			continue
		}
		if row, err := ended(history, told[i], c).Row(); err == nil {
			rows = append(rows, row)
		}
	}
	if _, err := b.logs.Append(ctx, FeedbackLog(host), rows); err != nil {
		return fmt.Errorf("store feedback: %w", err)
	}
	return nil
}

// ended compares a suggestion with how its change ended. A person may have
// acted with another account than the one that was named.
func ended(h *reviewers.History, told reviewers.Told, c review.Closed) reviewers.Ended {
	e := reviewers.Ended{Project: told.Project, Change: told.Change, At: c.Closed.UTC(), Merged: c.Status == review.StatusMerged}
	if !c.Reviewed.IsZero() {
		e.FirstReview = c.Reviewed.UTC()
	}
	for _, p := range told.Picks {
		is := func(a review.Account) bool {
			return h.Named(c.ID.Host, a.ID) == h.Named(c.ID.Host, p.Account)
		}
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

// Suggestions counts what became of the suggestions on a host's changes, from
// what this process remembers; see [reviewers.Feedback.Report].
func (b *Bot) Suggestions(ctx context.Context, host, project string, days int) (r reviewers.Report, err error) {
	terr := b.told(ctx, host, func(t *toldOf) { r, err = t.all.Report(project, days, b.now()) })
	return r, errors.Join(terr, err)
}

// Report is [Bot.Suggestions] for who has but the store.
func Report(ctx context.Context, logs Logs, host, project string, days int, now time.Time) (reviewers.Report, error) {
	var f reviewers.Feedback
	if err := eachRow(ctx, logs, FeedbackLog(host), 0, func(r review.Row) { f.Add(r) }); err != nil {
		return reviewers.Report{}, err
	}
	return f.Report(project, days, now)
}
