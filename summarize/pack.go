// SPDX-License-Identifier: Apache-2.0

package summarize

import (
	"cmp"
	"container/heap"
	"math"
	"slices"
	"strings"

	"review-assistant/internal/lazyre"
	"review-assistant/review"
	"review-assistant/scrub"
)

// Tokens estimates how many tokens a text takes, the same for every vendor:
// one for a word of up to seven letters, one for each five letters of a longer
// one, one for up to three digits, one for any other mark and line end.
func Tokens(t scrub.Text) int {
	n, letters, digits := 0, 0, 0
	flush := func() {
		switch {
		case letters > 7:
			n += (letters + 4) / 5
		case letters > 0:
			n++
		}
		n += (digits + 2) / 3
		letters, digits = 0, 0
	}
	for _, r := range t.String() {
		switch {
		case r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z':
			if digits > 0 {
				flush()
			}
			letters++
		case r >= '0' && r <= '9':
			if letters > 0 {
				flush()
			}
			digits++
		default:
			flush()
			if r == '\n' || r != ' ' && r != '\t' && r != '\r' {
				n++
			}
		}
	}
	flush()
	return n
}

// Pack chooses what of a patch fits into a budget of tokens: a line for each
// file, then the best hunk of every file, then the other hunks by value, then
// the rest of hunks that were shortened, then context. Changed lines are never altered.
func Pack(p scrub.Patch, budget int) Packed { return pack(weigh(&p), budget) }

func pack(files []*file, budget int) Packed {
	k := packer{left: budget}
	k.index(files, budget)
	k.first(fairShare(budget))
	k.more(budget)
	k.refill()
	k.widen()
	return k.result(files, budget)
}

type packer struct {
	left  int
	files []*packedFile
	hunks []*packedHunk // by value per token
}

type packedFile struct {
	*file
	head  scrub.Text
	hunks []*packedHunk
}

type packedHunk struct {
	in    *packedFile
	hunk  *scrub.Hunk
	whole float64       // what it matters
	value float64       // the same beside the hunks of its file that come first
	slim  [2]scrub.Text // with 0 and 1 lines of context
	cost  [2]int
	shown scrub.Text
	spent int
	keep  []bool // the lines of a hunk that is cut
	words map[string]bool
	worth float64 // when it was looked at last
}

var cutMark = scrub.Lit("[cut]\n")

// index gives each file its line, up to a quarter of the budget.
func (k *packer) index(files []*file, budget int) {
	used := 0
	for _, f := range files {
		head := headLine(f)
		n := Tokens(head)
		if n > k.left || used+n > max(budget/4, 60) {
			continue
		}
		used += n
		k.left -= n
		pf := &packedFile{file: f, head: head}
		k.files = append(k.files, pf)
		if f.skip != "" {
			continue
		}
		for i := range f.Hunks {
			h := &packedHunk{in: pf, hunk: &f.Hunks[i], whole: f.weight * hunkValue(&f.Hunks[i])}
			h.value = h.whole
			for c := range h.slim {
				h.slim[c] = slim(h.hunk, c)
				h.cost[c] = Tokens(h.slim[c])
			}
			pf.hunks = append(pf.hunks, h)
		}
		slices.SortStableFunc(pf.hunks, func(a, b *packedHunk) int { return cmp.Compare(b.value, a.value) })
		for j, h := range pf.hunks {
			h.value /= 1 + decay*float64(j)
			k.hunks = append(k.hunks, h)
		}
	}
	slices.SortStableFunc(k.hunks, func(a, b *packedHunk) int { return cmp.Compare(b.density(), a.density()) })
}

// decay lowers the value of each further hunk of a file.
const decay = 0.6

func (h *packedHunk) density() float64 { return h.value / math.Pow(20+float64(h.cost[0]), 0.6) }

func headLine(f *file) scrub.Text {
	was, mark := scrub.Text{}, scrub.Text{}
	if !f.OldPath.Empty() {
		was = scrub.Format(" (was %s)", f.OldPath)
	}
	if f.skip != "" {
		mark = scrub.Format(" [%s]", skipWord(f.skip))
	}
	return scrub.Format("# %s%s%s (+%s -%s)\n", f.Path, was, mark, scrub.Int(f.Added), scrub.Int(f.Removed))
}

// put shows a hunk, whole or, with keep, cut.
func (k *packer) put(h *packedHunk, t scrub.Text, keep []bool) bool {
	n := Tokens(t)
	if t.Empty() || n > k.left {
		return false
	}
	k.left -= n
	h.shown, h.spent, h.keep = t, n, keep
	return true
}

// cut shows as much of a hunk as fits into a budget.
func (k *packer) cut(h *packedHunk, budget int) bool {
	t, keep := cutHunk(h.hunk, budget)
	return k.put(h, t, keep)
}

// minShare is in tokens; less shows nothing of a hunk.
const minShare = 40

// fairShare is by how much, in tenths, the first hunk of a file may pass an
// equal share of what is left. A small budget goes to more files, a larger one
// to more of each. The two figures are those that did best on real changes.
func fairShare(budget int) int {
	if budget < 3000 {
		return 15
	}
	return 17
}

