// SPDX-License-Identifier: Apache-2.0

package scrub

import (
	"strconv"
	"strings"

	"review-assistant/internal/lazyre"
)

// around looks for the value of a name where no sign stands between: in a call
// behind it, or as a literal in front of it.
func (f *finder) around(a, z int, s strength) {
	f.spend(100)
	v, ok := f.chained(z)
	if !ok {
		v, ok = f.before(a)
	}
	if !ok {
		v, ok = f.below(z)
	}
	if !ok {
		v, ok = f.first(a)
	}
	if !ok {
		return
	}
	v = f.bared(v, "")
	text := f.text[v.start:v.end]
	if s == passLike && (canBePassword(text) || isPhrase(text) || isDigits(text) && len(text) >= 5) || len(text) >= 16 && keyLooking(text) && !isReference(text) && !isPlaceholder(text) {
		f.add(v.start, v.end, s.kind(), rankName)
	}
}

// chain is what stands between the name of a secret, as an argument, and a
// literal that gives its value.
var chain = lazyre.New("\\A[\"'`\\])]{0,4}(?:" +
	`\s*,?\s*(?:default|fallback)(?:_value|Value)?\s*[=:]\s*` +
	`|\s*\|\s*default\(\s*` +
	`|\.(?:and_return|returns?|thenReturn|mockReturnValue|orElse|or_else|getOrElse|unwrap_or|type|fill|send_?[kK]eys|set_?[vV]alue|set|with|typeText|clearAndType|val)\(\s*` +
	`|;\s*\w{1,20}\s*[!=]=\s*` +
	`|\s*(?:\|\||\?\?|\?:)\s*` +
	")[bru@$]?[\"'`]")

// chained reads the literal at the end of a chain behind z.
func (f *finder) chained(z int) (value, bool) {
	line := f.back(z, maxGap)
	// Most names stand in front of something else: the expression costs more.
	if next := strings.TrimLeft(line, "\"'`]) \t,"); next == "" || strings.IndexByte("df|.;", next[0]) < 0 {
		return value{}, false
	}
	f.spend(60)
	m := chain.FindStringIndex(line)
	if m == nil {
		return value{}, false
	}
	return f.quoted(z + m[1] - 1)
}

// reverse is a literal in front of a name: compared with it, or handed over
// first: "..." == password, type("...", "password").
var reverse = lazyre.New("(?:([A-Za-z_]{2,30})[ (]*)?[\"'`]((?:[^\"'`\\\\\n]|\\\\.){4,120})[\"'`](?:\\.toCharArray\\(\\))?\\s*" +
	"(?:(\\b(?i:TO|INTO) +|===?|!==?|\\.equals\\(|-eq\\b|\\beq\\b)|,)\\s*[A-Za-z0-9_$.:>@-]{0,40}[ (]{0,2}[\"'`]?[A-Za-z0-9_$.-]*\\z")

// reversed are calls whose value comes before its name.
var reversed = wordSet(`assertequals assertequal assert_equal equals equal areequal isequalto tobe expect type fill set setvalue sendkeys send_keys value forkey put`)

// before reads a literal in front of a.
func (f *finder) before(a int) (value, bool) {
	line := f.front(a, maxGap)
	// The name may be a literal itself; a sign or comma follows the one in front.
	k := len(line)
	for k > 0 && isNameByte(line[k-1]) {
		k--
	}
	if k > 0 && strings.IndexByte("\"'`", line[k-1]) >= 0 {
		k--
	}
	k = strings.LastIndexAny(line[:k], "\"'`")
	if next := strings.TrimLeft(line[k+1:], " \t"); k < 0 || next == "" || strings.IndexByte(",=!.-etTiI", next[0]) < 0 {
		return value{}, false
	}
	f.spend(2 * len(line))
	m := reverse.FindStringSubmatchIndex(line)
	if m == nil || m[6] < 0 && (m[2] < 0 || !reversed[strings.ToLower(line[m[2]:m[3]])]) {
		return value{}, false
	}
	low := a - len(line)
	return value{start: low + m[4], end: low + m[5], quoted: true}, true
}

var userAndPassword = lazyre.New("\\A[\"'*_`]{0,3}(?: are| is)?:?[*_`]{0,3} ?[\"'`(]?([A-Za-z0-9_.@-]{1,64})[\"'`]? ?[/:|,] ?[\"'`]?([^\\s\"'`)<]{4,64})")

