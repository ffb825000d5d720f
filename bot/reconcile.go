// SPDX-License-Identifier: Apache-2.0

package bot

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"review-assistant/review"
)

// overlap is how far a sweep looks behind the last one: Gerrit's index lags,
// and its clock is not ours.
const overlap = 5 * time.Minute

// maxStubs bounds one sweep; the next one goes on from where it ended.
const maxStubs = 20_000

// reconcileLoop finds what webhooks missed, at start and then every ReconcileEach.
func (b *Bot) reconcileLoop(ctx context.Context) {
	tick := time.NewTicker(b.opts.ReconcileEach)
	defer tick.Stop()
	for {
		for id := range b.hosts {
			if n, err := b.Reconcile(ctx, id); err != nil && ctx.Err() == nil {
				b.log.Error("sweep for missed changes", "host", id, "error", err)
			} else if n > 0 {
				b.log.Info("sweep found changes without an outcome", "host", id, "changes", n)
			}
			if _, err := b.sweepClosed(ctx, id); err != nil && ctx.Err() == nil {
				b.log.Error("sweep for closed changes", "host", id, "error", err)
			}
			if err := b.trimHistory(ctx, id); err != nil && ctx.Err() == nil {
				b.log.Error("keep the history small", "host", id, "error", err)
			}
		}
		if err := b.trimFeed(ctx); err != nil && ctx.Err() == nil {
			b.log.Error("keep the feed small", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// Reconcile asks a host for the open changes that moved since the last sweep
// and enqueues those of opted-in projects whose current patch set has no
// recorded outcome. It returns how many it enqueued.
func (b *Bot) Reconcile(ctx context.Context, hostID string) (int, error) {
	host, ok := b.hosts[hostID]
	if !ok {
		return 0, fmt.Errorf("no Gerrit with id %q is configured", hostID)
	}
	key := "sweep/" + hostID
	last, _, err := b.moment(ctx, key)
	if err != nil {
		return 0, fmt.Errorf("read the last sweep: %w", err)
	}
	from := latest(last, b.now().Add(-maxAge))
	newest, found, seen, whole := from, 0, 0, true
	on := map[string]*Policy{}
	for stub, err := range host.Projects.Recent(ctx, from.Add(-overlap)) {
		if err != nil {
			return found, fmt.Errorf("query recent changes of %s: %w", hostID, err)
		}
		if seen++; seen > maxStubs {
			b.log.Error("a sweep has too many changes; the oldest are left to the next one", "host", hostID, "limit", maxStubs)
			whole = false
			break
		}
		if stub.Updated.After(newest) {
			newest = stub.Updated
		}
		wanted, err := b.wants(ctx, host, stub, on)
		if err != nil {
			// One project must not keep the others from being found.
			b.log.Warn("sweep leaves a change out for now", "change", stub.ID.String(), "error", err)
			whole = false
			continue
		}
		if err := b.foundPrivate(ctx, on[stub.ID.Project], stub); err != nil {
			return found, err
		}
		if err := b.findBuilds(ctx, on[stub.ID.Project], stub); err != nil {
			return found, err
		}
		if !wanted {
			continue
		}
		k := review.ChangeJob(stub.ID)
		if review.FullRef(stub.Branch) == review.ConfigRef {
			k = review.LintJob(stub.ID)
		}
		if err := b.jobs.Enqueue(ctx, k, review.Hint{Delay: b.opts.Debounce, MaxWait: 6 * b.opts.Debounce, PatchSet: stub.PatchSet}); err != nil {
			return found, fmt.Errorf("enqueue %s: %w", stub.ID, err)
		}
		found++
	}
	// The cursor is Gerrit's own time, so a wrong clock here loses nothing.
	if whole && newest.After(from) {
		if err := b.setMoment(ctx, key, newest, ""); err != nil {
			return found, fmt.Errorf("store the sweep: %w", err)
		}
	}
	return found, nil
}

// foundPrivate hides at once what is stored of a change that turned private
// while no webhook came, and asks the job to erase it, once for each update of
// the change. What the account is not shown any more is in no sweep.
func (b *Bot) foundPrivate(ctx context.Context, p *Policy, s review.Stub) error {
	if !s.Private || p.Mode == ModeOff {
		return nil
	}
	outcomes, err := b.records.Outcomes(ctx, s.ID)
	if err != nil {
		return fmt.Errorf("read outcomes of %s: %w", s.ID, err)
	}
	if len(outcomes) == 0 {
		return nil // nothing was ever kept of it
	}
	key := clipKey(fmt.Sprintf("private %s %d", s.ID, s.Updated.Unix()))
	if _, known, err := b.logs.RowOf(ctx, FeedLog, key); err != nil || known {
		return err
	}
	if err := b.records.Hide(ctx, s.ID, true); err != nil {
		return fmt.Errorf("hide text about %s: %w", s.ID, err)
	}
	if err := b.jobs.Enqueue(ctx, review.ChangeJob(s.ID), review.Hint{PatchSet: s.PatchSet}); err != nil {
		return fmt.Errorf("enqueue %s: %w", s.ID, err)
	}
	return b.appendNews(ctx, key, b.now(), review.News{Kind: review.NewsAccess, Change: s.ID, Hides: true})
}

// wants reports whether a change still lacks an outcome; on remembers what
// projects want during one sweep.
func (b *Bot) wants(ctx context.Context, host Host, s review.Stub, on map[string]*Policy) (bool, error) {
	policy := on[s.ID.Project]
	if policy == nil {
		p, _, err := b.policyOf(ctx, host, s.ID.Host, s.ID.Project)
		if err != nil {
			return false, err
		}
		policy = &p
		on[s.ID.Project] = policy
	}
	if policy.Mode == ModeOff {
		return false, nil
	}
	outcomes, err := b.records.Outcomes(ctx, s.ID)
	if err != nil {
		return false, fmt.Errorf("read outcomes of %s: %w", s.ID, err)
	}
	return !slices.ContainsFunc(outcomes, func(o review.Outcome) bool { return settled(o, s) }), nil
}

// settled reports whether an outcome ends the matter for a change as the
// query shows it. A change that was private or in progress may be ready now.
func settled(o review.Outcome, s review.Stub) bool {
	if o.PatchSet != s.PatchSet || o.Kind != review.PostSummary {
		return false
	}
	switch o.Reason {
	case ReasonPrivate:
		return s.Private
	case ReasonWIP:
		return s.WIP
	case ReasonClosed, ReasonGone, ReasonMuted:
		return false // it is open, and may be unmuted
	}
	return !strings.HasPrefix(o.Reason, ReasonOff)
}

// Backfill asks for summaries of at most max open changes of a project that
// moved within the last 30 days, newest first.
func (b *Bot) Backfill(ctx context.Context, hostID, project string, max int) ([]review.ChangeID, error) {
	host, ok := b.hosts[hostID]
	if !ok {
		return nil, fmt.Errorf("no Gerrit with id %q is configured", hostID)
	}
	var out []review.ChangeID
	for stub, err := range host.Projects.Recent(ctx, b.now().Add(-30*24*time.Hour)) {
		if err != nil {
			return out, fmt.Errorf("query open changes of %s: %w", project, err)
		}
		if stub.ID.Project != project || stub.Private || review.FullRef(stub.Branch) == review.ConfigRef {
			continue
		}
		if len(out) == max {
			break
		}
		if err := b.jobs.Enqueue(ctx, review.ChangeJob(stub.ID), review.Hint{Asked: true, PatchSet: stub.PatchSet}); err != nil {
			return out, fmt.Errorf("enqueue %s: %w", stub.ID, err)
		}
		out = append(out, stub.ID)
	}
	return out, nil
}

// moment reads a setting that setMoment wrote. It is zero when there is none,
// or one that cannot be read.
func (b *Bot) moment(ctx context.Context, key string) (at time.Time, note string, err error) {
	v, _, err := b.settings.Setting(ctx, key)
	if err != nil {
		return time.Time{}, "", err
	}
	v, note, _ = strings.Cut(v, " ")
	if at, err = time.Parse(time.RFC3339, v); err != nil {
		return time.Time{}, "", nil
	}
	return at, note, nil
}

// setMoment stores a time, in whole seconds, and a note to it if there is one.
func (b *Bot) setMoment(ctx context.Context, key string, at time.Time, note string) error {
	return b.settings.SetSetting(ctx, key, strings.TrimSpace(at.UTC().Format(time.RFC3339)+" "+note))
}
