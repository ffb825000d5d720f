// SPDX-License-Identifier: Apache-2.0

package scrub

// automaton finds all words of a set in one pass, without regard to ASCII
// case (Aho and Corasick, 1975). It is a flat table: one load a byte, whatever
// the number of words.
type automaton struct {
	class [256]uint8
	width int32
	next  []int32 // by state and class: the next state, times width; complemented where words end
	ends  [][]int32
}

// newAutomaton builds the table; empty words are ignored.
func newAutomaton(words []string) *automaton {
	a := &automaton{width: 1}
	fold := func(c byte) byte {
		if isUpper(c) {
			return c + 'a' - 'A'
		}
		return c
	}
	for _, w := range words {
		for i := range len(w) {
			if c := fold(w[i]); a.class[c] == 0 {
				// A set of words cannot use all 256 bytes here: 0 stands for the rest.
				a.class[c] = uint8(min(a.width, 255))
				a.width = min(a.width+1, 256)
			}
		}
	}
	for c := range a.class {
		a.class[c] = a.class[fold(byte(c))]
	}
	total := 1
	for _, w := range words {
		total += len(w)
	}
	a.next, a.ends = make([]int32, 0, total*int(a.width)), make([][]int32, 0, total)
	// The trie. 0 is the root and, as a child, means none.
	grow := func() int32 {
		a.next = append(a.next, make([]int32, a.width)...)
		a.ends = append(a.ends, nil)
		return int32(len(a.ends) - 1)
	}
	grow()
	for id, w := range words {
		state := int32(0)
		for i := range len(w) {
			at := state*a.width + int32(a.class[w[i]])
			if a.next[at] == 0 {
				child := grow()
				a.next[at] = child
			}
			state = a.next[at]
		}
		if state != 0 {
			a.ends[state] = append(a.ends[state], int32(id))
		}
	}
	a.link()
	return a
}

// link turns the trie into a table that never goes back.
func (a *automaton) link() {
	fail := make([]int32, len(a.ends))
	var queue []int32
	for c := range a.width {
		if s := a.next[c]; s != 0 {
			queue = append(queue, s)
		}
	}
	for len(queue) > 0 {
		s := queue[0]
		queue = queue[1:]
		a.ends[s] = append(a.ends[s][:len(a.ends[s]):len(a.ends[s])], a.ends[fail[s]]...)
		for c := range a.width {
			child, back := &a.next[s*a.width+c], a.next[fail[s]*a.width+c]
			if *child == 0 {
				*child = back
				continue
			}
			fail[*child] = back
			queue = append(queue, *child)
		}
	}
	for i, s := range a.next {
		a.next[i] = s * a.width
		if len(a.ends[s]) > 0 {
			a.next[i] = ^(s * a.width)
		}
	}
}

// each calls found for every word that ends in s, in order of the ends.
func (a *automaton) each(s string, found func(word, end int)) {
	state := int32(0)
	for i := range len(s) {
		state = a.next[state+int32(a.class[s[i]])]
		if state < 0 {
			state = ^state
			for _, w := range a.ends[state/a.width] {
				found(int(w), i+1)
			}
		}
	}
}
