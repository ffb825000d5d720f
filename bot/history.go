// SPDX-License-Identifier: Apache-2.0

package bot

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"review-assistant/review"
)

const (
	// historyPage is in changes. Gerrit works out the files of each.
	historyPage = 50
	// historySlice is how many pages one job reads before others get a turn.
	historySlice = 5
	historyPause = 5 * time.Second
	// turnWait is how long a project waits while another one of its host is
	// read. Waiting asks Gerrit nothing.
	turnWait = 30 * time.Second
	// lookEach is how often a project that waits is asked what closed meanwhile.
	lookEach = time.Hour
	// turnAge ends the turn of a project that was not read on.
	turnAge = 10 * time.Minute
)

// HistoryState is where the reading of a project's past reviews stands. It is
// a moment of Gerrit's clock, so reading goes on wherever it was left.
type HistoryState struct {
	// Until is up to when all that closed was read, but for New.
	Until time.Time `json:"until"`
	// Looked is when that was asked last, on our clock.
	Looked time.Time `json:"looked,omitzero"`
	// New is what closed since, Old what closed before the project opted in;
	// nil when they are read.
	New *HistoryWindow `json:"new,omitempty"`
	Old *HistoryWindow `json:"old,omitempty"`
	// Read counts the changes that were read on the way back, Kept all that
	// told something and were not known.
	Read int `json:"read"`
	Kept int `json:"kept"`
}

// HistoryWindow is a span of time that is read from its end to its beginning.
type HistoryWindow struct {
	After  time.Time `json:"after"`
	Before time.Time `json:"before,omitzero"` // zero when nothing is read yet
	Skip   int       `json:"skip,omitempty"`
	Newest time.Time `json:"newest,omitzero"` // the last update that was seen
	Limit  int       `json:"limit,omitempty"` // below historyPage where Gerrit answers no larger pages
}

// onward reports whether reading on from next comes to an end.
func (w HistoryWindow) onward(next HistoryWindow) bool {
	if next.Before.Equal(w.Before) {
		return next.Skip > w.Skip
	}
	return !next.Before.IsZero() && (w.Before.IsZero() || next.Before.Before(w.Before))
}

func historyKey(host, project string) string { return "history/" + host + "/" + project }

// HistoryState returns where a project stands; ok is false when its history
// was never asked for.
func (b *Bot) HistoryState(ctx context.Context, host, project string) (s HistoryState, ok bool, err error) {
	v, ok, err := b.settings.Setting(ctx, historyKey(host, project))
	if err != nil {
		return s, false, fmt.Errorf("read where the history of %s stands: %w", project, err)
	}
	if !ok || json.Unmarshal([]byte(v), &s) != nil {
		return HistoryState{}, false, nil // a broken one begins again
	}
	return s, true, nil
}

// startHistory asks for the history of a project that wants reviewers and has none.
func (b *Bot) startHistory(ctx context.Context, hostID, project string, p *Policy) error {
	if b.hosts[hostID].Closings == nil || !p.Suggest {
		return nil
	}
	if _, ok, err := b.HistoryState(ctx, hostID, project); err != nil || ok {
		return err
	}
	return b.jobs.Enqueue(ctx, review.HistoryJob(hostID, project), review.Hint{})
}

// readHistory reads some of a project's closed changes.
func (b *Bot) readHistory(ctx context.Context, host Host, hostID, project string) error {
	if host.Closings == nil {
		return nil
	}
	r, err := b.pastReader(ctx, host, hostID, project)
	if err != nil {
		return err
	}
	wait := turnWait
	// Before all else: of many projects that wait, none may ask Gerrit for its
	// configuration each time.
	waits, err := r.waits(ctx)
	if err != nil {
		return err
	}
	if !waits {
		if err := b.mayLearn(ctx, host, hostID, project); err != nil {
			if _, refused := errors.AsType[*RefusedError](err); refused {
				return nil
			}
			return err
		}
		if wait, err = r.slice(ctx, r.turn); err != nil || wait == 0 {
			return err
		}
	}
	return b.jobs.Enqueue(ctx, review.HistoryJob(hostID, project), review.Hint{Delay: wait, MaxWait: wait})
}

