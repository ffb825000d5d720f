// SPDX-License-Identifier: Apache-2.0

//go:build e2e

package e2e

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"review-assistant/e2e/rig"
)

// shadowPages: what is computed in the shadow is marked, and shown to owners of
// the project alone.
func shadowPages(t *testing.T, x *pages) {
	s := x.stage(t, 6, "jane", "kim")
	s.Group("Owners of "+s.project.Name, s.Person("jane"))
	s.Grant(s.project.Name, "refs/*", "owner", "Owners of "+s.project.Name, rig.Allow)
	s.configure("shadow")
	c := s.push(payments("3"))
	if v, _ := s.bot.visited(c, 1, 0); v.Verdict != "shadow" {
		t.Fatalf("the change got the verdict %s (%s), want shadow", v.Verdict, v.Reason)
	}
	const subject, summary = "Retry failed payments", "Changes pay/authorize.go"
	const mark, trial = "Shadow mode: not posted, owners of the project alone see this", "The assistant is on trial here: its results are shown to project owners alone."
	for _, path := range []string{entity(6), entity(6) + "/gerrit-reviews"} {
		jane, kim := x.tab(t, "jane"), x.tab(t, "kim")
		jane.Open(path)
		for _, text := range []string{subject, summary, mark, trial} {
			jane.Shows(text)
		}
		jane.Screenshot("owner " + path)
		kim.Open(path)
		kim.Shows(subject)
		kim.Shows("The project tries the assistant out, and shows its owners alone what it finds.")
		kim.Shows(trial)
		lacks(t, "the page of who owns nothing", kim.Text(), summary, mark)
		kim.Screenshot("other " + path)
	}
	_, body := x.ask(t, "jane", component(6, "changes"))
	holds(t, "what an owner is answered", body, subject, summary)
	_, body = x.ask(t, "kim", component(6, "changes"))
	holds(t, "what another one is answered", body, subject)
	lacks(t, "what another one is answered", body, summary)
}

// offPages: a project that has not opted in has its changes listed, and pages
// say what it would take.
func offPages(t *testing.T, x *pages) {
	s := x.stage(t, 7, "jane")
	c := s.push(payments("3"))
	jane := x.tab(t, "jane")
	for _, path := range []string{entity(7), entity(7) + "/gerrit-reviews"} {
		jane.Open(path)
		for _, text := range []string{
			"Retry failed payments", "Assistant is off", "The review assistant is not used here",
			"The Gerrit project has not opted in, so nothing is read or summarized.", "A project owner can opt in by a change on refs/meta/config.",
		} {
			jane.Shows(text)
		}
		jane.Screenshot(path)
	}
	for _, section := range []string{"Build failures", "Branches", "Activity", "Recently landed"} {
		jane.Open(entity(7) + "/gerrit-reviews")
		jane.Click(section)
		jane.Hides("Retry failed payments", "The review assistant is not used here")
	}
	s.silent(c, 1, "project-off:no-file")
	s.unread()
}

// folderPages: a component that is a folder has the changes that touch it.
func folderPages(t *testing.T, x *pages) {
	s := x.tell(t, 8, "jane")
	for message, files := range map[string]rig.Files{
		"Pay once": {"pay/once.txt": "once\n"}, "Tell more": {"docs/more.txt": "more\n"},
		"Pay and tell": {"pay/both.txt": "both\n", "docs/both.txt": "both\n"}, "Pay elsewhere": {"payroll/pay.txt": "elsewhere\n"},
	} {
		s.push(rig.Push{Message: message, Files: files})
	}
	jane := x.tab(t, "jane")
	for component, rows := range map[string]struct{ shows, lacks []string }{
		"mono-pay":  {[]string{"Pay once", "Pay and tell"}, []string{"Tell more", "Pay elsewhere"}},
		"mono-docs": {[]string{"Tell more", "Pay and tell"}, []string{"Pay once", "Pay elsewhere"}},
		"part-8":    {[]string{"Pay once", "Tell more", "Pay and tell", "Pay elsewhere"}, nil},
	} {
		for _, path := range []string{page(component), page(component) + "/gerrit-reviews"} {
			jane.Open(path)
			for _, text := range rows.shows {
				jane.Shows(text)
			}
			lacks(t, component, jane.Text(), rows.lacks...)
		}
		jane.Screenshot(component)
		_, body := x.ask(t, "jane", "/components/component/default/"+component+"/changes")
		holds(t, component, body, rows.shows...)
		lacks(t, component, body, rows.lacks...)
	}
}

