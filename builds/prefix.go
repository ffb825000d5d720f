// SPDX-License-Identifier: Apache-2.0

package builds

import "bytes"

// maxPrefixes is how many prefixes a line may have, one in front of the other.
const maxPrefixes = 5

// unprefix removes what CI systems and loggers put in front of a line of a
// tool: times, levels, names of tasks.
func unprefix(b []byte) []byte {
	b = b[step(b):]
	for range maxPrefixes {
		n := 0
		switch {
		case len(b) < 4:
			return b
		case digit(b[0]):
			n = stamp(b)
		case b[0] == '[':
			n = bracket(b)
		case b[0] == '#':
			n = buildkit(b)
		case b[0] == 'P' && bytes.HasPrefix(b, []byte("PID ")): // mozprocess: PID 123 | text
			n = counted(b, len("PID "), " | ")
		case bytes.HasPrefix(b, []byte("\ufeff")):
			n = len("\ufeff")
		}
		if n == 0 {
			return b
		}
		b = b[n:]
	}
	return b
}

// step is the length of "job<tab>step<tab>" in front of a time, as gh run view
// --log prints it (https://cli.github.com/manual/gh_run_view).
func step(b []byte) int {
	i := bytes.IndexByte(b[:min(len(b), 120)], '\t')
	if i <= 0 {
		return 0
	}
	j := bytes.IndexByte(b[i+1:min(len(b), i+140)], '\t')
	if j < 0 {
		return 0
	}
	n := i + 1 + j + 1
	if rest := bytes.TrimPrefix(b[n:], []byte("\ufeff")); date(rest) > 0 {
		return n
	}
	return 0
}

// stamp is the length of a date or time of day at the start, with the level
// and the marks that loggers put behind it: the space and bar of Zuul's
// job-output.txt (https://zuul-ci.org/docs/zuul/latest/), the stream of
// GitLab's (https://docs.gitlab.com/ci/jobs/job_logs/), the level of mozharness
// (https://github.com/mozilla/treeherder, treeherder/log_parser/parsers.py).
func stamp(b []byte) int {
	n := date(b)
	if n == 0 {
		if n = timeOfDay(b); n == 0 || n >= len(b) || b[n] != ' ' {
			return 0
		}
		return n + level(b[n:])
	}
	switch rest := b[n:]; {
	case len(rest) == 0:
		return n
	case bytes.HasPrefix(rest, []byte(" | ")):
		return n + 3 + host(rest[3:])
	case len(rest) >= 5 && rest[0] == ' ' && digit(rest[1]) && digit(rest[2]) && (rest[3] == 'O' || rest[3] == 'E') && (rest[4] == ' ' || rest[4] == '+'):
		return n + 5
	case rest[0] == ' ' || rest[0] == '\t':
		return n + 1
	}
	return 0
}

// host is the length of "name | ", which Zuul puts behind the time of what
// runs on a node.
func host(b []byte) int {
	i := 0
	for i < len(b) && i < 48 && (wordByte(b[i]) || b[i] == '-' || b[i] == '.') {
		i++
	}
	switch rest := b[i:]; {
	case i > 0 && bytes.HasPrefix(rest, []byte(" | ")):
		return i + 3
	case i > 0 && string(rest) == " |":
		return len(b)
	}
	return 0
}

// date is the length of 2026-01-31T12:00:00.123Z, with a space for the T, a
// comma for the point, an offset or nothing for the Z, and 0 for other text.
func date(b []byte) int {
	if len(b) < 19 || b[4] != '-' || b[7] != '-' || b[10] != 'T' && b[10] != ' ' {
		return 0
	}
	for _, i := range [...]int{0, 1, 2, 3, 5, 6, 8, 9} {
		if !digit(b[i]) {
			return 0
		}
	}
	n := timeOfDay(b[11:])
	if n == 0 {
		return 0
	}
	n += 11
	switch {
	case n < len(b) && b[n] == 'Z':
		return n + 1
	case n+5 < len(b) && (b[n] == '+' || b[n] == '-') && digit(b[n+1]) && digit(b[n+2]):
		if b[n+3] == ':' {
			return n + 6
		}
		return n + 5
	}
	return n
}

// timeOfDay is the length of 12:00:00.123.
func timeOfDay(b []byte) int {
	if len(b) < 8 || b[2] != ':' || b[5] != ':' {
		return 0
	}
	for _, i := range [...]int{0, 1, 3, 4, 6, 7} {
		if !digit(b[i]) {
			return 0
		}
	}
	n := 8
	if n+1 < len(b) && (b[n] == '.' || b[n] == ',') && digit(b[n+1]) {
		for n++; n < len(b) && digit(b[n]); n++ {
		}
	}
	return n
}

// level is the length of the spaces and "LEVEL - " at the start. The levels of
// errors stay: a rule reads them.
func level(b []byte) int {
	n := 0
	for n < len(b) && b[n] == ' ' {
		n++
	}
	for _, l := range [...]string{"INFO", "WARNING", "DEBUG"} {
		if !bytes.HasPrefix(b[n:], []byte(l)) {
			continue
		}
		rest := b[n+len(l):]
		switch {
		case bytes.HasPrefix(rest, []byte(" - ")):
			return n + len(l) + 3
		case string(rest) == " -":
			return n + len(l) + 2
		}
	}
	return min(n, 1)
}

// bracket is the length of a time in brackets, also behind the name of a task:
// [2026-01-31T12:00:00Z] (Jenkins timestamper), [12:00:00], [task 2026-…]
// (Taskcluster).
func bracket(b []byte) int {
	i := 1
	for i < len(b) && i < 16 && letter(b[i]) {
		i++
	}
	if i > 1 {
		if i >= len(b) || b[i] != ' ' {
			return 0
		}
		i++
	}
	n := date(b[i:])
	if n == 0 && i == 1 {
		n = timeOfDay(b[i:])
	}
	if i += n; n == 0 || i >= len(b) || b[i] != ']' {
		return 0
	}
	if i++; i < len(b) && b[i] == ' ' {
		i++
	}
	return i
}

// buildkit is the length of "#12 3.456 ", which docker build prints in front
// of the output of a step (https://docs.docker.com/reference/cli/docker/buildx/build/#progress).
func buildkit(b []byte) int {
	n := counted(b, 1, " ")
	if n == 0 {
		return 0
	}
	m := counted(b, n, ".")
	if m == 0 {
		return 0
	}
	return counted(b, m, " ")
}

// counted is the length of b up to the end of digits and sep at from.
func counted(b []byte, from int, sep string) int {
	n := from
	for n < len(b) && digit(b[n]) {
		n++
	}
	if n == from || !bytes.HasPrefix(b[n:], []byte(sep)) {
		return 0
	}
	return n + len(sep)
}
