// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"fmt"
	"net/http"
	"path"
	"slices"

	"review-assistant/review"
)

// secretRef is a branch that not everybody reads.
const secretRef = "refs/heads/secret"

// sight lists what an account sees of a project, by the names that the case
// gave to the changes.
func (s *scene) sight(q review.SightQuery, names map[int]string) (out []string) {
	s.Helper()
	if q.Limit == 0 {
		q.Limit = 100
	}
	page, err := s.client().Seen(s.Context(), q)
	if err != nil || page.More {
		s.Fatalf("what %+v sees: more %v, %v", q, page.More, err)
	}
	for _, c := range page.Changes {
		out = append(out, names[c.ID.Number])
	}
	slices.Sort(out)
	return out
}

func sights(s *scene) {
	project, elsewhere := s.Project(), s.Project()
	// People of their own: others have reviews elsewhere.
	ann, rita, zoe := s.Person("ann"), s.Person("rita"+path.Base(project)), s.Person("zoe"+path.Base(project))
	names := map[int]string{}
	push := func(name, where string, p Push) Change {
		s.Helper()
		p.Message = name
		if p.Files == nil {
			p.Files = map[string]string{name: "x\n"}
		}
		c := s.Push(where, p)
		names[c.Number] = name
		return c
	}
	pay := push("pay", project, Push{Files: map[string]string{"pay/core/a.go": "x\n"}})
	core := push("core", project, Push{Files: map[string]string{"core/pay": "x\n"}})
	secret := push("secret", project, Push{Branch: secretRef, Base: map[string]string{"base": "x\n"}})
	private := push("private", project, Push{})
	wip := push("wip", project, Push{})
	gone := push("gone", project, Push{})
	merged := push("merged", project, Push{Files: map[string]string{"pay/b.go": "x\n"}})
	other := push("other", elsewhere, Push{})
	s.Amend(pay, Push{Files: map[string]string{"pay/core/a.go": "y\n"}})
	// Who votes leaves the attention set for the owner, who is asked comes into it.
	for _, c := range []Change{pay, wip, gone} {
		s.Vote(c, rita.Username, 1)
	}
	s.want(s.call(ann, http.MethodPost, core.path()+"/reviewers", object{"reviewer": rita.Username}), http.StatusOK, "")
	// Even where the bot sees a private change it is in no answer.
	s.want(s.call(ann, http.MethodPost, private.path()+"/reviewers", object{"reviewer": s.Bot().Username}), http.StatusOK, "")
	s.SetPrivate(private, true)
	s.SetWIP(wip, true)
	s.Abandon(gone)
	s.Submit(merged)
	s.HideBranch(project, secretRef, rita)

	for _, tt := range []struct {
		q    review.SightQuery
		want string
	}{
		{review.SightQuery{Account: ann.ID}, "[core gone merged pay secret wip]"},
		{review.SightQuery{Account: rita.ID}, "[core gone merged pay wip]"},
		{review.SightQuery{Account: rita.ID, Status: review.StatusNew}, "[core pay wip]"},
		{review.SightQuery{Account: rita.ID, Status: review.StatusMerged}, "[merged]"},
		{review.SightQuery{Account: rita.ID, Status: review.StatusAbandoned}, "[gone]"},
		{review.SightQuery{Account: rita.ID, Dir: "pay"}, "[merged pay]"},
		{review.SightQuery{Account: rita.ID, Dir: "/pay/core/", Status: review.StatusNew}, "[pay]"},
		{review.SightQuery{Account: rita.ID, Dir: "pay/cor"}, "[]"},
		{review.SightQuery{Account: rita.ID, Dir: "pay", Number: pay.Number}, "[pay]"},
		{review.SightQuery{Account: rita.ID, Dir: "pay", Number: core.Number}, "[]"},
		{review.SightQuery{Account: ann.ID, Branch: "secret"}, "[secret]"},
		{review.SightQuery{Account: ann.ID, Branch: "secre"}, "[]"},
		{review.SightQuery{Account: rita.ID, Branch: "secret"}, "[]"},
		{review.SightQuery{Account: rita.ID, Branch: "main", Dir: "pay"}, "[merged pay]"},
		{review.SightQuery{Account: rita.ID, Number: secret.Number}, "[]"},
		{review.SightQuery{Account: ann.ID, Number: other.Number}, "[]"},
		{review.SightQuery{Account: rita.ID, Status: review.StatusNew, Relation: review.RelationReviewer}, "[core pay]"},
		{review.SightQuery{Account: rita.ID, Status: review.StatusNew, Relation: review.RelationAttention}, "[core]"},
		{review.SightQuery{Account: ann.ID, Status: review.StatusNew, Relation: review.RelationReviewer}, "[]"},
		{review.SightQuery{Account: ann.ID, Status: review.StatusNew, Relation: review.RelationAttention}, "[pay]"},
		{review.SightQuery{Account: zoe.ID, Status: review.StatusNew, Relation: review.RelationAttention}, "[]"},
	} {
		tt.q.Project = project
		if got := fmt.Sprint(s.sight(tt.q, names)); got != tt.want {
			s.Errorf("%+v sees %s, want %s", tt.q, got, tt.want)
		}
	}

	client := s.client()
	page, err := client.Seen(s.Context(), review.SightQuery{Account: ann.ID, Project: project, Limit: 100})
	if err != nil {
		s.Fatalf("what ann sees: %v", err)
	}
	for _, c := range page.Changes {
		if c.Submitted.IsZero() == (c.ID == merged.id()) || c.Submitted.After(c.Updated) {
			s.Errorf("%s was submitted at %s and updated at %s", names[c.ID.Number], c.Submitted, c.Updated)
		}
	}
	ids := []review.ChangeID{pay.id(), secret.id(), private.id(), merged.id(), other.id(), {Host: "main", Project: elsewhere, Number: core.Number}, {Host: "main", Project: project, Number: 999_999}}
	sees := func(who int64) (out []string) {
		s.Helper()
		got, err := client.Sees(s.Context(), who, ids, false)
		if err != nil {
			s.Fatal(err)
		}
		for id, row := range got {
			if row.ID != id {
				s.Errorf("%s is told as %s", id, row.ID)
			}
			out = append(out, names[id.Number])
		}
		slices.Sort(out)
		return out
	}
	for who, want := range map[int64]string{ann.ID: "[merged other pay secret]", rita.ID: "[merged other pay]", 999_999_999: "[]"} {
		if got := fmt.Sprint(sees(who)); got != want {
			s.Errorf("of those, %d sees %s, want %s", who, got, want)
		}
	}
	if _, err := client.Seen(s.Context(), review.SightQuery{Account: 999_999_999, Limit: 1}); err == nil {
		s.Error("the sight of an account that is not there is answered")
	}
	got, err := client.Sees(s.Context(), ann.ID, ids[:1], false)
	if c := got[pay.id()]; err != nil || c.PatchSet != 2 || c.Branch != "main" || c.Subject != "pay" ||
		c.Status != review.StatusNew || c.WIP || c.Owner.ID != ann.ID || c.Owner.Username != ann.Username || c.Owner.Name == "" ||
		fmt.Sprint(c.Attention) != fmt.Sprint([]int64{ann.ID}) ||
		c.Created.IsZero() || c.Updated.Before(c.Created) {
		s.Errorf("a row is %+v, %v", c, err)
	}
	// Whoever asks for an account has to know that it is active.
	s.SetActive(zoe, false)
	if got := fmt.Sprint(sees(zoe.ID)); got != "[merged other pay secret]" {
		s.Errorf("an inactive account sees %s", got)
	}
	people, err := client.Known(s.Context(), []review.Person{{Username: zoe.Username}, {Username: rita.Username}})
	if err != nil || people[0].Account.ID != 0 || people[0].Gone != zoe.ID || people[1].Account.ID != rita.ID {
		s.Errorf("people are %+v, %v", people, err)
	}
}

