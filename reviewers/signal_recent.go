// SPDX-License-Identifier: Apache-2.0

package reviewers

import (
	"fmt"
	"math"
)

// Shares of past reviews and commits divided by the days since the last one,
// the file and its own directory apart: the score of WhoDo without its load.

func fileReviewed(q *query, out []float64) {
	q.shares(out, q.knownFiles(func(p *place) *touches { return &p.seen }))
}

func fileWritten(q *query, out []float64) {
	q.shares(out, q.knownFiles(func(p *place) *touches { return &p.made }))
}

func dirReviewed(q *query, out []float64) {
	q.shares(out, q.knownDirs(func(p *place) *touches { return &p.seen }))
}

func dirWritten(q *query, out []float64) {
	q.shares(out, q.knownDirs(func(p *place) *touches { return &p.made }))
}

// touched is a place's touches and how many files of the change they stand for.
type touched struct {
	*touches
	files int
}

func (q *query) knownFiles(of func(*place) *touches) []touched {
	var out []touched
	for _, f := range q.files {
		if f.place != nil {
			out = append(out, touched{of(f.place), 1})
		}
	}
	return out
}

func (q *query) knownDirs(of func(*place) *touches) []touched {
	var out []touched
	for _, d := range q.dirs {
		if d.place != nil {
			out = append(out, touched{of(d.place), d.files})
		}
	}
	return out
}

const (
	// shareFloor keeps the logarithm of nothing finite.
	shareFloor = 1e-4
	// soonest, in days, keeps a touch of this very hour from counting for all.
	soonest = .04
)

func (q *query) shares(out []float64, list []touched) {
	for _, t := range list {
		for _, x := range t.list {
			days := max(soonest, float64(q.t-x.last)/day)
			out[x.who] += float64(t.files) * float64(x.n) / float64(t.n) / days
		}
	}
	files, floor := float64(len(q.files)), math.Log(shareFloor)
	for u, v := range out {
		if v == 0 {
			out[u] = floor
		} else {
			out[u] = math.Log(v/files + shareFloor)
		}
	}
}

// tellWrote counts commits to one file of the change, or to its directory. A
// few among very many are not worth telling.
func tellWrote(q *query, u uid) string {
	at, n := q.mostTouched(u, func(p *place) *touches { return &p.made })
	if n == 0 {
		return ""
	}
	all := at.made.n
	if n < 5 && 10*n < all {
		return ""
	}
	return fmt.Sprintf("wrote %d of %s%s", n, plural(all, "change"), to(at))
}
