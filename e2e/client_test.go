// SPDX-License-Identifier: Apache-2.0

//go:build e2e

package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"review-assistant/e2e/rig"
	"review-assistant/gerrit"
	"review-assistant/review"
)

// clientOf opens our client as the account.
func clientOf(t *testing.T, a rig.Account) *gerrit.Client {
	t.Helper()
	file := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(file, []byte(a.Password+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := gerrit.Open(gerrit.Options{ID: "main", URL: server.URL, Username: a.Username, PasswordFile: file, ConfigAge: time.Nanosecond})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func idOf(c *rig.Change) review.ChangeID {
	return review.ChangeID{Host: "main", Project: c.Project.Name, Number: c.Number}
}

// render writes a patch the short way: one line a file, then its lines.
func render(p review.Patch) string {
	var b strings.Builder
	for _, f := range p.Files {
		fmt.Fprintf(&b, "%s %s", f.Status, f.Path)
		if f.OldPath != "" {
			fmt.Fprintf(&b, " from %s", f.OldPath)
		}
		if f.Skip != "" {
			fmt.Fprintf(&b, " (%s)", f.Skip)
		}
		b.WriteByte('\n')
		for _, h := range f.Hunks {
			for _, l := range h.Lines {
				fmt.Fprintf(&b, "  %c%s\n", l.Op, l.Text)
			}
		}
	}
	return b.String()
}

func TestClientReadsPatches(t *testing.T) {
	s := server.Scene(t)
	ann, client := s.Person("ann"), clientOf(t, s.Bot("helper"))
	p := s.Project()
	base := p.Commit(rig.Push{Message: "Begin", Files: rig.Files{
		"old.txt": strings.Repeat("stays\n", 8), "gone.txt": "gone\n", "edit.txt": "one\ntwo\n",
	}})
	merged := p.Commit(rig.Push{Message: "Main moves on", Files: rig.Files{"main.txt": "main\n"}})
	side := p.Commit(rig.Push{Message: "Branch off", Branch: "refs/heads/side", Parent: base, Files: rig.Files{"side.txt": "side\n"}})

	everything := rig.Push{
		Parent: base,
		Files: rig.Files{
			"crlf.txt": "a\r\nb\r\n", "edit.txt": "one\n2\n", "empty.txt": "", "logo.png": "\x89PNG\x00\x01\x02", "no eol.txt": "end",
			"big.txt": strings.Repeat("0123456789\n", 5000),
		},
		Executable: rig.Files{"run.sh": "#!/bin/sh\n"},
		Symlinks:   rig.Files{"link": "run.sh"},
		Submodules: map[string]string{"sub": strings.Repeat("1", 40)},
		Renames:    map[string]string{"old.txt": "new.txt"},
		Removes:    []string{"gone.txt"},
	}
	const wantEverything = `added big.txt (excluded by the project)
added crlf.txt
  +a
  +b
modified edit.txt
   one
  -two
  +2
added empty.txt
deleted gone.txt
  -gone
added link
  +run.sh
added logo.png (binary)
renamed new.txt from old.txt
added no eol.txt
  +end
added run.sh
  +#!/bin/sh
added sub
  +Subproject commit 1111111111111111111111111111111111111111
`
	plain, forging := everything, everything
	plain.Message = "Everything"
	forging.Message = "Everything\n\ndiff --git a/forged b/forged\n--- a/forged\n+++ b/forged\n@@ -0,0 +1 @@\n+forged"

	for _, tt := range []struct {
		name string
		push rig.Push
		want string
	}{
		{"everything", plain, wantEverything},
		{"message that forges a diff", forging, wantEverything},
		{"merge", rig.Push{Message: "Merge side", Parent: merged, Merge: side, Files: rig.Files{"side.txt": "side\n"}}, "added side.txt\n  +side\n"},
		{"nothing", rig.Push{Message: "Nothing at all"}, ""},
		{"submodule alone", rig.Push{Message: "Sub", Submodules: map[string]string{"sub": strings.Repeat("2", 40)}}, "added sub\n  +Subproject commit " + strings.Repeat("2", 40) + "\n"},
		{"latin-1", rig.Push{Message: "Latin", Files: rig.Files{"latin1.txt": "caf\xe9\r\n"}}, "added latin1.txt\n  +café\n"},
		{"latin-1 by its diff", rig.Push{Message: "Latin\n\n--- by diff", Files: rig.Files{"latin1.txt": "caf\xe9\r\n"}}, "added latin1.txt\n  +café\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := p.Push(ann, tt.push)
			change, err := client.Change(t.Context(), idOf(c))
			if err != nil {
				t.Fatal(err)
			}
			got, err := client.Patch(t.Context(), change, change.Current(), func(f review.File) review.Skip {
				if f.Path == "big.txt" {
					return review.SkipExcluded
				}
				return ""
			})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, render(got)); diff != "" {
				t.Errorf("patch (-want +got):\n%s", diff)
			}
			if want := tt.push.Merge != ""; got.Merge != want {
				t.Errorf("Merge is %v, want %v", got.Merge, want)
			}
		})
	}
}

func TestClientReadsChangeAndPosts(t *testing.T) {
	s := server.Scene(t)
	ann, bob, bot := s.Person("ann"), s.Person("bob"), s.Bot("helper")
	client := clientOf(t, bot)
	p := s.Project()
	c := p.Push(ann, rig.Push{Message: "Retry payments", Topic: "pay", Hashtags: []string{"money"}, Files: rig.Files{"pay.go": "package pay\n"}})
	c.Amend(ann, rig.Push{Files: rig.Files{"pay.go": "package pay // 2\n"}})
	c.Vote(bob, "Code-Review", 1)

	got, err := client.Change(t.Context(), idOf(c))
	if err != nil {
		t.Fatal(err)
	}
	switch {
	case got.Owner.Username != "ann", got.Topic != "pay", !got.HasHashtag("money"), got.Status != review.StatusNew, got.Branch != "main":
		t.Errorf("change is %+v", got)
	case len(got.PatchSets) != 2 || got.Current().Kind != review.KindRework || got.Current().Revision != c.Revision():
		t.Errorf("patch sets are %+v", got.PatchSets)
	case len(got.Votes) != 1 || got.Votes[0].Account.ID != bob.ID || got.Votes[0].Value != 1:
		t.Errorf("votes are %+v", got.Votes)
	case len(got.MayVote) != 0 || len(slices.DeleteFunc(got.Actions, func(a string) bool { return a == "followup" })) != 0:
		t.Errorf("the bot may vote on %v and do %v", got.MayVote, got.Actions)
	}

	comment := review.Comment{Kind: review.PostSummary, Revision: got.Current().Revision, PatchSet: 2, Message: "What changes\n- É & <b>"}
	if _, err := client.Post(t.Context(), idOf(c), comment); err != nil {
		t.Fatal(err)
	}
	posts := c.CommentsBy(bot)
	if len(posts) != 1 || posts[0].Path != "/PATCHSET_LEVEL" || posts[0].Text != comment.Message || posts[0].Unresolved || posts[0].PatchSet != 2 {
		t.Errorf("comments of the bot are %+v", posts)
	}
	messages := c.MessagesBy(bot)
	if len(messages) != 1 || messages[0].Tag != review.PostSummary.Tag() || messages[0].PatchSet != 2 {
		t.Errorf("messages of the bot are %+v", messages)
	}

	self, err := client.Self(t.Context())
	if err != nil || self.ID != bot.ID || !self.Service {
		t.Errorf("Self is %+v, %v", self, err)
	}
	if err := client.AddReviewer(t.Context(), idOf(c), review.Account{ID: s.Person("cem").ID}, true); err != nil {
		t.Error(err)
	}
	if got := c.Detail().Reviewers["CC"]; !slices.ContainsFunc(got, func(a rig.Account) bool { return a.Username == "cem" }) {
		t.Errorf("CCs are %+v, want cem among them", got)
	}

	gone := s.Person("left-the-company")
	s.SetActive(gone, false)
	if got, err := client.Accounts(t.Context(), []int64{gone.ID, bot.ID}); err != nil || len(got) != 2 || !got[gone.ID].Inactive || got[bot.ID].Inactive || !got[bot.ID].Service {
		t.Errorf("accounts are %+v, %v; want an inactive one and a service user", got, err)
	}

	comment.Message = strings.Repeat("x", 17_000)
	if _, err := client.Post(t.Context(), idOf(c), comment); err == nil {
		t.Error("a comment of 17,000 characters was taken")
	}
	comment.Message = "late"
	c.SetPrivate(ann)
	// A reviewer sees a private change; the bot is only CC by its comment.
	c.RemoveReviewer(ann, bot)
	if _, err := client.Change(t.Context(), idOf(c)); !review.IsGone(err) {
		t.Errorf("a private change answers %v, want gone", err)
	}
	if _, err := client.Post(t.Context(), idOf(c), comment); !review.IsGone(err) {
		t.Errorf("a post on a private change answers %v, want gone", err)
	}
	s.SetActive(bot, false)
	defer s.SetActive(bot, true)
	if _, err := client.Change(t.Context(), idOf(c)); !review.IsDenied(err) {
		t.Errorf("an account that is off gets %v, want denied", err)
	}
}

func TestClientReadsConfiguration(t *testing.T) {
	s := server.Scene(t)
	client := clientOf(t, s.Bot("helper"))
	parent := s.Project()
	child := s.ChildOf(parent)
	states := func() string {
		t.Helper()
		chain, err := client.ConfigChain(t.Context(), child.Name)
		if err != nil {
			t.Fatal(err)
		}
		var out []string
		for _, f := range chain {
			out = append(out, string(f.State))
		}
		return strings.Join(out, " ")
	}
	if got := states(); got != "no-access no-access no-access" {
		t.Errorf("without rights the chain is %q", got)
	}
	s.Grant(child.Name, "refs/meta/config", "read", rig.BotGroup, rig.Allow)
	client.Forget(child.Name)
	if got := states(); got != "absent no-access no-access" {
		t.Errorf("with read access the chain is %q", got)
	}
	parent.OptIn("[review-assistant]\n\tmode = shadow\n")
	child.Configure(rig.Files{rig.ConfigFile: "[review-assistant]\n\tmode = on\n"})
	client.Forget(child.Name)
	client.Forget(parent.Name)
	if got := states(); got != "found found no-access" {
		t.Errorf("after the opt-in the chain is %q", got)
	}
	chain, err := client.ConfigChain(t.Context(), child.Name)
	if err != nil || string(chain[0].Body) != "[review-assistant]\n\tmode = on\n" {
		t.Errorf("the file is %q, %v", chain[0].Body, err)
	}
	at, err := client.CommitTime(t.Context(), child.Name, chain[0].Revision)
	if since := time.Since(at); err != nil || since < -time.Minute || since > time.Hour {
		t.Errorf("the file is of %v, %v", at, err)
	}

	lint := child.Push(s.Gerrit.Admin, rig.Push{Message: "Opt out", Branch: "refs/meta/config", Files: rig.Files{rig.ConfigFile: "[review-assistant]\n"}})
	file, err := client.ConfigAt(t.Context(), idOf(lint), lint.Revision(), rig.ConfigFile)
	if err != nil || string(file.Body) != "[review-assistant]\n" {
		t.Errorf("the file under review is %q, %v", file.Body, err)
	}
}

func TestClientFindsPeopleAndChanges(t *testing.T) {
	s := server.Scene(t)
	ann, bob, bot := s.Person("ann"), s.Person("bob"), s.Bot("helper")
	client := clientOf(t, bot)
	p := s.Project()
	began := time.Now().Add(-time.Minute)

	people, err := client.Resolve(t.Context(), []review.Person{{Username: "ann"}, {Email: "bob@example.com"}, {Username: "nobody"}})
	if err != nil || people[0].Account.ID != ann.ID || people[1].Account.ID != bob.ID || people[2].Account.ID != 0 {
		t.Errorf("people are %+v, %v", people, err)
	}
	c := p.Push(ann, rig.Push{Message: "Secret", Private: true, Reviewers: []rig.Account{bot}, Files: rig.Files{"a": "a\n"}})
	some := []review.Account{{ID: ann.ID}, {ID: bob.ID}, {ID: 4242424}}
	if got, err := client.CanSee(t.Context(), idOf(c), some); err != nil || len(got) != 1 || got[0].ID != ann.ID {
		t.Errorf("CanSee is %+v, %v, want ann alone", got, err)
	}
	if got, err := client.CanSee(t.Context(), idOf(p.Push(ann, rig.Push{Message: "Open", Files: rig.Files{"a": "a\n"}})), some[:2]); err != nil || len(got) != 2 {
		t.Errorf("CanSee is %+v, %v, want ann and bob", got, err)
	}
	s.Group("Robots", bob)
	for id, want := range map[int64]bool{bob.ID: true, ann.ID: false} {
		if got, err := client.InGroup(t.Context(), "Robots", review.Account{ID: id}); err != nil || got != want {
			t.Errorf("InGroup of %d is %v, %v, want %v", id, got, err, want)
		}
	}

	for i := range 5 {
		p.Push(ann, rig.Push{Message: fmt.Sprintf("Change %d", i), WIP: i == 0, Files: rig.Files{"a": fmt.Sprint(i)}})
	}
	ours := 0
	for stub, err := range client.Recent(t.Context(), began) {
		if err != nil {
			t.Fatal(err)
		}
		if stub.ID.Project == p.Name {
			ours++
		}
	}
	if ours != 7 {
		t.Errorf("Recent yields %d changes of the project, want 7", ours)
	}
	if v, err := client.Version(t.Context()); v != server.Version {
		t.Errorf("Version is %q, %v, want %q", v, err, server.Version)
	}
	if got, err := client.Capabilities(t.Context()); err != nil || slices.Contains(got, "administrateServer") {
		t.Errorf("capabilities of the bot are %v, %v", got, err)
	}
}
