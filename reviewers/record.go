// SPDX-License-Identifier: Apache-2.0

package reviewers

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
)

// Record is how a suggestion came about: enough to compute it again, and no
// names, titles or paths. As JSON it takes up to some 8 KB.
type Record struct {
	// Version is that of the formula below the weights: how load, counter,
	// cover and owners decide.
	Version int      `json:"version"`
	Weights []Weight `json:"weights"`
	Max     int      `json:"max"`
	// Asked is the sum of [Facts.Asked] over everybody.
	Asked float64 `json:"asked"`
	// Components are the numbers of files in the parts of the change.
	Components []int `json:"components"`
	// Candidates are the best, in the order of their final scores, and all
	// who were picked.
	Candidates []Scored `json:"candidates"`
	Picks      []int64  `json:"picks"`
	// History is the last row of the store that the history had learnt,
	// Catalog is Input.CatalogRevision.
	History int64  `json:"history"`
	Catalog string `json:"catalog,omitempty"`
}

// Weight is what a signal counts.
type Weight struct {
	Signal string  `json:"signal"`
	Weight float64 `json:"weight"`
}

// Scored is a candidate with what decided.
type Scored struct {
	ID     int64     `json:"id"`
	Values []float64 `json:"values"` // of the signals, in the order of Record.Weights
	Open   int       `json:"open,omitempty"`
	Asked  float64   `json:"asked,omitempty"`
	Share  float64   `json:"share"` // of the host's reviews of the last weeks, 0 to 1
	// Knows and Owns are sets of components: bit i stands for component i.
	Knows  uint32  `json:"knows,omitempty"`
	Owns   uint32  `json:"owns,omitempty"`
	Claim  float64 `json:"claim,omitempty"` // how much of the change is owned, and how nearly
	Spread float64 `json:"spread"`          // decides between near equals
}

const (
	recordVersion = 1
	// maxRecorded is how many candidates are kept.
	maxRecorded = 12
)

// The formula below the weights. The figures were chosen on the three
// histories of docs/reviewers.md for the least change of their order.
const (
	// loadWeight is for ln(1 + open reviews).
	loadWeight = .5
	// askedWeight is for ln((1+asked)/(1+usual)), where usual is what the
	// person would have been asked by their share of all reviews.
	askedWeight = 1
	// coverWeight is what it lifts somebody to know all that the others do
	// not.
	coverWeight = 2
	// spreadWeight is below what people notice, and above what equals differ by.
	spreadWeight = .02
)

// base is what a candidate knows and owns.
func (r *Record) base(c *Scored) float64 {
	sum := 0.0
	for i, w := range r.Weights {
		sum += float64(w.Weight * c.Values[i])
	}
	return sum
}

// final is what decides about the first name: the score less what the person
// has to do already.
func (r *Record) final(c *Scored) float64 {
	usual := c.Share * r.Asked
	more := max(0, math.Log((1+c.Asked)/(1+usual)))
	return r.base(c) - loadWeight*math.Log1p(float64(c.Open)) - askedWeight*more + spreadWeight*c.Spread
}

// Score is what decided about a candidate of the record, load and recent
// suggestions taken off.
func (r Record) Score(c Scored) float64 { return r.final(&c) }

// sort brings the candidates into the order of their final scores.
func (r *Record) sort() {
	score := map[int64]float64{}
	for i := range r.Candidates {
		score[r.Candidates[i].ID] = r.final(&r.Candidates[i])
	}
	slices.SortFunc(r.Candidates, func(a, b Scored) int {
		return cmp.Or(cmp.Compare(score[b.ID], score[a.ID]), cmp.Compare(a.ID, b.ID))
	})
}

