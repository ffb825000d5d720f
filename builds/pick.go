// SPDX-License-Identifier: Apache-2.0

package builds

import (
	"cmp"
	"math"
	"slices"
	"strings"
)

const (
	maxExcerpts  = 8
	stepBonus    = 14
	commandBonus = 8  // of the last command in a log without steps
	knownMalus   = 45 // for what a log that passed says too
	fewTests     = 4
	surelyShown  = 3
	minScore     = 25 // of an excerpt behind the first
	farBelow     = 55 // points from the first excerpt to one that is noise beside it
	otherStep    = 26 // the same for one that is not of the step that failed
	shortLog     = 400
)

// Excerpt is a place of a log. Lines are counted from 1, at line feeds.
type Excerpt struct {
	Rank  int     `json:"rank"` // from 1, the best
	Start int     `json:"start"`
	End   int     `json:"end"`
	Focus int     `json:"focus"` // the line that matters
	Kind  string  `json:"kind"`  // compile, test, lint, infra, timeout, crash, config or other
	Score float64 `json:"score"` // from 0 to 1; for comparison within the log
}

// Log is what was found in a log.
type Log struct {
	Excerpts []Excerpt
	Category string // as in [review.BuildFailure]
	Lines    int
	// Dropped counts failing tests beyond those of Failures.
	Dropped int

	picked   []*candidate // of Excerpts
	all      []*candidate // the best first
	tests    []*candidate // one for each test
	testsRan bool
}

// log ends the reading.
func (d *digest) log(o ReadOptions) *Log {
	l := &Log{Lines: d.number, Category: categoryUnknown, testsRan: len(d.tests) > 0}
	d.rate(o)
	d.endRun()
	if d.firstFinal == 0 && d.command > 0 {
		d.plain()
	}
	all := d.best
	if d.words != nil && d.hardest < tierThrown {
		d.words.score = float64(d.words.tier + stepBonus)
		all = append(all, d.words)
	}
	slices.SortStableFunc(all, func(a, b *candidate) int {
		// Nearly equal is equal: then the earlier is the cause.
		return cmp.Or(-cmp.Compare(math.Round(a.score/3), math.Round(b.score/3)), cmp.Compare(a.number, b.number))
	})
	byName(all)
	l.all = all
	l.choose(d.book, all, len(d.tests))
	if len(l.Excerpts) == 0 {
		l.end(d)
	}
	l.nameTests(all, len(d.tests))
	if len(l.picked) > 0 {
		l.Category = category(l.picked)
	}
	return l
}

// byName orders what threads print in any order, among equals.
func byName(all []*candidate) {
	var at []int
	for i, c := range all {
		if c.unordered && (len(at) == 0 || math.Round(c.score/3) == math.Round(all[at[0]].score/3)) {
			at = append(at, i)
		}
	}
	named := make([]*candidate, len(at))
	for i, k := range at {
		named[i] = all[k]
	}
	slices.SortStableFunc(named, func(a, b *candidate) int { return cmp.Compare(a.test, b.test) })
	for i, k := range at {
		all[k] = named[i]
	}
}

// rate gives the candidates their scores.
func (d *digest) rate(o ReadOptions) {
	ended := cmp.Or(d.firstFinal, d.lastEnd, d.number)
	late := func(c *candidate) float64 {
		return 3 * math.Exp(-math.Abs(float64(ended-c.number))/max(60, 0.08*float64(d.number)))
	}
	// Of what one rule finds in the step that failed the first is the cause.
	latest := map[string]float64{}
	for _, c := range d.best {
		if c.inStep && c.tier >= tierCase {
			latest[c.id] = max(latest[c.id], late(c))
		}
	}
	for _, c := range d.best {
		w := float64(c.weight())
		if n := d.templates[c.template]; n != nil && n.count > 3 {
			malus := 6 * math.Log2(float64(n.count))
			if c.tier >= tierCase { // a header that breaks fifty files is still the cause
				malus = min(malus, 8)
			}
			w -= malus
		}
		for _, b := range o.Baselines {
			if b.has(c.template) {
				w -= knownMalus
				break
			}
		}
		if c.again {
			w -= 5
		}
		if c.inStep && c.tier >= tierCase {
			w += latest[c.id]
		} else {
			w += late(c)
		}
		if d.number > shortLog && float64(c.number) < 0.15*float64(d.number) {
			w -= 12
		}
		c.score = w
	}
}

