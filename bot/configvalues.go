// SPDX-License-Identifier: Apache-2.0

package bot

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"review-assistant/builds"
	"review-assistant/review"
	"review-assistant/scrub"
)

// globs reads path globs as .gitignore means them: a name alone counts
// anywhere, and a folder stands for everything in it.
func globs(at func(*layer) *[]string) field {
	add := list(at, func(string) error { return nil })
	return func(l *layer, v string) error {
		both, err := expand(v)
		if err != nil {
			return err
		}
		for _, g := range both {
			if err := add(l, g); err != nil {
				return err
			}
		}
		return nil
	}
}

// expand returns the patterns that a glob of the file stands for.
func expand(v string) ([]string, error) {
	v = strings.Trim(v, "/")
	if err := glob(v); err != nil {
		return nil, err
	}
	if !strings.Contains(v, "/") {
		v = "**/" + v
	}
	return []string{v, v + "/**"}, nil
}

func notifyField(l *layer, v string) error {
	n, ok := map[string]review.Notify{
		"none": review.NotifyNone, "owner": review.NotifyOwner,
		"owner-reviewers": review.NotifyOwnerReviewers, "all": review.NotifyAll,
	}[strings.ToLower(v)]
	if !ok {
		return fmt.Errorf("write one of none, owner, owner-reviewers, all")
	}
	l.notify = &n
	return nil
}

func account(l *layer, v string) error {
	n, err := strconv.ParseInt(v, 10, 64)
	if err != nil || n <= 0 {
		return fmt.Errorf("write a Gerrit account id, a number")
	}
	l.ciAccounts = append(l.ciAccounts, n)
	return nil
}

// maxPatterns bounds the patterns of one file.
const maxPatterns = 10

func ciPattern(l *layer, v string) error {
	p, err := builds.ParsePattern(v)
	if err != nil {
		return err
	}
	if len(l.ciPatterns) == maxPatterns {
		return fmt.Errorf("keep at most %d patterns", maxPatterns)
	}
	l.ciPatterns = append(l.ciPatterns, p)
	return nil
}

func nonEmpty(v string) error {
	if strings.TrimSpace(v) == "" {
		return fmt.Errorf("write a value")
	}
	return nil
}

func glob(v string) error {
	if v == "" || !doublestar.ValidatePattern(v) {
		return fmt.Errorf("write a path glob such as secrets/** or **/*.pb.go")
	}
	return nil
}

func piiClass(v string) error {
	if v != "all" && v != "none" && !slices.Contains(scrub.PIIClasses, v) {
		return fmt.Errorf("write all, none, or one of %s", strings.Join(scrub.PIIClasses, ", "))
	}
	return nil
}

func valueHash(v string) error {
	if !scrub.ValidHash(v) {
		return fmt.Errorf("write the 32 hex digits that review-assistant fingerprint prints for the value")
	}
	return nil
}

func refGlob(v string) error {
	glob := strings.TrimPrefix(v, "!")
	// "heads/x" would match no branch, without a word.
	if !strings.HasPrefix(glob, "refs/") && !strings.HasPrefix(glob, "*") || !doublestar.ValidatePattern(glob) {
		return fmt.Errorf("write a ref such as refs/heads/*, with ! in front to exclude it")
	}
	return nil
}

func pattern(v string) error {
	re, err := regexp.Compile(v)
	switch {
	case err != nil:
		return fmt.Errorf("write a regular expression in RE2 syntax: %v", err)
	case re.MatchString(""):
		return fmt.Errorf("write a regular expression that does not match the empty string")
	case len(v) > scrub.MaxPattern:
		return fmt.Errorf("write at most %d characters; split it into several", scrub.MaxPattern)
	}
	return nil
}
