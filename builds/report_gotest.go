// SPDX-License-Identifier: Apache-2.0

package builds

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"review-assistant/review"
)

// Limits of a run of go test.
const (
	maxEvent = 1 << 20  // bytes of a line; test2json cuts output into shorter ones
	maxOpen  = 20000    // tests at once
	maxPath  = 1 << 10  // bytes of the name of a test or package
	maxHeld  = 64 << 20 // bytes of the output of tests that run
)

// goEvent is a line of go test -json (go doc test2json, go help buildjson).
type goEvent struct {
	Action      string
	Package     string
	Test        string
	Output      string
	ImportPath  string // of build-output and build-fail
	FailedBuild string
}

type goPass struct {
	rep  *Report
	pkgs map[string]*goPkg
	// builds holds what the compiler said, by import path; a built one is nil.
	builds map[string]*keptText
	held   int
	open   int
	inner  int  // in all packages
	whole  bool // no package ended early
	ended  int
}

type goPkg struct {
	out    keptText
	tests  map[string]*keptText
	inner  map[string]bool // tests with a failed subtest
	failed bool            // a test of it is reported
}

// readGoTest reads the output of go test -json. Lines between that are no JSON
// are the compiler's, before Go 1.24.
func readGoTest(_ context.Context, in *meter) (*Report, error) {
	p := &goPass{rep: &Report{}, pkgs: map[string]*goPkg{}, builds: map[string]*keptText{}, whole: true}
	lines := bufio.NewReaderSize(in, 64<<10)
	events, plain := 0, ""
	for {
		line, err := boundedLine(lines, maxEvent)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		var e goEvent
		if len(line) > 0 && line[0] == '{' && json.Unmarshal(line, &e) == nil && e.Action != "" {
			plain = ""
			if err := p.event(&e); err != nil {
				return nil, err
			}
			events++
			continue
		}
		// "# PACKAGE" begins what the compiler says of a package.
		text := strings.TrimRight(string(line), "\r")
		if name, ok := strings.CutPrefix(text, "# "); ok {
			plain = cutString(name, maxPath)
		}
		if plain != "" {
			p.compiler(plain, text)
		}
	}
	if events == 0 {
		return nil, errors.New(`no line is an event such as {"Action":"run",…}`)
	}
	p.rep.TestsRan = p.whole && p.ended > 0 && len(p.pkgs) == 0 && p.rep.Dropped == 0
	return p.rep, nil
}

