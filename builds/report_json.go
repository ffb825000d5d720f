// SPDX-License-Identifier: Apache-2.0

package builds

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"review-assistant/review"
	"review-assistant/scrub"
)

// Limits of the JSON form.
const (
	maxPostedFailures = 500
	maxPostedText     = 64 << 10 // bytes of the text of a failure
	maxID             = 200      // bytes
)

// Posted is a run as a client posts it: the JSON form of a report, and the
// parameters beside a report in another form. Times are RFC 3339.
type Posted struct {
	ID       string          `json:"id"`   // of the run; posted again, the later one counts
	Host     string          `json:"host"` // as the operator names it; "" when there is only one
	Project  string          `json:"project"`
	Change   int             `json:"change"` // 0 for a run on a branch
	PatchSet int             `json:"patch_set"`
	Branch   string          `json:"branch"`
	Job      string          `json:"job"`
	Pipeline string          `json:"pipeline"`
	Result   string          `json:"result"`
	URL      string          `json:"url"`
	LogURL   string          `json:"log_url"`
	Node     string          `json:"node"`
	Base     string          `json:"base"`
	Started  string          `json:"started"`
	Ended    string          `json:"ended"`
	Optional bool            `json:"optional"`
	TestsRan bool            `json:"tests_ran"`
	Passed   int             `json:"passed"` // tests
	Skipped  int             `json:"skipped"`
	Failures []PostedFailure `json:"failures"`
}

// PostedFailure is one failure of a [Posted].
type PostedFailure struct {
	Stage   string `json:"stage"` // setup, compile, lint or test, which is the default
	Test    string `json:"test"`
	Message string `json:"message"`
	File    string `json:"file"`
	Line    int    `json:"line"`
	Text    string `json:"text"` // of the log, around the message
}

