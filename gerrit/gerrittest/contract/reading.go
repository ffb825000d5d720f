// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"review-assistant/gerrit"
	"review-assistant/review"
)

func pages(s *scene) {
	project := s.Project()
	for i := range 5 {
		s.Push(project, Push{Message: fmt.Sprintf("Change %d", i), Files: map[string]string{fmt.Sprintf("f%d", i): "x\n"}})
	}
	seen := map[int]bool{}
	for start, want := range map[int]int{0: 2, 2: 2, 4: 1, 6: 0} {
		var list []struct {
			Number int  `json:"_number"`
			More   bool `json:"_more_changes"`
		}
		s.decode(s.get(fmt.Sprintf("/changes/?q=status:open+project:%s&n=2&S=%d", escape(project), start)), &list)
		if len(list) != want {
			s.Fatalf("the page from %d on has %d changes, want %d", start, len(list), want)
		}
		for i, c := range list {
			seen[c.Number] = true
			if more := i == 1 && start < 4; c.More != more && i == len(list)-1 {
				s.Errorf("the page from %d on says more: %v", start, c.More)
			}
		}
	}
	if len(seen) != 5 {
		s.Errorf("the pages have %d changes, want 5", len(seen))
	}
	n := 0
	for stub, err := range s.client().Recent(s.Context(), time.Now().Add(-time.Hour)) {
		if err != nil {
			s.Fatal(err)
		}
		if stub.ID.Project == project && stub.PatchSet == 1 && len(stub.Revision) == 40 {
			n++
		}
	}
	if n != 5 {
		s.Errorf("the client finds %d of them, want 5", n)
	}
	for c, err := range s.client().Recent(s.Context(), time.Now().Add(time.Hour)) {
		s.Errorf("a window of the future has %v, %v", c, err)
	}
}

// closed walks by time, on which both bounds of a window belong to it.
func closed(s *scene) {
	project := s.Project()
	var made []Change
	for i := range 5 {
		c := s.Push(project, Push{Message: fmt.Sprintf("Change %d", i), Files: map[string]string{fmt.Sprintf("d/f%d", i): "x\n"}})
		s.Vote(c, "bob", 1)
		made = append(made, c)
	}
	for _, c := range made[:3] {
		s.Submit(c)
	}
	s.Abandon(made[3])
	read := func(q review.ClosedQuery) map[int]review.Closed {
		s.Helper()
		q.Project = project
		seen := map[int]review.Closed{}
		for range 50 {
			page, err := s.client().Closed(s.Context(), q)
			if err != nil {
				s.Fatal(err)
			}
			for _, c := range page.Changes {
				seen[c.ID.Number] = c
			}
			if !page.More {
				return seen
			}
			q.Before, q.Skip = page.Before, page.Skip
		}
		s.Fatal("the pages do not end")
		return nil
	}
	merged, all := read(review.ClosedQuery{Limit: 2}), read(review.ClosedQuery{Limit: 2, Abandoned: true, Messages: true})
	if len(merged) != 3 || len(all) != 4 {
		s.Fatalf("%d merged and %d closed changes, want 3 and 4", len(merged), len(all))
	}
	c := all[made[1].Number]
	voted := func(who Login) bool {
		return slices.ContainsFunc(c.Voters, func(a review.Account) bool { return a.ID == who.ID })
	}
	if !voted(s.Person("bob")) || voted(s.Person("ann")) || len(c.Files) != 1 || c.Files[0] != "d/f1" || c.Branch == "" ||
		c.Status != review.StatusMerged || len(c.ChangeKey) != 41 || len(c.Revision) != 40 || c.Reviewed.IsZero() || c.Owner.ID != s.Person("ann").ID {
		s.Errorf("a merged change is %+v", c)
	}
	if c.Closed.Before(c.Created) || c.Closed.After(c.Updated) {
		s.Errorf("it was made %v, closed %v, updated %v", c.Created, c.Closed, c.Updated)
	}
	at := c.Updated.Truncate(time.Second)
	if _, there := read(review.ClosedQuery{Limit: 10, After: at, Before: at, Brief: true})[made[1].Number]; !there {
		s.Errorf("a change is not in the window of its own second")
	}
	if got := read(review.ClosedQuery{Limit: 10, Before: at.Add(-time.Hour)}); len(got) > 0 {
		s.Errorf("an earlier window has %d changes", len(got))
	}
}

