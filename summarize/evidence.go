// SPDX-License-Identifier: Apache-2.0

package summarize

import (
	"path"
	"strconv"
	"strings"
	"sync"
	"unicode"

	"review-assistant/internal/lazyre"
	"review-assistant/scrub"
)

// evidence is everything that a statement about a patch may point at.
type evidence struct {
	words   map[string]bool // identifiers, lower case
	stems   map[string]bool // of lines that do not talk to a machine
	numbers map[string]bool
	text    string            // patch and message, lower case
	files   map[string]*lines // by path, old and new
	names   map[string]bool   // base names and directories
	spoken  []map[string]bool // stems of lines that talk to a machine
	squeeze func() string     // text without blanks and quotes, for quoted code
	sides   *sides
	plain   *lazyre.Regexp // what is a word, not a folder, beside a slash
}

// lines are the new-side lines of a file that the patch shows.
type lines struct {
	path  scrub.Text
	spans [][2]int
	gone  bool
}

func (l *lines) has(n int) bool {
	for _, s := range l.spans {
		if n >= s[0] && n <= s[1] {
			return !l.gone
		}
	}
	return false
}

var digits = lazyre.New(`\d+`)

// diffHeader matches lines that pose as the start of another file. What only
// they name is not in the change.
var diffHeader = re(`^\W{0,6}(?:diff --git |--- "?[ab]/|\+\+\+ "?[ab]/|rename (?:from|to) |@@ [-+]\d)|^[^\w#]{0,6}#\s.*\(\+\d+ -\d+\)`)

// mayHead is cheap and true of every line that diffHeader matches.
func mayHead(s string) bool {
	return strings.Contains(s, "diff --git") || strings.Contains(s, "--- ") || strings.Contains(s, "+++ ") || strings.Contains(s, "rename ") || strings.Contains(s, "@@ ") || strings.Contains(s, "(+")
}

