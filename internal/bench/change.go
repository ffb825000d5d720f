// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"time"
)

const (
	starts      = 5
	sequential  = 250 // changes, one after the other
	compared    = 100 // changes of each size of repository
	smallFiles  = 10
	largeFiles  = 100_000
	idleSeconds = 3
)

// measureStart starts the bot on empty folders and looks at it at rest.
func (b *bench) measureStart(ctx context.Context) error {
	say("start to ready, %d times", starts)
	worst := time.Duration(0)
	for i := range starts {
		err := b.onStage(ctx, fmt.Sprintf("start%d", i), []string{"small"}, func(s *stage) error {
			worst = max(worst, time.Since(s.bot.began))
			if i < starts-1 {
				return nil
			}
			if err := pause(ctx, idleSeconds*time.Second); err != nil {
				return err
			}
			rss, err := s.bot.memory("VmRSS")
			if err != nil {
				return err
			}
			b.report.atMost(fmt.Sprintf("start to ready, slowest of %d first starts", starts), "ms", 500, ms(worst))
			b.report.atMost("memory at rest (resident)", "MB", 40, rss)
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// onStage runs f on a stage of its own.
func (b *bench) onStage(ctx context.Context, name string, projects []string, f func(*stage) error) error {
	return b.onStageWith(ctx, name, projects, extra{}, f)
}

func (b *bench) onStageWith(ctx context.Context, name string, projects []string, more extra, f func(*stage) error) error {
	s, err := b.openStage(ctx, name, projects, more)
	if err != nil {
		return err
	}
	return errors.Join(f(s), s.close())
}

// measureChange sends changes one after the other: each is alone in the bot.
func (b *bench) measureChange(ctx context.Context) error {
	return b.onStage(ctx, "change", []string{"small", "large"}, func(s *stage) error {
		before := s.gate.work().calls
		if _, err := s.one(ctx, "small"); err != nil {
			return err
		}
		cold := s.gate.work().calls - before
		say("own overhead: %d changes of five files, one after the other", sequential)
		var took []time.Duration
		calls := 0
		for range sequential {
			before := s.gate.work().calls
			d, err := s.one(ctx, "small")
			if err != nil {
				return err
			}
			took = append(took, d)
			calls = max(calls, s.gate.work().calls-before)
		}
		b.report.atMost("webhook to comment, five files, instant model, p50", "ms", 25, ms(quantile(took, .5)))
		b.report.atMost("webhook to comment, five files, instant model, p95", "ms", 150, ms(quantile(took, .95)))
		b.report.atMost("calls to Gerrit per change, most", "", 8, float64(calls))
		b.report.tell("calls to Gerrit, first change after a start", "", float64(cold))
		return b.compareSizes(ctx, s)
	})
}

// sameTime is how much slower the large repository may look and still count as
// the same: what two runs of one size differ by.
const sameTime = 1.15

// compareSizes takes changes of a small and of a large repository in turns, so
// that whatever else the machine does meets both.
func (b *bench) compareSizes(ctx context.Context, s *stage) error {
	say("repositories of %d and of %d files, %d changes each", smallFiles, largeFiles, compared)
	s.gerrit.Commit("large", manyFiles(largeFiles-smallFiles))
	if _, err := s.one(ctx, "large"); err != nil {
		return err
	}
	took := map[string][]time.Duration{}
	for range compared {
		for _, project := range []string{"small", "large"} {
			d, err := s.one(ctx, project)
			if err != nil {
				return err
			}
			took[project] = append(took[project], d)
		}
	}
	small, large := ms(quantile(took["small"], .5)), ms(quantile(took["large"], .5))
	b.report.tell(fmt.Sprintf("webhook to comment, repository of %d files, p50", smallFiles), "ms", small)
	b.report.atMost(fmt.Sprintf("webhook to comment, repository of %d files, p50", largeFiles), "ms", small*sameTime, large)
	return nil
}

// between is how long one change at a time leaves the bot to write down what
// it did, after the comment stands.
const between = 10 * time.Millisecond

// one pushes a change, sends its webhook and returns how long the comment took.
func (s *stage) one(ctx context.Context, project string) (time.Duration, error) {
	number, body := s.push(project)
	sent, posted, err := s.review(ctx, number, body)
	if err != nil {
		return 0, err
	}
	return posted.Sub(sent), pause(ctx, between)
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
