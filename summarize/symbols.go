// SPDX-License-Identifier: Apache-2.0

package summarize

import (
	"slices"
	"strings"

	"review-assistant/internal/lazyre"
	"review-assistant/review"
	"review-assistant/scrub"
)

// decl is a declaration on one side of a hunk.
type decl struct {
	name   scrub.Text // with the receiver: Client.Authorize
	sig    scrub.Text // up to the body, on one line
	doc    scrub.Text // first line of the comment above
	line   int        // new-side line, of the nearest one for removed declarations
	public bool
	whole  bool // the signature ends inside the hunk
	test   bool // a test, not a helper beside one
}

// scanned is a hunk with what each of its lines is, found once.
type scanned struct {
	*scrub.Hunk
	names   []scrub.Text // what the line declares, mostly nothing
	imports []bool
	comment []bool
	code    []string // the line without literals and comments, as long as the line
}

func (g *language) scan(h *scrub.Hunk) scanned {
	n := len(h.Lines)
	s := scanned{h, make([]scrub.Text, n), make([]bool, n), make([]bool, n), make([]string, n)}
	before, after := literals{comment: g.comment}, literals{comment: g.comment}
	for i, l := range h.Lines {
		inside := l.Op == review.OpRemove && before.until != "" || l.Op != review.OpRemove && after.until != ""
		if l.Op != review.OpAdd {
			s.code[i] = before.code(l.Text.String())
		}
		if l.Op != review.OpRemove {
			s.code[i] = after.code(l.Text.String())
		}
		if inside {
			continue // text of a literal or comment declares nothing
		}
		if s.comment[i] = g.isComment(l.Text); s.comment[i] {
			continue
		}
		if s.imports[i] = l.Op != review.OpContext && importLine.MatchString(l.Text.String()); !s.imports[i] {
			s.names[i], _ = g.match(l.Text)
		}
	}
	return s
}

// side is one version of a hunk: its context with the removed or the added lines.
type side struct {
	lines   []scrub.Text
	names   []scrub.Text
	changed []bool
	at      []int // new-side line of each line, or of the nearest one
}

func (h scanned) sides() (before, after side) {
	line := h.NewStart
	last := h.NewStart + max(h.NewLines, 1) - 1
	for i, l := range h.Lines {
		at := min(max(line, h.NewStart), last)
		if l.Op != review.OpAdd {
			before.add(l, h.names[i], at)
		}
		if l.Op != review.OpRemove {
			after.add(l, h.names[i], at)
			line++
		}
	}
	return before, after
}

func (s *side) add(l scrub.Line, name scrub.Text, at int) {
	s.lines, s.names = append(s.lines, l.Text), append(s.names, name)
	s.changed, s.at = append(s.changed, l.Op != review.OpContext), append(s.at, at)
}

// maxDeclLine is in bytes; a longer line holds no declaration that a person wrote.
const maxDeclLine = 400

// match finds a declaration at the start of a line.
func (g *language) match(text scrub.Text) (name scrub.Text, ok bool) {
	s := text.String()
	if len(s) > maxDeclLine || !containsAny(s, g.needs) || statements[firstWord(s)] {
		return scrub.Text{}, false
	}
	for _, rule := range g.rules {
		m := rule.FindStringSubmatchIndex(s)
		if m == nil {
			continue
		}
		i := rule.SubexpIndex("name") * 2
		name = text.Slice(m[i], m[i+1])
		if keywords[name.String()] {
			continue
		}
		if r := rule.SubexpIndex("recv") * 2; r > 0 && m[r] >= 0 {
			name = scrub.Format("%s.%s", text.Slice(m[r], m[r+1]), name)
		}
		return name, true
	}
	return scrub.Text{}, false
}

func firstWord(s string) string {
	s = strings.TrimLeft(s, " \t")
	if i := strings.IndexFunc(s, func(r rune) bool { return r != '_' && (r < '0' || r > 'z') }); i >= 0 {
		return s[:i]
	}
	return s
}

// maxSigLines is how many lines a signature may take.
const maxSigLines = 8