func newEvidence(p *scrub.Patch, message scrub.Text) *evidence {
	e := &evidence{words: map[string]bool{}, stems: map[string]bool{}, numbers: map[string]bool{}, files: map[string]*lines{}, names: map[string]bool{}, plain: plainWord}
	var all strings.Builder
	take := func(s string) {
		if mayHead(s) && diffHeader.MatchString(s) {
			return
		}
		all.WriteString(s)
		all.WriteByte('\n')
		if talks(s) {
			e.spoken = append(e.spoken, stems(s))
		} else {
			addStems(e.stems, s)
		}
	}
	added, removed, hunks := 0, 0, 0
	for i := range p.Files {
		f := &p.Files[i]
		l := &lines{path: f.Path}
		for _, name := range []scrub.Text{f.Path, f.OldPath} {
			if name.Empty() {
				continue
			}
			e.files[name.String()] = l
			take(name.String())
			for d := path.Clean(name.String()); d != "." && d != "/"; d = path.Dir(d) {
				e.names[d], e.names[path.Base(d)] = true, true
			}
		}
		for j := range f.Hunks {
			h := &f.Hunks[j]
			if h.NewLines > 0 {
				l.spans = append(l.spans, [2]int{h.NewStart, h.NewStart + h.NewLines - 1})
			}
			take(h.Section.String())
			for _, line := range h.Lines {
				take(line.Text.String())
			}
		}
		added, removed, hunks = added+f.Added, removed+f.Removed, hunks+len(f.Hunks)
		e.count(f.Added, f.Removed, f.Added+f.Removed, len(f.Hunks))
	}
	for _, line := range message.Lines() {
		take(line.String())
	}
	e.count(len(p.Files), added, removed, added+removed, hunks)
	e.text = strings.ToLower(all.String())
	e.squeeze = sync.OnceValue(func() string { return squeezed(e.text) })
	e.sides = newSides(p, e.files)
	for w := range strings.FieldsFuncSeq(e.text, func(r rune) bool { return r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		e.words[w] = true
		e.words[strings.TrimLeftFunc(w, unicode.IsDigit)] = true
	}
	for n := range strings.FieldsFuncSeq(e.text, func(r rune) bool { return r < '0' || r > '9' }) {
		e.numbers[n] = true
	}
	return e
}

func (e *evidence) count(ns ...int) {
	for _, n := range ns {
		e.numbers[strconv.Itoa(n)] = true
	}
}

var (
	anyWord  = lazyre.New(`[\p{L}_][\p{L}\p{N}_]*`)
	pathLike = lazyre.New(`[\w.@+~-]*(?:/[\w.@+~-]+)+|\b[\w+-]+\.(?:go|java|kt|py|c|cc|cpp|h|hpp|rs|js|jsx|ts|tsx|php|rb|sh|proto|sql|json|ya?ml|toml|xml|md|rst|txt|mod|sum|css|html|cfg|ini|gradle|bzl|bazel)\b`)
	named    = lazyre.New(`\b(?:[a-z]+[A-Z]\w*|[A-Z][a-z0-9]+[A-Z]\w*|\w+_\w+|[A-Z]{2,}[a-z]\w+)\b|\b[A-Za-z_]\w*(?:\.[A-Za-z_]\w+)*\(\)|\b[a-z]\w+\.[A-Z]\w+|\B--[a-z][\w-]+|\b[A-Z]{5,}\b|\b[a-z][\w-]*\w\.[a-z]\w+(?:\.\w+)*`)
	figure   = lazyre.New(`\b(?i:CVE-\d{4}-\d+|GHSA(?:-\w{4}){3})\b|\b[A-Za-z]{1,4}\d{6,}\b|\b[0-9a-f]*\d[0-9a-f]*[a-f][0-9a-f]{5,}\b|\b[0-9a-f]{7,64}\b|\bv?\d+(?:\.\d+)+\b|#\d+|\b\d{2,}\b|\b\d+(?:ms|s|m|h|d|k|x|[kmgKMG]i?[bB])\b|\b[2-9]\b`)
	holder   = lazyre.New(`«[^»\n]*»`)
)

// supports reports whether everything in a sentence that can be looked up
// (paths, code, identifiers, versions, hashes, numbers, placeholders) is in
// the patch or in the message.
func (e *evidence) supports(s string) bool {
	for _, p := range holder.FindAllString(s, -1) {
		if !strings.Contains(e.text, strings.ToLower(p)) {
			return false
		}
	}
	for _, code := range codeSpan.FindAllString(s, -1) {
		if !e.hasCode(strings.Trim(code, "`")) {
			return false
		}
	}
	rest := codeSpan.ReplaceAllString(s, " ")
	for _, p := range pathLike.FindAllString(rest, -1) {
		if !e.hasPath(p) {
			return false
		}
	}
	rest = pathLike.ReplaceAllString(rest, " ")
	for _, n := range named.FindAllString(rest, -1) {
		if !commonNames[n] && !e.hasCode(n) {
			return false
		}
	}
	for _, at := range figure.FindAllStringIndex(rest, -1) {
		f := rest[at[0]:at[1]]
		if len(f) == 1 && units[strings.ToLower(anyWord.FindString(rest[at[1]:]))] {
			continue // 5 minutes are 300 s
		}
		if !e.hasFigure(f) {
			return false
		}
	}
	return e.placesExist(s)
}

func (e *evidence) hasPath(p string) bool {
	if strings.HasPrefix(p, "/") && strings.Count(p, "/") == 1 && !standsIn(e.text, strings.ToLower(p)) {
		return false // a command for a bot looks like that
	}
	p = strings.Trim(p, "./")
	if e.names[p] || e.files[p] != nil || standsIn(e.text, strings.ToLower(p)) {
		return true
	}
	// "and/or" and "read/write" look like paths too, but name nothing here.
	for part := range strings.SplitSeq(p, "/") {
		if !e.plain.MatchString(part) || e.names[part] {
			return false
		}
	}
	return true
}

var plainWord = lazyre.New(`^(?:[A-Za-z]?[a-z]{1,12}|[1-5]xx)$`)

// foreignWord is plainWord for other languages: "Lese-/Schreibzugriff".
var foreignWord = lazyre.New(`^[A-Za-z]?[a-z]{1,30}-?$`)

// commonNames look like identifiers and are words of our trade.
var commonNames = wordSet(`GitHub GitLab JavaScript TypeScript PostgreSQL MySQL SQLite NoSQL OAuth OAuth2 macOS iOS GraphQL gRPC OpenAPI OpenSSL OpenID
	node.js vue.js HTTPS ASCII POSIX REGEX UTF GRPC MIME CRLF OAUTH MUTEX SIGTERM SIGKILL SIGINT TODO FIXME
	DevOps DNSSEC WebSocket WebAssembly IPv4 IPv6 HTTPs YouTube LaTeX CMake PyPI RabbitMQ DynamoDB MongoDB CouchDB BigQuery`)

// hasCode reports whether every identifier and number of a piece of code is
// known. A statement has to stand in the change as it is quoted, but for
// blanks, quotes and what "…" leaves out.
func (e *evidence) hasCode(code string) bool {
	low := strings.ToLower(code)
	if strings.TrimSpace(low) == "" || standsIn(e.text, low) {
		return true
	}
	if m := placed.FindStringSubmatch(low); len(m) > 0 && m[0] == low && len(e.sides.withPath(m[1])) > 0 {
		return true // its line is looked up elsewhere
	}
	for _, w := range anyWord.FindAllString(low, -1) {
		if !e.words[w] {
			return false
		}
	}
	for _, n := range digits.FindAllString(code, -1) {
		if len(n) > 1 && !e.numbers[n] {
			return false
		}
	}
	return !compound.MatchString(code) || e.quotes(low)
}

// compound matches code that is more than a name, a call or a type.
var compound = lazyre.New(`[=;{}]|&&|\|\||[!<>]=|\S\s+[-+*/%<>]\s+\S|\b(?:if|return|for|while)\b\s*\W`)

func (e *evidence) quotes(low string) bool {
	at := 0
	for part := range strings.SplitSeq(strings.ReplaceAll(low, "...", "…"), "…") {
		i := strings.Index(e.squeeze()[at:], squeezed(part))
		if i < 0 {
			return false
		}
		at += i
	}
	return true
}

var squeezer = strings.NewReplacer(" ", "", "\t", "", "\n", "", "\r", "", `"`, "", "'", "", "`", "", ":=", "=", ":", "=")

func squeezed(s string) string { return squeezer.Replace(s) }

func (e *evidence) hasFigure(f string) bool {
	low := strings.ToLower(f)
	if n := strings.TrimRight(low, "msdhkgibx"); n != low && strings.Trim(n, "0123456789") == "" {
		low = n // a unit may stand elsewhere: 30s are 30 * time.Second
	} else if strings.ContainsAny(low, ".#-abcdefghsv") {
		return standsIn(e.text, low)
	}
	if len(low) < 2 && low < "2" || e.numbers[low] {
		return true
	}
	// A line number is fine wherever a hunk shows the line.
	n, err := strconv.Atoi(low)
	if err != nil || n < 10 {
		return false
	}
	for _, l := range e.files {
		if l.has(n) {
			return true
		}
	}
	return false
}

// echoShare is how much of a sentence, in percent of its words, may stand in
// one line that talks to a machine.
const echoShare = 60

// grounded reports whether a sentence speaks of this change at all: a word of
// it stands there, in a line that does not talk to a machine.
func (e *evidence) grounded(s string) bool {
	for w := range stems(s) {
		if e.stems[w] {
			return true
		}
	}
	return codeSpan.MatchString(s) || named.MatchString(s)
}

// echoes reports whether a sentence repeats a line of the change that talks
// to a machine: what such a line asks for is not a summary.
func (e *evidence) echoes(s string) bool {
	words := stems(s)
	for _, line := range e.spoken {
		n := 0
		for w := range words {
			if line[w] {
				n++
			}
		}
		if n > 0 && n*100 >= echoShare*len(words) {
			return true
		}
	}
	return false
}
