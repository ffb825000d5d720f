// SPDX-License-Identifier: Apache-2.0

package summarize

import (
	"path"
	"slices"
	"strconv"
	"strings"

	"review-assistant/internal/lazyre"
	"review-assistant/review"
)

// numberWords are the numbers that sentences spell.
var numberWords = map[string]int{
	"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12,
}

var (
	fromTo = lazyre.New("(?i)\\b(?:chang|rais|increas|lower|reduc|bump|decreas|grow|grew|shr[iu]nk|go|went|cut|upgrad|downgrad|updat|mov|switch|drop|revert|doubl|halv|default|limit|timeout|version)\\w*\\b[^.;]*?\\bfrom\\s+(`[^`]+`|\"[^\"]+\"|v?\\d[\\w.]*\\w|\\d|[a-z]+)\\s+(?:[a-z]+\\s+)?(?:(?:down|up|back)\\s+)?to\\s+(`[^`]+`|\"[^\"]+\"|v?\\d[\\w.]*\\w|\\d|[a-z]+)(?:\\s+([a-z]+))?")
	units  = wordSet(`second seconds minute minutes hour hours day days week weeks byte bytes kb mb gb kib mib gib percent ms`)
)

// changed checks "from 3 to 5" behind a verb of change: the first number is
// on a removed side, the other on an added one.
func (v *verifier) changed(s string) bool {
	for _, m := range fromTo.FindAllStringSubmatch(s) {
		before, quoted := value(m[1])
		after, quotedToo := value(m[2])
		if before == "" || after == "" || quoted != quotedToo {
			continue
		}
		if len(v.sides.withPath(before)) > 0 || len(v.sides.withPath(after)) > 0 || v.sides.before[before] || v.sides.after[after] {
			continue // places, not values
		}
		old, now := v.sides.of(before, -1, true), v.sides.of(after, -1, true)
		if units[strings.ToLower(m[3])] && (!old.known() || !now.known()) {
			continue // 5 minutes are 300 s
		}
		if quoted && (!old.known() || !now.known()) {
			continue // shortened by the writer; its parts are looked up elsewhere
		}
		if old.removed == 0 || now.added == 0 {
			return false
		}
	}
	return true
}

// value returns a number or a piece of code in lower case, "" for words.
func value(s string) (text string, quoted bool) {
	low := strings.ToLower(s)
	if n, ok := numberWords[low]; ok {
		return strconv.Itoa(n), false
	}
	if t := strings.Trim(low, "`\""); t != low {
		return t, strings.Trim(t, "0123456789.v") != ""
	}
	if strings.ContainsAny(low, "0123456789") {
		return low, false
	}
	return "", false
}

var (
	counted = map[string]string{
		"file": "file", "files": "file", "test": "test", "tests": "test", "line": "line", "lines": "line",
		"function": "decl", "functions": "decl", "method": "decl", "methods": "decl", "class": "decl", "classes": "decl",
	}
	statusWords = map[string]act{
		"new": actAdd, "added": actAdd, "removed": actRemove, "deleted": actRemove, "renamed": actRename, "moved": actRename,
		"changed": actOther, "modified": actOther, "touched": actOther,
	}
	rounding = wordSet(`up to least most than about around over of the first last next other same all every only these those`)
)

// counts checks numbers in front of files, tests, lines and functions, where
// the sentence says that the change adds, removes, renames or touches them.
func (v *verifier) counts(s string) bool {
	ts := v.sides.tokens(s)
	for i, t := range ts {
		n, ok := numberWords[t.low]
		if !ok {
			var err error
			if n, err = strconv.Atoi(t.low); err != nil || n > 10_000 {
				continue
			}
		}
		if t.end != "" || i > 0 && rounding[ts[i-1].low] {
			continue
		}
		a := actNone
		if i > 0 {
			if a = acting[ts[i-1].low]; a != actNone && i > 1 && (ts[i-2].low == "not" || ts[i-2].low == "never") {
				continue
			}
		}
		at := i + 1
		for ; at < len(ts) && at <= i+2 && counted[ts[at].low] == "" && ts[at].end == "" && !ts[at].code && !joints[ts[at].low]; at++ {
			if w := statusWords[ts[at].low]; w != actNone {
				a = w
			}
		}
		if at >= len(ts) || counted[ts[at].low] == "" {
			continue
		}
		if a == actNone && at+2 < len(ts) && auxiliary[ts[at+1].low] {
			a = statusWords[ts[at+2].low]
		}
		noun := counted[ts[at].low]
		bare := at+1 == len(ts) || ts[at].ends() || ts[at+1].low == "to" || ts[at+1].low == "from" || ts[at+1].low == "and"
		if a == actNone || noun == "line" && !bare || noun == "test" && at+1 < len(ts) && ts[at].end == "" && strings.HasPrefix(ts[at+1].low, "case") {
			continue
		}
		if !v.counted(a, noun, n) {
			return false
		}
	}
	return true
}

