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

// titleWords returns the hashes of the distinct words of a title in lower
// case. The area is one word more, with its colon; its hash is 0 for none.
func titleWords(title string) (words []uint32, area uint32) {
	title = strings.ToLower(title)
	if before := areaOf(title); before != "" {
		area = wordHash(before + ":")
		words = append(words, area)
	}
	for _, w := range strings.FieldsFunc(title, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) && r != '_' }) {
		if len(w) > 2 {
			words = append(words, wordHash(w))
		}
	}
	words = distinct(words)
	return words[:min(len(words), maxWords)], area
}

// text90 is who reviews changes with such words in their titles; rare words
// count for more.
func text90(q *query, out []float64) {
	m := q.mix(h90)
	known := map[*tally]float64{}
	var order []*tally
	sum := 0.0
	for _, w := range q.words {
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
	if q.area == 0 || !plain(q.areaText) {
		return ""
	}
	n := int(q.window().areas[u])
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("reviewed %s titled %q in the last 90 days", plural(n, "change"), q.areaText+":")
}
