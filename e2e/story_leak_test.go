// SPDX-License-Identifier: Apache-2.0

//go:build e2e

package e2e

import (
	"fmt"
	"hash/crc32"
	"strings"
	"testing"

	"review-assistant/e2e/rig"
	"review-assistant/review"
)

// checkedToken returns a made-up token of GitHub's whose checksum holds.
func checkedToken() string {
	const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	body, tail := letters(digits, 30), ""
	for n := crc32.ChecksumIEEE([]byte(body)); len(tail) < 6; n /= 62 {
		tail = string(digits[n%62]) + tail
	}
	return "gh" + "p_" + body + tail
}

// leaking is a change that brings a value along, on line 2 of a file.
func leaking(path, value, tries string) rig.Push {
	u := payments(tries)
	u.Files[path] = "REGION=eu\nTOKEN=" + value + "\n"
	return u
}

// told returns what the bot told of secrets on the lines of a change.
func (s *story) told(c *rig.Change) []rig.Comment {
	s.Helper()
	var out []rig.Comment
	for _, k := range c.CommentsBy(s.account) {
		if k.Tag == review.PostSecrets.Tag() {
			out = append(out, k)
		}
	}
	return out
}

// TestSecretIsToldOnce follows a leaked token: a comment on its line, none on
// the next patch set, none in the project once the owner answered.
func TestSecretIsToldOnce(t *testing.T) {
	s := tell(t)
	value := checkedToken()
	c := s.push(leaking("conf/deploy.env", value, "3"))
	s.comment(c, 1)
	told := s.told(c)
	if len(told) != 1 {
		t.Fatalf("%d comments about secrets, want 1: %+v", len(told), told)
	}
	if k := told[0]; k.Path != "conf/deploy.env" || k.Line != 2 || !k.Unresolved || k.PatchSet != 1 {
		t.Errorf("the comment is %+v", k)
	}
	holds(t, "the comment", told[0].Text, "GitHub token", "Revoke or rotate", `Answer "not a secret"`, "Audit ")
	tags := 0
	for _, m := range c.MessagesBy(s.account) {
		if m.Tag == review.PostSecrets.Tag() {
			tags++
		}
	}
	if tags != 1 {
		t.Errorf("%d messages with the tag, want 1", tags)
	}

	next := leaking("conf/other.env", value, "4")
	next.Removes = []string{"conf/deploy.env"}
	c.Amend(s.ann, next)
	s.comment(c, 2)
	if told := s.told(c); len(told) != 1 {
		t.Errorf("the secret that moved was told again: %+v", told)
	}

	c.Reply(s.ann, told[0], "Not a secret: an example from the vendor's page.")
	again := s.push(leaking("conf/example.env", value, "5"))
	s.comment(again, 1)
	if told := s.told(again); len(told) != 0 {
		t.Errorf("told although the owner answered: %+v", told)
	}
	out, _ := s.bot.run("audit", "export", "--action", "silence", "--change", "main/"+c.String())
	if strings.Count(out, "\n") != 1 || !strings.Contains(out, fmt.Sprintf(`"gerrit_id":%d`, s.ann.ID)) {
		t.Errorf("the audit log tells of the answer: %s", out)
	}

	other := checkedToken()
	s.configure("on", "[scrub]", "\tcomment = false")
	quiet := s.push(leaking("conf/quiet.env", other, "6"))
	s.comment(quiet, 1)
	if told := s.told(quiet); len(told) != 0 {
		t.Errorf("told although it is switched off: %+v", told)
	}

	s.configure("on")
	loud := s.push(leaking("conf/loud.env", other, "7"))
	s.comment(loud, 1)
	if told := s.told(loud); len(told) != 1 {
		t.Errorf("%d comments about another secret, want 1", len(told))
	}
	for _, k := range []*rig.Change{c, again, quiet, loud} {
		all := fmt.Sprint(k.MessagesBy(s.account), k.CommentsBy(s.account))
		lacks(t, "what the bot wrote", all, value, other, value[4:16], other[4:16])
	}
	lacks(t, "the log", s.bot.logText(), value, other)
	lacks(t, "the prompts", strings.Join(s.model.Prompts(), "\n"), value, other)
}
