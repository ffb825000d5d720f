// SPDX-License-Identifier: Apache-2.0

package store

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"review-assistant/review"
)

const ttl = 90 * time.Second

func key(project string, n int) review.JobKey {
	return review.ChangeJob(review.ChangeID{Host: "main", Project: project, Number: n})
}

func (f *fixture) enqueue(t testing.TB, k review.JobKey, h review.Hint) {
	t.Helper()
	if err := f.Enqueue(t.Context(), k, h); err != nil {
		t.Fatalf("Enqueue(%s) = %v", k, err)
	}
}

// lease takes the job that is expected next.
func (f *fixture) lease(t testing.TB, want review.JobKey) review.Job {
	t.Helper()
	j, ok, err := f.Lease(t.Context(), ttl)
	if err != nil || !ok || j.Key != want {
		t.Fatalf("Lease() = %q, %v, %v; want %q", j.Key, ok, err, want)
	}
	return j
}

func (f *fixture) idle(t testing.TB) {
	t.Helper()
	if j, ok, err := f.Lease(t.Context(), ttl); ok || err != nil {
		t.Fatalf("Lease() = %+v, %v, %v; want nothing", j, ok, err)
	}
}

// must reports an unexpected answer of Extend, Finish, Retry, Park, Replay,
// Drop or ClearControl.
func must(t testing.TB, what string, want bool) func(ok bool, err error) {
	return func(ok bool, err error) {
		t.Helper()
		if err != nil || ok != want {
			t.Fatalf("%s = %v, %v; want %v", what, ok, err, want)
		}
	}
}

func TestOneJobPerKey(t *testing.T) {
	onEngines(t, func(t *testing.T, f *fixture) {
		k := key("a", 1)
		for n := range 3 {
			f.enqueue(t, k, review.Hint{PatchSet: 3 - n})
		}
		j := f.lease(t, k)
		if j.Generation != 3 || j.MinPatchSet != 3 || j.Attempt != 1 || j.Asked || !j.First.Equal(f.clock.now()) || !j.Deadline.Equal(f.clock.now().Add(ttl)) {
			t.Errorf("Lease() = %+v", j)
		}
		f.idle(t)
		must(t, "Finish", true)(f.Finish(t.Context(), j))
		f.idle(t)
		must(t, "Finish again", false)(f.Finish(t.Context(), j))
		if st, err := f.Stats(t.Context()); err != nil || st != (Stats{}) {
			t.Errorf("Stats() = %+v, %v; want none", st, err)
		}
	})
}

func TestDebounce(t *testing.T) {
	onEngines(t, func(t *testing.T, f *fixture) {
		k := key("a", 1)
		h := review.Hint{Delay: 10 * time.Second, MaxWait: 25 * time.Second}
		f.enqueue(t, k, h)
		for range 2 { // at 0, 9, 18 s: due at 10, 19, 25
			f.idle(t)
			f.clock.advance(9 * time.Second)
			f.enqueue(t, k, h)
		}
		f.clock.advance(6 * time.Second)
		f.idle(t)
		f.clock.advance(time.Second)
		j := f.lease(t, k)
		must(t, "Finish", true)(f.Finish(t.Context(), j))

		// Without a bound of its own, a hint never moves a job beyond its delay.
		for range 3 {
			f.enqueue(t, k, review.Hint{Delay: 10 * time.Second})
			f.clock.advance(4 * time.Second)
		}
		j = f.lease(t, k)
		must(t, "Finish", true)(f.Finish(t.Context(), j))

		// A hint without delay makes a waiting job due.
		f.enqueue(t, k, h)
		f.idle(t)
		f.enqueue(t, k, review.Hint{})
		f.lease(t, k)
	})
}

func TestFinishKeepsNewerHint(t *testing.T) {
	onEngines(t, func(t *testing.T, f *fixture) {
		k := key("a", 1)
		f.enqueue(t, k, review.Hint{Asked: true, PatchSet: 2})
		first := f.lease(t, k)
		f.enqueue(t, k, review.Hint{Delay: 10 * time.Second, PatchSet: 1})
		must(t, "Finish", true)(f.Finish(t.Context(), first))
		f.idle(t)
		f.clock.advance(10 * time.Second)
		second := f.lease(t, k)
		if second.Asked || second.MinPatchSet != 2 || second.Generation != 2 || second.Attempt != 1 {
			t.Errorf("Lease() = %+v; want generation 2, what was asked for being done", second)
		}
		// What a person asks for while the job runs is not done by that run.
		f.enqueue(t, k, review.Hint{Asked: true})
		must(t, "Finish", true)(f.Finish(t.Context(), second))
		if third := f.lease(t, k); !third.Asked {
			t.Errorf("Lease() = %+v; want asked", third)
		}
	})
}