// Bootstrap reads the history of a project to its end, and tells progress
// after every slice. What was read stays read when ctx ends.
func (b *Bot) Bootstrap(ctx context.Context, hostID, project string, progress func(HistoryState)) (HistoryState, error) {
	host, ok := b.hosts[hostID]
	if !ok || host.Closings == nil {
		return HistoryState{}, fmt.Errorf("no Gerrit with id %q is configured", hostID)
	}
	r, err := b.pastReader(ctx, host, hostID, project)
	if err != nil {
		return HistoryState{}, err
	}
	for attempt := 0; ; {
		if err := b.mayLearn(ctx, host, hostID, project); err != nil {
			return r.state, err
		}
		wait, err := r.slice(ctx, r.takeTurn)
		switch {
		case err != nil && (ctx.Err() != nil || review.RetryAfter(err) == 0 || attempt == 5):
			return r.state, err
		case err != nil:
			attempt++
			b.log.Warn("history will be read on", "host", hostID, "project", project, "attempt", attempt, "error", err)
			b.pause(ctx, backoff(attempt, review.RetryAfter(err)))
		case wait == 0:
			return r.state, nil
		default:
			attempt = 0
			progress(r.state)
		}
	}
}

// pastReader reads the history of one project.
type pastReader struct {
	b               *Bot
	host            Host
	hostID, project string
	state           HistoryState
	begun           bool // the state is stored
}

func (b *Bot) pastReader(ctx context.Context, host Host, hostID, project string) (*pastReader, error) {
	r := &pastReader{b: b, host: host, hostID: hostID, project: project}
	state, ok, err := b.HistoryState(ctx, hostID, project)
	if err != nil {
		return nil, err
	}
	r.state, r.begun = state, ok
	if !ok {
		now := b.now().UTC().Truncate(time.Second)
		r.state = HistoryState{Until: now, Old: &HistoryWindow{After: now.Add(-b.opts.HistoryAge)}}
	}
	return r, nil
}

// waits reports whether another project's turn keeps this one from reading,
// and it has looked for news not long ago.
func (r *pastReader) waits(ctx context.Context) (bool, error) {
	if !r.begun || r.state.Old == nil || r.state.New != nil || r.b.now().Sub(r.state.Looked) >= lookEach {
		return false, nil
	}
	mine, err := r.mayTake(ctx)
	return !mine, err
}

// slice reads some pages: what closed since the last time, then further back
// if it is the project's turn. It returns when to go on, 0 for never.
func (r *pastReader) slice(ctx context.Context, turn func(context.Context) (bool, error)) (time.Duration, error) {
	if !r.begun {
		// From now on it is asked for: visits of changes leave it to its job.
		if err := r.save(ctx); err != nil {
			return 0, err
		}
		r.begun = true
	}
	carried := r.state.New != nil
	if !carried {
		r.state.New = &HistoryWindow{After: latest(r.state.Until.Add(-overlap), r.b.now().Add(-r.b.opts.HistoryAge))}
	}
	pages := historySlice
	for ; pages > 0 && r.state.New != nil; pages-- {
		if err := r.forward(ctx); err != nil {
			return 0, err
		}
		if r.state.New == nil && carried {
			// More may have closed while a job after the other read the window.
			// Without the overlap: a window that is crowded would never end.
			carried = false
			r.state.New = &HistoryWindow{After: r.state.Until.Add(time.Second)}
			if err := r.save(ctx); err != nil {
				return 0, err
			}
		}
	}
	switch {
	case r.state.New != nil:
		return historyPause, nil
	case r.state.Old == nil:
		return 0, nil
	}
	if mine, err := turn(ctx); err != nil || !mine {
		return turnWait, err
	}
	for ; pages > 0 && r.state.Old != nil; pages-- {
		if err := r.back(ctx); err != nil {
			return 0, err
		}
	}
	// Here too, and not only once a day: the log's floor tells when to stop.
	if _, err := r.b.trimPast(ctx, r.hostID); err != nil {
		return 0, err
	}
	log := r.b.log.With("host", r.hostID, "project", r.project, "read", r.state.Read, "kept", r.state.Kept)
	if r.state.Old != nil {
		log.Info("history read further back", "back_to", r.state.Old.Before)
		return historyPause, nil
	}
	log.Info("history of a project is read")
	return 0, r.b.settings.SetSetting(ctx, turnKey(r.hostID), "")
}

