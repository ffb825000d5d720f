// SPDX-License-Identifier: Apache-2.0

package catalog_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"review-assistant/catalog"
	"review-assistant/review"
)

const peopleText = `
# who is who
same:
  - [1000042, jane, Jane.Old@example.com]
  - [rob, 1000007]
absent:
  - {who: jane, from: 2026-12-20, until: 2027-01-06}
  - who: ann@example.com
    until: 2026-12-01
  - who: bob
  - {who: Cyd, from: 2026-12-10}
opted_out: [1000007, Boss@example.com]
`

func TestPeopleFile(t *testing.T) {
	f, err := catalog.OpenPeopleFile(write(t, t.TempDir(), "people.yaml", peopleText), nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		account  review.Account
		day      string
		absent   bool
		optedOut bool
	}{
		{review.Account{ID: 1, Username: "jane"}, "2026-12-19T23:59", false, false},
		{review.Account{ID: 1, Username: "jane"}, "2026-12-20T00:00", true, false},
		{review.Account{ID: 1000042, Username: "jd"}, "2027-01-06T23:59", true, false},
		{review.Account{ID: 1, Email: "jane.old@example.com"}, "2027-01-07T00:00", false, false},
		{review.Account{ID: 2, Email: "Ann@example.com"}, "2026-12-01T12:00", true, false},
		{review.Account{ID: 2, Email: "ann@example.com"}, "2026-12-02T12:00", false, false},
		{review.Account{ID: 3, Username: "bob"}, "2036-12-02T12:00", true, false},
		{review.Account{ID: 4, Username: "cyd"}, "2026-12-09T12:00", false, false},
		{review.Account{ID: 4, Username: "cyd"}, "2026-12-11T12:00", true, false},
		{review.Account{ID: 9, Username: "rob"}, "2026-12-11T12:00", false, true},
		{review.Account{ID: 9, Email: "boss@example.com"}, "2026-12-11T12:00", false, true},
		{review.Account{ID: 10}, "2026-12-25T12:00", false, false},
	} {
		day, err := time.Parse("2006-01-02T15:04", tt.day)
		if err != nil {
			t.Fatal(err)
		}
		if got := f.Absent(tt.account, day); got != tt.absent || f.OptedOut(tt.account) != tt.optedOut {
			t.Errorf("%+v on %s: absent %v, opted out %v", tt.account, tt.day, got, !tt.optedOut)
		}
	}
	if got := fmt.Sprint(f.Same()); got != "[[1000042 jane jane.old@example.com] [rob 1000007]]" {
		t.Errorf("Same = %s", got)
	}
}