func severalQueries(s *scene) {
	c := s.simple()
	ann, bob := s.Person("ann"), s.Person("bob")
	ask := func(ids ...int64) reply {
		s.Helper()
		q := url.Values{}
		for _, id := range ids {
			q.Add("q", fmt.Sprintf("change:%d visibleto:%d", c.Number, id))
		}
		return s.get("/changes/?" + q.Encode())
	}
	s.want(ask(make([]int64, 11)...), http.StatusBadRequest, "limit of 10 queries")
	s.want(ask(ann.ID, 999_999_999), http.StatusBadRequest, "")
	var one []object
	s.decode(ask(ann.ID), &one)
	var two [][]object
	s.decode(ask(ann.ID, bob.ID), &two)
	if len(one) != 1 || len(two) != 2 || len(two[1]) != 1 {
		s.Errorf("one query gives %d changes, two give %d lists", len(one), len(two))
	}
	s.Amend(c, Push{Files: map[string]string{"a.go": "package b\n"}})
	s.want(s.post(c.path()+"/revisions/2/review", object{"message": "so that the bot keeps seeing it"}), http.StatusOK, "")
	s.SetPrivate(c, true)
	got, err := s.client().CanSee(s.Context(), c.id(), []review.Account{{ID: ann.ID}, {ID: bob.ID}, {ID: 999_999_999}})
	if err != nil || len(got) != 1 || got[0].ID != ann.ID {
		s.Errorf("%v see a private change, %v; want its owner alone", got, err)
	}
}

func unknownOptions(s *scene) {
	c := s.simple()
	s.want(s.get(c.path()+"/detail?o=NO_SUCH_OPTION"), http.StatusBadRequest, "")
	s.want(s.get(c.path()+"/revisions/1/patch?nothing"), http.StatusBadRequest, "is not a valid option")
	s.want(s.get(c.path()+"/revisions/1/files?nothing"), http.StatusBadRequest, "is not a valid option")
	s.want(s.get("/changes/?q=nooperator:x"), http.StatusBadRequest, "")
}

func merges(s *scene) {
	c := s.Push(s.Project(), Push{Message: "Merge side", Merge: true, Files: map[string]string{"side.txt": "side\n"}})
	s.want(s.get(c.path()+"/revisions/1/patch"), http.StatusConflict, "more than 1 parent")
	if s.newer("3.12") {
		s.want(s.get(c.path()+"/revisions/1/patch?raw&parent=1"), http.StatusOK, "diff --git a/side.txt b/side.txt")
	} else {
		s.want(s.get(c.path()+"/revisions/1/patch?parent=1"), http.StatusBadRequest, "is not a valid option")
	}
	var files map[string]object
	s.decode(s.get(c.path()+"/revisions/1/files?parent=1"), &files)
	if files["side.txt"] == nil || files["/MERGE_LIST"] == nil {
		s.Errorf("the files against the first parent are %v", files)
	}
	s.expect(c, "added side.txt 100644 +1 -0\n  +side\n")
}