// counted reports whether so many things of a kind are there, in the whole
// change or in a part of it that a sentence may mean: a file, a folder, the
// files with one ending.
func (v *verifier) counted(a act, noun string, n int) bool {
	switch noun {
	case "file":
		return v.fileCounts(a)[n]
	case "line":
		return v.lineCounts(a)[n]
	}
	if v.analyzed == nil {
		v.analyzed = analyze(v.patch)
	}
	total, parts := 0, map[int]bool{}
	folders := map[string]int{}
	for _, f := range v.analyzed {
		ds := f.added
		switch a {
		case actRemove:
			ds = f.removed
		case actAdd:
		default:
			return true
		}
		k := len(ds)
		if noun == "test" {
			k = len(tests(ds))
		}
		total += k
		parts[k] = true
		folders[path.Dir(f.path)] += k
	}
	if total == 0 {
		return true // a language whose declarations are not known
	}
	if noun == "decl" {
		return n <= total // functions among other declarations are not told apart
	}
	for _, k := range folders {
		parts[k] = true
	}
	return n == total || parts[n]
}

func (v *verifier) fileCounts(a act) map[int]bool {
	groups := map[string]int{}
	for i := range v.patch.Files {
		f := &v.patch.Files[i]
		switch {
		case a == actAdd && f.Status != review.FileAdded && f.Status != review.FileCopied,
			a == actRemove && f.Status != review.FileDeleted,
			a == actRename && f.Status != review.FileRenamed:
			continue
		}
		name, status := f.Path.String(), string(f.Status)
		ext := path.Ext(name)
		for _, k := range []string{"", status, ext, ext + status} {
			groups[k]++
			for d := path.Dir(name); d != "." && d != "/"; d = path.Dir(d) {
				groups[d+"\n"+k]++
			}
		}
		if f.Binary {
			groups["binary"]++
		}
		if f.Mode == review.ModeSubmodule {
			groups["submodule"]++
		}
		groups["role "+strconv.Itoa(int(roleOf(name)))]++
	}
	out := map[int]bool{}
	for _, n := range groups {
		out[n] = true
	}
	return out
}

func (v *verifier) lineCounts(a act) map[int]bool {
	out := map[int]bool{}
	take := func(added, removed int) {
		if a != actRemove {
			out[added] = true
		}
		if a != actAdd {
			out[removed] = true
		}
		if a == actOther {
			out[added+removed] = true
		}
	}
	added, removed := 0, 0
	for i := range v.patch.Files {
		f := &v.patch.Files[i]
		take(f.Added, f.Removed)
		added, removed = added+f.Added, removed+f.Removed
		for j := range f.Hunks {
			take(countLines(f.Hunks[j : j+1]))
		}
	}
	take(added, removed)
	return out
}

var (
	placed   = lazyre.New(`([\w@+~-][\w.@+~/-]*):(\d+)(?:\s?[-–]\s?(\d+))?`)
	lineWord = lazyre.New(`(?i)\blines?\s+(\d{2,})(?:\s?(?:-|–|to|and)\s?(\d{2,}))?`)
)

// placesExist reports whether the lines that a sentence cites are shown in
// the new version, of the file that it names.
func (e *evidence) placesExist(s string) bool {
	s = strings.ReplaceAll(s, "`", "")
	var cited []int
	for _, m := range placed.FindAllStringSubmatch(s) {
		at := e.sides.withPath(m[1])
		if len(at) == 0 {
			continue // no file: a port, a key, or a name that is looked up elsewhere
		}
		if !e.shows(at, m[2]) || m[3] != "" && !e.shows(at, m[3]) {
			return false
		}
	}
	for _, p := range pathLike.FindAllString(s, -1) {
		cited = append(cited, e.sides.withPath(p)...)
	}
	for _, m := range lineWord.FindAllStringSubmatch(s) {
		if !e.shows(cited, m[1]) || m[2] != "" && !e.shows(cited, m[2]) {
			return false
		}
	}
	return true
}

// shows reports whether a line is shown in one of the files, in any when none
// is given.
func (e *evidence) shows(files []int, line string) bool {
	n, err := strconv.Atoi(line)
	if err != nil {
		return false
	}
	for i, f := range e.sides.files {
		if f.shown.has(n) && (len(files) == 0 || slices.Contains(files, i)) {
			return true
		}
	}
	return false
}
