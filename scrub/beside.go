// SPDX-License-Identifier: Apache-2.0

package scrub

import (
	"strings"

	"review-assistant/internal/lazyre"
)

// plain reads a word that is all of the line below a name: a scalar of YAML, the
// text of an element, what a sentence announces, a line that goes on. k is where
// it starts, i where the sign of the name does.
func (f *finder) plain(a, i, k int) (value, bool) {
	line := f.back(k, maxGap)
	text := strings.TrimRight(line, " \t\r")
	f.spend(4 + len(text)/4)
	if !canBePassword(text) && !isPhrase(text) || strings.HasSuffix(text, ":") || isExpression(text) {
		return value{}, false
	}
	v := value{start: k, end: k + len(text), sign: f.text[i], whole: true, entire: true}
	next := f.text[min(len(f.text), k+len(line)+1):]
	switch {
	case f.text[i] == '>':
		v.quoted = strings.HasPrefix(strings.TrimLeft(next[:min(len(next), maxName)], " \t"), "</")
		return v, v.quoted && f.isTag(a)
	case isCode(f.ext):
		return v, false
	case f.text[f.lineEnd(i)-1] == '\\':
		return v, true
	case f.text[i] != ':':
		return v, isAlnum(f.text[i]) && mixed(text) // the password is
	}
	low := f.lineStart(k)
	depth, above := k-low, skipBlank(f.text, f.lineStart(a), a)-f.lineStart(a)
	if more := skipBlank(next, 0, len(next)); more < len(next) && next[more] != '\n' && more >= depth && depth > 0 {
		return v, false // one of several lines
	}
	return v, depth > above && isLead(f.front(a, maxGap)) || mixed(text) && isSentence(f.front(a, maxGap))
}

// isSentence reports whether what stands in front of a name is words only.
func isSentence(s string) bool {
	return strings.TrimSpace(s) != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ ,.!'") == ""
}

// listed returns where the argument starts that follows the flag at a in the next
// entry of a list of YAML; 0 when there is none.
func (f *finder) listed(a, i, limit int) int {
	if a < 2 || f.text[a-1] != '-' || strings.Trim(f.front(a, maxGap), " \t\"'-") != "" || !strings.HasPrefix(strings.TrimLeft(f.front(a, maxGap), " \t"), "- ") {
		return 0
	}
	k := skipBlank(f.text, i+1, limit)
	if !strings.HasPrefix(f.text[k:limit], "- ") {
		return 0
	}
	return skipBlank(f.text, k+2, limit)
}

// robotVariable reads the value of ${PASSWORD}    value, as Robot Framework has it.
func (f *finder) robotVariable(a, z int) (value, bool) {
	if a < 2 || f.text[a-2:a] != "${" || z >= len(f.text) || f.text[z] != '}' || strings.TrimSpace(f.front(a-2, maxGap)) != "" {
		return value{}, false
	}
	rest := f.back(z+1, maxGap)
	k := skipBlank(rest, 0, len(rest))
	if k < 2 && !strings.HasPrefix(rest, "\t") {
		return value{}, false
	}
	n := restOfLine(rest[k:])
	return value{start: z + 1 + k, end: z + 1 + k + n, sign: ':', whole: true, entire: true}, n > 0
}

var nextElement = lazyre.New(`\A:?\s{0,9}</(?:td|th|dt|b|strong|label|span)>:?\s{0,40}(?:<(?:td|dd|code|span|tt)\b[^<>\n]{0,80}>\s{0,9}){0,3}([^<>\s][^<>\n]{2,100}?)[ \t]*(?:<|\n|\z)`)

// nextTo reads what stands beside the element that ends with a name:
// <td>Password</td><td>value</td>.
func (f *finder) nextTo(z int) (value, bool) {
	window := f.text[z:min(len(f.text), z+maxGap)]
	if k := strings.Index(window[:min(len(window), 8)], "</"); k < 0 {
		return value{}, false
	}
	f.spend(60)
	m := nextElement.FindStringSubmatchIndex(window)
	if m == nil {
		return value{}, false
	}
	return value{start: z + m[2], end: z + m[3], quoted: true, loose: true}, true
}

