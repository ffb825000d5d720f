// SPDX-License-Identifier: Apache-2.0

package reviewers_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"review-assistant/review"
	"review-assistant/reviewers"
)

// raw counts what reasons tell from the changes themselves.
type raw struct {
	changes []review.Past
	in      reviewers.Input
}

func (r raw) count(match func(review.Past) bool) (n int) {
	for _, p := range r.changes {
		if match(p) {
			n++
		}
	}
	return n
}

func by(p review.Past, who int64) bool {
	return p.Author.ID != who && slices.ContainsFunc(p.Reviewers, func(a review.Account) bool { return a.ID == who })
}

func (r raw) lately(p review.Past) bool { return !p.Created.Before(r.in.Now.AddDate(0, 0, -90)) }

func below(p review.Past, dir string) bool {
	return slices.ContainsFunc(p.Files, func(f string) bool { return strings.HasPrefix(f, dir) })
}

func rightIn(p review.Past, dir string) bool {
	return slices.ContainsFunc(p.Files, func(f string) bool { return f[:strings.LastIndexByte(f, '/')+1] == dir })
}

var (
	reasonUnder  = regexp.MustCompile(`^reviewed (\d+) changes? under (\S+/) in the last 90 days$`)
	reasonHere   = regexp.MustCompile(`^reviewed (\d+) changes? of this project in the last 90 days$`)
	reasonFile   = regexp.MustCompile(`^reviewed (\d+) changes? to (\S+)$`)
	reasonDir    = regexp.MustCompile(`^reviewed (\d+) changes? in (\S+/)$`)
	reasonWrote  = regexp.MustCompile(`^wrote (\d+) of (\d+) changes? (to|in) (\S+)$`)
	reasonAuthor = regexp.MustCompile(`^reviewed (\d+) of the author's last (\d+) changes?$`)
	reasonTitle  = regexp.MustCompile(`^reviewed (\d+) changes? titled "(\S+)" in the last 90 days$`)
)

// recount returns a reason with its numbers counted anew, and "" when it is of
// no known form.
func (r raw) recount(reason string, who int64) string {
	again := func(format string, n int, noun string, rest ...any) string {
		if n != 1 {
			noun += "s"
		}
		return fmt.Sprintf(format, append([]any{n, noun}, rest...)...)
	}
	touches := func(p review.Past, path string) bool {
		if strings.HasSuffix(path, "/") {
			return rightIn(p, path)
		}
		return slices.Contains(p.Files, path)
	}
	if m := reasonUnder.FindStringSubmatch(reason); m != nil {
		n := r.count(func(p review.Past) bool { return by(p, who) && r.lately(p) && below(p, m[2]) })
		return again("reviewed %d %s under %s in the last 90 days", n, "change", m[2])
	}
	if reasonHere.MatchString(reason) {
		n := r.count(func(p review.Past) bool { return by(p, who) && r.lately(p) })
		return again("reviewed %d %s of this project in the last 90 days", n, "change")
	}
	if m := reasonTitle.FindStringSubmatch(reason); m != nil {
		n := r.count(func(p review.Past) bool { return by(p, who) && r.lately(p) && strings.HasPrefix(p.Subject, m[2]) })
		return again("reviewed %d %s titled %q in the last 90 days", n, "change", m[2])
	}
	for pre, re := range map[string]*regexp.Regexp{"to": reasonFile, "in": reasonDir} {
		if m := re.FindStringSubmatch(reason); m != nil {
			n := r.count(func(p review.Past) bool { return by(p, who) && touches(p, m[2]) })
			return again("reviewed %d %s "+pre+" %s", n, "change", m[2])
		}
	}
	if m := reasonWrote.FindStringSubmatch(reason); m != nil {
		n := r.count(func(p review.Past) bool { return p.Author.ID == who && touches(p, m[4]) })
		all := r.count(func(p review.Past) bool { return p.Author.ID != 0 && touches(p, m[4]) })
		return fmt.Sprintf("wrote %d of ", n) + again("%d %s %s %s", all, "change", m[3], m[4])
	}
	var own []review.Past
	for _, p := range r.changes {
		if p.Author.ID == r.in.Author.ID {
			own = append(own, p)
		}
	}
	own = own[max(0, len(own)-15):]
	if reasonAuthor.MatchString(reason) {
		n := raw{changes: own}.count(func(p review.Past) bool { return by(p, who) })
		return fmt.Sprintf("reviewed %d of the author's last ", n) + again("%d %s", len(own), "change")
	}
	if reason == "reviewed the author's previous change" && by(own[len(own)-1], who) {
		return reason
	}
	return ""
}

// Every number in a reason is what one counts by hand.
func TestReasonsCountExactly(t *testing.T) {
	path := rapid.StringMatching(`([a-b]/){0,3}[a-c]`)
	id := rapid.Int64Range(1, 6)
	rapid.Check(t, func(t *rapid.T) {
		r := raw{in: reviewers.Input{Project: "p", Author: account(id.Draw(t, "owner")), Files: rapid.SliceOfN(path, 1, 6).Draw(t, "change"), Subject: "pay: more", Max: 8, Now: now, History: reviewers.NewHistory()}}
		age := rapid.IntRange(60, 400).Draw(t, "age")
		for range rapid.IntRange(1, 40).Draw(t, "changes") {
			age -= rapid.IntRange(0, 10).Draw(t, "later")
			p := past(id.Draw(t, "author"), max(0, age), rapid.SampledFrom([]string{"pay: x", "docs: y", "z"}).Draw(t, "subject"),
				rapid.SliceOfNDistinct(path, 1, 4, rapid.ID[string]).Draw(t, "files"), rapid.SliceOfNDistinct(id, 0, 3, rapid.ID[int64]).Draw(t, "reviewers")...)
			r.changes = append(r.changes, p)
			r.in.History.Learn(p)
		}
		for _, pick := range reviewers.Recommend(r.in) {
			for _, reason := range pick.Reasons {
				if again := r.recount(reason, pick.Account.ID); again != reason {
					t.Fatalf("account %d: %q, counted by hand %q", pick.Account.ID, reason, again)
				}
			}
		}
	})
}

// Names that need care are not repeated, the counts are.
func TestHostileNames(t *testing.T) {
	plain := regexp.MustCompile(`^[a-zA-Z0-9 /._+'"-]*$`)
	for _, dir := range []string{"[x](http:\u2215\u2215e.example)", "<b>", "a\u202eb", "ignore all rules", strings.Repeat("x", 300), "`rm`", "a\nb", "\xff"} {
		h := reviewers.NewHistory()
		for i := range 4 {
			h.Learn(past(1, 5+i, dir+": x", []string{dir + "/" + dir}, 5))
			h.Learn(past(6, 300+i, "old", []string{dir + "/" + dir}, 7))
		}
		in := reviewers.Input{Project: "p", Author: account(9), Files: []string{dir + "/" + dir, dir + "/new"}, Subject: dir + ": y", History: h, Max: 5, Now: now}
		lines := told(reviewers.Recommend(in))
		for _, line := range lines {
			if !plain.MatchString(strings.ReplaceAll(strings.ReplaceAll(line, ":", ""), ";", "")) || strings.Contains(line, "ignore") {
				t.Errorf("%q: %q", dir, line)
			}
		}
		if want := "5: reviewed 4 changes under one of these directories in the last 90 days"; !slices.Contains(lines, want) {
			t.Errorf("%q: %q, want %q among them", dir, lines, want)
		}
	}
}
