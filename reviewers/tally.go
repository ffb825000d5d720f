// SPDX-License-Identifier: Apache-2.0

package reviewers

import "math"

// tally counts people with weights that fade, one count per half-life.
type tally struct {
	total [3]float64
	list  []share
	index map[uid]int32 // of long lists
}

type share struct {
	who uid
	n   [3]float64
}

// longList is where looking through a list becomes slower than a map.
const longList = 24

func (t *tally) add(who []uid, w [3]float64, room *int) {
	for _, u := range who {
		t.addOne(u, w, room)
	}
}

// addOne counts one person. Somebody new takes from room; without any left
// only those count who are there.
func (t *tally) addOne(u uid, w [3]float64, room *int) {
	s := t.find(u)
	if s == nil {
		if *room <= 0 {
			return
		}
		*room--
		t.list = append(t.list, share{who: u})
		s = &t.list[len(t.list)-1]
		if t.index != nil {
			t.index[u] = int32(len(t.list) - 1)
		} else if len(t.list) > longList {
			t.index = make(map[uid]int32, 2*longList)
			for i := range t.list {
				t.index[t.list[i].who] = int32(i)
			}
		}
	}
	for i := range w {
		s.n[i] += w[i]
		t.total[i] += w[i]
	}
}

func (t *tally) find(u uid) *share {
	if t.index != nil {
		if i, ok := t.index[u]; ok {
			return &t.list[i]
		}
		return nil
	}
	for i := range t.list {
		if t.list[i].who == u {
			return &t.list[i]
		}
	}
	return nil
}

// touches counts people without fading, with the time of the last touch.
type touches struct {
	n    int
	list []touch
}

type touch struct {
	who  uid
	n    int32
	last int64 // Unix seconds
}

func (t *touches) add(who []uid, at int64, room *int) {
	for _, u := range who {
		if x := t.find(u); x != nil {
			x.n++
			x.last = max(x.last, at)
		} else if *room > 0 {
			*room--
			t.list = append(t.list, touch{u, 1, at})
		} else {
			continue
		}
		t.n++
	}
}

func (t *touches) find(u uid) *touch {
	for i := range t.list {
		if t.list[i].who == u {
			return &t.list[i]
		}
	}
	return nil
}

// count returns how often u touched.
func (t *touches) count(u uid) int {
	if x := t.find(u); x != nil {
		return int(x.n)
	}
	return 0
}

// mix is a weighted mean of back-off distributions over one base:
//
//	p(u | node) = (n(u, node) + k·p(u | parent)) / (n(node) + k)
//
// All of them are linear in the base, so that the base is added once and each
// tally once, however many chains share it.
type mix struct {
	half  int
	now   float64 // fades stored counts to the moment of the query
	rest  float64 // weight of the base
	parts []part  // in order of first use, so that sums are the same each time
	index map[*tally]int
}

type part struct {
	tally  *tally
	weight float64
}

func (q *query) mix(half int) *mix {
	return &mix{half: half, now: q.now[half], index: map[*tally]int{}}
}

// add puts one chain in, the nearest tally last.
func (m *mix) add(weight, k float64, chain ...*tally) {
	for i := len(chain) - 1; i >= 0; i-- {
		t := chain[i]
		total := t.total[m.half] * m.now
		at, known := m.index[t]
		if !known {
			at = len(m.parts)
			m.index[t] = at
			m.parts = append(m.parts, part{tally: t})
		}
		m.parts[at].weight += weight * m.now / (total + k)
		weight *= k / (total + k)
	}
	m.rest += weight
}

// fill writes the distribution over base into out.
func (m *mix) fill(out, base []float64) {
	for u := range out {
		out[u] = m.rest * base[u]
	}
	for _, p := range m.parts {
		for i := range p.tally.list {
			out[p.tally.list[i].who] += p.weight * p.tally.list[i].n[m.half]
		}
	}
}

// prior is a distribution with its logarithms.
type prior struct{ p, ln []float64 }

// fillLogs writes the logarithms of the distribution over base into out, of
// people whom no tally counts from those of the base.
func (m *mix) fillLogs(out []float64, base prior) {
	for _, p := range m.parts {
		for i := range p.tally.list {
			out[p.tally.list[i].who] += p.weight * p.tally.list[i].n[m.half]
		}
	}
	rest := math.Log(m.rest)
	for u, v := range out {
		if v == 0 {
			out[u] = rest + base.ln[u]
		} else {
			out[u] = math.Log(m.rest*base.p[u] + v)
		}
	}
}
