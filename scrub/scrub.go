// SPDX-License-Identifier: Apache-2.0

// Package scrub turns raw text into [Text] that holds no secret it knows of.
//
// It is the only maker of Text, and Text is the only thing that prompts,
// posts, stores and pages are made of. On any error nothing may leave: the
// caller stops.
//
// A text is split into lines and, when it is a diff, into sides (document.go,
// view.go); one automaton finds all keywords in long parts (automaton.go,
// window.go); at each one a small recogniser looks at the place (words.go,
// find.go); the findings are carried back to the lines (view.go) and replaced
// (render.go).
//
// A new rule is one literal in rules_<family>.go.
package scrub

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/bmatcuk/doublestar/v4"
)

const (
	placeholderOpen  = "«SECRET:"
	placeholderClose = "»"
)

// Options are what a project and the operator add to the built-in rules.
type Options struct {
	// Patterns are extra regular expressions (RE2) whose matches are removed, or
	// their first group if they have one. ^ and $ stand for the ends of a line.
	Patterns []string
	// Values are the process's own secrets, removed wherever they stand.
	Values []string
	// Sensitive are path globs (doublestar) of files whose body never leaves.
	Sensitive []string
	// PII are the classes of personal data to remove: those of [PIIClasses],
	// or "all" or "none". Nil means e-mail addresses only.
	PII []string
	// Key is for the hashes of values: those in findings and in Allow.
	Key []byte
	// Allow are hashes ([Finding.ID]) of values that are no secrets. They stay.
	Allow []string
}

// Scrubber holds compiled rules and is safe for concurrent use.
type Scrubber struct {
	*engine
	patterns []*regexp.Regexp
	values   []string
	globs    []string
	pii      map[string]bool
	key      []byte
	allow    map[string]bool
}

// engine is what all Scrubbers share.
type engine struct {
	rules    []compiled
	keywords lexicon
	// foreign are the keywords beyond ASCII. They have a table of their own, to
	// keep the other one small, and most texts need no look at it.
	foreign lexicon
	version string
}

// KindPattern is the kind of what a pattern of [Options.Patterns] finds.
const KindPattern = "pattern"

// MaxPattern is the longest extra pattern in bytes.
const MaxPattern = 1000

// MaxWithheld are listed in a report.
const MaxWithheld = 1000

// MaxFindings are listed in a report; all are removed and counted.
const MaxFindings = 1000

// minValue is the shortest of the process's own secrets that is removed
// wherever it stands: a shorter one would tear words apart.
const minValue = 6

// New compiles the rules. An error names the pattern and what is wrong with it.
func New(o Options) (*Scrubber, error) {
	e, err := build()
	if err != nil {
		return nil, err
	}
	if len(o.Allow) > 0 && len(o.Key) == 0 {
		return nil, errors.New("values are allowed by their hash, but there is no key to hash with; set Options.Key")
	}
	s := &Scrubber{engine: e, globs: slices.Clone(o.Sensitive), key: slices.Clone(o.Key), allow: map[string]bool{}}
	for _, id := range o.Allow {
		if !ValidHash(id) {
			return nil, fmt.Errorf("%q is no hash of a value; write the %d hex digits of a report or of review-assistant fingerprint", id, 2*hashLen)
		}
		s.allow[strings.ToLower(id)] = true
	}
	for _, p := range o.Patterns {
		if len(p) > MaxPattern {
			return nil, fmt.Errorf("pattern %.40q…: longer than %d characters; split it", p, MaxPattern)
		}
		re, err := regexp.Compile("(?m:" + p + ")")
		if err != nil {
			return nil, fmt.Errorf("pattern %q does not compile: %w; write it as RE2", p, err)
		}
		if re.MatchString("") {
			return nil, fmt.Errorf("pattern %q matches the empty string and so everything; make it match at least one character", p)
		}
		s.patterns = append(s.patterns, re)
	}
	for _, g := range o.Sensitive {
		if !doublestar.ValidatePattern(g) {
			return nil, fmt.Errorf("sensitive path %q is no valid glob; see doublestar's syntax", g)
		}
	}
	for _, v := range o.Values {
		for line := range strings.SplitSeq(v, "\n") {
			if line = spreadable(line); len(line) >= minValue {
				s.values = append(s.values, line)
			}
		}
	}
	if s.pii, err = piiClasses(o.PII); err != nil {
		return nil, err
	}
	return s, nil
}

