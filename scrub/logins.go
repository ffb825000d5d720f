// SPDX-License-Identifier: Apache-2.0

package scrub

import "strings"

// login removes the password of a call that takes a user and a password:
// BasicAuth("user", "password"). The secret is the last literal.
func (f *finder) login(_, end int) {
	args := f.back(end, 2*maxGap)
	if k := strings.IndexByte(args, ')'); k >= 0 {
		args = args[:k]
	}
	z := strings.LastIndexAny(args, "\"'`")
	if z <= 0 {
		return
	}
	a := strings.LastIndexByte(args[:z], args[z])
	if a <= 0 || strings.IndexByte(args[:a], ',') < 0 || z-a < 5 {
		return // a single argument, or none that is a literal
	}
	if v := args[a+1 : z]; mixed(v) && !isDummy(v) && !isProse(v) && !strings.ContainsAny(v, "/ ") {
		f.add(end+a+1, end+z, "password", rankName)
	}
}

// piped removes what is written into a program that reads a password:
// echo "password" | docker login --password-stdin.
func (f *finder) piped(start, _ int) {
	line := f.front(start, 2*maxGap)
	k := strings.LastIndex(line, "echo ")
	pipe := strings.LastIndexByte(line, '|')
	if k < 0 || pipe < k {
		return
	}
	a := start - len(line) + k + len("echo ")
	z := start - len(line) + pipe
	for a < z && (f.text[a] == '-' || f.text[a] == ' ') { // flags such as -n
		n := strings.IndexByte(f.text[a:z], ' ')
		if n < 0 {
			return
		}
		a += n + 1
	}
	v := strings.Trim(f.text[a:z], " \t\"'")
	at := a + strings.Index(f.text[a:z], v)
	if c := strings.IndexByte(v, ':'); c > 0 && isIdentifier(v[:c]) {
		at, v = at+c+1, v[c+1:] // user:password
	}
	if len(v) >= 4 && !isDummy(v) && !strings.Contains(v, " ") {
		f.add(at, at+len(v), "password", rankPlace)
	}
}

// fallback finds the value that stands in for a reference:
// process.env.PASSWORD || "value", ${PASSWORD:-value}.
func (f *finder) fallback(v value) (value, bool) {
	rest := f.back(v.start, maxGap)
	for _, sign := range []string{"||", "??", " or ", " else ", "?:"} {
		k := strings.Index(rest, sign)
		if k < 0 {
			continue
		}
		j := skipBlank(f.text, v.start+k+len(sign), len(f.text))
		if j < len(f.text) && strings.IndexByte("\"'`", f.text[j]) >= 0 {
			return f.quoted(j)
		}
	}
	if k := strings.Index(rest, ":-"); k >= 0 && strings.HasPrefix(rest, "${") {
		if z := strings.IndexByte(rest[k:], '}'); z > 2 && rest[k+2] != '$' {
			return value{start: v.start + k + 2, end: v.start + k + z, quoted: true}, true
		}
	}
	return value{}, false
}
