// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"time"

	"review-assistant/audit"
	"review-assistant/board"
	"review-assistant/bot"
	"review-assistant/review"
	"review-assistant/server"
)

// openBoard puts together what people see, and what it follows.
func (p *parts) openBoard() (*board.Board, *board.Feed, error) {
	var hosts []string
	gerrits := map[string]board.Gerrit{}
	for id, client := range p.gerrits {
		hosts = append(hosts, id)
		gerrits[id] = client
	}
	var b *board.Board
	feed := board.NewFeed(board.FeedOptions{
		Rows: func(ctx context.Context, after int64, limit int) ([]review.Row, error) {
			return p.store.Rows(ctx, bot.FeedLog, after, limit)
		},
		Hosts: hosts, Log: p.log,
		Moved: func(n review.News) {
			p.bot.Moved(n) // first: what the board asks for again is read anew
			b.Moved(n)
		},
	})
	d := board.Deps{
		Gerrits: gerrits, Store: p.store, Builds: buildsShown{p.bot}, Policy: p.standing, Clean: p.cleanTexts, Says: bot.Says,
		Feed: feed, Now: time.Now, Log: p.log,
	}
	if c, is := p.catalog.(board.Catalog); is {
		d.Catalog = c
	}
	b, err := board.New(d)
	return b, feed, err
}

// peopleAPI is what the server takes of people: nothing where nobody can be
// proven.
func (p *parts) peopleAPI() (server.API, *board.Feed, error) {
	api := server.API{TokenFiles: p.config.API.TokenFiles, Report: p.report}
	if p.asking == nil {
		return api, nil, nil
	}
	b, feed, err := p.openBoard()
	if err != nil {
		return api, nil, err
	}
	key, err := loadValueKey(p.config.valueKeyFile(), true)
	if err != nil {
		return api, nil, err
	}
	api.Board, api.Identify, api.MarkAllowed, api.Denied = b, p.identify, p.mayMark, p.deniedAt
	api.CursorKey = derived(key, "cursors of the API")
	return api, feed, nil
}

// derived makes a key for one use of a key that all replicas have.
func derived(key []byte, use string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(use))
	return h.Sum(nil)
}

// standing tells how a project uses the bot.
func (p *parts) standing(ctx context.Context, host, project string) (board.Policy, error) {
	mode, off, builds, err := p.bot.Standing(ctx, host, project)
	return board.Policy{Mode: string(mode), Off: string(off), Builds: builds}, err
}

// cleanTexts leaves of texts what a project's rules let pass.
func (p *parts) cleanTexts(ctx context.Context, host, project string, texts []string) ([]string, error) {
	c, err := p.bot.Cleaner(ctx, host, project)
	if err != nil {
		return nil, err
	}
	out := make([]string, len(texts))
	for i, t := range texts {
		clean, err := c.Clean(t)
		if err != nil {
			return nil, err
		}
		out[i] = clean.String()
	}
	return out, nil
}

// buildsShown tells the board of builds.
type buildsShown struct{ b *bot.Bot }

// Changes implements [board.Builds].
func (s buildsShown) Changes(ctx context.Context, host, project string) ([]int, error) {
	return s.b.BuildChanges(ctx, host, project)
}

// Clusters implements [board.Builds].
func (s buildsShown) Clusters(ctx context.Context, host, project string, limit int, covers func(string) bool, shows func(int, string) bool) (any, error) {
	return s.b.Clusters(ctx, host, project, limit, covers, shows)
}

// Failed implements [board.Builds].
func (s buildsShown) Failed(ctx context.Context, host, project string, patchSets map[int]int) (map[int]*board.ChangeBuilds, error) {
	found, err := s.b.Failed(ctx, host, project, patchSets)
	out := make(map[int]*board.ChangeBuilds, len(found))
	for change, f := range found {
		out[change] = &board.ChangeBuilds{Failed: f.Failed, Classes: f.Classes, Failures: f.Failures}
	}
	return out, err
}

// LastRuns implements [board.Builds].
func (s buildsShown) LastRuns(ctx context.Context, host, project string, shows func(string) bool) (map[string][]board.BranchRun, error) {
	found, err := s.b.LastRuns(ctx, host, project, shows)
	out := make(map[string][]board.BranchRun, len(found))
	for branch, list := range found {
		for _, b := range list {
			out[branch] = append(out[branch], board.BranchRun{Job: b.Job, Result: b.Result, Ended: b.Ended, URL: b.URL})
		}
	}
	return out, err
}

// mayMark lets the owners of a project say what its failures are.
func (p *parts) mayMark(ctx context.Context, v review.Viewer, host, project string) (bool, error) {
	client, known := p.gerrits[host]
	a := v.Accounts[host]
	if !known || a.ID <= 0 {
		return false, nil
	}
	return client.Owns(ctx, project, a.ID)
}

// actorOf is a person in the audit log.
func actorOf(v *review.Viewer, host string) audit.Actor {
	return audit.Actor{Kind: "person", Iss: v.Issuer, Sub: v.Subject, GerritID: v.Accounts[host].ID, Entity: v.Entity}
}
