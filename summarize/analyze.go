// SPDX-License-Identifier: Apache-2.0

package summarize

import (
	"cmp"
	"math"
	"path"
	"slices"
	"strings"

	"review-assistant/internal/lazyre"
	"review-assistant/review"
	"review-assistant/scrub"
)

// file is a file of the patch with what its hunks tell.
type file struct {
	*scrub.File
	path string
	role role
	lang *language
	skip review.Skip // why its hunks are not looked at

	added, removed []decl
	resigned       []sigChange
	touched        []scrub.Text // declarations whose bodies changed
	taken          []taken      // declarations that moved here
	gave           bool         // a declaration of it moved elsewhere
	loose          bool         // some changed lines stand in no declaration that is known
	newCalls       []scrub.Text
	goneCalls      []scrub.Text
	edits          []edit
	effects        []effect
	chosen         []effect // those that a sentence tells
	bumps          []bump
	locked         []bump // of a lock file
	schema         []statementOf
	keysAdded      []setting
	keysRemoved    []setting
	keysChanged    []setting
	headings       []scrub.Text
	newHeadings    bool         // they come with this change
	remark         scrub.Text   // a comment that explains a changed body
	texts          []scrub.Text // new string literals that are sentences
	words          []scrub.Text // most frequent identifiers of the changed lines
	scans          []scanned    // of the hunks, when the language is known
	points         []found
	imports        []scrub.Text // the changed lines, when all of them import
	newImports     []scrub.Text // what is imported anew
	goneImports    []scrub.Text
	blank          bool       // nothing but white space changes
	order          *reorder   // set when nothing but the order of lines changes
	replaced       bool       // what it calls is told together with other files
	moved          bool       // renamed with hardly a changed line
	short          scrub.Text // the shortest unique end of the path
	weight         float64
}

func (f *file) lines() int { return f.Added + f.Removed }

// analyze looks at every file; the result is in order of weight, heaviest first.
func analyze(p *scrub.Patch) []*file {
	files := weigh(p)
	readAll(files)
	settleMoves(files)
	shorten(files)
	return files
}

// weigh says of every file what it is for and what it weighs, heaviest first.
// That is enough to pack a patch.
func weigh(p *scrub.Patch) []*file {
	files := make([]*file, len(p.Files))
	for i := range p.Files {
		s := &p.Files[i]
		f := &file{File: s, path: s.Path.String(), skip: classify(s)}
		f.role, f.lang = roleOf(f.path), languageOf(f.path)
		f.moved = (s.Status == review.FileRenamed || s.Status == review.FileCopied) && f.lines() < 6
		f.weight = importance(f)
		if f.blank = f.skip == "" && whiteSpaceOnly(s); f.blank {
			f.weight *= 0.2
		}
		files[i] = f
	}
	slices.SortStableFunc(files, func(a, b *file) int { return cmp.Compare(b.weight, a.weight) })
	return files
}

// read finds out what the hunks of a file tell.
func (f *file) read() {
	if f.skip == review.SkipLock {
		f.locked = read(locks, f.File)
	}
	if f.marked() {
		f.points = slices.DeleteFunc(risksOf(f), func(p found) bool { return p.Severity < High })
	}
	if f.skip != "" || f.blank {
		return
	}
	s := f.File
	if r, ok := reordered(s); ok {
		f.order = &r
		f.points = f.orderPoint()
		return
	}
	f.bumps = bumps(s)
	var hunks []scanned
	for i := range s.Hunks {
		f.edits = append(f.edits, edits(&s.Hunks[i])...)
		if f.lang == nil {
			continue
		}
		h := f.lang.scan(&s.Hunks[i])
		hunks = append(hunks, h)
		in, all := f.lang.enclosing(h)
		f.touched, f.loose = append(f.touched, in...), f.loose || !all
		f.newCalls = append(f.newCalls, h.calls(review.OpAdd)...)
		f.goneCalls = append(f.goneCalls, h.calls(review.OpRemove)...)
	}
	if f.lang != nil {
		f.declarations(hunks)
		f.remarks(hunks)
		f.effects = f.effectsOf(hunks)
	}
	f.touched = without(unique(f.touched), names(f.added))
	both := unique(f.newCalls)
	f.newCalls = without(both, f.goneCalls)
	f.goneCalls = without(unique(f.goneCalls), both)
	switch f.role {
	case roleSchema:
		f.schema = schemaChanges(s)
	case roleConfig, roleDeps:
		f.keysAdded, f.keysRemoved, f.keysChanged = settings(s)
	case roleDocs:
		f.headings, f.newHeadings = headings(s)
	}
	f.scans = hunks
	f.points = distinct(slices.Concat(f.editPoints(), risksOf(f), f.guards(), f.schemaPoints(), f.wirePoints(), f.heldPoints()))
	f.imports = onlyImports(hunks)
	f.newImports, f.goneImports = imported(hunks)
	f.words = frequent(s, f.lang)
}

