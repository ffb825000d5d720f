// SPDX-License-Identifier: Apache-2.0

//go:build e2e

package e2e

import (
	"fmt"
	"net/http"
	"regexp"
	"testing"
	"time"

	"review-assistant/e2e/rig"
)

// stack is what no person is shown: a trace, or a file of a program.
var stack = regexp.MustCompile(`(?m)^\s+at .+:\d+|node_modules|\.go:\d+|\.[cm]?[jt]sx?:\d+`)

// outage is a server that stops and comes back.
type outage struct {
	name        string
	stop, start func()
	// title is what every page says while it is away, and says what one that is
	// opened then says besides; nothing where none can be opened.
	title string
	says  []string
}

// Whatever is stopped, every page says so in words of its own, keeps what it
// has, and comes back by itself.
func TestPortalOutages(t *testing.T) {
	t.Parallel()
	leaveOut(t, "outages of the portal", rig.MissingPortal())
	gerrit := must(rig.StartGerrit(t.Context(), rig.Options{}))(t)
	t.Cleanup(gerrit.Stop)
	x := openPages(t, botOptions{Name: "outages", Gerrits: []*rig.Gerrit{gerrit}}, 1, rig.PortalOptions{Lasting: true})
	s := x.tell(t, 0, "jane")
	u := payments("3")
	u.Reviewers = []rig.Account{s.Person("jane")}
	s.comment(s.push(u), 1)

	const subject, unreachable = "Retry failed payments", "The review assistant cannot be reached"
	const later = "This cannot be told now"
	paths := map[string]string{"card": entity(0), "tab": entity(0) + "/gerrit-reviews", "my reviews": "/my-reviews"}
	plainly := func(tab *rig.Tab, what string) {
		t.Helper()
		tab.Screenshot(what)
		if text := tab.Text(); stack.MatchString(text) {
			t.Errorf("%s: the page shows a trace:\n%s", what, text)
		}
		for _, fault := range tab.Faults() {
			// That requests fail is why, and is told on the console.
			if fault.Kind != rig.Console {
				t.Errorf("%s: %s", what, fault)
			}
		}
	}
	recovers := func(tab *rig.Tab, what string) {
		t.Helper()
		for _, note := range []string{unreachable, later, "This may be out of date"} {
			tab.Hides(note, subject)
		}
		plainly(tab, what)
	}

	// A person may have eight streams: more windows than that would ask instead.
	before, during := map[string]*rig.Tab{}, map[string]*rig.Tab{}
	for name, path := range paths {
		before[name] = x.window(t, "jane")
		before[name].Open(path)
		before[name].Shows(subject)
	}
	before["card"].Shows("Updates by itself")
	for _, o := range []outage{
		{
			"bot", x.stop, x.start,
			unreachable,
			[]string{"Its server, Gerrit or the network does not answer.", "It is tried again by itself. If this lasts, tell the operator of the review assistant.", "Retry"},
		},
		{
			"Gerrit", gerrit.End, func() { check(t, gerrit.Restart(t.Context())) },
			later,
			[]string{"The catalog, Gerrit or something else that says what you may see does not answer.", "It is tried again by itself. If this lasts, tell whoever runs Backstage.", "Retry"},
		},
		{"Backstage", x.backstage.End, func() { check(t, x.backstage.Start(t.Context())) }, unreachable, nil},
	} {
		began := time.Now()
		o.stop()
		if o.says != nil {
			for name, path := range paths {
				if during[name] == nil {
					during[name] = x.window(t, "jane")
				}
				during[name].Open(path)
				// What Gerrit said within the last minute still counts.
				during[name].Shows(o.title)
				during[name].Open(path)
				for _, words := range append(o.says, o.title) {
					during[name].Shows(words)
				}
				lacks(t, name, during[name].Text(), subject)
				plainly(during[name], name+" without "+o.name)
			}
		}
		for name, tab := range before {
			// A line at first, and more than that once it is old. Of Gerrit a page
			// learns when it reads again: the stream of the bot stands all the while.
			tab.Until("the note of what is old", fmt.Sprintf(`/%s\. Loaded |This may be out of date/.test(document.body.innerText)`, o.title))
			holds(t, name, tab.Text(), subject)
			plainly(tab, name+" when "+o.name+" stops")
		}
		t.Logf("that the %s is away was told everywhere after %s", o.name, time.Since(began).Round(time.Millisecond))
		o.start()
		if o.says == nil {
			eventually(t, "the catalog", func() bool {
				token := must(x.backstage.UserToken(t.Context(), "user:default/jane"))(t)
				status, _, err := x.backstage.Get(t.Context(), "/api/catalog/entities/by-name/component/default/part-0", token)
				return err == nil && status == http.StatusOK
			})
		}
		began = time.Now()
		for _, tabs := range []map[string]*rig.Tab{before, during} {
			for name, tab := range tabs {
				recovers(tab, name+" with "+o.name+" again")
			}
		}
		before["card"].Hides("Updates every 30 seconds", "Updates by itself")
		t.Logf("everything was back %s after the %s", time.Since(began).Round(time.Millisecond), o.name)
	}
}
