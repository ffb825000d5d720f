// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

const (
	voteStreams = 20
	voteRate    = 100 // comments in a second
	voteTime    = 8 * time.Second
	voteChanges = 50
)

// votes lets people vote: once, and then as on a busy Gerrit. Each vote has to be
// followed by an event of its change on every stream, also the last one.
func (a *audience) votes(ctx context.Context, b *bench) error {
	say("%d votes a second on %d changes, %d streams", voteRate, voteChanges, voteStreams)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: -1}}
	defer client.CloseIdleConnections()
	got := make(chan heard, 1000)
	group, gctx := errgroup.WithContext(ctx)
	for i := range voteStreams {
		v := &a.people[5*i+1] // of those who may see big
		open, err := a.listen(gctx, client, v, true)
		if err != nil {
			return fmt.Errorf("stream %d: %w", i, err)
		}
		group.Go(func() error { return open(got) })
	}
	// The newest are not private.
	numbers := make([]int, voteChanges)
	bodies := make([][]byte, voteChanges)
	for i := range numbers {
		var err error
		numbers[i], bodies[i] = a.stage.push(apiBig)
		if bodies[i], err = commentOn(bodies[i]); err != nil {
			return err
		}
	}
	if err := pause(ctx, 2*time.Second); err != nil {
		return err
	}
	var late []time.Duration
	for range 5 {
		sent := time.Now()
		if err := a.stage.send(ctx, bodies[0]); err != nil {
			return err
		}
		until, err := allHear(ctx, got, fmt.Sprintf("bench/%s~%d", apiBig, numbers[0]))
		if err != nil {
			return err
		}
		late = append(late, until.Sub(sent))
	}
	b.report.tell("API: from the webhook of a vote to the event on all streams, most of 5", "ms", ms(slices.Max(late)))

	e := echoes{of: map[string]*echo{}}
	for _, n := range numbers {
		e.of[fmt.Sprintf("bench/%s~%d", apiBig, n)] = &echo{heard: map[string]time.Time{}}
	}
	heardAll := make(chan error, 1)
	go func() { heardAll <- e.listen(ctx, got) }()
	due := arrivals(voteRate, voteTime, 9)
	took, err := openLoop(ctx, due, func(i int) error {
		n := i % voteChanges
		e.sent(fmt.Sprintf("bench/%s~%d", apiBig, numbers[n]))
		return a.stage.send(ctx, bodies[n])
	})
	if err != nil {
		return err
	}
	if err := <-heardAll; err != nil {
		return err
	}
	what := fmt.Sprintf("API: at %d votes/s, ", voteRate)
	b.report.tell(what+"answered durably, p99", "ms", ms(quantile(took, .99)))
	b.report.tell(what+"to the event behind each on all streams, p50", "ms", ms(quantile(e.late, .5)))
	b.report.tell(what+"the same, most", "ms", ms(slices.Max(e.late)))
	cancel()
	if err := group.Wait(); err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

// commentOn makes the webhook of a comment of that of a patch set.
func commentOn(body []byte) ([]byte, error) {
	var e map[string]any
	if err := json.Unmarshal(body, &e); err != nil {
		return nil, err
	}
	e["type"], e["comment"] = "comment-added", "Patch Set 1: Code-Review+1"
	return json.Marshal(e)
}

// allHear waits until each stream told of a change.
func allHear(ctx context.Context, got <-chan heard, id string) (time.Time, error) {
	by := map[string]bool{}
	limit := time.After(30 * time.Second)
	for {
		select {
		case h := <-got:
			if by[h.ref] = by[h.ref] || h.id == id; len(by) == voteStreams && h.id == id && all(by) {
				return h.at, nil
			}
		case <-ctx.Done():
			return time.Time{}, ctx.Err()
		case <-limit:
			return time.Time{}, fmt.Errorf("%d of %d streams told of %s within 30 s", len(by), voteStreams, id)
		}
	}
}

func all(by map[string]bool) bool {
	for _, is := range by {
		if !is {
			return false
		}
	}
	return true
}

// echoes are the votes and what streams say behind them.
type echoes struct {
	mu    sync.Mutex
	of    map[string]*echo
	votes int
	late  []time.Duration // of each vote, on the last stream
}

// echo is one change.
type echo struct {
	votes []time.Time          // that not all streams told of
	heard map[string]time.Time // the newest event of each stream
}

func (e *echoes) sent(id string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.votes++
	e.of[id].votes = append(e.of[id].votes, time.Now())
}

// listen returns when all streams told of a change behind each of its votes.
func (e *echoes) listen(ctx context.Context, got <-chan heard) error {
	limit := time.After(voteTime + 30*time.Second)
	for want := int(voteRate * voteTime.Seconds()); ; {
		select {
		case h := <-got:
			if e.hear(h); len(e.late) == want {
				return nil
			}
		case <-ctx.Done():
			return ctx.Err()
		case <-limit:
			return fmt.Errorf("streams told of %d of %d votes within 30 s", len(e.late), want)
		}
	}
}

func (e *echoes) hear(h heard) {
	e.mu.Lock()
	defer e.mu.Unlock()
	c := e.of[h.id]
	if c == nil {
		return
	}
	c.heard[h.ref] = h.at
	if len(c.heard) < voteStreams {
		return
	}
	oldest := h.at
	for _, at := range c.heard {
		if at.Before(oldest) {
			oldest = at
		}
	}
	// Each stream told of the change since, so the last of them did by now.
	c.votes = slices.DeleteFunc(c.votes, func(at time.Time) bool {
		if at.After(oldest) {
			return false
		}
		e.late = append(e.late, h.at.Sub(at))
		return true
	})
}
