// SPDX-License-Identifier: Apache-2.0

package scrub

import (
	"strconv"
	"strings"
)

// Kinds of bytes at which a text may read differently.
const (
	foldQuote  = 1 << iota // a literal may be joined
	foldEscape             // an escape may start
	foldLine
)

// foldKind is the kind of each byte, follows the kinds that it may stand behind.
var foldKind, follows = func() (kind, after [256]uint8) {
	kind['\n'] = foldLine
	for _, c := range "\"'`" {
		kind[c] = foldQuote
	}
	for _, c := range "%\\&" {
		kind[c] = foldEscape
	}
	for _, c := range " \t\n+&\\~.<>,)|" {
		after[c] |= foldQuote
	}
	for c := range after {
		if isAlnum(byte(c)) && c != 'n' && c != 't' || c == '#' || c == '/' {
			after[c] |= foldEscape
		}
	}
	return kind, after
}()

// folder makes another reading of a text, line by line: literals joined, escapes
// decoded. Lines that read the same are left out.
type folder struct {
	s    string
	out  scratch
	at   []int32 // by byte of out: where it stands in s
	line int     // where the current line starts
	on   bool    // the current line reads differently
	soft bool    // the text is encoded mail
	// listLine is the line that was asked last whether a call on it joins its
	// arguments, list the answer.
	listLine int
	list     bool
	beside   bool // literals side by side are one
}

// read makes the lines of a view that read differently once literals that are
// split are joined and escapes are decoded. It reports false when they are
// longer than limit bytes.
func (f *folder) read(v *view, limit int) bool {
	f.s, f.out.b, f.at, f.listLine, f.beside = v.text, f.out.b[:0], f.at[:0], -1, joinsBeside(v.ext)
	if f.soft = v.signs&signSoft != 0 && isQuotedPrintable(f.s); f.soft {
		f.mail()
		return len(f.out.b) <= limit
	}
	next := 0 // a joint may have led into the next line
	v.ranges(signFold, func(start, end int) {
		f.line, f.on = start, false
		for i := max(start, next); i < end && len(f.out.b) <= limit; next = i {
			if !f.on {
				if i = f.skip(i, end); i == end {
					continue
				}
			}
			n, c := 1, f.s[i]
			switch foldKind[c] {
			case foldQuote:
				if k := f.joint(i); k > 0 {
					f.open(i)
					i += k
					continue
				}
			case foldEscape:
				if k, d := unescape(f.s[i:min(len(f.s), i+10)]); k > 0 {
					f.open(i)
					n, c = k, d
				}
			}
			if f.on {
				f.put(c, i)
			}
			if i += n; c == '\n' {
				f.line, f.on = i, false
			}
		}
	})
	return len(f.out.b) <= limit
}

// put appends c, which stands at i.
func (f *folder) put(c byte, i int) {
	f.out.b, f.at = append(f.out.b, c), append(f.at, int32(i))
}

// after returns where the character at i ends: it may be spelled as an escape.
func (f *folder) after(i int) int {
	s := f.s[i:min(len(f.s), i+10)]
	if n, _ := unescape(s); n > 0 {
		return i + n
	}
	if f.soft && s[0] == '=' && len(s) > 2 {
		if _, ok := hexByte(s[1:3]); ok {
			return i + 3
		}
	}
	return i + 1
}

// skip moves over what reads as it stands.
func (f *folder) skip(i, end int) int {
	s := f.s[:end]
	for ; i < len(s); i++ {
		kind := foldKind[s[i]]
		switch {
		case kind == 0:
		case kind == foldLine:
			f.line = i + 1
		case i+1 < len(f.s) && follows[f.s[i+1]]&kind != 0:
			return i
		}
	}
	return end
}

// open marks the current line, up to i, as one that reads differently.
func (f *folder) open(i int) {
	if f.on {
		return
	}
	f.on = true
	for at := f.line; at < i; at++ {
		f.put(f.s[at], at)
	}
}

// joins are calls that put the literals of a list together.
var joins = wordsOf("join(", "mplode(", "oncat(", "oncat!(", "paste0(", "mkString")

// isList reports whether a call on the current line joins its arguments.
func (f *folder) isList() bool {
	if f.line != f.listLine {
		line, _, _ := strings.Cut(f.s[f.line:], "\n")
		f.listLine, f.list = f.line, joins().in(line)
	}
	return f.list
}

// isQuotedPrintable reports whether lines end as in encoded mail (RFC 2045).
func isQuotedPrintable(s string) bool {
	return strings.Contains(s, "=\n") && (strings.Contains(s, "=20") || strings.Contains(s, "=3D") || strings.Contains(s, "uoted-printable"))
}

// mail joins the lines of encoded mail and decodes what is spelled =3D.
func (f *folder) mail() {
	f.on = true
	for i := 0; i < len(f.s); {
		switch {
		case strings.HasPrefix(f.s[i:], "=\n"):
			i += 2
			continue
		case f.s[i] == '=' && i+2 < len(f.s):
			if d, ok := hexByte(f.s[i+1 : i+3]); ok {
				f.put(d, i)
				i += 3
				continue
			}
		}
		f.put(f.s[i], i)
		i++
	}
}

// glue are calls that put one literal behind another.
var glue = []string{").append(", ").concat(", ") + ("}

