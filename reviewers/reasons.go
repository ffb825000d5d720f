// SPDX-License-Identifier: Apache-2.0

package reviewers

import (
	"cmp"
	"slices"
)

// means returns the mean of each signal over all people.
func (s *scores) means() []float64 {
	out := make([]float64, len(signals))
	for i := range out {
		for _, v := range s.values[i*s.n : (i+1)*s.n] {
			out[i] += v / float64(s.n)
		}
	}
	return out
}

// moved is by how much a story must lift a score over the mean to be told.
const moved = .02

// reasons tells what lifted a person over the others, ownership and then what
// lifted most first.
func (q *query) reasons(u uid, s *scores, means []float64) []string {
	var lift [stories]float64
	for i, sig := range signals {
		lift[sig.story] += sig.weight * (s.values[i*s.n+int(u)] - means[i])
	}
	order := make([]story, 0, stories)
	for st := storyOwner; st < stories; st++ {
		// Who is named as an owner is told so, however little it moved.
		if lift[st] > moved || st == storyOwner {
			order = append(order, st)
		}
	}
	slices.SortFunc(order, func(a, b story) int {
		if a == storyOwner || b == storyOwner {
			return cmp.Compare(a, b)
		}
		return cmp.Or(cmp.Compare(lift[b], lift[a]), cmp.Compare(a, b))
	})
	var out []string
	for _, st := range order {
		if text := tellers[st](q, u); text != "" && len(out) < maxReasons {
			out = append(out, text)
		}
	}
	h := q.holding(u)
	if h == nil || h.weight == 0 {
		return out
	}
	unseen := ""
	if len(out) == 1 { // ownership is all there is
		unseen = q.unseen()
	}
	room := maxReasons - len(out)
	if unseen != "" {
		room--
	}
	// Where there is room, what else is owned.
	more := h.reasons()[1:]
	out = append(out, more[:min(len(more), room)]...)
	if unseen != "" {
		out = append(out, unseen)
	}
	return out
}

// unseen says that nobody reviewed or wrote anything where the change is, and
// is empty where somebody did.
func (q *query) unseen() string {
	if q.l.reviewed.total[h500] == 0 {
		return "no past reviews are known yet: ownership only"
	}
	if q.project == nil {
		return "first change in this project: ownership only"
	}
	for _, d := range q.dirs {
		if d.place != nil {
			return ""
		}
	}
	if len(q.dirs) > 1 {
		return "first change in these directories: ownership only"
	}
	return "first change in this directory: ownership only"
}