// forward reads a page of what closed since the last time.
func (r *pastReader) forward(ctx context.Context) error {
	w := *r.state.New
	changes, next, err := r.page(ctx, &w, review.ClosedQuery{Abandoned: true, Messages: true})
	if err != nil {
		return err
	}
	if _, err := r.keep(ctx, changes); err != nil {
		return err
	}
	if err := r.b.closed(ctx, r.hostID, changes); err != nil {
		return fmt.Errorf("follow up closed changes of %s: %w", r.project, err)
	}
	if r.state.New = next; next == nil {
		r.state.Until, r.state.Looked = latest(r.state.Until, w.Newest), r.b.now().UTC()
	}
	return r.save(ctx)
}

// back reads a page of what closed before.
func (r *pastReader) back(ctx context.Context) error {
	changes, next, err := r.page(ctx, r.state.Old, review.ClosedQuery{})
	if err != nil {
		return err
	}
	tooOld, err := r.keep(ctx, changes)
	if err != nil {
		return err
	}
	r.state.Read += len(changes)
	if r.state.Old = next; r.state.Read >= r.b.opts.HistoryMax {
		r.state.Old = nil
	}
	// What follows moved last before all of these, and was closed before that.
	if !tooOld.IsZero() && !changes[len(changes)-1].Updated.After(tooOld) {
		r.state.Old = nil
	}
	return r.save(ctx)
}

// page reads a page of a window. next is nil when the window is read.
func (r *pastReader) page(ctx context.Context, w *HistoryWindow, q review.ClosedQuery) (changes []review.Closed, next *HistoryWindow, err error) {
	q.Project, q.After, q.Before, q.Skip, q.Limit = r.project, w.After, w.Before, w.Skip, historyPage
	if w.Limit > 0 {
		q.Limit = min(w.Limit, historyPage)
	}
	page, err := r.host.Closings.Closed(ctx, q)
	if err != nil {
		return nil, nil, fmt.Errorf("read history of %s: %w", r.project, err)
	}
	if page.Passed > 0 {
		r.b.log.Warn("a closed change is left out: Gerrit does not answer when asked for its files", "host", r.hostID, "project", r.project, "before", w.Before, "skip", w.Skip)
	}
	for _, c := range page.Changes {
		if c.Updated.After(w.Newest) {
			w.Newest = c.Updated
		}
	}
	n := HistoryWindow{After: w.After, Before: page.Before, Skip: page.Skip, Newest: w.Newest, Limit: page.Limit}
	if !page.More || !w.onward(n) {
		return page.Changes, nil, nil
	}
	return page.Changes, &n, nil
}

func (r *pastReader) keep(ctx context.Context, changes []review.Closed) (tooOld time.Time, err error) {
	added, tooOld, err := r.b.learn(ctx, r.hostID, changes)
	r.state.Kept += added
	return tooOld, err
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func (r *pastReader) save(ctx context.Context) error {
	raw, err := json.Marshal(r.state)
	if err != nil {
		return fmt.Errorf("store where the history of %s stands: %w", r.project, err)
	}
	return r.b.settings.SetSetting(ctx, historyKey(r.hostID, r.project), string(raw))
}

func turnKey(host string) string { return "history-turn/" + host }

// turn takes the turn to be read further back if it is free: one project of a
// host at a time, so that Gerrit has little to do. Two that ask at once may
// both go on; that costs nothing but politeness.
func (r *pastReader) turn(ctx context.Context) (bool, error) {
	if mine, err := r.mayTake(ctx); err != nil || !mine {
		return false, err
	}
	return r.takeTurn(ctx)
}

func (r *pastReader) mayTake(ctx context.Context) (bool, error) {
	since, whose, err := r.b.moment(ctx, turnKey(r.hostID))
	if err != nil {
		return false, fmt.Errorf("read whose history is read: %w", err)
	}
	return whose == r.project || r.b.now().Sub(since) >= turnAge, nil
}

func (r *pastReader) takeTurn(ctx context.Context) (bool, error) {
	return true, r.b.setMoment(ctx, turnKey(r.hostID), r.b.now(), r.project)
}