var valueFirst = lazyre.New(`\b(?:value|val|content)["']?\s{0,3}[:=]\s{0,3}["']?([^"'\s,{}\[\]]{4,120})["']?\s{0,3},?\s{0,20}["']?(?:name|key)["']?\s{0,3}[:=]\s{0,3}["']?\z`)

// first reads the value of a pair that is written before its name:
// {"value": "...", "name": "DB_PASSWORD"}.
func (f *finder) first(a int) (value, bool) {
	k := a
	for k > 0 && a-k < 8 && strings.IndexByte("\"' :=", f.text[k-1]) >= 0 {
		k--
	}
	if word := strings.ToLower(f.text[max(0, k-4):k]); k == a || word != "name" && !strings.HasSuffix(word, "key") {
		return value{}, false
	}
	window := f.text[max(0, a-maxGap):a]
	f.spend(len(window))
	m := valueFirst.FindStringSubmatchIndex(window)
	if m == nil {
		return value{}, false
	}
	low := a - len(window)
	return value{start: low + m[2], end: low + m[3], quoted: true}, true
}

// adjoining removes the literals that follow a quoted value as a part of it:
// "a"'b' and "a"b of a shell.
func (f *finder) adjoining(v value, s strength) {
	if v.start == 0 || v.end >= len(f.text) || f.text[v.start-1] != f.text[v.end] || strings.IndexByte("\"'", f.text[v.end]) < 0 {
		return
	}
	tight := v.start > 2 && f.text[v.start-2] == '=' && !isCode(f.ext)
	for end, n := v.end+1, 0; n < maxRows && end < len(f.text); n++ {
		f.spend(4)
		switch c := f.text[end]; {
		case c == '"' || c == '\'':
			w, ok := f.quoted(end)
			if !ok || w.end >= len(f.text) || f.text[w.end] != c || w.end == w.start {
				return
			}
			doubled := c == f.text[v.end] && strings.IndexByte(" ,)", f.text[w.start]) < 0 // a quote in C#, CSV or BASIC
			if !doubled && !canBePassword(f.text[w.start:w.end]) {
				return
			}
			f.add(w.start, w.end, s.kind(), rankName)
			end = w.end + 1
		case tight && isAlnum(c):
			w := wordEnd(f.back(end, maxGap), false)
			f.add(end, end+w, s.kind(), rankName)
			end += w
		default:
			return
		}
	}
}

// tagged returns where the value behind a tag of YAML starts, 0 when there is
// none or it only names one: !!str value, !Ref Name.
func (f *finder) tagged(j, limit int) int {
	if j+2 >= limit || f.text[j] != '!' {
		return 0
	}
	n := strings.IndexByte(f.text[j:limit], ' ')
	if n < 2 || !isIdentifier(strings.NewReplacer("/", "_", "-", "_", ":", "_").Replace(strings.TrimLeft(f.text[j:j+n], "!"))) {
		return 0
	}
	k := skipBlank(f.text, j+n, limit)
	if text := strings.TrimRight(f.back(k, maxGap), " \t\r"); f.text[j+1] == '!' || !isIdentifier(text) || transitions(text) >= 0.35 {
		return k
	}
	return 0
}

// argumentList splits what follows i in a list: ["mysql", "-pvalue"].
func (f *finder) argumentList(i int) []value {
	limit := min(len(f.text), i+maxCommand)
	var list []value
	for len(list) < 40 {
		for i < limit && strings.IndexByte(" \t\r\n,", f.text[i]) >= 0 {
			i++
		}
		if i >= limit || f.text[i] != '"' && f.text[i] != '\'' {
			return list
		}
		v, ok := f.quoted(i)
		if !ok || v.end >= limit || v.end == v.start {
			return list
		}
		f.spend(1 + (v.end-v.start)/16)
		list = append(list, value{start: v.start, end: v.end})
		i = v.end + 1
	}
	return list
}

// isCluster reports whether an argument is flags of one letter each, of which the
// last takes a value: -sSLu.
func isCluster(t string, last byte) bool {
	return len(t) > 2 && len(t) < 9 && t[0] == '-' && t[len(t)-1] == last && classify(t[1:]).other+classify(t[1:]).digit == 0
}
