// SPDX-License-Identifier: Apache-2.0

package reviewers

// pairs90 is by how much more likely than in the whole project a person
// reviews changes with such pairs of words in their titles. Titles that hold
// no known pair say nothing.
func pairs90(q *query, out []float64) {
	var known []*tally
	for _, w := range q.title.pairs {
		if t := q.l.pairs[wordKey{q.project, w}]; t != nil {
			known = append(known, t)
		}
	}
	if len(known) == 0 {
		return
	}
	m := q.mix(h90)
	for _, t := range known {
		m.add(1/float64(len(known)), wordPrior, t)
	}
	m.fillLogs(out, q.base[h90])
	for u := range out {
		out[u] -= q.base[h90].ln[u]
	}
}

// learnWord counts who reviewed changes with a word or a pair.
func (l *ledger) learnWord(in map[wordKey]*tally, key wordKey, who []uid, w [3]float64) {
	t := in[key]
	if t == nil {
		if len(l.words)+len(l.pairs) >= l.limit.titles {
			return
		}
		t = &tally{}
		in[key] = t
	}
	t.add(who, w, &l.room)
}