// lexicon is a set of keywords with what happens at each.
type lexicon struct {
	automaton *automaton
	actions   []action // by word of the automaton
}

// build makes the automaton over the keywords of all rules and places, once.
var build = sync.OnceValues(func() (*engine, error) {
	s := &engine{rules: compile()}
	h := sha256.New()
	at := func(words []string, read func(f *finder, start, end int)) {
		for _, w := range words {
			fmt.Fprintln(h, w)
			if isASCII(w) {
				s.keywords.actions = append(s.keywords.actions, action{w, read})
				continue
			}
			// The automaton knows the case of ASCII alone.
			first, size := utf8.DecodeRuneInString(w)
			for _, w := range slices.Compact([]string{w, string(unicode.ToUpper(first)) + w[size:], strings.ToUpper(w)}) {
				s.foreign.actions = append(s.foreign.actions, action{w, read})
			}
		}
	}
	for i := range s.rules {
		r := &s.rules[i]
		for _, w := range r.Keywords {
			at([]string{w}, func(f *finder, start, end int) { f.rule(r, w, start, end) })
		}
		fmt.Fprintln(h, r.ID, r.Pattern, r.Back, r.Named, r.Also, r.Whole, r.Fold, r.Entropy, r.Sure, r.Check != nil)
	}
	for _, p := range places {
		at(p.words, p.read)
	}
	for _, c := range calls {
		at(c.words, func(f *finder, start, end int) { f.call(c.which, start, end) })
	}
	for i := range commands {
		read := func(f *finder, start, end int) { f.command(&commands[i], start, end) }
		at(commands[i].words, read)
		for _, w := range commands[i].words {
			if name, ok := strings.CutSuffix(w, " "); ok && !strings.Contains(name, " ") { // in a list
				at([]string{name + `",`, name + `',`}, read)
			}
		}
	}
	for i := range nationalIDs {
		at(nationalIDs[i].names, func(f *finder, start, end int) { f.nationalID(&nationalIDs[i], start, end) })
	}
	for _, l := range []*lexicon{&s.keywords, &s.foreign} {
		words := make([]string, len(l.actions))
		for i, a := range l.actions {
			words[i] = a.word
		}
		var err error
		if l.automaton, err = newAutomaton(words); err != nil {
			return nil, err
		}
	}
	s.version = fmt.Sprintf("%s-%x", rulesVersion, h.Sum(nil)[:4])
	return s, nil
})

// rulesVersion is raised when code of the recognisers changes what is found;
// the rest of the version follows from the rules.
const rulesVersion = "3"

// Begin starts the cleaning of one change: one secret gets one number
// wherever it stands in the change, and a value that was found once is
// removed from everything that is cleaned later.
func (s *Scrubber) Begin() *Cleaner {
	c := &Cleaner{
		s: s, known: map[string]*finding{}, made: map[string]*finding{}, dropped: map[string]*finding{}, kinds: map[string]int{},
	}
	c.finder = finder{s: s, memo: map[string]strength{}, work: workAtFirst}
	c.spread.window = minSpread
	for _, v := range s.values {
		c.spread.window = min(c.spread.window, len(v))
	}
	for _, v := range s.values {
		c.learn(v, "own-secret", rankOwn)
	}
	return c
}

// Fingerprint returns the hash by which a value can be allowed and by which
// findings name it; empty without [Options.Key].
func (s *Scrubber) Fingerprint(value string) string { return fingerprint(s.key, value) }

// Withheld is text that was not read and is replaced as a whole.
type Withheld struct {
	Reason string // one of [review.Skip], [TooHard] or [TooLong]
	Path   Text   // of a file in a diff, else empty
}

// Reasons why text is withheld besides those of [review.Skip]: a check that
// meets them did not do its work.
const (
	TooHard = "too hard to read"
	TooLong = "line too long"
)

// Report counts findings. It holds no values.
type Report struct {
	Version  string         // of the rule set, for audit and cache keys
	Secrets  int            // distinct values but for personal data
	Personal int            // distinct personal data
	ByKind   map[string]int // distinct values by kind
	Withheld []Withheld     // what was not read, at most [MaxWithheld]
	Findings []Finding      // in order, at most [MaxFindings]
	Partial  bool           // the text was too long to be spread whole: a value is removed from where it is found onwards
}
