// SPDX-License-Identifier: Apache-2.0

package builds

import (
	"bytes"
	"strings"
	"sync"
)

// heading remembers what some runners print on a line of its own above a
// failure: the name of the test, or that failures follow.
type heading struct {
	name   string
	number int // of its line
	bar    int // number of the last line of = alone
	// broken says that pytest tells of an error outside of a test.
	broken bool
	// failing says that a list of failures goes on.
	failing bool
}

// see looks at a line in front of the rules.
func (h *heading) see(text []byte, number int) {
	line := bytes.TrimLeft(text, " \t")
	if rest, ok := bytes.CutPrefix(line, []byte("[junit] ")); ok {
		line = rest
	}
	switch {
	case len(line) > 8 && line[0] == '_' && bytes.HasPrefix(line, []byte("____")):
		// https://github.com/pytest-dev/pytest/blob/main/src/_pytest/terminal.py
		h.broken = bytes.Contains(line, []byte("__ ERROR "))
	case len(line) >= 60 && len(bytes.Trim(line, "=")) == 0:
		h.bar = number
	case bytes.HasPrefix(line, []byte("Testcase: ")):
		// https://github.com/apache/ant, PlainJUnitResultFormatter: the result
		// stands on the next line.
		name, _, _ := bytes.Cut(line[len("Testcase: "):], []byte(" took"))
		h.name, h.number = strings.TrimSuffix(string(name), ":"), number
	case bytes.HasPrefix(line, []byte("[ RUN      ] ")):
		h.name, h.number = string(line[len("[ RUN      ] "):]), number
	case bytes.HasSuffix(line, []byte(" failing")) && len(line) > 0 && digit(line[0]):
		// https://github.com/mochajs/mocha/blob/main/lib/reporters/base.js
		h.failing = true
	default:
		// RSpec, Jasmine, hspec; NUnit; PHPUnit.
		switch string(line) {
		case "Failures:", "Errors and Failures:", "Failed Tests:", "There was 1 failure:", "There was 1 error:":
			h.failing = true
		}
		if bytes.HasPrefix(line, []byte("There were ")) && bytes.HasSuffix(line, []byte("s:")) {
			h.failing = true
		}
	}
}

// fails returns the failure of the test named above when the line is the word
// for it alone.
func (h *heading) fails(text []byte, number int) (match, bool) {
	// unittest and nose: a line of 70 =, the result and the name, or the first
	// line of the docstring (https://github.com/python/cpython/blob/main/Lib/unittest/runner.py).
	if number == h.bar+1 && h.bar > 0 {
		for _, word := range [...]string{"FAIL: ", "ERROR: "} {
			if name, ok := bytes.CutPrefix(text, []byte(word)); ok && len(name) > 0 && !bytes.HasPrefix(name, []byte("Failure: ")) {
				return match{rule: &rule{id: "unittest-bar", tier: tierTest, kind: KindTest, title: true}, test: unittestName(string(name))}, true
			}
		}
	}
	if h.broken && bytes.HasPrefix(text, []byte("E  ")) {
		h.broken = false
		return match{rule: &rule{id: "pytest-broken", tier: tierTest, kind: KindTest, above: 3}}, true
	}
	if h.name == "" || number > h.number+3 {
		return match{}, false
	}
	line := bytes.TrimLeft(text, " \t")
	if rest, ok := bytes.CutPrefix(line, []byte("[junit] ")); ok {
		line = bytes.TrimLeft(rest, " \t")
	}
	switch string(bytes.TrimRight(line, " \t")) {
	case "FAILED", "Caused an ERROR":
		m := match{rule: &rule{id: "junit-ant-below", tier: tierTest, kind: KindTest, above: number - h.number}, test: h.name}
		h.name = ""
		return m, true
	}
	return match{}, false
}

// unlisted is how many points a line loses that would be a failure in a list of
// failures only.
func (h *heading) unlisted(m match) int {
	if m.listed && !h.failing {
		return tierCase - tierRefused + 2
	}
	return 0
}

var spellings = sync.OnceValue(func() *strings.Replacer {
	return strings.NewReplacer(".py::", ".", "::", ".", " > ", ".", " › ", ".", "#", ".", "()", "")
})

// canonical is a test's name in one spelling: pytest writes a/b.py::C::d, its
// headings C.d, Surefire d(a.C) and a.C.d, Gradle C > d().
func canonical(name string) string {
	name = strings.TrimPrefix(name, "[doctest] ")
	name = spellings().Replace(name)
	if i := strings.IndexByte(name, '['); i > 0 {
		return strings.ReplaceAll(name[:i], "/", ".") + name[i:]
	}
	return strings.ReplaceAll(name, "/", ".")
}

// sameTest reports whether two canonical names may be of one test: one is the
// end of the other.
func sameTest(a, b string) bool {
	if len(a) < len(b) {
		a, b = b, a
	}
	return a == b || strings.HasSuffix(a, b) && len(a) > len(b) && (a[len(a)-len(b)-1] == '.' || a[len(a)-len(b)-1] == ' ')
}

// unittestName turns "method (module.Class)" into module.Class.method.
func unittestName(s string) string {
	method, class, ok := strings.Cut(strings.TrimSpace(s), " (")
	if class, end := strings.CutSuffix(class, ")"); ok && end && !strings.ContainsAny(class+method, " ()") {
		if strings.HasSuffix(class, "."+method) { // since Python 3.11
			return class
		}
		return class + "." + method
	}
	return strings.TrimSpace(s)
}
