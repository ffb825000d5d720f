// SPDX-License-Identifier: Apache-2.0

package builds

import (
	"cmp"
	"math"
	"slices"
	"time"

	"review-assistant/review"
)

// Rule says what a person ruled of a failure, if anything. It must not call the
// history.
type Rule func(b *review.Build, f *review.BuildFailure) (Ruling, bool)

// Assessment is a failure of a patch set, and whose it is.
type Assessment struct {
	ID      string       // of the failure, see [review.Build.FailureID]
	Build   review.Build // without failures, files and topic
	Failure review.BuildFailure
	Class   Class // one of the four, unknown where nobody read the log, or what was ruled
	Shown   Class // what people are told
	Odds    Odds  // as computed, whatever was ruled
	// Evidence is in words for people, strongest first, at most four.
	Evidence []string
	Ruling   *Ruling
	// Open is whether the newest run of the job shows it. One that is not open
	// is gone, and evidence of flakiness.
	Open bool
	// Jobs are all jobs of the patch set in whose newest run it is.
	Jobs []string
	// Blocks are the other open changes whose newest patch set shows it.
	Blocks []int
}

// maxEvidence is how many pieces of evidence are told.
const maxEvidence = 4

// Assess returns the failures of a patch set, each of a run once, the one that
// the change most likely caused first. Of the 500 newest runs there are at most
// 1,000, the open ones before others. rule may be nil.
func (h *History) Assess(change, patchSet int, now time.Time, rule Rule) []Assessment {
	return h.assessAll(change, patchSet, now, rule, nil)
}

// AssessNameless is like Assess for whom nobody asked which other changes they
// may know of: nothing in it names one, and Blocks has a 0 for each. Classes are
// the same.
func (h *History) AssessNameless(change, patchSet int, now time.Time, rule Rule) []Assessment {
	list := h.assessAll(change, patchSet, now, rule, []signName{signMerged, signSibling})
	for i := range list {
		clear(list[i].Blocks)
	}
	return list
}

func (h *History) assessAll(change, patchSet int, now time.Time, rule Rule, but []signName) []Assessment {
	h.mu.RLock()
	defer h.mu.RUnlock()
	c := h.changes[change]
	if c == nil {
		return nil
	}
	i, found := slices.BinarySearchFunc(c.patches, patchSet, func(p *knownPatch, n int) int { return cmp.Compare(p.number, n) })
	if !found {
		return nil
	}
	p := c.patches[i]
	open, older := p.split()
	var out []Assessment
	for i, r := range slices.Concat(open, older) {
		for _, f := range r.fails[:min(len(r.fails), maxAssessed-len(out))] {
			a := h.assess(f, now, rule, but)
			a.Open = i < len(open)
			for _, o := range open {
				if f.in(o) == fails {
					a.Jobs = append(a.Jobs, o.build.Job)
				}
			}
			slices.Sort(a.Jobs)
			a.Jobs = slices.Compact(a.Jobs)
			a.Blocks = h.blocks(f)
			out = append(out, a)
		}
	}
	slices.SortStableFunc(out, before)
	return out
}

// split returns the newest run of each job, and the other runs, the newest
// first.
func (p *knownPatch) split() (newest, older []*pastRun) {
	seen := map[*jobRuns]bool{}
	for _, r := range slices.Backward(p.recent()) {
		if seen[r.job] {
			older = append(older, r)
		} else {
			seen[r.job] = true
			newest = append(newest, r)
		}
	}
	return newest, older
}

// recent are the runs that are looked at, by end: a client may tell of many.
func (p *knownPatch) recent() []*pastRun { return p.runs[max(0, len(p.runs)-maxPatchRuns):] }

// OpenOnly keeps of an assessment what the newest run of each job shows, each
// kind of failure once.
func OpenOnly(list []Assessment) []Assessment {
	var out []Assessment
	seen := map[[2]string]bool{}
	for _, a := range list {
		key := [2]string{a.Failure.Fingerprint, a.Failure.Test}
		if a.Open && !seen[key] {
			seen[key] = true
			out = append(out, a)
		}
	}
	return out
}

