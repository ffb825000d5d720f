// SPDX-License-Identifier: Apache-2.0

package scrub

import "sort"

// window is a part of a document whose keywords are known: they are looked for
// in long parts, whatever blocks there are.
type window struct {
	d         *document
	from, end int
	found     hits
}

// hits returns where keywords end in a block, in offsets of the document. The
// result is valid until the next call.
func (w *window) hits(l *lexicon, d *document, b block) []hit {
	if w.d != d || b.from < w.from || b.end > w.end {
		w.d, w.from, w.end = d, b.from, max(b.end, min(len(d.raw), b.from+piece))
		l.automaton.scan(d.raw[w.from:w.end], &w.found)
		for i := range w.found.all {
			w.found.all[i].end += int32(w.from)
		}
	}
	all := w.found.all
	low := sort.Search(len(all), func(i int) bool { return int(all[i].end) > b.from })
	high := low + sort.Search(len(all)-low, func(i int) bool { return int(all[low+i].end) > b.end })
	return all[low:high]
}