// notPermitted is the title of what the policy of Backstage keeps from a person.
const notPermitted = "Backstage does not let you see this"

// deniedPages: whom Backstage's policy denies it is shown nothing, and told what
// to ask for.
func deniedPages(t *testing.T, x *pages) {
	s := x.tell(t, 9, "una")
	u := payments("3")
	u.Reviewers = []rig.Account{s.Person("una")}
	s.comment(s.push(u), 1)
	const read, reviews = "gerrit-review-assistant.read", "gerrit-review-assistant.reviews.read"
	una := x.tab(t, "una")
	for path, p := range map[string]struct{ title, permission string }{
		entity(9): {notPermitted, read}, entity(9) + "/gerrit-reviews": {notPermitted, read}, "/my-reviews": {"You may not see your reviews here", reviews},
	} {
		una.Open(path)
		una.Shows(p.title)
		una.Shows("Ask whoever runs Backstage for the permission " + p.permission + ".")
		lacks(t, "the page "+path, una.Text(), "Retry failed payments")
		una.Screenshot(path)
	}
	for path, permission := range map[string]string{component(9, "changes"): read, component(9, "activity"): read, "/me/reviews": reviews} {
		status, body := x.ask(t, "una", path)
		if status != http.StatusForbidden || !strings.Contains(body, `"reason":"not-allowed"`) || !strings.Contains(body, permission) {
			t.Errorf("for %s una gets %d: %s", path, status, body)
		}
		lacks(t, "the answer for "+path, body, "Retry failed payments")
	}
}

// withoutReviews: whom the policy denies what belongs to no component is still
// shown all of a component, the details of its changes too.
func withoutReviews(t *testing.T, x *pages) {
	s := x.tell(t, 10, "ray")
	c := s.push(payments("3"))
	s.comment(c, 1)
	ray := x.tab(t, "ray")
	ray.Open(entity(10) + "/gerrit-reviews")
	ray.Shows("Retry failed payments")
	ray.Click(fmt.Sprintf("Details of change %d: Retry failed payments", c.Number))
	ray.Shows("pay/authorize.go: adds to Authorize.")
	ray.Shows("What was decided")
	ray.Screenshot("detail")
	if status, body := x.ask(t, "ray", "/changes/"+url.PathEscape("main/"+c.String())); status != http.StatusForbidden || !strings.Contains(body, "gerrit-review-assistant.reviews.read") {
		t.Errorf("without its component ray gets %d for the change: %s", status, body)
	}
	ray.Open("/my-reviews")
	ray.Shows("You may not see your reviews here")
	lacks(t, "the page of reviews", ray.Text(), "Retry failed payments")
}

// accessiblePages: axe finds nothing serious in any part, in both schemes.
func accessiblePages(t *testing.T, x *pages) {
	s := x.tell(t, 3, "jane", "una")
	jane := s.Person("jane")
	var c *rig.Change
	for n := range 3 {
		u := retry(3 + n)
		u.Reviewers = []rig.Account{jane}
		c = s.push(u)
		s.comment(c, 1)
	}
	s.fails(c, "axe", "TestRetry", "pay/authorize.go:12: got 3 tries")
	s.push(rig.Push{Message: "Say less", WIP: true, Files: rig.Files{"README.md": "Less.\n"}})
	landed := s.push(rig.Push{Message: "Say nothing", Files: rig.Files{"SILENT.md": "Nothing.\n"}})
	landed.Vote(s.Gerrit.Admin, "Code-Review", 2)
	landed.Submit(s.Gerrit.Admin)

	for _, scheme := range []string{"light", "dark"} {
		t.Run(scheme, func(t *testing.T) {
			t.Parallel()
			accessibleIn(t, x, scheme, c.Number)
		})
	}
}

