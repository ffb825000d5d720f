// SPDX-License-Identifier: Apache-2.0

package board

import (
	"context"
	"sync"
	"time"

	"review-assistant/review"
)

const (
	// maxAge is how long an answer of Gerrit counts, from when it was asked for.
	maxAge = time.Minute
	// ownAge is the same of who owns a project: the client behind keeps that for
	// some seconds too.
	ownAge = maxAge - 5*time.Second
	// callTime bounds one question.
	callTime = 20 * time.Second
	// What is kept at most: answers about one change, pages, and facts about
	// projects.
	maxSeen  = 50_000
	maxPages = 2_000
	maxFacts = 10_000
	// maxMoved bounds what is remembered of drops. Above it all answers that are
	// older go.
	maxMoved = 20_000
	// maxLost bounds of how many changes it is remembered who saw them.
	maxLost = 10_000
	// maxTries is how often a question is asked whose answer is overtaken by news.
	maxTries = 3
)

// stamp is when an answer was asked for: by the clock, and in the order of drops.
type stamp struct {
	at  time.Time
	seq int64
}

// scope is what an answer is about. News of it, or of what holds it, end the
// answer.
type scope struct {
	id   review.ChangeID // Number 0 for a project, Project "" for a host
	list bool            // news of anything in it end the answer too
}

// proof says that a part of an answer was let through.
type proof struct {
	scope scope
	asked stamp
}

// held is an answer that is kept.
type held[V any] struct {
	val   V
	asked stamp
}

// flight is a question that is being asked. The others wait for it.
type flight struct {
	done chan struct{}
	err  error // of the question, to be read after done
}

// asker is an account of a host.
type asker struct {
	host    string
	account int64
}

// sights keeps what Gerrit said of who may see what. Each answer is kept under
// the account that it is for.
type sights struct {
	now func() time.Time

	mu    sync.Mutex
	seq   int64 // counts drops
	floor int64 // no answer from before counts
	// moved is when something was dropped, and touched when something in it was.
	moved, touched map[review.ChangeID]int64
	// stirred is when rows moved, of a change and of what holds it. That ends no
	// answer to who may see them, but what was told of them is old. rowFloor is
	// floor for that.
	stirred  map[review.ChangeID]int64
	rowFloor int64
	// changes are answers about one change, by account; nil is one that is not
	// shown. size counts them, and most is how many there may be.
	changes map[review.ChangeID]map[int64]held[*sighted]
	size    int
	most    int
	// lost says to which accounts a change was shown before it moved.
	lost map[review.ChangeID]map[int64]bool
	// batches are the questions about changes: one at a time for an account, so
	// that nothing is asked twice.
	batches map[asker]*flight
	sweep   func(id review.ChangeID) // drops pages that news of it have ended
}

func newSights(now func() time.Time) *sights {
	return &sights{
		now: now, most: maxSeen, sweep: func(review.ChangeID) {}, moved: map[review.ChangeID]int64{}, touched: map[review.ChangeID]int64{},
		stirred: map[review.ChangeID]int64{},
		changes: map[review.ChangeID]map[int64]held[*sighted]{}, batches: map[asker]*flight{},
		lost: map[review.ChangeID]map[int64]bool{},
	}
}

// drop ends all answers about a change, project or host, or all there are when
// not even the host is known.
func (s *sights) drop(id review.ChangeID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.dropLocked(id)
}

func (s *sights) dropLocked(id review.ChangeID) {
	s.seq++
	if id.Host == "" || len(s.moved)+len(s.touched) > maxMoved {
		s.floor = s.seq
		clear(s.moved)
		clear(s.touched)
	}
	if id.Project == "" {
		id.Number = 0
	}
	s.moved[id] = s.seq
	s.touched[review.ChangeID{Host: id.Host}] = s.seq
	if id.Number > 0 {
		s.touched[review.ChangeID{Host: id.Host, Project: id.Project}] = s.seq
		s.lose(id)
		s.forget(id)
	} else {
		for c := range s.changes {
			if holds(id, c) {
				s.forget(c)
			}
		}
	}
	s.sweep(id)
}

