// SPDX-License-Identifier: Apache-2.0

package reviewers

import (
	"iter"
	"math"
	"sync"

	"review-assistant/review"
)

// query is one change to find reviewers for, with what the signals share.
// People of the change whom the history does not know get uids behind its own.
type query struct {
	l      *ledger
	extra  []person
	ids    map[int64]uid // of extra
	n      int           // people in all
	t      int64
	now    [3]float64 // fades stored counts to t
	author uid

	project *place // nil when the history does not know it
	files   []fileAt
	dirs    []dirAt // distinct, with the number of files in each
	title   title
	// areaText is the area in words, to be told.
	areaText string
	held     []held
	parts    []*place // of the change's components, nil when unknown
	partOf   []int    // by file of the change, -1 for none

	counted *window // once it is asked for

	scores   *scores
	everyone prior    // the same for all
	base     [3]prior // who reviews in the project, by half-life
}

// fileAt is a file of the change. Place is nil when the history does not know
// it; dir is then the nearest directory above that it knows.
type fileAt struct {
	path  string
	place *place
	near  *place
}

type dirAt struct {
	place *place // the directory itself, nil when unknown
	near  *place
	files int
}

type held struct {
	who uid
	*holding
}

// query prepares a change. The caller holds the lock while it uses the result,
// and releases it.
func (l *ledger) query(in Input) *query {
	h := claims(in)
	q := &query{l: l, scores: pool.Get().(*scores), t: min(max(in.Now.Unix(), epoch), lastMoment), author: nobody, project: l.projects[in.Project], ids: map[int64]uid{}}
	q.now = fading(q.t)
	if in.Author.ID != 0 {
		q.author = q.person(in.Author)
	}
	for _, id := range h.ids {
		q.held = append(q.held, held{q.person(h.by[id].account), h.by[id]})
	}
	q.n = len(l.people) + len(q.extra)
	dirs := map[string]int{}
	for _, f := range in.Files[:min(len(in.Files), maxPastFiles)] {
		at := fileAt{path: f}
		at.place, at.near = l.find(q.project, f)
		q.files = append(q.files, at)
		d := dirOf(f)
		i, known := dirs[d]
		if !known {
			i = len(q.dirs)
			dirs[d] = i
			var dir dirAt
			dir.place, dir.near = l.find(q.project, slashed(d))
			q.dirs = append(q.dirs, dir)
		}
		q.dirs[i].files++
	}
	q.title = titleOf(in.Subject)
	q.areaText = areaOf(in.Subject)
	list, of := components(in)
	q.partOf = of
	for _, c := range list {
		p, _ := l.find(q.project, slashed(c.dir))
		if p == nil { // a claim on one file
			p, _ = l.find(q.project, c.dir)
		}
		q.parts = append(q.parts, p)
	}
	q.prepareBase()
	return q
}

// find returns the place of a path and, when it is unknown, nil and the
// nearest place above.
func (l *ledger) find(project *place, path string) (exact, near *place) {
	if project == nil {
		return nil, nil
	}
	near = project
	for name := range elements(path) {
		next := near.child(name)
		if next == nil {
			return nil, near
		}
		near = next
	}
	return near, near
}

func slashed(dir string) string {
	if dir == "" {
		return ""
	}
	return dir + "/"
}

func (q *query) prepareBase() {
	q.scores.base = zeroed(q.scores.base, 8*q.n)
	buf := q.scores.base
	next := func() prior {
		p := prior{buf[:q.n:q.n], buf[q.n : 2*q.n : 2*q.n]}
		buf = buf[2*q.n:]
		return p
	}
	q.everyone = next()
	share, ln := 1/float64(q.n), -math.Log(float64(q.n))
	for u := range q.n {
		q.everyone.p[u], q.everyone.ln[u] = share, ln
	}
	for half := range q.base {
		m := q.mix(half)
		if q.project != nil {
			// A project's own habits need more evidence than a directory's.
			m.add(1, projectPrior, &q.project.reviewed)
			share := m.rest
			m.rest = 0
			m.add(share, 1, &q.l.reviewed)
		} else {
			m.add(1, 1, &q.l.reviewed)
		}
		q.base[half] = next()
		m.fill(q.base[half].p, q.everyone.p)
		m.fillLogs(q.base[half].ln, q.everyone)
	}
}

const (
	projectPrior = 5
	wordPrior    = 3
)

// person returns the uid of an account, a new one if need be.
func (q *query) person(a review.Account) uid {
	if u, ok := q.l.ids[a.ID]; ok {
		return u
	}
	u, ok := q.ids[a.ID]
	if !ok {
		u = uid(len(q.l.people) + len(q.extra))
		q.ids[a.ID] = u
		q.extra = append(q.extra, person{account: a})
	}
	return u
}

func (q *query) at(u uid) *person {
	if int(u) < len(q.l.people) {
		return &q.l.people[u]
	}
	return &q.extra[int(u)-len(q.l.people)]
}

