// SPDX-License-Identifier: Apache-2.0

//go:build e2e

package e2e

import (
	"testing"
	"time"

	"review-assistant/e2e/rig"
)

// What a person is shown on a page is what Gerrit shows that person, while it
// does.
func TestPortal(t *testing.T) {
	t.Parallel()
	x := openPages(t, botOptions{Name: "pages", More: buildsConfig(t, "")}, 3, rig.PortalOptions{})

	t.Run("who may read", func(t *testing.T) {
		t.Parallel()
		s := x.tell(t, 0, "jane")
		c := s.push(payments("3"))
		s.comment(c, 1)
		jane, tom := x.tab(t, "jane"), x.tab(t, "tom")
		jane.Open(entity(0))
		jane.Shows("Retry failed payments")
		jane.Screenshot("card")
		tom.Open(entity(0))
		tom.Shows("part-0")
		tom.Shows("No open changes")
		lacks(t, "the page of tom", tom.Text(), "Retry failed payments")
		tom.Screenshot("card of tom")

		c.SetPrivate(s.ann)
		took := jane.Hides("Retry failed payments")
		t.Logf("a change that turned private was gone after %s", took.Round(time.Millisecond))
		jane.Screenshot("private")
	})
}
