// SPDX-License-Identifier: Apache-2.0

package reviewers

import (
	"math"
	"slices"
	"sync"

	"review-assistant/review"
)

// Limits of what one reviewed change adds to a history.
const (
	maxPastFiles  = 30
	maxPastPeople = 20
	maxPathBytes  = 1000
	maxPathDepth  = 40
	authorsRing   = 15
	windowSeconds = 90 * 86400
)

// limits are those of the history of one host.
type limits struct {
	people int
	places int // projects, directories and files
	titles int // words and pairs of words by project
	habits int // authors by project and directory
	shares int // people by all of these
}

// usual is far above what a large Gerrit has and takes some 600 MB when full.
// Beyond it nobody and nothing new is taken in: of a new file the directories
// that are known still count, a new person does not.
func usual() limits {
	return limits{people: 20_000, places: 500_000, titles: 300_000, habits: 300_000, shares: 6_000_000}
}

// maxDirs is of one change, for reasons alone: one that is spread wider counts
// as a change of the project and of no directory.
const maxDirs = 400

// History is what was written and reviewed, by whom: counts that fade with
// time, by file, directory, project, author and title word. It is safe for
// concurrent use; the nil History is empty. Each host has its limits, so that
// no stream of changes fills the memory.
type History struct {
	mu    sync.RWMutex
	hosts map[string]*ledger
	same  map[string]map[int64]int64 // by host: the account to name for others of the same person
	limit limits
	// hours keeps at which hours of the day people are active. Only the
	// evaluation does, see hourSignal.
	hours bool
}

// NewHistory returns an empty history.
func NewHistory() *History {
	return &History{hosts: map[string]*ledger{}, same: map[string]map[int64]int64{}, limit: usual()}
}

// Learn adds a reviewed change, one for each call: what counts a change once
// is the store, see [History.Load].
func (h *History) Learn(p review.Past) {
	h.mu.Lock()
	defer h.mu.Unlock()
	l := h.ledger(p.Host)
	for _, a := range append([]review.Account{p.Author}, p.Reviewers...) {
		l.know(a)
	}
	l.learn(rowOf(p))
}

func (h *History) ledger(host string) *ledger {
	l := h.hosts[host]
	if l == nil {
		l = h.newLedger(host)
		h.hosts[host] = l
	}
	return l
}

func (h *History) newLedger(host string) *ledger {
	return &ledger{ids: map[int64]uid{}, projects: map[string]*place{}, words: map[wordKey]*tally{}, pairs: map[wordKey]*tally{}, same: h.same[host], limit: h.limit, room: h.limit.shares, hours: h.hours}
}

// uid is the index of a person in a ledger.
type uid int32

// nobody is the uid of an unknown person.
const nobody uid = -1

// ledger is the history of one Gerrit.
type ledger struct {
	mark     int64 // the last row that was loaded
	same     map[int64]int64
	people   []person
	ids      map[int64]uid
	projects map[string]*place
	reviewed tally // everywhere
	written  tally
	words    map[wordKey]*tally
	pairs    map[wordKey]*tally
	learnt   int // changes
	limit    limits
	hours    bool
	room     int // how many shares may still be added
	places   int // how many there are
	habits   int // how many tallies authors have by place
}

type wordKey struct {
	project *place
	word    uint32
}

// person is what is known of one account.
type person struct {
	account review.Account
	active  int64        // Unix seconds of the last change written or reviewed
	hours   *[24]float32 // nil when not kept
	acts    float64      // the sum of hours
	looked  tally        // authors whose changes the person reviewed
	author  *author
}

// author is what is known of the changes that a person wrote.
type author struct {
	by   tally             // reviewers of them
	at   map[*place]*tally // the same by project and directory
	who  touches
	last []written // oldest first
}

// id returns the uid of an account, nobody for none, and for a new one when
// there are too many people.
func (l *ledger) id(account int64) uid {
	if account == 0 {
		return nobody
	}
	account = named(l.same, account)
	u, ok := l.ids[account]
	if !ok {
		if len(l.people) >= l.limit.people {
			return nobody
		}
		u = uid(len(l.people))
		l.ids[account] = u
		l.people = append(l.people, person{account: review.Account{ID: account}})
	}
	return u
}

// know makes an account a candidate and remembers its name.
func (l *ledger) know(a review.Account) {
	if u := l.id(a.ID); u != nobody && l.people[u].account.ID == a.ID {
		l.people[u].account = a
	}
}