// declarations finds what is declared anew, no more, or differently.
func (f *file) declarations(hunks []scanned) {
	tests := f.role == roleTest && (!strings.HasSuffix(f.path, ".go") || strings.HasSuffix(f.path, "_test.go"))
	var olds []decl
	var oldFirst []bool
	var news []decl
	var newFirst []bool
	keep := func(ds []decl, first, touched []bool) (out []decl, outFirst []bool) {
		for i, d := range ds {
			if touched[i] {
				out, outFirst = append(out, d), append(outFirst, first[i])
			}
		}
		return out, outFirst
	}
	for _, h := range hunks {
		before, after := h.sides()
		d, first := keep(f.lang.decls(before, f.path, tests))
		olds, oldFirst = append(olds, d...), append(oldFirst, first...)
		d, first = keep(f.lang.decls(after, f.path, tests))
		news, newFirst = append(news, d...), append(newFirst, first...)
	}
	used := make([]bool, len(olds))
	byName := map[string][]int{}
	for i, o := range olds {
		byName[o.name.String()] = append(byName[o.name.String()], i)
	}
	pick := func(n decl, fits func(a, b decl) bool) int {
		for _, i := range byName[n.name.String()] {
			if !used[i] && fits(olds[i], n) {
				used[i] = true
				return i
			}
		}
		return -1
	}
	// The same signature first, so that overloads pair with themselves.
	var left []int
	for i, n := range news {
		if pick(n, sameSig) < 0 {
			left = append(left, i)
		}
	}
	for _, i := range left {
		n := news[i]
		switch o := pick(n, anySig); {
		case o >= 0 && n.whole && olds[o].whole && !isValue(n.sig):
			s := sigChange{old: olds[o], new: n}
			s.open = s.old.public && s.breaks()
			f.resigned = append(f.resigned, s)
		case f.isConstructor(n.name):
		case o < 0 && newFirst[i]:
			f.added = append(f.added, n)
		}
	}
	for i, o := range olds {
		if !used[i] && oldFirst[i] {
			f.removed = append(f.removed, o)
		}
	}
}

// isConstructor reports whether a name is that of the class of a file that
// was there before: constructors are no news.
func (f *file) isConstructor(name scrub.Text) bool {
	base, _, _ := strings.Cut(path.Base(f.path), ".")
	return f.Status != review.FileAdded && name.String() == base
}

func anySig(decl, decl) bool { return true }

func sameSig(a, b decl) bool {
	return strings.Join(strings.Fields(a.sig.String()), " ") == strings.Join(strings.Fields(b.sig.String()), " ")
}

// isValue reports whether a declaration is a constant or variable, whose
// value is no signature.
func isValue(sig scrub.Text) bool {
	head, _, _ := strings.Cut(sig.String(), "(")
	return strings.Contains(head, "=") || valueDecl.MatchString(head)
}

var valueDecl = lazyre.New(`^(?:export\s+|pub\s+|public\s+|private\s+|static\s+|final\s+)*(?:const|var|let|static|#\s*define)\b`)

// taken is a declaration that moved here from another file.
type taken struct {
	name scrub.Text
	from *file
}

// settleMoves takes declarations that left one file and appear in another
// with the same signature out of "added" and "removed".
func settleMoves(files []*file) {
	type home struct{ f, i int }
	gone := map[string]home{}
	for fi, f := range files {
		for i, d := range f.removed {
			gone[d.name.String()+"\x00"+d.sig.String()] = home{fi, i}
		}
	}
	drop := map[home]bool{}
	for _, f := range files {
		f.added = slices.DeleteFunc(f.added, func(d decl) bool {
			from, ok := gone[d.name.String()+"\x00"+d.sig.String()]
			if !ok || drop[from] {
				return false
			}
			drop[from] = true
			if o := files[from.f]; o != f {
				f.taken = append(f.taken, taken{d.name, o})
				o.gave = true
			}
			return true
		})
	}
	for fi, f := range files {
		kept := f.removed[:0]
		for i, d := range f.removed {
			if !drop[home{fi, i}] {
				kept = append(kept, d)
			}
		}
		f.removed = kept
	}
}

// shorten finds names to call the files by.
func shorten(files []*file) {
	same := map[string]int{}
	for _, f := range files {
		same[path.Base(f.path)]++
	}
	for _, f := range files {
		f.short = PathText(base(f.Path))
		if same[path.Base(f.path)] > 1 || strings.Count(f.path, "/") < 2 {
			f.short = PathText(f.Path)
		}
	}
}

