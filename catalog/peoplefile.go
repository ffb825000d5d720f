// SPDX-License-Identifier: Apache-2.0

package catalog

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"

	"review-assistant/review"
)

// PeopleFile is the operator's file about people: which accounts are one
// person, who is absent and who does not want to be suggested. It is read
// again when it changes; while it is broken, what it said before counts.
//
//	same:
//	  - [jane, jane.old, jane@example.com]
//	absent:
//	  - {who: jane, from: 2026-12-20, until: 2027-01-06}
//	opted_out: [1000042]
//
// Everybody is named by Gerrit account id, user name or e-mail address.
type PeopleFile struct {
	path string
	now  func() time.Time

	mu     sync.Mutex
	people *people
	body   []byte
	looked time.Time
	err    error
	reads  turns
}

// people is a checked file.
type people struct {
	same     [][]string
	sets     map[string]int // name to its set in same
	absent   map[string][]spell
	optedOut map[string]bool
	names    map[string]bool // all of them, in lower case; true for an account id
}

// spell is an absence; a zero time has no limit.
type spell struct{ from, until time.Time }

// maxPeopleNames bounds the names of a people file.
const maxPeopleNames = 50_000

// OpenPeopleFile reads the file. Now is time.Now when nil; log gets a line when
// the file turns bad and one when it is well again, nil for none.
func OpenPeopleFile(path string, now func() time.Time, log *slog.Logger) (*PeopleFile, error) {
	if now == nil {
		now = time.Now
	}
	f := &PeopleFile{path: path, now: now}
	if f.look(); f.err != nil {
		return nil, f.err
	}
	f.reads = turns{log: log, bad: "the people file cannot be read; what it said before counts", well: "the people file can be read again"}
	return f, nil
}

// look reads the file when its time has come. The caller holds the lock, or is
// alone.
func (f *PeopleFile) look() *people {
	now := f.now()
	if f.people != nil && now.Sub(f.looked) < lookEvery && !now.Before(f.looked) {
		return f.people
	}
	f.looked = now
	body, err := readSmall(f.path)
	if err == nil && f.people != nil && f.err == nil && bytes.Equal(body, f.body) {
		return f.people
	}
	var read *people
	if err == nil {
		read, err = parsePeople(f.path, body)
	}
	if f.err = err; err == nil {
		f.people, f.body = read, body
	}
	f.reads.tell(err)
	return f.people
}

func readSmall(path string) ([]byte, error) {
	info, err := regular(path)
	if err != nil {
		return nil, err
	}
	if info.Size() > maxFileSize {
		return nil, fmt.Errorf("%s: larger than %d KiB; remove absences that are over and people who left", path, maxFileSize>>10)
	}
	return os.ReadFile(path)
}

// Absent reports whether the person of the account is absent, by any of their
// accounts. Days begin and end in UTC.
func (f *PeopleFile) Absent(a review.Account, now time.Time) bool {
	return f.any(a, func(p *people, name string) bool {
		for _, s := range p.absent[name] {
			if !now.Before(s.from) && (s.until.IsZero() || now.Before(s.until)) {
				return true
			}
		}
		return false
	})
}

// OptedOut reports whether the person of the account does not want to be
// suggested.
func (f *PeopleFile) OptedOut(a review.Account) bool {
	return f.any(a, func(p *people, name string) bool { return p.optedOut[name] })
}

// Same returns the sets of names that are one person each, in lower case.
func (f *PeopleFile) Same() [][]string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.look().same
}

// Named returns everybody whom the file names, sorted: account ids, and people
// with a user name or an e-mail address in lower case.
func (f *PeopleFile) Named() (ids []int64, people []review.Person) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, name := range slices.Sorted(maps.Keys(f.look().names)) {
		id, err := strconv.ParseInt(name, 10, 32)
		switch {
		case err == nil && f.people.names[name]:
			ids = append(ids, id)
		case strings.Contains(name, "@"):
			people = append(people, review.Person{Email: name})
		default:
			people = append(people, review.Person{Username: name})
		}
	}
	return ids, people
}

// any asks about every name of the person of an account.
func (f *PeopleFile) any(a review.Account, is func(*people, string) bool) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	p := f.look()
	for _, own := range []string{strconv.FormatInt(a.ID, 10), strings.ToLower(a.Username), strings.ToLower(a.Email)} {
		if is(p, own) {
			return true
		}
		if set, ok := p.sets[own]; ok {
			for _, other := range p.same[set] {
				if is(p, other) {
					return true
				}
			}
		}
	}
	return false
}

// atLine is a word of the file that knows where it stands.
type atLine struct {
	text   string
	line   int
	number bool // written as a number
}

// UnmarshalYAML implements yaml.NodeUnmarshaler.
func (w *atLine) UnmarshalYAML(n ast.Node) error {
	switch v := n.(type) {
	case *ast.AnchorNode:
		return w.UnmarshalYAML(v.Value)
	case *ast.TagNode:
		return w.UnmarshalYAML(v.Value)
	case *ast.LiteralNode:
		return w.UnmarshalYAML(v.Value)
	}
	if _, ok := n.(ast.ScalarNode); !ok {
		return &yaml.SyntaxError{Message: "want one word", Token: n.GetToken()}
	}
	w.line = n.GetToken().Position.Line
	if n.Type() != ast.NullType {
		w.text = strings.TrimSpace(n.GetToken().Value)
	}
	w.number = n.Type() == ast.IntegerType || n.Type() == ast.FloatType ||
		n.GetToken().Type == token.StringType && !strings.ContainsFunc(w.text, func(r rune) bool { return (r < '0' || r > '9') && r != '.' && r != '-' })
	return nil
}