// joint returns the length of what stands between two literals that are one
// value, with both quotes; 0 when there is no such thing at i.
func (f *folder) joint(at int) int {
	s := f.s[at:min(len(f.s), at+160)]
	if len(s) > 1 && s[1] == ')' {
		for _, g := range glue {
			if k := 1 + len(g); strings.HasPrefix(s[1:], g) && k < len(s) && s[k] == s[0] {
				return k + 1
			}
		}
		return 0
	}
	i, signs, ends := 1, 0, 0
	for ; i < len(s); i++ {
		switch c := s[i]; {
		case c == ' ' || c == '\t':
		case c == '\n' && ends < 2:
			ends++
		case c == '_' && signs > 0 && i+1 < len(s) && s[i+1] == '\n': // Basic goes on below
		case c == '@' && i+1 < len(s) && s[i+1] == s[0]: // Objective-C
		case c == '>' && f.s[at+i-1] != '<': // a shell writes into a file
			return 0
		case c == '+' || c == '&' || c == '\\' || c == '~' && signs < 1 || strings.IndexByte(".<>|", c) >= 0 && signs < 2:
			signs++
		case c == ',' && f.isList():
			signs++
		case c == s[0] && (signs > 0 || ends > 0 || i > 1):
			if signs == 0 && (!f.beside || ends > 0 && isKey(s[i+1:], s[0]) || ends == 0 && f.isArgument(at) || strings.HasPrefix(s[i+1:], "$")) {
				return 0 // a name, or another argument of a command
			}
			return i + 1
		default:
			return 0
		}
	}
	return 0
}

// isArgument reports whether the literal that ends at i stands behind a word, as
// those of a command do: they are not one value.
func (f *folder) isArgument(i int) bool {
	line := f.s[f.line:i]
	k := strings.LastIndexByte(line, f.s[i])
	return k > 1 && line[k-1] == ' ' && (isAlnum(line[k-2]) || line[k-2] == f.s[i])
}

// joinsBeside reports whether a language takes literals that stand side by side
// for one.
func joinsBeside(ext string) bool {
	switch ext {
	case "go", "java", "js", "jsx", "mjs", "ts", "tsx", "cs", "rs", "kt", "scala", "swift", "php", "sh", "bash", "zsh", "groovy", "tf", "yml", "yaml":
		return false
	}
	return true
}

// isKey reports whether the literal that starts s is a name: what follows it
// is a sign.
func isKey(s string, quote byte) bool {
	_, after, ok := strings.Cut(s, string(quote))
	after = strings.TrimLeft(after, " \t")
	return !ok || after != "" && strings.IndexByte(":={", after[0]) >= 0
}

// hexByte decodes two digits; ok is false for what nobody sees.
func hexByte(h string) (byte, bool) {
	high, low := hexDigit[h[0]], hexDigit[h[1]]
	c := high<<4 | low
	return c, high < 16 && low < 16 && c >= 0x20 && c < 0x7F
}

// hexDigit are the values of digits, 16 for what is none.
var hexDigit = func() (t [256]byte) {
	for c := range t {
		switch b := byte(c); {
		case isDigit(b):
			t[c] = b - '0'
		case isHexLetter(b):
			t[c] = b | 0x20 - 'a' + 10
		default:
			t[c] = 16
		}
	}
	return t
}()

// entities are the named ones that stand for what passwords hold.
var entities = []struct {
	name string
	char byte
}{{"&amp;", '&'}, {"&quot;", '"'}, {"&apos;", '\''}, {"&lt;", '<'}, {"&gt;", '>'}, {"&#x", 0}, {"&#", 0}}

// unescape decodes one escape at the start of s and returns its length.
func unescape(s string) (int, byte) {
	hex := func(from, n int) (int, byte) {
		if len(s) < from+n {
			return 0, 0
		}
		h := s[from : from+n]
		if strings.Trim(h[:n-2], "0") != "" {
			return 0, 0
		}
		if d, ok := hexByte(h[n-2:]); ok {
			return from + n, d
		}
		return 0, 0
	}
	switch {
	case s[0] == '%':
		return hex(1, 2)
	case strings.HasPrefix(s, `\u{`):
		if k := strings.IndexByte(s, '}'); k == 5 {
			if n, d := hex(3, 2); n > 0 {
				return k + 1, d
			}
		}
	case strings.HasPrefix(s, `\u`):
		return hex(2, 4)
	case strings.HasPrefix(s, `\x`):
		return hex(2, 2)
	case strings.HasPrefix(s, `\/`):
		return 2, '/'
	case len(s) > 3 && s[0] == '\\' && '0' <= s[1] && s[1] <= '1': // three octal digits
		if d, err := strconv.ParseUint(s[1:4], 8, 8); err == nil && d >= 0x20 && d < 0x7F {
			return 4, byte(d)
		}
	case s[0] == '&':
		return entity(s)
	}
	return 0, 0
}

func entity(s string) (int, byte) {
	for _, e := range entities {
		if !strings.HasPrefix(s, e.name) {
			continue
		}
		if e.char != 0 {
			return len(e.name), e.char
		}
		base := 10
		if strings.HasSuffix(e.name, "x") {
			base = 16
		}
		digits, _, ok := strings.Cut(s[len(e.name):], ";")
		if v, err := strconv.ParseUint(digits, base, 8); ok && err == nil && v >= 0x20 && v < 0x7F {
			return len(e.name) + len(digits) + 1, byte(v)
		}
		return 0, 0
	}
	return 0, 0
}
