// SPDX-License-Identifier: Apache-2.0

//go:build e2e

package e2e

import (
	"strings"
	"testing"

	"review-assistant/e2e/rig"
)

func TestA25ParentForbids(t *testing.T) {
	t.Parallel()
	s := sharedBot(t).stage(t)
	parent := s.Project()
	s.listen(parent)
	parent.Configure(rig.Files{rig.ConfigFile: "[review-assistant]\n\tforbid = true\n"})
	s.open(s.ChildOf(parent), "on")
	c := s.push(payments("3"))
	s.silent(c, 1, "project-off:forbidden-by-parent")
	s.unread()
	out, exit := s.bot.run("doctor", "--project", "main/"+s.project.Name)
	holds(t, "doctor", out, "forbidden by the parent", parent.Name)
	if exit != 3 {
		t.Errorf("doctor ends with %d, want 3", exit)
	}

	// What keeps text away from models adds up from the parents.
	parent.Configure(rig.Files{rig.ConfigFile: "[scrub]\n\tsensitivePath = vault/**\n\tpattern = ACME-[0-9]{8}\n"})
	c = s.push(rig.Push{Message: "Move the vault", Files: rig.Files{
		"vault/keys.txt": "nobody may read this line\n", "pay/authorize.go": payments("4").Files["pay/authorize.go"],
		"pay/order.go": "package pay\n\n// Order is ACME-12345678.\ntype Order struct{ Lines []Line }\n",
	}})
	k := s.comment(c, 1)
	holds(t, "the comment", k.Text, "Not read: vault/keys.txt (sensitive path)")
	prompt := strings.Join(s.model.Prompts(), "\n")
	holds(t, "the prompt", prompt, "type Order struct")
	lacks(t, "the prompt", prompt, "nobody may read", "ACME-12345678")
}

func TestBrokenConfigurationIsOff(t *testing.T) {
	t.Parallel()
	s := sharedBot(t).stage(t)
	s.open(s.Project(), "on", "[summary]", "\tlanguague = en")
	c := s.push(payments("3"))
	s.silent(c, 1, "project-off:broken-config")
	s.unread()
	out, exit := s.bot.run("doctor", "--project", "main/"+s.project.Name)
	holds(t, "doctor", out, s.project.Name+":review-assistant.config:6: summary.languague: unknown key")
	if exit != 3 {
		t.Errorf("doctor ends with %d, want 3", exit)
	}
}

func TestA24ChangeOfConfigurationIsLinted(t *testing.T) {
	s := tell(t)
	admin := s.Gerrit.Admin
	broken := s.project.Push(admin, rig.Push{Message: "Tune the bot", Branch: "refs/meta/config", Files: rig.Files{
		rig.ConfigFile: "[review-assistant]\n\tmode = loud\n",
	}})
	v, _ := s.bot.visited(broken, 1, 0)
	if v.Reason != "configuration-linted" {
		t.Fatalf("the verdict is %s (%s)", v.Verdict, v.Reason)
	}
	got := s.commentsOn(broken, 1)
	if len(got) != 1 {
		t.Fatalf("%d comments, want 1", len(got))
	}
	holds(t, "the comment", got[0].Text, "has faults", "review-assistant.config:2", "mode", "shadow")
	other := s.project.Push(admin, rig.Push{Message: "Allow more", Branch: "refs/meta/config", Files: rig.Files{"notes.txt": "no matter\n"}})
	s.silent(other, 1, "file-not-touched")
	s.unread()

	// What is under review counts for nothing: the project is still on.
	c := s.push(payments("3"))
	s.comment(c, 1)
	broken.Amend(admin, rig.Push{Branch: "refs/meta/config", Files: rig.Files{rig.ConfigFile: "[review-assistant]\n\tmode = off\n"}})
	if v, _ := s.bot.visited(broken, 2, 0); v.Reason != "configuration-linted" {
		t.Errorf("the second patch set ends with %s (%s)", v.Verdict, v.Reason)
	}
	holds(t, "the comment", s.commentsOn(broken, 2)[0].Text, "no faults", "stays off")
}
