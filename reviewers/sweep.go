// SPDX-License-Identifier: Apache-2.0

package reviewers

import "maps"

const (
	// sweepEvery is after how many changes it pays to look for tallies that faded.
	sweepEvery = 2000
	// faded is how little of one change must be left, by the half-life of 90
	// days, for a tally to say nothing that its parent does not: that of a
	// single change goes after 13 months.
	faded = .05
)

// sweep lets go of what faded: words and pairs of words, of which most are
// seen once, and what authors did by directory.
func (l *ledger) sweep(t int64) {
	now := fading(t)
	gone := func(t *tally) bool {
		if t.total[h90]*now[h90] >= faded {
			return false
		}
		l.room += len(t.list)
		return true
	}
	maps.DeleteFunc(l.words, func(_ wordKey, t *tally) bool { return gone(t) })
	maps.DeleteFunc(l.pairs, func(_ wordKey, t *tally) bool { return gone(t) })
	l.habits = 0
	for i := range l.people {
		if a := l.people[i].author; a != nil {
			maps.DeleteFunc(a.at, func(_ *place, t *tally) bool { return gone(t) })
			l.habits += len(a.at)
		}
	}
}
