// SPDX-License-Identifier: Apache-2.0

package bot

import (
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"review-assistant/audit"
	"review-assistant/review"
	"review-assistant/scrub"
)

// token returns the n-th made-up token whose checksum holds. It is made at run
// time, so that no scanner finds one in the source.
func token(n int) string {
	const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	body, seed := "", uint64(n)*0x9E3779B97F4A7C15+12345
	for range 30 {
		seed = seed*6364136223846793005 + 1442695040888963407
		body += string(digits[(seed>>33)%62])
	}
	sum, tail := crc32.ChecksumIEEE([]byte(body)), ""
	for range 6 {
		tail, sum = string(digits[sum%62])+tail, sum/62
	}
	return "gh" + "p_" + body + tail
}

// leaky is a patch whose file has the lines, all new.
func leaky(path string, lines ...string) review.Patch {
	h := review.Hunk{NewStart: 1, NewLines: len(lines)}
	for _, l := range lines {
		h.Lines = append(h.Lines, review.Line{Op: review.OpAdd, Text: l})
	}
	return review.Patch{Files: []review.File{{Path: path, Status: review.FileAdded, Mode: 0o100644, Added: len(lines), Hunks: []review.Hunk{h}}}}
}

// again pushes the next patch set of change 7, a minute later.
func (w *world) again(p review.Patch) {
	w.now = w.now.Add(time.Minute)
	w.push("pay", 7, review.KindRework, p)
	w.drain()
}

func (w *world) wantTold(n int) {
	w.t.Helper()
	if len(w.told) != n {
		w.t.Fatalf("%d posts about secrets, want %d: %+v", len(w.told), n, w.told)
	}
}

// outcomeOfLeaks returns what is recorded of the secrets of a patch set.
func (w *world) outcomeOfLeaks(ps int) review.Outcome {
	for _, o := range w.outcomes {
		if o.Kind == review.PostSecrets && o.PatchSet == ps {
			return o
		}
	}
	return review.Outcome{}
}

// spotless fails when a value, or a good part of it, stands in anything that
// the bot wrote or kept.
func (w *world) spotless(values ...string) {
	w.t.Helper()
	all := fmt.Sprintf("%+v %+v %+v %+v %+v %+v", w.posts, w.told, w.log, w.outcomes, w.settings, w.texts)
	for _, v := range values {
		for _, part := range []string{v, v[4:16], v[len(v)-12:]} {
			if strings.Contains(all, part) {
				w.t.Errorf("a part of a value stands in what the bot wrote: %.6s…", part)
			}
		}
	}
}

func TestTellsTheAuthor(t *testing.T) {
	w := newWorld(t, &scripted{answers: []string{goodAnswer}})
	told := map[string]int{}
	w.b.opts.Observe.Told = func(kind string, n int) { told[kind] += n }
	w.optIn("pay", "")
	secret := token(1)
	p := payments(planted) // entropy and names are told nobody
	p.Files = append(p.Files, leaky("pay/conf.go", "package pay", `const key = "`+secret+`"`, `const same = "`+secret+`"`).Files...)
	c := w.push("pay", 7, review.KindRework, p)
	w.drain()
	w.wantTold(1)
	w.wantPosts(1)
	got := w.told[0]
	if got.Kind != review.PostSecrets || got.Notify != review.NotifyOwner || got.Message != "" || got.Revision != c.Current().Revision || got.PatchSet != 1 || len(got.Inline) != 1 {
		t.Fatalf("post = %+v", got)
	}
	l := got.Inline[0]
	if l.Path != "pay/conf.go" || l.Line != 2 || !l.Unresolved || !strings.Contains(l.Message, "GitHub token") || !strings.Contains(l.Message, "Audit a0") {
		t.Errorf("on the line: %+v", l)
	}
	if o := w.outcomeOfLeaks(1); o.Verdict != review.VerdictPosted || o.Audit == "" {
		t.Errorf("outcome %+v", o)
	}
	var intents []audit.Entry
	for _, e := range w.log {
		if e.Action == audit.ActionPost && e.Result == audit.ResultIntent {
			intents = append(intents, e)
		}
	}
	if d := cmp.Diff([]string{"told github-token 1"}, intents[0].Why.Evidence); d != "" || len(intents) != 2 {
		t.Errorf("%d intents; evidence (-want +got):\n%s", len(intents), d)
	}
	if told["github-token"] != 1 || len(told) != 1 {
		t.Errorf("counted %v", told)
	}
	w.spotless(secret, planted)
}

