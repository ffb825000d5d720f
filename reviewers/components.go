// SPDX-License-Identifier: Apache-2.0

package reviewers

import (
	"cmp"
	"slices"
	"strings"
)

// component is a part of a change that one person can be expected to know: the
// nearest owned directory where something is owned, else a file's directory.
type component struct {
	dir   string
	owned bool
	files int
}

// set is a set of components by their index.
type set = uint32

// maxComponents bounds what is covered: of a change that is spread wider, the
// parts with the fewest files are not looked at.
const maxComponents = 32

// components returns the parts of a change, those with most files first, and
// for each file the index of its part, -1 for none.
func components(in Input) (list []component, of []int) {
	owned := map[string]bool{}
	for _, o := range in.Owners {
		if o.Person.Account.ID != 0 {
			owned[strings.TrimSuffix(o.Path, "/")] = true
		}
	}
	type key struct {
		dir   string
		owned bool
	}
	index := map[key]int{}
	byFile := make([]key, len(in.Files))
	for i, f := range in.Files {
		k := key{dirOf(f), false}
		for at := f; ; at = dirOf(at) {
			if owned[at] {
				k = key{at, true}
				break
			}
			if at == "" {
				break
			}
		}
		byFile[i] = k
		n, known := index[k]
		if !known {
			n = len(list)
			index[k] = n
			list = append(list, component{dir: k.dir, owned: k.owned})
		}
		list[n].files++
	}
	slices.SortFunc(list, func(a, b component) int {
		return cmp.Or(cmp.Compare(b.files, a.files), strings.Compare(a.dir, b.dir), cmp.Compare(btoi(b.owned), btoi(a.owned)))
	})
	list = list[:min(len(list), maxComponents)]
	clear(index)
	for i, c := range list {
		index[key{c.dir, c.owned}] = i
	}
	of = make([]int, len(byFile))
	for i, k := range byFile {
		n, known := index[k]
		if !known {
			n = -1
		}
		of[i] = n
	}
	return list, of
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// knownFor is how much of a half-life of 500 days may be left of a single
// change until its author or reviewer no longer counts as knowing the place.
const knownFor = .5

// knows returns the components in which a person wrote or reviewed lately.
func (q *query) knows(u uid) set {
	var out set
	for i, p := range q.parts {
		if p == nil {
			continue
		}
		n := 0.0
		for _, t := range []*tally{&p.reviewed, &p.written} {
			if s := t.find(u); s != nil {
				n += s.n[h500] * q.now[h500]
			}
		}
		if n >= knownFor {
			out |= 1 << i
		}
	}
	return out
}

// ownsOf returns the components of which a person holds a nearest claim.
func (q *query) ownsOf(h *holding) set {
	var out set
	if h == nil {
		return 0
	}
	for f, owns := range h.owns {
		if c := q.partOf[f]; owns && c >= 0 {
			out |= 1 << c
		}
	}
	return out
}
