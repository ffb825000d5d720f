// SPDX-License-Identifier: Apache-2.0

package builds

import (
	"slices"
	"strconv"
	"strings"
	"sync"

	"review-assistant/internal/lazyre"
)

// Kind says what an excerpt shows.
type Kind string

// The kinds.
const (
	KindCompile Kind = "compile"
	KindTest    Kind = "test"
	KindLint    Kind = "lint"
	KindInfra   Kind = "infra"
	KindTimeout Kind = "timeout"
	KindCrash   Kind = "crash"
	KindConfig  Kind = "config"
	KindOther   Kind = "other"
)

// Categories of a log that are no kinds; the others are named alike.
const (
	categoryDependency = "dependency"
	categoryUnknown    = "unknown"
)

// The tiers: how sure a line of a rule is the cause of a failed build, from
// what is always an error of the code down to words that occur anywhere.
const (
	tierPlace   = 100 // a compiler or linker names the place
	tierBroken  = 99  // something that everything needs is not there
	tierTest    = 98  // a runner says which test failed
	tierCase    = 96  // so does a runner, in words that may be others'
	tierAssert  = 92  // what a test expected
	tierTask    = 91  // a build tool names the task that failed
	tierCrash   = 90  // a process died
	tierThrown  = 88  // an exception of a program
	tierSaid    = 84  // a tool says error, and what
	tierRefused = 80  // a phrase of networks, files and permissions
	tierStopped = 70  // a build tool stops for what happened before
	tierShout   = 55  // a loud word
	tierEnd     = 30  // the end of a command, without a reason
	tierWord    = 40  // a word
	tierNothing = 0   // sure to be no cause
)

// rule is what a tool prints. It is data: rules_<family>.go hold the tables,
// and a test runs each rule's own examples.
type rule struct {
	id   string
	tier int
	kind Kind
	// category is of the log; empty is the kind's name.
	category string
	// keys are in lower case; the pattern is tried on lines with one of them in
	// any case.
	keys []string
	// anywhere says that a key inside of a word counts too, where there is no
	// pattern; front is how many bytes of the line are looked at, 0 for maxMatch.
	anywhere bool
	front    int
	// pattern is RE2; without one a key at the start of a word is enough. Its groups test, class, file and line, and those with a
	// digit behind the name, are what the line names: the first that is not empty.
	pattern string
	// unless is RE2 too: a line that it fits is no line of this rule.
	unless string
	// above is how many lines above belong to it: some tools print the name of
	// the test first. below, when it is not 0, is how many lines below do.
	above, below int
	more, named  *lazyre.Regexp // with and name, compiled
	// each says that lines that differ in their place only are failures of their
	// own. with is RE2 of a line below that says what the line does not: the first
	// that fits is part of the cause.
	each bool
	with string
	// title says that the line only names what failed: where the reason is shown
	// with it, that line matters.
	title bool
	// name is RE2: its first group is all of the line that names the cause, where
	// the words around it change from run to run.
	name string
	// under says that the line only places what the one above it says.
	under bool
	// unordered says that threads print such lines: the first is another one in
	// another run.
	unordered bool
	// listed says that the line is what it looks like in a list of failures; any
	// numbered list looks like that elsewhere.
	listed bool
	// loose says of a line that is no cause that it may still be one: words like
	// its own stand in names and messages too, so what a tool says in a form of
	// its own comes first.
	loose bool
	// why says that below the name of a test the line is the reason.
	why bool
	// hits and misses are lines for the test.
	hits, misses []string
	// source is the page or file of the tool that says so.
	source string
}

// match is what a line is.
type match struct {
	*rule
	test string
	file string
	line int
}

// ruleBook is all rules, compiled.
type ruleBook struct {
	words *words
	rules []compiledRule // in the order in which they are tried
	// steps stand behind the rules in words.
	steps []compiledStep
}

type compiledRule struct {
	rule
	re     *lazyre.Regexp
	unless *lazyre.Regexp // or nil
	groups [4][]int       // by what they name
}

// What the groups of a pattern name.
const (
	groupTest = iota
	groupClass
	groupFile
	groupLine
)

// book is compiled once; a program that reads no log does not.
var book = sync.OnceValue(func() *ruleBook { return newRuleBook(allRules(), stepRules()) })