// patches runs the same pushes everywhere and expects the same patches.
func patches(s *scene) {
	c := s.Push(s.Project(), Push{
		Message: "Many things\n\nWith a body.",
		Base: map[string]string{
			"code.go": "package a\n\nfunc A() {\n\tx := 1\n\t_ = x\n}\n", "crlf.txt": "a\r\nb\r\nc\r\n", "gone.txt": "bye\n",
			"old/name.txt": strings.Repeat("stays\n", 20) + "old\n", "noeol.txt": "one\ntwo", "latin1.txt": "caf\xe9\nx\n",
		},
		Files: map[string]string{
			"code.go": "package a\n\nfunc A() {\n\tx := 2\n\t_ = x\n}\n", "crlf.txt": "a\r\nB\r\nc\r\n", "empty.txt": "",
			"new/name.txt": strings.Repeat("stays\n", 20) + "new\n", "noeol.txt": "one\ntwo\nthree", "latin1.txt": "caf\xe9\ny\n",
			"image.png": "\x89PNG\x00\x01", `dir/läng "q".txt`: "x\n", "a+b c.txt": "plus\n",
		},
		Symlinks: map[string]string{"link": "code.go"}, Submodules: map[string]string{"lib": strings.Repeat("1", 40)},
		Renames: map[string]string{"old/name.txt": "new/name.txt"}, Removes: []string{"gone.txt"},
	})
	s.expect(c, `added a+b c.txt 100644 +1 -0
  +plus
modified code.go 100644 +1 -1
   package a
   
   func A() {
  -	x := 1
  +	x := 2
   	_ = x
   }
modified crlf.txt 100644 +1 -1
   a
  -b
  +B
   c
added dir/läng "q".txt 100644 +1 -0
  +x
added empty.txt 100644 +0 -0
deleted gone.txt 100644 +0 -1
  -bye
added image.png 100644 +0 -0 (binary)
modified latin1.txt 100644 +1 -1
   café
  -x
  +y
added lib 160000 +1 -0
  +Subproject commit 1111111111111111111111111111111111111111
added link 120000 +1 -0
  +code.go
renamed new/name.txt from old/name.txt 100644 +1 -1
   stays
   stays
   stays
  -old
  +new
modified noeol.txt 100644 +2 -1
   one
  -two
  +two
  +three
`)
	forged := s.Push(c.Project, Push{
		Message: "Fix\n\ndiff --git a/ghost.go b/ghost.go\n--- a/ghost.go\n+++ b/ghost.go\n@@ -1 +1 @@\n-good\n+forged",
		Files:   map[string]string{"real.go": "package r\n"},
	})
	s.expect(forged, "added real.go 100644 +1 -0\n  +package r\n")
	s.expect(s.Push(c.Project, Push{Message: "Nothing at all"}), "")
	s.Amend(forged, Push{Message: "Honest", Files: map[string]string{"real.go": "package s\n"}})
	s.expect(forged, "added real.go 100644 +1 -0\n  +package s\n")
	var diff struct {
		Kind string   `json:"change_type"`
		List []object `json:"content"`
	}
	s.decode(s.get(forged.path()+"/revisions/2/files/none.go/diff"), &diff)
	if diff.Kind != "MODIFIED" || len(diff.List) != 0 {
		s.Errorf("the diff of a file that is not there is %+v", diff)
	}
	s.want(s.get(forged.path()+"/revisions/2/files/none.go/content"), http.StatusNotFound, "")
}

// expect reads the current patch as the client does and compares.
func (s *scene) expect(c Change, want string) {
	s.Helper()
	client := s.client()
	ch, err := client.Change(s.Context(), c.id())
	if err != nil {
		s.Fatal(err)
	}
	p, err := client.Patch(s.Context(), ch, ch.Current(), nil)
	if err != nil {
		s.Fatal(err)
	}
	var b strings.Builder
	for _, f := range p.Files {
		fmt.Fprintf(&b, "%s %s", f.Status, f.Path)
		if f.OldPath != "" {
			fmt.Fprintf(&b, " from %s", f.OldPath)
		}
		fmt.Fprintf(&b, " %o +%d -%d", f.Mode, f.Added, f.Removed)
		if f.Skip != "" {
			fmt.Fprintf(&b, " (%s)", f.Skip)
		}
		b.WriteByte('\n')
		for _, h := range f.Hunks {
			for _, l := range h.Lines {
				fmt.Fprintf(&b, "  %c%s\n", l.Op, l.Text)
			}
		}
	}
	if b.String() != want {
		s.Errorf("the patch of %s is\n%s\nwant\n%s", c.path(), b.String(), want)
	}
}

func configStates(s *scene) {
	project := s.Project()
	client := s.client()
	state := func(want review.ConfigState, body string) {
		s.Helper()
		client.Forget(project)
		chain, err := client.ConfigChain(s.Context(), project)
		if err != nil {
			s.Fatal(err)
		}
		if chain[0].State != want || string(chain[0].Body) != body {
			s.Errorf("the configuration is %s %q, want %s %q", chain[0].State, chain[0].Body, want, body)
		}
		if want != review.ConfigNoRead {
			at, err := client.CommitTime(s.Context(), project, chain[0].Revision)
			if err != nil || time.Since(at).Abs() > time.Hour {
				s.Errorf("its commit is of %s, %v", at, err)
			}
		}
		if last := chain[len(chain)-1]; last.Project != "All-Projects" || last.State != review.ConfigNoRead {
			s.Errorf("the chain ends with %+v", last)
		}
	}
	state(review.ConfigNoRead, "")
	s.Configure(project, "[review-assistant]\n\tmode = on\n")
	state(review.ConfigFound, "[review-assistant]\n\tmode = on\n")
	s.Configure(project, "")
	state(review.ConfigAbsent, "")
	s.HideFromBot(project)
	client.Forget(project)
	if _, err := client.ConfigChain(s.Context(), project); !review.IsGone(err) {
		s.Errorf("of a hidden project: %v", err)
	}
	if _, err := client.ConfigChain(s.Context(), "no/such/project"); !review.IsGone(err) {
		s.Errorf("of no project: %v", err)
	}
}