// first shows the best hunk of every file within its share.
func (k *packer) first(share int) {
	waiting := 0
	for _, f := range k.files {
		if len(f.hunks) > 0 {
			waiting++
		}
	}
	for _, f := range k.files {
		if len(f.hunks) == 0 {
			continue
		}
		fair := max(minShare, share*k.left/(10*waiting))
		waiting--
		h := f.hunks[0]
		switch {
		case h.cost[1] <= fair && k.put(h, h.slim[1], nil):
		case h.cost[0] <= fair && k.put(h, h.slim[0], nil):
		default:
			k.cut(h, min(fair, k.left))
		}
	}
}

// more shows the other hunks by value per token. A hunk whose words nothing
// else shows is worth more; as that can only fall while others are shown, a
// hunk that is still the best after it was looked at again is the best.
func (k *packer) more(budget int) {
	known := map[string]bool{}
	for _, f := range k.files {
		learn(known, f.head)
		for _, h := range f.hunks {
			learn(known, h.shown)
		}
	}
	queue := &byWorth{}
	for _, h := range k.hunks {
		if h.shown.Empty() {
			h.worth = h.density() * (newsShare + h.news(known))
			*queue = append(*queue, h)
		}
	}
	heap.Init(queue)
	for queue.Len() > 0 {
		h := (*queue)[0]
		if worth := h.density() * (newsShare + h.news(known)); worth < h.worth {
			h.worth = worth
			heap.Fix(queue, 0)
			continue
		}
		heap.Pop(queue)
		if k.put(h, h.slim[0], nil) || k.left > 60 && k.cut(h, min(k.left, max(100, budget/4))) {
			learn(known, h.shown)
		}
	}
}

// newsShare is what a hunk without a new word is worth beside one of new words.
const newsShare = 0.4

// news is the share of the words of a hunk that are not known.
func (h *packedHunk) news(known map[string]bool) float64 {
	if h.words == nil {
		h.words = map[string]bool{}
		learn(h.words, h.slim[0])
	}
	n := 0
	for w := range h.words {
		if !known[w] {
			n++
		}
	}
	return float64(n) / float64(max(1, len(h.words)))
}

// learn adds the words of a text, with the parts of names, to a set.
func learn(known map[string]bool, t scrub.Text) {
	s := t.String()
	for i := 0; i < len(s); {
		if !isLetter(s[i]) {
			i++
			continue
		}
		z := i + 1
		for z < len(s) && isLetter(s[z]) && (s[z] >= 'a' || s[z-1] < 'a') {
			z++
		}
		if z-i > 2 {
			known[strings.ToLower(s[i:z])] = true
		}
		i = z
	}
}

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

// byWorth is a heap of hunks, the best first.
type byWorth []*packedHunk

func (q byWorth) Len() int           { return len(q) }
func (q byWorth) Less(i, j int) bool { return q[i].worth > q[j].worth }
func (q byWorth) Swap(i, j int)      { q[i], q[j] = q[j], q[i] }
func (q *byWorth) Push(x any)        { *q = append(*q, x.(*packedHunk)) }
func (q *byWorth) Pop() any {
	last := (*q)[len(*q)-1]
	*q = (*q)[:len(*q)-1]
	return last
}

// refill gives hunks that were shortened what is left.
func (k *packer) refill() {
	for _, h := range k.hunks {
		if h.keep == nil || k.left < 20 {
			continue
		}
		whole, room := h.slim[0], h.spent+k.left
		var keep []bool
		if h.cost[0] > room {
			whole, keep = cutHunk(h.hunk, room)
		}
		if n := Tokens(whole); n > h.spent && n <= room {
			k.left -= n - h.spent
			h.shown, h.spent, h.keep = whole, n, keep
		}
	}
}

// widen gives hunks more lines of context as far as the rest goes, each one
// line before any gets three, and all of them before any gets what git gave.
func (k *packer) widen() {
	for _, context := range []int{1, 3, math.MaxInt32} {
		for _, h := range k.hunks {
			if h.keep != nil || h.shown.Empty() || k.left < 3 {
				continue
			}
			wide := slim(h.hunk, context)
			if n := Tokens(wide); n-h.spent <= k.left && n > h.spent {
				k.left -= n - h.spent
				h.shown, h.spent = wide, n
			}
		}
	}
}

var (
	declaring = wordSet(`func def class public private protected static export interface struct impl fn type pub`)
	dullLine  = lazyre.New(`^\s*(?:import\b|#include|from \w|using\b|package\b|//|#|\*|/\*|$)`)
)

// hunkValue grows with the size of a hunk; white space and imports count little.
func hunkValue(h *scrub.Hunk) float64 {
	n, dull, declares := 0, true, false
	var added, removed strings.Builder
	for _, l := range h.Lines {
		s := l.Text.String()
		switch l.Op {
		case review.OpContext:
			continue
		case review.OpAdd:
			added.WriteString(s + "\n")
			declares = declares || declaring[firstWord(s)]
		case review.OpRemove:
			removed.WriteString(s + "\n")
		}
		n++
		dull = dull && dullLine.MatchString(s)
	}
	v := math.Log2(1 + float64(n))
	bare := func(s string) string { return strings.Join(strings.Fields(s), "") }
	switch {
	case bare(added.String()) == bare(removed.String()):
		v *= 0.1
	case dull:
		v *= 0.3
	}
	if declares {
		v *= 1.3
	}
	return v
}
