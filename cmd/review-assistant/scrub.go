// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"io"
	"maps"
	"slices"

	"review-assistant/scrub"
)

type scrubCmd struct {
	Check   bool     `help:"Print nothing but the report, and exit 3 when there is a finding."`
	Pattern []string `placeholder:"RE2" help:"Extra regular expression whose matches are removed."`
	PII     []string `name:"pii" default:"all" placeholder:"CLASS" help:"Classes of personal data to remove, all or none."`
	Report  bool     `help:"Print what was removed, by kind, to standard error."`
}

// Run implements the command.
func (s scrubCmd) Run(p *program) error {
	scrubber, err := scrub.New(scrub.Options{Patterns: s.Pattern, PII: s.PII})
	if err != nil {
		return &usageError{err}
	}
	out := p.ui.out
	if s.Check {
		out = io.Discard
	}
	r, err := scrubber.Filter(out, p.in)
	if err != nil {
		return fmt.Errorf("scrub: %w; nothing more was written", err)
	}
	if s.Report || s.Check {
		fmt.Fprintf(p.ui.err, "%d secrets removed (rules %s)\n", r.Secrets, r.Version)
		for _, kind := range slices.Sorted(maps.Keys(r.ByKind)) {
			fmt.Fprintf(p.ui.err, "  %4d  %s\n", r.ByKind[kind], kind)
		}
	}
	if s.Check && r.Secrets > 0 {
		return errFindings
	}
	return nil
}