func TestToldOncePerSecret(t *testing.T) {
	w := newWorld(t, nil)
	w.optIn("pay", "")
	first, second := token(1), token(2)
	w.push("pay", 7, review.KindRework, leaky("a.go", `k = "`+first+`"`))
	w.drain()
	w.wantTold(1)
	// In another line, in another file, on its own or among others.
	w.again(leaky("a.go", "moved", `k = "`+first+`"`))
	w.again(leaky("b.go", "token: "+first))
	w.wantTold(1)
	if o := w.outcomeOfLeaks(3); o.Reason != "" {
		t.Errorf("patch set 3 has an outcome that nothing needs: %+v", o)
	}
	w.again(leaky("b.go", "token: "+first, "token: "+second))
	w.wantTold(2)
	if l := w.told[1].Inline; len(l) != 1 || l[0].Line != 2 {
		t.Errorf("told %+v", l)
	}
	// A store that was wiped knows nothing; the comments do.
	clear(w.settings)
	w.outcomes = nil
	w.again(leaky("c.go", first, second))
	w.wantTold(2)
	// Neither does a comment come back that an administrator removed.
	w.again(leaky("c.go", first, second))
	w.remarks, w.changes[w.outcomes[0].Change].Messages = map[review.ChangeID][]review.Remark{}, nil
	w.settings[toldKey(w.outcomes[0].Change)] = markOf(w.fingerprint(first)) + "@7 " + markOf(w.fingerprint(second)) + "@7"
	w.again(leaky("d.go", first, second))
	w.wantTold(2)
}

func (w *world) fingerprint(value string) string {
	w.t.Helper()
	s, err := w.b.scrubs.of(&Policy{})
	if err != nil {
		w.t.Fatal(err)
	}
	return s.Fingerprint(value)
}

// TestWhenSecretsAreTold tells when, and when not, beside what the summary does.
func TestWhenSecretsAreTold(t *testing.T) {
	leak := leaky("conf.txt", "token: "+token(3))
	for _, tc := range []struct {
		name   string
		config string
		setup  func(w *world, c *review.Change)
		patch  *review.Patch
		told   int
		posts  int
	}{
		{name: "on", told: 1, posts: 1},
		{name: "switched off", config: "[scrub]\ncomment = false\n", posts: 1},
		{name: "no summaries", config: "[summary]\nenabled = false\n", told: 1},
		{name: "neither", config: "[summary]\nenabled = false\n[scrub]\ncomment = false\n"},
		{name: "models forbidden", config: "[scrub]\nnoModelPath = conf.txt\n", told: 1, posts: 1},
		{name: "a file that is not read", config: "[scrub]\nsensitivePath = conf.txt\n", posts: 1},
		{name: "shadow", config: "mode = shadow\n"},
		{name: "muted", setup: func(_ *world, c *review.Change) { c.Hashtags = []string{review.MuteHashtag} }},
		{name: "private", setup: func(_ *world, c *review.Change) { c.Private, c.Reviewers = true, []review.Account{self} }},
		{name: "work in progress", setup: func(_ *world, c *review.Change) { c.WIP = true }},
		{name: "backlog", setup: func(w *world, c *review.Change) { c.PatchSets[0].Created = w.now.Add(-48 * time.Hour) }},
		{name: "seen by a person", setup: func(_ *world, c *review.Change) {
			c.Messages = []review.Message{{Author: carol, PatchSet: 1}}
		}},
		{name: "excluded owner", config: "excludeOwner = ldap/robots\n", setup: func(_ *world, c *review.Change) { c.Owner = robot }},
		{name: "the account may vote", setup: func(_ *world, c *review.Change) { c.MayVote = []string{"Verified"} }},
		{name: "no key", setup: func(w *world, _ *review.Change) { w.b.opts.ValueKey = nil }, posts: 1},
		{name: "a summary of an older version stands", setup: func(_ *world, c *review.Change) { c.Messages = []review.Message{ours(1)} }},
		{name: "in the message alone", patch: new(leaky("conf.txt", "nothing")), setup: func(_ *world, c *review.Change) { c.Message = "x\n\n" + token(3) }, posts: 1},
		{name: "in a removed line", patch: &review.Patch{Files: []review.File{{Path: "conf.txt", Mode: 0o100644, Removed: 1, Hunks: []review.Hunk{{OldStart: 1, OldLines: 1, Lines: []review.Line{{Op: review.OpRemove, Text: token(3)}}}}}}}, posts: 1},
		{name: "in a path", patch: new(leaky(token(3)+"/x.txt", "token: "+token(3))), posts: 1},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := newWorld(t, nil)
			w.optIn("pay", tc.config)
			p := leak
			if tc.patch != nil {
				p = *tc.patch
			}
			c := w.push("pay", 7, review.KindRework, p)
			if tc.setup != nil {
				tc.setup(w, c)
			}
			for range 3 {
				w.drain()
				w.event("patchset-created", c.ID, 1)
			}
			w.drain()
			w.wantTold(tc.told)
			if tc.posts != len(w.posts) {
				t.Errorf("%d summaries, want %d: %+v", len(w.posts), tc.posts, w.posts)
			}
			w.spotless(token(3))
		})
	}
}