// pairOf removes the password of "credentials: user / password".
func (f *finder) pairOf(z int, name string) bool {
	low := strings.ToLower(name)
	if !strings.HasSuffix(low, "credentials") && !strings.HasSuffix(low, "creds") {
		return false
	}
	m := userAndPassword.FindStringSubmatchIndex(f.back(z, maxGap))
	if m == nil {
		return false
	}
	text := strings.TrimRight(f.text[z+m[4]:z+m[5]], ".,;")
	if !canBePassword(text) || isReference(text) {
		return false
	}
	f.add(z+m[4], z+m[4]+len(text), "password", rankName)
	return true
}

// maxRemark is the longest comment in bytes that says what a literal is.
const maxRemark = 48

// commented finds the literal that a comment at the end of its line names:
// client.login("..."); // staging password.
func (f *finder) commented(a, z int) (value, bool) {
	if len(f.back(z, maxRemark)) > maxRemark/2 {
		return value{}, false
	}
	line := f.front(a, 2*maxGap)
	low := a - len(line)
	k := -1
	for _, mark := range []string{"//", "#", "<!--", "--", "/*"} {
		if i := strings.LastIndex(line, mark); i > k && (mark != "//" || i == 0 || line[i-1] != ':') && (mark != "#" || i > 0 && line[i-1] == ' ') {
			k = i
		}
	}
	if k <= 0 || len(line)-k > maxRemark || strings.ContainsAny(line[k:], "\"'=") {
		return value{}, false
	}
	end := strings.LastIndexAny(line[:k], "\"'`")
	if end <= 0 {
		return value{}, false
	}
	start := strings.LastIndexByte(line[:end], line[end])
	if start < 0 {
		return value{}, false
	}
	v := value{start: low + start + 1, end: low + end, quoted: true}
	text := f.text[v.start:v.end]
	return v, canBePassword(text) && len(text) >= 5 && !isReference(text) || isPhrase(text)
}

// Key material as numbers: at least so many, as keys and vectors are.
const minNumbers = 8

var numberList = lazyre.New(`\A["']?\)?\s*(?:\[[0-9A-Z_]*\])?\s*(?::?=|:|=>|\()?\s*(?:new\s+)?(?:(?:unsigned\s+)?(?:u?int8(?:_t)?|byte|char|u8|Uint8Array|bytearray|bytes|Buffer\.from|String\.fromCharCode|vec!)\s*)?(?:\[[0-9]*\]\s*(?:byte|uint8)?)?\s*[({\[]{1,2}\s*((?:-?(?:0[xX][0-9a-fA-F]{1,2}|[0-9]{1,3})[uUL]?|\(byte\)\s?-?0x[0-9a-fA-F]{1,2})(?:\s*,\s*(?:\(byte\)\s?)?-?(?:0[xX][0-9a-fA-F]{1,2}|[0-9]{1,3})[uUL]?){7,})`)

var escapedBytes = lazyre.New(`\A["']?\s*(?:[A-Za-z_\[\]\s]*)(?::?=|:|=>|\()\s*[bB@]?["']((?:\\x[0-9a-fA-F]{2}){8,})`)

// numbers removes a key that is written as a list of bytes behind a name that
// ends at z.
func (f *finder) numbers(z int, s strength) bool {
	window := f.text[z:min(len(f.text), z+56)]
	k := strings.IndexByte(window, '\\')
	if k < 2 || window[min(k+1, len(window)-1)] != 'x' {
		k = strings.LastIndexAny(window, "{[(")
		if k < 0 {
			return false
		}
		rest := strings.TrimLeft(f.text[z+k+1:min(len(f.text), z+k+40)], " \t\n")
		if rest == "" || !isDigit(rest[0]) && rest[0] != '-' && !strings.HasPrefix(rest, "byte)") || strings.IndexByte(rest[:min(len(rest), 18)], ',') < 0 {
			return false
		}
	}
	f.spend(100)
	window = f.text[z:min(len(f.text), z+maxValue)]
	if m := escapedBytes.FindStringSubmatchIndex(window); m != nil {
		f.add(z+m[2], z+m[3], "key-bytes", rankName)
		return true
	}
	m := numberList.FindStringSubmatchIndex(window)
	if m == nil {
		return false
	}
	count, distinct, steps, last := 0, map[string]bool{}, map[int64]bool{}, int64(0)
	for n := range strings.SplitSeq(window[m[2]:m[3]], ",") {
		n = strings.TrimSpace(n)
		if v, err := strconv.ParseInt(strings.TrimRight(strings.TrimPrefix(n, "(byte)"), "uUL "), 0, 32); err == nil && v > 255 {
			return false
		} else if err == nil {
			if count > 0 {
				steps[v-last] = true
			}
			last = v
		}
		count++
		distinct[n] = true
	}
	if count < minNumbers || len(distinct)*2 < count || len(steps) == 1 { // few, or a row such as 1, 2, 3
		return false
	}
	f.add(z+m[2], z+m[3], "key-bytes", rankName)
	return true
}
