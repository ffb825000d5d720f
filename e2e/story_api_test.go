// SPDX-License-Identifier: Apache-2.0

//go:build e2e

package e2e

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"review-assistant/e2e/rig"
)

// portal is a bot that people may ask, whom an OpenID provider signs in.
type portal struct {
	*bot
	provider *rig.OIDC
	projects []string // those of the catalog's components part-0, part-1, …
}

const portalConfig = `identity:
  providers:
    - {name: sso, issuer: %q, audiences: [%s], username_claim: preferred_username, email: true}
  roles:
    - {role: operator, provider: sso, group: review-operators}
    - {role: auditor, gerrit: main, group: %q}
`

// openPortal starts a portal with projects that nobody opted in yet. Kim is in
// the group of auditors that is named after it.
func openPortal(t *testing.T, o botOptions, projects int) *portal {
	t.Helper()
	p := &portal{provider: startOIDC(t)}
	o.Catalog += p.fill(server.Scene(t), o.Name, projects)
	o.Models = projects
	o.More += fmt.Sprintf(portalConfig, p.provider.Issuer(), rig.Audience, "Auditors of "+o.Name)
	p.bot = startBot(t, o)
	return p
}

// fill makes the projects and the people, and returns the catalog of both.
func (p *portal) fill(s *rig.Scene, bot string, projects int) (catalog string) {
	s.Helper()
	for i := range projects {
		name := s.Project().Name
		p.projects = append(p.projects, name)
		catalog += fmt.Sprintf("kind: Component\nmetadata: {name: part-%d, annotations: {review-assistant/project: %s}}\nspec: {type: service, lifecycle: production, owner: user:lee}\n---\n", i, name)
	}
	for _, name := range []string{"jane", "tom", "kim", "lee", "una", "ray", "gus"} {
		s.Person(name)
		catalog += fmt.Sprintf("kind: User\nmetadata: {name: %s, annotations: {review-assistant/username: %[1]s}}\nspec: {profile: {email: %[1]s@example.com}, memberOf: []}\n---\n", name)
	}
	s.Group("Auditors of "+bot, s.Person("kim"))
	return catalog
}

// tell begins a story in the project of a component, which only the members of
// a group may read, and the bot.
func (p *portal) tell(t *testing.T, part int, readers ...string) *story {
	t.Helper()
	s := p.stage(t, part, readers...)
	s.configure("on")
	return s
}

// stage is tell of a project that has not opted in.
func (p *portal) stage(t *testing.T, part int, readers ...string) *story {
	t.Helper()
	s := (&bot{t, p.program}).stage(t)
	who := rig.M{p.readers(): rig.M{"action": "ALLOW"}, s.readersOf(part): rig.M{"action": "ALLOW"}}
	s.Group(s.readersOf(part), s.ann, s.bob)
	for _, name := range readers {
		s.Group(s.readersOf(part), s.Person(name))
	}
	s.Do(s.Gerrit.Admin, http.MethodPost, "/projects/"+p.projects[part]+"/access", rig.M{
		"add": rig.M{"refs/heads/*": rig.M{"permissions": rig.M{"read": rig.M{"exclusive": true, "rules": who}}}},
	}, nil)
	s.project = s.OpenProject(p.projects[part])
	s.listen(s.project)
	return s
}

// readersOf names the group of a component's readers.
func (s *story) readersOf(part int) string {
	return fmt.Sprintf("Readers of part %d of %s", part, s.bot.name)
}

// as is a person with a token that outlives the test.
func (p *portal) as(t *testing.T, name string) asker {
	t.Helper()
	token := must(p.provider.TokenOf(t.Context(), name, rig.Password, rig.Audience, "ES256", 30*time.Minute))(t)
	return asker{t: t, url: p.url, bearer: token, account: server.Scene(t).Person(name)}
}

func component(part int, list string) string {
	return fmt.Sprintf("/components/component/default/part-%d/%s", part, list)
}

