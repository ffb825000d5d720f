// SPDX-License-Identifier: Apache-2.0

//go:build e2e

package e2e

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"review-assistant/e2e/rig"
)

// portalCatalog has a component that only members of a Gerrit group may see in
// the portal, and two that are folders of one project.
const portalCatalog = `kind: Component
metadata: {name: vault, annotations: {portal/only-for: keepers, review-assistant/project: vault}}
spec: {type: service, lifecycle: production, owner: user:lee}
---
kind: Component
metadata: {name: mono-pay, annotations: {review-assistant/project: "{part-8}", review-assistant/path: pay/}}
spec: {type: service, lifecycle: production, owner: user:lee}
---
kind: Component
metadata: {name: mono-docs, annotations: {review-assistant/project: "{part-8}", review-assistant/path: docs}}
spec: {type: service, lifecycle: production, owner: user:lee}
`

// What a person is shown on a page is what Gerrit shows that person, while it
// does. Each story has a component of its own.
func TestPortal(t *testing.T) {
	t.Parallel()
	server.Scene(t).Group("Keepers of the vault", server.Scene(t).Person("jane"))
	x := openPages(t, botOptions{Name: "pages", More: buildsConfig(t, ""), Catalog: portalCatalog}, 11, rig.PortalOptions{
		Query: "prefix=repositories-appear", Groups: map[string]string{"keepers": "Keepers of the vault"},
		Denied: map[string][]string{
			"user:default/una": {"gerrit-review-assistant.read", "gerrit-review-assistant.reviews.read"},
			"user:default/ray": {"gerrit-review-assistant.reviews.read"},
		},
	})
	for name, story := range map[string]func(*testing.T, *pages){
		"who may read": whoMayRead, "live": liveCard, "failures first": failuresFirst, "accessible": accessiblePages,
		"old frontend system": oldFrontend, "shadow": shadowPages, "not opted in": offPages, "folder of a project": folderPages,
		"no permission": deniedPages, "no permission for reviews": withoutReviews,
		"repositories appear": repositoriesAppear, "members of a group": membersOfGroup, "opt in": optInByAction,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			story(t, x)
		})
	}
	// It runs before the others, which wait for the end of this function.
	t.Run("time of the card", func(t *testing.T) { timeOfCard(t, x) })
}

// whoMayRead: a change is shown with its summary to whom Gerrit shows it, and
// to nobody once it is private, also not to those who see it in Gerrit then.
func whoMayRead(t *testing.T, x *pages) {
	s := x.tell(t, 0, "jane", "kim", "lee")
	lee, kim := s.Person("lee"), s.Person("kim")
	// Words that no other story has: "My reviews" is of all projects.
	const subject, summary, empty = "Keep cards in the vault", "Changes pay/vault.go", "No open changes"
	c := s.project.Push(lee, rig.Push{
		Message: subject, Files: rig.Files{"pay/vault.go": payments("3").Files["pay/authorize.go"]}, Reviewers: []rig.Account{kim},
	})
	s.comment(c, 1)
	told := []string{subject, summary, c.String()}
	lists := func(name string) (all string) {
		t.Helper()
		for _, list := range []string{"changes", "changes?status=all&order=urgent", "activity", "branches", "failures"} {
			status, body := x.ask(t, name, component(0, list))
			if status != http.StatusOK {
				t.Errorf("%s gets %d for %s: %s", name, status, list, body)
			}
			all += body + "\n"
		}
		_, reviews := x.ask(t, name, "/me/reviews")
		return all + reviews
	}
	detail := "/changes/" + url.PathEscape("main/"+c.String())
	hidden := func(name string) {
		t.Helper()
		lacks(t, "what Backstage answers "+name, lists(name), told...)
		status, body := x.ask(t, name, detail)
		if status != http.StatusNotFound || !strings.Contains(body, `"reason":"not-shown"`) {
			t.Errorf("%s gets %d for the change: %s", name, status, body)
		}
		lacks(t, "the answer about the change to "+name, body, told...)
	}

	tabs := map[string]*rig.Tab{}
	for _, name := range []string{"jane", "kim", "lee"} { // a reader, the reviewer, the owner
		tab := x.tab(t, name)
		tabs[name] = tab
		tab.Open(entity(0))
		for _, text := range []string{subject, summary, "pay/vault.go: ", "Written by a model (fake-"} {
			tab.Shows(text)
		}
		holds(t, "what Backstage answers "+name, lists(name), told...)
		if status, body := x.ask(t, name, detail); status != http.StatusOK || !strings.Contains(body, summary) {
			t.Errorf("%s gets %d for the change: %s", name, status, body)
		}
	}
	tabs["jane"].Screenshot("shown")
	tabs["kim"].Open("/my-reviews")
	tabs["kim"].Shows(subject)
	tabs["kim"].Open(entity(0))
	tabs["kim"].Shows(subject)
	tom := x.tab(t, "tom")
	tom.Open(entity(0))
	tom.Shows(empty)
	lacks(t, "the page of tom", tom.Text(), told...)
	tom.Screenshot("not shown")
	hidden("tom")

	c.SetPrivate(lee)
	took := tabs["jane"].Hides(subject, empty)
	t.Logf("a change that turned private was gone after %s", took.Round(time.Millisecond))
	for _, who := range []rig.Account{lee, kim} {
		if rows := onGerrit(s.Scene, who, fmt.Sprintf("change:%d", c.Number)); len(rows) != 1 {
			t.Errorf("in Gerrit %s sees %v, want the change", who.Username, rows)
		}
	}
	for name, tab := range tabs {
		tab.Hides(subject, empty)
		lacks(t, "the page of "+name, tab.Text(), told...)
		hidden(name)
	}
	hidden("tom")
	tabs["kim"].Open("/my-reviews")
	tabs["kim"].Hides(subject, "Nothing waits for you")
}

