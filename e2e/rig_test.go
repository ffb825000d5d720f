// SPDX-License-Identifier: Apache-2.0

//go:build e2e

package e2e

import (
	"bytes"
	"encoding/base64"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/redis/go-redis/v9"

	"review-assistant/e2e/rig"
	"review-assistant/gerrit"
)

func TestPushReachesWebhook(t *testing.T) {
	s := server.Scene(t)
	ann, bob := s.Person("ann"), s.Person("bob")
	hooks := s.Hooks()
	p := s.Project()
	p.Webhook(hooks.URL+"/hooks/gerrit/main?token=t0", "patchset-created", "comment-added")

	c := p.Push(ann, rig.Push{Message: "Retry payments", Files: rig.Files{"pay.go": "package pay\n"}})
	h := hooks.Wait("patchset-created", c)
	if got := h.Header.Get("X-Origin-Url"); got != server.URL+"/" {
		t.Errorf("X-Origin-Url is %q, want %q", got, server.URL+"/")
	}
	if h.Query != "token=t0" {
		t.Errorf("query is %q, want token=t0", h.Query)
	}
	if want := []byte(`"project":{"name":"` + p.Name + `"}`); !bytes.Contains(h.Body, want) {
		t.Errorf("body lacks %s: %s", want, h.Body)
	}

	c.Vote(bob, "Code-Review", 1)
	hooks.Wait("comment-added", c)
}

func TestDocumentedRulesLeaveBotHarmless(t *testing.T) {
	s := server.Scene(t)
	ann, bot := s.Person("ann"), s.Bot("helper")
	p := s.Project()
	p.Label("Verified", "Service Users")
	c := p.Push(ann, rig.Push{Message: "Retry payments", Files: rig.Files{"pay.go": "package pay\n"}})

	power := c.PowerOf(bot)
	if len(power.Votes) > 0 {
		t.Errorf("the bot may vote on %v", power.Votes)
	}
	power.Actions = slices.DeleteFunc(power.Actions, func(a string) bool { return a == "followup" })
	if len(power.Actions) > 0 {
		t.Errorf("the bot may %v", power.Actions)
	}
	for _, try := range []struct {
		name, method, path string
		in                 any
	}{
		{"vote", http.MethodPost, c.Path("/revisions/current/review"), rig.M{"labels": rig.M{"Code-Review": 1}}},
		{"reword", http.MethodPut, c.Path("/message"), rig.M{"message": "Mine\n\nChange-Id: " + c.Key + "\n"}},
		{"cherry-pick", http.MethodPost, c.Path("/revisions/current/cherrypick"), rig.M{"message": "Mine", "destination": "main"}},
		{"edit", http.MethodPut, c.Path("/edit/pay.go"), rig.M{"binary_content": "data:text/plain;base64,bWluZQ=="}},
		{"new change", http.MethodPost, "/changes/", rig.M{"project": p.Name, "branch": "main", "subject": "Mine"}},
		{"abandon", http.MethodPost, c.Path("/abandon"), rig.M{}},
	} {
		t.Run(try.name, func(t *testing.T) {
			err := server.Call(t.Context(), bot, try.method, try.path, try.in, nil)
			if got := rig.StatusOf(err); got != http.StatusForbidden {
				t.Errorf("status %d (%v), want 403", got, err)
			}
		})
	}

	c.Comment(bot, "What changes")
	if got := c.MessagesBy(bot); len(got) != 1 {
		t.Errorf("the bot wrote %d messages, want 1", len(got))
	}
	// A service user outside of the group keeps the rights of a person.
	if got := c.PowerOf(s.ServiceUser("ci")).Votes; !slices.Contains(got, "Code-Review") {
		t.Errorf("a plain service user may vote on %v, want Code-Review among them", got)
	}
}

