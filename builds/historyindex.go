// SPDX-License-Identifier: Apache-2.0

package builds

import (
	"cmp"
	"slices"
	"time"

	"review-assistant/review"
)

// pastRun is a remembered build.
type pastRun struct {
	build    review.Build // without failures, files and topic
	job      *jobRuns
	patch    *knownPatch // nil on a branch
	base     int64       // seconds; the best that is known
	ended    int64
	fails    []*pastFail
	reach    int  // the last stage in which something failed, -1 where nobody knows
	trouble  bool // of the CI: its own word, or a failure speaks of it
	size     int  // bytes of its texts
	excerpts int  // bytes of its excerpts
}

// pastFail is a failure of a remembered build.
type pastFail struct {
	run    *pastRun
	i      int
	f      review.BuildFailure
	print  *strand // nil without fingerprint
	text   *strand
	test   *strand // nil without test
	infra  bool    // its message or its run's result speaks of the CI's own trouble
	timing bool    // its message speaks of waiting in vain
}

// strand is failures that have something in common, by end.
type strand struct{ fails []*pastFail }

func strandOf[K comparable](in map[K]*strand, key K) *strand {
	if in[key] == nil {
		in[key] = &strand{}
	}
	return in[key]
}

// drop takes f out and reports whether none is left.
func (s *strand) drop(f *pastFail) bool {
	s.fails = take(s.fails, f, byRun)
	return len(s.fails) == 0
}

// has reports whether a run has such a failure. The strand may be nil.
func (s *strand) has(r *pastRun) bool {
	if s == nil {
		return false
	}
	_, found := slices.BinarySearchFunc(s.fails, r, func(f *pastFail, r *pastRun) int { return byEnd(f.run, r) })
	return found
}

type jobName struct{ branch, job string }

// jobRuns is the runs of one job on one branch and on changes for it.
type jobRuns struct {
	name   jobName
	byBase []*pastRun
}

// knownChange is a change as far as it matters here.
type knownChange struct {
	number  int
	owner   int64
	topic   string
	closed  bool
	merged  int64         // 0 unless it was
	seen    int64         // when it was last heard of
	patches []*knownPatch // by number
}

// knownPatch is a patch set.
type knownPatch struct {
	change *knownChange
	number int
	base   int64 // when the commit that it builds on was made, 0 when unknown
	touch  touched
	runs   []*pastRun // by end
}

// unit is what makes one mistake: changes of one topic, or of one owner where
// no topic is known, count once, as does a state of the branch.
type unit struct {
	topic  string
	owner  int64
	change int
	base   int64
}

func (r *pastRun) unit() unit {
	if r.patch == nil {
		return unit{base: r.base, change: -1}
	}
	switch c := r.patch.change; {
	case c.topic != "":
		return unit{topic: c.topic}
	case c.owner != 0:
		return unit{owner: c.owner}
	default:
		return unit{change: c.number}
	}
}

// byEnd and byBase compare keys last, and only if they have to: they are
// called most.
func byEnd(a, b *pastRun) int {
	if c := cmp.Compare(a.ended, b.ended); c != 0 {
		return c
	}
	return cmp.Compare(a.build.Key, b.build.Key)
}

func byBase(a, b *pastRun) int {
	if c := cmp.Compare(a.base, b.base); c != 0 {
		return c
	}
	return byEnd(a, b)
}

func byRun(a, b *pastFail) int { return cmp.Or(byEnd(a.run, b.run), cmp.Compare(a.i, b.i)) }

func bySeen(a, b *knownChange) int {
	return cmp.Or(cmp.Compare(a.seen, b.seen), cmp.Compare(a.number, b.number))
}

func byMerge(a, b *knownChange) int {
	return cmp.Or(cmp.Compare(a.merged, b.merged), cmp.Compare(a.number, b.number))
}

// put inserts x into a sorted list. What comes is mostly the newest.
func put[T any](list []T, x T, order func(a, b T) int) []T {
	if n := len(list); n == 0 || order(list[n-1], x) < 0 {
		return append(list, x)
	}
	i, _ := slices.BinarySearchFunc(list, x, order)
	return slices.Insert(list, i, x)
}

// take removes x from a sorted list. What goes is mostly the oldest.
func take[T any](list []T, x T, order func(a, b T) int) []T {
	if i, found := slices.BinarySearchFunc(list, x, order); found {
		return slices.Delete(list, i, i+1)
	}
	return list
}

