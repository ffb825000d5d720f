// SPDX-License-Identifier: Apache-2.0

package catalog

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"

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
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s: no file", path)
	}
	if info.Size() > maxFileSize {
		return nil, fmt.Errorf("%s: larger than %d KiB; remove absences that are over and people who left", path, maxFileSize>>10)
	}
	return os.ReadFile(path)
}

// Problem says why the file as it stands does not count, "" when it does.
func (f *PeopleFile) Problem() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.look(); f.err != nil {
		return f.err.Error()
	}
	return ""
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
	text string
	line int
}

// UnmarshalYAML implements yaml.NodeUnmarshaler.
func (w *atLine) UnmarshalYAML(n ast.Node) error {
	if _, ok := n.(ast.ScalarNode); !ok {
		return &yaml.SyntaxError{Message: "want one word", Token: n.GetToken()}
	}
	w.text, w.line = strings.TrimSpace(n.GetToken().Value), n.GetToken().Position.Line
	return nil
}

// parsePeople reads the file; its error names all faults with their lines.
func parsePeople(name string, data []byte) (*people, error) {
	p := &people{sets: map[string]int{}, absent: map[string][]spell{}, optedOut: map[string]bool{}}
	var errs []error
	bad := func(w atLine, format string, args ...any) {
		if len(errs) < 20 {
			errs = append(errs, fmt.Errorf("%s:%d: %s", name, w.line, fmt.Sprintf(format, args...)))
		}
	}
	names := 0
	who := func(w atLine) string {
		names++
		if w.text == "" || len(w.text) > 254 || w.text != printable(w.text) || strings.ContainsAny(w.text, " ,<>") {
			bad(w, "%.80q is no account id, user name or e-mail address", w.text)
		}
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
			Same   [][]atLine `yaml:"same"`
			Absent []struct {
				Who   atLine `yaml:"who"`
				From  atLine `yaml:"from"`
				Until atLine `yaml:"until"`
			} `yaml:"absent"`
			OptedOut []atLine `yaml:"opted_out"`
		}
		if err := yaml.NodeToValue(body, &y, yaml.Strict()); err != nil {
			return yamlError(name, err)
		}
		for _, set := range y.Same {
			var all []string
			for _, w := range set {
				n := who(w)
				if _, twice := p.sets[n]; twice {
					bad(w, "%.80q is in two lists of same; put them together", n)
				}
				p.sets[n] = len(p.same)
				all = append(all, n)
			}
			p.same = append(p.same, all)
		}
		for _, a := range y.Absent {
			a.Who.line = max(a.Who.line, a.From.line, a.Until.line)
			n, from, until := who(a.Who), day(a.From), day(a.Until)
			if !until.IsZero() {
				if until.Before(from) {
					bad(a.Until, "the absence ends before it begins")
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
