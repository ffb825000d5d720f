// SPDX-License-Identifier: Apache-2.0

package store

import (
	"cmp"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"review-assistant/review"
)

// model is the queue as its documentation tells it.
type model struct {
	jobs  map[review.JobKey]*modelJob
	dead  map[review.JobKey]modelDead
	fence int64 // the highest that was given out
}

type modelJob struct {
	generation int64
	leased     *review.Job // who has it, or had it until the lease ran out
	deadline   time.Time
	due        time.Time
	firstHint  time.Time // since the last lease, zero when there was none
	asked      bool      // for the work of the lease
	askedNext  bool      // since the last lease
	patchSet   int
	attempt    int
	first      time.Time
}

type modelDead struct {
	review.DeadJob
	asked    bool
	patchSet int
}

// from is when the job may be leased.
func (j *modelJob) from() time.Time {
	if j.leased != nil {
		return j.deadline
	}
	return j.due
}

func (m *model) enqueue(now time.Time, k review.JobKey, h review.Hint) {
	j := m.jobs[k]
	if j == nil {
		j = &modelJob{}
		if d, ok := m.dead[k]; ok {
			j.askedNext, j.patchSet = d.asked, d.patchSet
			delete(m.dead, k)
		}
		m.jobs[k] = j
	}
	j.generation++
	if j.firstHint.IsZero() {
		j.firstHint = now
	}
	j.due = now.Add(h.Delay)
	if limit := j.firstHint.Add(max(h.Delay, h.MaxWait)); j.due.After(limit) {
		j.due = limit
	}
	j.askedNext = j.askedNext || h.Asked
	j.patchSet = max(j.patchSet, h.PatchSet)
	j.attempt, j.first = 0, time.Time{}
}

// next returns the job whose turn it is.
func (m *model) next(now time.Time) (review.JobKey, bool) {
	live := map[string]int{}
	var due []review.JobKey
	for k, j := range m.jobs {
		if j.leased != nil && j.deadline.After(now) {
			live[share(k)]++
		} else if !j.from().After(now) {
			due = append(due, k)
		}
	}
	if len(due) == 0 {
		return "", false
	}
	return slices.MinFunc(due, func(a, b review.JobKey) int {
		return cmp.Or(
			cmp.Compare(live[share(a)], live[share(b)]), m.jobs[a].from().Compare(m.jobs[b].from()),
			cmp.Compare(share(a), share(b)), cmp.Compare(a, b),
		)
	}), true
}

func (m *model) lease(now time.Time, k review.JobKey, ttl time.Duration) review.Job {
	j := m.jobs[k]
	j.asked, j.askedNext, j.firstHint = j.asked || j.askedNext, false, time.Time{}
	j.attempt++
	if j.first.IsZero() {
		j.first = now
	}
	j.deadline = now.Add(ttl)
	j.leased = &review.Job{
		Key: k, Generation: j.generation, Asked: j.asked, MinPatchSet: j.patchSet, Attempt: j.attempt,
		First: j.first, Deadline: j.deadline,
	}
	return *j.leased
}

// held returns the job if the lease stands.
func (m *model) held(job review.Job) *modelJob {
	if j := m.jobs[job.Key]; j != nil && j.leased != nil && j.leased.Fence == job.Fence {
		return j
	}
	return nil
}

func (m *model) stats(now time.Time) Stats {
	st := Stats{Dead: len(m.dead)}
	for _, j := range m.jobs {
		switch {
		case !j.from().After(now):
			st.Due++
			st.OldestDue = max(st.OldestDue, now.Sub(j.from()))
		case j.leased != nil:
			st.Leased++
		default:
			st.Delayed++
		}
	}
	return st
}