// TestFailedTelling lets posts about secrets fail: the summary comes all the
// same, and the author is told once.
func TestFailedTelling(t *testing.T) {
	retry := func(what string) error { return &review.RetryError{Err: errors.New(what)} }
	refused := errors.New("HTTP 400")
	for _, tc := range []struct {
		name string
		fail map[string][]error
	}{
		{"503 three times", map[string][]error{"post": {retry("HTTP 503"), nil, retry("HTTP 503"), retry("HTTP 503")}}},
		{"400, then fine", map[string][]error{"post": {refused}}},
		{"500 that did commit", map[string][]error{"post": {retry("HTTP 500 but committed")}}},
		{"500 that did commit and a failed look", map[string][]error{"post": {retry("committed")}, "change": {nil, nil, retry("HTTP 503")}}},
		{"late", map[string][]error{"post": {retry("timeout, late")}}},
		{"the summary fails", map[string][]error{"post": {nil, retry("HTTP 503")}}},
		{"both fail", map[string][]error{"post": {retry("HTTP 503"), retry("timeout, late"), retry("HTTP 503")}}},
		{"not remembered", map[string][]error{"remember": {errors.New("disk full")}}},
		{"not recorded", map[string][]error{"record": {errors.New("disk full"), errors.New("disk full")}}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := newWorld(t, nil)
			w.optIn("pay", "")
			for name, errs := range tc.fail {
				w.fail[name] = errs
			}
			p := payments(planted)
			p.Files = append(p.Files, leaky("conf.txt", "token: "+token(4)).Files...)
			c := w.push("pay", 7, review.KindRework, p)
			w.step()
			w.event("reviewer-added", c.ID, 1)
			w.drain()
			w.wantTold(1)
			w.wantPosts(1)
			if o := w.outcomeOfLeaks(1); o.Verdict != review.VerdictPosted {
				t.Errorf("secrets: %+v", o)
			}
			if o := w.last(c, 1); o.Verdict != review.VerdictPosted {
				t.Errorf("summary: %+v", o)
			}
			w.again(p)
			w.wantTold(1)
		})
	}
}

// TestOpenTellingEnds has a telling fail and the next patch set without the leak.
func TestOpenTellingEnds(t *testing.T) {
	w := newWorld(t, nil)
	w.optIn("pay", "")
	w.fail["post"] = []error{errors.New("HTTP 400")}
	c := w.push("pay", 7, review.KindRework, leaky("conf.txt", "token: "+token(16)))
	w.step()
	w.wantTold(0)
	w.again(leaky("conf.txt", "token: from the vault"))
	w.wantTold(0)
	if o := w.outcomeOfLeaks(2); o.Reason != ReasonNothing {
		t.Errorf("patch set 2: %+v", o)
	}
	calls := w.calls
	w.event("patchset-created", c.ID, 2)
	w.drain()
	if n := w.calls - calls; n > 3 {
		t.Errorf("%d calls for a hint when all is said", n)
	}
}