// sightPages has every second change hidden: pages are full all the same, and
// say whether there is more.
func sightPages(s *scene) {
	project := s.Project()
	rita := s.Person("rita" + path.Base(project))
	s.Push(project, Push{Message: "Base", Branch: secretRef, Base: map[string]string{"base": "x\n"}})
	var want []int
	for i := range 7 {
		c := s.Push(project, Push{Message: fmt.Sprint("Open ", i), Files: map[string]string{fmt.Sprint("f", i): "x\n"}})
		want = append(want, c.Number)
		s.Push(project, Push{Message: fmt.Sprint("Hidden ", i), Branch: secretRef, Files: map[string]string{fmt.Sprint("f", i): "x\n"}})
	}
	s.HideBranch(project, secretRef, rita)
	client := s.client()
	page, err := client.Seen(s.Context(), review.SightQuery{Account: rita.ID, Project: project, Limit: 3})
	if err != nil || len(page.Changes) != 3 || !page.More {
		s.Errorf("the first page has %d changes, more %v, %v; want it full", len(page.Changes), page.More, err)
	}
	if page, err = client.Seen(s.Context(), review.SightQuery{Account: rita.ID, Project: project, Limit: 7}); err != nil || len(page.Changes) != 7 || page.More {
		s.Errorf("a page of all has %d changes, more %v, %v", len(page.Changes), page.More, err)
	}
	seen := map[int]bool{}
	q := review.SightQuery{Account: rita.ID, Project: project, Status: review.StatusNew, Limit: 2}
	for n := 0; ; n++ {
		page, err := client.Seen(s.Context(), q)
		if err != nil || n > 20 {
			s.Fatalf("page %d: %v", n, err)
		}
		for _, c := range page.Changes {
			seen[c.ID.Number] = true
		}
		if !page.More {
			break
		}
		q.Before, q.Skip = page.Before, page.Skip
	}
	for _, n := range want {
		if !seen[n] {
			s.Errorf("no page has %d", n)
		}
	}
	if len(seen) != len(want) {
		s.Errorf("the pages have %d changes, want %d", len(seen), len(want))
	}
}

