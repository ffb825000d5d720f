// SPDX-License-Identifier: Apache-2.0

package catalog

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
)

const (
	// maxMatchers bounds the rules of a YAML file, maxPattern the bytes of one.
	maxMatchers = 200
	maxPattern  = 300
)

// yamlOwners is an OWNERS file of Gerrit's owners plugin, or of Kubernetes'
// prow; the keys do not collide.
type yamlOwners struct {
	Inherited *bool    `yaml:"inherited"`
	Owners    []string `yaml:"owners"`
	Reviewers []string `yaml:"reviewers"`
	Approvers []string `yaml:"approvers"`
	Matchers  []struct {
		Suffix       string   `yaml:"suffix"`
		Regex        string   `yaml:"regex"`
		PartialRegex string   `yaml:"partial_regex"`
		Exact        string   `yaml:"exact"`
		Owners       []string `yaml:"owners"`
		Reviewers    []string `yaml:"reviewers"`
	} `yaml:"matchers"`
	Options struct {
		NoParent bool `yaml:"no_parent_owners"`
	} `yaml:"options"`
	Filters map[string]struct {
		Approvers []string `yaml:"approvers"`
		Reviewers []string `yaml:"reviewers"`
	} `yaml:"filters"`
}

// yamlStart finds a key of such a file at the beginning of a line.
var yamlStart = regexp.MustCompile(`(?m)^(inherited|owners|reviewers|approvers|matchers|options|filters)[ \t]*:`)

// parseOwners reads an OWNERS file in either syntax. dir is where it stands:
// some patterns are about whole paths.
func parseOwners(dir string, data []byte) *ownersList {
	if !yamlStart.Match(data) {
		return parseOwnersText(data)
	}
	l := &ownersList{yaml: true}
	err := eachDoc("OWNERS", data, func(body ast.Node) error {
		var y yamlOwners
		if err := yaml.NodeToValue(body, &y); err != nil {
			return err
		}
		l.take(dir, y)
		return nil
	})
	if err != nil {
		return &ownersList{bad: faults{0}}
	}
	return l
}

func (l *ownersList) take(dir string, y yamlOwners) {
	l.noParent = l.noParent || y.Inherited != nil && !*y.Inherited || y.Options.NoParent
	l.names = append(l.names, l.list(y.Owners, y.Reviewers, y.Approvers)...)
	for _, m := range y.Matchers {
		whole := func(is func(path string) bool) func(string) bool {
			return func(rel string) bool { return is(strings.TrimPrefix(dir+"/"+rel, "/")) }
		}
		names := [][]string{m.Owners, m.Reviewers}
		switch {
		case m.Suffix != "":
			l.rule(whole(func(p string) bool { return strings.HasSuffix(p, m.Suffix) }), names...)
		case m.Exact != "":
			l.rule(whole(func(p string) bool { return p == m.Exact }), names...)
		case m.Regex != "":
			l.pattern(`^(?:`+m.Regex+`)$`, whole, names...)
		default:
			l.pattern(m.PartialRegex, whole, names...)
		}
	}
	for _, p := range slices.Sorted(maps.Keys(y.Filters)) {
		as := func(is func(string) bool) func(string) bool { return is }
		l.pattern(p, as, y.Filters[p].Approvers, y.Filters[p].Reviewers)
	}
}

func (l *ownersList) pattern(expr string, as func(func(string) bool) func(string) bool, names ...[]string) {
	re, err := regexp.Compile(expr)
	if err != nil || expr == "" || len(expr) > maxPattern {
		l.bad = append(l.bad, 0)
		return
	}
	l.rule(as(re.MatchString), names...)
}

func (l *ownersList) rule(match func(string) bool, names ...[]string) {
	if len(l.rules) == maxMatchers {
		l.bad = append(l.bad, 0)
		return
	}
	l.rules = append(l.rules, ownersRule{match: match, names: l.list(names...)})
}

// list takes e-mail addresses, user names, and groups as group/NAME.
func (l *ownersList) list(lists ...[]string) []listed {
	var out []listed
	for _, s := range slices.Concat(lists...) {
		s = strings.TrimSpace(s)
		group, is := strings.CutPrefix(s, "group/")
		switch {
		case is && group != "":
			out = append(out, listed{name: "@" + group})
		case s == "*":
		case cleanEmail(s) != "":
			out = append(out, listed{name: cleanEmail(s)})
		case nameForm.MatchString(s):
			out = append(out, listed{name: s})
		default: // a person's full name says not clearly who it is
			l.bad = append(l.bad, 0)
		}
	}
	return distinct(out)
}
