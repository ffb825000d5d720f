// SPDX-License-Identifier: Apache-2.0

package bot

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"review-assistant/builds"
	"review-assistant/internal/gitconfig"
	"review-assistant/llm"
	"review-assistant/review"
	"review-assistant/summarize"
)

// ConfigName is the file that a project keeps on refs/meta/config.
const ConfigName = "review-assistant.config"

// maxConfig is in bytes; a longer file is refused and means off.
const maxConfig = 64 << 10

// Problem is one fault of a configuration file.
type Problem = review.Problem

func problem(file string, line int, key, cause, fix string) Problem {
	return Problem{File: file, Line: line, Key: key, Cause: cause, Fix: fix}
}

// layer is one parsed file. Scalars are nil when the file does not set them.
type layer struct {
	forbid      bool
	mode        *Mode
	notify      *review.Notify
	profile     *string
	summary     *bool
	language    *string
	wip         *bool
	commentLeak *bool
	suggest     *bool
	add         *AddMode
	max         *int
	builds      *bool
	label       *string
	dataClass   *llm.DataClass
	inline      *int
	inlineLeast *summarize.Severity

	tokensPerDay, tokensPerMonth, tokensPerChange, maxCalls *int64
	moneyPerMonth                                           *int64 // millionths

	scope        guideline // of the section at hand: what a text in it is about
	guide        []guideline
	branches     []string
	exclude      []string
	excludeOwner []string
	sensitive    []string
	noModel      []string
	patterns     []string
	allow        []string
	pii          []string
	ciAccounts   []int64
	ciPatterns   []*builds.Pattern
	models       []string // profiles that projects below may use
}

// field reads one key into a layer; its error says what a valid value is.
type field func(l *layer, value string) error

// fields is the whole vocabulary of the file, by section and key.
var fields = map[string]field{
	"review-assistant.mode":         enum(func(l *layer) **Mode { return &l.mode }, ModeOff, ModeShadow, ModeOn),
	"review-assistant.forbid":       func(l *layer, v string) (err error) { l.forbid, err = boolean(v); return err },
	"review-assistant.branch":       list(func(l *layer) *[]string { return &l.branches }, refGlob),
	"review-assistant.exclude":      globs(func(l *layer) *[]string { return &l.exclude }),
	"review-assistant.excludeowner": list(func(l *layer) *[]string { return &l.excludeOwner }, nonEmpty),
	"review-assistant.notify":       notifyField,
	"model.profile":                 text(func(l *layer) **string { return &l.profile }),
	"model.allow":                   list(func(l *layer) *[]string { return &l.models }, nonEmpty),
	"model.dataclass":               enum(func(l *layer) **llm.DataClass { return &l.dataClass }, llm.DataClasses...),
	"summary.enabled":               flag(func(l *layer) **bool { return &l.summary }),
	"summary.language":              languageField,
	"summary.wip":                   flag(func(l *layer) **bool { return &l.wip }),
	"summary.guide":                 guideField,
	"summary.inline":                number(func(l *layer) **int { return &l.inline }, 0, maxInline),
	"summary.inlineseverity":        severityField,
	"instructions.text":             guideField,
	"scrub.sensitivepath":           globs(func(l *layer) *[]string { return &l.sensitive }),
	"scrub.nomodelpath":             globs(func(l *layer) *[]string { return &l.noModel }),
	"scrub.pattern":                 list(func(l *layer) *[]string { return &l.patterns }, pattern),
	"scrub.allow":                   list(func(l *layer) *[]string { return &l.allow }, valueHash),
	"scrub.pii":                     list(func(l *layer) *[]string { return &l.pii }, piiClass),
	"scrub.comment":                 flag(func(l *layer) **bool { return &l.commentLeak }),
	"reviewers.enabled":             flag(func(l *layer) **bool { return &l.suggest }),
	"reviewers.add":                 enum(func(l *layer) **AddMode { return &l.add }, AddNever, AddCC, AddReviewer),
	"reviewers.max":                 number(func(l *layer) **int { return &l.max }, 0, 5),
	"builds.enabled":                flag(func(l *layer) **bool { return &l.builds }),
	"builds.ciaccount":              account,
	"builds.label":                  text(func(l *layer) **string { return &l.label }),
	"builds.pattern":                ciPattern,
	"budget.tokensperday":           number(func(l *layer) **int64 { return &l.tokensPerDay }, 0, 1<<40),
	"model.maxcalls":                number(func(l *layer) **int64 { return &l.maxCalls }, 1, summarize.MaxCalls),
	"budget.tokenspermonth":         number(func(l *layer) **int64 { return &l.tokensPerMonth }, 0, 1<<40),
	"budget.tokensperchange":        number(func(l *layer) **int64 { return &l.tokensPerChange }, 0, 1<<40),
	"budget.moneypermonth":          money(func(l *layer) **int64 { return &l.moneyPerMonth }),
}

