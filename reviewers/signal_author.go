// SPDX-License-Identifier: Apache-2.0

package reviewers

import (
	"fmt"
	"math"
	"slices"
)

// Who reviews this author, here and in general, and whom the author reviews.

func own20(q *query, out []float64) {
	m := q.mix(h20)
	m.add(1, 1, q.authorChain(nil)...)
	m.fillLogs(out, q.base[h20])
}

func ownDir90(q *query, out []float64) {
	m := q.mix(h90)
	for _, d := range q.dirs {
		m.add(float64(d.files)/float64(len(q.files)), 1, q.authorChain(d.near)...)
	}
	m.fillLogs(out, q.base[h90])
}

// authorChain returns the tallies of the author's reviewers: everywhere, in
// the project, and down to a directory.
func (q *query) authorChain(dir *place) []*tally {
	a := q.authorKnown()
	if a == nil {
		return nil
	}
	out := []*tally{&a.by}
	if q.project == nil {
		return out
	}
	places := chain(dir)
	if dir == nil {
		places = []*place{q.project}
	}
	for _, p := range places {
		if t := a.at[p]; t != nil {
			out = append(out, t)
		}
	}
	return out
}

func recip90(q *query, out []float64) {
	m := q.mix(h90)
	if q.author != nobody {
		m.add(1, 1, &q.at(q.author).looked)
	} else {
		m.add(1, 1)
	}
	m.fillLogs(out, q.everyone)
}

func authorReviewed(q *query, out []float64) {
	var list []touched
	if a := q.authorKnown(); a != nil {
		list = []touched{{&a.who, 1}}
	}
	q.shares(out, list)
}

// again is whether a person reviewed the author's previous change.
func again(q *query, out []float64) {
	if a := q.authorKnown(); a != nil && len(a.last) > 0 {
		prev := a.last[len(a.last)-1]
		for _, u := range prev.who {
			out[u] = math.Exp(-float64(q.t-prev.time) / day / 2)
		}
	}
}

func tellAuthor(q *query, u uid) string {
	a := q.authorKnown()
	if a == nil {
		return ""
	}
	n := 0
	last := a.last[max(0, len(a.last)-authorsRing):]
	for _, r := range last {
		if slices.Contains(r.who, u) {
			n++
		}
	}
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("reviewed %d of the author's last %s", n, plural(len(last), "change"))
}

func tellAgain(q *query, u uid) string {
	a := q.authorKnown()
	if a == nil || len(a.last) == 0 || !slices.Contains(a.last[len(a.last)-1].who, u) {
		return ""
	}
	return "reviewed the author's previous change"
}
