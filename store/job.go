// SPDX-License-Identifier: Apache-2.0

package store

import (
	"time"

	"review-assistant/review"
)

// state is a job as it is stored. Times are in milliseconds, 0 for none. The
// scripts in lua/ do the same to the same fields.
type state struct {
	key        review.JobKey
	project    string
	generation int64
	due        int64 // when it may be leased, once no lease holds it
	hinted     int64 // first hint since the last lease
	deadline   int64 // of the lease; 0 when not leased
	fence      int64 // of the lease; 0 when not leased
	asked      bool  // a person asked for the work that is not finished
	fresh      bool  // a person asked since the last lease
	patchSet   int
	attempt    int
	first      int64
}

// at is when the job may be leased: an expired lease makes it due.
func (s *state) at() int64 {
	if s.deadline > 0 {
		return s.deadline
	}
	return s.due
}

// hint adds one enqueue.
func (s *state) hint(now int64, h review.Hint) {
	s.generation++
	if s.hinted == 0 {
		s.hinted = now
	}
	delay := span(h.Delay, 0)
	s.due = min(now+delay, s.hinted+max(delay, span(h.MaxWait, 0)))
	s.fresh = s.fresh || h.Asked
	s.patchSet = max(s.patchSet, h.PatchSet)
	s.attempt, s.first = 0, 0
}

// lease gives the job to a new holder.
func (s *state) lease(now, fence int64, ttl time.Duration) {
	s.deadline, s.fence, s.hinted = now+span(ttl, time.Millisecond), fence, 0
	s.asked, s.fresh = s.asked || s.fresh, false
	s.attempt++
	if s.first == 0 {
		s.first = now
	}
}

// held reports whether the holder of job still has the lease.
func (s *state) held(job review.Job) bool { return s.deadline > 0 && s.fence == job.Fence }

// release ends the lease.
func (s *state) release() { s.deadline, s.fence = 0, 0 }

// job is the stored state as its holder sees it.
func (s *state) job() review.Job {
	return review.Job{
		Key: s.key, Generation: s.generation, Asked: s.asked, MinPatchSet: s.patchSet,
		Attempt: s.attempt, First: at(s.first), Fence: s.fence, Deadline: at(s.deadline),
	}
}

// head is the moment at which the first job of a project may be leased.
type head struct {
	project string
	at      int64
}

// fairest picks the project with the fewest live leases, then the one whose
// job is due longest. heads are due and in that order.
func fairest(heads []head, live map[string]int) (project string, ok bool) {
	for _, h := range heads {
		if !ok || live[h.project] < live[project] {
			project, ok = h.project, true
		}
	}
	return project, ok
}