func (l *ledger) learn(p row) {
	t, voted := p.at(), p.voted()
	if l.learnt++; l.learnt%sweepEvery == 0 {
		l.sweep(t)
	}
	who := l.uids(p.Reviewers)
	author := l.id(p.Author)
	who = slices.DeleteFunc(who, func(u uid) bool { return u == author }) // by another account
	project, _ := l.at(p.Project, "")
	if project == nil {
		return
	}
	files, dirs, all := l.touched(p)
	w := weights(t)

	l.reviewed.add(who, w, &l.room)
	if author != nobody {
		l.written.addOne(author, w, &l.room)
	}
	for _, pl := range all {
		pl.reviewed.add(who, w, &l.room)
		if author != nobody {
			pl.written.addOne(author, w, &l.room)
		}
	}
	for _, word := range p.title.words[:min(len(p.title.words), maxWords)] {
		l.learnWord(l.words, wordKey{project, word}, who, w)
	}
	for _, pair := range p.title.pairs[:min(len(p.title.pairs), maxWords)] {
		l.learnWord(l.pairs, wordKey{project, pair}, who, w)
	}
	for _, pl := range append(files, dirs...) {
		pl.seen.add(who, voted, &l.room)
		if author != nobody {
			pl.made.add([]uid{author}, t, &l.room)
		}
	}
	if author != nobody {
		l.learnAuthor(author, who, p, project, files, dirs, w)
	}
	for _, u := range who {
		l.act(u, voted)
	}
	number, recently := project.dir.recent.add(past{time: t, reviewers: who, area: p.title.area})
	if !recently {
		return
	}
	for _, pl := range all {
		if pl.dir != nil && (len(all) <= maxDirs+maxPastFiles || pl == project) {
			project.dir.recent.note(pl.dir, number)
		}
	}
}

// learnAuthor records who reviewed an author's change.
func (l *ledger) learnAuthor(u uid, who []uid, p row, project *place, files, dirs []*place, w [3]float64) {
	t := p.at()
	l.act(u, t)
	a := l.people[u].author
	if a == nil {
		a = &author{at: map[*place]*tally{}}
		l.people[u].author = a
	}
	a.by.add(who, w, &l.room)
	for _, pl := range ownPlaces(project, dirs) {
		t := a.at[pl]
		if t == nil {
			if l.habits >= l.limit.habits {
				continue
			}
			l.habits++
			t = &tally{}
			a.at[pl] = t
		}
		t.add(who, w, &l.room)
	}
	a.who.add(who, t, &l.room)
	a.keep(written{t, who, project, files, dirs, p.title.words}, &l.room)
	for _, r := range who {
		l.people[r].looked.addOne(u, w, &l.room)
	}
}

// uids returns the distinct people behind accounts.
func (l *ledger) uids(accounts []int64) []uid {
	var out []uid
	for _, a := range accounts[:min(len(accounts), maxPastPeople)] {
		if u := l.id(a); u != nobody {
			out = append(out, u)
		}
	}
	return distinct(out)
}

func (l *ledger) act(u uid, t int64) {
	p := &l.people[u]
	p.active = max(p.active, t)
	if !l.hours {
		return
	}
	if p.hours == nil {
		p.hours = &[24]float32{}
	}
	p.hours[t/3600%24]++
	p.acts++
}

func distinct[T comparable](list []T) []T {
	seen := make(map[T]bool, len(list))
	out := list[:0]
	for _, x := range list {
		if !seen[x] {
			seen[x] = true
			out = append(out, x)
		}
	}
	return out
}

// halfLives of the faded counts, in days.
var halfLives = [3]float64{20, 90, 500}

// Indexes into halfLives.
const (
	h20 = iota
	h90
	h500
)

// Counts are stored as if seen from the epoch, growing with time instead of
// fading; the query scales them back. A half-life of 20 days overflows a
// float64 some 55 years after the epoch, so times are clamped before that.
const (
	epoch      = 1_200_000_000 // January 2008, before the first Gerrit
	lastMoment = epoch + 50*365*86400
	day        = 86400.0
)

func weights(t int64) [3]float64 { return powers(float64(t-epoch) / day) }

// fading scales counts back to a moment.
func fading(t int64) [3]float64 { return powers(-float64(t-epoch) / day) }

func powers(days float64) [3]float64 {
	var w [3]float64
	for i, h := range halfLives {
		w[i] = math.Exp2(days / h)
	}
	return w
}
