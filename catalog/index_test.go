// SPDX-License-Identifier: Apache-2.0

package catalog

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func group(name string, children, members []string) *entity {
	return &entity{ref: "group:default/" + name, kind: kindGroup, name: name, children: children, members: members}
}

func user(name string) *entity {
	return &entity{ref: "user:default/" + name, kind: kindUser, name: name}
}

func component(name, owner string, l location) *entity {
	return &entity{ref: "component:default/" + name, kind: "component", name: name, owners: []string{owner}, place: l}
}

// A team of up to 25 counts, one of 26 does not, wherever its people are.
func TestTeamSize(t *testing.T) {
	for _, tt := range []struct {
		name           string
		direct, nested int
		want           int
		note           string
	}{
		{"25 of 25", 25, 0, 25, ""},
		{"25 in two groups", 10, 15, 25, ""},
		{"26", 26, 0, 0, "team has more than 25 people and counts for nobody"},
		{"26 in two groups", 1, 25, 0, "team has more than 25 people and counts for nobody"},
		{"5,000", 5000, 0, 0, "team has more than 25 people and counts for nobody"},
		{"none", 0, 0, 0, "team has no members"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			list := []*entity{component("c", "group:default/team", location{project: "p"})}
			var direct, nested []string
			for i := range tt.direct + tt.nested {
				u := user(fmt.Sprint("u", i))
				list = append(list, u)
				if i < tt.direct {
					direct = append(direct, u.ref)
				} else {
					nested = append(nested, u.ref)
				}
			}
			list = append(list, group("team", []string{"group:default/sub"}, direct), group("sub", nil, nested))
			owners, note := newIndex(list).owners("g", "p", "main", []string{"x"})
			if len(owners) != tt.want || note != tt.note {
				t.Errorf("%d owners, note %q; want %d, %q", len(owners), note, tt.want, tt.note)
			}
		})
	}
}

// A member reached twice is one owner, and a parent's members are not the child's.
func TestTeamDirection(t *testing.T) {
	x := newIndex([]*entity{
		component("c", "group:default/child", location{project: "p"}), user("up"), user("down"),
		group("parent", []string{"group:default/child"}, []string{"user:default/up"}), group("child", nil, []string{"user:default/down", "user:default/gone", "group:default/parent"}),
	})
	owners, _ := x.owners("g", "p", "main", []string{"x", "y"})
	if len(owners) != 1 || owners[0].Person.Entity != "user:default/down" || owners[0].Group != "child" {
		t.Errorf("owners %+v", owners)
	}
}

func TestKindsOnOnePath(t *testing.T) {
	sys := component("s", "user:default/b", location{project: "p"})
	sys.ref, sys.kind = "system:default/s", "system"
	x := newIndex([]*entity{sys, component("c", "user:default/a", location{project: "p"}), user("a"), user("b")})
	owners, _ := x.owners("g", "p", "main", []string{"x"})
	if len(owners) != 1 || owners[0].Entity != "component:default/c" {
		t.Errorf("owners %+v", owners)
	}
}

// The branch of the change decides between two states of one project; a
// branch that nobody described takes what there is.
func TestBranches(t *testing.T) {
	on := func(rest string) location { return location{gerrit: "g", project: "p", rest: rest} }
	x := newIndex([]*entity{component("old", "user:default/a", on("stable/1/lib")), component("new", "user:default/b", on("main/lib")), user("a"), user("b")})
	for branch, want := range map[string]string{"stable/1": "old", "main": "new", "refs/heads/main": "new", "topic": "new"} {
		owners, _ := x.owners("g", "p", branch, []string{"lib/x"})
		if len(owners) != 1 || owners[0].Title != want {
			t.Errorf("on %s: %+v, want %s", branch, owners, want)
		}
	}
}

func TestAnswerIsBounded(t *testing.T) {
	var list []*entity
	for i := range 100 {
		list = append(list, component(fmt.Sprint("c", i), "group:default/t", location{project: "p", dir: fmt.Sprint("d", i)}))
	}
	var members []string
	for i := range maxTeam {
		u := user(fmt.Sprint("u", i))
		list, members = append(list, u), append(members, u.ref)
	}
	list = append(list, group("t", nil, members))
	var files []string
	for i := range 100 {
		files = append(files, fmt.Sprintf("d%d/x", i))
	}
	if owners, _ := newIndex(list).owners("g", "p", "main", files); len(owners) != maxAnswer {
		t.Errorf("%d owners", len(owners))
	}
}