// choose picks from sorted candidates. The best comes first; then whoever adds
// most to what the picks before know, weighed against the score. If nobody of
// them owns anything, the last place is an owner's.
func (r *Record) choose() []*Scored {
	var out []*Scored
	var known set
	owner := false
	for len(out) < r.Max {
		last := len(out) == r.Max-1
		var best *Scored
		var most float64
		ownersOnly := last && !owner && slices.ContainsFunc(r.Candidates, func(c Scored) bool { return c.Claim > 0 })
		for i := range r.Candidates {
			c := &r.Candidates[i]
			if slices.Contains(out, c) || ownersOnly && c.Claim == 0 {
				continue
			}
			value := r.final(c)
			if len(out) > 0 {
				value += coverWeight * r.adds(c, known)
			}
			if ownersOnly {
				value += nearWeight * r.part(c.Owns)
			}
			if best == nil || value > most {
				best, most = c, value
			}
		}
		if best == nil {
			break
		}
		out = append(out, best)
		known |= best.Knows | best.Owns
		owner = owner || best.Claim > 0
	}
	return out
}

// nearWeight lets the nearest claims decide between owners.
const nearWeight = 100

// adds is which part of the files that are in no known component c knows or
// owns, 0 to 1.
func (r *Record) adds(c *Scored, known set) float64 {
	rest := 1 - r.part(known)
	if rest <= 0 {
		return 0
	}
	return r.part((c.Knows|c.Owns)&^known) / rest
}

// part is which part of the files is in a set of components, 0 to 1.
func (r *Record) part(s set) float64 {
	files, all := 0, 0
	for i, n := range r.Components {
		all += n
		if s&(1<<i) != 0 {
			files += n
		}
	}
	return float64(files) / float64(max(1, all))
}

// keep drops candidates who are neither among the best nor chosen.
func (r *Record) keep(chosen []*Scored) {
	var out []Scored
	for i := range r.Candidates {
		if c := &r.Candidates[i]; slices.Contains(chosen, c) || len(out) < maxRecorded-len(chosen) {
			out = append(out, *c)
		}
	}
	r.Candidates = out
}

// Replay chooses again from what the record holds and returns the account ids,
// the first name first. It fails on a record that is incomplete or of another
// version.
func (r Record) Replay() ([]int64, error) {
	if r.Version != recordVersion {
		return nil, fmt.Errorf("the record has version %d, this program replays %d", r.Version, recordVersion)
	}
	if len(r.Components) > maxComponents || r.Max < 0 {
		return nil, errors.New("not a record of a suggestion")
	}
	r.Candidates = slices.Clone(r.Candidates)
	for _, c := range r.Candidates {
		if len(c.Values) != len(r.Weights) {
			return nil, fmt.Errorf("account %d has %d values for %d signals", c.ID, len(c.Values), len(r.Weights))
		}
	}
	r.sort()
	var out []int64
	for _, c := range r.choose() {
		out = append(out, c.ID)
	}
	return out, nil
}

func newRecord(in Input, list []Candidate, f Facts) Record {
	r := Record{Version: recordVersion, Max: in.Max, History: in.History.Mark(in.Host), Catalog: in.CatalogRevision}
	for _, s := range signals {
		if !in.without[s.name] {
			r.Weights = append(r.Weights, Weight{s.name, s.weight})
		}
	}
	for _, id := range sortedKeys(f.Asked) { // in one order, so that the sum is the same each time
		r.Asked += f.Asked[id]
	}
	r.Candidates = make([]Scored, 0, len(list))
	parts, _ := components(in)
	for _, p := range parts {
		r.Components = append(r.Components, p.files)
	}
	for i := range list {
		c := &list[i]
		s := Scored{ID: c.Account.ID, Open: max(0, f.Open[c.Account.ID]), Asked: max(0, f.Asked[c.Account.ID]), Share: c.share, Knows: c.knows, Owns: c.owns, Claim: c.claim, Spread: c.spread, Values: make([]float64, 0, len(signals))}
		for j, sig := range signals {
			if !in.without[sig.name] {
				s.Values = append(s.Values, c.values[j])
			}
		}
		r.Candidates = append(r.Candidates, s)
	}
	r.sort()
	return r
}

func sortedKeys(m map[int64]float64) []int64 { return slices.Sorted(maps.Keys(m)) }
