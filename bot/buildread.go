// SPDX-License-Identifier: Apache-2.0

package bot

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"review-assistant/builds"
	"review-assistant/review"
	"review-assistant/scrub"
)

const (
	// maxLogSteps is how many addresses are tried for one log.
	maxLogSteps = 6
)

// Words for why a log was not read, besides those of the fetcher.
const (
	unreadNoFetcher = "no-log-hosts"
	unreadNoAddress = "no-address"
	unreadBadAnswer = "bad-answer"
	unreadEmpty     = "nothing-found"
	unreadTooMany   = "too-many"
	unreadLate      = "too-slow"
)

// readLog reads the log of a failed run and puts what it shows into the build.
// A log that cannot be read leaves a word that says why: the run failed all the
// same. An error means that the visit has to be done again.
func (v *visit) readLog(ctx context.Context, s *scrub.Scrubber, run builds.Run, b *review.Build) error {
	raws, unread, err := v.failures(ctx, run, b)
	if err != nil {
		return err
	}
	b.Unread = unread
	if len(raws) == 0 {
		raws = run.Failures()
	}
	if len(raws) == 0 {
		b.Failures = append(b.Failures, builds.Unread(b))
		return nil
	}
	return cleaned(s, b, raws)
}

// failures fetches and reads the log of a run.
func (v *visit) failures(ctx context.Context, run builds.Run, b *review.Build) (raws []builds.Raw, unread string, err error) {
	if b.Result == review.BuildBroken && run.URL == "" {
		return nil, "", nil
	}
	if v.b.buildLogs == nil {
		return nil, unreadNoFetcher, nil
	}
	var passing []*builds.Baseline
	body, err := v.openLog(ctx, run)
	if err == nil {
		passing = v.passing(ctx, run, b)
	}
	var log *builds.Log
	if err == nil {
		log, err = builds.Read(ctx, body, builds.ReadOptions{Baselines: passing})
		err = errors.Join(err, body.Close())
	}
	u, isUnread := errors.AsType[*review.UnreadError](err)
	switch {
	case errors.Is(err, context.Canceled):
		return nil, "", err
	case ctx.Err() != nil:
		return nil, unreadLate, nil
	case isUnread && review.RetryAfter(err) > 0 && v.b.now().Sub(b.Ended) < lateLog:
		return nil, "", &review.RetryError{After: review.RetryAfter(err), Err: err}
	case isUnread && log == nil:
		v.b.log.Warn("the log of a failed build is not read", "change", v.id.String(), "job", b.Job, "why", u.Reason)
		return nil, u.Reason, nil
	case isUnread:
		unread = u.Reason // of what came, something may be found
	case err != nil:
		return nil, "", fmt.Errorf("read the log of a build: %w", err)
	}
	raws = log.Failures()
	b.Dropped = log.Dropped
	if len(raws) == 0 && unread == "" {
		unread = unreadEmpty
	}
	return raws, unread, nil
}

// openLog finds the log of a run by what is known of its CI. The error is that
// of the last place that was tried.
func (v *visit) openLog(ctx context.Context, run builds.Run) (io.ReadCloser, error) {
	var last error = &review.UnreadError{Reason: unreadNoAddress, Err: errors.New("the run has no address of a log")}
	steps := builds.LogURLs(run)
	for tried := 0; len(steps) > 0 && tried < maxLogSteps; tried++ {
		step := steps[0]
		steps = steps[1:]
		if step.Kind == builds.LogText {
			body, err := v.b.buildLogs.Open(ctx, v.name(), step.URL)
			if err == nil {
				return body, nil
			}
			if last = err; review.RetryAfter(err) > 0 {
				return nil, err // another address of the host would not answer either
			}
			continue
		}
		answer, err := v.b.buildLogs.JSON(ctx, v.name(), step.URL, builds.MaxLogIndex)
		if err != nil {
			if last = err; review.RetryAfter(err) > 0 {
				return nil, err
			}
			continue
		}
		next, err := step.Next(answer)
		if err != nil {
			last = &review.UnreadError{Reason: unreadBadAnswer, Err: err}
		}
		steps = append(next, steps...)
	}
	return nil, last
}

// name is HOST/NAME of the project.
func (v *visit) name() string { return v.id.Host + "/" + v.id.Project }

// passing returns what a passing log of the same job says: that is no cause.
// What cannot be had is left out.
func (v *visit) passing(ctx context.Context, run builds.Run, b *review.Build) []*builds.Baseline {
	h, _, err := v.b.buildsOf(ctx, v.id.Host, v.id.Project)
	if err != nil {
		return nil
	}
	last, _ := h.LastPassed(b.Job, b.Branch)
	if last.Key == "" {
		return nil
	}
	if known, ok := v.b.baselines.get(last.Key); ok {
		return known
	}
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	body, err := v.openLog(ctx, builds.Run{Source: run.Source, URL: last.URL})
	if err != nil {
		if _, lasting := errors.AsType[*review.UnreadError](err); lasting && review.RetryAfter(err) == 0 {
			v.b.baselines.put(last.Key, nil)
		}
		return nil
	}
	base, err := builds.ReadBaseline(ctx, body)
	if errors.Join(err, body.Close()) != nil {
		return nil
	}
	out := []*builds.Baseline{base}
	v.b.baselines.put(last.Key, out)
	return out
}

// baselines keeps what passing logs say, by the run. All are dropped when there
// are too many.
type baselines struct {
	mu sync.Mutex
	m  map[string][]*builds.Baseline
}

const maxBaselines = 32

func (c *baselines) get(key string) ([]*builds.Baseline, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	b, ok := c.m[key]
	return b, ok
}

func (c *baselines) put(key string, b []*builds.Baseline) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.m == nil || len(c.m) >= maxBaselines {
		c.m = map[string][]*builds.Baseline{}
	}
	c.m[key] = b
}
