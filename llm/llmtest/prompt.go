// SPDX-License-Identifier: Apache-2.0

package llmtest

import (
	"regexp"
	"strconv"
	"strings"
)

// file is what the fake understands of one file of a prompt's diff.
type file struct {
	path    string
	line    int // number of the first added line in the new file, 0 for none
	added   int
	removed int
	names   []string // declared in added lines or named by hunk headers
}

// section returns the fenced text of the prompt whose label starts with name.
func section(user, name string) string {
	_, rest, ok := strings.Cut(user, "<<<")
	fence, _, _ := strings.Cut(rest, " ")
	if !ok || fence == "" {
		return ""
	}
	_, rest, ok = strings.Cut(user, "<<<"+fence+" "+name)
	if !ok {
		return ""
	}
	_, rest, _ = strings.Cut(rest, "\n")
	text, _, _ := strings.Cut(rest, "\n"+fence+">>>")
	return text
}

// fenced returns all text of the prompt that stands between fences.
func fenced(user string) string {
	var b strings.Builder
	_, rest, ok := strings.Cut(user, "<<<")
	fence, _, _ := strings.Cut(rest, " ")
	for ok && fence != "" {
		var text string
		text, rest, _ = strings.Cut(rest[max(0, strings.IndexByte(rest, '\n')):], "\n"+fence+">>>")
		b.WriteString(text)
		b.WriteByte('\n')
		_, rest, ok = strings.Cut(rest, "<<<"+fence+" ")
	}
	return b.String()
}

var (
	hunkHead = regexp.MustCompile(`^@@ (?:-\S+ )?\+(\d+)(?:,\d+)?(?: @@)?(.*)`)
	listed   = regexp.MustCompile(`^(?:added|modified|deleted|renamed|copied) (.+?)(?: \(before: .*\))? \+\d+ -\d+(?: \[not shown: [^\]]*\])?$`)
	headed   = regexp.MustCompile(`^# (.+?)(?: \(was .*\))?(?: \[[^\]]*\])? \(\+\d+ -\d+\)$`)
	declared = regexp.MustCompile(`\b(?:func(?:\s*\([^)]*\))?|class|def|interface|struct|enum|fn|function|type)\s+([A-Za-z_]\w{2,})`)
	called   = regexp.MustCompile(`([A-Za-z_]\w{2,})\s*\(`)
)

// readDiff finds the files of a prompt in the order of the diff.
func readDiff(user string) []file {
	paths := map[string]bool{}
	for _, name := range []string{"file list", "files"} {
		for line := range strings.SplitSeq(section(user, name), "\n") {
			if m := listed.FindStringSubmatch(line); m != nil {
				paths[m[1]] = true
			}
		}
	}
	if len(paths) == 0 { // notes on a part come without a list
		for line := range strings.SplitSeq(section(user, "diff"), "\n") {
			if m := headed.FindStringSubmatch(line); m != nil {
				paths[m[1]] = true
			}
		}
	}
	var files []file
	at := -1
	line := 0
	for text := range strings.SplitSeq(section(user, "diff"), "\n") {
		if path := heading(text, paths); path != "" {
			if at < 0 || files[at].path != path {
				files = append(files, file{path: path})
				at = len(files) - 1
			}
			line = 0
			continue
		}
		if at < 0 {
			continue
		}
		f := &files[at]
		if m := hunkHead.FindStringSubmatch(text); m != nil {
			line, _ = strconv.Atoi(m[1])
			if c := called.FindStringSubmatch(m[2]); c != nil {
				f.name(c[1])
			}
			continue
		}
		switch {
		case line == 0:
		case strings.HasPrefix(text, "+"):
			f.add(text[1:], line)
			line++
		case strings.HasPrefix(text, "-"):
			f.removed++
		case strings.HasPrefix(text, " "):
			line++
		}
	}
	return files
}

// heading returns the listed path that a header line of a diff names. Lines
// of hunks start otherwise, so they cannot pose as one.
func heading(text string, paths map[string]bool) string {
	if text == "" || strings.HasPrefix(text, "@@") || strings.HasPrefix(text, "--- ") {
		return ""
	}
	if text[0] == ' ' || text[0] == '-' || text[0] == '+' && !strings.HasPrefix(text, "+++ ") {
		return ""
	}
	best := ""
	for path := range paths {
		if len(path) > len(best) && strings.Contains(text, path) {
			best = path
		}
	}
	return best
}

func (f *file) add(text string, line int) {
	if f.line == 0 && strings.TrimSpace(text) != "" {
		f.line = line
	}
	f.added++
	if m := declared.FindStringSubmatch(text); m != nil {
		f.name(m[1])
	}
}

// maxNames keeps sentences short.
const maxNames = 4

func (f *file) name(s string) {
	for _, have := range f.names {
		if have == s {
			return
		}
	}
	if len(f.names) < maxNames {
		f.names = append(f.names, s)
	}
}
