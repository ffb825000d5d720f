// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"fmt"
	"net/http"
	"strings"

	"review-assistant/review"
)

// read reads a change with our client.
func (s *scene) read(c Change) review.Change {
	s.Helper()
	ch, err := s.client().Change(s.Context(), c.id())
	if err != nil {
		s.Fatal(err)
	}
	return ch
}

func chains(s *scene) {
	project := s.Project()
	push := func(message string, on Change) Change {
		s.Helper()
		return s.Push(project, Push{Message: message, Files: map[string]string{message: "x\n"}, On: on})
	}
	alone := push("Alone", Change{})
	s.want(s.get(alone.path()+"/revisions/1/related"), http.StatusOK, `"changes":[]`)
	one := push("One", Change{})
	two := push("Two", one)
	three := push("Three", two)
	expect := func(of Change, want string) {
		s.Helper()
		chain, err := s.client().Related(s.Context(), s.read(of))
		if err != nil {
			s.Fatal(err)
		}
		names := map[int]string{one.Number: "one", two.Number: "two", three.Number: "three"}
		var got []string
		for _, r := range chain {
			w := fmt.Sprintf("%s %d/%d %s %s", names[r.Number], r.PatchSet, r.Current, r.Status, r.Subject)
			if len(r.Revision) != 40 {
				w += " without a commit"
			}
			if r.Self {
				w = "[" + w + "]"
			}
			got = append(got, w)
		}
		if s2 := strings.Join(got, ", "); s2 != want {
			s.Errorf("the chain is %s, want %s", s2, want)
		}
	}
	expect(alone, "")
	expect(one, "[one 1/1 NEW One], two 1/1 NEW Two, three 1/1 NEW Three")
	expect(two, "one 1/1 NEW One, [two 1/1 NEW Two], three 1/1 NEW Three")
	expect(three, "one 1/1 NEW One, two 1/1 NEW Two, [three 1/1 NEW Three]")
	s.Amend(one, Push{Files: map[string]string{"One": "y\n"}})
	expect(three, "one 1/2 NEW One, two 1/1 NEW Two, [three 1/1 NEW Three]")
	expect(one, "[one 2/2 NEW One], two 1/1 NEW Two, three 1/1 NEW Three")
	s.SetPrivate(three, true)
	expect(two, "one 1/2 NEW One, [two 1/1 NEW Two]")
	s.SetPrivate(three, false)
	s.Abandon(two)
	expect(three, "one 1/2 NEW One, two 1/1 ABANDONED Two, [three 1/1 NEW Three]")
}

func mergeLists(s *scene) {
	project := s.Project()
	c := s.Push(project, Push{Message: "Merge side", Merge: true, Files: map[string]string{"side.txt": "side\n"}})
	ch := s.read(c)
	commits, more, err := s.client().Merged(s.Context(), ch, ch.Current())
	if err != nil || more || len(commits) != 1 || commits[0].Subject != "Side" {
		s.Errorf("the merge brings %+v, more %v, %v", commits, more, err)
	}
	plain := s.Push(project, Push{Message: "Plain", Files: map[string]string{"a": "x\n"}})
	s.want(s.get(plain.path()+"/revisions/1/mergelist"), http.StatusOK, ")]}'\n[]")
}

