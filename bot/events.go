// SPDX-License-Identifier: Apache-2.0

package bot

import (
	"context"
	"fmt"
	"sync"
	"time"

	"review-assistant/review"
)

// target says which job an event asks for.
type target int

const (
	nothing target = iota
	theChange
	theProject
	theHistory
	theBuilds
)

// routes is the one table of events. An event is only a hint: the job reads
// everything again, so a row decides no more than whether to look.
var routes = map[review.EventType]struct {
	to     target
	why    string
	builds bool // what was kept back of builds may be due
}{
	"patchset-created":            {theChange, "new code", false},
	"change-restored":             {theChange, "open again", true},
	"wip-state-changed":           {theChange, "may be ready now", true},
	"private-state-changed":       {theChange, "may be public now, or has to be erased", true},
	"reviewer-added":              {theChange, "may be the bot, which asks for a summary", false},
	"hashtags-changed":            {theChange, "may be unmuted", true},
	"change-deleted":              {theChange, "stored text has to be erased", false},
	"project-head-updated":        {theProject, "default branch moved", false},
	"comment-added":               {theBuilds, "may be a CI's verdict", false},
	"change-abandoned":            {theHistory, "tells who reviewed it", false},
	"change-merged":               {theHistory, "tells who reviewed it", false},
	"reviewer-deleted":            {nothing, "no work for us", false},
	"vote-deleted":                {nothing, "no work for us", false},
	"topic-changed":               {nothing, "no work for us", false},
	"custom-keyed-values-changed": {nothing, "no work for us", false},
	"project-created":             {nothing, "not opted in yet", false},
	"batch-ref-updated":           {nothing, "ref-updated tells it", false},
}

// Accept turns an event into a durable hint. accepted is false with a reason
// when the event asks for no work; an error means that not all was stored and
// the sender has to try again.
func (b *Bot) Accept(ctx context.Context, e review.Event) (accepted bool, why string, err error) {
	if _, ok := b.hosts[e.Host]; !ok {
		return false, "unknown host", nil
	}
	if err := b.tellEvent(ctx, e); err != nil {
		return false, "", fmt.Errorf("store news: %w", err)
	}
	if e.Type == "ref-updated" {
		if e.Ref != review.ConfigRef {
			return false, "not a configuration ref", nil
		}
		return b.projectMoved(ctx, e)
	}
	r, known := routes[e.Type]
	switch {
	case !known:
		return false, "unknown event type", nil
	case r.to == nothing:
		return false, r.why, nil
	case r.to == theProject:
		return b.projectMoved(ctx, e)
	case r.to == theHistory:
		return b.changeClosed(ctx, e, r.why)
	}
	id, ok := e.Change()
	if !ok {
		return false, "names no change", nil
	}
	if r.to == theBuilds {
		return b.commented(ctx, id, e.PatchSet, r.why)
	}
	key := review.ChangeJob(id)
	if review.FullRef(e.Ref) == review.ConfigRef {
		key = review.LintJob(id)
	}
	hint := review.Hint{Delay: b.opts.Debounce, MaxWait: 6 * b.opts.Debounce, PatchSet: e.PatchSet}
	if err := b.jobs.Enqueue(ctx, key, hint); err != nil {
		return false, "", fmt.Errorf("store hint: %w", err)
	}
	if r.builds {
		if _, _, err := b.commented(ctx, id, e.PatchSet, r.why); err != nil {
			return false, "", err
		}
	}
	return true, r.why, nil
}

// commented asks to look for a CI's verdict: an event does not tell whether a
// CI or a person wrote. Other comments start no work.
func (b *Bot) commented(ctx context.Context, id review.ChangeID, patchSet int, why string) (bool, string, error) {
	if b.deaf.has(id.Host, id.Project, b.now()) {
		return false, "the project hears no builds", nil
	}
	if err := b.lookAtBuilds(ctx, id, patchSet); err != nil {
		return false, "", err
	}
	return true, why, nil
}

// deaf are the projects of which it is known, for a minute, that nothing is to
// be done about their builds: most comments are in these.
type deaf struct {
	mu sync.Mutex
	m  map[string]time.Time
}

const (
	deafAge = time.Minute
	maxDeaf = 10_000
)

func (d *deaf) add(host, project string, now time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.m == nil || len(d.m) >= maxDeaf {
		d.m = map[string]time.Time{}
	}
	d.m[host+"/"+project] = now
}

func (d *deaf) remove(host, project string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.m, host+"/"+project)
}

func (d *deaf) has(host, project string, now time.Time) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	at, ok := d.m[host+"/"+project]
	return ok && now.Sub(at) < deafAge
}

// changeClosed asks for the history of the change's project, and lets a change
// that closed block nobody's builds any more.
func (b *Bot) changeClosed(ctx context.Context, e review.Event, why string) (bool, string, error) {
	if id, ok := e.Change(); ok {
		if _, _, err := b.commented(ctx, id, 0, why); err != nil {
			return false, "", err
		}
	}
	if b.hosts[e.Host].Closings == nil {
		return false, "no history is kept", nil
	}
	if e.Project == "" {
		return false, "names no project", nil
	}
	hint := review.Hint{Delay: b.opts.HistoryDelay, MaxWait: 6 * b.opts.HistoryDelay}
	if err := b.jobs.Enqueue(ctx, review.HistoryJob(e.Host, e.Project), hint); err != nil {
		return false, "", fmt.Errorf("store hint: %w", err)
	}
	return true, why, nil
}

// projectMoved remembers when a configuration moved: it is Gerrit's own clock
// for the moment of an opt-in.
func (b *Bot) projectMoved(ctx context.Context, e review.Event) (bool, string, error) {
	if e.Project == "" {
		return false, "names no project", nil
	}
	if now := b.now(); e.Type == "ref-updated" && !e.Created.IsZero() && e.Created.Unix() > 0 {
		// A forged time must not reach into the future.
		at := e.Created
		if at.After(now) {
			at = now
		}
		if err := b.settings.SetSetting(ctx, movedKey(e.Host, e.Project), at.UTC().Format(time.RFC3339)); err != nil {
			return false, "", fmt.Errorf("store hint: %w", err)
		}
	}
	if err := b.jobs.Enqueue(ctx, review.ProjectJob(e.Host, e.Project), review.Hint{}); err != nil {
		return false, "", fmt.Errorf("store hint: %w", err)
	}
	return true, "project moved", nil
}

func movedKey(host, project string) string { return "config-moved/" + host + "/" + project }
func optInKey(host, project string) string { return "opt-in/" + host + "/" + project }
