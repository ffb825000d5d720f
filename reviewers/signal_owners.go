// SPDX-License-Identifier: Apache-2.0

package reviewers

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"review-assistant/review"
)

// holdings are the claims of the change's owners.
type holdings struct {
	ids []int64 // ascending
	by  map[int64]*holding
}

// holding is what one account owns of the change.
type holding struct {
	account review.Account
	entity  string
	weight  float64 // one half to the power of the distance, summed over the files
	owns    []bool  // by file: holds the nearest claim
	claims  []review.Owner
}

// claims works out which owner holds which file, and how nearly.
func claims(in Input) holdings {
	held := holdings{by: map[int64]*holding{}}
	for _, o := range in.Owners {
		a := o.Person.Account
		if a.ID == 0 {
			continue
		}
		h := held.by[a.ID]
		if h == nil {
			h = &holding{account: a, entity: o.Person.Entity, owns: make([]bool, len(in.Files))}
			held.by[a.ID] = h
			held.ids = append(held.ids, a.ID)
		}
		h.claims = append(h.claims, o)
	}
	slices.Sort(held.ids)
	for i, f := range in.Files {
		dist := distances(in.Owners, f)
		nearest := math.MaxInt
		for _, d := range dist {
			nearest = min(nearest, d)
		}
		for _, h := range held.by {
			best := math.MaxInt
			for _, o := range h.claims {
				if d, ok := dist[claimKey(o)]; ok {
					best = min(best, d)
				}
			}
			if best < math.MaxInt {
				h.weight += math.Pow(.5, float64(best))
				h.owns[i] = best == nearest
			}
		}
	}
	for _, h := range held.by {
		slices.SortStableFunc(h.claims, func(a, b review.Owner) int {
			return cmp.Or(cmp.Compare(a.Distance, b.Distance), cmp.Compare(len(b.Path), len(a.Path)), strings.Compare(a.Group, b.Group))
		})
	}
	return held
}

func claimKey(o review.Owner) string { return o.Entity + " " + o.Path }

// distances returns how far each claim is from one file. The distance of an
// owner is to the change's nearest file; for the others, every longer claim in
// between is one step.
func distances(owners []review.Owner, file string) map[string]int {
	var dirs []string
	out := map[string]int{}
	for _, o := range owners {
		if below(file, o.Path) {
			out[claimKey(o)] = o.Distance
			dirs = append(dirs, o.Path)
		}
	}
	slices.SortFunc(dirs, func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	dirs = slices.Compact(dirs)
	for _, o := range owners {
		if key := claimKey(o); below(file, o.Path) {
			out[key] = max(out[key], slices.Index(dirs, o.Path))
		}
	}
	return out
}

// below reports whether file is in dir; "" holds everything.
func below(file, dir string) bool {
	rest, ok := strings.CutPrefix(file, dir)
	return ok && (dir == "" || rest == "" || rest[0] == '/')
}

// reasons says what is owned, the nearest first, an entity once.
func (h *holding) reasons() []string {
	var out []string
	seen := map[string]bool{}
	for _, o := range h.claims {
		if seen[o.Entity] || len(out) == maxReasons {
			continue
		}
		seen[o.Entity] = true
		text := "owns " + o.Title
		if kind, _, _ := strings.Cut(o.Entity, ":"); kind == "system" || kind == "domain" {
			text = "owns the " + kind + " " + o.Title
		}
		if o.Group != "" {
			text += " through " + o.Group
		}
		out = append(out, text)
	}
	return out
}

// ownership is how much of the change a person owns, and how nearly.
func ownership(q *query, out []float64) {
	for _, h := range q.held {
		out[h.who] = h.weight / float64(len(h.owns))
	}
}

func tellOwner(q *query, u uid) string {
	if h := q.holding(u); h != nil && h.weight > 0 {
		return h.reasons()[0]
	}
	return ""
}
