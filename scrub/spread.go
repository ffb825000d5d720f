// SPDX-License-Identifier: Apache-2.0

package scrub

import "slices"

// maxSpreadValues are removed wherever they stand; more in one change are
// removed only where they were found.
const maxSpreadValues = 10_000

// prefixLen is how many bytes of a value are looked for first; minValue is
// not less.
const prefixLen = 6

// spreader finds known values in one pass: a bitmap tells where a value can
// start, and the few lengths of values with that start are tried.
type spreader struct {
	starts  [1 << 12]uint64
	lengths map[uint64][]int
	values  map[string]bool
}

func (s *spreader) add(v string) {
	if s.values[v] || len(v) < prefixLen || len(s.values) >= maxSpreadValues {
		return
	}
	if s.values == nil {
		s.values, s.lengths = map[string]bool{}, map[uint64][]int{}
	}
	s.values[v] = true
	var p uint64
	for i := range prefixLen {
		p = p<<8 | uint64(v[i])
	}
	word, bit := slot(p)
	s.starts[word] |= bit
	if !slices.Contains(s.lengths[p], len(v)) {
		s.lengths[p] = append(s.lengths[p], len(v))
	}
}

func slot(p uint64) (word int, bit uint64) {
	h := p * 0x9E3779B97F4A7C15 >> 46
	return int(h >> 6), 1 << (h & 63)
}

// each calls found for every known value in text.
func (s *spreader) each(text string, found func(start, end int)) {
	if len(s.values) == 0 {
		return
	}
	var p uint64
	for i := range len(text) {
		p = p<<8&(1<<(8*prefixLen)-1) | uint64(text[i])
		if word, bit := slot(p); s.starts[word]&bit == 0 || i+1 < prefixLen {
			continue
		}
		start := i + 1 - prefixLen
		for _, n := range s.lengths[p] {
			if start+n <= len(text) && s.values[text[start:start+n]] {
				found(start, start+n)
			}
		}
	}
}
