// SPDX-License-Identifier: Apache-2.0

//go:build e2e

package e2e

import (
	"fmt"
	"strings"
	"testing"

	"review-assistant/e2e/rig"
	"review-assistant/llm/llmtest"
	"review-assistant/review"
)

// story is a test's own corner of the world: a project that opted in, people,
// and a model that nobody else asks.
type story struct {
	*rig.Scene
	bot      *bot
	account  rig.Account // the bot's on this Gerrit
	ann, bob rig.Account
	project  *rig.Project
	model    *llmtest.Server
	profile  string
}

// tell begins a story on the bot that most stories share. The lines of
// configuration come on top of mode and model profile.
func tell(t *testing.T, config ...string) *story {
	t.Helper()
	t.Parallel()
	return sharedBot(t).tell(t, config...)
}

// tell begins a story on this bot.
func (b *bot) tell(t *testing.T, config ...string) *story {
	t.Helper()
	s := b.stage(t)
	s.open(s.Project(), "on", config...)
	return s
}

// stage begins a story in which no project opted in yet.
func (b *bot) stage(t *testing.T) *story {
	t.Helper()
	s := &story{Scene: b.gerrit.Scene(t), bot: &bot{t, b.program}, account: b.account}
	s.ann, s.bob = s.Person("ann"), s.Person("bob")
	b.mu.Lock()
	i := b.taken
	b.taken++
	b.mu.Unlock()
	if i >= len(b.models) {
		t.Fatalf("bot %s has only %d models; start it with more", b.name, len(b.models))
	}
	s.model, s.profile = b.models[i], fmt.Sprintf("m%02d", i)
	return s
}

// open makes the project the story's: its webhooks reach the bot, which may
// read its configuration, and its file opts in.
func (s *story) open(p *rig.Project, mode string, config ...string) {
	s.Helper()
	s.project = p
	s.listen(p)
	s.configure(mode, config...)
}

// listen lets the bot hear of a project and read its configuration.
func (s *story) listen(p *rig.Project) {
	s.Helper()
	p.Webhook(s.bot.hook(0))
	s.Grant(p.Name, review.ConfigRef, "read", s.bot.readers(), rig.Allow)
}

// configure writes the project's file.
func (s *story) configure(mode string, config ...string) {
	s.Helper()
	s.project.Configure(rig.Files{rig.ConfigFile: "[review-assistant]\n\tmode = " + mode + "\n[model]\n\tprofile = " + s.profile + "\n" + strings.Join(config, "\n") + "\n"})
}

// push uploads a change by ann.
func (s *story) push(u rig.Push) *rig.Change {
	s.Helper()
	return s.project.Push(s.ann, u)
}

// payments is a change worth a comment. Tries makes patch sets differ.
func payments(tries string) rig.Push {
	return rig.Push{
		Message: "Retry failed payments",
		Files: rig.Files{
			"pay/authorize.go": `package pay

import "errors"

// ErrDeclined says that the bank refused the card.
var ErrDeclined = errors.New("declined")

// Authorize asks the bank until it answers.
func Authorize(bank Bank, card Card, cents int) error {
	for attempt := range ` + tries + ` {
		err := bank.Ask(card, cents)
		if err == nil || errors.Is(err, ErrDeclined) {
			return err
		}
		bank.Sleep(attempt)
	}
	return errors.New("the bank does not answer")
}
`,
			"pay/bank.go": `package pay

// Bank is the other side.
type Bank interface {
	Ask(card Card, cents int) error
	Sleep(attempt int)
}

// Card is a means of payment.
type Card struct{ Number, Holder string }
`,
		},
	}
}

// comment waits until the bot has spoken about a patch set and returns its
// only comment there.
func (s *story) comment(c *rig.Change, patchSet int) rig.Comment {
	s.Helper()
	v, _ := s.bot.visited(c, patchSet, 0)
	if v.Verdict != "posted" {
		s.Fatalf("patch set %d of %s got the verdict %s (%s), want a post", patchSet, c, v.Verdict, v.Reason)
	}
	found := s.commentsOn(c, patchSet)
	if len(found) != 1 {
		s.Fatalf("%d comments on patch set %d of %s, want 1: %v", len(found), patchSet, c, found)
	}
	return found[0]
}

// commentsOn returns what the bot wrote on a patch set, but for what it told of
// secrets on lines.
func (s *story) commentsOn(c *rig.Change, patchSet int) []rig.Comment {
	s.Helper()
	var out []rig.Comment
	for _, k := range c.CommentsBy(s.account) {
		if k.PatchSet == patchSet && k.Tag != review.PostSecrets.Tag() {
			out = append(out, k)
		}
	}
	return out
}

// silent waits until the bot has decided about a patch set, and fails unless
// it kept silent for that reason.
func (s *story) silent(c *rig.Change, patchSet int, reason string) {
	s.Helper()
	v, _ := s.bot.visited(c, patchSet, 0)
	if v.Verdict == "posted" || v.Reason != reason {
		s.Fatalf("patch set %d of %s got the verdict %s (%s), want silence (%s)", patchSet, c, v.Verdict, v.Reason, reason)
	}
	s.untouched(c, patchSet)
}

// untouched fails when anything of the bot stands on the patch set.
func (s *story) untouched(c *rig.Change, patchSet int) {
	s.Helper()
	for _, m := range c.MessagesBy(s.account) {
		if m.PatchSet == patchSet {
			s.Fatalf("the bot wrote on patch set %d of %s: %s", patchSet, c, m.Text)
		}
	}
}

// unread fails when the model was asked anything.
func (s *story) unread() {
	s.Helper()
	if n := s.model.Count(); n > 0 {
		s.Fatalf("the model was asked %d times, want none", n)
	}
}

// holds fails unless text has every part.
func holds(t rig.T, what, text string, parts ...string) {
	t.Helper()
	for _, p := range parts {
		if !strings.Contains(text, p) {
			t.Fatalf("%s lacks %q:\n%s", what, p, text)
		}
	}
}

// lacks fails when text has any of the parts.
func lacks(t rig.T, what, text string, parts ...string) {
	t.Helper()
	for _, p := range parts {
		if strings.Contains(text, p) {
			t.Fatalf("%s holds %q:\n%s", what, p, text)
		}
	}
}
