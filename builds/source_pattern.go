// SPDX-License-Identifier: Apache-2.0

package builds

import (
	"fmt"
	"regexp"
)

// Pattern is how a project's own CI writes the result of a run on one line.
type Pattern struct {
	re               *regexp.Regexp
	job, result, url int // groups; url may be -1
}

// ParsePattern reads a regular expression in RE2 syntax with the named groups
// job and result and, if the line has one, url. Its errors say what to write.
func ParsePattern(s string) (*Pattern, error) {
	re, _, err := compile(s)
	if err != nil {
		return nil, err
	}
	p := &Pattern{re: re, job: -1, result: -1, url: -1}
	for i, name := range re.SubexpNames() {
		var to *int
		switch name {
		case "":
			continue
		case "job":
			to = &p.job
		case "result":
			to = &p.result
		case "url":
			to = &p.url
		default:
			return nil, fmt.Errorf("name the groups job, result and url; %q is not known", clip(name, 40))
		}
		*to = i
	}
	if p.job < 0 || p.result < 0 {
		return nil, fmt.Errorf("write the groups (?P<job>…) and (?P<result>…), and (?P<url>…) if the line has one")
	}
	if broad(re) {
		return nil, fmt.Errorf("write an expression that does not match an empty line or a single character")
	}
	return p, nil
}

// String returns the expression.
func (p *Pattern) String() string { return p.re.String() }

func (p *Pattern) read(m *ciMessage, max int) []Run {
	var runs []Run
	for _, line := range m.said() {
		if isQuote(line) {
			continue
		}
		f := p.re.FindStringSubmatch(line)
		if f == nil || f[p.job] == "" || f[p.result] == "" {
			continue
		}
		run := Run{Job: f[p.job], Said: f[p.result], Result: resultOf(f[p.result])}
		if p.url >= 0 {
			run.URL = f[p.url]
		}
		if runs = append(runs, run); len(runs) == max {
			break
		}
	}
	return runs
}
