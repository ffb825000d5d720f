// SPDX-License-Identifier: Apache-2.0

package builds

import (
	"fmt"
	"regexp"
	"regexp/syntax"
)

// Limits of a regular expression that a project brings.
const (
	maxPattern = 1000 // bytes
	// maxSteps bounds the compiled form: counted repetitions multiply.
	maxSteps = 5000
)

// compile reads a regular expression in RE2 syntax. Its errors say what to write.
func compile(s string) (*regexp.Regexp, error) {
	if s == "" {
		return nil, fmt.Errorf("write a regular expression")
	}
	if len(s) > maxPattern {
		return nil, fmt.Errorf("write at most %d bytes; split it into several", maxPattern)
	}
	tree, err := syntax.Parse(s, syntax.Perl)
	if err != nil {
		return nil, fmt.Errorf("write a regular expression in RE2 syntax: %w", err)
	}
	if steps(tree) > maxSteps {
		return nil, fmt.Errorf("write a smaller expression: its repetitions multiply to more than %d steps", maxSteps)
	}
	re, err := regexp.Compile(s)
	if err != nil {
		return nil, fmt.Errorf("write a regular expression in RE2 syntax: %w", err)
	}
	return re, nil
}

// steps estimates the length of the compiled form.
func steps(re *syntax.Regexp) int {
	n := 1 + len(re.Rune)
	for _, sub := range re.Sub {
		n = min(n+steps(sub), 10*maxSteps)
	}
	if re.Op == syntax.OpRepeat {
		n = min(n*max(re.Min, re.Max, 1), 10*maxSteps)
	}
	return n
}

// broad reports whether an expression matches almost any line: the empty
// string, or a single character.
func broad(re *regexp.Regexp) bool {
	if re.MatchString("") {
		return true
	}
	for c := byte(' '); c <= '~'; c++ {
		if re.MatchString(string(c)) {
			return true
		}
	}
	return false
}