func origins(s *scene) {
	project := s.Project()
	c := s.Push(project, Push{Message: "One\n\nBecause.", Files: map[string]string{"a.go": "package a\n"}})
	s.Amend(c, Push{Files: map[string]string{"a.go": "package b\n"}})
	pick := s.read(s.CherryPick(c, "refs/heads/stable"))
	if pick.PickOf != c.Number || pick.PickOfPatchSet != 2 || pick.RevertOf != 0 || pick.Branch != "stable" {
		s.Errorf("the pick is of %d patch set %d and undoes %d", pick.PickOf, pick.PickOfPatchSet, pick.RevertOf)
	}
	s.Submit(c)
	original := s.read(c)
	undo := s.read(s.Revert(c))
	if undo.RevertOf != c.Number || undo.PickOf != 0 {
		s.Errorf("the revert undoes %d and is a pick of %d", undo.RevertOf, undo.PickOf)
	}
	named := review.ParseOrigin(undo.Message).Reverts
	if named != original.Current().Revision {
		s.Errorf("the message of the revert names %q, want %s: %q", named, original.Current().Revision, undo.Message)
	}
	client := s.client()
	id, set, ok, err := client.ByCommit(s.Context(), project, named)
	if err != nil || !ok || id != c.id() || set != original.Current().Number {
		s.Errorf("that is %s patch set %d, %v, %v", id, set, ok, err)
	}
	if id, set, ok, err = client.ByCommit(s.Context(), project, original.PatchSets[0].Revision); err != nil || !ok || id != c.id() || set != 1 {
		s.Errorf("its first patch set is %s patch set %d, %v, %v", id, set, ok, err)
	}
	for _, where := range []string{project, s.Project()} {
		sha := strings.Repeat("0", 40)
		if where != project {
			sha = named
		}
		if id, _, ok, err := client.ByCommit(s.Context(), where, sha); ok || err != nil {
			s.Errorf("%s in %s is %s, %v", sha, where, id, err)
		}
	}
	// The revert is the patch of the original, the other way round.
	p, err := client.Patch(s.Context(), original, original.Current(), nil)
	if err != nil {
		s.Fatal(err)
	}
	q, err := client.Patch(s.Context(), undo, undo.Current(), nil)
	if err != nil {
		s.Fatal(err)
	}
	if a, b := fmt.Sprint(review.Invert(p)), fmt.Sprint(q); a != b {
		s.Errorf("inverted it is\n%s\nand the revert is\n%s", a, b)
	}
}

func reaches(s *scene) {
	c := s.simple()
	s.Person("plain")
	expect := func(plain string, want review.Reach) {
		s.Helper()
		ch, err := s.clientWith(plain).Change(s.Context(), c.id())
		if err != nil || ch.Reach != want || ch.Restricted != want.Restricted() {
			s.Errorf("with the plain account %q the reach is %s: %s, %v; want %s", plain, ch.Reach, ch.ReachWhy, err, want)
		}
	}
	expect("", review.ReachAnonymous)
	s.RequireSignIn(c.Project)
	expect("", review.ReachUnknown)
	expect("plain", review.ReachRegistered)
	expect(s.Bot().Username, review.ReachUnknown)
	expect("nobody-of-that-name", review.ReachUnknown)
	c = s.simple()
	s.Restrict(c.Project)
	expect("", review.ReachUnknown)
	expect("plain", review.ReachRestricted)
}

func attributes(s *scene) {
	project := s.Project()
	client := s.client()
	expect := func(branch, want string) {
		s.Helper()
		got, err := client.Attributes(s.Context(), project, branch)
		if err != nil || string(got) != want {
			s.Errorf("the attributes of %s are %q, %v; want %q", branch, got, err, want)
		}
	}
	expect("main", "")
	expect("nowhere", "")
	c := s.Push(project, Push{
		Message: "Hide", Base: map[string]string{".gitattributes": "*.pb.go linguist-generated\n"},
		Files: map[string]string{".gitattributes": "* linguist-generated\n"},
	})
	expect("main", "*.pb.go linguist-generated\n")
	expect("refs/heads/main", "*.pb.go linguist-generated\n")
	s.Submit(c)
	expect("main", "* linguist-generated\n")
	// A folder of that name has no content.
	project = s.Project()
	s.Push(project, Push{Message: "x", Base: map[string]string{".gitattributes/x": "x\n"}, Files: map[string]string{"a": "x\n"}})
	expect("main", "")
	project = s.Project()
	s.Push(project, Push{Message: "x", Base: map[string]string{".gitattributes": "a\n"}, Files: map[string]string{"a": "x\n"}})
	s.HideFromBot(project)
	expect("main", "")
}

func branchFiles(s *scene) {
	project := s.Project()
	s.Push(project, Push{
		Message: "x", Base: map[string]string{"pay/a+b c/OWNERS": "ann@example.com\n", "pay/empty": ""},
		Files: map[string]string{"pay/a+b c/OWNERS": "bob@example.com\n", "pay/new": "x\n"},
	})
	client := s.client()
	for name, want := range map[string]string{"pay/a+b c/OWNERS": "ann@example.com\n", "pay/empty": "", "pay/new": "-", "pay": "-", "none/OWNERS": "-"} {
		got, found, err := client.File(s.Context(), project, "main", name)
		if err != nil || found == (want == "-") || found && string(got) != want {
			s.Errorf("%s is %q, %v, %v; want %q", name, got, found, err, want)
		}
	}
}
