// SPDX-License-Identifier: Apache-2.0

package scrub

import "strings"

// maxSpreadValues are removed wherever they stand; more in one change are
// removed only where they were found.
const maxSpreadValues = 10_000

// gram is how many bytes are looked at together, and shiftBits the size of the
// table of what they tell.
const (
	gram      = 3
	shiftBits = 15
)

// spreader finds known values in one pass that leaps (Wu and Manber, 1994): the
// last three bytes of a window tell how far it can move without missing a
// value.
type spreader struct {
	// window is the length of the shortest value.
	window int
	values map[string]*finding
	// shift is, by hash of three bytes, how far the window moves, at most
	// window-gram+1.
	shift []uint8
	// heads are values by their first bytes, a window long.
	heads map[string][]string
}

// add makes v known. Characters that a diff puts in front of a line are left
// out at the start of a value: a match never takes a prefix.
func (s *spreader) add(v string, f *finding) {
	for v != "" && (v[0] == '+' || v[0] == '-' || v[0] == ' ') {
		v = v[1:]
	}
	if len(v) < s.window || len(s.values) >= maxSpreadValues || s.values[v] != nil {
		return
	}
	if s.values == nil {
		s.values, s.heads, s.shift = map[string]*finding{}, map[string][]string{}, make([]uint8, 1<<shiftBits)
		for i := range s.shift {
			s.shift[i] = uint8(s.window - gram + 1)
		}
	}
	s.values[v] = f
	head := v[:s.window]
	for i := 0; i+gram <= s.window; i++ {
		h := hashGram(head, i)
		s.shift[h] = min(s.shift[h], uint8(s.window-gram-i))
	}
	s.heads[head] = append(s.heads[head], v)
}

// longKnown is in bytes: what starts inside of a longer known value is not
// looked for, so that repetitions of one take no more time than others.
const longKnown = 64

func hashGram(s string, i int) uint32 {
	return (uint32(s[i]) | uint32(s[i+1])<<8 | uint32(s[i+2])<<16) * 0x9E3779B1 >> (32 - shiftBits)
}

// each calls found for every known value in text.
func (s *spreader) each(text string, found func(start, end int, f *finding)) {
	if len(s.values) == 0 {
		return
	}
	shift := s.shift[:1<<shiftBits]
	for i := s.window - gram; i+gram <= len(text); {
		n := shift[hashGram(text, i)]
		if n > 0 {
			i += int(n)
			continue
		}
		start := i - (s.window - gram)
		i++
		for _, v := range s.heads[text[start:start+s.window]] {
			if !strings.HasPrefix(text[start:], v) {
				continue
			}
			found(start, start+len(v), s.values[v])
			if len(v) >= longKnown {
				i = max(i, start+len(v)+s.window-gram)
			}
		}
	}
}