// before orders failures of a patch set: by the probability that the change
// caused them, in steps of a hundredth; what breaks earlier hides what is later.
func before(a, b Assessment) int {
	return cmp.Or(
		cmp.Compare(b.weight(), a.weight()),
		cmp.Compare(stageOrder(a.Failure.Stage), stageOrder(b.Failure.Stage)),
		a.Build.Ended.Compare(b.Build.Ended), cmp.Compare(a.ID, b.ID),
	)
}

// weight is how much a failure concerns the author, in hundredths. A branch
// that is broken is worth a rebase; chance and machines are worth nothing.
func (a Assessment) weight() float64 {
	if a.Ruling != nil {
		return math.Round(100 * map[Class]float64{ClassChange: 1, ClassPreexisting: .12}[a.Class])
	}
	return math.Round(100 * (a.Odds.Change + .12*a.Odds.Preexisting))
}

func (h *History) assess(f *pastFail, now time.Time, rule Rule, but []signName) Assessment {
	a := Assessment{ID: f.run.build.FailureID(f.i), Build: f.run.build, Failure: f.f}
	if f.unexplained() {
		a.Odds, a.Class, a.Shown, a.Evidence = f.byResult()
	} else {
		s := h.look(f, now, nil)
		found := s.found()
		a.Odds = odds(h.table, found)
		class, p := a.Odds.best()
		a.Class, a.Shown, a.Evidence = class, s.shown(class, p), s.told(h.table, found, class, p, but)
	}
	if ruling, is := ruled(rule, f); is {
		a.Ruling, a.Class, a.Shown = &ruling, ruling.Class, ruling.Class
		if !ruling.Fixed.IsZero() {
			a.Evidence = []string{"fixed since " + when(ruling.Fixed.Unix(), now) + ": rebase"}
		}
	}
	return a
}

// ruled asks what was ruled of a failure. What was marked as fixed is known to
// have been broken for the states before, and counts anew for later ones.
func ruled(rule Rule, f *pastFail) (Ruling, bool) {
	if rule == nil {
		return Ruling{}, false
	}
	b, failure := f.run.build, f.f // theirs to change
	r, is := rule(&b, &failure)
	if is && !r.Fixed.IsZero() {
		r.Class = ClassPreexisting
		return r, time.Unix(f.run.base, 0).Before(r.Fixed)
	}
	return r, is && r.Class != ""
}

// shown is what people are told: a class that is certain and that somebody has
// seen, else what the log itself says, else that nobody knows.
func (s *sight) shown(class Class, p float64) Class {
	f := s.f
	switch {
	case p >= certain && s.seen(class):
		return class
	case f.f.Category == string(KindTimeout) || f.run.build.Result == review.BuildTimedOut:
		return ClassTimeout
	case f.f.Category == string(KindConfig):
		return ClassConfiguration
	}
	return ClassUnknown
}

// seen reports whether anything but the patch set's own failing speaks for a
// class of which others would know too.
func (s *sight) seen(class Class) bool {
	others := s.around.failed+s.around.branch+s.likewise.runs+s.likewise.changes+s.elsewhere.units+s.otherText > 0 || s.f.run.patch == nil
	switch class {
	case ClassPreexisting:
		return others
	case ClassFlaky:
		return others || s.passedOn || s.passedNew || s.notIn != ""
	}
	return true
}

// latest reports whether it is the newest patch set of its change.
func (p *knownPatch) latest() bool {
	all := p.change.patches
	return all[len(all)-1] == p
}

// blocks reports whether a run is what its change waits for: the newest of a
// job with a vote on the newest patch set of an open change.
func (r *pastRun) blocks() bool {
	if r.patch == nil || r.build.Optional || r.patch.change.closed || !r.patch.latest() {
		return false
	}
	for _, o := range slices.Backward(r.patch.recent()) {
		if o.job == r.job {
			return o == r
		}
	}
	return false
}

// blocks lists the other open changes that a failure like this holds up.
func (h *History) blocks(f *pastFail) []int {
	var out []int
	for _, g := range f.alike() {
		if g.run.patch == nil || f.run.patch != nil && g.run.patch.change == f.run.patch.change {
			continue
		}
		if n := g.run.patch.change.number; !slices.Contains(out, n) && g.run.blocks() {
			out = append(out, n)
		}
	}
	slices.Sort(out)
	return out
}