// Each person sees what Gerrit shows her, and for as long as it does.
func TestAPI(t *testing.T) {
	t.Parallel()
	p := openPortal(t, botOptions{Name: "asked", More: buildsConfig(t, "")}, 4)

	// The models here are for internal data, and the projects are restricted.
	t.Run("without a model", func(t *testing.T) {
		t.Parallel()
		s := p.tell(t, 3, "jane")
		jane := p.as(t, "jane")
		c := s.push(payments("3"))
		if k := s.comment(c, 1); !strings.Contains(k.Text, "Computed, no model") {
			t.Errorf("a model was asked about a restricted project:\n%s", k.Text)
		}
		c.Amend(s.ann, payments("4"))
		if v, _ := s.bot.visited(c, 2, 0); v.Verdict != "posted" || v.Reason != "no-model-nothing-to-add" {
			t.Fatalf("patch set 2 got the verdict %s (%s)", v.Verdict, v.Reason)
		}
		// What was posted is no summary: it says that nobody read.
		if told := s.commentsOn(c, 2); len(told) != 1 || !strings.HasPrefix(told[0].Text, "Read without a model (this project is restricted") {
			t.Errorf("on patch set 2 stands %+v", told)
		}
		var d shown
		jane.read("/changes/main/"+c.String(), &d)
		if d.Reason != "no-model-nothing-to-add" || d.State != "skipped" || !strings.HasPrefix(d.Says, "No model may read") || !d.Summary.Stale {
			t.Errorf("jane is told %+v", d)
		}
	})

	t.Run("what Gerrit shows", func(t *testing.T) {
		t.Parallel()
		s := p.tell(t, 0, "jane")
		jane, tom := p.as(t, "jane"), p.as(t, "tom")
		var changes []*rig.Change
		for n := range 5 {
			u := retry(3 + n)
			if n%2 == 0 {
				u.Reviewers = []rig.Account{jane.account}
			}
			changes = append(changes, s.push(u))
		}
		for _, c := range changes {
			s.comment(c, 1)
		}
		s.Do(s.ann, http.MethodPost, changes[0].Path("/attention"), rig.M{"user": "jane", "reason": "her part"}, nil)
		s.Do(s.ann, http.MethodPost, changes[2].Path("/attention/"+strconv.FormatInt(jane.account.ID, 10)+"/delete"), rig.M{"reason": "not yet"}, nil)
		changes[3].Abandon(s.ann)
		project := "project:" + s.project.Name + " "
		for _, who := range []asker{jane, tom} {
			for status, query := range map[string]string{"open": "is:open", "abandoned": "is:abandoned", "all": ""} {
				sameAsGerrit(t, s.Scene, status, who.all(component(0, "changes?status="+status), "changes"), who.account, project+query)
			}
			var reviews []shown
			for _, row := range who.all("/me/reviews", "changes") {
				if strings.HasPrefix(row.ID, "main/"+s.project.Name+"~") {
					reviews = append(reviews, row)
				}
			}
			waits := onGerrit(s.Scene, who.account, project+"is:open attention:self")
			rest := onGerrit(s.Scene, who.account, project+"is:open reviewer:self -attention:self -owner:self")
			if !slices.Equal(plain(reviews), append(waits, rest...)) {
				t.Errorf("%s is to review\n%+v\nand on Gerrit\n%+v\n%+v", who.account.Username, plain(reviews), waits, rest)
			}
			for i, row := range reviews {
				if want := map[bool]string{true: "attention", false: "reviewer"}[i < len(waits)]; row.Waits != want {
					t.Errorf("%s of %s waits as %q, want %q", row.ID, who.account.Username, row.Waits, want)
				}
			}
		}
		if n := len(jane.all(component(0, "changes"), "changes")); n != 4 {
			t.Errorf("jane sees %d open changes, want 4", n)
		}
		for _, row := range jane.all(component(0, "changes"), "changes") {
			if row.State != "summarized" || row.Summary == nil || row.Summary.Title == "" {
				t.Errorf("jane sees no summary in %+v", row)
			}
		}
		if rows := jane.all(component(0, "activity"), "activity"); len(rows) < 5 || !strings.HasPrefix(rows[0].Change, "main/"+s.project.Name+"~") {
			t.Errorf("jane sees the activity %+v", rows)
		}
		if rows := tom.all(component(0, "activity"), "activity"); len(rows) > 0 {
			t.Errorf("tom sees the activity %+v", rows)
		}
		for _, c := range changes {
			if !jane.summarized(c) {
				t.Errorf("jane sees no summary of %s: %s", c, jane.change(c).body)
			}
			tom.change(c).refused(t, http.StatusNotFound, "not-shown")
		}
		// To tom it looks as if there were nothing.
		if hidden, none := tom.change(changes[0]), tom.get("/changes/main/"+s.project.Name+"~99999"); hidden.body != none.body {
			t.Errorf("tom can tell %s from %s", hidden.body, none.body)
		}
	})

	t.Run("access that ends", func(t *testing.T) {
		t.Parallel()
		s := p.tell(t, 1, "jane")
		jane, kim := p.as(t, "jane"), p.as(t, "kim")
		s.Group("Friends of "+p.name, kim.account)
		s.Grant(s.project.Name, "refs/heads/*", "read", "Friends of "+p.name, rig.Allow)
		c := s.push(payments("3"))
		s.comment(c, 1)
		path := "/changes/main/" + c.String()
		for _, who := range []asker{jane, kim} {
			who.awaitStatus("the rules", path, http.StatusOK)
			if rows := who.all(component(1, "changes"), "changes"); !who.summarized(c) || len(rows) != 1 {
				t.Fatalf("%s sees %v: %s", who.account.Username, rows, who.change(c).body)
			}
		}
		began := time.Now()
		s.Revoke(s.project.Name, "refs/heads/*", "read", s.readersOf(1), rig.Allow)
		jane.awaitStatus("a push to the rules", path, http.StatusNotFound)
		if took := time.Since(began); took > 30*time.Second {
			t.Errorf("it took %s, and should not wait for the end of a cache", took)
		}
		// Nobody tells of groups.
		if !kim.summarized(c) {
			t.Fatalf("kim sees no summary any more: %s", kim.change(c).body)
		}
		began = time.Now()
		s.Leave("Friends of "+p.name, kim.account)
		kim.awaitStatus("leaving a group", path, http.StatusNotFound)
		if took := time.Since(began); took > 65*time.Second {
			t.Errorf("it took %s", took)
		}
		for _, who := range []asker{jane, kim} {
			if rows := who.all(component(1, "changes"), "changes"); len(rows) > 0 {
				t.Errorf("%s still sees %v", who.account.Username, rows)
			}
		}
	})

	t.Run("an account that is switched off", func(t *testing.T) {
		t.Parallel()
		s := server.Scene(t)
		gus := p.as(t, "gus") // in no other test: they run beside this one
		gus.read("/me", &struct{}{})
		t.Cleanup(func() {
			// The test's own context is over by now.
			check(t, rig.Try(context.Background(), func(x rig.T) { server.Scene(x).SetActive(gus.account, true) }))
		})
		s.SetActive(gus.account, false)
		began := time.Now()
		gus.awaitStatus("switching off", "/me", http.StatusForbidden).refused(t, http.StatusForbidden, "account-inactive")
		if took := time.Since(began); took > 65*time.Second {
			t.Errorf("it took %s", took)
		}
		out, _ := p.run("audit", "query", "--action", "access-denied")
		holds(t, "the audit log", out, "account-inactive", "subject-of-gus")
	})

	t.Run("owners mark failures", func(t *testing.T) {
		t.Parallel()
		s := p.tell(t, 2, "jane", "kim")
		jane, tom, kim := p.as(t, "jane"), p.as(t, "tom"), p.as(t, "kim")
		s.Group("Owners of "+s.project.Name, jane.account)
		s.Grant(s.project.Name, "refs/*", "owner", "Owners of "+s.project.Name, rig.Allow)
		c := s.push(payments("3"))
		s.comment(c, 1)
		report := p.write("api-junit.xml", `<testsuite name="pay"><testcase classname="pay" name="TestRetry"><failure message="got 3 tries">retry_test.go:88: got 3 tries</failure></testcase></testsuite>`)
		out, exit := s.bot.run("builds", "ingest", report, "--to", p.url, "--token-file", p.write("api-push-token", buildToken), "--project", "main/"+s.project.Name,
			"--change", strconv.Itoa(c.Number), "--patch-set", "1", "--job", "unit", "--result", "failed", "--id", "1")
		if exit != 0 {
			t.Fatalf("builds ingest ends with %d: %s", exit, out)
		}
		fingerprint := ""
		eventually(t, "the failure to be there", func() bool {
			got := kim.get(component(2, "failures"))
			if m := regexp.MustCompile(`"fingerprint":"([0-9a-f]+)"`).FindStringSubmatch(got.body); m != nil {
				fingerprint = m[1]
			}
			return fingerprint != ""
		})
		lacks(t, "what tom sees", tom.get(component(2, "failures")).body, "TestRetry", fingerprint)
		mark := fmt.Sprintf(`{"host":"main","project":%q,"as":"flaky","note":"the bank sleeps"}`, s.project.Name)
		path := "/builds/clusters/" + fingerprint + "/mark"
		for _, who := range []asker{tom, kim} {
			who.ask(http.MethodPost, path, mark).refused(t, http.StatusForbidden, "no-owner")
		}
		if got := jane.ask(http.MethodPost, path, mark); got.status != http.StatusNoContent {
			t.Errorf("an owner who marks gets %d: %s", got.status, got.body)
		}
		eventually(t, "the mark to be seen", func() bool { return strings.Contains(kim.get(component(2, "failures")).body, "the bank sleeps") })
		out, _ = p.run("audit", "query", "--action", "access-denied")
		holds(t, "the audit log", out, "no-owner")
	})

	t.Run("roles, and who is who", func(t *testing.T) {
		t.Parallel()
		jane, tom, kim := p.as(t, "jane"), p.as(t, "tom"), p.as(t, "kim")
		for _, who := range []asker{jane, kim} {
			if got := who.get("/reviewers/report?host=main"); got.status != http.StatusOK {
				t.Errorf("%s gets %d for the report: %s", who.account.Username, got.status, got.body)
			}
		}
		tom.get("/reviewers/report?host=main").refused(t, http.StatusForbidden, "no-role")
		holds(t, "what jane is", jane.get("/me").body, `"roles":["operator"]`, `"entity":"user:default/jane"`, `"username":"jane"`)
		holds(t, "what kim is", kim.get("/me").body, `"roles":["auditor"]`)
		lacks(t, "what jane is", jane.get("/me").body, "@")

		elsewhere := jane
		elsewhere.bearer = must(p.provider.Token(t.Context(), "jane", rig.Password, rig.Elsewhere))(t)
		elsewhere.get("/me").refused(t, http.StatusUnauthorized, "token-audience")

		out, exit := p.run("identity", "explain", "jane")
		if exit != 0 {
			t.Errorf("explain ends with %d", exit)
		}
		holds(t, "explain", out, fmt.Sprintf("resolves to account %d on main", jane.account.ID), "user:default/jane")
		binding := fmt.Sprintf("main/%d tom", tom.account.ID)
		out, _ = p.run("identity", "list")
		holds(t, "the bindings", out, binding, "subject-of-tom")
		if out, exit := p.run("identity", "forget", p.provider.Issuer(), "subject-of-tom"); exit != 0 {
			t.Errorf("forget ends with %d: %s", exit, out)
		}
		out, _ = p.run("identity", "list")
		lacks(t, "the bindings", out, binding)
		out, _ = p.run("audit", "query")
		holds(t, "the audit log", out, "no-role", "subject-of-tom", "forget")
		if out, exit := p.run("audit", "verify"); exit != 0 {
			t.Errorf("audit verify ends with %d: %s", exit, out)
		}
	})
}