// choose makes the excerpts of the candidates, best first.
func (l *Log) choose(b *ruleBook, all []*candidate, tests int) {
	used := map[int]bool{}
	shownKeys := map[uint64]bool{}
	var shownTests []string
	budget := MaxExcerpt
	many := tests > fewTests
	crowd := map[string]int{} // of a rule
	for _, c := range all {
		if c.file != "" || c.each {
			crowd[c.id]++
		}
	}
	for _, c := range all {
		if len(l.Excerpts) == maxExcerpts && !many && crowd[c.id] <= fewTests || budget == 0 || len(l.Excerpts) > 0 && c.score < minScore || len(l.Excerpts) >= surelyShown && c.score < all[0].score-farBelow {
			break
		}
		if len(l.Excerpts) > 0 && all[0].inStep && !c.inStep && c.score < all[0].score-otherStep {
			continue
		}
		if used[c.number] || shownKeys[c.key] || c.test != "" && known(shownTests, fullName(c)) {
			continue
		}
		s := shape{book: b, c: c, used: used, first: len(l.Excerpts) == 0, rank: len(l.Excerpts), brief: many && c.test != "" || crowd[c.id] > fewTests}
		from, to := s.span(budget)
		budget -= to - from + 1
		focus := c.number
		if c.title {
			focus = c.first + reason(c, from-c.first, to-c.first)
		}
		l.Excerpts = append(l.Excerpts, Excerpt{
			Rank: len(l.Excerpts) + 1, Start: from, End: to, Focus: focus, Kind: string(c.kind),
			Score: math.Round(max(0, min(1, c.score/120))*100) / 100,
		})
		l.picked = append(l.picked, c)
		for n := from; n <= to; n++ {
			used[n] = true
			m, ok := b.find([]byte(c.window[n-c.first]))
			if !ok {
				continue
			}
			if m.test != "" && m.kind == KindTest {
				shownTests = append(shownTests, canonical(m.test))
			}
		}
		shownKeys[c.key] = true
		for _, o := range all {
			if used[o.number] {
				shownKeys[o.key] = true
			}
		}
		if c.test != "" {
			shownTests = append(shownTests, canonical(fullName(c)))
		}
	}
}

func known(names []string, name string) bool {
	name = canonical(name)
	return slices.ContainsFunc(names, func(n string) bool { return sameTest(n, name) })
}

// shape decides which lines around a candidate are shown.
type shape struct {
	book  *ruleBook
	c     *candidate
	used  map[int]bool
	first bool
	rank  int
	brief bool // many like it failed: the names of more of them say more
}

func (s *shape) at(n int) string { return s.c.window[n-s.c.first] }

func (s *shape) has(n int) bool { return n >= s.c.first && n < s.c.first+len(s.c.window) }

func (s *shape) span(budget int) (from, to int) {
	c := s.c
	room := 4
	switch {
	case s.first:
		room = 7
	case s.brief:
		room = 2
		room += len(titles(c))
	case s.rank < 3:
		room = 6
	}
	if c.below > room && s.rank < 2 && !(s.brief && !s.first) {
		room = c.below
	}
	from = c.number
	if c.above > 0 && (s.first || !s.brief || c.each) {
		for k := c.number - 1; k >= c.number-c.above && s.has(k) && !s.used[k] && s.at(k) != "" && !trace([]byte(s.at(k))); k-- {
			from = k
		}
	} else if k := c.number - 1; !s.brief && s.has(k) && !s.used[k] && s.at(k) != "" {
		if _, ok := s.book.find([]byte(s.at(k))); ok {
			from = k
		}
	}
	room = min(room, budget)
	from = max(from, c.number-room+1)
	to = c.number
	for k := c.number + 1; s.has(k) && k-from < room && !s.used[k]; k++ {
		m := s.book.mark(s.at(k))
		if m == markStart || m == markFinal || strings.HasPrefix(c.text(), "[ERROR]") && strings.HasPrefix(s.at(k), "[INFO]") {
			break
		}
		if s.at(k) != "" && m != markEnd && !s.book.dull(s.at(k)) && !zuulEnd(s.at(k)) {
			to = k
		}
	}
	return from, to
}

// end shows the last lines of a log in which nothing was found.
func (l *Log) end(d *digest) {
	if d.number == 0 {
		return
	}
	n := d.number
	for n > 1 && n > d.number-linesAbove && len(bytesAt(d, n)) == 0 {
		n--
	}
	c := &candidate{match: match{rule: lastWordsRule()}, number: n}
	d.frame(c)
	from := max(1, c.first, n-11)
	l.Excerpts = []Excerpt{{Rank: 1, Start: from, End: n, Focus: n, Kind: string(KindOther)}}
	l.picked = []*candidate{c}
}

