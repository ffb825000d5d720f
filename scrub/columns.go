// SPDX-License-Identifier: Apache-2.0

package scrub

import (
	"strings"

	"review-assistant/internal/lazyre"
)

// Bounds of what is read below the head of a table.
const (
	maxRows = 40
	maxRow  = 1000 // bytes
)

// columnWords start the head of a column of passwords.
func columnWords(before string) []string {
	var all []string
	for w := range strings.FieldsSeq("password passwd passwort kennwort pwd passphrase pass pw secret token") {
		all = append(all, before+w)
	}
	return all
}

// row returns the line after the one that ends at end, and where it starts and
// ends. A longer one than maxRow is none.
func (f *finder) row(end int) (line string, a, z int) {
	if end+1 >= len(f.text) {
		return "", end + 1, end + 1
	}
	line, a, z, whole := f.next(end+1, min(len(f.text), end+1+maxRow))
	if !whole {
		return "", end + 1, end + 1
	}
	f.spend(4 + len(line)/16)
	if z > end+1 && f.text[z-1] == '\n' {
		z--
	}
	return line, a, z
}

// ruler is what stands below the head of a Markdown table.
var ruler = lazyre.New(`^\s*(?:[>*]\s*)?\|?\s*:?-{2,}:?\s*(?:[|+]\s*:?-{2,}:?\s*)*\|?\s*$`)

// markdown reads the column of a Markdown table below a head that promises a
// password.
func (f *finder) markdown(start, _ int) {
	low, high := f.line(start)
	if high-low > maxRow {
		return
	}
	head := f.text[low:high]
	f.spend(6 + len(head)/4)
	line, _, z := f.row(high)
	if strings.IndexByte(line, '|') < 0 && strings.IndexByte(line, '+') < 0 || !ruler.MatchString(line) {
		if !isRow(head) || !isRow(line) || strings.Count(head, "|") != strings.Count(line, "|") {
			return
		}
		z = high // a table of a scenario has no ruler
	}
	column := strings.Count(head[:start-low+1], "|")
	lead := strings.HasPrefix(strings.TrimLeft(head, "+- \t>"), "|")
	if !lead {
		column++
	}
	name, _, _ := strings.Cut(head[start-low+1:], "|")
	s := nameStrength(strings.ReplaceAll(strings.Trim(name, " \t*_`"), " ", "_"))
	if s < keyLike {
		return
	}
	for range maxRows {
		var a int
		if line, a, z = f.row(z); strings.IndexByte(line, '|') < 0 {
			return
		}
		if f.spend(len(line) / 4); f.work <= 0 {
			return
		}
		n, from := 0, 0
		if !strings.HasPrefix(strings.TrimLeft(line, " \t>"), "|") {
			n = 1
		}
		for i := 0; i <= len(line); i++ {
			if i < len(line) && (line[i] != '|' || i > 0 && line[i-1] == '\\') {
				continue
			}
			if n == column {
				f.cell(a+from, a+i, s, speaksOfPassword(strings.ReplaceAll(strings.ToLower(name), "secret", "")))
			}
			n, from = n+1, i+1
		}
	}
}

// isRow reports whether a line is cells between bars.
func isRow(line string) bool {
	line = strings.Trim(line, " \t\r+-")
	return len(line) > 4 && line[0] == '|' && line[len(line)-1] == '|' && line[1] != '|'
}

// cell emits what stands in a column of passwords.
func (f *finder) cell(a, z int, s strength, named bool) {
	for a < z && strings.IndexByte(" \t*_`\"'", f.text[a]) >= 0 {
		a++
	}
	for z > a && strings.IndexByte(" \t*_`\"'\r", f.text[z-1]) >= 0 {
		z--
	}
	if a >= z {
		return
	}
	t := f.text[a:z]
	c := classify(t)
	if isReference(t) || isPlaceholder(t) || isMetavariable(t) || isLabel(t, "") || c.lower == 0 && strings.IndexByte(t, '_') >= 0 {
		return
	}
	if s == passLike && named && (canBePassword(t) || isPassphrase(t)) || len(t) >= 12 && isRandomKey(t) {
		f.add(a, z, s.kind(), rankName)
	}
}