// authorKnown returns what the history knows of the change's author, or nil.
func (q *query) authorKnown() *author {
	if q.author == nobody {
		return nil
	}
	return q.at(q.author).author
}

// scores are the values of all signals for all people.
type scores struct {
	values []float64 // signal by signal
	sum    []float64
	n      int
	base   []float64 // room for the query's priors
}

var pool = sync.Pool{New: func() any { return new(scores) }}

// release gives the room of a query back. Nothing of it is used any more.
func (q *query) release() { pool.Put(q.scores) }

// score computes the signals.
func (q *query) score(without map[string]bool) *scores {
	s := q.scores
	s.n = q.n
	s.values = zeroed(s.values, len(signals)*q.n)
	s.sum = zeroed(s.sum, q.n)
	for i, sig := range signals {
		if without[sig.name] {
			continue
		}
		row := s.values[i*q.n : (i+1)*q.n]
		sig.value(q, row)
		for u, v := range row {
			s.sum[u] += float64(sig.weight * v)
		}
	}
	return s
}

func zeroed(buf []float64, n int) []float64 {
	if cap(buf) < n {
		return make([]float64, n)
	}
	buf = buf[:n]
	clear(buf)
	return buf
}

// order yields the people by score, the best first, author left out. Few of
// them are taken, so that a heap is faster than sorting.
func (q *query) order(s *scores) iter.Seq[uid] {
	return func(yield func(uid) bool) {
		heap := make([]uid, 0, q.n)
		for u := range uid(q.n) {
			if u != q.author {
				heap = append(heap, u)
			}
		}
		before := func(a, b uid) bool { return s.sum[a] > s.sum[b] || s.sum[a] == s.sum[b] && a < b }
		sink := func(i int) {
			for {
				next := 2*i + 1
				if next >= len(heap) {
					return
				}
				if next+1 < len(heap) && before(heap[next+1], heap[next]) {
					next++
				}
				if !before(heap[next], heap[i]) {
					return
				}
				heap[i], heap[next] = heap[next], heap[i]
				i = next
			}
		}
		for i := len(heap)/2 - 1; i >= 0; i-- {
			sink(i)
		}
		for len(heap) > 0 {
			if !yield(heap[0]) {
				return
			}
			heap[0] = heap[len(heap)-1]
			heap = heap[:len(heap)-1]
			sink(0)
		}
	}
}

// suggestionsWithout are the signals that suggestions leave out.
var suggestionsWithout = map[string]bool{hourSignal: true}

// spare is how many people more than three for each pick are looked at, so
// that some can be left out and others chosen.
const spare = 8

// maxLooked is how many of the best are looked at: where hardly anybody has a
// reason to be named, the others have none either.
const maxLooked = 300

// rank returns the candidates in the order of their scores.
func (h *History) rank(in Input) []Candidate {
	h.mu.RLock()
	defer h.mu.RUnlock()
	l := h.hosts[in.Host]
	if l == nil {
		l = h.newLedger(in.Host)
	}
	q := l.query(in)
	defer q.release()
	if q.n == 0 {
		return nil
	}
	s := q.score(in.without)
	g := newGate(in)
	means := s.means()
	out := []Candidate{}
	owners, others, looked := len(q.held), 3*in.Max+spare, 0
	for u := range q.order(s) {
		if looked++; looked > maxLooked {
			others = 0
		}
		if others == 0 && owners == 0 {
			break
		}
		a := q.at(u).account
		own := q.holding(u)
		if own != nil {
			owners--
			a = own.account // fresher than what the history remembers
		} else if others == 0 {
			continue
		}
		if !g.open(a) {
			continue
		}
		reasons := q.reasons(u, s, means)
		if len(reasons) == 0 {
			continue
		}
		others = max(0, others-1)
		c := Candidate{Account: a, values: s.of(u), share: q.share(u), knows: q.knows(u), owns: q.ownsOf(own), spread: spread(in, a.ID), reasons: reasons}
		if own != nil {
			c.Entity, c.claim = own.entity, own.weight/float64(len(in.Files))
		}
		out = append(out, c)
	}
	return out
}

// share is which part of the host's reviews of the last weeks a person did.
func (q *query) share(u uid) float64 {
	n, all := 0.0, q.l.reviewed.total[h20]*q.now[h20]
	if s := q.l.reviewed.find(u); s != nil {
		n = s.n[h20] * q.now[h20]
	}
	return n / (all + 1)
}

func (q *query) holding(u uid) *holding {
	for _, h := range q.held {
		if h.who == u {
			return h.holding
		}
	}
	return nil
}

// of returns the values of one person.
func (s *scores) of(u uid) []float64 {
	out := make([]float64, len(signals))
	for i := range out {
		out[i] = s.values[i*s.n+int(u)]
	}
	return out
}