func TestPeopleFileErrors(t *testing.T) {
	for name, tt := range map[string]struct{ body, want string }{
		"unknown key":  {"absent: []\naway: []\n", `p.yaml:2: unknown field "away"`},
		"unknown key2": {"absent:\n  - {who: a, till: 2026-01-01}\n", `p.yaml:2: unknown field "till"`},
		"no date":      {"absent:\n  - who: a\n    until: 1.2.2026\n", `p.yaml:3: "1.2.2026" is no date`},
		"backwards":    {"absent:\n  - {who: a, from: 2026-02-01, until: 2026-01-01}\n", "p.yaml:2: the absence ends before it begins"},
		"nobody":       {"absent:\n  - {until: 2026-01-01}\n", `p.yaml:2: "" is no account`},
		"two sets":     {"same:\n  - [a, b]\n  - [B, c]\n", `p.yaml:3: "b" is in two lists`},
		"full name":    {"opted_out:\n  - Jane Doe\n", `p.yaml:2: "Jane Doe" is no account id`},
		"no list":      {"opted_out: 7\n", "p.yaml:1: "},
		"no word":      {"opted_out: [[a]]\n", "p.yaml:1: want one word"},
		"null":         {"opted_out:\n  - ann\n  -\n", `p.yaml:3: "" is no account id`},
		"null2":        {"same:\n  - [ann, ~]\n", `p.yaml:2: "" is no account id`},
		"null3":        {"absent:\n  - who:\n", `p.yaml:2: "" is no account id`},
		"null4":        {"absent:\n\n  -\n", `p.yaml:3: "" is no account id`},
		"nobody2":      {"absent:\n  - {}\n", `p.yaml:2: "" is no account id`},
		"null5":        {"same:\n  - [a, b]\n  -\n", "p.yaml:3: a list of same holds the accounts of one person: name two or more"},
		"negative":     {"opted_out: [-5]", `p.yaml:1: -5 is no account id; put a user name that looks like a number in quotes`},
		"zero":         {"opted_out: [0]", `p.yaml:1: 0 is no account id`},
		"octal":        {"opted_out: [0123]", `p.yaml:1: 0123 is no account id`},
		"fraction":     {"opted_out: [3.5]", `p.yaml:1: 3.5 is no account id`},
		"huge":         {"opted_out: [99999999999999999999]", `p.yaml:1: 99999999999999999999 is no account id`},
		"one":          {"same:\n  - [goro]\n", "p.yaml:2: a list of same holds the accounts of one person: name two or more"},
		"none":         {"same:\n  - []\n", "p.yaml:2: a list of same holds the accounts of one person: name two or more"},
		"twice":        {"same:\n  - [goro, Goro]\n", `p.yaml:2: "goro" is twice in one list`},
		"tab":          {"same:\n\t- [a, b]\n", "p.yaml:2: found a tab where spaces are wanted"},
		"tab2":         {"opted_out: [\"a\\tb\"]\n", `p.yaml:1: "a\tb" is no account id`},
		"broken":       {"same: [\n", "p.yaml:"},
		"too large":    {"# " + strings.Repeat("x", 300<<10), "larger than 256 KiB; remove"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := catalog.OpenPeopleFile(write(t, t.TempDir(), "p.yaml", tt.body), nil, nil)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("OpenPeopleFile = %v, want %q", err, tt.want)
			}
		})
	}
	if _, err := catalog.OpenPeopleFile(filepath.Join(t.TempDir(), "none"), nil, nil); err == nil {
		t.Error("a file that is not there is taken")
	}
}

func TestPeopleFileNames(t *testing.T) {
	f, err := catalog.OpenPeopleFile(write(t, t.TempDir(), "p.yaml", "same:\nabsent:\n  - {who: \"0123\", from: ~, until: }\nopted_out: [1000007, Boss@example.com, Ann, ann]\n"), nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	ids, people := f.Named()
	if got := fmt.Sprintf("%v %+v", ids, people); got != fmt.Sprintf("[1000007] %+v", []review.Person{{Username: "0123"}, {Username: "ann"}, {Email: "boss@example.com"}}) {
		t.Errorf("Named = %s", got)
	}
}

func TestPeopleFileIsReadAgain(t *testing.T) {
	dir := t.TempDir()
	c := &clock{now: time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)}
	path := write(t, dir, "people.yaml", "opted_out: [ann]\n")
	f, err := catalog.OpenPeopleFile(path, c.Now, nil)
	if err != nil {
		t.Fatal(err)
	}
	out := func() string {
		var s []string
		for _, name := range []string{"ann", "bob"} {
			if f.OptedOut(review.Account{ID: 1, Username: name}) {
				s = append(s, name)
			}
		}
		return strings.Join(s, " ") + "|" + f.Problem()
	}
	check := func(step, want string) {
		t.Helper()
		if got := out(); !strings.HasPrefix(got, want) || strings.HasSuffix(want, "|") && got != want {
			t.Errorf("%s: %q, want %q", step, got, want)
		}
	}
	check("as opened", "ann|")
	write(t, dir, "people.yaml", "opted_out: [bob]\n")
	check("not looked yet", "ann|")
	c.add(6 * time.Second)
	check("changed", "bob|")
	write(t, dir, "people.yaml", "opted_out: bob\n")
	c.add(6 * time.Second)
	check("broken", "bob|"+path+":1: ")
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	c.add(6 * time.Second)
	check("gone", "bob|stat ")
	write(t, dir, "people.yaml", "")
	c.add(6 * time.Second)
	check("empty", "|")
}
