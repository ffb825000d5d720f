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
	values []string // sorted once up is there
	// up is, by value, the longest other value that it starts with, -1 for none.
	up []int32
}

// sort makes f ready for longest.
func (f *family) sort() {
	slices.Sort(f.values)
	f.up = make([]int32, len(f.values))
	for i, v := range f.values {
		k := int32(i) - 1
		for k >= 0 && !strings.HasPrefix(v, f.values[k]) {
			k = f.up[k]
		}
		f.up[i] = k
	}
}

// longest returns the longest value that text starts with, empty if there is
// none. All of those are starts of the last value that is not behind text.
func (f *family) longest(text string) string {
	if f.up == nil {
		f.sort()
	}
	k := int32(sort.Search(len(f.values), func(i int) bool { return f.values[i] > text })) - 1
	for k >= 0 && !strings.HasPrefix(text, f.values[k]) {
		k = f.up[k]
	}
	if k < 0 {
		return ""
	}
	return f.values[k]
}

// spreadable is what is looked for of a line of a value: without white space,
// quotes and joints at its ends, and without what a diff may put in front of it.
func spreadable(line string) string {
	a, z := trimIndent(line, 0, len(line))
	return strings.TrimLeft(line[a:z], "+- ")
}

// add makes v known.
func (s *spreader) add(v string, found *finding) {
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
	f.values, f.up = append(f.values, v), nil
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
