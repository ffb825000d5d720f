// SPDX-License-Identifier: Apache-2.0

package llm

import (
	"context"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Limiter caps what one process asks of all models together.
type Limiter struct {
	slots slots
	rate  *rate.Limiter
}

// NewLimiter allows that many requests at once and in a minute; 0 means no cap.
func NewLimiter(concurrent, perMinute int) *Limiter {
	l := &Limiter{slots: newSlots(concurrent)}
	if perMinute > 0 {
		// A tenth of a minute's worth at once: changes arrive in bursts.
		l.rate = rate.NewLimiter(rate.Every(time.Minute/time.Duration(perMinute)), max(1, perMinute/10))
	}
	return l
}

// acquire waits for a slot and for the rate. It fails when ctx ends first.
func (l *Limiter) acquire(ctx context.Context) (release func(), err error) {
	if l == nil {
		return func() {}, nil
	}
	release, err = l.slots.acquire(ctx)
	if err != nil {
		return nil, err
	}
	if l.rate != nil {
		if err := l.rate.Wait(ctx); err != nil {
			release()
			return nil, err
		}
	}
	return release, nil
}

// slots is a counting semaphore; nil has no limit.
type slots chan struct{}

func newSlots(n int) slots {
	if n <= 0 {
		return nil
	}
	return make(slots, n)
}

func (s slots) acquire(ctx context.Context) (release func(), err error) {
	if s == nil {
		return func() {}, nil
	}
	select {
	case s <- struct{}{}:
		return func() { <-s }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// The breaker opens after this many failures in a row and lets one request
// through after the pause.
const (
	breakerFailures = 5
	breakerPause    = 30 * time.Second
)

// breaker keeps the queue from waiting for a server that is down: work goes
// on with the offline summary at once.
type breaker struct {
	mu       sync.Mutex
	failures int
	until    time.Time // closed when zero
	probing  bool
}

// allow reports whether a request may go out now, and if not, when to ask again.
func (b *breaker) allow(now time.Time) (ok bool, wait time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.until.IsZero():
		return true, 0
	case now.Before(b.until):
		return false, b.until.Sub(now)
	case b.probing:
		return false, time.Second
	}
	b.probing = true
	return true, 0
}

// done ends a request that allow let through. An undecided one, such as a
// canceled request, says nothing about the server.
func (b *breaker) done(now time.Time, v verdict) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.probing = false
	switch v {
	case healthy:
		b.failures, b.until = 0, time.Time{}
	case failing:
		if b.failures++; b.failures >= breakerFailures {
			b.until = now.Add(breakerPause)
		}
	case undecided:
	}
}

type verdict int

const (
	undecided verdict = iota
	healthy
	failing
)