func names(ds []decl) []scrub.Text {
	out := make([]scrub.Text, len(ds))
	for i, d := range ds {
		out[i] = d.name
	}
	return unique(out)
}

// tests returns those of ds that declare a test.
func tests(ds []decl) []scrub.Text {
	return names(slices.DeleteFunc(slices.Clone(ds), func(d decl) bool { return !d.test }))
}

func without(items, drop []scrub.Text) []scrub.Text {
	gone := make(map[string]bool, len(drop))
	for _, d := range drop {
		gone[d.String()] = true
	}
	return slices.DeleteFunc(slices.Clone(items), func(t scrub.Text) bool { return gone[t.String()] })
}

var sensitiveArea = lazyre.New(`(?i)auth|secur|crypt|passw|token|permission|acl|sql|migrat|schema|\.proto$|api/`)

// importance is the logarithm of a file's size, weighed by what it is for.
func importance(f *file) float64 {
	w := math.Log2(2 + float64(f.lines()))
	switch f.role {
	case roleTest:
		w *= 0.55
	case roleDocs:
		w *= 0.5
	case roleAsset:
		w *= 0.2
	case roleConfig:
		w *= 0.8
	}
	if f.skip != "" {
		w *= 0.1
	}
	if sensitiveArea.MatchString(f.path) {
		w *= 1.3
	}
	if f.Added == 0 && f.Removed > 0 {
		w *= 0.5
	}
	if f.moved {
		w *= 0.4
	}
	return w
}

var heading = lazyre.New(`^(?:#{1,5}|={1,5})\s+(\S.*)$`)

var pathAlone = lazyre.New(`^\S*/\S*\.\w+$`)

// headings returns the headings that a document gains or, without new ones,
// those under which it changes.
func headings(s *scrub.File) (out []scrub.Text, fresh bool) {
	var gained, under []scrub.Text
	for i := range s.Hunks {
		var current scrub.Text
		for _, l := range s.Hunks[i].Lines {
			m := heading.FindStringSubmatchIndex(l.Text.String())
			switch {
			case m != nil && (diffHeader.MatchString(l.Text.String()) || pathAlone.MatchString(l.Text.String()[m[2]:m[3]])):
				// It reads like a file of the change.
			case m != nil && l.Op == review.OpAdd:
				gained = append(gained, l.Text.Slice(m[2], m[3]))
			case m != nil && l.Op == review.OpContext:
				current = l.Text.Slice(m[2], m[3])
			case l.Op != review.OpContext && !current.Empty():
				under = append(under, current)
			}
		}
	}
	if len(gained) > 0 {
		return unique(gained), true
	}
	return unique(under), false
}

// identifiers yields where the words of code with four or more letters, digits
// and underscores stand that start with no digit.
func identifiers(s string) func(func(int, int) bool) {
	return func(yield func(int, int) bool) {
		for i := 0; i < len(s); {
			j := i
			for j < len(s) && (isLetter(s[j]) || s[j] == '_' || s[j] >= '0' && s[j] <= '9' && j > i) {
				j++
			}
			if j-i >= 4 && !yield(i, j) {
				return
			}
			i = max(j, i+1)
		}
	}
}

// frequent returns the identifiers of changed lines that say most: those of
// the largest hunks first, then by how often they occur.
func frequent(s *scrub.File, g *language) []scrub.Text {
	type tally struct {
		t scrub.Text
		n int
	}
	index := map[string]int{}
	var all []tally
	budget := 400 // lines that are looked at
	for i := range s.Hunks {
		for _, l := range s.Hunks[i].Lines {
			if budget <= 0 {
				break
			}
			if l.Op == review.OpContext || l.Text.Len() > maxEditLine || importLine.MatchString(l.Text.String()) || g != nil && g.isComment(l.Text) {
				continue
			}
			budget--
			for from, to := range identifiers(l.Text.String()) {
				word := l.Text.String()[from:to]
				if !strings.Contains(word, "_") && !strings.ContainsFunc(word[1:], func(r rune) bool { return r >= 'A' && r <= 'Z' }) || strings.Trim(word, "_") == "" {
					continue
				}
				k, ok := index[word]
				if !ok {
					k = len(all)
					index[word] = k
					all = append(all, tally{t: l.Text.Slice(from, to)})
				}
				all[k].n++
			}
		}
	}
	slices.SortStableFunc(all, func(a, b tally) int { return b.n - a.n })
	var out []scrub.Text
	for _, a := range all[:min(len(all), 6)] {
		out = append(out, a.t)
	}
	return out
}