// boundedLine reads a line without its end, and drops what is longer than max.
func boundedLine(r *bufio.Reader, max int) ([]byte, error) {
	var line []byte
	for {
		part, err := r.ReadSlice('\n')
		if room := max - len(line); room > 0 {
			line = append(line, part[:min(len(part), room)]...)
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		if err != nil && (len(line) == 0 || !errors.Is(err, io.EOF)) {
			return nil, err
		}
		return bytes.TrimSuffix(line, []byte("\n")), nil
	}
}

func (p *goPass) event(e *goEvent) error {
	if len(e.Package) > maxPath || len(e.Test) > maxPath || len(e.ImportPath) > maxPath {
		return nil
	}
	switch e.Action {
	case "build-output":
		p.compiler(e.ImportPath, strings.TrimSuffix(e.Output, "\n"))
		return nil
	case "build-fail":
		p.whole = false
		return nil
	case "start", "run", "output", "pass", "fail", "skip":
	default:
		return nil
	}
	pkg := p.pkgs[e.Package]
	if pkg == nil {
		if p.open++; p.open > maxOpen {
			return fmt.Errorf("more than %d tests run at once", maxOpen)
		}
		pkg = &goPkg{tests: map[string]*keptText{}, inner: map[string]bool{}}
		p.pkgs[e.Package] = pkg
	}
	if e.Test == "" {
		p.packageEvent(pkg, e)
		return nil
	}
	out := pkg.tests[e.Test]
	if out == nil && (e.Action == "run" || e.Action == "output") {
		if p.open++; p.open > maxOpen {
			return fmt.Errorf("more than %d tests run at once", maxOpen)
		}
		out = &keptText{}
		pkg.tests[e.Test] = out
	}
	switch e.Action {
	case "output":
		p.output(out, e.Output)
		return nil
	case "run", "start":
		return nil
	case "pass":
		p.rep.Passed++
	case "skip":
		p.rep.Skipped++
	case "fail":
		p.testFailed(pkg, e.Package, e.Test)
	}
	if out != nil {
		p.held -= out.size
		p.open--
		delete(pkg.tests, e.Test)
	}
	return nil
}

// output keeps a line of a test or package, but for what go test itself adds.
func (p *goPass) output(to *keptText, text string) {
	text = strings.TrimSuffix(text, "\n")
	for _, noise := range []string{"=== RUN ", "=== PAUSE ", "=== CONT ", "=== NAME "} {
		if strings.HasPrefix(text, noise) {
			return
		}
	}
	if p.held > maxHeld {
		return
	}
	before := to.size
	to.add(text)
	p.held += to.size - before
}

func (p *goPass) compiler(path, text string) {
	out := p.builds[path]
	if out == nil {
		if len(p.builds) >= maxOpen {
			return
		}
		out = &keptText{}
		p.builds[path] = out
	}
	p.output(out, text)
}

// testFailed reports a test unless one of its subtests is the cause.
func (p *goPass) testFailed(pkg *goPkg, path, test string) {
	for i := len(test) - 1; i > 0; i-- {
		if test[i] != '/' || p.inner > maxOpen || pkg.inner[test[:i]] {
			continue
		}
		pkg.inner[test[:i]] = true
		p.inner++
	}
	pkg.failed = true
	if !pkg.inner[test] {
		p.report(path+"."+test, pkg.tests[test].lines())
	}
}

func (p *goPass) packageEvent(pkg *goPkg, e *goEvent) {
	switch e.Action {
	case "output":
		p.output(&pkg.out, e.Output)
		return
	case "fail":
		p.packageFailed(pkg, e)
	case "pass", "skip":
	default:
		return
	}
	p.ended++
	p.held -= pkg.out.size
	for _, out := range pkg.tests {
		p.held -= out.size
		p.open--
	}
	p.open--
	p.inner -= len(pkg.inner)
	delete(p.pkgs, e.Package)
}

func (p *goPass) packageFailed(pkg *goPkg, e *goEvent) {
	lines := pkg.out.lines()
	if said := strings.Join(lines, "\n"); e.FailedBuild != "" || strings.Contains(said, "[build failed]") || strings.Contains(said, "[setup failed]") {
		p.whole = false
		p.buildFailed(e, lines)
		return
	}
	// A test that has not ended is where the program did.
	for _, test := range slices.Sorted(maps.Keys(pkg.tests)) {
		if crash(pkg.tests[test].lines()) != "" {
			p.testFailed(pkg, e.Package, test)
		}
	}
	if len(pkg.tests) > 0 {
		p.whole = false
	}
	if !pkg.failed {
		p.whole = false
		p.report(e.Package, lines)
	}
}

// buildFailed reports what the compiler said, once for all packages that need it.
func (p *goPass) buildFailed(e *goEvent, lines []string) {
	for _, path := range []string{e.FailedBuild, e.Package, e.Package + " [" + e.Package + ".test]"} {
		out, known := p.builds[path]
		if path == "" || !known {
			continue
		}
		if out == nil {
			return // told already
		}
		p.builds[path] = nil
		p.held -= out.size
		lines = out.lines()
		break
	}
	raw := failed(review.StageCompile, "", lines, false)
	raw.category = string(KindCompile)
	for i, l := range lines {
		if f := goPlace.FindStringSubmatch(l); f != nil {
			raw.focus, raw.file, raw.line = i, strings.TrimPrefix(f[1], "./"), atoi(f[2])
			raw.excerpt = around(i, len(lines))
			break
		}
	}
	p.rep.add(raw)
}

// goPlace is how the compiler and the testing package write a position.
var goPlace = regexp.MustCompile(`^\s*(\S+\.go):(\d+):`)

func (p *goPass) report(test string, lines []string) {
	raw := failed(review.StageTest, test, lines, false)
	how := crash(lines)
	if how != "" {
		raw.category = how
		p.whole = false
	}
	at := goReason(lines)
	if how != "" {
		at = slices.IndexFunc(lines, func(l string) bool { return crash([]string{l}) != "" })
	}
	if at >= 0 {
		raw.focus, raw.excerpt = at, around(at, len(lines))
		for i := at; i >= 0 && raw.file == ""; i-- {
			if f := goPlace.FindStringSubmatch(lines[i]); f != nil {
				raw.file, raw.line = f[1], atoi(f[2])
			}
		}
	}
	p.rep.add(raw)
}

// goWant is how a test says what it expected, by Go's own advice
// (https://go.dev/wiki/TestComments#got-before-want).
var goWant = regexp.MustCompile(`(?i)\b(?:want(?:ed|s)?|expect(?:ed|s)?)\b`)

// goReason returns the line of a failed test that says why, or -1: the first
// place with an assertion, or else the last place, for those before it are the
// test's log. What stands below its verdict counts only without one above.
func goReason(lines []string) int {
	b, last := book(), -1
	for i, l := range lines {
		if last >= 0 && strings.HasPrefix(strings.TrimLeft(l, " "), "--- FAIL: ") {
			break
		}
		f := goPlace.FindStringIndex(l)
		if f == nil {
			continue
		}
		if m, ok := b.find([]byte(l)); goWant.MatchString(l[f[1]:]) || ok && m.tier >= tierThrown {
			return i
		}
		last = i
	}
	return last
}

// crash tells by the runtime's own words how a test ended the program.
func crash(lines []string) string {
	for _, l := range lines {
		switch {
		case strings.HasPrefix(l, "panic: test timed out after "):
			return string(KindTimeout)
		case strings.HasPrefix(l, "panic: "), strings.HasPrefix(l, "fatal error: "), strings.HasPrefix(l, "SIGSEGV: "), strings.HasPrefix(l, "WARNING: DATA RACE"):
			return string(KindCrash)
		}
	}
	return ""
}

// around lists the lines of an excerpt that begins shortly before line i.
func around(i, n int) []int {
	var out []int
	for j := max(0, i-3); j < n && len(out) < MaxExcerpt; j++ {
		out = append(out, j)
	}
	return out
}

func atoi(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return 0
	}
	return n
}
