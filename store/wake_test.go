// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"review-assistant/review"
)

func TestWaker(t *testing.T) {
	tests := []struct {
		name string
		act  func(w *waker)
		want time.Duration
	}{
		{"nothing to do", func(*waker) {}, time.Minute},
		{"now", func(w *waker) { w.after(0) }, 0},
		{"overdue", func(w *waker) { w.after(-time.Hour) }, 0},
		{"soon", func(w *waker) { w.after(300 * time.Millisecond) }, 300 * time.Millisecond},
		{"a later time does not put off", func(w *waker) { w.after(300 * time.Millisecond); w.after(900 * time.Millisecond) }, 300 * time.Millisecond},
		{"an earlier time does", func(w *waker) { w.after(900 * time.Millisecond); w.after(200 * time.Millisecond) }, 200 * time.Millisecond},
		{"another process may be earlier", func(w *waker) { w.after(time.Hour) }, pollEach},
		{"closed", func(w *waker) { w.after(time.Second); w.close() }, time.Minute},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWaker()
				start := time.Now()
				tt.act(w)
				w.wait(t.Context(), time.Minute)
				if got := time.Since(start); got != tt.want {
					t.Errorf("wait() took %v, want %v", got, tt.want)
				}
			})
		})
	}
}

// One moment wakes one worker; the others go on waiting, also for the next.
func TestWakerWakesOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWaker()
		woken := 0
		ctx, cancel := context.WithCancel(t.Context())
		for range 8 {
			go func() {
				w.wait(ctx, time.Minute)
				if ctx.Err() == nil {
					woken++
				}
			}()
		}
		synctest.Wait()
		for range 2 {
			w.after(time.Second)
			time.Sleep(2 * time.Second)
			synctest.Wait()
		}
		if woken != 2 {
			t.Errorf("%d workers were woken, want 2", woken)
		}
		cancel()
		synctest.Wait()
	})
}

func TestEnqueueEndsWait(t *testing.T) {
	onEngines(t, func(t *testing.T, f *fixture) {
		f.idle(t)
		start := time.Now()
		done := make(chan struct{})
		go func() {
			defer close(done)
			for ok := false; !ok; {
				f.Wait(t.Context(), time.Minute)
				var err error
				if _, ok, err = f.Lease(t.Context(), ttl); err != nil {
					t.Error(err)
					return
				}
			}
		}()
		f.enqueue(t, key("a", 1), review.Hint{})
		<-done
		if took := time.Since(start); took > 30*time.Second {
			t.Errorf("the job was taken after %v", took)
		}
	})
}