var columns = lazyre.New("\\A\\s+(?:IGNORE\\s+)?[\\w.\"`\\[\\]]{1,128}\\s*\\(([^()]{2,800})\\)\\s*(?:[+\\s]*OUTPUT [^\\n]{1,80})?[+\\s]*(?i:VALUES?)[+\\s]*\\(")

// insert reads the values of INSERT INTO t (a, password) VALUES (…), (…).
func (f *finder) insert(_, end int) {
	f.spend(20)
	if !strings.ContainsAny(f.text[end:min(len(f.text), end+maxGap)], "(") {
		return
	}
	window := f.text[end:min(len(f.text), end+maxRow)]
	if k := strings.Index(strings.ToLower(window), "insert into"); k >= 0 {
		window = window[:k]
	}
	f.spend(len(window) / 8)
	m := columns.FindStringSubmatchIndex(window)
	if m == nil {
		return
	}
	var names []string
	var kinds []strength
	worth := false
	for n := range strings.SplitSeq(window[m[2]:m[3]], ",") {
		n = strings.Trim(n, "+ \t\r\n\"`[]")
		s := nameStrength(n)
		names, kinds = append(names, n), append(kinds, s)
		worth = worth || s != nothing
	}
	if worth {
		f.tuples(end+m[1], names, kinds)
	}
}

// tuples reads (…), (…) of which the first bracket is open.
func (f *finder) tuples(i int, names []string, kinds []strength) {
	limit := min(len(f.text), i+maxRows*maxGap)
	column, depth, from := 0, 1, i
	defer func() { f.spend((i - from) / 8) }()
	for ; i < limit; i++ {
		switch c := f.text[i]; {
		case c == '\'' || c == '"':
			a := i + 1
			for i = a; i < limit && (f.text[i] != c || i+1 < limit && f.text[i+1] == c); i++ {
				if f.text[i] == '\\' || f.text[i] == c {
					i++
				}
			}
			if i >= limit {
				return
			}
			// A literal in a call, as of crypt(), counts as well.
			if depth > 0 && column < len(kinds) && kinds[column] != nothing && i > a {
				f.take(value{start: a, end: i, quoted: true, sign: '='}, kinds[column], names[column])
			}
		case c == '(':
			if depth++; depth == 1 {
				column = 0
			} else if depth > 6 {
				return
			}
		case c == ')':
			depth--
		case c == ',' && depth == 1:
			column++
		case c == ';' || depth == 0 && strings.IndexByte(", \t\r\n+-", c) < 0:
			return
		}
	}
}

var copied = lazyre.New(`(?i:COPY)\s+[\w."]{1,128}\s*\(([\w", ]{1,800})\)\s*\z`)

// copy reads the rows of PostgreSQL's COPY t (a, password) FROM stdin.
func (f *finder) copy(start, end int) {
	m := copied.FindStringSubmatch(f.front(start, maxRow))
	f.spend(20)
	if m == nil {
		return
	}
	f.records(f.lineEnd(end), strings.Split(m[1], ","), "\t")
}

var headCell = lazyre.New(`^[A-Za-z_][A-Za-z0-9_ .-]{0,40}$`)

var rowsBelow = lazyre.New(`\A[\w, ]{0,80}["']\s{0,3},\s{0,40}[\[(]\s{0,40}\(`)

