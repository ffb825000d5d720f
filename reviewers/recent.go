// SPDX-License-Identifier: Apache-2.0

package reviewers

import "slices"

// recent are a project's changes of the last 90 days, kept to count reasons
// exactly. Changes are numbered; directories hold the numbers of theirs.
type recent struct {
	first  uint32 // number of list[0]
	list   []past // in the order in which they were learnt
	newest int64  // time
}

// past is a recent change.
type past struct {
	time      int64
	reviewers []uid
	area      uint32
}

// maxInTheWindow bounds what is kept of one project; older ones go.
const maxInTheWindow = 5000

// add takes a change in, lets go of what left the window, and returns the
// number of the change. One that was before the window is not taken in:
// histories are read from the newest backwards.
func (r *recent) add(p past) (number uint32, ok bool) {
	r.newest = max(r.newest, p.time)
	full := len(r.list) >= maxInTheWindow && p.time < r.list[0].time
	if full || p.time < r.newest-windowSeconds {
		return 0, false
	}
	r.list = append(r.list, p)
	drop := 0
	for drop < len(r.list)-1 && (r.list[drop].time < r.newest-windowSeconds || len(r.list)-drop > maxInTheWindow) {
		drop++
	}
	if drop > len(r.list)/4 {
		r.list = slices.Clone(r.list[drop:])
		r.first += uint32(drop)
	}
	return r.first + uint32(len(r.list)) - 1, true
}

// note adds a number to those of a place, and drops what is no longer kept.
func (r *recent) note(p *directory, number uint32) {
	if n := len(p.lately); n == cap(p.lately) && n > 0 && p.lately[0] < r.first {
		kept, _ := slices.BinarySearch(p.lately, r.first)
		p.lately = slices.Clone(p.lately[kept:])
	}
	p.lately = append(p.lately, number)
}

// window counts reviews of the 90 days before a query.
type window struct {
	dirs  map[*place][]int32 // by directory of the change and person
	areas []int32            // of changes of the same area, by person
}

// window counts once for all candidates.
func (q *query) window() *window {
	if q.counted != nil {
		return q.counted
	}
	w := &window{dirs: map[*place][]int32{}, areas: make([]int32, q.n)}
	q.counted = w
	if q.project == nil {
		return w
	}
	r := &q.project.dir.recent
	in := func(p *past) bool { return p.time >= q.t-windowSeconds }
	for i := range r.list {
		if p := &r.list[i]; q.title.area != 0 && p.area == q.title.area && in(p) {
			for _, u := range p.reviewers {
				w.areas[u]++
			}
		}
	}
	for _, d := range q.dirs {
		for dir := d.near; dir != nil && w.dirs[dir] == nil; dir = dir.parent {
			counts := make([]int32, q.n)
			w.dirs[dir] = counts
			if dir.dir == nil {
				continue
			}
			from, _ := slices.BinarySearch(dir.dir.lately, r.first)
			for _, number := range dir.dir.lately[from:] {
				if p := &r.list[number-r.first]; in(p) {
					for _, u := range p.reviewers {
						counts[u]++
					}
				}
			}
		}
	}
	return w
}