// holds reports whether what is is in the project of id, on its host when it
// names no project, or anywhere when it names no host.
func holds(id, is review.ChangeID) bool {
	return id.Host == "" || is.Host == id.Host && (id.Project == "" || is.Project == id.Project)
}

func (s *sights) forget(id review.ChangeID) {
	s.size -= len(s.changes[id])
	delete(s.changes, id)
}

// lose remembers to whom a change was shown, so that they can be told to look
// again when it no longer is. The lock is held.
func (s *sights) lose(id review.ChangeID) {
	for account, h := range s.changes[id] {
		if h.val == nil {
			continue
		}
		if len(s.lost) >= maxLost {
			clear(s.lost)
		}
		if s.lost[id] == nil {
			s.lost[id] = map[int64]bool{}
		}
		s.lost[id][account] = true
	}
}

// good reports whether an answer still counts. The lock is held.
func (s *sights) good(asked stamp, of scope) bool {
	age := s.now().Sub(asked.at)
	if age < 0 || age >= maxAge || asked.seq < s.floor {
		return false
	}
	project := review.ChangeID{Host: of.id.Host, Project: of.id.Project}
	last := max(s.moved[of.id], s.moved[project], s.moved[review.ChangeID{Host: of.id.Host}])
	if of.list {
		last = max(last, s.touched[project])
	}
	return asked.seq >= last
}

// stir says that what Gerrit tells of a change is no longer what it told.
func (s *sights) stir(id review.ChangeID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seq++
	if len(s.stirred) > maxMoved {
		s.rowFloor = s.seq
		clear(s.stirred)
	}
	s.stirred[id] = s.seq
	s.stirred[review.ChangeID{Host: id.Host, Project: id.Project}] = s.seq
	s.stirred[review.ChangeID{Host: id.Host}] = s.seq
}

// fresh reports whether an answer tells rows as they are, as far as is known
// here. Facts about projects hold no rows. The lock is held.
func (s *sights) fresh(asked stamp, of scope) bool {
	if !of.list && of.id.Number == 0 {
		return true
	}
	return asked.seq >= s.rowFloor && asked.seq >= s.stirred[of.id]
}

// stand reports whether all of it still counts.
func (s *sights) stand(proofs []proof) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range proofs {
		if !s.good(p.asked, p.scope) {
			return false
		}
	}
	return true
}

// put keeps an answer about one change, nil for one that is not shown. One that
// was asked for later stands. The lock is held.
func (s *sights) put(id review.ChangeID, account int64, seen *sighted, asked stamp) {
	if !s.good(asked, scope{id: id}) {
		return
	}
	was, is := s.changes[id][account]
	if is && (was.asked.at.After(asked.at) || was.asked.seq > asked.seq) {
		return
	}
	if is && was.val != nil && was.val.standing != nil && seen != nil && seen.standing == nil &&
		s.good(was.asked, scope{id: id}) && s.fresh(was.asked, scope{id: id}) {
		return // it says less, and nothing newer
	}
	if is && was.val != nil && seen == nil {
		// It was shown and is no longer: pages that still show it, to whomever,
		// do not outlast that.
		s.dropLocked(id)
		asked.seq, is = s.seq, false
	}
	if s.size >= s.most {
		s.makeRoom()
		_, is = s.changes[id][account]
	}
	if s.changes[id] == nil {
		s.changes[id] = map[int64]held[*sighted]{}
	}
	s.changes[id][account] = held[*sighted]{seen, asked}
	if !is {
		s.size++
	}
}

// makeRoom drops answers that no longer count, and then any, down to half.
func (s *sights) makeRoom() {
	for id, of := range s.changes {
		for account, h := range of {
			if !s.good(h.asked, scope{id: id}) {
				delete(of, account)
				s.size--
			}
		}
		if len(of) == 0 {
			delete(s.changes, id)
		}
	}
	for id := range s.changes {
		if s.size <= s.most/2 {
			return
		}
		s.forget(id)
	}
}

