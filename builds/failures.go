// SPDX-License-Identifier: Apache-2.0

package builds

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"sync"

	"review-assistant/internal/lazyre"
	"review-assistant/review"
)

// maxFailures is how many failing tests of a log are told apart.
const maxFailures = 50

// Failures returns what failed: the cause when it is no test, then each test
// that is named, at most 50 ([Log.Dropped] counts the others). Without a named
// test there is one failure for the log. A log with no line has none.
func (l *Log) Failures() []Raw {
	if len(l.picked) == 0 {
		return nil
	}
	var out []Raw
	if root := l.picked[0]; len(l.tests) == 0 || root.kind != KindTest && root.kind != KindOther && root.tier >= tierCrash {
		out = append(out, l.whole())
	}
	for _, c := range l.tests {
		out = append(out, l.one(c, l.all))
	}
	return out
}

// whole is the failure of a log as such: its excerpts, in the order of lines.
func (l *Log) whole() Raw {
	root := l.picked[0]
	r := Raw{stage: l.stage(root), category: l.Category}
	shown := map[int]bool{}
	for _, e := range l.Excerpts {
		for n := e.Start; n <= e.End && len(shown) < MaxExcerpt; n++ {
			shown[n] = true
		}
	}
	r.merge(l.picked, shown, root.number)
	r.file, r.line = place(root)
	return r
}

// merge makes the lines of a failure of the windows of candidates.
func (r *Raw) merge(from []*candidate, shown map[int]bool, focus int) {
	lines := map[int]string{}
	for _, c := range from {
		for k, s := range c.window {
			lines[c.first+k] = s
		}
	}
	for n := range lines {
		r.numbers = append(r.numbers, n)
	}
	slices.Sort(r.numbers)
	for i, n := range r.numbers {
		r.lines = append(r.lines, lines[n])
		if shown[n] {
			r.excerpt = append(r.excerpt, i)
		}
		if n == focus {
			r.focus = i
		}
	}
}

// reasonReach is how many lines below the heading of a failure its reason may
// stand, where that is not in the heading's window.
const reasonReach = 400

// one is the failure of a test: what names it, and what says why.
func (l *Log) one(c *candidate, all []*candidate) Raw {
	r := Raw{stage: review.StageTest, category: cmp.Or(c.category, string(c.kind)), test: c.test}
	s := shape{book: book(), c: c, used: map[int]bool{}, first: true}
	from, to := s.span(MaxExcerpt)
	// What the next test says belongs to it.
	next := math.MaxInt
	for _, o := range all {
		if o.number > c.number && o.test != "" && o.tier >= tierAssert && !sameTest(canonical(o.test), canonical(c.test)) {
			next = min(next, o.number)
		}
	}
	to = max(c.number, min(to, next-1))
	shown := map[int]bool{}
	for n := from; n <= to; n++ {
		shown[n] = true
	}
	parts := []*candidate{c}
	focus := reason(c, from-c.first, min(len(c.window)-1, next-1-c.first)) + c.first
	if focus == c.number {
		if why := l.elsewhere(c, all); why != nil {
			parts, focus = append(parts, why), why.number
		}
	}
	for n := focus - 2; n <= focus+3 && focus != c.number; n++ {
		shown[n] = true
	}
	r.merge(parts, shown, focus)
	r.file, r.line = place(parts[len(parts)-1])
	if r.file == "" {
		r.file, r.line = place(c)
	}
	if file, _, ok := strings.Cut(c.test, "::"); ok && r.file == "" {
		r.file = relative(file)
	}
	return r
}

// elsewhere is the reason of a test that another line names first, as a
// heading of pytest does: the assertion between it and the next heading.
func (l *Log) elsewhere(c *candidate, all []*candidate) *candidate {
	var heading *candidate
	for _, o := range all {
		if o.id == "pytest-section" && sameTest(canonical(o.test), canonical(c.test)) {
			heading = o
			break
		}
	}
	if heading == nil {
		return nil
	}
	next := heading.number + reasonReach
	for _, o := range all {
		if o.id == "pytest-section" && o.number > heading.number {
			next = min(next, o.number)
		}
	}
	var why *candidate
	for _, o := range all {
		if o.number > heading.number && o.number < next && o.test == "" && o.tier == tierAssert && (why == nil || o.number < why.number) {
			why = o
		}
	}
	return why
}

// reason is the line near the name of a test that says why it failed, or the
// name's own: of those from first to last the next one below, or above.
func reason(c *candidate, first, last int) int {
	b := book()
	why := func(i int) bool {
		m, ok := b.find([]byte(c.window[i]))
		return ok && m.test == "" && (m.why || m.tier == tierAssert || m.tier == tierThrown || m.kind == KindCrash || m.kind == KindTimeout)
	}
	for i := c.focus() + 1; i <= last && i < len(c.window); i++ {
		if why(i) {
			return i
		}
		if b.mark(c.window[i]) == markFinal {
			break
		}
	}
	for i := c.focus() - 1; i >= first; i-- {
		if why(i) {
			return i
		}
	}
	return c.focus()
}

