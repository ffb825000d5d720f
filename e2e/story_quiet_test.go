// SPDX-License-Identifier: Apache-2.0

//go:build e2e

package e2e

import (
	"strings"
	"testing"

	"review-assistant/e2e/rig"
	"review-assistant/llm/llmtest"
)

func TestA26PrivateChangeNeverLeaves(t *testing.T) {
	s := tell(t)
	// The bot cannot see it, and asks again later in case a replica lags.
	u := payments("3")
	u.Private = true
	hidden := s.push(u)
	s.bot.await("a second try", 0, func(v visit) bool {
		return v.Message == "job will be tried again" && v.Job == "change/main/"+hidden.String()
	})
	// The bot can see this one.
	u = rig.Push{Message: "Pay in secret", Files: payments("4").Files, Private: true, Reviewers: []rig.Account{s.bot.account}}
	shared := s.push(u)
	s.silent(shared, 1, "private")
	s.unread()
	for _, c := range s.bot.wires[0].about(shared) {
		if strings.Contains(c.Path, "/patch") || strings.Contains(c.Path, "/files") || strings.Contains(c.Path, "/diff") {
			t.Errorf("the bot read the content of a private change: %s", c.Path)
		}
	}
	s.untouched(hidden, 1)

	// Public is another matter.
	hidden.SetPublic(s.ann)
	s.comment(hidden, 1)
}

func TestReadyChangeStarts(t *testing.T) {
	s := tell(t)
	u := payments("3")
	u.WIP = true
	c := s.push(u)
	s.silent(c, 1, "work-in-progress")
	s.unread()
	c.SetReady(s.ann)
	s.bot.await("a post", 0, func(v visit) bool {
		return strings.HasSuffix(v.Change, "/"+c.String()) && v.Verdict == "posted"
	})
	if got := s.commentsOn(c, 1); len(got) != 1 {
		t.Errorf("%d comments, want 1", len(got))
	}
}

func TestBotAsReviewerGivesOneSummary(t *testing.T) {
	s := tell(t)
	u := payments("3")
	u.WIP = true // so that nothing but the request starts it
	c := s.push(u)
	s.silent(c, 1, "work-in-progress")
	at := s.bot.mark()
	c.AddReviewer(s.ann, s.bot.account)
	v, at := s.bot.visited(c, 1, at)
	if v.Reason != "posted" {
		t.Fatalf("the request ends with %s (%s)", v.Verdict, v.Reason)
	}
	c.RemoveReviewer(s.ann, s.bot.account)
	c.AddReviewer(s.ann, s.bot.account)
	if v, _ := s.bot.visited(c, 1, at+1); v.Reason != "already-posted" {
		t.Errorf("the second request ends with %s (%s), want already-posted", v.Verdict, v.Reason)
	}
	if got := s.commentsOn(c, 1); len(got) != 1 {
		t.Errorf("%d comments, want 1", len(got))
	}
}

func TestHashtagMutes(t *testing.T) {
	s := tell(t)
	u := payments("3")
	u.Hashtags = []string{"review-assistant-off"}
	c := s.push(u)
	s.silent(c, 1, "muted")
	s.unread()
	c.RemoveHashtags(s.ann, "review-assistant-off")
	s.bot.await("a post once the change is no longer muted", 0, func(v visit) bool {
		return strings.HasSuffix(v.Change, "/"+c.String()) && v.Reason == "posted"
	})
}

func TestAbandonedWhileTheModelThinks(t *testing.T) {
	for _, tt := range []struct {
		name, reason string
		act          func(*story, *rig.Change)
	}{
		{"abandoned", "closed", func(s *story, c *rig.Change) { c.Abandon(s.ann) }},
		{"muted", "muted", func(s *story, c *rig.Change) { c.AddHashtags(s.ann, "review-assistant-off") }},
		{"wip", "work-in-progress", func(s *story, c *rig.Change) { c.SetWIP(s.ann) }},
		{"reviewed", "already-reviewed", func(s *story, c *rig.Change) { c.Comment(s.bob, "I had a look.") }},
		{"opted out", "project-off:off", func(s *story, _ *rig.Change) { s.configure("off") }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := tell(t)
			s.model.SetMode(llmtest.Slow)
			c := s.push(payments("3"))
			if err := s.model.Wait(t.Context(), 1); err != nil {
				t.Fatal(err)
			}
			tt.act(s, c)
			s.model.Release()
			s.silent(c, 1, tt.reason)
		})
	}
}

func TestA34NewPatchSetWhileTheModelThinks(t *testing.T) {
	s := tell(t)
	s.model.SetMode(llmtest.Slow)
	c := s.push(payments("3"))
	if err := s.model.Wait(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	c.Amend(s.ann, rig.Push{Files: payments("4").Files})
	s.model.Release()
	k := s.comment(c, 2)
	holds(t, "the comment", k.Text, "(patch set 2)")
	s.untouched(c, 1)
}

func TestReviewedByPersonIsLeftAlone(t *testing.T) {
	s := tell(t)
	u := payments("3")
	u.WIP = true
	c := s.push(u)
	s.silent(c, 1, "work-in-progress")
	c.Vote(s.bob, "Code-Review", 1)
	at := s.bot.mark()
	c.SetReady(s.ann)
	if v, _ := s.bot.visited(c, 1, at); v.Reason != "already-reviewed" {
		t.Errorf("the verdict is %s (%s), want silence: a person was first", v.Verdict, v.Reason)
	}
	s.untouched(c, 1)
	s.unread()
}