// A stream misses nothing over a restart, what turns private is gone from
// answers and store, and what Gerrit does not answer is not shown.
func TestAPIOverTime(t *testing.T) {
	t.Parallel()
	p := openPortal(t, botOptions{Name: "lasting", Reconcile: "2s"}, 2)
	s, open := p.tell(t, 0, "jane"), p.tell(t, 1, "jane", "tom")
	jane, tom := p.as(t, "jane"), p.as(t, "tom")
	deal := payments("3")
	deal.Message = "Retry payments of the Zanzibar deal"
	stored := func() (n int) {
		for _, path := range p.files() {
			if body, err := os.ReadFile(path); err == nil && strings.Contains(path, "store.db") {
				n += strings.Count(string(body), "Zanzibar")
			}
		}
		return n
	}

	forJane, forTom := jane.follow(""), tom.follow("")
	c := s.push(deal)
	s.comment(c, 1)
	until(t, forJane, c)
	c.Amend(s.ann, payments("4"))
	s.comment(c, 2)
	eventually(t, "the event of patch set 2", func() bool {
		var d shown
		jane.read("/changes/main/"+c.String(), &d)
		return d.PatchSet == 2
	})
	until(t, forJane, c)
	common := open.push(payments("3"))
	open.comment(common, 1)
	last := until(t, forJane, common)
	if got := until(t, forTom, common); len(got) > 1 {
		t.Errorf("tom is told %v, want nothing but %s", got, common)
	}
	if !jane.summarized(c) || stored() == 0 {
		t.Fatalf("jane sees %s", jane.change(c).body)
	}

	c.SetPrivate(s.ann)
	jane.awaitStatus("turning private", "/changes/main/"+c.String(), http.StatusNotFound)
	lacks(t, "the list", jane.get(component(0, "changes")).body, "Zanzibar")
	lacks(t, "the activity", jane.get(component(0, "activity")).body, "Zanzibar")
	p.await("the end of the change", 0, func(v visit) bool { return strings.HasSuffix(v.Change, "/"+c.String()) && v.Reason == "private" })
	p.stop()
	if n := stored(); n > 0 {
		t.Errorf("the store still holds %d copies of the summary", n)
	}

	c.SetPublic(s.ann)
	missed := s.push(retry(7))
	p.start()
	s.comment(missed, 1)
	forJane, forTom = jane.follow(last[len(last)-1].id), tom.follow(last[len(last)-1].id)
	until(t, forJane, missed)
	again := open.push(retry(8))
	open.comment(again, 1)
	until(t, forJane, again)
	if got := until(t, forTom, again); slices.ContainsFunc(got, func(e event) bool { return e.about(c) || e.about(missed) }) {
		t.Errorf("tom is told %v", got)
	}
	jane.awaitStatus("turning public", "/changes/main/"+c.String(), http.StatusOK)
	// What was erased stays so; the next patch set has a summary again.
	c.Amend(s.ann, rig.Push{Files: rig.Files{"pay/refund.go": "package pay\n\n// Refund gives money back, in the same number of attempts.\nfunc Refund(bank Bank, card Card, cents int) error {\n\tif cents <= 0 {\n\t\treturn ErrDeclined\n\t}\n\treturn Authorize(bank, card, -cents)\n}\n"}})
	s.comment(c, 3)
	eventually(t, "the summary to return", func() bool { return jane.summarized(c) })

	var down atomic.Bool
	p.wires[0].onBefore(func(call) *reply {
		if down.Load() {
			return &reply{status: http.StatusServiceUnavailable, body: "down at Zanzibar"}
		}
		return nil
	})
	down.Store(true)
	began := time.Now()
	path := "/changes/main/" + c.String()
	got := jane.awaitStatus("the end of Gerrit", path, http.StatusServiceUnavailable)
	if took := time.Since(began); took > 65*time.Second {
		t.Errorf("it took %s", took)
	}
	for _, got := range []answer{got, jane.get(path), jane.get(component(0, "changes")), jane.get("/me/reviews")} {
		got.refused(t, http.StatusServiceUnavailable, "not-now")
		lacks(t, "the answer", got.body, "Zanzibar", ".go", "goroutine", url.PathEscape(p.wires[0].URL), p.wires[0].URL, "main/")
		if got.header.Get("Retry-After") == "" {
			t.Error("the answer does not say when to come again")
		}
	}
	down.Store(false)
	jane.awaitStatus("the return of Gerrit", path, http.StatusOK)
}