func TestRetry(t *testing.T) {
	onEngines(t, func(t *testing.T, f *fixture) {
		k := key("a", 1)
		f.enqueue(t, k, review.Hint{Asked: true})
		start := f.clock.now()
		j := f.lease(t, k)
		must(t, "Retry", true)(f.Retry(t.Context(), j, time.Minute))
		must(t, "Retry again", false)(f.Retry(t.Context(), j, 0))
		must(t, "Finish after retry", false)(f.Finish(t.Context(), j))
		f.clock.advance(59 * time.Second)
		f.idle(t)
		f.clock.advance(time.Second)
		j = f.lease(t, k)
		if j.Attempt != 2 || !j.First.Equal(start) || !j.Asked {
			t.Errorf("Lease() = %+v; want attempt 2 of a run since %s, still asked", j, start)
		}
		must(t, "Retry", true)(f.Retry(t.Context(), j, time.Hour))

		// A new hint starts a new run, as it says and not after the pause.
		f.clock.advance(time.Minute)
		f.enqueue(t, k, review.Hint{Delay: 10 * time.Second})
		f.idle(t)
		f.clock.advance(10 * time.Second)
		j = f.lease(t, k)
		if j.Attempt != 1 || !j.First.Equal(f.clock.now()) || !j.Asked {
			t.Errorf("Lease() = %+v; want a fresh attempt, still asked", j)
		}

		// So does one that came while the attempt was running.
		f.enqueue(t, k, review.Hint{})
		must(t, "Retry", true)(f.Retry(t.Context(), j, time.Hour))
		if j = f.lease(t, k); j.Attempt != 1 {
			t.Errorf("Lease() = %+v; want a fresh attempt", j)
		}
	})
}

func TestLostLease(t *testing.T) {
	onEngines(t, func(t *testing.T, f *fixture) {
		k := key("a", 1)
		f.enqueue(t, k, review.Hint{})
		old := f.lease(t, k)
		f.clock.advance(ttl - time.Millisecond)
		f.idle(t)
		must(t, "Extend", true)(f.Extend(t.Context(), old, ttl))
		f.clock.advance(time.Second)
		f.idle(t)
		// Expired, but nobody else took it: the holder may go on.
		f.clock.advance(ttl)
		must(t, "Extend", true)(f.Extend(t.Context(), old, ttl))
		f.idle(t)
		f.clock.advance(ttl)
		now := f.lease(t, k)
		if now.Fence <= old.Fence || now.Attempt != 2 {
			t.Errorf("Lease() = %+v after %+v; want a higher fence and attempt 2", now, old)
		}
		must(t, "Extend", false)(f.Extend(t.Context(), old, ttl))
		must(t, "Finish", false)(f.Finish(t.Context(), old))
		must(t, "Retry", false)(f.Retry(t.Context(), old, 0))
		must(t, "Park", false)(f.Park(t.Context(), old, "x"))
		must(t, "Finish", true)(f.Finish(t.Context(), now))
		f.idle(t)
	})
}

func TestFairShare(t *testing.T) {
	onEngines(t, func(t *testing.T, f *fixture) {
		for n := range 5 {
			f.enqueue(t, key("big", n+1), review.Hint{})
			f.clock.advance(time.Second)
		}
		f.enqueue(t, key("small", 1), review.Hint{})
		f.clock.advance(time.Second)
		f.enqueue(t, review.ProjectJob("main", "small"), review.Hint{})
		f.enqueue(t, review.ProjectJob("other", "big"), review.Hint{}) // same name, another host
		f.clock.advance(time.Second)

		b1 := f.lease(t, key("big", 1)) // all idle: the oldest
		f.lease(t, key("small", 1))     // big has one
		f.lease(t, review.ProjectJob("other", "big"))
		f.lease(t, key("big", 2)) // one each: the oldest again
		f.lease(t, review.ProjectJob("main", "small"))
		f.lease(t, key("big", 3))
		must(t, "Finish", true)(f.Finish(t.Context(), b1))
		f.lease(t, key("big", 4))
		f.lease(t, key("big", 5))
		f.idle(t)
	})
}

