// SPDX-License-Identifier: Apache-2.0

package builds

import (
	"cmp"
	"iter"
	"slices"
	"time"

	"review-assistant/review"
)

// Bounds of what is looked at for one failure.
const (
	maxAround    = 60           // runs before, and after, on states next to its own
	aroundSpan   = 24 * 60 * 60 // seconds between their states
	maxAlike     = 200          // failures like it, newest first
	maxBeside    = 12           // runs beside each of these
	maxPatchRuns = 500          // runs of a patch set, the newest
	maxAssessed  = 1000         // failures of a patch set
	maxHourRuns  = 400          // runs of the project around its end
	troubleSpan  = 60 * 60      // seconds before and after its end in which trouble of the CI counts
	nodeSpan     = 24 * 60 * 60 // the same on its machine
)

// sight is what history shows of one failure, counted.
type sight struct {
	f     *pastFail
	now   int64
	shows func(change int, branch string) bool // of others only builds that it lets through are seen; nil for all

	// around are the runs of the same job on states of the branch next to its
	// own, without those of its own unit: the stretch of states in which it
	// fails, and where it ends.
	around struct {
		failed, passed int   // changes of the stretch; passed are those that never failed
		branch         int   // failing runs on the branch itself
		since          int64 // the first state of these
		from, to       int64 // first and last state of the stretch
		before, after  int64 // seconds to the nearest state that passes, -1 for none
	}
	// elsewhere are failures like it outside of that stretch.
	elsewhere struct {
		units int
		alone int // units whose neighbours passed
	}
	// likewise are runs of other units that fail like it, wherever.
	likewise struct {
		flips         int   // units on which it passed on the same code
		runs, changes int   // of the same job
		since         int64 // the first state of these
	}
	others    int    // other runs of the job
	otherText int    // failures of the same test on others that said something else, where none said the same
	sibling   int    // a change of the same topic or owner that fails with it
	passedOn  bool   // the same job passed on the same patch set and state
	passedNew bool   // the same job passed on the same patch set on another state
	again     int    // other runs of the same job on the patch set that fail with it
	alsoIn    string // another job of the patch set that fails with it
	notIn     string // another job of the patch set that passes it
	earlier   int    // an earlier patch set that failed with it
	place     relation
	touches   string // what the change touches of it
	hour      int    // runs of other units in the hour around
	trouble   int    // of these, those of the same job that speak of the CI
	sameWords int    // of these, of any job, those with the same words
	nodeBad   int    // runs of other units on the machine that speak of the CI
	nodeRuns  int
	suspect   *knownChange // merged just before the stretch, and touches the place
	suspected string       // what it touches
	together  int          // other failures of the run with the same message
	waiting   int          // tests of the run that waited in vain
}

// outcome is what a run says of a kind of failure.
type outcome int8

const (
	silent outcome = iota
	passes
	fails
)

// same reports whether two failures are one kind.
func (f *pastFail) same(o *pastFail) bool {
	return f.text == o.text || f.print != nil && f.print == o.print
}

// stageOrder orders how far a run came.
func stageOrder(s review.Stage) int {
	return slices.Index([]review.Stage{review.StageSetup, review.StageCompile, review.StageLint, review.StageTest}, s)
}

// reach is the last stage in which something failed, -1 where nobody knows.
func reach(unread string, failures []review.BuildFailure) int {
	last := -1
	if unread == "" {
		for _, f := range failures {
			last = max(last, stageOrder(f.Stage))
		}
	}
	return last
}

// in tells the outcome of a run. One that did not come as far is silent, as is
// one in which the test failed otherwise.
func (f *pastFail) in(r *pastRun) outcome {
	switch {
	case len(r.fails) > 0 && (f.text.has(r) || f.print.has(r)):
		return fails
	case len(r.fails) > 0 && f.test.has(r):
		return silent
	case r.build.Result == review.BuildPassed, r.build.TestsRan, f.test == nil && r.reach > stageOrder(f.f.Stage):
		return passes
	}
	return silent
}

// hides reports whether a run is not to be seen.
func (s *sight) hides(r *pastRun) bool { return !lets(s.shows, r) }