func owners(s *scene) {
	project := s.Project()
	olga, bob := s.Person("olga"+path.Base(project)), s.Person("bob")
	expect := func(when string, who Login, want bool) {
		s.Helper()
		if got, err := s.client().Owns(s.Context(), project, who.ID); got != want || err != nil {
			s.Errorf("%s, %s owns the project: %v, %v; want %v", when, who.Username, got, err, want)
		}
	}
	s.Own(project, olga)
	// Without Read on refs/meta/config the rules are there, but not told.
	expect("with hidden rules", olga, false)
	s.Configure(project, "[review-assistant]\n\tmode = on\n")
	expect("with rules that the bot reads", olga, true)
	expect("with rules that the bot reads", bob, false)
	expect("unknown", Login{ID: 999_999_999, Username: "nobody"}, false)
	s.HideFromBot(project)
	expect("with a hidden project", olga, false)
	if got, err := s.client().Owns(s.Context(), "no/such/project", olga.ID); got || err != nil {
		s.Errorf("of no project: %v, %v", got, err)
	}
}

func publicProjects(s *scene) {
	s.Person("plain")
	expect := func(project, plain string, want bool) {
		s.Helper()
		if got, err := s.clientWith(plain).Public(s.Context(), project); (got != "") != want || err != nil {
			s.Errorf("with the plain account %q, %s has the public branch %q, %v; want one: %v", plain, project, got, err, want)
		}
	}
	open := s.Project()
	expect(open, "", true)
	closed := s.simple().Project
	s.RequireSignIn(closed)
	expect(closed, "", false)
	expect(closed, "plain", true)
	empty := s.Project()
	s.RequireSignIn(empty)
	expect(empty, "plain", false) // nothing there shows it
	narrow := s.simple().Project
	s.Restrict(narrow)
	expect(narrow, "plain", false)
	expect("no/such/project", "plain", false)
}