func TestDeadLetters(t *testing.T) {
	onEngines(t, func(t *testing.T, f *fixture) {
		ctx := t.Context()
		park := func(n int, reason string) {
			t.Helper()
			f.enqueue(t, key("a", n), review.Hint{Asked: true, PatchSet: 7})
			j := f.lease(t, key("a", n))
			f.clock.advance(time.Second)
			must(t, "Park", true)(f.Park(ctx, j, reason))
		}
		start := f.clock.now()
		park(1, "gerrit: 500")
		park(2, strings.Repeat("é", maxReason))
		park(3, "bad \xff bytes\x00")
		f.idle(t)
		dead, err := f.Dead(ctx, 2)
		if err != nil || len(dead) != 2 || dead[0].Key != key("a", 3) || dead[1].Key != key("a", 2) {
			t.Fatalf("Dead(2) = %+v, %v; want the newest two", dead, err)
		}
		if len(dead[1].Reason) > maxReason || dead[0].Reason != "bad � bytes" {
			t.Errorf("reasons are %q", []string{dead[0].Reason, dead[1].Reason})
		}
		want := review.DeadJob{Key: key("a", 1), Reason: "gerrit: 500", Attempts: 1, First: start, Parked: start.Add(time.Second)}
		if d, ok, err := f.DeadGet(ctx, key("a", 1)); err != nil || !ok || d != want {
			t.Errorf("DeadGet() = %+v, %v, %v; want %+v", d, ok, err, want)
		}
		if _, ok, err := f.DeadGet(ctx, key("a", 9)); err != nil || ok {
			t.Errorf("DeadGet(unknown) = %v, %v", ok, err)
		}
		if st, err := f.Stats(ctx); err != nil || st.Dead != 3 {
			t.Errorf("Stats() = %+v, %v", st, err)
		}

		must(t, "Replay", true)(f.Replay(ctx, key("a", 1)))
		must(t, "Replay again", false)(f.Replay(ctx, key("a", 1)))
		if j := f.lease(t, key("a", 1)); !j.Asked || j.MinPatchSet != 7 || j.Attempt != 1 {
			t.Errorf("Lease() = %+v; want what was known before", j)
		}
		must(t, "Drop", true)(f.Drop(ctx, key("a", 2)))
		must(t, "Drop again", false)(f.Drop(ctx, key("a", 2)))
		must(t, "Replay dropped", false)(f.Replay(ctx, key("a", 2)))
		f.enqueue(t, key("a", 3), review.Hint{PatchSet: 8})
		if j := f.lease(t, key("a", 3)); j.MinPatchSet != 8 || j.Generation != 1 {
			t.Errorf("Lease() = %+v", j)
		}
		if dead, err := f.Dead(ctx, 10); err != nil || len(dead) != 0 {
			t.Errorf("Dead() = %+v, %v; want none", dead, err)
		}
	})
}

func TestParkKeepsNewerHint(t *testing.T) {
	onEngines(t, func(t *testing.T, f *fixture) {
		f.enqueue(t, key("a", 1), review.Hint{})
		j := f.lease(t, key("a", 1))
		f.enqueue(t, key("a", 1), review.Hint{})
		must(t, "Park", true)(f.Park(t.Context(), j, "given up"))
		if _, ok, err := f.DeadGet(t.Context(), key("a", 1)); ok || err != nil {
			t.Errorf("DeadGet() = %v, %v; want none", ok, err)
		}
		f.lease(t, key("a", 1))
	})
}

