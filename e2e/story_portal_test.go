// SPDX-License-Identifier: Apache-2.0

//go:build e2e

package e2e

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"review-assistant/e2e/rig"
	"review-assistant/review"
)

// vault is a component that only members of a Gerrit group may see in the
// portal.
const vault = `kind: Component
metadata: {name: vault, annotations: {portal/only-for: keepers, review-assistant/project: vault}}
spec: {type: service, lifecycle: production, owner: user:lee}
`

// What a person is shown on a page is what Gerrit shows that person, while it
// does.
func TestPortal(t *testing.T) {
	t.Parallel()
	server.Scene(t).Group("Keepers of the vault", server.Scene(t).Person("jane"))
	x := openPages(t, botOptions{Name: "pages", More: buildsConfig(t, ""), Catalog: vault}, 6, rig.PortalOptions{
		Query: "prefix=repositories-appear", Groups: map[string]string{"keepers": "Keepers of the vault"},
	})

	t.Run("who may read", func(t *testing.T) {
		t.Parallel()
		s := x.tell(t, 0, "jane")
		c := s.push(payments("3"))
		s.comment(c, 1)
		jane, tom := x.tab(t, "jane"), x.tab(t, "tom")
		jane.Open(entity(0))
		jane.Shows("Retry failed payments")
		jane.Screenshot("shown")
		tom.Open(entity(0))
		tom.Shows("No open changes")
		lacks(t, "the page of tom", tom.Text(), "Retry failed payments")
		tom.Screenshot("not shown")

		c.SetPrivate(s.ann)
		took := jane.Hides("Retry failed payments")
		t.Logf("a change that turned private was gone after %s", took.Round(time.Millisecond))
		jane.Shows("No open changes")
	})

	t.Run("live", func(t *testing.T) {
		t.Parallel()
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
		jane.Shows("Of patch set 2 · Written by a model (fake-0")
		t.Logf("its summary was shown %s after it was seen in the bot's log", time.Since(began).Round(time.Millisecond))
		var kept string
		jane.Eval("window.notReloaded", &kept)
		if kept != "yes" {
			t.Error("the page was loaded anew")
		}
		jane.Screenshot("after")
	})

	t.Run("failures first", func(t *testing.T) {
		t.Parallel()
		s := x.tell(t, 2, "jane")
		failing := s.push(retry(5))
		s.comment(failing, 1)
		last := s.push(retry(6))
		s.comment(last, 1)
		report := x.write("portal-junit.xml", `<testsuite name="pay"><testcase classname="pay" name="TestRetry"><failure message="got 3 tries">retry_test.go:88: got 3 tries</failure></testcase></testsuite>`)
		out, exit := s.bot.run("builds", "ingest", report, "--to", x.url, "--token-file", x.write("portal-push-token", buildToken), "--project", "main/"+s.project.Name,
			"--change", strconv.Itoa(failing.Number), "--patch-set", "1", "--job", "unit", "--result", "failed", "--id", "1", "--url", "https://ci.example.com/unit/1")
		if exit != 0 {
			t.Fatalf("builds ingest ends with %d: %s", exit, out)
		}
		jane := x.tab(t, "jane")
		jane.Open(entity(2))
		jane.Shows("1 build failure")
		text := jane.Text()
		if strings.Index(text, "Retry payments 5 times") > strings.Index(text, "Retry payments 6 times") {
			t.Errorf("the change with a failure is not the first one:\n%s", text)
		}
		jane.Screenshot("card")
		jane.Open(entity(2) + "/gerrit-reviews")
		jane.Shows("Retry payments 5 times")
		jane.Screenshot("tab")
		jane.Click("Build failures")
		jane.Shows("likely the change")
		jane.Screenshot("failures")
		for _, section := range []string{"Recently landed", "Branches", "Activity"} {
			jane.Click(section)
			jane.Hides("likely the change")
			jane.Until("what is loaded", "!document.querySelector('.bui-Skeleton') && !document.body.innerText.includes('Reading…')")
			jane.Screenshot(section)
		}
	})

	t.Run("repositories appear", func(t *testing.T) {
		t.Parallel()
		s := server.Scene(t)
		p := s.Project()
		p.Commit(rig.Push{Message: "Describe it", Files: rig.Files{"catalog-info.yaml": "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {name: discovered}\nspec: {type: service, lifecycle: production, owner: user:lee}\n"}})
		began := time.Now()
		token := must(x.backstage.UserToken(t.Context(), "user:default/jane"))(t)
		var body string
		eventually(t, "the project in the catalog", func() bool {
			var status int
			status, body, _ = x.backstage.Get(t.Context(), "/api/catalog/entities/by-name/component/default/discovered", token)
			return status == http.StatusOK
		})
		t.Logf("a project of Gerrit was in the catalog after %s", time.Since(began).Round(time.Millisecond))
		holds(t, "the entity", body, "/plugins/gitiles/"+p.Name+"/+/refs/heads/main/")
		jane := x.tab(t, "jane")
		jane.Open("/catalog/default/component/discovered")
		jane.Shows("discovered")
		jane.Shows("Gerrit reviews")
		jane.Screenshot("page")
	})

	t.Run("members of a group", func(t *testing.T) {
		t.Parallel()
		s := server.Scene(t)
		jane := must(x.backstage.UserToken(t.Context(), "user:default/jane"))(t)
		tom := must(x.backstage.UserToken(t.Context(), "user:default/tom"))(t)
		paths := []string{"/api/catalog/entities/by-name/component/default/vault", "/api/gerrit-review-assistant/components/component/default/vault/changes"}
		sees := func(token string) (n int) {
			for _, path := range paths {
				if status, _, err := x.backstage.Get(t.Context(), path, token); err == nil && status == http.StatusOK {
					n++
				}
			}
			return n
		}
		eventually(t, "a member to see it", func() bool { return sees(jane) == len(paths) })
		if sees(tom) > 0 {
			t.Error("who is no member sees it")
		}
		tab := x.tab(t, "jane")
		tab.Open("/catalog/default/component/vault")
		tab.Shows("Gerrit reviews")
		s.Leave("Keepers of the vault", s.Person("jane"))
		began := time.Now()
		eventually(t, "the former member to see nothing", func() bool { return sees(jane) == 0 })
		took := time.Since(began)
		t.Logf("who left the group saw nothing after %s", took.Round(time.Millisecond))
		if took > time.Minute {
			t.Error("that is more than a minute")
		}
		tab.Open("/catalog/default/component/vault")
		tab.Hides("Gerrit reviews")
		tab.Screenshot("left")
	})

	t.Run("opt in", func(t *testing.T) {
		t.Parallel()
		s := server.Scene(t)
		p := s.Project()
		owner := s.Person("lee")
		s.Group("Owners of "+p.Name, owner)
		s.Grant(p.Name, "refs/*", "owner", "Owners of "+p.Name, rig.Allow)
		s.Grant(p.Name, review.ConfigRef, "push", "Owners of "+p.Name, rig.Allow)
		out, err := rig.OptIn(server, owner, p.Name)
		if err != nil {
			t.Fatal(err)
		}
		if out["outcome"] != "opened" {
			t.Fatalf("the action says %v", out)
		}
		var found []struct {
			Branch  string `json:"branch"`
			Subject string `json:"subject"`
		}
		s.Do(owner, http.MethodGet, "/changes/?q=project:"+p.Name, nil, &found)
		if len(found) != 1 || found[0].Branch != review.ConfigRef {
			t.Errorf("there are the changes %+v, want one on %s", found, review.ConfigRef)
		}
		again, err := rig.OptIn(server, owner, p.Name)
		if err != nil || again["outcome"] != "open" {
			t.Errorf("once more it says %v, %v", again, err)
		}
	})

	t.Run("accessible", func(t *testing.T) {
		t.Parallel()
		s := x.tell(t, 3, "jane")
		jane := server.Scene(t).Person("jane")
		for n := range 3 {
			u := retry(3 + n)
			u.Reviewers = []rig.Account{jane}
			s.comment(s.push(u), 1)
		}
		s.push(rig.Push{Message: "Say less", WIP: true, Files: rig.Files{"README.md": "Less.\n"}})
		for _, scheme := range []string{"light", "dark"} {
			tab := x.tab(t, "jane")
			tab.Scheme(scheme)
			for _, p := range []struct{ name, path, from, to string }{
				{"card", entity(3), "//h3[.='Gerrit reviews']", "//ul[@aria-label='Open changes']"},
				{"tab", entity(3) + "/gerrit-reviews", "//*[.='Recently landed']", "//table"},
				{"my reviews", "/my-reviews", "//h1", "//table"},
			} {
				tab.Open(p.path)
				tab.Shows("Retry payments 5 times")
				tab.Until("our part of the page", fmt.Sprintf(ours, p.from, p.to))
				tab.Screenshot(p.name + " " + scheme)
				for _, f := range tab.Axe("[data-e2e]") {
					t.Errorf("%s, %s: %s", p.name, scheme, f)
				}
			}
		}
	})

	t.Run("time of the card", func(t *testing.T) {
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
	})

	t.Run("old frontend system", func(t *testing.T) {
		t.Parallel()
		s := x.tell(t, 5, "jane")
		u := retry(8)
		u.Reviewers = []rig.Account{server.Scene(t).Person("jane")}
		s.comment(s.push(u), 1)
		old := x.second(t, "app-legacy")
		tab := old.tab(t, "jane")
		for _, p := range []struct{ name, path string }{{"card", entity(5)}, {"tab", entity(5) + "/gerrit-reviews"}, {"page", "/my-reviews"}} {
			tab.Open(p.path)
			tab.Shows("Retry payments 8 times")
			tab.Screenshot(p.name)
		}
	})
}

// ours marks, for axe, what holds the two elements that paths name.
const ours = `(() => {
	const [from, to] = [%q, %q].map(path => document.evaluate(path, document, null, 9).singleNodeValue);
	let part = to && from;
	while (part && !part.contains(to)) part = part.parentElement;
	part?.setAttribute('data-e2e', '');
	return part;
})()`

// seen notes when Backstage's own card and ours have content.
const seen = `window.seen = {};
new MutationObserver(() => {
	const has = text => document.evaluate("//*[text()[contains(., '" + text + "')]]", document, null, 9).singleNodeValue;
	if (!window.seen.own && has('About')) window.seen.own = performance.now();
	if (!window.seen.card && has('Retry payments 7 times')) window.seen.card = performance.now();
}).observe(document, {childList: true, subtree: true, characterData: true});`
