// SPDX-License-Identifier: Apache-2.0

package catalog

import (
	"maps"
	"regexp"
	"slices"
	"strconv"
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
	Owners    []atLine `yaml:"owners"`
	Reviewers []atLine `yaml:"reviewers"`
	Approvers []atLine `yaml:"approvers"`
	Matchers  []struct {
		Suffix       string   `yaml:"suffix"`
		Regex        atLine   `yaml:"regex"`
		PartialRegex atLine   `yaml:"partial_regex"`
		Exact        string   `yaml:"exact"`
		Owners       []atLine `yaml:"owners"`
		Reviewers    []atLine `yaml:"reviewers"`
	} `yaml:"matchers"`
	Options struct {
		NoParent bool `yaml:"no_parent_owners"`
	} `yaml:"options"`
	Filters map[string]struct {
		Approvers []atLine `yaml:"approvers"`
		Reviewers []atLine `yaml:"reviewers"`
	} `yaml:"filters"`
}

// yamlStart finds a key of such a file at the beginning of a line.
var yamlStart = regexp.MustCompile(`(?m)^(inherited|owners|reviewers|approvers|matchers|options|filters)[ \t]*:`)

// errorLine finds the line in an error of eachDoc.
var errorLine = regexp.MustCompile(`^OWNERS:(\d+): `)

// parseOwners reads an OWNERS file in either syntax. dir is where it stands:
// some patterns are about whole paths.
func parseOwners(dir string, data []byte) *ownersList {
	if !yamlStart.Match(data) {
		return parseOwnersText(data)
	}
	l := &ownersList{}
	err := eachDoc("OWNERS", data, func(body ast.Node) error {
		var y yamlOwners
		if err := yaml.NodeToValue(body, &y); err != nil {
			return err
		}
		l.yaml(dir, y)
		return nil
	})
	if err != nil {
		line := 0
		if m := errorLine.FindStringSubmatch(err.Error()); m != nil {
			line, _ = strconv.Atoi(m[1])
		}
		return &ownersList{bad: faults{line}}
	}
	return l
}

func (l *ownersList) yaml(dir string, y yamlOwners) {
	l.noParent = l.noParent || y.Inherited != nil && !*y.Inherited || y.Options.NoParent
	l.prow = l.prow || len(y.Approvers)+len(y.Filters) > 0
	l.names = append(l.names, l.list(y.Owners, y.Reviewers, y.Approvers)...)
	for _, m := range y.Matchers {
		whole := func(is func(path string) bool) func(string) bool {
			return func(rel string) bool { return is(strings.TrimPrefix(dir+"/"+rel, "/")) }
		}
		names := [][]atLine{m.Owners, m.Reviewers}
		switch {
		case m.Suffix != "":
			l.rule(whole(func(p string) bool { return strings.HasSuffix(p, m.Suffix) }), names...)
		case m.Exact != "":
			l.rule(whole(func(p string) bool { return p == m.Exact }), names...)
		case m.Regex.text != "":
			m.Regex.text = `^(?:` + m.Regex.text + `)$`
			l.pattern(m.Regex, whole, names...)
		default:
			l.pattern(m.PartialRegex, whole, names...)
		}
	}
	for _, p := range slices.Sorted(maps.Keys(y.Filters)) {
		as := func(is func(string) bool) func(string) bool { return is }
		l.pattern(atLine{text: p}, as, y.Filters[p].Approvers, y.Filters[p].Reviewers)
	}
}

func (l *ownersList) pattern(expr atLine, as func(func(string) bool) func(string) bool, names ...[]atLine) {
	re, err := regexp.Compile(expr.text)
	if err != nil || expr.text == "" || len(expr.text) > maxPattern {
		l.bad = append(l.bad, expr.line)
		return
	}
	l.rule(as(re.MatchString), names...)
}

func (l *ownersList) rule(match func(string) bool, names ...[]atLine) {
	if len(l.rules) == maxMatchers {
		l.bad = append(l.bad, 0)
		return
	}
	l.rules = append(l.rules, ownersRule{match: match, names: l.list(names...)})
}

// list takes e-mail addresses, user names, and groups as group/NAME.
func (l *ownersList) list(lists ...[]atLine) []listed {
	var out []listed
	for _, w := range slices.Concat(lists...) {
		s := w.text
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
			l.bad = append(l.bad, w.line)
		}
	}
	return out
}
