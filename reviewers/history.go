// SPDX-License-Identifier: Apache-2.0

package reviewers

import (
	"math"
	"slices"
	"strings"
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

// History is what was written and reviewed, by whom: counts that fade with
// time, by file, directory, project, author and title word. It is safe for
// concurrent use; the nil History is empty.
type History struct {
	mu    sync.RWMutex
	hosts map[string]*ledger
	same  map[string]map[int64]int64 // by host: the account to name for others of the same person
}

// NewHistory returns an empty history.
func NewHistory() *History {
	return &History{hosts: map[string]*ledger{}, same: map[string]map[int64]int64{}}
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
		l = newLedger()
		l.same = h.same[host]
		h.hosts[host] = l
	}
	return l
}

func newLedger() *ledger {
	return &ledger{ids: map[int64]uid{}, projects: map[string]*place{}, words: map[wordKey]*tally{}}
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
	places   int // how many there are
	habits   int // how many tallies authors have by place
}

// place is a project, directory or file.
type place struct {
	parent *place // nil for a project
	name   string // last element of the path
	dir    *directory

	reviewed tally // of changes at or below the place
	written  tally
	seen     touches // of changes to the file, or to files right in the directory
	made     touches
}

// directory is what files do not have.
type directory struct {
	children map[string]*place
	lately   []uint32 // numbers of the project's recent changes at or below it, ascending
	recent   recent   // of a project
}

// child returns what is right in a directory, or nil.
func (p *place) child(name string) *place {
	if p.dir == nil {
		return nil
	}
	return p.dir.children[name]
}

type wordKey struct {
	project *place
	word    uint32
}

// person is what is known of one account.
type person struct {
	account review.Account
	active  int64 // Unix seconds of the last change written or reviewed
	hours   [24]float32
	acts    float64 // the sum of hours
	looked  tally   // authors whose changes the person reviewed
	author  *author
}

// author is what is known of the changes that a person wrote.
type author struct {
	by   tally             // reviewers of them
	at   map[*place]*tally // the same by project and directory
	who  touches
	last []reviewedBy // the newest authorsRing, oldest first
}

type reviewedBy struct {
	time int64
	who  []uid
}

// id returns the uid of an account, nobody for none.
func (l *ledger) id(account int64) uid {
	if account == 0 {
		return nobody
	}
	account = named(l.same, account)
	u, ok := l.ids[account]
	if !ok {
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

// at returns the place of a path, or nil when it is not known and make is false.
func (l *ledger) at(project, path string, create bool) *place {
	p := l.projects[project]
	if p == nil {
		if !create {
			return nil
		}
		p = &place{dir: &directory{}}
		l.projects[project] = p
	}
	if path == "" {
		return p
	}
	level := 0
	for name := range splitPath(path) {
		next := p.child(name)
		if next == nil {
			if !create {
				return nil
			}
			next = &place{parent: p, name: strings.Clone(name)} // not the whole path
			if p.dir == nil {
				p.dir = &directory{}
			}
			if p.dir.children == nil {
				p.dir.children = map[string]*place{}
			}
			p.dir.children[next.name] = next
		}
		p = next
		if level++; level == maxPathDepth {
			break
		}
	}
	return p
}

func dirOf(file string) string { return file[:max(0, strings.LastIndexByte(file, '/'))] }

func (l *ledger) learn(p row) {
	t := p.at()
	who := l.uids(p.Reviewers)
	author := l.id(p.Author)
	who = slices.DeleteFunc(who, func(u uid) bool { return u == author }) // by another account
	project := l.at(p.Project, "", true)
	files, dirs, above := l.touched(p)
	w := weights(t)

	l.reviewed.add(who, w)
	if author != nobody {
		l.written.addOne(author, w)
	}
	for pl := range above {
		pl.reviewed.add(who, w)
		if author != nobody {
			pl.written.addOne(author, w)
		}
	}
	for _, word := range p.Words[:min(len(p.Words), maxWords)] {
		key := wordKey{project, word}
		if l.words[key] == nil {
			l.words[key] = &tally{}
		}
		l.words[key].add(who, w)
	}
	for _, pl := range append(files, dirs...) {
		pl.seen.add(who, t)
		if author != nobody {
			pl.made.add([]uid{author}, t)
		}
	}
	if author != nobody {
		l.learnAuthor(author, who, project, dirs, t, w)
	}
	for _, u := range who {
		l.people[u].act(t)
	}
	number := project.dir.recent.add(past{time: t, reviewers: who, area: p.Area})
	for pl := range above {
		if pl.dir != nil {
			project.dir.recent.note(pl.dir, number)
		}
	}
}

// learnAuthor records who reviewed an author's change.
func (l *ledger) learnAuthor(u uid, who []uid, project *place, dirs []*place, t int64, w [3]float64) {
	p := &l.people[u]
	p.act(t)
	if p.author == nil {
		p.author = &author{at: map[*place]*tally{}}
	}
	a := p.author
	a.by.add(who, w)
	for pl := range ownPlaces(project, dirs) {
		if a.at[pl] == nil {
			a.at[pl] = &tally{}
		}
		a.at[pl].add(who, w)
	}
	a.who.add(who, t)
	if a.last = append(a.last, reviewedBy{t, who}); len(a.last) > authorsRing {
		a.last = append(a.last[:0:0], a.last[1:]...)
	}
	for _, r := range who {
		l.people[r].looked.addOne(u, w)
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

// touched returns the files of a change, their directories, and every place
// above them.
func (l *ledger) touched(p row) (files, dirs []*place, above map[*place]bool) {
	above = map[*place]bool{}
	for _, f := range p.Files[:min(len(p.Files), maxPastFiles)] {
		if len(f) > maxPathBytes {
			continue
		}
		pl := l.at(p.Project, f, true)
		files = append(files, pl)
		if pl.parent != nil {
			dirs = append(dirs, pl.parent)
		}
		for ; pl != nil; pl = pl.parent {
			above[pl] = true
		}
	}
	return distinct(files), distinct(dirs), above
}

func (p *person) act(t int64) {
	p.active = max(p.active, t)
	p.hours[t/3600%24]++
	p.acts++
}

// ownPlaces are the places by which an author's changes are told apart: the
// project, and the directories down to the fourth level.
func ownPlaces(project *place, dirs []*place) map[*place]bool {
	out := map[*place]bool{project: true}
	for _, d := range dirs {
		for _, pl := range chain(d) {
			if depth(pl) <= 4 {
				out[pl] = true
			}
		}
	}
	return out
}

// chain returns a place and what is above it, the project first.
func chain(p *place) []*place {
	var out []*place
	for ; p != nil; p = p.parent {
		out = append(out, p)
	}
	for i, j := 0, len(out)-1; i < j; i, j = i+1, j-1 {
		out[i], out[j] = out[j], out[i]
	}
	return out
}

func depth(p *place) int {
	n := 0
	for ; p.parent != nil; p = p.parent {
		n++
	}
	return n
}

// path returns the path of a place inside its project.
func (p *place) path() string {
	if p.parent == nil || p.parent.parent == nil {
		return p.name
	}
	return p.parent.path() + "/" + p.name
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

func powers(days float64) [3]float64 {
	var w [3]float64
	for i, h := range halfLives {
		w[i] = math.Exp2(days / h)
	}
	return w
}
