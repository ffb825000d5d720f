// SPDX-License-Identifier: Apache-2.0

package gitlog

import (
	"fmt"
	"strings"
	"testing"

	"review-assistant/review"
)

var sha = strings.Repeat("a1", 20)

// entry is a commit as git prints it.
func entry(fields ...string) string { return "\x00" + strings.Join(fields, "\x00") + "\x00" }

func parsed(in string) (out []review.Past, err error) {
	err = parse(strings.NewReader(in), Options{Project: "p", Branch: "main"}, func(p review.Past) bool {
		out = append(out, p)
		return true
	})
	return out, err
}

func TestParse(t *testing.T) {
	good := entry(sha, "1000", "2000", "ann@x", "s", key, "B <b@x>", "\na", "b")
	many := []string{sha, "1000", "2000", "ann@x", strings.Repeat("s", 3*maxToken), "", strings.Repeat("B <b@x>\x1f", 100), "\n" + strings.Repeat("long", maxToken)}
	for i := range 300 {
		many = append(many, fmt.Sprint("file", i))
	}
	tests := []struct {
		name, in, want string
	}{
		{"nothing", "", "[]"},
		{"one", good, "[p~main~" + key + " 1000 2000 2 1]"},
		{"without files", entry(sha, "1000", "2000", "ann@x", "s", key, "B <b@x>"), "[]"},
		{"one behind one without files", entry(sha, "1", "2", "", "s", "", "b@x") + good, "[p~main~" + key + " 1000 2000 2 1]"},
		{"no Change-Id", entry(sha, "1000", "2000", "ann@x", "s", "I12\x1fx", "b@x", "\na"), "[p~main~" + sha + " 1000 2000 1 1]"},
		{"times that are none", entry(sha, "", "-5", "ann@x", "s", key, "b@x", "\na"), "[p~main~" + key + " 0 0 1 1]"},
		{"a file of empty look", entry(sha, "1", "2", "", "", key, "b@x", "\n\n", " "), "[p~main~" + key + " 1 2 2 1]"},
		{"too much", entry(many...), "[p~main~" + sha + " 1000 2000 100 20]"},
		{"cut off in the files", good[:len(good)-1], "[p~main~" + key + " 1000 2000 1 1]"},
		{"cut off in the fields", good[:len(good)/2], "strange"},
		{"no commit", entry("x", "1", "2", "", "", "", "b@x", "\na"), "strange"},
		{"no beginning", good[1:], "strange"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			list, err := parsed(tt.in)
			got := "strange"
			if err == nil {
				var parts []string
				for _, p := range list {
					parts = append(parts, fmt.Sprint(p.Key, " ", p.Created.Unix(), " ", p.Closed.Unix(), " ", len(p.Files), " ", len(p.Reviewers)))
				}
				got = fmt.Sprint(parts)
			}
			if got != tt.want {
				t.Errorf("parse() = %s, %v; want %s", got, err, tt.want)
			}
		})
	}
}

func TestAddress(t *testing.T) {
	for in, want := range map[string]string{
		"Bob <Bob@Example.com>": "bob@example.com", "bob@x": "bob@x", "Bob (<x>) <bob@x> # looks good": "bob@x", " <bob@x": "bob@x",
		"Bob": "", "<>": "", "@": "", "bob@": "", "@x": "", "b ob@x": "", "bob@x\n": "bob@x", "b\x00@x": "", strings.Repeat("a", 300) + "@x": "",
	} {
		if got := address(in); got != want {
			t.Errorf("address(%q) = %q, want %q", in, got, want)
		}
	}
}

// Whatever git prints, what comes out is within limits.
func FuzzParse(f *testing.F) {
	f.Add(entry(sha, "1000", "2000", "ann@x", "s", key, "B <b@x>", "\na", "b"))
	f.Add(entry(sha, "1", "2", "", "s", "", "b@x") + entry(sha, "", "99999999999999999999", "@", "\xff", "I\x1f", "<\x1f>", "\n\n"))
	f.Add("\x00\x00\x00")
	f.Fuzz(func(t *testing.T, in string) {
		list, _ := parsed(in)
		for _, p := range list {
			if len(p.Files) == 0 || len(p.Files) > maxFiles || len(p.Reviewers) == 0 || len(p.Reviewers) > maxReviewers || len(p.Subject) > maxSubject ||
				review.PastProject(p.Key) != "p" || len(p.Key) > 100 || p.Closed.Unix() < 0 || p.Created.Unix() < 0 {
				t.Errorf("parse(%q) = %+v", in, p)
			}
			for _, r := range p.Reviewers {
				if address(r.Email) != r.Email || r.Email == "" {
					t.Errorf("parse(%q) has a reviewer %q", in, r.Email)
				}
			}
		}
	})
}
