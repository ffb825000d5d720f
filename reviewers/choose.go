// SPDX-License-Identifier: Apache-2.0

package reviewers

import (
	"math"
	"slices"
	"time"

	"review-assistant/review"
)

// Facts are what is known of people at the moment, by account id. Whoever is
// not in a map has none.
type Facts struct {
	// Open is how many open changes wait for the person's review.
	Open map[int64]int
	// Asked is how often the person was suggested of late: the sum of
	// [Fade] over the suggestions to anybody that name the person first.
	Asked map[int64]float64
}

// Suggestion is whom to name, and how that came about.
type Suggestion struct {
	Picks  []review.Pick
	Record Record
}

// askedHalfLife is how fast a suggestion is forgotten.
const askedHalfLife = 7 * 24 * time.Hour

// Fade is what a suggestion counts some time later: 1 at first, a half after
// 7 days, from 1 down to 0.
func Fade(at, now time.Time) float64 {
	return math.Exp2(-max(0, now.Sub(at).Hours()) / askedHalfLife.Hours())
}

// Choose picks up to in.Max people from what [Rank] returned for the same
// input, or from any part of it in the same order. It weighs what people know
// against what they have to do, makes the second cover what the first does not
// know, and names an owner where there is one.
func Choose(in Input, list []Candidate, f Facts) Suggestion {
	if in.Max <= 0 || len(in.Files) == 0 || len(list) == 0 {
		return Suggestion{}
	}
	in = in.canonical()
	// What is known of accounts by now may tell that one is a co-author.
	gate := newGate(in)
	list = slices.DeleteFunc(slices.Clone(list), func(c Candidate) bool { return !gate.open(c.Account) })
	if len(list) == 0 {
		return Suggestion{}
	}
	r := newRecord(in, list, in.sum(f))
	chosen := r.choose()
	r.keep(chosen)
	var out []review.Pick
	var known set
	for _, c := range chosen {
		who := list[slices.IndexFunc(list, func(l Candidate) bool { return l.Account.ID == c.ID })]
		out = append(out, review.Pick{Account: who.Account, Entity: who.Entity, Reasons: who.reasons, Score: r.final(c), Rest: known != 0 && r.adds(c, known) > 0})
		known |= c.Knows | c.Owns
		r.Picks = append(r.Picks, c.ID)
	}
	return Suggestion{Picks: out, Record: r}
}

// sum adds up the facts of people with several accounts.
func (in Input) sum(f Facts) Facts {
	same := in.History.sameAs(in.Host)
	if len(same) == 0 {
		return f
	}
	out := Facts{Open: map[int64]int{}, Asked: map[int64]float64{}}
	for id, n := range f.Open {
		out.Open[named(same, id)] += n
	}
	for _, id := range sortedKeys(f.Asked) {
		out.Asked[named(same, id)] += f.Asked[id]
	}
	return out
}
