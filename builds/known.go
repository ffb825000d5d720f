// SPDX-License-Identifier: Apache-2.0

package builds

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/bmatcuk/doublestar/v4"

	"review-assistant/internal/gitconfig"
	"review-assistant/review"
)

// KnownName is the file of known failures that a project keeps on refs/meta/config.
const KnownName = "review-assistant-failures.config"

// Limits of the file.
const (
	maxKnown      = 64 << 10 // bytes
	maxSignatures = 200
	maxOfKey      = 20 // values of one key in a signature
	maxKnownName  = 100
	maxKnownText  = 200 // runes of a message
)

// MaxLink is in bytes, of a link that a person writes.
const MaxLink = 300

// Known are the signatures of a project, in the order of the file.
type Known struct{ signatures []signature }

// Len is the number of signatures.
func (k *Known) Len() int {
	if k == nil {
		return 0
	}
	return len(k.signatures)
}

// signature is a section of the file.
type signature struct {
	name          string
	line          int
	match         []*regexp.Regexp // any
	jobs, tests   []string         // globs, any
	class         Class
	message, link string
	cost          int
	until         time.Time // the first moment at which it does not count, zero for never
}

// knownClasses may be said of a signature. That a change caused a failure is
// never known before.
var knownClasses = []Class{ClassFlaky, ClassInfra, ClassPreexisting, ClassTimeout, ClassConfiguration}

// knownKeys is the whole vocabulary of a section; an error says what a valid
// value is.
var knownKeys = map[string]func(s *signature, value string) error{
	"match": func(s *signature, v string) error {
		re, cost, err := compile(v)
		if err != nil {
			return err
		}
		s.cost += cost
		if broad(re) {
			return fmt.Errorf("write an expression that does not match an empty line or a single character")
		}
		return several(&s.match, re)
	},
	"job":  func(s *signature, v string) error { return glob(&s.jobs, v) },
	"test": func(s *signature, v string) error { return glob(&s.tests, v) },
	"class": func(s *signature, v string) error {
		c := Class(strings.ToLower(v))
		if !slices.Contains(knownClasses, c) {
			return fmt.Errorf("write one of %v", knownClasses)
		}
		s.class = c
		return nil
	},
	"message": func(s *signature, v string) error {
		if v == "" || utf8.RuneCountInString(v) > maxKnownText || plainLine(v) != v {
			return fmt.Errorf("write at most %d visible characters", maxKnownText)
		}
		s.message = v
		return nil
	},
	"link": func(s *signature, v string) error {
		if !SafeLink(v) {
			return fmt.Errorf("write an https address of at most %d characters, of A-Z a-z 0-9 . _ ~ %% + : / ? = & , - and, in quotes, #", MaxLink)
		}
		s.link = v
		return nil
	},
	"until": func(s *signature, v string) error {
		day, err := time.Parse(time.DateOnly, v)
		if err != nil {
			return fmt.Errorf("write the last day on which it counts, such as 2026-12-31")
		}
		s.until = day.AddDate(0, 0, 1)
		return nil
	},
}

func several[T any](to *[]T, v T) error {
	if len(*to) >= maxOfKey {
		return fmt.Errorf("write at most %d in one section", maxOfKey)
	}
	*to = append(*to, v)
	return nil
}

func glob(to *[]string, v string) error {
	if v == "" || len(v) > maxName || !doublestar.ValidatePattern(v) {
		return fmt.Errorf("write a glob such as integration-* or com.example.**")
	}
	if strings.Contains(v, "{") {
		// Each pair multiplies the time of a match.
		return fmt.Errorf("write a line for each alternative instead of {…}, and ? for a brace")
	}
	if strings.Count(v, "*") > 8 {
		return fmt.Errorf("write at most 8 wildcards")
	}
	return several(to, v)
}

// linkForm ends no code block and no link of Markdown, and has no user in it.
var linkForm = regexp.MustCompile(`^https://[A-Za-z0-9][A-Za-z0-9.-]*(?::\d{1,5})?(?:[/?#][A-Za-z0-9/._~%+:#?=&,-]*)?$`)

// SafeLink reports whether an address that somebody wrote may stand in a post
// as it is: https, of at most [MaxLink] bytes.
func SafeLink(url string) bool { return len(url) <= MaxLink && linkForm.MatchString(url) }

// ParseKnown reads the file strictly: an unknown section, key or value is a
// problem, and all problems are returned at once. With a problem the file
// counts for nothing: the Known is empty.
func ParseKnown(name string, body []byte) (*Known, []review.Problem) {
	if len(body) > maxKnown {
		return &Known{}, []review.Problem{{File: name, Cause: fmt.Sprintf("the file has %d bytes", len(body)), Fix: fmt.Sprintf("keep it under %d", maxKnown)}}
	}
	p := knownParser{name: name}
	last, err := gitconfig.Each(body, p.entry)
	if err == nil {
		p.finish()
	} else {
		// The parser begins its errors with LINE:COLUMN.
		line, _, _ := strings.Cut(err.Error(), ":")
		p.problemAt(max(atoi(line), last), "", "not in git-config syntax: "+clip(oneLine(plainLine(err.Error())), 120),
			`write a backslash twice, put a value with # or ; in quotes, and check it with "git config -f `+KnownName+` --list"`)
	}
	if len(p.problems) > 0 {
		return &Known{}, p.problems
	}
	return &Known{p.done}, nil
}

