// SPDX-License-Identifier: Apache-2.0

package scrub

import (
	"fmt"
	"strings"
)

// automaton finds all words of a set in one pass, without regard to ASCII
// case (Aho and Corasick, 1975). It is a flat table: one load a byte, whatever
// the number of words.
type automaton struct {
	class [256]uint8
	// next is, by state and class, the next state. A state is where its row
	// starts; rows are 1<<shift long.
	next  []uint32
	shift uint8
	// ending is the first state at which words end; those behind it do, too.
	ending uint32
	ends   [][]int32 // of those states, in order: the words
}

// hit says that the words of a state end in front of an offset.
type hit struct {
	end   int32
	state uint32
}

// newAutomaton builds the table; empty words are ignored. Words must not hold
// a line end.
func newAutomaton(words []string) (*automaton, error) {
	a := &automaton{}
	fold := func(c byte) byte {
		if isUpper(c) {
			return c + 'a' - 'A'
		}
		return c
	}
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
	t := trie{width: width}
	t.grow()
	for id, w := range words {
		t.add(w, &a.class, int32(id))
	}
	a.number(&t, t.link())
	return a, nil
}

// trie is the automaton while it is built. 0 is the root and, as a child,
// means none.
type trie struct {
	width int
	next  []int32
	ends  [][]int32
}

func (t *trie) grow() int32 {
	t.next = append(t.next, make([]int32, t.width)...)
	t.ends = append(t.ends, nil)
	return int32(len(t.ends) - 1)
}

func (t *trie) child(state int32, class int) *int32 { return &t.next[int(state)*t.width+class] }

func (t *trie) add(word string, class *[256]uint8, id int32) {
	state := int32(0)
	for i := range len(word) {
		c := int(class[word[i]])
		if *t.child(state, c) == 0 {
			child := t.grow()
			*t.child(state, c) = child
		}
		state = *t.child(state, c)
	}
	if state != 0 {
		t.ends[state] = append(t.ends[state], id)
	}
}

// link turns the trie into a table that never goes back. It returns how many
// states end a word.
func (t *trie) link() int {
	fail := make([]int32, len(t.ends))
	var queue []int32
	for c := range t.width {
		if s := *t.child(0, c); s != 0 {
			queue = append(queue, s)
		}
	}
	ending := 0
	for len(queue) > 0 {
		s := queue[0]
		queue = queue[1:]
		t.ends[s] = append(t.ends[s][:len(t.ends[s]):len(t.ends[s])], t.ends[fail[s]]...)
		if len(t.ends[s]) > 0 {
			ending++
		}
		for c := range t.width {
			child, back := t.child(s, c), *t.child(fail[s], c)
			if *child == 0 {
				*child = back
				continue
			}
			fail[*child] = back
			queue = append(queue, *child)
		}
	}
	return ending
}

// number copies the trie with the states in which words end behind the others:
// one comparison tells them apart.
func (a *automaton) number(t *trie, ending int) {
	names := make([]uint32, len(t.ends))
	plain, last := uint32(0), uint32(len(t.ends)-ending)
	a.ending = last << a.shift
	for s, words := range t.ends {
		if len(words) > 0 {
			names[s] = last << a.shift
			a.ends = append(a.ends, words)
			last++
		} else {
			names[s] = plain << a.shift
			plain++
		}
	}
	a.next = make([]uint32, len(t.ends)<<a.shift)
	for s := range t.ends {
		row := a.next[names[s]:]
		for c := range t.width {
			row[c] = names[*t.child(int32(s), c)]
		}
	}
}

// scan appends where words end in s, in order. Two halves of a long text are
// read side by side: each step waits for the one before, so a processor that
// reads a single text idles.
func (a *automaton) scan(s string, hits []hit) []hit {
	half := strings.LastIndexByte(s[:len(s)/2], '\n') + 1
	if len(s) < 512 || half < len(s)/4 {
		return a.scanOne(s, 0, 0, hits)
	}
	var late []hit
	next, class, ending := a.next, &a.class, a.ending
	one, two := uint32(0), uint32(0)
	first, second := s[:half], s[half:]
	i := 0
	for ; i < len(first) && i < len(second); i++ {
		one = next[one+uint32(class[first[i]])]
		two = next[two+uint32(class[second[i]])]
		if one >= ending {
			hits = append(hits, hit{int32(i + 1), one})
		}
		if two >= ending {
			late = append(late, hit{int32(half + i + 1), two})
		}
	}
	hits = append(a.scanOne(first, i, one, hits), late...)
	return a.scanOne(s, half+i, two, hits)
}

// scanOne goes on from offset i in a state.
func (a *automaton) scanOne(s string, i int, state uint32, hits []hit) []hit {
	next, class, ending := a.next, &a.class, a.ending
	for ; i < len(s); i++ {
		state = next[state+uint32(class[s[i]])]
		if state >= ending {
			hits = append(hits, hit{int32(i + 1), state})
		}
	}
	return hits
}

// words returns the words that end at a hit, the longest first.
func (a *automaton) words(h hit) []int32 { return a.ends[(h.state-a.ending)>>a.shift] }