func TestStats(t *testing.T) {
	onEngines(t, func(t *testing.T, f *fixture) {
		f.enqueue(t, key("a", 1), review.Hint{})
		f.lease(t, key("a", 1))
		f.enqueue(t, key("a", 2), review.Hint{})
		f.enqueue(t, key("a", 3), review.Hint{Delay: 10 * time.Second})
		f.clock.advance(5 * time.Second)
		want := Stats{Due: 1, Leased: 1, Delayed: 1, OldestDue: 5 * time.Second}
		if st, err := f.Stats(t.Context()); err != nil || st != want {
			t.Errorf("Stats() = %+v, %v; want %+v", st, err, want)
		}
		f.clock.advance(ttl)
		want = Stats{Due: 3, OldestDue: ttl + 5*time.Second}
		if st, err := f.Stats(t.Context()); err != nil || st != want {
			t.Errorf("Stats() after the lease = %+v, %v; want %+v", st, err, want)
		}
	})
}

// A process that dies leaves nothing half-done and loses nothing.
func TestReopenAfterCrash(t *testing.T) {
	onEngines(t, func(t *testing.T, f *fixture) {
		f.enqueue(t, key("a", 1), review.Hint{Asked: true})
		f.enqueue(t, key("a", 2), review.Hint{Delay: time.Minute})
		old := f.lease(t, key("a", 1))

		next := &fixture{Store: f.reopen(), clock: f.clock}
		next.idle(t)
		next.clock.advance(ttl)
		j := next.lease(t, key("a", 2)) // due a minute after it came
		if j.Attempt != 1 {
			t.Errorf("Lease() = %+v", j)
		}
		must(t, "Finish", true)(next.Finish(t.Context(), j))
		j = next.lease(t, key("a", 1))
		if !j.Asked || j.Attempt != 2 || j.Fence <= old.Fence {
			t.Errorf("Lease() = %+v; want the second attempt", j)
		}
		must(t, "Finish by the dead process", false)(f.Finish(t.Context(), old))
		must(t, "Finish", true)(next.Finish(t.Context(), j))
	})
}

func TestKeysAreBounded(t *testing.T) {
	onEngines(t, func(t *testing.T, f *fixture) {
		for _, k := range []string{"", strings.Repeat("x", maxKey+1), "change/a\x00b", "change/\xff"} {
			if err := f.Enqueue(t.Context(), review.JobKey(k), review.Hint{}); err == nil {
				t.Errorf("Enqueue(%.20q) = nil, want an error", k)
			}
		}
		odd := review.JobKey("change/main/a {b}:c'\"\n%s*~1")
		f.enqueue(t, odd, review.Hint{})
		must(t, "Finish", true)(f.Finish(t.Context(), f.lease(t, odd)))
	})
}

// Many workers never hold one key at once, and do every job.
func TestLeasesAreExclusive(t *testing.T) {
	const keys, workers, each = 20, 8, 25
	onEngines(t, func(t *testing.T, f *fixture) {
		var mu sync.Mutex
		held := map[review.JobKey]bool{}
		done := map[review.JobKey]int64{} // newest generation that was finished
		var last int64
		var wg sync.WaitGroup
		for w := range workers {
			wg.Go(func() {
				for n := range each {
					k := key(fmt.Sprint("p", n%3), 1+(w*each+n)%keys)
					if err := f.Enqueue(t.Context(), k, review.Hint{}); err != nil {
						t.Error(err)
						return
					}
					j, ok, err := f.Lease(t.Context(), ttl)
					if err != nil {
						t.Error(err)
						return
					}
					if !ok {
						continue
					}
					mu.Lock()
					if held[j.Key] {
						t.Errorf("%s is leased twice", j.Key)
					}
					held[j.Key], last = true, max(last, j.Fence)
					mu.Unlock()
					mu.Lock()
					delete(held, j.Key)
					done[j.Key] = j.Generation
					mu.Unlock()
					if ok, err := f.Finish(t.Context(), j); err != nil || !ok {
						t.Errorf("Finish(%s) = %v, %v", j.Key, ok, err)
					}
				}
			})
		}
		wg.Wait()
		for {
			j, ok, err := f.Lease(t.Context(), ttl)
			if err != nil {
				t.Fatal(err)
			}
			if !ok {
				break
			}
			if j.Fence <= last {
				t.Errorf("fence %d after %d", j.Fence, last)
			}
			last = j.Fence
			must(t, "Finish", true)(f.Finish(t.Context(), j))
		}
		if st, err := f.Stats(t.Context()); err != nil || st != (Stats{}) {
			t.Errorf("Stats() = %+v, %v; want none", st, err)
		}
	})
}