// lets reports whether a run takes part where only some changes are shown.
func lets(shows func(change int, branch string) bool, r *pastRun) bool {
	return shows == nil || shows(r.build.Change, r.build.Branch)
}

// beside walks from a place in a list to one side, as far as runs are within,
// nil for any, and over at most so many of them: what is not to be seen bounds
// nothing.
func (s *sight) beside(list []*pastRun, at, step, most int, within func(*pastRun) bool) iter.Seq2[int, *pastRun] {
	return func(yield func(int, *pastRun) bool) {
		for i, n := at+step, 0; i >= 0 && i < len(list) && n < most; i += step {
			r := list[i]
			if within != nil && !within(r) {
				return
			}
			if s.hides(r) {
				continue
			}
			if n++; !yield(i, r) {
				return
			}
		}
	}
}

// look counts what is known of a failure at a time, in builds that shows lets
// through.
func (h *History) look(f *pastFail, now time.Time, shows func(change int, branch string) bool) *sight {
	s := &sight{f: f, now: now.Unix(), shows: shows}
	s.lookAround()
	s.lookElsewhere()
	h.lookInside(s)
	s.place, s.touches = h.related(f.run.patch, f)
	h.lookTrouble(s)
	h.lookMerged(s)
	return s
}

// lookAround walks from the failure's state of the branch to older and newer
// ones. A break of the branch is a stretch of states in which nearly everything
// fails; it goes as far as failures outweigh passes.
func (s *sight) lookAround() {
	f, a, list := s.f, &s.around, s.f.run.job.byBase
	at, _ := slices.BinarySearchFunc(list, f.run, byBase)
	var first, last int
	first, a.before = s.stretch(list, at, -1)
	last, a.after = s.stretch(list, at, 1)
	a.from, a.to = list[first].base, list[last].base
	mine := f.run.unit()
	failed, passed := map[unit]bool{}, map[unit]bool{}
	for _, r := range list[first : last+1] {
		u := r.unit()
		if u == mine || s.hides(r) {
			continue
		}
		switch o := f.in(r); {
		case o == passes:
			passed[u] = true
		case o == fails && r.patch == nil:
			if a.branch++; a.since == 0 {
				a.since = r.base
			}
			delete(failed, u) // counted as the branch
		case o == fails:
			failed[u] = true
		}
	}
	for u := range passed {
		if !failed[u] {
			a.passed++
		}
	}
	a.failed = len(failed)
	s.others = len(list) - 1
	if s.shows != nil {
		for _, r := range list {
			if s.hides(r) {
				s.others--
			}
		}
	}
}

// stretch walks from a run to one side, as far as failures outweigh passes, and
// returns the index of the last failing run and the seconds to the first state
// that passes, -1 for none.
func (s *sight) stretch(list []*pastRun, at, step int) (int, int64) {
	f := s.f
	mine, edge, pass := f.run.unit(), at, int64(-1)
	balance := 0
	distance := func(r *pastRun) int64 { return (r.base - f.run.base) * int64(step) }
	for i, r := range s.beside(list, at, step, maxAround, func(r *pastRun) bool { return distance(r) <= aroundSpan }) {
		if balance < -9 {
			break
		}
		if r.unit() == mine {
			continue
		}
		switch f.in(r) {
		case passes:
			balance -= 3
			if pass < 0 {
				pass = distance(r)
			}
		case fails:
			if balance += 2; balance > 0 {
				edge, balance = i, 0
			}
		}
	}
	return edge, pass
}

const (
	maxMerges = 20          // that are looked at, the last ones
	mergeSpan = 6 * 60 * 60 // seconds before the stretch, where no state is known that passes
)

// lookMerged looks for a change that came into the branch between the last
// state that passed and the first that fails, and touches where it fails.
func (h *History) lookMerged(s *sight) {
	a := s.around
	if a.failed+a.branch == 0 && s.f.run.patch != nil {
		return
	}
	good := a.from - mergeSpan
	if a.before >= 0 {
		good = s.f.run.base - a.before
	}
	at, _ := slices.BinarySearchFunc(h.merges, a.from, func(c *knownChange, t int64) int { return cmp.Compare(c.merged, t+1) })
	best := relationFar
	for i := at - 1; i >= max(0, at-maxMerges) && h.merges[i].merged > good; i-- {
		c := h.merges[i]
		if s.f.run.patch != nil && s.f.run.patch.change == c || s.shows != nil && !s.shows(c.number, "") {
			continue
		}
		if near, what := h.related(c.patches[len(c.patches)-1], s.f); near > best {
			best, s.suspect, s.suspected = near, c, what
		}
	}
}