// stage is how far the job came.
func (l *Log) stage(root *candidate) review.Stage {
	switch what := cmp.Or(root.category, string(root.kind)); {
	case root.kind == KindTest:
		return review.StageTest
	case what == string(KindCompile):
		return review.StageCompile
	case what == string(KindLint):
		return review.StageLint
	case l.testsRan, what == categoryUnknown && l.Category == categoryUnknown && !root.inStep:
		// Of words that no tool is known for, in a log without a step that failed,
		// it is not known how far it came: it may be no log at all. An early stage
		// would make them the change's own.
		return review.StageTest
	case root.kind == KindCrash || what == categoryUnknown:
		return review.StageCompile
	}
	return review.StageSetup
}

// frames are how stack traces and compilers name a place: file and line.
type frameRule struct {
	key     string
	re      *lazyre.Regexp
	example string
}

var frameRules = sync.OnceValue(func() []frameRule {
	return []frameRule{
		{`File "`, lazyre.New(`File "([^"]+)", line (\d+)`), `  File "a/b.py", line 12, in f`},
		{"at ", lazyre.New(`^\s*at [\w.$<>/ ]+\(([\w$]+\.(?:java|kt|scala|groovy)):(\d+)\)`), "	at a.b.C.d(C.java:12)"},
		{"at ", lazyre.New(`^\s*at (?:.* \()?(?:file://)?([^\s()]+\.[cm]?[jt]sx?):(\d+):\d+\)?$`), "    at f (/src/a.js:1:2)"},
		{" in ", lazyre.New(` in ([^\s:]+\.(?:cs|fs|vb)):line (\d+)`), `   at A.B() in /src/a.cs:line 12`},
		{"-->", lazyre.New(`--> ([^\s:]+):(\d+):\d+`), "  --> src/a.rs:1:2"},
		{":", lazyre.New(`(?:^|[\s(])((?:[A-Za-z]:)?[\w./@+-]*[\w-]\.(?:go|py|rb|c|cc|cpp|cxx|h|hpp|rs|ts|tsx|js|jsx|java|kt|scala|swift|php|ex|exs|hs|ml|proto)):(\d+)\b`), "    a_test.go:12: got 3"},
	}
})

// place is the file and line that a failure names: its own, or those of the
// first frame below that is of the project.
func place(c *candidate) (file string, line int) {
	if c.file != "" && !library(c.file) {
		return relative(c.file), c.line
	}
	rules := frameRules()
	// Python prints the frames above the exception, the innermost last.
	for i := c.focus() - 1; i >= 0 && strings.HasPrefix(c.window[i], "  "); i-- {
		if g := rules[0].re.FindStringSubmatch(c.window[i]); g != nil && !library(c.window[i]) {
			n := atoi(g[2])
			return relative(g[1]), n
		}
	}
	for i := max(0, c.focus()-c.above); i < len(c.window) && i <= c.focus()+15; i++ {
		text := c.window[i]
		if library(text) {
			continue
		}
		for _, r := range rules {
			if !strings.Contains(text, r.key) {
				continue
			}
			if g := r.re.FindStringSubmatch(text); g != nil {
				n := atoi(g[2])
				return relative(g[1]), n
			}
		}
	}
	return "", 0
}

// library reports whether a frame is of a library or the language.
func library(text string) bool {
	for _, s := range [...]string{
		"site-packages/", "dist-packages/", "/lib/python", "node_modules/", "node:internal", "internal/modules", "/usr/lib/", "/usr/include/", "/rustc/", "/.cargo/registry/",
		"/usr/local/go/", "/pkg/mod/", "/gems/", "/vendor/", "at java.", "at javax.", "at jdk.", "at sun.", "at org.junit.", "at junit.", "at org.gradle.", "at org.apache.maven.",
		"at org.assertj.", "at org.jenkinsci.", "at org.hamcrest.", "at org.opentest4j.", "at kotlin.", "at scala.", "at org.mockito.", "at hudson.", "at org.testng.", "at java.base/", "<frozen ", "<string>",
	} {
		if strings.Contains(text, s) {
			return true
		}
	}
	return false
}

// workspaces are the folders in which CI systems check out. Their names are
// written in pieces: no file of ours names a path of one machine, which a test
// looks for.
var workspaces = sync.OnceValue(func() []*lazyre.Regexp {
	return []*lazyre.Regexp{
		lazyre.New(`^/ho` + `me/runner/wo` + `rk/[^/]+/[^/]+/`), // GitHub
		lazyre.New(`^/(?:ho` + `me/travis/build|builds|__w)/[^/]+/[^/]+/`),
		lazyre.New(`^/var/lib/jenkins/workspace/[^/]+/`),
		lazyre.New(`^/ho` + `me/zuul/src/[^/]+/(?:[^/]+/)??`),
		lazyre.New(`^/(?:github/workspace|workspace|app|src)/`),
		lazyre.New(`^[A-Za-z]:[\\/](?:a|agent[\\/]_work)[\\/][^\\/]+[\\/](?:s|[^\\/]+)[\\/]`),
	}
})

// relative cuts the workspace off a path.
func relative(path string) string {
	for _, re := range workspaces() {
		if s := re.FindString(path); s != "" {
			return strings.ReplaceAll(path[len(s):], `\`, "/")
		}
	}
	return strings.TrimPrefix(path, "./")
}
