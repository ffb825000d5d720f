// SPDX-License-Identifier: Apache-2.0

package scrub

import (
	"slices"
	"sort"
	"strings"
)

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
	heads map[string]*family
}

// family are the values that start alike.
type family struct {
	values []string
	sorted bool
}

// longest returns the longest value that text starts with, empty if there is
// none.
func (f *family) longest(text string) string {
	if !f.sorted {
		slices.Sort(f.values)
		f.sorted = true
	}
	for values := f.values; ; {
		// Of all that are not behind text in order, the last one is it or tells how
		// much of text the others can share.
		n := sort.Search(len(values), func(i int) bool { return values[i] > text })
		if n == 0 {
			return ""
		}
		last := values[n-1]
		if strings.HasPrefix(text, last) {
			return last
		}
		same := 0
		for last[same] == text[same] {
			same++
		}
		values, text = values[:n-1], text[:same]
	}
}

// add makes v known. Characters that a diff puts in front of a line are left
// out at the start of a value: a match never takes a prefix.
func (s *spreader) add(v string, found *finding) {
	for v != "" && (v[0] == '+' || v[0] == '-' || v[0] == ' ') {
		v = v[1:]
	}
	if len(v) < s.window || len(s.values) >= maxSpreadValues || s.values[v] != nil {
		return
	}
	if s.values == nil {
		s.values, s.heads, s.shift = map[string]*finding{}, map[string]*family{}, make([]uint8, 1<<shiftBits)
		for i := range s.shift {
			s.shift[i] = uint8(s.window - gram + 1)
		}
	}
	s.values[v] = found
	head := v[:s.window]
	for i := 0; i+gram <= s.window; i++ {
		h := hashGram(head, i)
		s.shift[h] = min(s.shift[h], uint8(s.window-gram-i))
	}
	if s.heads[head] == nil {
		s.heads[head] = &family{}
	}
	f := s.heads[head]
	f.values, f.sorted = append(f.values, v), false
}

// inWord reports whether what ends at end is the start of a longer word: what
// only a name called a secret may be a part of other names.
func inWord(text string, end int) bool {
	return end < len(text) && (isAlnum(text[end]) || text[end] == '_') && isAlnum(text[end-1])
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
		like := s.heads[text[start:start+s.window]]
		if like == nil {
			continue
		}
		v := like.longest(text[start:])
		if v == "" {
			continue
		}
		found(start, start+len(v), s.values[v])
		if len(v) >= longKnown {
			i = max(i, start+len(v)+s.window-gram)
		}
	}
}
