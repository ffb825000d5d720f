// SPDX-License-Identifier: Apache-2.0

package bot

import (
	"context"
	"encoding/json"
	"maps"
	"sync"
	"time"

	"review-assistant/builds"
	"review-assistant/review"
)

const (
	// relearnEach is how often a project's builds are read anew: replicas that
	// run for long then know what the store has, and no more.
	relearnEach = 24 * time.Hour
	// idleBuilds is how long a project's builds are remembered that nobody asks for.
	idleBuilds = time.Hour
)

// failing is what is remembered of builds, by HOST/NAME of the project.
type failing struct {
	mu sync.Mutex
	m  map[string]*projectBuilds
}

// projectBuilds is what CI said of one project, and what people ruled of it.
// Who holds turn reads the store; nobody else has to wait for an answer.
type projectBuilds struct {
	turn           chan struct{}
	mark, ruleMark int64
	history        *builds.History
	marks          map[string]Mark // by fingerprint
	loaded, used   time.Time
}

func (f *failing) of(host, project string, now time.Time) *projectBuilds {
	f.mu.Lock()
	defer f.mu.Unlock()
	p := f.m[host+"/"+project]
	if p == nil {
		p = &projectBuilds{turn: make(chan struct{}, 1)}
		if f.m == nil {
			f.m = map[string]*projectBuilds{}
		}
		f.m[host+"/"+project] = p
	}
	p.used = now
	return p
}

// forget drops what nobody asked for of late.
func (f *failing) forget(now time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	maps.DeleteFunc(f.m, func(_ string, p *projectBuilds) bool { return now.Sub(p.used) > idleBuilds })
}

func (f *failing) drop(host, project string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.m, host+"/"+project)
}

// buildsOf returns what is known of a project's builds, and what people ruled,
// brought up to date with what any replica has added.
func (b *Bot) buildsOf(ctx context.Context, host, project string) (*builds.History, map[string]Mark, error) {
	ctx, cancel := context.WithTimeout(ctx, followTime)
	defer cancel()
	now := b.now()
	p := b.failing.of(host, project, now)
	select {
	case p.turn <- struct{}{}:
		defer func() { <-p.turn }()
	case <-ctx.Done():
		return nil, nil, ctx.Err()
	}
	if now.Sub(p.loaded) > relearnEach {
		p.mark, p.ruleMark, p.loaded, p.marks = 0, 0, now, map[string]Mark{}
		p.history = builds.NewHistory(builds.HistoryOptions{Failures: 50_000, Excerpts: 8 << 20, Now: b.now})
	}
	if err := eachRow(ctx, b.logs, BuildsLog(host, project), p.mark, p.add); err != nil {
		return nil, nil, err
	}
	if err := eachRow(ctx, b.logs, RulingsLog(host, project), p.ruleMark, p.addRuling); err != nil {
		return nil, nil, err
	}
	return p.history, maps.Clone(p.marks), nil
}

// add takes in a row of the log of builds.
func (p *projectBuilds) add(r review.Row) {
	p.mark = r.Seq
	var row buildRow
	if json.Unmarshal(r.Data, &row) != nil {
		return
	}
	switch {
	case row.Build != nil:
		p.history.Add(*row.Build)
	case row.Merged > 0:
		p.history.Merged(row.Merged, r.At)
	case row.Abandoned > 0:
		p.history.Closed(row.Abandoned)
	case row.Opened > 0:
		p.history.Reopened(row.Opened)
	case row.Erased > 0:
		p.history.Forget(row.Erased)
	}
}

func (p *projectBuilds) addRuling(r review.Row) {
	p.ruleMark = r.Seq
	var m Mark
	if json.Unmarshal(r.Data, &m) != nil || m.Fingerprint == "" {
		return
	}
	if m.Class == "" && !m.Fixed {
		delete(p.marks, m.Fingerprint)
		return
	}
	p.marks[m.Fingerprint] = m
}

// ruling answers what people ruled of a failure: a mark, or the project's file
// of known failures.
func ruling(marks map[string]Mark, known *builds.Known, now time.Time) builds.Rule {
	return func(b *review.Build, f *review.BuildFailure) (builds.Ruling, bool) {
		if m, ok := marks[f.Fingerprint]; ok {
			r := builds.Ruling{Class: m.Class, Message: m.Note, Link: m.Link, By: m.By, At: m.At}
			if m.Fixed {
				r.Fixed = m.At
			}
			return r, true
		}
		if known == nil {
			return builds.Ruling{}, false
		}
		return known.Rule(b, f, now)
	}
}