// TestRefusedTelling has Gerrit refuse the post about secrets for good.
func TestRefusedTelling(t *testing.T) {
	m := &scripted{answers: []string{goodAnswer}}
	w := newWorld(t, m)
	w.optIn("pay", "")
	p := payments(planted)
	p.Files = append(p.Files, leaky("conf.txt", "token: "+token(5)).Files...)
	c := w.push("pay", 7, review.KindRework, p)
	w.fail["post"] = []error{errors.New("HTTP 400"), nil}
	for range 20 {
		w.fail["post"] = append(w.fail["post"], errors.New("HTTP 400"))
		w.step()
	}
	w.wantTold(0)
	w.wantPosts(1)
	if len(m.prompts) != 1 || w.outcomeOfLeaks(1).Reason != ReasonOpen || w.last(c, 1).Verdict != review.VerdictPosted {
		t.Errorf("%d model calls, outcomes %+v", len(m.prompts), w.outcomes)
	}
	// It stops with the change.
	c.Status = review.StatusAbandoned
	w.drain()
	w.wantTold(0)
}

// TestMovedBeforeTelling lets the world move between the read and the post
// about secrets: nothing is told, and no model reads what is not ours any more.
func TestMovedBeforeTelling(t *testing.T) {
	for _, tc := range []struct {
		name   string
		move   func(w *world, c *review.Change)
		reason string
	}{
		{"private", func(_ *world, c *review.Change) { c.Private, c.Reviewers = true, []review.Account{self} }, ReasonPrivate},
		{"muted", func(_ *world, c *review.Change) { c.Hashtags = []string{review.MuteHashtag} }, ReasonMuted},
		{"opted out", func(w *world, _ *review.Change) { delete(w.configs, "pay") }, "project-off:no-file"},
		{"may vote", func(_ *world, c *review.Change) { c.MayVote = []string{"Verified"} }, ReasonMayVote},
		{"gone", func(w *world, c *review.Change) { delete(w.changes, c.ID) }, ReasonGone},
		{"posts stopped", func(w *world, c *review.Change) {
			w.controls = []review.Control{{Scope: ScopePosts}}
			w.now = w.now.Add(time.Minute)
			c.Status = review.StatusAbandoned
		}, ReasonClosed},
	} {
		t.Run(tc.name, func(t *testing.T) {
			m := &scripted{answers: []string{goodAnswer}}
			w := newWorld(t, m)
			w.optIn("pay", "")
			c := w.push("pay", 7, review.KindRework, leaky("a.txt", "token: "+token(14)))
			w.before["patch"] = func() { tc.move(w, c) }
			w.drain()
			w.wantTold(0)
			w.wantPosts(0)
			if o := w.last(c, 1); o.Reason != tc.reason || len(m.prompts) != 0 {
				t.Errorf("reason %q, want %q; %d model calls", o.Reason, tc.reason, len(m.prompts))
			}
		})
	}
	w := newWorld(t, nil)
	w.optIn("pay", "")
	c := w.push("pay", 7, review.KindRework, leaky("a.txt", "token: "+token(14)))
	w.before["patch"] = func() { w.push("pay", 7, review.KindRework, leaky("b.txt", "token: "+token(14))) }
	w.drain()
	w.wantTold(1)
	w.wantPosts(1)
	if got := w.told[0]; got.Revision != c.Current().Revision || got.PatchSet != 2 || got.Inline[0].Path != "b.txt" {
		t.Errorf("told %+v", got)
	}
}

// TestStoppedPosts waits with everything while an operator holds posts.
func TestStoppedPosts(t *testing.T) {
	w := newWorld(t, nil)
	w.optIn("pay", "")
	w.push("pay", 7, review.KindRework, leaky("a.txt", "token: "+token(15)))
	w.controls = []review.Control{{Scope: ScopePosts}}
	w.step()
	w.wantTold(0)
	w.wantPosts(0)
	w.controls = nil
	w.drain()
	w.wantTold(1)
	w.wantPosts(1)
}

