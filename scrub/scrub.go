// SPDX-License-Identifier: Apache-2.0

// Package scrub turns raw text into [Text] that holds no secret it knows of.
//
// It is the only maker of Text, and Text is the only thing that prompts,
// posts, stores and pages are made of. On any error nothing may leave: the
// caller stops.
//
// A new rule is one literal in rules_<family>.go.
package scrub

import "review-assistant/review"

const (
	placeholderOpen  = "«SECRET:"
	placeholderClose = "»"
)

// Options are what a project and the operator add to the built-in rules.
type Options struct {
	// Patterns are extra regular expressions (RE2) whose matches are removed.
	Patterns []string
	// Values are the process's own secrets, removed wherever they stand.
	Values []string
	// Sensitive are path globs (doublestar) of files whose body never leaves.
	Sensitive []string
}

// Scrubber holds compiled rules and is safe for concurrent use.
type Scrubber struct{}

// New compiles the rules. An error names the pattern and what is wrong with it.
func New(o Options) (*Scrubber, error) { panic("not written") }

// Begin starts the cleaning of one change: one secret gets one number
// wherever it stands in the change, and a value that was found once is
// removed from everything that is cleaned later.
func (s *Scrubber) Begin() *Cleaner { panic("not written") }

// Cleaner cleans the texts of one change. It is not safe for concurrent use.
type Cleaner struct{}

// Clean returns raw without its secrets; the number of lines stays the same.
// A foreign "«" becomes "<<", so that nobody can forge a placeholder.
func (c *Cleaner) Clean(raw string) (Text, error) { panic("not written") }

// Patch cleans every string of p, with the values found in any part removed
// from all parts, and drops the bodies of sensitive files.
func (c *Cleaner) Patch(p review.Patch) (Patch, error) { panic("not written") }

// Output cleans what a model wrote. Placeholders that this Cleaner made stay
// as they are; any other is neutralized like foreign text.
func (c *Cleaner) Output(raw string) (Text, error) { panic("not written") }

// Verify looks at finished text with other code than the rules and returns an
// error when something that looks like a secret, or a value that was removed
// before, stands in it. The error never holds the value.
func (c *Cleaner) Verify(t Text) error { panic("not written") }

// Report tells what was removed so far.
func (c *Cleaner) Report() Report { panic("not written") }

// Report counts findings. It holds no values.
type Report struct {
	Version  string         // of the rule set, for audit and cache keys
	Secrets  int            // distinct values
	ByKind   map[string]int // distinct values by kind
	Withheld []string       // reasons why bodies were withheld, no paths: "sensitive path", "undecodable"
}