// decls returns the declarations of one side; tests says
// that the file may declare tests. touched says for each whether a line of its
// signature changed, first whether its first line did.
func (g *language) decls(s side, path string, tests bool) (out []decl, first, touched []bool) {
	open := g.public != nil && !hiddenPath.MatchString(path)
	for i, text := range s.lines {
		name := s.names[i]
		if name.Empty() {
			continue
		}
		end := g.sigEnd(s.lines, i)
		d := decl{name: name, line: s.at[i], doc: g.doc(s, i)}
		d.sig, d.whole = signature(s.lines[i : end+1])
		d.test = tests && isTest(s.lines[max(0, i-2):i+1])
		d.public = open && g.public(text.String(), name.String(), path)
		hit := false
		for j := i; j <= end; j++ {
			hit = hit || s.changed[j]
		}
		out, first, touched = append(out, d), append(first, s.changed[i]), append(touched, hit)
	}
	return out, first, touched
}

var (
	testDecl = lazyre.New(`^func (?:Test|Fuzz|Benchmark|Example)(?:[A-Z_]\w*)?\(|\bdef test\w*|\bclass (?:Test\w+|\w+(?:Tests?|IT|Spec))\b|\b(?:void|fun|function|func) test\w*\s*\(|^\s*fn test\w*\(|^TEST(?:_\w+)?\(`)
	testMark = lazyre.New(`^\s*(?:@\w*Test\b|#\[(?:\w+::)?test\])`)
)

// isTest reports whether the last of the lines declares a test; a mark may
// stand above it.
func isTest(lines []scrub.Text) bool {
	last := len(lines) - 1
	if testDecl.MatchString(lines[last].String()) {
		return true
	}
	for i := last; i >= 0; i-- {
		s := strings.TrimSpace(lines[i].String())
		if testMark.MatchString(s) {
			return true
		}
		if i < last && !strings.HasPrefix(s, "@") && !strings.HasPrefix(s, "#[") {
			return false
		}
	}
	return false
}

// sigEnd returns the index of the line that closes the parentheses that the
// line at i opens, or i when they are not closed nearby.
func (g *language) sigEnd(lines []scrub.Text, i int) int {
	depth := 0
	for j := i; j < len(lines) && j < i+maxSigLines; j++ {
		s := lines[j].String()
		depth += strings.Count(s, "(") - strings.Count(s, ")")
		if depth <= 0 {
			return j
		}
	}
	return i
}

// hiddenPath matches files whose declarations nobody outside can use.
var hiddenPath = lazyre.New(`(?:^|/)(?:internal|impl|detail|private|cmd)/`)

// signature joins lines and leaves the body out; whole is false when the
// parentheses are not closed.
func signature(lines []scrub.Text) (sig scrub.Text, whole bool) {
	parts := make([]scrub.Text, len(lines))
	for i, l := range lines {
		parts[i] = l.TrimSpace()
	}
	all := scrub.Join(" ", parts...)
	s := all.String()
	depth, end := 0, len(s)
	for i := 0; i < len(s) && end == len(s); i++ {
		switch c := s[i]; {
		case c == '(' || c == '[':
			depth++
		case c == ')' || c == ']':
			depth--
		case depth == 0 && (c == '{' || c == ';' || strings.HasPrefix(s[i:], "=>") || c == ':' && strings.TrimSpace(s[i+1:]) == ""):
			end = i
		case depth == 0 && c == '=' && expressionBody.MatchString(s[:i]):
			end = i // a body that is an expression
		}
	}
	return all.Slice(0, end).TrimSpace(), depth == 0
}

// expressionBody matches what stands before the "=" of Kotlin and Scala.
var expressionBody = lazyre.New(`\b(?:fun|def)\s[^(]*\(.*\)[^)]*$`)

// doc returns the first sentence of the comment above line i, when it is new too.
func (g *language) doc(s side, i int) scrub.Text {
	if g.comment == "" || !s.changed[i] {
		return scrub.Text{}
	}
	var lines []scrub.Text // last one first
	for j := i - 1; j >= 0 && s.changed[j] && len(lines) < 30; j-- {
		t := s.lines[j].TrimSpace()
		switch str := t.String(); {
		case strings.HasPrefix(str, "@"), str == "*/":
			continue
		case strings.HasPrefix(str, "/*"):
			lines = append(lines, strip(t, "/*!"))
			return sentence(lines)
		case strings.HasPrefix(str, g.comment):
			lines = append(lines, strip(t, g.comment+"!"))
		case strings.HasPrefix(str, "*"):
			if lines = append(lines, strip(t, "*")); strings.HasPrefix(lines[len(lines)-1].String(), "@") {
				lines = nil
			}
		default:
			return sentence(lines)
		}
	}
	return sentence(lines)
}

