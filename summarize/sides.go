// SPDX-License-Identifier: Apache-2.0

package summarize

import (
	"path"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"review-assistant/review"
	"review-assistant/scrub"
)

// sides is the change by the sign of its lines: what a sentence may call added
// or removed. Paths are in lower case.
type sides struct {
	hunks []hunkSides
	kept  string // context lines and what stands behind "@@"
	files []sideFile
	// before and after are names that renamed, removed and new files had or
	// have, with the last part alone and with the folders above.
	before, after map[string]bool
	// folded is the same in lower case, made when it is needed.
	folded func() *sides
	// known keeps what was looked up: a hostile answer asks a lot.
	known map[string]finding
}

type finding struct {
	form string
	n    standing
}

type hunkSides struct {
	file           int
	added, removed string
}

type sideFile struct {
	path, old string
	status    review.FileStatus
	shown     *lines
}

func newSides(p *scrub.Patch, shown map[string]*lines) *sides {
	s := &sides{before: map[string]bool{}, after: map[string]bool{}, known: map[string]finding{}}
	s.folded = sync.OnceValue(func() *sides {
		low := &sides{kept: strings.ToLower(s.kept)}
		for _, h := range s.hunks {
			low.hunks = append(low.hunks, hunkSides{h.file, strings.ToLower(h.added), strings.ToLower(h.removed)})
		}
		return low
	})
	var kept strings.Builder
	for i := range p.Files {
		f := &p.Files[i]
		name, old := strings.ToLower(f.Path.String()), strings.ToLower(f.OldPath.String())
		s.files = append(s.files, sideFile{name, old, f.Status, shown[f.Path.String()]})
		switch f.Status {
		case review.FileAdded, review.FileCopied:
			addNames(s.after, name)
		case review.FileDeleted:
			addNames(s.before, name)
		case review.FileRenamed:
			addNames(s.before, old)
			addNames(s.after, name)
		}
		for j := range f.Hunks {
			h := &f.Hunks[j]
			var added, removed strings.Builder
			for _, l := range h.Lines {
				to := &kept
				switch l.Op {
				case review.OpAdd:
					to = &added
				case review.OpRemove:
					to = &removed
				}
				to.WriteString(l.Text.String())
				to.WriteByte('\n')
			}
			kept.WriteString(h.Section.String())
			kept.WriteByte('\n')
			s.hunks = append(s.hunks, hunkSides{i, added.String(), removed.String()})
		}
	}
	s.kept = kept.String()
	return s
}

func addNames(set map[string]bool, name string) {
	set[path.Base(name)] = true
	for d := name; d != "." && d != "/" && d != ""; d = path.Dir(d) {
		set[d] = true
	}
}

// standing is how often a piece of code stands on each side.
type standing struct {
	added, removed, kept int
	up, down             bool // some hunk has more of it than before, or less
}

func (n standing) known() bool { return n.added+n.removed+n.kept > 0 }

// of counts code in the lines of one file, or of all when file is -1. Case
// matters unless fold is set.
func (s *sides) of(code string, file int, fold bool) (n standing) {
	if fold {
		return s.folded().of(strings.ToLower(code), file, false)
	}
	for i := range s.hunks {
		h := &s.hunks[i]
		if file >= 0 && h.file != file {
			continue
		}
		a, r := countWord(h.added, code), countWord(h.removed, code)
		n.added, n.removed = n.added+a, n.removed+r
		n.up, n.down = n.up || a > r, n.down || r > a
	}
	if file < 0 {
		n.kept = countWord(s.kept, code)
	}
	return n
}

// find returns the first form of code that stands in the change, with where.
func (s *sides) find(code string) (form string, n standing, ok bool) {
	f, done := s.known[code]
	if !done {
		f = s.lookUp(code)
		s.known[code] = f
	}
	return f.form, f.n, f.n.known()
}

func (s *sides) lookUp(code string) finding {
	for _, fold := range []bool{false, true} {
		for _, form := range codeForms(code) {
			if n := s.of(form, -1, fold); n.known() {
				return finding{form, n}
			}
		}
	}
	return finding{}
}

// codeForms are the ways in which code stands in a diff: as it was written,
// without arguments, and its last name alone.
func codeForms(code string) []string {
	code = strings.TrimSpace(code)
	out := []string{code}
	add := func(s string) {
		if s != "" && s != out[len(out)-1] {
			out = append(out, s)
		}
	}
	if i := strings.IndexByte(code, '('); i > 0 && strings.HasSuffix(code, ")") {
		code = strings.TrimSpace(code[:i])
		add(code)
	}
	if i := strings.LastIndexAny(code, ".#:>"); i >= 0 && !strings.ContainsAny(code, " /") {
		add(code[i+1:])
	}
	return out
}

// withPath returns the files that a path or the end of one names.
func (s *sides) withPath(name string) (out []int) {
	name = plainName(name)
	if name == "" {
		return nil
	}
	for i, f := range s.files {
		for _, p := range []string{f.path, f.old} {
			if p != "" && (p == name || strings.HasSuffix(p, "/"+name)) {
				out = append(out, i)
				break
			}
		}
	}
	return out
}

// plainName is a path as files of a patch have it, in lower case.
func plainName(name string) string {
	return strings.TrimRight(strings.TrimPrefix(strings.ToLower(strings.Trim(name, "`")), "./"), "/")
}

// countWord counts word in text where it is no part of a longer word.
func countWord(text, word string) (n int) {
	if word == "" {
		return 0
	}
	first, _ := utf8.DecodeRuneInString(word)
	last, _ := utf8.DecodeLastRuneInString(word)
	for at := 0; ; {
		i := strings.Index(text[at:], word)
		if i < 0 {
			return n
		}
		i += at
		end := i + len(word)
		before, _ := utf8.DecodeLastRuneInString(text[:i])
		after, _ := utf8.DecodeRuneInString(text[end:])
		if (!wordRune(first) || !wordRune(before) || i == 0) && (!wordRune(last) || !wordRune(after) || end == len(text)) {
			n++
		}
		at = end
	}
}

func standsIn(text, word string) bool { return countWord(text, word) > 0 }

func wordRune(r rune) bool { return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) }