// parameters reads the rows of a test: ("user,password", [("bob", "value")]).
func (f *finder) parameters(start, end int) bool {
	before := f.front(start+1, maxName)
	k := strings.LastIndexAny(before, "\"'")
	if k < 0 || strings.IndexByte("\"'", f.text[start+1]) >= 0 {
		return false
	}
	f.spend(20)
	window := f.text[end:min(len(f.text), end+maxGap)]
	m := rowsBelow.FindStringIndex(window)
	if m == nil {
		return false
	}
	head := before[k+1:] + f.text[start+1:end]
	head += window[:strings.IndexAny(window, "\"'")]
	names := strings.Split(strings.ReplaceAll(head, " ", ""), ",")
	kinds := make([]strength, len(names))
	for i, n := range names {
		kinds[i] = nameStrength(n)
	}
	f.tuples(end+m[1], names, kinds)
	return true
}

// csv reads the records below a line of names.
func (f *finder) csv(start, end int) {
	if f.parameters(start, end) || isCode(f.ext) {
		return
	}
	low, high := f.line(start)
	if start < f.heads {
		return // all columns were read together
	}
	f.heads = high
	if low < high && (f.text[low] == '+' || f.text[low] == '-' || f.text[low] == ' ') {
		low++
	}
	head := strings.TrimRight(f.text[low:high], "\r")
	if len(head) > maxGap*2 || start-low > 0 && strings.ContainsAny(head, "(){}[]=:|$<>/\\") {
		return
	}
	f.spend(10 + 8*len(head))
	sep := ","
	for _, other := range []string{";", "\t"} {
		if strings.Count(head, other) > strings.Count(head, sep) {
			sep = other
		}
	}
	names := strings.Split(head, sep)
	for i, n := range names {
		if names[i] = strings.Trim(n, `"`); !headCell.MatchString(names[i]) {
			return
		}
	}
	f.records(high, names, sep)
}

// records reads lines of as many cells as there are names.
func (f *finder) records(z int, names []string, sep string) {
	kinds := make([]strength, len(names))
	worth := false
	for i, n := range names {
		kinds[i] = nameStrength(strings.ReplaceAll(strings.Trim(n, "\" \t"), " ", "_"))
		worth = worth || kinds[i] >= keyLike
	}
	if !worth || len(names) < 2 {
		return
	}
	var weak []value // words that are passwords if others of their column are
	strong := false
	for range maxRows {
		line, a, end := f.row(z)
		z = end
		cells := strings.Split(line, sep)
		if len(cells) != len(names) {
			break
		}
		for i, c := range cells {
			if kinds[i] >= keyLike && strings.Count(strings.TrimSpace(c), " ") < 12 {
				found := len(f.taken)
				f.cell(a, a+len(c), kinds[i], true)
				if w := strings.TrimRight(c, "\r"); len(f.taken) > found {
					strong = true
				} else if kinds[i] == passLike && len(w) >= 6 && classify(w).lower == len(w) && !isLabel(w, "") {
					weak = append(weak, value{start: a, end: a + len(w)})
				}
			}
			a += len(c) + len(sep)
		}
	}
	for _, w := range weak {
		if strong {
			f.add(w.start, w.end, passLike.kind(), rankName)
		}
	}
}

// robot removes what a keyword of Robot Framework types: the last cell.
func (f *finder) robot(start, end int) {
	line := strings.TrimRight(f.back(end, maxGap), " \t\r")
	if line == "" || strings.IndexByte(" \t", line[0]) < 0 || !speaksOfPassword(f.text[start:end]+line) {
		return
	}
	f.spend(10)
	k := max(strings.LastIndex(line, "  "), strings.LastIndexByte(line, '\t'), strings.LastIndex(line, " | "))
	if k < 0 || strings.TrimSpace(line[:k]) == "" {
		return
	}
	for k < len(line) && (line[k] == ' ' || line[k] == '\t' || line[k] == '|') {
		k++
	}
	f.takeWord(value{start: end + k, end: end + len(line), quoted: true}, true, false)
}

// fillIn removes what a scenario fills into a field of a password:
// I fill in "Password" with "value".
func (f *finder) fillIn(_, end int) {
	if v, ok := f.quoted(end - 1); ok {
		f.takeWord(value{start: v.start, end: v.end, quoted: true}, true, false)
	}
}