type knownParser struct {
	name     string
	line     int             // of the entry at hand
	current  *signature      // nil in a section that is none
	seen     map[string]bool // its keys
	done     []signature
	cost     int
	problems []review.Problem
}

func (p *knownParser) problem(key, cause, fix string) {
	p.problemAt(p.line, key, cause, fix)
}

func (p *knownParser) problemAt(line int, key, cause, fix string) {
	p.problems = append(p.problems, review.Problem{File: p.name, Line: line, Key: key, Cause: cause, Fix: fix})
}

// entry is called for each section, with an empty key, and for each key.
func (p *knownParser) entry(e gitconfig.Entry) {
	p.line = e.Line
	if e.Key == "" {
		p.finish()
		p.begin(e.Section, e.Sub)
		return
	}
	if p.current == nil {
		return // told at the section's own line
	}
	id := strings.ToLower(e.Key)
	p.seen[id] = true
	set, known := knownKeys[id]
	label := "failure." + clip(plainLine(e.Key), 40)
	switch {
	case !known:
		p.problem(label, "unknown key", "known are class, job, link, match, message, test, until")
	case e.Blank:
		p.problem(label, "has no value", "write KEY = VALUE")
	default:
		if err := set(p.current, e.Value); err != nil {
			p.problem(label, strconv.Quote(clip(plainLine(e.Value), 60))+" does not fit", err.Error())
		}
	}
}

func (p *knownParser) begin(section, sub string) {
	shown := "[" + clip(plainLine(section), 40) + "]"
	switch {
	case !strings.EqualFold(section, "failure"):
		p.problem(shown, "unknown section", `write [failure "NAME"]; includes are not followed`)
	case strings.TrimSpace(sub) == "":
		p.problem(shown, "has no name", `write [failure "NAME"]`)
	case utf8.RuneCountInString(sub) > maxKnownName || plainLine(sub) != sub:
		p.problem(shown, "has a name that does not fit", fmt.Sprintf("write at most %d visible characters", maxKnownName))
	case slices.ContainsFunc(p.done, func(s signature) bool { return s.name == sub }):
		p.problem(shown, strconv.Quote(sub)+" is there already", "write one section for each name")
	case len(p.done) == maxSignatures:
		p.problem(shown, fmt.Sprintf("there are more than %d sections", maxSignatures), "remove those whose cause is mended")
	default:
		p.current, p.seen = &signature{name: sub, line: p.line}, map[string]bool{}
	}
}

// finish ends a section and checks it as a whole.
func (p *knownParser) finish() {
	s := p.current
	if p.current = nil; s == nil {
		return
	}
	label := `[failure "` + s.name + `"]`
	if !p.seen["class"] {
		p.problemAt(s.line, label, "has no class", fmt.Sprintf("write class = one of %v", knownClasses))
	}
	if !p.seen["match"] && !p.seen["test"] {
		p.problemAt(s.line, label, "would match every failure", "write match, test or both")
	}
	if p.cost += s.cost; p.cost > maxAllSteps && p.cost-s.cost <= maxAllSteps {
		p.problemAt(s.line, label, "makes the expressions of the file too many or too long", "remove those whose cause is mended, and counted repetitions")
	}
	p.done = append(p.done, *s)
}

// Rule returns what the first signature that fits says of a failure of b, both
// scrubbed.
func (k *Known) Rule(b *review.Build, f *review.BuildFailure, now time.Time) (Ruling, bool) {
	if k == nil {
		return Ruling{}, false
	}
	for i := range k.signatures {
		s := &k.signatures[i]
		if (s.until.IsZero() || now.Before(s.until)) && s.fits(b, f) {
			return Ruling{Class: s.class, Name: s.name, Message: s.message, Link: s.link}, true
		}
	}
	return Ruling{}, false
}

func (s *signature) fits(b *review.Build, f *review.BuildFailure) bool {
	if len(s.jobs) > 0 && !anyGlob(s.jobs, b.Job) || len(s.tests) > 0 && (f.Test == "" || !anyGlob(s.tests, f.Test)) {
		return false
	}
	if len(s.match) == 0 {
		return true
	}
	for _, re := range s.match {
		if re.MatchString(f.Message) {
			return true
		}
		for _, l := range f.Excerpt {
			if re.MatchString(l.Text) {
				return true
			}
		}
	}
	return false
}

func anyGlob(globs []string, s string) bool {
	return slices.ContainsFunc(globs, func(g string) bool {
		return g == s || doublestar.MatchUnvalidated(g, s)
	})
}
