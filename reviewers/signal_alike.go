// SPDX-License-Identifier: Apache-2.0

package reviewers

import "math"

// alike looks at what the author wrote lately: who reviewed changes with the
// same files, directories and title words is asked again for the next of the
// series. The other signals look at each of these by itself.

const (
	alikeFloor = .1
	alikeHalf  = 20 // days
	// alikeKept is how many changes of an author are looked at, alikeFor how
	// old they may be, in seconds; they hardly count by then.
	alikeKept = 100
	alikeFor  = 120 * 86400
)

func alike(q *query, out []float64) {
	a := q.authorKnown()
	if a == nil {
		return
	}
	places := map[*place]bool{}
	for _, f := range q.files {
		places[f.place] = true
	}
	for _, d := range q.dirs {
		places[d.place] = true
	}
	delete(places, nil)
	words := map[uint32]bool{}
	for _, w := range q.title.words {
		words[w] = true
	}
	sum := 0.0
	for i := range a.last {
		p := &a.last[i]
		if p.project != q.project {
			continue
		}
		s := .1 + common(p.files, places, len(q.files)) + common(p.dirs, places, len(q.dirs)) + common(p.words, words, len(words))
		s *= s * s * math.Exp2(-float64(q.t-p.time)/day/alikeHalf)
		for _, u := range p.who {
			out[u] += s
			sum += s
		}
	}
	nobodys := math.Log(alikeFloor / (sum + alikeFloor*float64(q.n)))
	for u, v := range out {
		if v == 0 {
			out[u] = nobodys
		} else {
			out[u] = math.Log((v + alikeFloor) / (sum + alikeFloor*float64(q.n)))
		}
	}
}

// common is the cosine of two sets, one of n elements, 0 to 1.
func common[T comparable](list []T, set map[T]bool, n int) float64 {
	both := 0
	for _, x := range list {
		if set[x] {
			both++
		}
	}
	if both == 0 {
		return 0
	}
	return float64(both) / math.Sqrt(float64(n*len(list)))
}

// written is one of an author's changes.
type written struct {
	time    int64
	who     []uid // reviewers
	project *place
	files   []*place
	dirs    []*place
	words   []uint32
}

// keep adds a change to those that are known of an author: the newest
// authorsRing, and as many of the last months as alikeKept.
func (a *author) keep(w written, room *int) {
	if w.cost() > *room {
		w.files, w.dirs, w.words = nil, nil, nil
	}
	*room -= w.cost()
	a.last = append(a.last, w)
	for i := len(a.last) - 1; i > 0 && a.last[i-1].time > w.time; i-- {
		a.last[i-1], a.last[i] = a.last[i], a.last[i-1]
	}
	newest, drop := a.last[len(a.last)-1].time, 0
	for left := len(a.last); left > authorsRing && (left > alikeKept || a.last[drop].time < newest-alikeFor); left-- {
		*room += a.last[drop].cost()
		drop++
	}
	if drop > 0 {
		a.last = append(a.last[:0:0], a.last[drop:]...)
	}
}

// cost is in shares.
func (w *written) cost() int { return len(w.files) + len(w.dirs) + len(w.words)/4 }