// plain is the end of a log in which no CI says that a step failed: the last
// command that a shell printed did.
func (d *digest) plain() {
	for _, c := range d.best {
		if c.number > d.command {
			c.quiet -= commandBonus
		}
	}
	d.start = max(d.start, d.command)
	if d.hardest < tierRefused {
		d.lastWords(d.number + 1)
	}
}

func bytesAt(d *digest, n int) []byte { return d.ring[n%len(d.ring)] }

// nameTests keeps one candidate for each failing test, in the order of the log.
func (l *Log) nameTests(all []*candidate, counted int) {
	var names []string
	for _, c := range all {
		if c.kind != KindTest || c.test == "" || c.score < minScore || c.tier-c.quiet < tierAssert {
			continue
		}
		c.test = fullName(c)
		if !known(names, c.test) {
			names = append(names, canonical(c.test))
			l.tests = append(l.tests, c)
		}
	}
	l.tests = slices.DeleteFunc(l.tests, func(c *candidate) bool {
		return parent(c, names)
	})
	if len(l.tests) > maxFailures {
		l.Dropped = max(len(l.tests), counted) - maxFailures
		l.tests = l.tests[:maxFailures]
	}
	slices.SortStableFunc(l.tests, func(a, b *candidate) int { return cmp.Compare(a.number, b.number) })
	byName(l.tests)
}

// parent reports whether a test failed only because a part of it did, which is
// named too: https://pkg.go.dev/testing#hdr-Subtests_and_Sub_benchmarks,
// https://nodejs.org/api/test.html#subtests.
func parent(c *candidate, names []string) bool {
	switch c.id {
	case "go-test":
		return slices.ContainsFunc(names, func(n string) bool { return strings.HasPrefix(n, canonical(c.test)+".") })
	case "tap":
		below := c.window[c.focus()+1 : min(len(c.window), c.focus()+8)]
		return slices.ContainsFunc(below, func(s string) bool { return strings.TrimSpace(s) == "failureType: 'subtestsFailed'" })
	case "cross-marks":
		return slices.ContainsFunc(c.window[:c.focus()], func(s string) bool { return strings.TrimSpace(s) == "▶ "+c.test })
	}
	return false
}

// fullName joins the titles that mocha writes one below the other.
func fullName(c *candidate) string {
	return strings.Join(append([]string{c.test}, titles(c)...), " ")
}

// titles are the lines below the first one of a failure of mocha: deeper and
// deeper, up to one with a colon.
func titles(c *candidate) []string {
	if c.id != "mocha" || strings.HasSuffix(c.text(), ":") {
		return nil
	}
	var out []string
	last := indent(c.text())
	for i := c.focus() + 1; i < len(c.window) && i <= c.focus()+6; i++ {
		line := c.window[i]
		if line == "" || indent(line) <= last {
			return nil
		}
		last = indent(line)
		out = append(out, strings.TrimSuffix(strings.TrimSpace(line), ":"))
		if strings.HasSuffix(line, ":") {
			return out
		}
	}
	return nil
}

func indent(s string) int { return len(s) - len(strings.TrimLeft(s, " ")) }

// category is that of the first excerpt; one that only names a step has that
// of what it does, or of what is sure beside it.
func category(picked []*candidate) string {
	for i, c := range picked {
		if i == 3 || i > 0 && c.tier < tierTask {
			break
		}
		what := cmp.Or(c.category, string(c.kind))
		if what == categoryUnknown || what == string(KindOther) {
			what = stepCategory(c)
		}
		if what != categoryUnknown {
			return what
		}
	}
	return categoryUnknown
}

// stepCategory is the category of a Gradle task or Maven goal by its name.
func stepCategory(c *candidate) string {
	if c.id != "gradle-task" && c.id != "maven-goal" {
		return categoryUnknown
	}
	name := strings.ToLower(c.text())
	for _, s := range [...]struct {
		what  Kind
		words []string
	}{
		{KindLint, []string{"checkformat", "checkstyle", "spotless", "lint", "detekt", "pmd", "spotbugs", "findbugs", "forbiddenapis", "rat-plugin", ":rat", "license", "enforcer", "javadoc"}},
		{KindCompile, []string{"compilation failure", "compile", "classes failed"}},
		{KindTest, []string{"surefire", "failsafe", "test failed", "test failures"}},
	} {
		for _, w := range s.words {
			if strings.Contains(name, w) {
				return string(s.what)
			}
		}
	}
	return categoryUnknown
}