// accessibleIn looks at all parts in one scheme, and opens the change of that
// number.
func accessibleIn(t *testing.T, x *pages, scheme string, number int) {
	const card, sections = "//h3[.='Gerrit reviews']", "//*[@role='tablist'][.//*[.='Recently landed']]"
	section := func(name string) func(*rig.Tab) { return func(tab *rig.Tab) { tab.Click(name) } }
	detail := func(tab *rig.Tab) { tab.Click(fmt.Sprintf("Details of change %d: Retry payments 5 times", number)) }
	tabs := map[string]*rig.Tab{}
	for _, name := range []string{"jane", "tom", "una"} {
		tabs[name] = x.tab(t, name)
		tabs[name].Scheme(scheme)
	}
	for _, p := range []struct {
		name, who, path string
		act             func(*rig.Tab) // on the page
		shows           string         // once the part is there
		from, to        string         // what stands first and last in it
	}{
		{"card", "jane", entity(3), nil, "Retry payments 5 times", card, "//ul[@aria-label='Open changes']"},
		{"no changes", "tom", entity(3), nil, "No open changes", card, "//p[.='No open changes']"},
		{"no permission", "una", entity(3), nil, notPermitted, card, "//*[@role='alert']"},
		{"tab", "jane", entity(3) + "/gerrit-reviews", nil, "Retry payments 5 times", sections, "//table"},
		{"detail", "jane", entity(3) + "/gerrit-reviews", detail, "What was decided", sections, "//h4[.='What was decided']"},
		{"landed", "jane", entity(3) + "/gerrit-reviews", section("Recently landed"), "Say nothing", sections, "//*[@role='tabpanel']//li"},
		{"failures", "jane", entity(3) + "/gerrit-reviews", section("Build failures"), "1 open failure", sections, "//*[@role='tabpanel']//li"},
		{"branches", "jane", entity(3) + "/gerrit-reviews", section("Branches"), "0 of 3 open", sections, "//table"},
		{"activity", "jane", entity(3) + "/gerrit-reviews", section("Activity"), "decisions.", sections, "//*[@role='tabpanel']//li"},
		{"no failures", "tom", entity(3) + "/gerrit-reviews", section("Build failures"), "No build failure is known", sections, "//p[.='No build failure is known']"},
		{"tab without permission", "una", entity(3) + "/gerrit-reviews", nil, notPermitted, sections, "//*[@role='alert']"},
		{"my reviews", "jane", "/my-reviews", nil, "Retry payments 5 times", "//h1", "//table"},
		{"nothing to review", "tom", "/my-reviews", nil, "Nothing waits for you", "//h1", "//p[.='Nothing waits for you']"},
	} {
		tab := tabs[p.who]
		tab.Open(p.path)
		if p.act != nil {
			p.act(tab)
		}
		tab.Shows(p.shows)
		tab.Until("our part of the page", fmt.Sprintf(ours, p.from, p.to))
		tab.Screenshot(p.name + " " + scheme)
		for _, f := range tab.Axe("[data-e2e]") {
			t.Errorf("%s, %s: %s", p.name, scheme, f)
		}
	}
}

// ours marks, for axe, what holds the two elements that paths name.
const ours = `(() => {
	const [from, to] = [%q, %q].map(path => document.evaluate(path, document, null, 9).singleNodeValue);
	let part = to && from;
	while (part && !part.contains(to)) part = part.parentElement;
	part?.setAttribute('data-e2e', '');
	return part;
})()`
