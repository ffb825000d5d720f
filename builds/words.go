// SPDX-License-Identifier: Apache-2.0

package builds

// words finds which words of a list stand in a line, without regard to ASCII
// case, in one pass (Aho and Corasick, 1975).
type words struct {
	class [256]uint8
	width int
	// next is by state*width+class. Its highest bit says that found of the state
	// is not empty. Small numbers keep the table in the cache of a processor.
	next  []uint16
	found []ruleSet
}

const endBit = 1 << 15

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
	if size >= endBit {
		panic("builds: too many keys")
	}
	w.next = make([]uint16, 0, size*w.width)
	state := func() uint16 {
		w.next = append(w.next, make([]uint16, w.width)...)
		w.found = append(w.found, ruleSet{})
		return uint16(len(w.found) - 1)
	}
	state()
	for rule, list := range keys {
		for _, key := range list {
			at := uint16(0)
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
	fail := make([]uint16, len(w.found))
	queue := []uint16{0}
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
	for i, n := range w.next {
		if w.found[n] != (ruleSet{}) {
			w.next[i] |= endBit
		}
	}
}

// in returns the rules that have a word in the head of the line, which is what
// patterns look at.
func (w *words) in(line []byte) (s ruleSet, any bool) {
	at := 0
	for _, c := range line[:min(len(line), maxMatch)] {
		n := w.next[at*w.width+int(w.class[c])]
		at = int(n &^ endBit)
		if n&endBit != 0 {
			s.union(&w.found[at])
			any = true
		}
	}
	return s, any
}