func TestManyLeaks(t *testing.T) {
	w := newWorld(t, nil)
	w.optIn("pay", "")
	var lines []string
	for i := range maxTold + 2 {
		lines = append(lines, "token: "+token(100+i))
	}
	w.push("pay", 7, review.KindRework, leaky("conf.txt", lines...))
	w.drain()
	w.wantTold(1)
	if got := w.told[0]; len(got.Inline) != maxTold || !strings.HasPrefix(got.Message, "2 more leaked secrets stand") {
		t.Errorf("%d lines, %q", len(got.Inline), got.Message)
	}
	w.again(leaky("conf.txt", lines...))
	w.wantTold(2)
	if got := w.told[1]; len(got.Inline) != 2 || got.Message != "" {
		t.Errorf("%d lines, %q", len(got.Inline), got.Message)
	}
	w.again(leaky("conf.txt", lines...))
	w.wantTold(2)
}

func TestNotASecret(t *testing.T) {
	for _, tc := range []struct {
		name string
		by   review.Account
		text string
		told int // in the next change
	}{
		{"owner", alice, "Not a secret: an example from the docs.", 1},
		{"reviewer", carol, "Looked it up. It's not a secret.", 1},
		{"somebody else", review.Account{ID: 77, Name: "Eve"}, "Not a secret.", 2},
		{"a robot", robot, "Not a secret.", 2},
		{"ourselves", self, "Not a secret.", 2},
		{"another answer", alice, "Rotated, thanks.", 2},
	} {
		t.Run(tc.name, func(t *testing.T) {
			m := &scripted{answers: []string{goodAnswer}}
			w := newWorld(t, m)
			w.optIn("pay", "")
			w.optIn("other", "")
			secret := token(6)
			c := w.push("pay", 7, review.KindRework, leaky("a.txt", "token: "+secret))
			w.drain()
			w.wantTold(1)
			c.Reviewers = []review.Account{carol, robot}
			w.answer(c, tc.by, tc.text)
			c.Status = review.StatusMerged
			w.push("pay", 8, review.KindRework, leaky("b.txt", "token: "+secret))
			w.drain()
			w.wantTold(tc.told)
			// It is remembered, whatever becomes of the comment.
			delete(w.remarks, c.ID)
			delete(w.changes, c.ID)
			w.push("pay", 9, review.KindRework, leaky("c.txt", "token: "+secret))
			w.drain()
			if tc.told == 1 {
				w.wantTold(1)
			}
			// Another project decides for itself.
			before := len(w.told)
			w.push("other", 10, review.KindRework, leaky("c.txt", "token: "+secret))
			w.drain()
			w.wantTold(before + 1)
			var silenced []audit.Entry
			for _, e := range w.log {
				if e.Action == audit.ActionSilence {
					silenced = append(silenced, e)
				}
			}
			if (len(silenced) == 1) != (tc.told == 1) || len(silenced) > 1 {
				t.Fatalf("silenced: %+v", silenced)
			}
			for _, e := range silenced {
				if e.Actor.GerritID != tc.by.ID || e.Object.Change != 7 || !strings.Contains(strings.Join(e.Why.Evidence, " "), "2026-05-04T12:") {
					t.Errorf("entry %+v", e)
				}
			}
			for _, p := range m.prompts {
				if strings.Contains(p, secret) {
					t.Error("a silenced value reached a model")
				}
			}
			w.spotless(secret)
		})
	}
}

// TestAllowedValues checks what the scrubber is told of a project's list.
func TestAllowedValues(t *testing.T) {
	w := newWorld(t, nil)
	hash := w.fingerprint(token(7))
	w.optIn("pay", "[scrub]\nallow = "+hash+"\n")
	var got []scrub.Options
	w.b.scrubs.compile = func(o scrub.Options) (*scrub.Scrubber, error) {
		got = append(got, o)
		return scrub.New(o)
	}
	w.push("pay", 7, review.KindRework, leaky("a.txt", "nothing"))
	w.drain()
	if len(got) == 0 || !slices.Equal(got[0].Allow, []string{hash}) || len(got[0].Key) == 0 {
		t.Errorf("options %+v", got)
	}
	w.b.scrubs.key = nil
	if _, err := w.b.scrubs.of(&Policy{Patterns: []string{"x"}, Allow: []string{hash}}); err != nil || got[len(got)-1].Allow != nil {
		t.Errorf("without a key nothing may be allowed: %+v, %v", got[len(got)-1].Allow, err)
	}
}