// allRules are the tables; within a tier the first that fits wins.
func allRules() []rule {
	var all []rule
	for _, list := range [][]rule{
		dullRules(), compileRules(), linkRules(), testRules(), testRulesWeb(), testRulesMore(),
		crashRules(), lintRules(), infraRules(), toolRules(), wordRules(),
	} {
		all = append(all, list...)
	}
	return all
}

func newRuleBook(rules []rule, steps []stepRule) *ruleBook {
	b := &ruleBook{}
	// The zero tier first, then the strongest.
	for pass := range 2 {
		for tier := tierPlace; tier >= 0; tier-- {
			for _, r := range rules {
				if r.tier == tier && (tier == tierNothing) == (pass == 0) {
					c := compiledRule{rule: r}
					if r.pattern != "" {
						c.re = lazyre.New(r.pattern)
					}
					if r.unless != "" {
						c.unless = lazyre.New(r.unless)
					}
					if r.with != "" {
						c.more = lazyre.New(r.with)
					}
					if r.name != "" {
						c.named = lazyre.New(r.name)
					}
					b.rules = append(b.rules, c)
				}
			}
		}
	}
	for _, s := range steps {
		b.steps = append(b.steps, compiledStep{s, lazyre.New(s.pattern)})
	}
	if n := len(b.rules) + len(b.steps); n > maxRules {
		panic("builds: " + strconv.Itoa(n) + " rules; ruleSet holds " + strconv.Itoa(maxRules))
	}
	keys := make([][]string, len(b.rules))
	groupNames := lazyre.New(`\(\?P<([a-z]+)(\d?)>`)
	named := []string{"test", "class", "file", "line"}
	for i, r := range b.rules {
		keys[i] = r.keys
		for _, g := range groupNames.FindAllStringSubmatch(r.pattern) {
			what := slices.Index(named, g[1])
			if what >= 0 {
				b.rules[i].groups[what] = append(b.rules[i].groups[what], r.re.SubexpIndex(g[1]+g[2]))
			}
		}
	}
	for _, s := range steps {
		keys = append(keys, s.keys)
	}
	b.words = newWords(keys)
	return b
}

// find returns the strongest rule for a clean line. ok is false for a line
// that nothing is known of, and for one that a rule says is no cause.
func (b *ruleBook) find(line []byte) (m match, ok bool) {
	if trace(line) {
		return match{}, false
	}
	set, any := b.words.in(line)
	if !any {
		return match{}, false
	}
	return b.among(&set, head(line))
}

// dull reports whether a rule says that a line is no cause.
func (b *ruleBook) dull(line string) bool {
	set, any := b.words.in([]byte(line))
	if !any {
		return false
	}
	line = head([]byte(line))
	for i := range b.rules {
		r := &b.rules[i]
		if r.tier != tierNothing {
			break
		}
		if set[i/64]&(1<<(i%64)) != 0 && r.fits(line) {
			return true
		}
	}
	return false
}

// maxMatch is in bytes: what patterns look at of a line.
const maxMatch = 600

// head is the start of a line, for patterns.
func head(line []byte) string { return string(line[:min(len(line), maxMatch)]) }

// among is find for the head of a line of which the rules with a key in it are
// known.
func (b *ruleBook) among(set *ruleSet, line string) (m match, ok bool) {
	said, github := strings.CutPrefix(line, githubError)
	m, ok, dull := b.first(set, unlabel(said))
	if !github || dull || ok && m.tier >= tierTask {
		return m, ok
	}
	// GitHub puts its mark in front of what a tool said, or an action.
	if whole, is, _ := b.first(set, line); is {
		return whole, true
	}
	return m, ok
}

// githubError is in front of a line that a problem matcher or a command marked.
const githubError = "##[error]"

// first tries the rules in their order.
func (b *ruleBook) first(set *ruleSet, line string) (m match, ok, dull bool) {
	loose := false
	for w, bits := range set {
		for i := w * 64; bits != 0; i, bits = i+1, bits>>1 {
			if bits&1 == 0 || i >= len(b.rules) {
				continue
			}
			r := &b.rules[i]
			if loose && r.tier != tierNothing && r.tier < tierCase {
				return match{}, false, true
			}
			switch {
			case !r.fits(line):
			case r.tier != tierNothing:
				return r.read(line), true, false
			case r.loose:
				loose = true
			default:
				return match{}, false, true
			}
		}
	}
	return match{}, false, loose
}