func TestEventsOfEveryVerb(t *testing.T) {
	s := server.Scene(t)
	ann, bob, bot := s.Person("ann"), s.Person("bob"), s.Bot("helper")
	hooks := s.Hooks()
	p := s.Project()
	p.Webhook(hooks.URL)

	c := p.Push(ann, rig.Push{Message: "Retry payments", WIP: true, Reviewers: []rig.Account{bot}, Files: rig.Files{"pay.go": "package pay\n"}})
	hooks.Wait("reviewer-added", c)
	hooks.Wait("patchset-created", c)
	c.SetReady(ann)
	hooks.Wait("wip-state-changed", c)
	c.SetPrivate(ann)
	hooks.Wait("private-state-changed", c)
	c.SetPublic(ann)
	c.AddHashtags(ann, "review-assistant-off")
	hooks.Wait("hashtags-changed", c)
	c.SetTopic(ann, "payments")
	hooks.Wait("topic-changed", c)
	c.CommentOn(bob, "pay.go", 1, "Why here?")
	hooks.Wait("comment-added", c)
	c.AddCC(ann, bob)
	c.RemoveReviewer(ann, bot)
	hooks.Wait("reviewer-deleted", c)
	c.Abandon(ann)
	hooks.Wait("change-abandoned", c)
	c.Restore(ann)
	hooks.Wait("change-restored", c)
	c.Vote(s.Gerrit.Admin, "Code-Review", 2)
	c.Submit(s.Gerrit.Admin)
	hooks.Wait("change-merged", c)

	gone := p.Push(ann, rig.Push{Message: "Drop payments", Files: rig.Files{"gone.go": "package gone\n"}})
	gone.Delete()
	hooks.Wait("change-deleted", gone)

	for _, h := range hooks.All() {
		e, err := gerrit.Decode(h.Body)
		if err != nil || string(e.Type) != h.Type || e.Number != h.Number || e.Project != p.Name {
			t.Errorf("%s is decoded to %+v, %v", h.Body, e, err)
		}
	}
}

func TestKindsOfPatchSet(t *testing.T) {
	s := server.Scene(t)
	ann := s.Person("ann")
	p := s.Project()
	p.Commit(rig.Push{Message: "Begin", Files: rig.Files{"a.txt": "one\n", "b.txt": "one\n"}})
	c := p.Push(ann, rig.Push{Message: "Count on", Files: rig.Files{"a.txt": "two\n"}})

	step := func(want string) {
		t.Helper()
		d := c.Detail()
		if got := d.Revisions[d.Revision].Kind; got != want {
			t.Errorf("patch set %d is of kind %s, want %s", d.Revisions[d.Revision].Number, got, want)
		}
	}
	c.Amend(ann, rig.Push{Files: rig.Files{"a.txt": "three\n"}})
	step("REWORK")
	c.Reword(ann, "Count on and on")
	step("NO_CODE_CHANGE")
	p.Commit(rig.Push{Message: "Elsewhere", Files: rig.Files{"b.txt": "two\n"}})
	c.Rebase(ann)
	step("TRIVIAL_REBASE")
	c.Amend(ann, rig.Push{})
	step("NO_CHANGE")
	if got := c.PatchSet(); got != 5 {
		t.Errorf("the change has %d patch sets, want 5", got)
	}
}

func TestKindsOfFile(t *testing.T) {
	s := server.Scene(t)
	ann := s.Person("ann")
	p := s.Project()
	side := p.Commit(rig.Push{Message: "Begin", Files: rig.Files{
		"old name.txt": strings.Repeat("a line that stays\n", 20), "gone.txt": "gone\n",
	}})

	type file struct {
		Status  string `json:"status"`
		Binary  bool   `json:"binary"`
		OldPath string `json:"old_path"`
		NewMode int    `json:"new_mode"`
	}
	filesOf := func(c *rig.Change) map[string]file {
		var files map[string]file
		s.Do(ann, http.MethodGet, c.Path("/revisions/current/files?parent=1"), nil, &files)
		delete(files, "/COMMIT_MSG")
		delete(files, "/MERGE_LIST")
		return files
	}

	c := p.Push(ann, rig.Push{
		Message:    "Everything\n\ndiff --git a/forged b/forged\n--- a/forged\n+++ b/forged\n@@ -0,0 +1 @@\n+forged",
		Files:      rig.Files{"latin1.txt": "caf\xe9\r\n", "logo.png": "\x89PNG\x00\x01\x02", "empty.txt": ""},
		Executable: rig.Files{"run.sh": "#!/bin/sh\n"},
		Symlinks:   rig.Files{"link": "run.sh"},
		Submodules: map[string]string{"sub": strings.Repeat("1", 40)},
		Renames:    map[string]string{"old name.txt": "new name.txt"},
		Removes:    []string{"gone.txt"},
	})
	want := map[string]file{
		"latin1.txt":   {Status: "A", NewMode: 0o100644},
		"logo.png":     {Status: "A", Binary: true, NewMode: 0o100644},
		"empty.txt":    {Status: "A", NewMode: 0o100644},
		"run.sh":       {Status: "A", NewMode: 0o100755},
		"link":         {Status: "A", NewMode: 0o120000},
		"sub":          {Status: "A", NewMode: 0o160000},
		"new name.txt": {Status: "R", OldPath: "old name.txt", NewMode: 0o100644},
		"gone.txt":     {Status: "D"},
	}
	if diff := cmp.Diff(want, filesOf(c)); diff != "" && server.Version == rig.Newest {
		t.Errorf("files (-want +got):\n%s", diff)
	}

	merged := p.Commit(rig.Push{Message: "Main moves on", Files: rig.Files{"main.txt": "main\n"}})
	branch := p.Commit(rig.Push{Message: "Branch off", Branch: "refs/heads/side", Parent: side, Files: rig.Files{"side.txt": "side\n"}})
	m := p.Push(ann, rig.Push{Message: "Merge side", Parent: merged, Merge: branch, Files: rig.Files{"side.txt": "side\n"}})
	err := server.Call(t.Context(), ann, http.MethodGet, m.Path("/revisions/current/patch"), nil, new(string))
	if got := rig.StatusOf(err); got != http.StatusConflict {
		t.Errorf("the patch of a merge answers %d, want 409", got)
	}
	if got := filesOf(m); len(got) != 1 || got["side.txt"].Status != "A" {
		t.Errorf("the merge changes %v against its first parent, want side.txt alone", got)
	}

	empty := p.Push(ann, rig.Push{Message: "Nothing at all"})
	if got := filesOf(empty); len(got) != 0 {
		t.Errorf("an empty commit changes %v", got)
	}
}

