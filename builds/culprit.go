// SPDX-License-Identifier: Apache-2.0

package builds

import (
	"regexp"
	"strconv"
	"strings"

	"review-assistant/review"
	"review-assistant/scrub"
)

// Culprit is a line of the change that a failure points at.
type Culprit struct {
	Path scrub.Text
	Line int // on the new side, from 1; 0 for the file as a whole
	How  How
}

// How says why a line is pointed at.
type How int

// The ways, the surest first.
const (
	NamedLine  How = iota // the log names the line, and the change wrote it
	RemovedAt             // the log misses a name that the change removed here
	AddedAt               // the log names what the change added here
	NamedFile             // the log names the file
	maxCulprit = 3
)

// reference is FILE:LINE as compilers, test runners and stack traces write it:
// a.go:12, A.java:[12,5], a.ts(12,5), File "a.py", line 12.
var reference = regexp.MustCompile(`([\w@+.~-]*(?:[/\\][\w@+.~-]+)*\.[A-Za-z]\w{0,9})(?:"?, line |:\[|[:(])(\d{1,7})\b`)

// word is a name that is long enough to be looked for in a diff.
var word = regexp.MustCompile(`[A-Za-z_][A-Za-z0-9_]{3,}`)

// plainWord is one that says nothing of code.
var plainWord = regexp.MustCompile(`^(?:[a-z]+|[A-Z]+|[A-Z][a-z]+)$`)

// Culprits returns at most three lines of the change that a failure points at,
// the surest first. Only lines that the change added, or stands beside what it
// removed, are named; a failure that points nowhere has none.
func Culprits(f *review.BuildFailure, p scrub.Patch) []Culprit {
	var found [NamedFile + 1][]Culprit
	put := func(c Culprit) {
		for _, have := range found[c.How] {
			if have.Path.String() == c.Path.String() && have.Line == c.Line {
				return
			}
		}
		found[c.How] = append(found[c.How], c)
	}
	text := []string{f.Message}
	if f.File != "" {
		text = append(text, f.File+":"+strconv.Itoa(f.Line))
	}
	for _, l := range f.Excerpt {
		text = append(text, l.Text)
	}
	for _, t := range text {
		if library(t) {
			continue // its names may be those of files of the change
		}
		for _, m := range reference.FindAllStringSubmatch(t, 20) {
			n, err := strconv.Atoi(m[2])
			if err != nil {
				continue
			}
			for _, file := range p.Files {
				if !samePath(m[1], file.Path.String()) {
					continue
				}
				if at, ok := addedNear(file, n); ok {
					put(Culprit{file.Path, at, NamedLine})
				} else {
					put(Culprit{file.Path, 0, NamedFile})
				}
			}
		}
	}
	for _, name := range names(f.Message) {
		for _, file := range p.Files {
			if at, op, ok := mentions(file, name); ok && op == review.OpRemove {
				put(Culprit{file.Path, at, RemovedAt})
			} else if ok {
				put(Culprit{file.Path, at, AddedAt})
			}
		}
	}
	var out []Culprit
	for _, list := range found {
		for _, c := range list {
			covered := c.How == NamedFile && hasPath(out, c.Path.String())
			if len(out) < maxCulprit && !covered {
				out = append(out, c)
			}
		}
	}
	return out
}

func hasPath(list []Culprit, path string) bool {
	for _, c := range list {
		if c.Path.String() == path {
			return true
		}
	}
	return false
}

// samePath reports whether a name in a log can be a file of the change: what
// the shorter one has of folders, the longer one ends with.
func samePath(logged, path string) bool {
	logged = strings.TrimPrefix(strings.ReplaceAll(logged, `\`, "/"), "./")
	return logged == path || strings.HasSuffix(path, "/"+logged) || strings.HasSuffix(logged, "/"+path)
}

// near is how many lines a position in a log may be beside an added line: a
// compiler names the statement, and the base may have moved a little.
const near = 2

// addedNear returns the added line of the new side nearest to n.
func addedNear(f scrub.File, n int) (line int, ok bool) {
	best := near + 1
	for _, h := range f.Hunks {
		if n < h.NewStart-near || n > h.NewStart+h.NewLines+near {
			continue
		}
		at := h.NewStart
		for _, l := range h.Lines {
			switch l.Op {
			case review.OpRemove:
				continue
			case review.OpAdd:
				if d := max(at-n, n-at); d < best {
					best, line = d, at
				}
			}
			at++
		}
	}
	return line, line > 0
}

// names returns names of code in a line, at most eight.
func names(message string) []string {
	var out []string
	for _, w := range word.FindAllString(message, 40) {
		if !plainWord.MatchString(w) && len(out) < 8 {
			out = append(out, w)
		}
	}
	return out
}

// mentions returns the first changed line with a name: a removed one where no
// added line has it, for then it is gone.
func mentions(f scrub.File, name string) (line int, op review.Op, ok bool) {
	removed := 0
	for _, h := range f.Hunks {
		at := h.NewStart
		for _, l := range h.Lines {
			switch l.Op {
			case review.OpAdd:
				if hasWord(l.Text.String(), name) {
					return at, review.OpAdd, true
				}
			case review.OpRemove:
				if removed == 0 && hasWord(l.Text.String(), name) {
					removed = max(at, 1)
				}
				continue
			}
			at++
		}
	}
	return removed, review.OpRemove, removed > 0
}

// hasWord reports whether s has w with no letter, digit or underscore beside it.
func hasWord(s, w string) bool {
	for i := 0; ; {
		j := strings.Index(s[i:], w)
		if j < 0 {
			return false
		}
		i += j
		end := i + len(w)
		if (i == 0 || !wordByte(s[i-1])) && (end == len(s) || !wordByte(s[end])) {
			return true
		}
		i = end
	}
}
