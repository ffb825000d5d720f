// SPDX-License-Identifier: Apache-2.0

package builds

import "slices"

// lookInside compares with the other runs of the patch set and the change, and
// with the rest of the run.
func (h *History) lookInside(s *sight) {
	f := s.f
	for _, o := range f.run.fails {
		if o == f {
			continue
		}
		if o.f.Message != "" && o.f.Message == f.f.Message && o.test != f.test {
			s.together++
		}
		if o.test != nil && (o.timing || o.infra) {
			s.waiting++
		}
	}
	for _, r := range f.run.again() {
		switch o := f.in(r); {
		case o == fails:
			s.again++
		case o == passes && r.base == f.run.base:
			s.passedOn = true
		case o == passes:
			s.passedNew = true
		}
	}
	if f.run.patch == nil {
		return
	}
	for _, r := range f.run.patch.recent() {
		if r.job == f.run.job {
			continue
		}
		switch o := f.in(r); {
		case o == fails:
			s.alsoIn = r.job.name.job
		case o == passes && f.test != nil && h.runsTest(s, r.job):
			s.notIn = r.job.name.job
		}
	}
	for _, p := range f.run.patch.change.patches {
		if p.number >= f.run.patch.number {
			break
		}
		for _, r := range p.recent() {
			if r.job == f.run.job && f.in(r) == fails {
				s.earlier = p.number
			}
		}
	}
}

// lookTrouble counts the CI's own trouble around the end of the run.
func (h *History) lookTrouble(s *sight) {
	f, mine := s.f, s.f.run.unit()
	ofCI := func(r *pastRun) bool { return r.trouble && r != f.run && r.unit() != mine }
	around := func(seconds int64) func(*pastRun) bool {
		return func(r *pastRun) bool { return max(r.ended-f.run.ended, f.run.ended-r.ended) <= seconds }
	}
	at, _ := slices.BinarySearchFunc(h.order, f.run, byEnd)
	for _, step := range []int{-1, 1} {
		for _, r := range s.beside(h.order, at, step, maxHourRuns, around(troubleSpan)) {
			if r.unit() != mine {
				s.hour++
			}
			if !ofCI(r) {
				continue
			}
			if r.job == f.run.job {
				s.trouble++
			}
			if f.infra && slices.ContainsFunc(r.fails, func(o *pastFail) bool { return o.f.Message != "" && o.f.Message == f.f.Message || f.same(o) }) {
				s.sameWords++
			}
		}
	}
	node := h.nodes[f.run.build.Node]
	at, _ = slices.BinarySearchFunc(node, f.run, byEnd)
	for _, step := range []int{-1, 1} {
		for _, r := range s.beside(node, at, step, maxHourRuns, around(nodeSpan)) {
			s.nodeRuns++
			if ofCI(r) {
				s.nodeBad++
			}
		}
	}
}