// listOf is a list of which an empty entry is an entry too: the YAML library
// would not say where it stands.
type listOf[T any, P interface {
	*T
	yaml.NodeUnmarshaler
}] []T

// UnmarshalYAML implements yaml.NodeUnmarshaler.
func (l *listOf[T, P]) UnmarshalYAML(n ast.Node) error {
	if n.Type() == ast.NullType {
		return nil
	}
	list, ok := n.(*ast.SequenceNode)
	if !ok {
		return &yaml.SyntaxError{Message: "want a list, such as [a, b]", Token: n.GetToken()}
	}
	for _, v := range list.Values {
		var one T
		if err := P(&one).UnmarshalYAML(v); err != nil {
			return err
		}
		*l = append(*l, one)
	}
	return nil
}

// absence is one entry of absent.
type absence struct {
	who, from, until atLine
}

// UnmarshalYAML implements yaml.NodeUnmarshaler.
func (a *absence) UnmarshalYAML(n ast.Node) error {
	if a.who.line = n.GetToken().Position.Line; n.Type() == ast.NullType {
		return nil
	}
	var y struct {
		Who   atLine `yaml:"who"`
		From  atLine `yaml:"from"`
		Until atLine `yaml:"until"`
	}
	if err := yaml.NodeToValue(n, &y, yaml.Strict()); err != nil {
		return err
	}
	y.Who.line = max(a.who.line, y.Who.line)
	a.who, a.from, a.until = y.Who, y.From, y.Until
	return nil
}

type nameList = listOf[atLine, *atLine]

// samePerson is one entry of same.
type samePerson struct {
	names nameList
	at    atLine
}

// UnmarshalYAML implements yaml.NodeUnmarshaler.
func (s *samePerson) UnmarshalYAML(n ast.Node) error {
	s.at.line = n.GetToken().Position.Line
	return s.names.UnmarshalYAML(n)
}

// parsePeople reads the file; its error names all faults with their lines.
func parsePeople(name string, data []byte) (*people, error) {
	p := &people{sets: map[string]int{}, absent: map[string][]spell{}, optedOut: map[string]bool{}, names: map[string]bool{}}
	var errs []error
	bad := func(w atLine, format string, args ...any) {
		if len(errs) < 20 {
			errs = append(errs, fmt.Errorf("%s:%d: %s", name, w.line, fmt.Sprintf(format, args...)))
		}
	}
	names := 0
	who := func(w atLine) string {
		names++
		if id, err := strconv.ParseInt(w.text, 10, 32); w.number && (err != nil || id <= 0 || strconv.FormatInt(id, 10) != w.text) {
			bad(w, "%.80s is no account id; put a user name that looks like a number in quotes", w.text)
		} else if w.text == "" || len(w.text) > 254 || w.text != printable(w.text) || strings.ContainsAny(w.text, " ,<>") {
			bad(w, "%.80q is no account id, user name or e-mail address", w.text)
		}
		p.names[strings.ToLower(w.text)] = w.number
		return strings.ToLower(w.text)
	}
	day := func(w atLine) time.Time {
		if w.text == "" {
			return time.Time{}
		}
		t, err := time.Parse(time.DateOnly, w.text)
		if err != nil {
			bad(w, "%.80q is no date; write for example 2026-12-31", w.text)
		}
		return t
	}
	err := eachDoc(name, data, func(body ast.Node) error {
		var y struct {
			Same     listOf[samePerson, *samePerson] `yaml:"same"`
			Absent   listOf[absence, *absence]       `yaml:"absent"`
			OptedOut nameList                        `yaml:"opted_out"`
		}
		if err := yaml.NodeToValue(body, &y, yaml.Strict()); err != nil {
			return yamlError(name, err)
		}
		for _, set := range y.Same {
			var all []string
			for _, w := range set.names {
				n := who(w)
				switch in, twice := p.sets[n]; {
				case twice && in == len(p.same):
					bad(w, "%.80q is twice in one list", n)
				case twice:
					bad(w, "%.80q is in two lists of same; put them together", n)
				}
				p.sets[n] = len(p.same)
				all = append(all, n)
			}
			if len(all) < 2 {
				bad(set.at, "a list of same holds the accounts of one person: name two or more")
			}
			p.same = append(p.same, all)
		}
		for _, a := range y.Absent {
			n, from, until := who(a.who), day(a.from), day(a.until)
			if !until.IsZero() {
				if until.Before(from) {
					bad(a.until, "the absence ends before it begins")
				}
				until = until.AddDate(0, 0, 1) // the day itself too
			}
			p.absent[n] = append(p.absent[n], spell{from, until})
		}
		for _, w := range y.OptedOut {
			p.optedOut[who(w)] = true
		}
		return nil
	})
	if err == nil && names > maxPeopleNames {
		err = fmt.Errorf("%s: more than %d names", name, maxPeopleNames)
	}
	if err = errors.Join(append(errs, err)...); err != nil {
		return nil, err
	}
	return p, nil
}