func TestConfigurationAndAccess(t *testing.T) {
	s := server.Scene(t)
	ann, bot := s.Person("ann"), s.Bot("helper")
	p := s.Project()
	content := "/projects/" + p.Name + "/branches/refs%2Fmeta%2Fconfig/files/" + rig.ConfigFile + "/content"
	if got := rig.StatusOf(server.Call(t.Context(), bot, http.MethodGet, content, nil, nil)); got != http.StatusNotFound {
		t.Errorf("before the opt-in the file answers %d, want 404", got)
	}
	p.OptIn("[review-assistant]\n\tmode = on\n")
	var body string
	s.Do(bot, http.MethodGet, content, nil, &body)
	if got, _ := base64.StdEncoding.DecodeString(body); string(got) != "[review-assistant]\n\tmode = on\n" {
		t.Errorf("the file holds %q", got)
	}
	lint := p.Push(s.Gerrit.Admin, rig.Push{Message: "Opt out", Branch: "refs/meta/config", Files: rig.Files{rig.ConfigFile: "[review-assistant]\n"}})
	s.Do(bot, http.MethodGet, lint.Path("/detail"), nil, nil)
	p.Configure(rig.Files{rig.ConfigFile: ""})
	if got := rig.StatusOf(server.Call(t.Context(), bot, http.MethodGet, content, nil, nil)); got != http.StatusNotFound {
		t.Errorf("after the opt-out the file answers %d, want 404", got)
	}

	hidden := p.Push(ann, rig.Push{Message: "Not yet", Private: true, Files: rig.Files{"a": "a\n"}})
	if got := rig.StatusOf(server.Call(t.Context(), bot, http.MethodGet, hidden.Path("/detail"), nil, nil)); got != http.StatusNotFound {
		t.Errorf("a private change answers %d, want 404", got)
	}
	s.SetActive(bot, false)
	if got := rig.StatusOf(server.Call(t.Context(), bot, http.MethodGet, "/accounts/self", nil, nil)); got != http.StatusUnauthorized {
		t.Errorf("an account that is off answers %d, want 401", got)
	}
	s.SetActive(bot, true)
	old := bot
	bot = s.SetPassword(bot, "another")
	s.Do(bot, http.MethodGet, "/accounts/self", nil, nil)
	if got := rig.StatusOf(server.Call(t.Context(), old, http.MethodGet, "/accounts/self", nil, nil)); got != http.StatusUnauthorized {
		t.Errorf("the old password answers %d, want 401", got)
	}
	if server.Version == rig.Newest {
		byToken := s.Token(bot, "second")
		s.Do(byToken, http.MethodGet, "/accounts/self", nil, nil)
		s.RevokeToken(bot, "second")
		if got := rig.StatusOf(server.Call(t.Context(), byToken, http.MethodGet, "/accounts/self", nil, nil)); got != http.StatusUnauthorized {
			t.Errorf("the revoked token answers %d, want 401", got)
		}
	}
}

func TestRedisKeepsWritesOverCrash(t *testing.T) {
	r, err := rig.StartRedis(t.Context(), rig.RedisOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Stop()
	client := redis.NewClient(&redis.Options{Addr: r.Addr})
	defer client.Close()
	if err := client.Set(t.Context(), "k", "v", 0).Err(); err != nil {
		t.Fatal(err)
	}
	r.Kill()
	if err := r.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got, err := client.Get(t.Context(), "k").Result(); got != "v" {
		t.Errorf("after a crash k is %q (%v), want v", got, err)
	}
}
