// SPDX-License-Identifier: Apache-2.0

//go:build e2e

package e2e

import (
	"fmt"
	"strings"
	"testing"

	"review-assistant/e2e/rig"
)

// history waits until the bot has learnt n reviews in the story's project.
func (s *story) history(n int) {
	s.Helper()
	eventually(s, "the history to be learnt", func() bool {
		out, _ := s.bot.run("history", "status", "main/"+s.project.Name, "--config", s.bot.config)
		return strings.Contains(out, fmt.Sprintf("  %d review", n))
	})
}

// retry is a change of its own in the payments, which are there.
func retry(n int) rig.Push {
	u := payments(fmt.Sprint(n))
	u.Message = fmt.Sprintf("Retry payments %d times", n)
	return u
}

// Who reviewed before is named, with the count that it comes from; not when
// the person says to be away. Nothing is told of single persons.
func TestReviewersFromHistory(t *testing.T) {
	s := tell(t)
	dana := s.Person("dana")
	s.Do(dana, "PUT", "/accounts/self/status", rig.M{"status": "out of office until 2099-01-01"}, nil)
	for n := range 3 {
		c := s.push(retry(3 + n))
		s.comment(c, 1)
		c.Vote(dana, "Code-Review", 1)
		c.Vote(s.bob, "Code-Review", 1)
		c.Vote(s.Gerrit.Admin, "Code-Review", 2)
		c.Submit(s.Gerrit.Admin)
	}
	s.history(3)

	c := s.push(retry(7))
	k := s.comment(c, 1)
	holds(t, "the comment", k.Text, "Bob Tester (", "reviewed 3 ")
	lacks(t, "the comment", k.Text, "Ann Tester", "Dana Tester", "hour", "open review", "office")
	c.Vote(s.bob, "Code-Review", 1)
	c.Vote(s.Gerrit.Admin, "Code-Review", 2)
	c.Submit(s.Gerrit.Admin)
	s.history(4)

	audit := strings.Fields(k.Text[strings.LastIndex(k.Text, "Audit ")+len("Audit "):])[0]
	out, exit := s.bot.run("reviewers", "replay", strings.Trim(audit, "."), "--config", s.bot.config)
	if exit != 0 || !strings.Contains(out, "same people in the same order") {
		t.Errorf("replay ends with %d:\n%s", exit, out)
	}
	out, exit = s.bot.run("reviewers", "report", "--project", "main/"+s.project.Name, "--config", s.bot.config)
	if exit != 0 || !strings.Contains(out, "ends with the last full week") || strings.Contains(out, "Bob") {
		t.Errorf("report ends with %d:\n%s", exit, out)
	}
}
