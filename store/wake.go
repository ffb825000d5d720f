// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"sync"
	"time"
)

// pollEach is the longest time after which an idle store is looked at again:
// another process may have added a job.
const pollEach = time.Second

// waker wakes one waiting worker when a job may be due. The worker that gets a
// job wakes the next, so a burst wakes as many as it needs, and an idle store
// is looked at by one worker, not by all.
type waker struct {
	token chan struct{}

	mu     sync.Mutex
	timer  *time.Timer
	at     time.Time // when timer fires; zero when it is not set
	closed bool
}

func newWaker() *waker { return &waker{token: make(chan struct{}, 1)} }

// wake lets one waiting worker go on, or the next one that comes.
func (w *waker) wake() {
	select {
	case w.token <- struct{}{}:
	default:
	}
}

// after wakes a worker in d, or earlier if that was asked for before.
func (w *waker) after(d time.Duration) {
	if d <= 0 {
		w.wake()
		return
	}
	d = min(d, pollEach)
	w.mu.Lock()
	defer w.mu.Unlock()
	at := time.Now().Add(d)
	if w.closed || !w.at.IsZero() && !at.Before(w.at) {
		return
	}
	w.at = at
	if w.timer == nil {
		w.timer = time.AfterFunc(d, w.fire)
		return
	}
	w.timer.Reset(d)
}

func (w *waker) fire() {
	w.mu.Lock()
	// The timer may have been set again while it fired.
	if !time.Now().Before(w.at) {
		w.at = time.Time{}
	}
	w.mu.Unlock()
	w.wake()
}

func (w *waker) wait(ctx context.Context, limit time.Duration) {
	t := time.NewTimer(limit)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	case <-w.token:
	}
}

func (w *waker) close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.closed = true
	if w.timer != nil {
		w.timer.Stop()
	}
}