// Whatever happens in whatever order, an engine does what the model does.
func TestModel(t *testing.T) {
	keys := []review.JobKey{
		key("a", 1), key("a", 2), key("b", 1), review.ProjectJob("main", "a"),
	}
	seconds := func(s ...int) *rapid.Generator[time.Duration] {
		return rapid.Map(rapid.SampledFrom(s), func(n int) time.Duration { return time.Duration(n) * time.Second })
	}
	for _, e := range engines(t) {
		t.Run(e.name, func(t *testing.T) {
			rapid.Check(t, func(r *rapid.T) {
				f := e.open(t)
				defer func() { f.Close() }()
				ctx := t.Context()
				m := &model{jobs: map[review.JobKey]*modelJob{}, dead: map[review.JobKey]modelDead{}}
				var leases []review.Job // every one that was ever given out
				check := func(what string, ok, want bool, err error) {
					if err != nil || ok != want {
						r.Fatalf("%s = %v, %v; want %v", what, ok, err, want)
					}
				}
				// holder picks a holder, more often a late one than an old one.
				holder := func(r *rapid.T) review.Job {
					if len(leases) == 0 {
						r.Skip("no lease yet")
					}
					return leases[max(0, len(leases)-1-rapid.IntRange(0, 3).Draw(r, "holder"))]
				}
				enqueue := func(r *rapid.T, k review.JobKey, h review.Hint) {
					if err := f.Enqueue(ctx, k, h); err != nil {
						r.Fatal(err)
					}
					m.enqueue(f.clock.now(), k, h)
				}
				// ending picks a holder; now and then a hint comes just before.
				ending := func(r *rapid.T) review.Job {
					job := holder(r)
					if rapid.IntRange(0, 2).Draw(r, "late hint") == 0 {
						enqueue(r, job.Key, review.Hint{Asked: rapid.Bool().Draw(r, "asked")})
					}
					return job
				}
				actions := map[string]func(*rapid.T){
					"enqueue": func(r *rapid.T) {
						k := rapid.SampledFrom(keys).Draw(r, "key")
						h := review.Hint{
							Delay: seconds(0, 0, 0, 5, 60).Draw(r, "delay"), MaxWait: seconds(0, 25, 60).Draw(r, "max wait"),
							Asked: rapid.Bool().Draw(r, "asked"), PatchSet: rapid.IntRange(0, 5).Draw(r, "patch set"),
						}
						enqueue(r, k, h)
					},
					"lease": func(r *rapid.T) {
						ttl := seconds(10, 90).Draw(r, "ttl")
						want, ok := m.next(f.clock.now())
						got, gotOK, err := f.Lease(ctx, ttl)
						check("Lease", gotOK, ok, err)
						if !ok {
							return
						}
						if got.Key != want || got.Fence <= m.fence {
							r.Fatalf("Lease() = %+v; want %s and a fence above %d", got, want, m.fence)
						}
						m.fence = got.Fence
						expected := m.lease(f.clock.now(), want, ttl)
						expected.Fence = got.Fence
						m.jobs[want].leased.Fence = got.Fence
						if got != expected {
							r.Fatalf("Lease() = %+v; want %+v", got, expected)
						}
						leases = append(leases, got)
					},
					"extend": func(r *rapid.T) {
						job, ttl := holder(r), seconds(10, 90).Draw(r, "ttl")
						j := m.held(job)
						ok, err := f.Extend(ctx, job, ttl)
						check("Extend", ok, j != nil, err)
						if j != nil {
							j.deadline = f.clock.now().Add(ttl)
						}
					},
					"finish": func(r *rapid.T) {
						job := ending(r)
						j := m.held(job)
						ok, err := f.Finish(ctx, job)
						check("Finish", ok, j != nil, err)
						switch {
						case j == nil:
						case j.generation == job.Generation:
							delete(m.jobs, job.Key)
						default:
							j.leased, j.asked = nil, false
						}
					},
					"retry": func(r *rapid.T) {
						job, delay := ending(r), seconds(0, 1, 30, 600).Draw(r, "delay")
						j := m.held(job)
						ok, err := f.Retry(ctx, job, delay)
						check("Retry", ok, j != nil, err)
						if j == nil {
							return
						}
						j.leased = nil
						if j.generation == job.Generation {
							j.due = f.clock.now().Add(delay)
						}
					},
					"park": func(r *rapid.T) {
						job := ending(r)
						j := m.held(job)
						ok, err := f.Park(ctx, job, "why")
						check("Park", ok, j != nil, err)
						switch {
						case j == nil:
						case j.generation == job.Generation:
							m.dead[job.Key] = modelDead{
								DeadJob:  review.DeadJob{Key: job.Key, Reason: "why", Attempts: j.attempt, First: j.first, Parked: f.clock.now()},
								asked:    j.asked,
								patchSet: j.patchSet,
							}
							delete(m.jobs, job.Key)
						default:
							j.leased = nil
						}
					},
					"replay": func(r *rapid.T) {
						k := rapid.SampledFrom(keys).Draw(r, "key")
						_, dead := m.dead[k]
						ok, err := f.Replay(ctx, k)
						check("Replay", ok, dead, err)
						if dead {
							m.enqueue(f.clock.now(), k, review.Hint{})
						}
					},
					"drop": func(r *rapid.T) {
						k := rapid.SampledFrom(keys).Draw(r, "key")
						_, dead := m.dead[k]
						ok, err := f.Drop(ctx, k)
						check("Drop", ok, dead, err)
						delete(m.dead, k)
					},
					"advance": func(r *rapid.T) { f.clock.advance(seconds(1, 4, 11, 95).Draw(r, "time")) },
					"crash": func(r *rapid.T) {
						if rapid.IntRange(0, 9).Draw(r, "crash") > 0 {
							r.Skip("rare")
						}
						f.Store = f.reopen()
					},
				}
				// What happens often in life happens often here.
				actions["enqueue more"], actions["lease more"], actions["finish more"] = actions["enqueue"], actions["lease"], actions["finish"]
				actions[""] = func(r *rapid.T) {
					st, err := f.Stats(ctx)
					if err != nil || st != m.stats(f.clock.now()) {
						r.Fatalf("Stats() = %+v, %v; want %+v", st, err, m.stats(f.clock.now()))
					}
					dead, err := f.Dead(ctx, 100)
					if err != nil || len(dead) != len(m.dead) {
						r.Fatalf("Dead() = %+v, %v; want %+v", dead, err, m.dead)
					}
					for _, d := range dead {
						if d != m.dead[d.Key].DeadJob {
							r.Fatalf("Dead() has %+v; want %+v", d, m.dead[d.Key])
						}
					}
				}
				r.Repeat(actions)
				drain(r, f, m)
			})
		})
	}
}

// drain finishes everything: what the model holds comes out once, and then
// nothing is left.
func drain(r *rapid.T, f *fixture, m *model) {
	f.clock.advance(time.Hour)
	want := map[review.JobKey]bool{}
	for k := range m.jobs {
		want[k] = true
	}
	for {
		j, ok, err := f.Lease(r.Context(), ttl)
		if err != nil {
			r.Fatal(err)
		}
		if !ok {
			break
		}
		if !want[j.Key] {
			r.Fatalf("Lease() = %s, which is not there or came twice", j.Key)
		}
		delete(want, j.Key)
		if ok, err := f.Finish(r.Context(), j); err != nil || !ok {
			r.Fatalf("Finish(%s) = %v, %v", j.Key, ok, err)
		}
	}
	if len(want) > 0 {
		r.Fatalf("lost jobs: %s", fmt.Sprint(want))
	}
}
