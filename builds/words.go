// SPDX-License-Identifier: Apache-2.0

package builds

// words finds which words of a list stand in a line, without regard to ASCII
// case, in one pass (Aho and Corasick, 1975).
type words struct {
	class [256]uint8
	width int
	next  []int32 // by state*width+class
	found []ruleSet
	// ends says of a state that found is not empty.
	ends []bool
}

// ruleSet is a set of rules by number.
type ruleSet [4]uint64

const maxRules = len(ruleSet{}) * 64

func (s *ruleSet) add(i int) { s[i/64] |= 1 << (i % 64) }

func (s *ruleSet) union(o *ruleSet) {
	for i := range s {
		s[i] |= o[i]
	}
}

func lower(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

// newWords builds the table: keys[i] are the words of rule i, in lower case.
func newWords(keys [][]string) *words {
	w := &words{width: 1} // class 0 is for bytes in no word
	size := 1
	for _, list := range keys {
		for _, key := range list {
			size += len(key)
			for i := range len(key) {
				if c := key[i]; w.class[c] == 0 {
					w.class[c] = uint8(w.width)
					w.width++
				}
			}
		}
	}
	for c := range w.class {
		w.class[c] = w.class[lower(byte(c))]
	}
	w.next = make([]int32, 0, size*w.width)
	state := func() int32 {
		w.next = append(w.next, make([]int32, w.width)...)
		w.found = append(w.found, ruleSet{})
		return int32(len(w.found) - 1)
	}
	state()
	for rule, list := range keys {
		for _, key := range list {
			at := int32(0)
			for i := range len(key) {
				e := int(at)*w.width + int(w.class[key[i]])
				if w.next[e] == 0 {
					n := state()
					w.next[e] = n
				}
				at = w.next[e]
			}
			w.found[at].add(rule)
		}
	}
	w.link()
	return w
}

// link fills in where to go on when a word does not.
func (w *words) link() {
	fail := make([]int32, len(w.found))
	queue := []int32{0}
	for len(queue) > 0 {
		at := queue[0]
		queue = queue[1:]
		w.found[at].union(&w.found[fail[at]])
		for c := range w.width {
			e := int(at)*w.width + c
			back := w.next[int(fail[at])*w.width+c]
			switch child := w.next[e]; {
			case child == 0:
				w.next[e] = back
			default:
				if at != 0 {
					fail[child] = back
				}
				queue = append(queue, child)
			}
		}
	}
	w.ends = make([]bool, len(w.found))
	for i := range w.found {
		w.ends[i] = w.found[i] != ruleSet{}
	}
}

// in returns the rules that have a word in the line.
func (w *words) in(line []byte) (s ruleSet, any bool) {
	at := 0
	for _, c := range line {
		at = int(w.next[at*w.width+int(w.class[c])])
		if w.ends[at] {
			s.union(&w.found[at])
			any = true
		}
	}
	return s, any
}