// memo keeps answers under keys, and asks each question once at a time.
type memo[K comparable, V any] struct {
	s     *sights
	max   int
	age   time.Duration // how long an answer counts, at most maxAge
	scope func(K) scope
	held  map[K]held[V]
	open  map[K]*flight
}

func newMemo[K comparable, V any](s *sights, max int, of func(K) scope) *memo[K, V] {
	return &memo[K, V]{s: s, max: max, age: maxAge, scope: of, held: map[K]held[V]{}, open: map[K]*flight{}}
}

// sweep drops what no longer counts of all that news of id may end. The lock is
// held.
func (m *memo[K, V]) sweep(id review.ChangeID) {
	for k, h := range m.held {
		of := m.scope(k)
		near := holds(id, of.id) || of.id == review.ChangeID{Host: id.Host}
		if near && !m.s.good(h.asked, of) {
			delete(m.held, k)
		}
	}
}

// get returns the answer to a question, and when it was asked. Whoever asks
// first asks for all who come meanwhile, and to the end, even when nobody waits
// any more: else a client that goes away and comes back would ask each time.
func (m *memo[K, V]) get(ctx context.Context, k K, ask func(context.Context, stamp) (V, error)) (V, stamp, error) {
	var none V
	for asked := 0; asked < maxTries; {
		m.s.mu.Lock()
		if h, is := m.held[k]; is && m.s.good(h.asked, m.scope(k)) && m.s.fresh(h.asked, m.scope(k)) && m.s.now().Sub(h.asked.at) < m.age {
			m.s.mu.Unlock()
			return h.val, h.asked, nil
		}
		if f := m.open[k]; f != nil {
			m.s.mu.Unlock()
			if err := f.wait(ctx); err != nil {
				return none, stamp{}, err
			}
			continue
		}
		f := &flight{done: make(chan struct{})}
		m.open[k] = f
		at := stamp{m.s.now(), m.s.seq}
		m.s.mu.Unlock()
		asked++
		val, err := m.lead(ctx, k, f, at, ask)
		if err != nil {
			return none, stamp{}, err
		}
		if m.s.stand([]proof{{m.scope(k), at}}) {
			return val, at, nil
		}
	}
	return none, stamp{}, &review.RetryError{After: time.Second, Err: errMoves}
}

// last returns the newest answer that counts, though rows may have moved since.
func (m *memo[K, V]) last(k K) (V, stamp, bool) {
	m.s.mu.Lock()
	defer m.s.mu.Unlock()
	h, is := m.held[k]
	return h.val, h.asked, is && m.s.good(h.asked, m.scope(k))
}

// lead asks and keeps the answer if nothing moved meanwhile.
func (m *memo[K, V]) lead(ctx context.Context, k K, f *flight, at stamp, ask func(context.Context, stamp) (V, error)) (val V, err error) {
	answered := false
	defer func() {
		m.s.mu.Lock()
		defer m.s.mu.Unlock()
		if f.err = err; !answered {
			f.err = &review.RetryError{Err: errMoves} // ask has panicked: the others go on
		}
		delete(m.open, k)
		if answered && err == nil && m.s.good(at, m.scope(k)) {
			m.makeRoom()
			m.held[k] = held[V]{val, at}
		}
		close(f.done)
	}()
	ctx, cancel := outliving(ctx, callTime)
	defer cancel()
	val, err = ask(ctx, at)
	answered = true
	return val, err
}

// makeRoom drops answers that no longer count, and then any, down to half.
func (m *memo[K, V]) makeRoom() {
	if len(m.held) < m.max {
		return
	}
	m.sweep(review.ChangeID{})
	for k := range m.held {
		if len(m.held) <= m.max/2 {
			return
		}
		delete(m.held, k)
	}
}

// wait waits for somebody else's question. Who goes away does not end it.
func (f *flight) wait(ctx context.Context) error {
	select {
	case <-f.done:
		return f.err
	case <-ctx.Done():
		return ctx.Err()
	}
}
