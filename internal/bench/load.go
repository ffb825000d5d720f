// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"
)

const (
	parallel    = 16
	slowModel   = 2 * time.Second
	slowChanges = 4 * parallel
	fastChanges = 600
	projects    = 30
	asleep      = "quiet" // a project that has not opted in

	hookRate  = 300 // webhooks in a second
	hookTime  = 5 * time.Second
	hookTurns = 2
	manyHooks = 10_000
)

// measureLoad loads one bot that lives through all of it.
func (b *bench) measureLoad(ctx context.Context) error {
	var names []string
	for i := range projects {
		names = append(names, fmt.Sprintf("p%02d", i))
	}
	return b.onStage(ctx, "load", names, func(s *stage) error {
		s.gerrit.Project(asleep)
		if _, err := s.one(ctx, names[0]); err != nil {
			return err
		}
		before, err := s.bot.files()
		if err != nil {
			return err
		}
		slow, err := s.throughput(ctx, names, slowChanges, parallel, slowModel)
		if err != nil {
			return err
		}
		b.report.atLeast(fmt.Sprintf("%d changes at once, model of %s", parallel, slowModel), "changes/s", 7.5, slow)
		fast, err := s.throughput(ctx, names, fastChanges, fastChanges, 0)
		if err != nil {
			return err
		}
		b.report.atLeast(fmt.Sprintf("%d changes in %d projects at once, instant model", fastChanges, projects), "changes/s", 100, fast)
		sent, err := b.measureHooks(ctx, s)
		if err != nil {
			return err
		}
		return b.measureTraces(ctx, s, before, 1+slowChanges+fastChanges+sent)
	})
}

// throughput pushes changes, sends at most so many webhooks before their
// comments stand, and returns comments a second.
func (s *stage) throughput(ctx context.Context, names []string, changes, atOnce int, delay time.Duration) (float64, error) {
	say("%d changes, %d at once, model of %s", changes, atOnce, delay)
	type pushed struct {
		number int
		body   []byte
	}
	var list []pushed
	for i := range changes {
		n, body := s.push(names[i%len(names)])
		list = append(list, pushed{n, body})
	}
	s.model.SetDelay(delay)
	defer s.model.SetDelay(0)
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(atOnce)
	began := time.Now()
	for _, p := range list {
		group.Go(func() error {
			_, _, err := s.review(ctx, p.number, p.body)
			return err
		})
	}
	err := group.Wait()
	return float64(changes) / time.Since(began).Seconds(), err
}

// measureTraces sends webhooks up to ten thousand and looks at what they left.
func (b *bench) measureTraces(ctx context.Context, s *stage, before, sent int) error {
	say("up to %d events", manyHooks)
	_, like := s.push("p00")
	group, gctx := errgroup.WithContext(ctx)
	group.SetLimit(parallel)
	for ; sent < manyHooks; sent++ {
		body, err := s.event(like, asleep)
		if err != nil {
			return err
		}
		group.Go(func() error { return s.send(gctx, body) })
	}
	if err := group.Wait(); err != nil {
		return err
	}
	if err := s.quiet(ctx); err != nil {
		return err
	}
	rss, err := s.bot.memory("VmRSS")
	if err != nil {
		return err
	}
	peak, err := s.bot.memory("VmHWM")
	if err != nil {
		return err
	}
	after, err := s.bot.files()
	if err != nil {
		return err
	}
	b.report.atMost(fmt.Sprintf("memory after %d events (resident)", sent), "MB", 120, rss)
	b.report.tell("memory at its highest", "MB", peak)
	b.report.atMost(fmt.Sprintf("files left behind by %d events", sent), "", 0, float64(after-before))
	return nil
}
