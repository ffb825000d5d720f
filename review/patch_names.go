// SPDX-License-Identifier: Apache-2.0

package review

import (
	"errors"
	"strconv"
	"strings"
)

// devNull stands for the missing side of a new or deleted file.
const devNull = "/dev/null"

// gitNames splits the two names of a "diff --git" line. Git quotes no spaces
// there, so names with spaces are certain only when both are the same.
func gitNames(s string) (a, b string, ok bool) {
	if strings.HasPrefix(s, `"`) {
		quoted, err := strconv.QuotedPrefix(s)
		if err != nil {
			return "", "", false
		}
		a, b, ok = quoted, strings.TrimPrefix(s[len(quoted):], " "), true
	} else if i := strings.Index(s, ` "`); i > 0 && strings.HasSuffix(s, `"`) {
		a, b, ok = s[:i], s[i+1:], true
	} else if strings.Count(s, " ") == 1 {
		a, b, ok = strings.Cut(s, " ")
	} else if n := len(s) / 2; len(s)%2 == 1 && s[n] == ' ' {
		a, b = s[:n], s[n+1:]
		ok = a == b || prefixed(a, b) && a[2:] == b[2:]
	}
	if !ok {
		return "", "", false
	}
	a, errA := unquote(a)
	b, errB := unquote(b)
	return a, b, errA == nil && errB == nil && a != "" && b != ""
}

// prefixed reports whether both names carry the letter that git puts before
// them: a/ and b/, or with diff.mnemonicPrefix two of c, i, o and w.
func prefixed(a, b string) bool {
	letter := func(name, letters string) bool {
		return name == devNull || len(name) > 2 && name[1] == '/' && strings.Contains(letters, name[:1])
	}
	return letter(a, "a") && letter(b, "b") ||
		a != devNull && b != devNull && a[0] != b[0] && letter(a, "ciow") && letter(b, "ciow") && a[2:] == b[2:]
}

// plainPath chooses the path of a file in a diff of two directories or of a
// file and its backup.
func plainPath(a, b string) string {
	if prefixed(a, b) {
		if b == devNull {
			return a[2:]
		}
		return b[2:]
	}
	switch {
	case b == devNull:
		return a
	case a == devNull:
		return b
	}
	topA, restA, okA := strings.Cut(a, "/")
	topB, restB, okB := strings.Cut(b, "/")
	if okA && okB && restA == restB && topA != topB {
		return restB
	}
	return b
}

// headerName returns the name of a "---" or "+++" line without the time stamp.
func headerName(s string) (string, error) {
	if !strings.HasPrefix(s, `"`) {
		s, _, _ = strings.Cut(s, "\t")
		return s, nil
	}
	quoted, err := strconv.QuotedPrefix(s)
	if err != nil {
		return "", errors.New("a broken quoted name")
	}
	return unquote(quoted)
}

// unquote undoes git's quoting, whose escapes are a subset of Go's.
func unquote(s string) (string, error) {
	if !strings.HasPrefix(s, `"`) {
		return s, nil
	}
	name, err := strconv.Unquote(s)
	if err != nil {
		return "", errors.New("a broken quoted name")
	}
	return name, nil
}

func mode(s string) (int, error) {
	m, err := strconv.ParseUint(strings.TrimSpace(s), 8, 32)
	if err != nil {
		return 0, errors.New("a broken file mode")
	}
	return int(m), nil
}