// However groups, systems and claims are tangled, an answer comes, is bounded
// and names only people of the catalog.
func TestTangles(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 30).Draw(t, "size")
		some := func(kind string) []string {
			var out []string
			for range rapid.IntRange(0, 4).Draw(t, "links") {
				out = append(out, fmt.Sprintf("%s:default/%s%d", kind, kind[:1], rapid.IntRange(0, n).Draw(t, "link")))
			}
			return out
		}
		var list []*entity
		for i := range n {
			list = append(list, user(fmt.Sprint("u", i)), group(fmt.Sprint("g", i), some("group"), append(some("user"), some("group")...)))
			c := component(fmt.Sprint("c", i), "group:default/g0", location{project: "p", dir: strings.Repeat("d/", i%5)[:max(0, i%5*2-1)]})
			c.owners, c.partOf = append(some("group"), some("user")...), some("component")
			list = append(list, c)
		}
		x := newIndex(list)
		owners, _ := x.owners("g", "p", "main", []string{"d/d/d/d/d/f", "x"})
		if len(owners) > maxAnswer || !slices.IsSortedFunc(owners, nearer) {
			t.Fatalf("%d owners, sorted %v", len(owners), slices.IsSortedFunc(owners, nearer))
		}
		for _, o := range owners {
			if e := x.entities[o.Person.Entity]; e == nil || e.kind != kindUser {
				t.Fatalf("owner %+v is nobody", o)
			}
		}
	})
}

// A full catalog answers at once.
func TestLargeCatalog(t *testing.T) {
	var list []*entity
	for i := range maxEntities / 5 {
		dir := fmt.Sprintf("a%d/b%d", i%100, i)
		list = append(list, component(fmt.Sprint("c", i), fmt.Sprint("group:default/g", i), location{project: "mono", dir: dir}),
			group(fmt.Sprint("g", i), []string{fmt.Sprint("group:default/g", i+1)}, []string{fmt.Sprint("user:default/u", i)}), user(fmt.Sprint("u", i)))
	}
	x := newIndex(list)
	var files []string
	for i := range 500 {
		files = append(files, fmt.Sprintf("a%d/b%d/x.go", i%100, i))
	}
	start := time.Now()
	owners, _ := x.owners("g", "mono", "main", files)
	if took := time.Since(start); len(owners) == 0 || took > 2*time.Second {
		t.Errorf("%d owners after %v", len(owners), took)
	}
}

func TestCleaning(t *testing.T) {
	for in, want := range map[string]string{
		" Ann\u00a0Lee ": "Ann\u00a0Lee", "a\x1b[31mb": "a[31mb", "x\u200by\u2066z": "xyz", "a\nb": "ab", "\xff": "",
		strings.Repeat("ü", 80): strings.Repeat("ü", 50),
	} {
		if got := cleanText(in); got != want {
			t.Errorf("cleanText(%q) = %q, want %q", in, got, want)
		}
	}
	for in, want := range map[string]string{
		"Ann@Example.com": "ann@example.com", "ann": "", "@x": "", "ann@": "", "a b@x": "", "a\u202e@x": "", "<a@x>": "", "a@x,b@y": "", strings.Repeat("a", 300) + "@x": "",
	} {
		if got := cleanEmail(in); got != want {
			t.Errorf("cleanEmail(%q) = %q, want %q", in, got, want)
		}
	}
	for in, want := range map[string]string{
		"Team-A": "group:ns/team-a", "user:Ann": "user:ns/ann", "other/x": "group:other/x", "User:Other/x_1.y": "user:other/x_1.y",
		"": "", "a b": "", "-a": "", "a:b:c": "", "a/b/c": "", "user:": "", "<script>": "", strings.Repeat("a", 64): "",
	} {
		if got, _ := parseRef(in, kindGroup, "ns"); got != want {
			t.Errorf("parseRef(%q) = %q, want %q", in, got, want)
		}
	}
}

// A group is opened once, and a directory looked at once, however many
// entities and files ask: without that this takes minutes.
func TestLargeGroup(t *testing.T) {
	for _, tt := range []struct {
		people  int
		onePath bool
		want    int
	}{{20, false, 200}, {20, true, 200}, {5000, false, 0}, {5000, true, 0}} {
		var list []*entity
		var members []string
		for i := range tt.people {
			u := user(fmt.Sprint("u", i))
			list, members = append(list, u), append(members, u.ref)
		}
		list = append(list, group("big", nil, members))
		var files []string
		for i := range 40_000 {
			l := location{project: "p", dir: fmt.Sprint("d", i)}
			if tt.onePath {
				l.dir = ""
			}
			list = append(list, component(fmt.Sprint("c", i), "group:default/big", l))
			if i < 1000 {
				files = append(files, fmt.Sprintf("d%d/x.go", i))
			}
		}
		x := newIndex(list)
		began := time.Now()
		x.report()
		owners, _ := x.owners("g", "p", "main", files)
		if took := time.Since(began); len(owners) != tt.want || took > 3*time.Second {
			t.Errorf("%+v: %d owners after %v", tt, len(owners), took)
		}
	}
}
