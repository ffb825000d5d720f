// SPDX-License-Identifier: Apache-2.0

//go:build e2e

package e2e

import (
	"bytes"
	"net/http"
	"slices"
	"testing"

	"review-assistant/e2e/rig"
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