// readPosted reads the JSON form strictly: a key that is not known is an error.
func readPosted(_ context.Context, in *meter) (*Report, error) {
	w := newJSONWalk(in)
	w.dec.DisallowUnknownFields()
	p := &Posted{}
	rep := &Report{Posted: p}
	fields := p.fields()
	err := w.object(func(key string) error {
		if key == "failures" {
			return w.array(func() error {
				var f PostedFailure
				if err := w.value(&f); err != nil {
					return fmt.Errorf("failures[%d]: %w", len(p.Failures), err)
				}
				// The other limits are for Validate, which tells all faults at once.
				if len(f.Text)+len(f.Message)+len(f.Test)+len(f.File) > 2*maxPostedText {
					return fmt.Errorf("failures[%d]: at most %d bytes of text are read", len(p.Failures), maxPostedText)
				}
				if p.Failures = append(p.Failures, f); len(p.Failures) > maxPostedFailures {
					return fmt.Errorf("failures: more than %d", maxPostedFailures)
				}
				rep.add(postedFailure(&f))
				return nil
			})
		}
		to, known := fields[key]
		if !known {
			return fmt.Errorf("unknown key %q", clip(plainLine(key), 60))
		}
		if err := w.value(to); err != nil {
			return fmt.Errorf("%s: %w", key, err)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if _, err := w.dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("more stands behind the object")
	}
	rep.Passed, rep.Skipped = max(p.Passed, 0), max(p.Skipped, 0)
	rep.TestsRan = p.TestsRan && rep.Dropped == 0
	return rep, nil
}

func postedFailure(f *PostedFailure) Raw {
	stage := review.Stage(f.Stage)
	if f.Stage == "" {
		stage = review.StageTest
	}
	lines := linesOf(f.Message, f.Text)
	raw := failed(stage, f.Test, lines, strings.TrimSpace(f.Message) != "")
	if len(lines) == 0 {
		raw.excerpt = nil
	}
	if raw.file = f.File; raw.file != "" {
		raw.line = max(f.Line, 0)
	}
	return raw
}

// ParsePosted reads the parameters of a request: every field of [Posted] but
// the failures, under its name in JSON. It returns all problems at once, those
// of [Posted.Validate] included. The keys in other are the caller's own.
func ParsePosted(query url.Values, other ...string) (*Posted, []string) {
	p := &Posted{}
	fields := p.fields()
	var problems []string
	for _, key := range slices.Sorted(maps.Keys(query)) {
		if slices.Contains(other, key) {
			continue
		}
		to, known := fields[key]
		if !known {
			problems = append(problems, fmt.Sprintf("%s: unknown parameter", clip(plainLine(key), 40)))
			continue
		}
		if len(query[key]) != 1 {
			problems = append(problems, key+": stands more than once")
			continue
		}
		if err := setField(to, query[key][0]); err != nil {
			problems = append(problems, key+": "+err.Error())
		}
	}
	if len(problems) > 0 {
		return p, problems
	}
	return p, p.Validate()
}

// fields are the simple fields by their names in JSON.
func (p *Posted) fields() map[string]any {
	return map[string]any{
		"id": &p.ID, "host": &p.Host, "project": &p.Project, "change": &p.Change, "patch_set": &p.PatchSet,
		"branch": &p.Branch, "job": &p.Job, "pipeline": &p.Pipeline, "result": &p.Result, "url": &p.URL,
		"log_url": &p.LogURL, "node": &p.Node, "base": &p.Base, "started": &p.Started, "ended": &p.Ended,
		"optional": &p.Optional, "tests_ran": &p.TestsRan, "passed": &p.Passed, "skipped": &p.Skipped,
	}
}

// setField reads a parameter into a field.
func setField(to any, v string) error {
	switch to := to.(type) {
	case *string:
		*to = v
	case *int:
		n, err := strconv.Atoi(v)
		if err != nil {
			return errors.New("write a number")
		}
		*to = n
	case *bool:
		if v != "true" && v != "false" {
			return errors.New("write true or false")
		}
		*to = v == "true"
	}
	return nil
}

// Validate returns what is wrong, each with the name of its field; nothing when
// the run can be recorded.
func (p *Posted) Validate() []string {
	var problems []string
	wrong := func(field, format string, args ...any) {
		problems = append(problems, field+": "+fmt.Sprintf(format, args...))
	}
	for _, f := range []struct {
		name, value string
		max         int
		needed      bool
	}{
		{"id", p.ID, maxID, false},
		{"host", p.Host, maxName, false},
		{"project", p.Project, maxName, true},
		{"branch", p.Branch, maxName, false},
		{"job", p.Job, maxName, true},
		{"pipeline", p.Pipeline, maxName, false},
		{"result", p.Result, 60, true},
		{"url", p.URL, maxURL, false},
		{"log_url", p.LogURL, maxURL, false},
		{"node", p.Node, maxName, false},
	} {
		switch {
		case f.needed && strings.TrimSpace(f.value) == "":
			wrong(f.name, "is missing")
		case len(f.value) > f.max:
			wrong(f.name, "has %d bytes; at most %d are kept", len(f.value), f.max)
		case plainLine(f.value) != f.value || f.value != strings.TrimSpace(f.value):
			wrong(f.name, "write one line of visible characters, without space around it")
		}
	}
	switch {
	case p.Change < 0 || p.PatchSet < 0:
		wrong("change", "write the numbers of a change and its patch set")
	case p.Change > 0 && p.PatchSet == 0:
		wrong("patch_set", "is missing: a result is of one patch set")
	case p.Change == 0 && p.PatchSet > 0:
		wrong("change", "is missing: the patch set has to be one of a change")
	case p.Change == 0 && p.Branch == "":
		wrong("change", "write change and patch_set, or branch for a run on a branch")
	}
	if strings.HasPrefix(p.Branch, "refs/") {
		wrong("branch", "write it without refs/heads/")
	}
	result := resultOf(p.Result)
	if p.Result != "" && result == review.BuildUnknown {
		wrong("result", "%q is not known; write passed, failed, timed-out, aborted, broken or skipped, or your CI's word for it", clip(plainLine(p.Result), 40))
	}
	for _, f := range []struct{ name, value string }{{"url", p.URL}, {"log_url", p.LogURL}} {
		if f.value != "" && len(f.value) <= maxURL && pageURL(f.value) == "" {
			wrong(f.name, "write an address with http or https and without a user")
		}
	}
	times := map[string]time.Time{}
	for _, f := range []struct{ name, value string }{{"base", p.Base}, {"started", p.Started}, {"ended", p.Ended}} {
		t, err := parseTime(f.value)
		if err != nil {
			wrong(f.name, "write a time such as 2026-03-01T12:00:00Z")
		}
		times[f.name] = t
	}
	if s, e := times["started"], times["ended"]; !s.IsZero() && !e.IsZero() && e.Before(s) {
		wrong("ended", "is before started")
	}
	if p.Passed < 0 || p.Skipped < 0 {
		wrong("passed", "write the number of tests that passed, and of those skipped")
	}
	if len(p.Failures) > 0 && (result == review.BuildPassed || result == review.BuildSkipped) {
		wrong("failures", "a run that %s has none", result)
	}
	for i := range min(len(p.Failures), maxPostedFailures) {
		if problem := p.Failures[i].problem(); problem != "" {
			wrong("failures["+strconv.Itoa(i)+"]", "%s", problem)
		}
	}
	return problems
}

func (f *PostedFailure) problem() string {
	switch {
	case !slices.Contains([]string{"", string(review.StageSetup), string(review.StageCompile), string(review.StageLint), string(review.StageTest)}, f.Stage):
		return fmt.Sprintf("stage %q is not one of setup, compile, lint, test", clip(plainLine(f.Stage), 40))
	case f.Test == "" && strings.TrimSpace(f.Message) == "" && strings.TrimSpace(f.Text) == "":
		return "it has neither test, message nor text"
	case len(f.Test) > maxCaseAttr, len(f.File) > maxCaseAttr, len(f.Message) > maxCaseAttr:
		return fmt.Sprintf("test, file and message have at most %d bytes; put more into text", maxCaseAttr)
	case len(f.Text) > maxPostedText:
		return fmt.Sprintf("text has %d bytes; at most %d are read", len(f.Text), maxPostedText)
	case f.Line < 0:
		return "line is a number from 1, or 0 when it is not known"
	}
	return ""
}

func parseTime(s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	t, err := time.Parse(time.RFC3339, s)
	return t.UTC(), err
}

// Build makes the record of a valid Posted, without its failures. host stands
// in for one that it does not name; now for when it ended.
func (p *Posted) Build(c *scrub.Cleaner, host string, now time.Time) (review.Build, error) {
	if problems := p.Validate(); len(problems) > 0 {
		return review.Build{}, fmt.Errorf("record a run: %s", problems[0])
	}
	if p.Host != "" {
		host = p.Host
	}
	b := review.Build{
		Host: host, Project: p.Project, Change: p.Change, PatchSet: p.PatchSet,
		Optional: p.Optional, Result: resultOf(p.Result), TestsRan: p.TestsRan,
	}
	for _, f := range []struct {
		to    *time.Time
		value string
		name  string
	}{{&b.Base, p.Base, "base"}, {&b.Started, p.Started, "started"}, {&b.Ended, p.Ended, "ended"}} {
		t, err := parseTime(f.value)
		if err != nil {
			return review.Build{}, fmt.Errorf("record a run: %s: %w", f.name, err)
		}
		if t.After(now.Add(maxAhead)) {
			return review.Build{}, fmt.Errorf("record a run: %s: is in the future", f.name)
		}
		*f.to = t
	}
	if b.Ended.IsZero() {
		b.Ended = now.UTC()
	}
	err := cleanFields(c,
		cleaned{&b.Branch, p.Branch}, cleaned{&b.Job, p.Job}, cleaned{&b.Pipeline, p.Pipeline}, cleaned{&b.Said, p.Result}, cleaned{&b.Node, p.Node},
		cleaned{&b.URL, p.URL}, cleaned{&b.LogURL, p.LogURL})
	if err != nil {
		return review.Build{}, err
	}
	b.URL, b.LogURL = unlessChanged(b.URL, p.URL), unlessChanged(b.LogURL, p.LogURL)
	switch {
	case p.ID != "":
		var id string
		if err := cleanFields(c, cleaned{&id, p.ID}); err != nil {
			return review.Build{}, err
		}
		b.Key = key("push", p.Project, id)
	case b.URL != "":
		b.Key = pageKey(&b)
	default:
		// Nothing names the run: it is the one of this moment.
		moment := p.Started
		if moment == "" {
			moment = b.Ended.UTC().Format(time.RFC3339)
		}
		b.Key = key("push", p.Project, strconv.Itoa(p.Change), strconv.Itoa(p.PatchSet), b.Branch, b.Pipeline, b.Job, moment)
	}
	return b, nil
}
