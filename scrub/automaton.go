// SPDX-License-Identifier: Apache-2.0

package scrub

import (
	"fmt"
	"slices"
	"strings"
)

// automaton finds all words of a set in one pass, without regard to ASCII
// case (Aho and Corasick, 1975). It is a flat table: one load a byte, whatever
// the number of words.
type automaton struct {
	class [256]uint8
	// next is, by state and class, the next state; complemented where words end
	// there. A state is where its row starts; rows are 1<<shift long.
	next  []int32
	shift uint8
	ends  [][]int32 // by row: the words that end there
}

// hit says that the words of a state end in front of an offset.
type hit struct{ end, state int32 }

func fold(c byte) byte {
	if isUpper(c) {
		return c + 'a' - 'A'
	}
	return c
}

// newAutomaton builds the table; empty words are ignored. Words must not hold
// a line end.
func newAutomaton(words []string) (*automaton, error) {
	a := &automaton{}
	width := 1 // class 0 stands for bytes that are in no word
	for _, w := range words {
		if strings.IndexByte(w, '\n') >= 0 {
			return nil, fmt.Errorf("the keyword %q holds a line end", w)
		}
		for i := range len(w) {
			if c := fold(w[i]); a.class[c] == 0 {
				if width > 255 {
					return nil, fmt.Errorf("the keywords use more than 255 different bytes")
				}
				a.class[c] = uint8(width)
				width++
			}
		}
	}
	for c := range a.class {
		a.class[c] = a.class[fold(byte(c))]
	}
	for 1<<a.shift < width {
		a.shift++
	}
	n := states(words)
	if n<<a.shift > 1<<30 {
		return nil, fmt.Errorf("the keywords need a table of %d states", n)
	}
	a.next, a.ends = make([]int32, n<<a.shift), make([][]int32, n)
	// First a trie. Row 0 is the root and, as a child, means none.
	rows := int32(1)
	for id, w := range words {
		state := int32(0)
		for i := range len(w) {
			child := &a.next[state+int32(a.class[w[i]])]
			if *child == 0 {
				*child = rows << a.shift
				rows++
			}
			state = *child
		}
		if state != 0 {
			a.ends[state>>a.shift] = append(a.ends[state>>a.shift], int32(id))
		}
	}
	a.link()
	return a, nil
}

// states counts the rows that a trie of the words needs.
func states(words []string) int {
	folded := make([]string, len(words))
	for i, w := range words {
		b := []byte(w)
		for k := range b {
			b[k] = fold(b[k])
		}
		folded[i] = string(b)
	}
	slices.Sort(folded)
	n, last := 1, ""
	for _, w := range folded {
		same := 0
		for same < len(w) && same < len(last) && w[same] == last[same] {
			same++
		}
		n, last = n+len(w)-same, w
	}
	return n
}

// link turns the trie into a table that never goes back.
func (a *automaton) link() {
	back := make([]int32, len(a.ends)) // by row: the state of its longest suffix
	row := func(state int32) []int32 { return a.next[state:][:1<<a.shift] }
	var queue []int32
	for _, s := range row(0) {
		if s != 0 {
			queue = append(queue, s)
		}
	}
	for len(queue) > 0 {
		s := queue[0]
		queue = queue[1:]
		k, suffix := s>>a.shift, back[s>>a.shift]
		a.ends[k] = append(a.ends[k][:len(a.ends[k]):len(a.ends[k])], a.ends[suffix>>a.shift]...)
		children, others := row(s), row(suffix)
		for c, child := range children {
			if child == 0 {
				children[c] = others[c]
				continue
			}
			back[child>>a.shift] = others[c]
			queue = append(queue, child)
		}
	}
	for i, s := range a.next {
		if len(a.ends[s>>a.shift]) > 0 {
			a.next[i] = ^s
		}
	}
}

// scan appends where words end in s, in order. Two halves of a long text are
// read side by side: each step waits for the one before, so a processor that
// reads a single text idles.
func (a *automaton) scan(s string, hits []hit) []hit {
	half := strings.LastIndexByte(s[:len(s)/2], '\n') + 1
	if len(s) < 256 || half < len(s)/4 {
		return a.scanOne(s, 0, 0, hits)
	}
	var late []hit
	next, class := a.next, &a.class
	one, two := int32(0), int32(0)
	first, second := s[:half], s[half:]
	i := 0
	for ; i < len(first) && i < len(second); i++ {
		one = next[one+int32(class[first[i]])]
		two = next[two+int32(class[second[i]])]
		if one < 0 {
			one = ^one
			hits = append(hits, hit{int32(i + 1), one})
		}
		if two < 0 {
			two = ^two
			late = append(late, hit{int32(half + i + 1), two})
		}
	}
	hits = append(a.scanOne(first, i, one, hits), late...)
	return a.scanOne(s, half+i, two, hits)
}

// scanOne goes on from offset i in a state.
func (a *automaton) scanOne(s string, i int, state int32, hits []hit) []hit {
	next, class := a.next, &a.class
	for ; i < len(s); i++ {
		if state = next[state+int32(class[s[i]])]; state < 0 {
			state = ^state
			hits = append(hits, hit{int32(i + 1), state})
		}
	}
	return hits
}

// words returns the words that end at a hit, the longest first.
func (a *automaton) words(h hit) []int32 { return a.ends[h.state>>a.shift] }