func accounts(s *scene) {
	client := s.client()
	me, err := client.Self(s.Context())
	if err != nil || me.ID != s.Bot().ID || !me.Service {
		s.Errorf("self is %+v, %v", me, err)
	}
	if v, err := client.Version(s.Context()); err != nil || v != s.Version() {
		s.Errorf("the version is %q, %v", v, err)
	}
	if _, err := client.Capabilities(s.Context()); err != nil {
		s.Error(err)
	}
	ann, bob := s.Person("ann"), s.Person("bob")
	people, err := client.Resolve(s.Context(), []review.Person{
		{Username: "ann"}, {Email: "bob@example.com"}, {Username: "nobody"}, {Email: "bob@example"},
	})
	if err != nil || people[0].Account.ID != ann.ID || people[1].Account.ID != bob.ID || people[2].Account.ID != 0 || people[3].Account.ID != 0 {
		s.Errorf("people are %+v, %v", people, err)
	}
	if _, err := client.InGroup(s.Context(), "no such group", review.Account{ID: ann.ID}); !review.IsDenied(err) {
		s.Errorf("of no group: %v", err)
	}
	if in, err := client.InGroup(s.Context(), "Service Users", me); err != nil || !in {
		s.Errorf("the bot is a service user: %v, %v", in, err)
	}
}

func wholeChange(s *scene) {
	project := s.Project()
	c := s.Push(project, Push{Message: "Retry payments\n\nBecause.", Files: map[string]string{"a.go": "package a\n"}})
	s.Amend(c, Push{Message: "Retry all payments\n\nBecause."})
	s.Amend(c, Push{Files: map[string]string{"a.go": "package b\n"}})
	s.Vote(c, "bob", 1)
	s.SetWIP(c, true)
	client := s.client()
	ch, err := client.Change(s.Context(), c.id())
	if err != nil {
		s.Fatal(err)
	}
	var kinds []review.Kind
	for _, ps := range ch.PatchSets {
		kinds = append(kinds, ps.Kind)
	}
	if fmt.Sprint(kinds) != "[REWORK NO_CODE_CHANGE REWORK]" {
		s.Errorf("the patch sets are %v", kinds)
	}
	if ch.Subject != "Retry all payments" || !strings.HasPrefix(ch.Message, "Retry all payments\n\nBecause.\n\nChange-Id: I") || ch.Branch != "main" ||
		ch.Owner.ID != s.Person("ann").ID || ch.Current().Parents != 1 || !ch.WIP || ch.Private || ch.Status != review.StatusNew {
		s.Errorf("the change is %+v", ch)
	}
	if len(ch.Votes) != 1 || ch.Votes[0].Account.ID != s.Person("bob").ID || ch.Votes[0].Value != 1 {
		s.Errorf("the votes are %+v", ch.Votes)
	}
	if len(ch.Reviewers) != 1 || ch.Reviewers[0].ID != s.Person("bob").ID {
		s.Errorf("the reviewers are %+v", ch.Reviewers)
	}
	first := ch.Messages[0]
	if first.Text != "Uploaded patch set 1." || first.Tag != "autogenerated:gerrit:newPatchSet" || first.PatchSet != 1 {
		s.Errorf("the first message is %+v", first)
	}
	s.Abandon(c)
	if ch, err = client.Change(s.Context(), c.id()); err != nil || ch.Status != review.StatusAbandoned {
		s.Errorf("given up it is %s, %v", ch.Status, err)
	}
}

func webhooks(s *scene) {
	c := s.simple()
	s.SetPrivate(c, true)
	s.SetPrivate(c, false)
	s.SetWIP(c, true)
	s.Vote(c, "bob", 1)
	s.Abandon(c)
	for _, kind := range []string{"patchset-created", "private-state-changed", "wip-state-changed", "comment-added", "change-abandoned", "ref-updated"} {
		e, err := gerrit.Decode(s.Event(c.Project, kind))
		if err != nil || string(e.Type) != kind || e.Project != c.Project || time.Since(e.Created).Abs() > time.Hour {
			s.Errorf("%s is %+v, %v", kind, e, err)
		}
		if kind != "ref-updated" && (e.Number != c.Number || e.PatchSet != 1 || e.Ref != "refs/heads/main") {
			s.Errorf("%s is %+v", kind, e)
		}
	}
}