// fits reports whether a line with a key in it is one of the rule.
func (r *compiledRule) fits(line string) bool {
	if r.front > 0 {
		line = line[:min(len(line), r.front)]
	}
	switch {
	case r.re == nil && !r.anywhere && !startsWord(strings.ToLower(line), r.keys),
		r.re != nil && !r.re.MatchString(line):
		return false
	}
	return r.unless == nil || !r.unless.MatchString(line)
}

// startsWord reports whether one of the keys stands in the line and not inside
// of a word.
func startsWord(line string, keys []string) bool {
	for _, key := range keys {
		for from := 0; ; {
			i := strings.Index(line[from:], key)
			if i < 0 {
				break
			}
			i += from
			if i == 0 || !letter(line[i-1]) || !letter(key[0]) {
				return true
			}
			from = i + 1
		}
	}
	return false
}

// read takes the names out of a line that fits.
func (r *compiledRule) read(line string) match {
	m := match{rule: &r.rule}
	if len(r.groups[groupTest])+len(r.groups[groupFile]) == 0 {
		return m
	}
	g := r.re.FindStringSubmatch(line)
	first := func(what int) string {
		for _, i := range r.groups[what] {
			if s := strings.TrimSpace(g[i]); s != "" {
				return s
			}
		}
		return ""
	}
	m.test, m.file = first(groupTest), first(groupFile)
	if class := first(groupClass); class != "" && m.test != "" {
		m.test = class + "." + m.test
	}
	m.line = atoi(first(groupLine))
	return m
}

// unlabel removes what build tools put in front of the output of what they
// run: Ant's right-aligned task (https://ant.apache.org/manual/), the package
// and script of Lerna, Turborepo and pnpm (https://turbo.build/repo/docs,
// https://pnpm.io/cli/recursive).
func unlabel(line string) string {
	rest := strings.TrimLeft(line, " ")
	if n := len(line) - len(rest); n >= 2 && strings.HasPrefix(rest, "[") {
		if end := strings.IndexByte(rest[:min(len(rest), 16)], ']'); end > 2 && lowerWord(rest[1:end]) {
			return strings.TrimPrefix(rest[end+1:], " ")
		}
	}
	if i := strings.Index(line[:min(len(line), 80)], ": "); i > 0 {
		label := line[:i]
		space := strings.IndexByte(label, ' ')
		switch {
		case label[0] == '@' && strings.IndexByte(label, '/') > 0 && space < 0, // @scope/package
			space < 0 && scriptName(label[strings.LastIndexByte(label, ':')+1:]) && strings.IndexByte(label, ':') > 0,
			space > 0 && scriptName(label[space+1:]) && strings.IndexByte(label[space+1:], ' ') < 0:
			return line[i+2:]
		}
	}
	return line
}

// scriptName reports whether a script's name is one that builds use.
func scriptName(s string) bool {
	for _, p := range [...]string{"test", "build", "lint", "check", "typecheck", "type-check", "compile", "ci"} {
		if s == p || strings.HasPrefix(s, p+":") || strings.HasPrefix(s, p+"-") {
			return true
		}
	}
	return false
}

func lowerWord(s string) bool {
	for i := range len(s) {
		if (s[i] < 'a' || s[i] > 'z') && s[i] != '-' && s[i] != ':' {
			return false
		}
	}
	return true
}

// trace reports whether a line is a frame of a stack trace: those of the JVM,
// JavaScript, .NET, Python, Go, Ruby, gdb and the sanitizers.
func trace(line []byte) bool {
	i := 0
	for i < len(line) && (line[i] == ' ' || line[i] == '\t') {
		i++
	}
	rest := line[i:]
	if len(rest) < 4 {
		return false
	}
	switch rest[0] {
	case 'a': // at Class.method(File:1)
		return i > 0 && rest[1] == 't' && rest[2] == ' ' && rest[3] != ':'
	case 'F': //   File "x.py", line 1
		return i > 0 && string(rest[:min(len(rest), 6)]) == `File "`
	case '.': // ... 12 more
		return i > 0 && string(rest[:4]) == "... " && len(rest) > 4 && digit(rest[4])
	case 'g':
		return i == 0 && len(rest) > 10 && string(rest[:10]) == "goroutine "
	case '#': // #0 0x1234 in main
		return digit(rest[1]) && (rest[2] == ' ' || digit(rest[2]) && (rest[3] == ' ' || rest[3] == ':'))
	case 'f': // from x.rb:1:in `y'
		return i > 0 && string(rest[:min(len(rest), 5)]) == "from " && i >= 1 && rest[len(rest)-1] == '\''
	}
	return false
}