// liveCard: votes, patch sets and summaries appear while somebody looks.
func liveCard(t *testing.T, x *pages) {
	s := x.tell(t, 1, "jane")
	c := s.push(payments("3"))
	s.comment(c, 1)
	jane := x.tab(t, "jane")
	jane.Open(entity(1))
	jane.Shows("Retry failed payments")
	jane.Shows("Updates by itself")
	jane.Eval("window.notReloaded = 'yes'", nil)

	began := time.Now()
	c.Vote(s.bob, "Code-Review", 1)
	jane.Shows("+1 Bob Tester")
	t.Logf("a vote was shown %s after it was asked for", time.Since(began).Round(time.Millisecond))
	began = time.Now()
	next := payments("4")
	next.Message = "Retry failed payments four times"
	next.Files["pay/refund.go"] = "package pay\n\n// Refund gives money back, in the same number of attempts.\nfunc Refund(bank Bank, card Card, cents int) error {\n\tif cents <= 0 {\n\t\treturn ErrDeclined\n\t}\n\treturn Authorize(bank, card, -cents)\n}\n"
	c.Amend(s.ann, next)
	jane.Shows("Retry failed payments four times")
	t.Logf("a patch set was shown %s after its push began", time.Since(began).Round(time.Millisecond))
	s.comment(c, 2)
	began = time.Now()
	jane.Shows("Of patch set 2 · Written by a model (fake-")
	t.Logf("its summary was shown %s after it was seen in the bot's log", time.Since(began).Round(time.Millisecond))
	var kept string
	jane.Eval("window.notReloaded", &kept)
	if kept != "yes" {
		t.Error("the page was loaded anew")
	}
	jane.Screenshot("after")
}

// timeOfCard measures, and fails for nothing.
func timeOfCard(t *testing.T, x *pages) {
	s := x.tell(t, 4, "jane")
	s.comment(s.push(retry(7)), 1)
	tab := x.tab(t, "jane")
	tab.Early(seen)
	var beyond, whole []time.Duration
	for range 12 {
		tab.Open(entity(4))
		tab.Until("both parts", "window.seen?.own && window.seen?.card")
		var at struct{ Own, Card float64 }
		tab.Eval("window.seen", &at)
		beyond = append(beyond, time.Duration((at.Card-at.Own)*float64(time.Millisecond)))
		whole = append(whole, time.Duration(at.Card*float64(time.Millisecond)))
	}
	// The first two load what the browser keeps then.
	beyond, whole = beyond[2:], whole[2:]
	slices.Sort(beyond)
	slices.Sort(whole)
	n := len(beyond)
	fmt.Printf("e2e: the card is there %s after Backstage's own page (p50 of %d, %s to %s), %s after the navigation\n",
		beyond[n/2].Round(time.Millisecond), n, beyond[0].Round(time.Millisecond), beyond[n-1].Round(time.Millisecond), whole[n/2].Round(time.Millisecond))
}

// seen notes when Backstage's own card and ours have content.
const seen = `window.seen = {};
new MutationObserver(() => {
	const has = text => document.evaluate("//*[text()[contains(., '" + text + "')]]", document, null, 9).singleNodeValue;
	if (!window.seen.own && has('About')) window.seen.own = performance.now();
	if (!window.seen.card && has('Retry payments 7 times')) window.seen.card = performance.now();
}).observe(document, {childList: true, subtree: true, characterData: true});`

// oldFrontend: the same on an app of the old frontend system.
func oldFrontend(t *testing.T, x *pages) {
	s := x.tell(t, 5, "jane")
	u := retry(8)
	u.Reviewers = []rig.Account{s.Person("jane")}
	s.comment(s.push(u), 1)
	tab := x.second(t, "app-legacy").tab(t, "jane")
	for _, p := range []struct{ name, path string }{{"card", entity(5)}, {"tab", entity(5) + "/gerrit-reviews"}, {"page", "/my-reviews"}} {
		tab.Open(p.path)
		tab.Shows("Retry payments 8 times")
		tab.Shows("Changes pay/authorize.go")
		tab.Screenshot(p.name)
	}
}