// parseLayer reads a file strictly: an unknown section, key or value is a
// problem, and all problems are returned at once.
func parseLayer(name string, body []byte) (layer, []Problem) {
	var (
		l        layer
		problems []Problem
	)
	if len(body) > maxConfig {
		return l, []Problem{{File: name, Cause: fmt.Sprintf("the file has %d bytes", len(body)), Fix: fmt.Sprintf("keep it under %d", maxConfig)}}
	}
	last, err := gitconfig.Each(body, func(e gitconfig.Entry) {
		section, key, value := strings.ToLower(e.Section), e.Key, e.Value
		if key == "" {
			switch {
			case section == "include" || section == "includeif":
				problems = append(problems, problem(name, e.Line, "["+section+"]", "includes are not followed", "put the settings into this file"))
			case section == scoped:
				var err error
				if l.scope, err = scopeOf(e.Sub); err != nil {
					problems = append(problems, problem(name, e.Line, "["+section+"]", "names no files", err.Error()))
				}
			case e.Sub != "":
				problems = append(problems, problem(name, e.Line, "["+section+"]", "has a subsection", "write ["+section+"] alone"))
			case !knownSection(section):
				problems = append(problems, problem(name, e.Line, "["+section+"]", "unknown section", "known are "+strings.Join(sections(), ", ")))
			}
			return
		}
		id := section + "." + strings.ToLower(key)
		set, known := fields[id]
		switch {
		case !knownSection(section), section == scoped && l.scope.glob == "", section != scoped && e.Sub != "":
			// Told at the section's own line.
		case !known:
			problems = append(problems, problem(name, e.Line, section+"."+key, "unknown key", suggest(id)))
		default:
			if e.Blank {
				value = "true" // git reads a bare key as true
			}
			if section != scoped {
				l.scope = guideline{}
			}
			l.scope.file, l.scope.line = name, e.Line
			if err := set(&l, value); err != nil {
				problems = append(problems, problem(name, e.Line, section+"."+key, shown(id, value)+" does not fit", err.Error()))
			}
		}
	})
	if err != nil {
		problems = append(problems, Problem{File: name, Line: last, Cause: "not in git-config syntax: " + clip(err.Error(), 120), Fix: `check it with "git config -f ` + ConfigName + ` --list"`})
	}
	return l, problems
}

// shown returns a value for a problem's text. What may be a secret that
// somebody wrote where its hash belongs is not repeated.
func shown(id, value string) string {
	if id == "scrub.allow" {
		return "the value"
	}
	return strconv.Quote(clip(value, 60))
}

func sections() []string {
	var out []string
	for id := range fields {
		s, _, _ := strings.Cut(id, ".")
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	slices.Sort(out)
	return out
}

func knownSection(s string) bool { return slices.Contains(sections(), s) }

// suggest lists the keys of the section of an unknown key.
func suggest(id string) string {
	section, _, _ := strings.Cut(id, ".")
	var keys []string
	for k := range fields {
		if s, key, _ := strings.Cut(k, "."); s == section {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return "known in [" + section + "] are " + strings.Join(keys, ", ")
}

func boolean(v string) (bool, error) {
	switch strings.ToLower(v) {
	case "true", "yes", "on", "1":
		return true, nil
	case "false", "no", "off", "0", "":
		return false, nil
	}
	return false, fmt.Errorf("write true or false")
}

func flag(at func(*layer) **bool) field {
	return func(l *layer, v string) error {
		b, err := boolean(v)
		*at(l) = &b
		return err
	}
}

func text(at func(*layer) **string) field {
	return func(l *layer, v string) error {
		*at(l) = &v
		return nonEmpty(v)
	}
}

func number[N int | int64](at func(*layer) **N, low, high N) field {
	return func(l *layer, v string) error {
		n, err := strconv.ParseInt(v, 10, 64)
		if err != nil || N(n) < low || N(n) > high {
			return fmt.Errorf("write a number from %d to %d", low, high)
		}
		x := N(n)
		*at(l) = &x
		return nil
	}
}

// maxMoney is far above any bill, and its millionths fit a counter.
const maxMoney = 1e9

func money(at func(*layer) **int64) field {
	return func(l *layer, v string) error {
		amount, err := strconv.ParseFloat(v, 64)
		if err != nil || !(amount >= 0 && amount <= maxMoney) {
			return fmt.Errorf("write an amount such as 25 or 12.50, in the currency of the operator's prices")
		}
		*at(l) = new(llm.Micros(amount))
		return nil
	}
}

func enum[E ~string](at func(*layer) **E, values ...E) field {
	return func(l *layer, v string) error {
		for _, e := range values {
			if strings.EqualFold(v, string(e)) {
				*at(l) = &e
				return nil
			}
		}
		return fmt.Errorf("write one of %v", values)
	}
}

func list(at func(*layer) *[]string, check func(string) error) field {
	return func(l *layer, v string) error {
		if err := check(v); err != nil {
			return err
		}
		if len(*at(l)) >= 500 {
			return fmt.Errorf("at most 500 entries are read")
		}
		*at(l) = append(*at(l), v)
		return nil
	}
}

// clip shortens text for a message and keeps it on one line.
func clip(s string, n int) string {
	s = strings.Join(strings.Fields(strings.ToValidUTF8(s, "?")), " ")
	if r := []rune(s); len(r) > n {
		return string(r[:n]) + "…"
	}
	return s
}
