// SPDX-License-Identifier: Apache-2.0

package reviewers

import (
	"fmt"
	"math"
	"strings"
	"unicode"
)

const (
	maxWords = 20
	// areaWithin is how far into a title the colon of "area:" may stand, in bytes.
	areaWithin = 60
)

// areaOf returns what stands in front of the colon of a title, in lower case.
func areaOf(title string) string {
	before, _, ok := strings.Cut(strings.ToLower(title), ":")
	if !ok || len(before) >= areaWithin {
		return ""
	}
	return before
}

// title is what is kept of a title: hashes of its parts.
type title struct {
	area  uint32   // what stands in front of the colon, 0 for nothing
	words []uint32 // distinct, with the area and its colon as one word
	pairs []uint32 // distinct, of words that follow each other
}

// titleOf takes a title apart, in lower case.
func titleOf(text string) title {
	var t title
	text = strings.ToLower(text)
	if before := areaOf(text); before != "" {
		t.area = wordHash(before + ":")
		t.words = append(t.words, t.area)
	}
	before := ""
	for _, w := range strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) && r != '_' }) {
		if len(w) > 2 {
			t.words = append(t.words, wordHash(w))
		}
		if before != "" {
			t.pairs = append(t.pairs, wordHash(before+" "+w))
		}
		before = w
	}
	t.words, t.pairs = distinct(t.words), distinct(t.pairs)
	t.words, t.pairs = t.words[:min(len(t.words), maxWords)], t.pairs[:min(len(t.pairs), maxWords)]
	return t
}

// text90 is who reviews changes with such words in their titles; rare words
// count for more.
func text90(q *query, out []float64) {
	m := q.mix(h90)
	known := map[*tally]float64{}
	var order []*tally
	sum := 0.0
	for _, w := range q.title.words {
		if t := q.l.words[wordKey{q.project, w}]; t != nil {
			weight := 1 / (1 + math.Log1p(t.total[h500]*q.now[h500]))
			known[t] = weight
			order = append(order, t)
			sum += weight
		}
	}
	for _, t := range order {
		m.add(known[t]/sum, wordPrior, t)
	}
	if len(order) == 0 {
		m.add(1, wordPrior)
	}
	m.fillLogs(out, q.base[h90])
}

// tellTitle counts reviews of changes of the same area. An area with
// characters that need care is not repeated.
func tellTitle(q *query, u uid) string {
	if q.title.area == 0 || !plain(q.areaText) {
		return ""
	}
	n := int(q.window().areas[u])
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("reviewed %s titled %q in the last 90 days", plural(n, "change"), q.areaText+":")
}