// TestAnswersCostNothing counts the calls of changes in which nothing leaked.
func TestAnswersCostNothing(t *testing.T) {
	w := newWorld(t, nil)
	w.optIn("pay", "")
	w.push("pay", 7, review.KindRework, leaky("a.txt", "token: "+token(9)))
	w.drain()
	asked := 0
	count := func() { asked++ }
	w.before["comments"] = count
	for n := 8; n < 12; n++ {
		w.push("pay", n, review.KindRework, payments(planted))
		w.push("pay", n+10, review.KindRework, leaky("a.txt", "token: "+token(n+10)))
		w.drain()
	}
	if asked != 0 {
		t.Error("comments were read where none of ours could have an answer")
	}
	w.wantTold(5)
}

func TestSaysNoSecret(t *testing.T) {
	for text, want := range map[string]bool{
		"not a secret":                                     true,
		"Not a secret.":                                    true,
		"NOT A SECRET, it is public":                       true,
		"not a secret because it expired in 2019":          true,
		"It's not a secret":                                true,
		"This is not a secret!":                            true,
		"Checked with ops. Not a secret.":                  true,
		"Hi,\n\nnot a secret\n\nthanks":                    true,
		"\"not a secret\"":                                 true,
		"not a secret?":                                    false,
		"Is this not a secret?":                            false,
		"I am sure that this is not a secretary":           false,
		"not a secretary":                                  false,
		"Why would it be not a secret":                     false,
		"> Answer \"not a secret\": this value\nNo":        false,
		"> Not a secret.\nHow do you know?":                false,
		"> Leaked.\n\nNot a secret.":                       true,
		"Done":                                             false,
		"":                                                 false,
		strings.Repeat("x", maxAnswer) + ". Not a secret.": false,
	} {
		if got := saysNoSecret(text); got != want {
			t.Errorf("saysNoSecret(%.60q) = %v, want %v", text, got, want)
		}
	}
}

func TestAnswersInThreads(t *testing.T) {
	c := fresh()
	mine := review.Remark{ID: "a", Author: self, Tag: review.PostSecrets.Tag(), Text: "x Mark 0123456789ab. Audit 1."}
	forged := review.Remark{ID: "f", Author: carol, Text: "Mark ffffffffffff."}
	remarks := []review.Remark{
		mine, forged,
		{ID: "b", InReplyTo: "a", Author: carol, Text: "Is it?"},
		{ID: "c", InReplyTo: "b", Author: alice, Text: "Not a secret."},
		{ID: "d", InReplyTo: "f", Author: alice, Text: "Not a secret."},
		{ID: "e", Author: alice, Text: "Not a secret."},
		{ID: "x", InReplyTo: "y", Author: alice, Text: "Not a secret."},
		{ID: "y", InReplyTo: "x", Author: alice, Text: "Not a secret."},
	}
	told, got := answers(&c, self, remarks)
	if d := cmp.Diff([]string{"0123456789ab"}, told); d != "" {
		t.Errorf("told (-want +got):\n%s", d)
	}
	if len(got) != 1 || got[0].mark != "0123456789ab" || got[0].by.ID != alice.ID {
		t.Errorf("answers: %+v", got)
	}
}

