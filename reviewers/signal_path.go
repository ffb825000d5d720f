// SPDX-License-Identifier: Apache-2.0

package reviewers

import (
	"fmt"
	"strings"
	"unicode"
)

// Who reviewed, and who wrote, changes around these files: a back-off from
// the file over its directories to the project.

func path20(q *query, out []float64)  { q.reviewedAround(h20, out) }
func path500(q *query, out []float64) { q.reviewedAround(h500, out) }

func (q *query) reviewedAround(half int, out []float64) {
	m := q.mix(half)
	for _, f := range q.files {
		var tallies []*tally
		for _, p := range chain(f.near) {
			if p.parent != nil { // the project itself is in the base
				tallies = append(tallies, &p.reviewed)
			}
		}
		m.add(1/float64(len(q.files)), 1, tallies...)
	}
	m.fillLogs(out, q.base[half])
}

func auth500(q *query, out []float64) {
	m := q.mix(h500)
	for _, f := range q.files {
		tallies := []*tally{&q.l.written}
		for _, p := range chain(f.near) {
			tallies = append(tallies, &p.written)
		}
		m.add(1/float64(len(q.files)), 1, tallies...)
	}
	m.fillLogs(out, q.everyone)
}

// tellReviewed counts reviews of the last 90 days in the deepest directory of
// the change where there were some, else reviews of one file at any time.
func tellReviewed(q *query, u uid) string {
	counts := q.window().dirs
	var best *place
	most := 0
	for _, d := range q.dirs {
		for dir := d.near; dir != nil; dir = dir.parent {
			n := int(counts[dir][u])
			if rank := min(n, 3)*(maxPathDepth+1) + depth(dir); n > 0 && rank > most {
				best, most = dir, rank
			}
		}
	}
	if best != nil {
		return fmt.Sprintf("reviewed %s%s in the last 90 days", plural(int(counts[best][u]), "change"), under(best))
	}
	file, n := q.mostTouched(u, func(p *place) *touches { return &p.seen })
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("reviewed %s%s", plural(n, "change"), to(file))
}

// mostTouched returns the file of the change, or else the directory, that a
// person touched most.
func (q *query) mostTouched(u uid, of func(*place) *touches) (best *place, n int) {
	for _, f := range q.files {
		if f.place != nil {
			if c := of(f.place).count(u); c > n {
				best, n = f.place, c
			}
		}
	}
	if n > 0 {
		return best, n
	}
	for _, d := range q.dirs {
		if d.place != nil && d.place.parent != nil {
			if c := of(d.place).count(u); c > n {
				best, n = d.place, c
			}
		}
	}
	return best, n
}

func under(dir *place) string {
	if dir.parent == nil {
		return " of this project"
	}
	if path := dir.path(); plain(path) {
		return " under " + path
	}
	return " under one of these directories"
}

// to names a file, or a directory with the files right in it.
func to(p *place) string {
	path := p.path()
	switch {
	case p.isDir() && plain(path):
		return " in " + path
	case p.isDir():
		return " in one of these directories"
	case plain(path):
		return " to " + path
	}
	return " to one of these files"
}

// maxPlain is the length in bytes above which a name is not repeated.
const maxPlain = 120

// plain reports whether a name can be repeated as it is: no blanks, markup or
// letters that look like others. Paths and titles are written by anybody.
func plain(name string) bool {
	return len(name) <= maxPlain && !strings.ContainsFunc(name, func(r rune) bool {
		return r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("/._-+", r)
	})
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