// evict forgets what is too old or too much, oldest first.
func (h *History) evict() {
	now := h.order[len(h.order)-1].ended
	if h.o.Now != nil {
		now = h.o.Now().Unix()
	}
	oldest := now - int64(h.o.Age/time.Second)
	for len(h.order) > 0 && (len(h.order) > h.o.Builds || h.failures > h.o.Failures || h.size > h.o.Texts || h.order[0].ended < oldest) {
		h.remove(h.order[0])
	}
	for h.excerpts > h.o.Excerpts && h.bare < len(h.order) {
		h.strip(h.order[h.bare])
		h.bare++
	}
}

// uploaded tells of a patch set, so that its files and the change are known
// before, or without, a build. base may be zero. Only [Eval] knows of these:
// elsewhere a build tells of its change.
func (h *History) uploaded(change, patchSet int, files []string, owner int64, topic string, base, at time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if change > 0 && patchSet >= 0 {
		p := h.upload(change, patchSet, files, owner, topic, at.Unix())
		if !base.IsZero() {
			p.base = base.Unix()
		}
	}
}

const (
	maxSuites     = 500    // jobs
	maxSuiteTests = 50_000 // of a job
)

// suite tells which tests a job runs. Without it a test is known to belong to a
// job once it failed there. No CI says it: only [Eval] is told. A later list replaces an earlier one; of a long list
// the beginning is kept, and of jobs those that were told of first.
func (h *History) suite(job string, tests []string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	job = clip(job, maxName)
	if h.suites[job] == nil && len(h.suites) >= maxSuites {
		return
	}
	known := make(map[uint64]bool, min(len(tests), maxSuiteTests))
	for _, t := range tests[:min(len(tests), maxSuiteTests)] {
		known[h.hash(clip(t, maxName))] = true
	}
	h.suites[job] = known
}

// runsTest reports whether the test that failed is known to belong to a job.
func (h *History) runsTest(s *sight, j *jobRuns) bool {
	test, name := s.f.test, s.f.f.Test
	if h.suites[j.name.job][h.hash(name)] {
		return true
	}
	list := test.fails[max(0, len(test.fails)-maxAlike):]
	return slices.ContainsFunc(list, func(f *pastFail) bool { return f.run.job == j && !s.hides(f.run) })
}

// Merged tells that a change that is known is in the branch since then.
func (h *History) Merged(change int, at time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	c := h.changes[change]
	if c == nil {
		return
	}
	h.merges = take(h.merges, c, byMerge)
	c.closed, c.merged = true, at.Unix()
	h.merges = put(h.merges, c, byMerge)
}

// Closed tells that a change waits for nothing any more.
func (h *History) Closed(change int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if c := h.changes[change]; c != nil {
		c.closed = true
	}
}

func (h *History) upload(change, patchSet int, files []string, owner int64, topic string, at int64) *knownPatch {
	c := h.changes[change]
	if c == nil {
		h.forgetChanges()
		c = &knownChange{number: change, seen: at}
		h.changes[change] = c
	}
	topic = clip(topic, maxName)
	if at >= c.seen { // the newest word counts, whenever it comes
		c.owner, c.topic, c.seen = cmp.Or(owner, c.owner), cmp.Or(topic, c.topic), at
	} else {
		c.owner, c.topic = cmp.Or(c.owner, owner), cmp.Or(c.topic, topic)
	}
	p := h.patch(change, patchSet)
	if len(files) > 0 {
		h.touches(p, files)
	}
	return p
}

// patch returns the patch set of a known change.
func (h *History) patch(change, number int) *knownPatch {
	c := h.changes[change]
	i, found := slices.BinarySearchFunc(c.patches, number, func(p *knownPatch, n int) int { return cmp.Compare(p.number, n) })
	if found {
		return c.patches[i]
	}
	p := &knownPatch{change: c, number: number}
	c.patches = slices.Insert(c.patches, i, p)
	if len(c.patches) > maxPatchSets {
		if i := slices.IndexFunc(c.patches, func(o *knownPatch) bool { return o != p && len(o.runs) == 0 }); i >= 0 {
			h.untouch(c.patches[i])
			c.patches = slices.Delete(c.patches, i, i+1)
		}
	}
	return p
}

// forgetChanges makes room for one more, a tenth at a time. A change whose
// builds are remembered stays: there are no more of these than builds.
func (h *History) forgetChanges() {
	if len(h.changes) < h.o.Builds+h.o.Builds/10+1 {
		return
	}
	var idle []*knownChange
	for _, c := range h.changes {
		if !slices.ContainsFunc(c.patches, func(p *knownPatch) bool { return len(p.runs) > 0 }) {
			idle = append(idle, c)
		}
	}
	slices.SortFunc(idle, bySeen)
	for _, c := range idle[:min(len(idle), 1+h.o.Builds/10)] {
		for _, p := range c.patches {
			h.untouch(p)
		}
		h.merges = take(h.merges, c, byMerge)
		delete(h.changes, c.number)
	}
}