// sentence joins lines, given last first, up to the end of the first sentence
// or paragraph.
func sentence(lines []scrub.Text) scrub.Text {
	slices.Reverse(lines)
	for len(lines) > 0 && lines[0].Empty() {
		lines = lines[1:]
	}
	if i := slices.IndexFunc(lines, scrub.Text.Empty); i >= 0 {
		lines = lines[:i]
	}
	all := scrub.Join(" ", lines...)
	if i := strings.Index(all.String(), ". "); i > 0 {
		all = all.Slice(0, i)
	}
	return all.Slice(0, len(strings.TrimRight(all.String(), ". :")))
}

// strip cuts characters of the set from the start of t, and "*/" from its end.
func strip(t scrub.Text, set string) scrub.Text {
	s := t.String()
	start := len(s) - len(strings.TrimLeft(s, set))
	end := len(strings.TrimSuffix(s, "*/"))
	return t.Slice(start, max(start, end)).TrimSpace()
}

func (g *language) isComment(t scrub.Text) bool {
	s := strings.TrimSpace(t.String())
	return g.comment != "" && strings.HasPrefix(s, g.comment) || strings.HasPrefix(s, "/*") || strings.HasPrefix(s, "* ") || s == "*/" || s == "*"
}

// legal matches comments that say nothing about the code below them.
var legal = re(`(?i)copyright|licen[sc]e|spdx|generated|nolint|eslint|\bTODO\b|\bFIXME\b|[;{}]\s*$`)

// sentenceText matches a string literal that people are to read.
var sentenceText = re(`"([A-Za-z][^"\\%{}<>]{10,80})"`)

// remarks finds a comment that a change adds inside of code that was there,
// and the texts that it adds.
func (f *file) remarks(hunks []scanned) {
	var gained, lost []scrub.Text
	for _, h := range hunks {
		for i, l := range h.Lines {
			if l.Op == review.OpContext || h.comment[i] || h.imports[i] || f.role != roleCode {
				continue
			}
			m := sentenceText.FindStringSubmatchIndex(l.Text.String())
			switch {
			case m == nil || strings.Count(l.Text.String()[m[2]:m[3]], " ") < 2:
			case l.Op == review.OpAdd:
				gained = append(gained, l.Text.Slice(m[2], m[3]))
			default:
				lost = append(lost, l.Text.Slice(m[2], m[3]))
			}
		}
		if f.remark.Empty() && f.Status == review.FileModified {
			f.remark = h.remark()
		}
	}
	f.texts = without(unique(gained), lost)
}

// remark returns the first sentence of the first added comment that stands
// above a statement.
func (h scanned) remark() scrub.Text {
	var block []scrub.Text
	for i, l := range h.Lines {
		if l.Op == review.OpAdd && h.comment[i] {
			block = append(block, strip(l.Text.TrimSpace(), "/*#!-"))
			continue
		}
		if len(block) > 0 && h.names[i].Empty() {
			slices.Reverse(block)
			if s := sentence(block); s.Len() >= 20 && !legal.MatchString(s.String()) && quotable(s) {
				return s
			}
		}
		block = nil
	}
	return scrub.Text{}
}

var (
	callName   = lazyre.New(`([A-Za-z_][\w.]*[A-Za-z_]\w*|[A-Za-z_]\w+)\s*\(`)
	importLine = lazyre.New(`^\s*(?:import\b|from\s+\S+\s+import\b|#\s*include\b|using\s+[\w.:]+;|use\s+[\w:\\{}, ]+;|package\s+[\w.]+;?\s*$|"[\w./-]+"\s*$|(?:const|var|let)\s.*\brequire\()`)
)

// calls returns the names that are called in code lines with the op.
func (h scanned) calls(op review.Op) []scrub.Text {
	var out []scrub.Text
	for i, l := range h.Lines {
		if l.Op != op || h.comment[i] || h.imports[i] || !h.names[i].Empty() || !strings.Contains(h.code[i], "(") {
			continue
		}
		for _, m := range callName.FindAllStringSubmatchIndex(h.code[i], 8) {
			name := l.Text.Slice(m[2], m[3])
			if s := name.String(); len(s) >= 3 && !keywords[s] && !strings.HasPrefix(s, "this.") && (m[2] == 0 || h.code[i][m[2]-1] != '@') {
				out = append(out, name)
			}
		}
	}
	return unique(out)
}
