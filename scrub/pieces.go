// SPDX-License-Identifier: Apache-2.0

package scrub

import (
	"strings"

	"review-assistant/internal/lazyre"
)

// continued removes what follows an unquoted value on the next lines, as make,
// shells and properties write a long one.
func (f *finder) continued(v value, s strength) {
	if v.quoted {
		f.adjoining(v, s)
		return
	}
	end := v.end
	for n := 0; n < maxRows && strings.HasPrefix(f.text[end:], "\\\n"); n++ {
		line, at, _, whole := f.next(end+2, min(len(f.text), end+2+maxGap))
		piece := strings.TrimLeft(line, " \t")
		at += len(line) - len(piece)
		piece = strings.TrimSuffix(strings.TrimRight(piece, " \t"), "\\")
		if f.spend(10); !whole || piece == "" || strings.ContainsAny(piece, " \t=:(),") || isReference(piece) {
			return
		}
		end = at + len(piece)
		f.add(at, end, s.kind(), rankName)
	}
}

// arm is what stands between the name of a secret and its value where the name
// says which case it is, or where both are written one after the other.
var arm = lazyre.New("\\A(?:" +
	`["']?\s*:\s*\n?\s*(?:return|yield|\w{1,20}\s*:?=)\s*` +
	`|["'*]{0,2}\)\s*(?:echo|printf(?: ['"]?%s(?:\\n)?['"]?)?)\s+` +
	`|\s?[=:]\s?["']\)\s*;?\s*\n\s*[\w.]{1,40}\.(?:append|Append|concat|write|push_str|WriteString)\(` +
	")[bru@$]?[\"'`]")

// below reads the literal of a case, or of the line below.
func (f *finder) below(z int) (value, bool) {
	window := f.text[z:min(len(f.text), z+maxGap/2)]
	if k := strings.IndexAny(window, ":)="); k < 0 || k > 3 {
		return value{}, false
	}
	m := arm.FindStringIndex(window)
	if m == nil {
		return value{}, false
	}
	return f.quoted(z + m[1] - 1)
}

var nestedKey = lazyre.New(`\A["']?\s*(?::|=>?)\s*\{\s*["'][^"'\n]{1,80}["']\s*(?::|=>)\s*["']([^"'\s]{16,200})["']`)

// nested removes the first of several tokens, each under the name of a host.
func (f *finder) nested(z int, s strength) {
	window := f.text[z:min(len(f.text), z+2*maxGap)]
	if k := strings.IndexByte(window, '{'); k < 0 || k > 6 {
		return
	}
	f.spend(30)
	if m := nestedKey.FindStringSubmatchIndex(window); m != nil && isRandomKey(window[m[2]:m[3]]) {
		f.add(z+m[2], z+m[3], s.kind(), rankName)
	}
}

// bracketed reads a literal of Perl or Ruby in brackets: q{value}, %q(value).
func (f *finder) bracketed(j int) (value, bool) {
	k := j
	if f.text[k] == '%' {
		k++
	}
	for k < len(f.text) && k-j < 3 && strings.IndexByte("qQwW", f.text[k]) >= 0 {
		k++
	}
	if k == j || k >= len(f.text) || !isAlnum(f.text[k-1]) {
		return value{}, false
	}
	n := strings.IndexByte("({[|", f.text[k])
	if n < 0 {
		return value{}, false
	}
	end := strings.IndexByte(f.back(k+1, maxGap), ")}]|"[n])
	return value{start: k + 1, end: k + 1 + end, quoted: true}, end > 0
}

var inLoop = lazyre.New(`\bin\s+"([^"\n]{4,100})"[^"]{0,120}\z`)

// appendChar removes what a SecureString of .NET is made of: a literal that a
// loop goes over, or a character.
func (f *finder) appendChar(start, end int) {
	f.spend(30)
	if s := f.text[end:min(len(f.text), end+3)]; len(s) == 3 && s[0] == '\'' && s[2] == '\'' {
		if front := f.front(start, maxName); !speaksOfPassword(front) && !strings.Contains(strings.ToLower(front), "secure") {
			return
		}
		f.add(end+1, end+2, "password", rankPlace)
		return
	}
	low := max(0, start-2*maxGap)
	f.spend(start - low)
	k := strings.LastIndex(f.text[low:start], ` in "`)
	if low += k; k < 0 {
		return
	}
	if m := inLoop.FindStringSubmatchIndex(f.text[low:start]); m != nil {
		f.add(low+m[2], low+m[3], "password", rankPlace)
	}
}
