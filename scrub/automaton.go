// SPDX-License-Identifier: Apache-2.0

package scrub

import (
	"fmt"
	"slices"
	"strings"
	"sync"
)

// automaton finds all words of a set in one pass, without regard to ASCII
// case (Aho and Corasick, 1975). It is a flat table: one load a byte, whatever
// the number of words.
type automaton struct {
	class [256]uint8
	// next is, by state and class, the next state; complemented where words end
	// there. Rows are 1<<shift long. Small numbers keep the table in the cache
	// of a processor.
	next  []int16
	shift uint8
	// ends are the words that end in a state, those of state s from endsAt[s] to
	// endsAt[s+1].
	ends   []int32
	endsAt []int32
}

// maxStates is what an int16 holds.
const maxStates = 1 << 15

// hit says that the words of a state end in front of an offset.
type hit struct {
	end   int32
	state int16
}

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
	n := countStates(words)
	if n > maxStates {
		return nil, fmt.Errorf("the keywords need %d states; %d are the most", n, maxStates)
	}
	a.next = make([]int16, n<<a.shift)
	own := make([][]int32, n) // by state: the words that are it
	// First a trie. State 0 is the root and, as a child, means none.
	states := int16(1)
	for id, w := range words {
		state := int16(0)
		for i := range len(w) {
			child := &a.row(state)[a.class[w[i]]]
			if *child == 0 {
				*child = states
				states++
			}
			state = *child
		}
		if state != 0 {
			own[state] = append(own[state], int32(id))
		}
	}
	a.link(own)
	return a, nil
}

// row returns the next states of a state, by class.
func (a *automaton) row(state int16) []int16 {
	return a.next[int(state)<<a.shift:][:1<<a.shift]
}

// countStates counts the states of a trie of the words: a table that grew would
// leave twice its size behind.
func countStates(words []string) int {
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
func (a *automaton) link(own [][]int32) {
	back := make([]int16, len(own)) // by state: the state of its longest suffix
	var queue []int16
	for _, s := range a.row(0) {
		if s != 0 {
			queue = append(queue, s)
		}
	}
	for len(queue) > 0 {
		s := queue[0]
		queue = queue[1:]
		suffix := back[s]
		own[s] = slices.Concat(own[s], own[suffix])
		children, others := a.row(s), a.row(suffix)
		for c, child := range children {
			if child == 0 {
				children[c] = others[c]
				continue
			}
			back[child] = others[c]
			queue = append(queue, child)
		}
	}
	for i, s := range a.next {
		if len(own[s]) > 0 {
			a.next[i] = ^s
		}
	}
	for _, words := range own {
		a.endsAt = append(a.endsAt, int32(len(a.ends)))
		a.ends = append(a.ends, words...)
	}
	a.endsAt = append(a.endsAt, int32(len(a.ends)))
}

// hits are where words end in a text, in order.
type hits struct {
	all  []hit
	late [3][]hit // of the later quarters, while they are read
}

// scan finds the words of s; the result is valid until found is used again. Four quarters of a long text are read side by
// side: each step waits for the one before, so a processor that reads a single
// text idles.
func (a *automaton) scan(s string, found *hits) []hit {
	found.all = found.all[:0]
	quarter := func(k int) int { return strings.LastIndexByte(s[:len(s)*k/4], '\n') + 1 }
	b, c, d := quarter(1), quarter(2), quarter(3)
	n := min(b, c-b, d-c, len(s)-d)
	if n < 64 {
		a.scanOne(s, 0, len(s), 0, &found.all)
		return found.all
	}
	next, class, shift := a.next, &a.class, a.shift&15
	first, second, third, fourth := s[:n], s[b:][:n], s[c:][:n], s[d:][:n]
	var s1, s2, s3, s4 int16
	all, late := found.all, &found.late
	for k := range late {
		late[k] = late[k][:0]
	}
	for i := range n {
		s1 = next[int(s1)<<shift+int(class[first[i]])]
		s2 = next[int(s2)<<shift+int(class[second[i]])]
		s3 = next[int(s3)<<shift+int(class[third[i]])]
		s4 = next[int(s4)<<shift+int(class[fourth[i]])]
		if s1|s2|s3|s4 >= 0 {
			continue
		}
		if s1 < 0 {
			s1 = ^s1
			all = append(all, hit{int32(i + 1), s1})
		}
		if s2 < 0 {
			s2 = ^s2
			late[0] = append(late[0], hit{int32(b + i + 1), s2})
		}
		if s3 < 0 {
			s3 = ^s3
			late[1] = append(late[1], hit{int32(c + i + 1), s3})
		}
		if s4 < 0 {
			s4 = ^s4
			late[2] = append(late[2], hit{int32(d + i + 1), s4})
		}
	}
	found.all = all
	a.scanOne(s, n, b, s1, &found.all)
	found.all = append(found.all, late[0]...)
	a.scanOne(s, b+n, c, s2, &found.all)
	found.all = append(found.all, late[1]...)
	a.scanOne(s, c+n, d, s3, &found.all)
	found.all = append(found.all, late[2]...)
	a.scanOne(s, d+n, len(s), s4, &found.all)
	return found.all
}

// scanOne goes on from offset i to z in a state.
func (a *automaton) scanOne(s string, i, z int, state int16, all *[]hit) {
	next, class, shift := a.next, &a.class, a.shift&15
	for ; i < z; i++ {
		if state = next[int(state)<<shift+int(class[s[i]])]; state < 0 {
			state = ^state
			*all = append(*all, hit{int32(i + 1), state})
		}
	}
}

// wordsOf returns the table of a few words, made when it is needed first.
func wordsOf(words ...string) func() *automaton {
	return sync.OnceValue(func() *automaton {
		a, err := newAutomaton(words)
		if err != nil {
			panic(err) // the words are constants
		}
		return a
	})
}

// in reports whether a word stands in s.
func (a *automaton) in(s string) bool {
	state := int16(0)
	for i := range len(s) {
		if state = a.next[int(state)<<a.shift+int(a.class[s[i]])]; state < 0 {
			return true
		}
	}
	return false
}

// words returns the words that end at a hit, the longest first.
func (a *automaton) words(h hit) []int32 { return a.ends[a.endsAt[h.state]:a.endsAt[h.state+1]] }