// lookElsewhere counts failures like it outside of the stretch.
func (s *sight) lookElsewhere() {
	const (
		known   = 1 << iota
		here    // in the same job
		alone   // beside runs that passed
		flipped // on the same code
	)
	f, mine, e, l := s.f, s.f.run.unit(), &s.elsewhere, &s.likewise
	units := map[unit]uint8{}
	var last *pastRun
	for _, g := range f.alike() {
		if g.run == last || g.run == f.run || s.hides(g.run) {
			continue
		}
		last = g.run
		u := g.run.unit()
		if u == mine {
			if p := g.run.patch; p != nil && p.change != f.run.patch.change {
				s.sibling = p.change.number
			}
			continue
		}
		has := units[u]
		first := func(what uint8) bool {
			is := has&what == 0
			has |= what
			return is
		}
		if has&flipped == 0 && g.flipped() && first(flipped) {
			l.flips++
		}
		if g.run.job == f.run.job {
			if l.runs++; l.runs == 1 || g.run.base < l.since {
				l.since = g.run.base
			}
			if first(here) && g.run.patch != nil {
				l.changes++
			}
		}
		if g.run.base < s.around.from || g.run.base > s.around.to {
			if first(known) {
				e.units++
			}
			if has&alone == 0 && s.lonely(g) && first(alone) {
				e.alone++
			}
		}
		units[u] = has
	}
	if f.test == nil || e.units > 0 || s.around.failed+s.around.branch > 0 {
		return
	}
	list := f.test.fails
	for _, g := range list[max(0, len(list)-maxAlike):] {
		if !f.same(g) && g.run.unit() != mine && !s.hides(g.run) {
			s.otherText++
		}
	}
}

// alike returns the newest failures of its kind, those of a run beside each
// other.
func (f *pastFail) alike() []*pastFail {
	list := f.text.fails
	list = list[max(0, len(list)-maxAlike):]
	if f.print == nil || f.print.fails[0].text == f.text && len(f.print.fails) == 1 {
		return list
	}
	out := list
	for _, g := range f.print.fails[max(0, len(f.print.fails)-maxAlike):] {
		if g.text != f.text {
			if len(out) == len(list) {
				out = slices.Clone(list)
			}
			out = append(out, g)
		}
	}
	if len(out) > len(list) {
		slices.SortFunc(out, byRun)
	}
	return out
}

// lonely reports whether the runs on the states beside a failure passed.
func (s *sight) lonely(f *pastFail) bool {
	list, mine := f.run.job.byBase, f.run.unit()
	at, _ := slices.BinarySearchFunc(list, f.run, byBase)
	seen := false
	for _, step := range []int{-1, 1} {
	side:
		for _, r := range s.beside(list, at, step, maxBeside, nil) {
			if r.unit() == mine {
				continue
			}
			switch f.in(r) {
			case fails:
				return false
			case passes:
				seen = true
				break side
			}
		}
	}
	return seen
}

// flipped reports whether the same job passed it on the same code.
func (f *pastFail) flipped() bool {
	return slices.ContainsFunc(f.run.again(), func(r *pastRun) bool { return r.base == f.run.base && f.in(r) == passes })
}

// again returns other runs of the same job on the same patch set, the newest
// first, or on the same state of the branch.
func (r *pastRun) again() []*pastRun {
	var out []*pastRun
	if r.patch != nil {
		for _, o := range slices.Backward(r.patch.recent()) {
			if o != r && o.job == r.job && len(out) < maxBeside {
				out = append(out, o)
			}
		}
		return out
	}
	list := r.job.byBase
	from, _ := slices.BinarySearchFunc(list, r.base, func(o *pastRun, t int64) int { return cmp.Compare(o.base, t) })
	for _, o := range list[from:] {
		if o.base != r.base || len(out) == maxBeside {
			break
		}
		if o != r && o.patch == nil {
			out = append(out, o)
		}
	}
	return out
}
