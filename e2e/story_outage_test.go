// SPDX-License-Identifier: Apache-2.0

//go:build e2e

package e2e

import (
	"net/http"
	"regexp"
	"sync/atomic"
	"testing"

	"review-assistant/e2e/rig"
)

// stack is what no person is shown: a trace, or a file of a program.
var stack = regexp.MustCompile(`(?m)^\s+at .+:\d+|node_modules|\.go:\d+|\.[cm]?[jt]sx?:\d+`)

// Whatever is stopped, pages say so in words of their own, and come back.
func TestPortalOutages(t *testing.T) {
	t.Parallel()
	x := openPages(t, botOptions{Name: "outages"}, 1, rig.PortalOptions{})
	s := x.tell(t, 0, "jane")
	s.comment(s.push(payments("3")), 1)
	jane := x.tab(t, "jane")
	healthy := func() {
		t.Helper()
		jane.Open(entity(0))
		jane.Shows("Retry failed payments")
	}
	plainly := func(what string) {
		t.Helper()
		jane.Screenshot(what)
		if text := jane.Text(); stack.MatchString(text) {
			t.Errorf("%s: the page shows a trace:\n%s", what, text)
		}
		// That requests fail is why; what else went wrong is not.
		jane.Faults()
	}
	unreachable := "The review assistant cannot be reached"
	healthy()

	x.stop()
	jane.Hides("Updates by itself")
	jane.Shows("Retry failed payments")
	plainly("bot stops")
	for _, path := range []string{entity(0), entity(0) + "/gerrit-reviews", "/my-reviews"} {
		jane.Open(path)
		jane.Shows(unreachable)
		plainly("without bot " + path)
	}
	x.start()
	jane.Hides(unreachable)
	healthy()

	var down atomic.Bool
	x.wires[0].onBefore(func(call) *reply {
		if down.Load() {
			return &reply{status: http.StatusServiceUnavailable, body: "down at main.go:17"}
		}
		return nil
	})
	down.Store(true)
	jane.Open(entity(0))
	jane.Shows("This cannot be told now")
	plainly("without Gerrit")
	down.Store(false)
	jane.Shows("Retry failed payments")

	jane.Shows("Updates by itself")
	x.backstage.End()
	jane.Hides("Updates by itself")
	jane.Shows("Retry failed payments")
	plainly("Backstage stops")
	if err := x.backstage.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the catalog", func() bool {
		token := must(x.backstage.UserToken(t.Context(), "user:default/jane"))(t)
		status, _, err := x.backstage.Get(t.Context(), "/api/catalog/entities/by-name/component/default/part-0", token)
		return err == nil && status == http.StatusOK
	})
	healthy()
}
