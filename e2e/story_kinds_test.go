// SPDX-License-Identifier: Apache-2.0

//go:build e2e

package e2e

import (
	"fmt"
	"strings"
	"testing"

	"review-assistant/e2e/rig"
)

// merged pushes a change and has the administrator submit it.
func (s *story) merged(u rig.Push) *rig.Change {
	s.Helper()
	c := s.push(u)
	s.comment(c, 1)
	c.Vote(s.Gerrit.Admin, "Code-Review", 2)
	c.Submit(s.Gerrit.Admin)
	return c
}

func TestRevertAndCherryPickAreComparedWithTheirOrigin(t *testing.T) {
	s := tell(t)
	first := s.merged(payments("3"))
	undone := first.Revert(s.Gerrit.Admin)
	k := s.comment(undone, 1)
	holds(t, "the revert", k.Text, fmt.Sprintf("Reverts change %d exactly, and does nothing else.", first.Number))
	lacks(t, "the revert", k.Text, "What changes", "pay/bank.go")

	picked := first.CherryPick(s.Gerrit.Admin, "stable")
	k = s.comment(picked, 1)
	holds(t, "the cherry-pick", k.Text, fmt.Sprintf("Picked from change %d, patch set 1 (branch main) without a difference.", first.Number))
	if n := s.model.Count(); n != 1 {
		t.Errorf("the model was asked %d times, want once: nothing is left to tell of the others", n)
	}
	picked.Amend(s.Gerrit.Admin, rig.Push{Branch: "refs/heads/stable", Files: rig.Files{"pay/stable.go": "package pay\n\n// Stable says that this branch has a longer pause.\nconst Stable = true\n\nvar pause = wait(30)\n\nfunc wait(n int) int { return n * scale() }\n\nfunc scale() int { return 1000 }\n"}})
	k = s.comment(picked, 2)
	holds(t, "the second patch set of the cherry-pick", k.Text, "Since patch set 1", "pay/stable.go")
	lacks(t, "the second patch set of the cherry-pick", k.Text, "pay/bank.go")
}

func TestChainMergeAndAttributes(t *testing.T) {
	s := tell(t)
	s.project.Commit(rig.Push{Message: "Say what is generated", Files: rig.Files{".gitattributes": "api/client.go linguist-generated\n"}})
	below := s.push(payments("3"))
	s.comment(below, 1)
	refund := rig.Push{Message: "Give money back", Parent: below.Revision(), Files: rig.Files{
		"pay/refund.go": "package pay\n\n// Refund gives the money back.\nfunc Refund(bank Bank, card Card, cents int) error {\n\tif cents <= 0 {\n\t\treturn ErrDeclined\n\t}\n\treturn bank.Ask(card, -cents)\n}\n",
		"api/client.go": "package api\n\nfunc Generated() {}\n",
	}}
	above := s.push(refund)
	k := s.comment(above, 1)
	holds(t, "the comment", k.Text, fmt.Sprintf("2 of 2 in its chain, on change %d", below.Number), "Not read: api/client.go (generated)")
	lacks(t, "the comment", k.Text, "pay/bank.go")

	s.project.Branch("side", s.project.Head())
	side := s.project.Commit(rig.Push{Message: "Count declined cards", Branch: "refs/heads/side", Files: rig.Files{"pay/count.go": "package pay\n\n// Declined counts.\nvar Declined int\n\n// Count adds one.\nfunc Count() { Declined++ }\n"}})
	merge := s.push(rig.Push{Message: "Merge branch 'side'", Merge: side, Files: rig.Files{"pay/count.go": "package pay\n\n// Declined counts.\nvar Declined int\n\n// Count adds one.\nfunc Count() { Declined++ }\n"}})
	k = s.comment(merge, 1)
	holds(t, "the merge", k.Text, "Brings ", `"Count declined cards"`)
}

// TestInlinePoints puts points on their lines, once in a change.
func TestInlinePoints(t *testing.T) {
	s := tell(t, "[summary]", "\tinline = 2")
	c := s.push(payments("3"))
	s.bot.visited(c, 1, 0)
	onLines := func(patchSet int) (out []rig.Comment) {
		for _, k := range c.CommentsBy(s.account) {
			if k.PatchSet == patchSet && k.Line > 0 {
				out = append(out, k)
			}
		}
		return out
	}
	lined := onLines(1)
	if len(lined) == 0 || len(lined) > 2 {
		t.Fatalf("%d comments on lines, want one or two: %+v", len(lined), c.CommentsBy(s.account))
	}
	for _, k := range lined {
		if k.Unresolved || !strings.Contains(k.Text, "AI-generated, may be wrong.") || !strings.Contains(k.Text, "Mark ") {
			t.Errorf("on %s:%d: %+v", k.Path, k.Line, k)
		}
	}
	next := payments("4")
	next.Files["pay/refund.go"] = "package pay\n\n// Refund gives the money back.\nfunc Refund(bank Bank, card Card, cents int) error {\n\tif cents <= 0 {\n\t\treturn ErrDeclined\n\t}\n\treturn bank.Ask(card, -cents)\n}\n"
	c.Amend(s.ann, next)
	s.bot.visited(c, 2, 0)
	seen := map[string]bool{}
	for _, k := range append(lined, onLines(2)...) {
		mark := k.Text[strings.LastIndex(k.Text, "Mark "):]
		mark, _, _ = strings.Cut(mark, ".")
		if seen[mark] {
			t.Errorf("the same point stands on two lines: %+v", k)
		}
		seen[mark] = true
	}
}
