// SPDX-License-Identifier: Apache-2.0

package bot

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime/debug"
	"sync"
	"time"

	"review-assistant/review"
)

const (
	firstRetry = time.Second
	lastRetry  = 10 * time.Minute
	// retryBudget is how long a job is tried before it goes to the dead letters.
	retryBudget = 24 * time.Hour
	// pauseDelay is how long a job waits while a kill switch holds it.
	pauseDelay = 5 * time.Second
)

// pausedError says that only an operator can let the job go on: it stays
// queued and no attempt is counted.
type pausedError struct {
	after time.Duration
	why   string
}

func (e *pausedError) Error() string { return e.why }

// errPaused is the pause of a kill switch.
var errPaused = &pausedError{pauseDelay, "stopped by a kill switch"}

// deniedDelay is how long jobs wait for a new token, or for rights to be taken
// away from the account.
const deniedDelay = 20 * time.Second

// errLost says that the lease went to somebody else: nothing may be done or
// written any more.
var errLost = errors.New("lease lost")

// Run works until ctx ends, then waits for the jobs in hand. Jobs in hand get
// drain to finish; what is unfinished then is leased again by whoever is next.
func (b *Bot) Run(ctx context.Context, drain time.Duration) {
	work, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	var wg sync.WaitGroup
	for range b.opts.Workers {
		wg.Go(func() { b.work(ctx, work) })
	}
	wg.Go(func() { b.reconcileLoop(ctx) })
	wg.Go(func() { b.remember(ctx) })
	<-ctx.Done()
	stop := time.AfterFunc(drain, cancel)
	defer stop.Stop()
	wg.Wait()
}

// work leases and runs jobs until ctx ends; jobs run on the longer lived one.
func (b *Bot) work(ctx, jobs context.Context) {
	for ctx.Err() == nil {
		job, ok, err := b.jobs.Lease(ctx, b.opts.Lease)
		switch {
		case err != nil && ctx.Err() == nil:
			b.log.Error("lease a job", "error", err)
			b.pause(ctx, time.Second)
		case ok:
			b.run(jobs, job)
		default:
			b.jobs.Wait(ctx, 5*time.Second)
		}
	}
}

func (b *Bot) pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}

// run does one leased job and ends its lease. It is the only place that reads
// the class of an error.
func (b *Bot) run(ctx context.Context, job review.Job) {
	start := b.now()
	result := "done"
	err := b.hold(ctx, job)
	end := context.WithoutCancel(ctx)
	var paused *pausedError
	switch {
	case err == nil:
		_, err = b.jobs.Finish(end, job)
	case errors.Is(err, errLost):
		result, err = "lost", nil // somebody else has the job
	case ctx.Err() != nil:
		result = "handed back"
		_, err = b.jobs.Retry(end, job, 0)
	case errors.As(err, &paused):
		result = "paused"
		err = b.requeue(end, job, paused.after)
	case review.IsDenied(err):
		result = "denied"
		b.log.Error("gerrit refuses the service account; the job is kept", "job", job.Key, "error", err)
		err = b.requeue(end, job, deniedDelay)
	case b.now().Sub(job.First) > retryBudget:
		result = "parked"
		b.log.Error("job given up; see review-assistant dlq", "job", job.Key, "attempts", job.Attempt, "error", err)
		_, err = b.jobs.Park(end, job, clip(err.Error(), 300))
	default:
		result = "retry"
		delay := backoff(job.Attempt, review.RetryAfter(err))
		b.log.Warn("job will be tried again", "job", job.Key, "attempt", job.Attempt, "in", delay, "error", err)
		_, err = b.jobs.Retry(end, job, delay)
	}
	if err != nil {
		b.log.Error("end a lease", "job", job.Key, "error", err)
	}
	if f := b.opts.Observe.Job; f != nil {
		f(job.Key.Kind(), result, b.now().Sub(start))
	}
}

// requeue lets a paused job wait without spending its retries: a finish under
// a newer generation makes it due again.
func (b *Bot) requeue(ctx context.Context, job review.Job, after time.Duration) error {
	h := review.Hint{Delay: after, MaxWait: after, Asked: job.Asked, PatchSet: job.MinPatchSet}
	if err := b.jobs.Enqueue(ctx, job.Key, h); err != nil {
		return err
	}
	_, err := b.jobs.Finish(ctx, job)
	return err
}

// backoff returns a full-jitter delay that grows from one second to ten
// minutes, never less than what the other side asked for.
func backoff(attempt int, asked time.Duration) time.Duration {
	ceiling := min(lastRetry, firstRetry<<min(attempt, 10))
	return max(asked, firstRetry/2+rand.N(ceiling))
}

// hold does a job while a heartbeat keeps its lease; a lost lease cancels the work.
func (b *Bot) hold(ctx context.Context, job review.Job) (err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	var wg sync.WaitGroup
	wg.Go(func() {
		tick := time.NewTicker(b.opts.Lease / 3)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				if ok, err := b.jobs.Extend(ctx, job, b.opts.Lease); err == nil && !ok {
					cancel(errLost)
				}
			}
		}
	})
	defer func() {
		if p := recover(); p != nil {
			b.log.Error("job panicked", "job", job.Key, "stack", string(debug.Stack()))
			err = fmt.Errorf("panic in job: %T", p)
		}
		if cause := context.Cause(ctx); errors.Is(cause, errLost) {
			err = errLost
		}
		cancel(nil)
		wg.Wait()
	}()
	return b.do(ctx, job)
}

// do sends a job to the code for its kind.
func (b *Bot) do(ctx context.Context, job review.Job) error {
	hostID, project := job.Key.Project()
	host, ok := b.hosts[hostID]
	if !ok {
		// A host that was removed from the configuration has no work any more.
		b.log.Warn("job for a host that is not configured is dropped", "job", job.Key)
		return nil
	}
	switch job.Key.Kind() {
	case "change":
		return b.change(ctx, host, job)
	case "lint":
		return b.lint(ctx, host, job)
	case "project":
		return b.project(ctx, host, hostID, project)
	case "builds":
		return b.builds(ctx, host, job)
	case "history":
		return b.readHistory(ctx, host, hostID, project)
	}
	return nil
}
