// SPDX-License-Identifier: Apache-2.0

package gerrit_test

import (
	"testing"

	"review-assistant/gerrit/gerrittest"
	"review-assistant/review"
)

func TestMember(t *testing.T) {
	g := gerrittest.New(t)
	ann, bob := g.Person("ann"), g.Person("bob")
	g.Group("qa/robots", ann)
	g.HiddenGroup("secret", ann)
	c := open(t, g, nil)
	ask := func(group string, who gerrittest.Account, in bool, what string) {
		t.Helper()
		got, err := c.Member(t.Context(), group, review.Account{ID: who.ID})
		if got != in || class(err) != what {
			t.Errorf("Member(%q, %s) = %v, %v, want %v, %s", group, who.Username, got, err, in, what)
		}
	}
	ask("qa/robots", ann, true, "none")
	ask("qa/robots", bob, false, "none")
	ask("secret", ann, false, "denied")
	ask("", ann, false, "other")
	g.Group("qa/robots", bob)
	ask("qa/robots", bob, true, "none") // nothing is remembered
}