// TestLeakText shows the texts whole.
func TestLeakText(t *testing.T) {
	s, err := scrub.New(scrub.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		kind string
		sure bool
		want string
	}{
		{"github-token", true, `**Leaked secret: GitHub token.** Its checksum or structure holds.
It is in everybody's fetches of this patch set, and stays in the history of the review when the next patch set removes it.
- Revoke or rotate it: ` + "`https://github.com/settings/tokens`" + `.
- Keep the new one in the secret store.
- Upload a patch set without it.
No secret? Answer "not a secret": this value is not told again in this project.
Computed, no model. Mute: #review-assistant-off. Mark 0123456789ab.`},
		{"private-key", true, `**Leaked secret: Private key.** Nothing else has that form.
It is in everybody's fetches of this patch set, and stays in the history of the review when the next patch set removes it.
- Revoke or rotate it where it was issued.
- Keep the new one in the secret store.
- Upload a patch set without it.
No secret? Answer "not a secret": this value is not told again in this project.
Computed, no model. Mute: #review-assistant-off. Mark 0123456789ab.`},
		{"aws-access-key-id", false, `**Leaked secret: AWS access key ID.** Likely: this line has something in that form.
It is in everybody's fetches of this patch set, and stays in the history of the review when the next patch set removes it.
- Revoke or rotate it: ` + "`https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_access-keys.html`" + `.
- Keep the new one in the secret store.
- Upload a patch set without it.
No secret? Answer "not a secret": this value is not told again in this project.
Computed, no model. Mute: #review-assistant-off. Mark 0123456789ab.`},
	} {
		got, err := leakText(s.Begin(), leak{kind: tc.kind, sure: tc.sure, marks: []string{"0123456789ab"}})
		if d := cmp.Diff(tc.want, got.String()); d != "" || err != nil {
			t.Errorf("%s: %v (-want +got):\n%s", tc.kind, err, d)
		}
		if m := markText.FindStringSubmatch(got.String()); m == nil || m[1] != "0123456789ab" {
			t.Errorf("the mark is not found again in %q", got)
		}
	}
}

// TestEveryKindHasWords seals a comment for every kind that there is.
func TestEveryKindHasWords(t *testing.T) {
	page, err := os.ReadFile("../docs/scrub-rules.md")
	if err != nil {
		t.Fatal(err)
	}
	s, err := scrub.New(scrub.Options{})
	if err != nil {
		t.Fatal(err)
	}
	c := s.Begin()
	kinds := regexp.MustCompile("(?m)^\\| `([a-z0-9-]+)`").FindAllStringSubmatch(string(page), -1)
	if len(kinds) < 100 {
		t.Fatalf("%d kinds are documented", len(kinds))
	}
	for _, k := range kinds {
		text, err := leakText(c, leak{kind: k[1], marks: []string{"0123456789ab"}})
		if err == nil {
			_, err = seal(outgoing{kind: review.PostSecrets, cleaner: c, lines: []onLine{{path: scrub.Lit("a/b.go"), line: 1, text: text}}}, "0a1b2c3d4e5f", review.PatchSet{})
		}
		if err != nil || !strings.Contains(text.String(), kindWords(k[1])+".**") {
			t.Errorf("%s: %v in %s", k[1], err, text)
		}
	}
}

// TestPlaces checks which findings are told, and where.
func TestPlaces(t *testing.T) {
	s, err := scrub.New(scrub.Options{Key: []byte("k")})
	if err != nil {
		t.Fatal(err)
	}
	raw := review.Patch{Files: []review.File{
		{Path: "a.txt", Mode: 0o100644, Hunks: []review.Hunk{{OldStart: 10, OldLines: 3, NewStart: 20, NewLines: 3, Lines: []review.Line{
			{Op: review.OpContext, Text: "token: " + token(11)},
			{Op: review.OpRemove, Text: "token: " + token(12)},
			{Op: review.OpAdd, Text: "token: " + token(13)},
			{Op: review.OpContext, Text: "end"},
		}}}},
		leaky("b.txt", "token: "+token(12), "password = "+planted, "mail ann.example@corp.example.com").Files[0],
	}}
	c := s.Begin()
	clean, err := c.Patch(raw)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, l := range leaks(c.Report().Findings, clean, raw) {
		got = append(got, fmt.Sprintf("%s %s:%d sure=%v", l.kind, l.path, l.line, l.sure))
	}
	if d := cmp.Diff([]string{"github-token a.txt:21 sure=true", "github-token b.txt:1 sure=true"}, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	// A finding that names a line which the patch does not have is not told.
	off := c.Report().Findings
	for i := range off {
		off[i].Line += 40
	}
	if got := leaks(off, clean, raw); len(got) != 0 {
		t.Errorf("told %+v", got)
	}
}
