// SPDX-License-Identifier: Apache-2.0

package gerrittest

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// predicate says whether a query finds a change.
type predicate func(*change) bool

// queryToken is a bracket, OR, or one operator with its operand, which may be
// quoted.
var queryToken = regexp.MustCompile(`^\s*(?:([()])|(OR)\b|(-?)([a-z]+):(?:"([^"]*)"|([^\s()]+)))`)

// parser reads a query. OR binds less than terms that stand side by side.
type parser struct {
	q    *request
	rest string
}

// compile turns a query into a predicate. Like Gerrit it refuses what it does
// not know before it looks at any change.
func (q *request) compile(query string) (predicate, error) {
	p := &parser{q, query}
	found, err := p.either()
	if err != nil {
		return nil, err
	}
	if rest := strings.TrimSpace(p.rest); rest != "" {
		return nil, fmt.Errorf("unsupported query: %s", rest)
	}
	return found, nil
}

func (p *parser) peek() []string { return queryToken.FindStringSubmatch(p.rest) }

func (p *parser) either() (predicate, error) {
	var all []predicate
	for {
		one, err := p.both()
		if err != nil {
			return nil, err
		}
		all = append(all, one)
		t := p.peek()
		if t == nil || t[2] == "" {
			return func(c *change) bool {
				return slices.ContainsFunc(all, func(f predicate) bool { return f(c) })
			}, nil
		}
		p.rest = p.rest[len(t[0]):]
	}
}

func (p *parser) both() (predicate, error) {
	var all []predicate
	for {
		t := p.peek()
		if t == nil || t[2] != "" || t[1] == ")" {
			if len(all) == 0 {
				return nil, errors.New("unsupported query: " + strings.TrimSpace(p.rest))
			}
			return func(c *change) bool {
				return !slices.ContainsFunc(all, func(f predicate) bool { return !f(c) })
			}, nil
		}
		p.rest = p.rest[len(t[0]):]
		one, err := p.term(t)
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
}

func (p *parser) term(t []string) (predicate, error) {
	if t[1] == "(" {
		found, err := p.either()
		if err != nil {
			return nil, err
		}
		end := p.peek()
		if end == nil || end[1] != ")" {
			return nil, errors.New("unsupported query: a bracket is open")
		}
		p.rest = p.rest[len(end[0]):]
		return found, nil
	}
	found, err := p.q.operator(t[4], t[5]+t[6])
	if err != nil || t[3] == "" {
		return found, err
	}
	return func(c *change) bool { return !found(c) }, nil
}

func (q *request) operator(operator, value string) (predicate, error) {
	switch operator {
	case "status", "is":
		return isState(value)
	case "change":
		return func(c *change) bool { return strconv.Itoa(c.number) == value || c.key == value }, nil
	case "commit":
		return func(c *change) bool {
			return slices.ContainsFunc(c.patchSets, func(ps *patchSet) bool { return ps.sha == value })
		}, nil
	case "project":
		return func(c *change) bool { return c.project.name == value }, nil
	case "branch":
		return func(c *change) bool { return fullRef(c.branch) == fullRef(value) }, nil
	case "message":
		words := tokens(value)
		if len(words) == 0 {
			return nil, fmt.Errorf("cannot create full-text query with value: %s", value)
		}
		return func(c *change) bool { return hasPhrase(tokens(c.current().message), words) }, nil
	case "dir", "directory":
		return func(c *change) bool { return c.touches(strings.Trim(value, "/")) }, nil
	case "after", "since":
		at, err := time.Parse("2006-01-02 15:04:05", value)
		if err != nil {
			at, err = time.Parse("2006-01-02", value)
		}
		return func(c *change) bool { return !c.updated.Before(at) }, err
	case "before", "until":
		at, err := time.Parse("2006-01-02 15:04:05", value)
		return func(c *change) bool { return !c.updated.After(at) }, err
	case "visibleto":
		// Inactive accounts too: Gerrit asks only what they would see.
		a := q.s.account(value)
		if a == nil {
			return nil, fmt.Errorf("no user or group matches %q", value)
		}
		return func(c *change) bool { return c.seenBy(a) }, nil
	case "owner", "reviewer", "attention":
		a := q.s.account(value)
		if a == nil {
			// A number is taken as it is, known or not.
			if _, err := strconv.Atoi(value); err != nil {
				return nil, fmt.Errorf("user %s not found", value)
			}
			return func(*change) bool { return false }, nil
		}
		return func(c *change) bool {
			return operator == "owner" && c.owner == a || operator == "reviewer" && c.roles[a.ID] == "REVIEWER" ||
				operator == "attention" && c.attention[a.ID]
		}, nil
	}
	return nil, fmt.Errorf("unsupported operator %s:%s", operator, value)
}

// tokens are the words of a text as an index knows them.
func tokens(text string) []string {
	return strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

func hasPhrase(text, phrase []string) bool {
	for i := range text {
		if len(text[i:]) >= len(phrase) && slices.Equal(text[i:i+len(phrase)], phrase) {
			return true
		}
	}
	return false
}

func isState(value string) (predicate, error) {
	switch value {
	case "open", "new":
		return func(c *change) bool { return c.status == "NEW" }, nil
	case "closed":
		return func(c *change) bool { return c.status != "NEW" }, nil
	case "merged", "abandoned":
		return func(c *change) bool { return c.status == strings.ToUpper(value) }, nil
	case "wip":
		return func(c *change) bool { return c.wip }, nil
	case "private":
		return func(c *change) bool { return c.private }, nil
	}
	return nil, fmt.Errorf("unsupported operator is:%s", value)
}

// touches reports whether the current patch set has a file below a directory.
func (c *change) touches(dir string) bool {
	return slices.ContainsFunc(c.current().files, func(d *delta) bool {
		return strings.HasPrefix(d.path, dir+"/") || strings.HasPrefix(d.old, dir+"/")
	})
}
