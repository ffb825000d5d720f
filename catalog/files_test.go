// SPDX-License-Identifier: Apache-2.0

package catalog_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"review-assistant/catalog"
	"review-assistant/review"
)

var gerrits = catalog.Gerrits{
	"main":  {Web: "https://gerrit.example.com/"},
	"other": {Gitiles: []string{"https://git.example.org/g"}},
}

func openFiles(t *testing.T, patterns ...string) *catalog.Files {
	t.Helper()
	f, err := catalog.OpenFiles(catalog.FileOptions{Patterns: patterns, Gerrits: gerrits})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// lines prints owners one a line: distance, person, group, entity, path.
func lines(owners []review.Owner) []string {
	var out []string
	for _, o := range owners {
		out = append(out, strings.Join(strings.Fields(fmt.Sprintf("%d %s %s %s /%s", o.Distance, o.Person.Entity, o.Group, o.Entity, o.Path)), " "))
	}
	return out
}

func TestFilesOwners(t *testing.T) {
	f := openFiles(t, "testdata/files")
	tests := []struct {
		name, project, branch string
		paths                 []string
		want                  []string
		note                  string
	}{
		{
			name: "whole project, then its system and domain", project: "shop/till", branch: "main", paths: []string{"cmd/till.go"},
			want: []string{
				"0 user:default/ana counter component:default/till-api /",
				"0 user:default/ben counter component:default/till-api /",
				"0 user:default/hana counter component:default/till-api /",
				"1 user:default/ana counter system:default/tills /",
				"1 user:default/ben counter system:default/tills /",
				"1 user:default/hana counter system:default/tills /",
				"2 user:default/ana heads domain:default/trade /",
				"2 user:default/ben heads domain:default/trade /",
				"2 user:default/hana heads domain:default/trade /",
			},
		},
		{
			name: "a person owns a path", project: "shop/mono", branch: "refs/heads/main", paths: []string{"libs/stock/shelf.go"},
			want: []string{
				"0 user:default/ben component:default/stock /libs/stock",
				"1 user:default/ana counter system:default/tills /libs/stock",
				"1 user:default/ben counter system:default/tills /libs/stock",
				"1 user:default/hana counter system:default/tills /libs/stock",
				"2 user:default/ana heads domain:default/trade /libs/stock",
				"2 user:default/ben heads domain:default/trade /libs/stock",
				"2 user:default/hana heads domain:default/trade /libs/stock",
			},
		},
		{name: "a name that only begins alike", project: "shop/mono", branch: "main", paths: []string{"libs/stockade/x.go"}, want: []string{"0 user:default/eve component:default/mono-next /0/libs"}[:0]},
		{
			name: "a branch with a slash", project: "shop/mono", branch: "release/2.0", paths: []string{"libs/new/x.go"},
			want: []string{"0 user:default/eve component:default/mono-next /libs"},
		},
		{name: "an owner who is not there", project: "shop/lost", branch: "main", paths: []string{"x"}, note: "group:default/nobody-knows of lost is not in the catalog"},
		{name: "an orphan", project: "shop/gone", branch: "main", paths: []string{"x"}},
		{name: "an unknown project", project: "shop/none", branch: "main", paths: []string{"x"}},
		{name: "no paths", project: "shop/till", branch: "main"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			owners, note, err := f.Owners(t.Context(), "main", tt.project, tt.branch, tt.paths)
			if err != nil || note != tt.note {
				t.Errorf("Owners(%s) note %q, error %v, want note %q", tt.project, note, err, tt.note)
			}
			if diff := cmp.Diff(tt.want, lines(owners)); len(tt.want)+len(owners) > 0 && diff != "" {
				t.Errorf("Owners(%s, %s, %q) (-want +got):\n%s", tt.project, tt.branch, tt.paths, diff)
			}
		})
	}
}

func TestFilesNestedClaims(t *testing.T) {
	owners, _, _ := openFiles(t, "testdata/files/*.y*ml").Owners(t.Context(), "main", "shop/mono", "main", []string{"libs/stock/cache/lru.go"})
	got := lines(owners)
	for _, want := range []string{
		"0 user:default/ben shelf component:default/stock-cache /libs/stock/cache",
		"1 user:default/ben component:default/stock /libs/stock",
		"1 user:default/ben component:default/stock /libs/stock/cache",
	} {
		if !strings.Contains(strings.Join(got, "\n"), want) {
			t.Errorf("no claim %q in\n%s", want, strings.Join(got, "\n"))
		}
	}
}

func TestFilesPeople(t *testing.T) {
	f := openFiles(t, "testdata/files")
	owners, _, _ := f.Owners(t.Context(), "main", "shop/till", "main", []string{"x"})
	want := review.Person{Entity: "user:default/ana", Name: "Ana Gomez", Email: "ana@example.com", Username: "ana.g"}
	if owners[0].Person != want {
		t.Errorf("person %+v, want %+v", owners[0].Person, want)
	}
	owners, _, _ = f.Owners(t.Context(), "main", "shop/mono", "release/2.0", []string{"libs/x"})
	if got := owners[0].Person.Name; got != "Eve  evil" {
		t.Errorf("hostile name became %q", got)
	}
	// A location on one Gerrit says nothing about another.
	if owners, _, _ := f.Owners(t.Context(), "other", "shop/mono", "release/2.0", []string{"libs/x"}); len(owners) > 0 {
		t.Errorf("owners on another Gerrit: %q", lines(owners))
	}
}

func write(t *testing.T, dir, name, body string) string {
	t.Helper()
	p := filepath.Join(dir, name)
	if err := os.WriteFile(p, []byte(body), 0o600); err != nil {
		t.Fatal(err)
	}
	return p
}

func TestFilesErrors(t *testing.T) {
	dir := t.TempDir()
	tests := []struct{ name, body, want string }{
		{"syntax", "kind: Group\nmetadata: {name: a\n", "syntax.yaml:2: "},
		{"type", "kind: Group\nmetadata: {name: a}\nspec:\n  members: 7\n", "type.yaml:4: "},
		{"name", "kind: Group\nmetadata: {name: ok}\n---\nkind: User\nmetadata: {name: \"a\\u202eb\"}\n", "name.yaml:4: user \"a\\u202eb\""},
		{"alias", "kind: Group\nmetadata: &m {name: a}\nspec: *m\n", "alias.yaml:1: aliases"},
		{"path", "kind: Component\nmetadata: {name: a, annotations: {review-assistant/project: p, review-assistant/path: ../x}}\n", "path.yaml:1: component:default/a: the project or path"},
		{"branch", "kind: Component\nmetadata: {name: a, annotations: {review-assistant/project: p, review-assistant/branch: ^release/.*}}\n", "branch.yaml:1: component:default/a: the branch"},
		{"deep", "kind: " + strings.Repeat("[", 100_000), "deep.yaml: nested deeper"},
		{"large", "# " + strings.Repeat("x", 600_000), "large.yaml: larger than"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := catalog.OpenFiles(catalog.FileOptions{Patterns: []string{write(t, dir, tt.name+".yaml", tt.body)}})
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("OpenFiles(%s) = %v, want %q", tt.name, err, tt.want)
			}
		})
	}
	if _, err := catalog.OpenFiles(catalog.FileOptions{Patterns: []string{filepath.Join(dir, "none-*")}}); err == nil || !strings.Contains(err.Error(), "no file matches") {
		t.Errorf("OpenFiles(no match) = %v", err)
	}
	if _, err := catalog.OpenFiles(catalog.FileOptions{Gerrits: catalog.Gerrits{"g": {Web: "gerrit.example.com"}}}); err == nil {
		t.Error("OpenFiles took an address without scheme")
	}
}

const group = "kind: Component\nmetadata: {name: c, annotations: {review-assistant/project: p}}\nspec: {owner: %s}\n---\nkind: User\nmetadata: {name: ann}\n---\nkind: User\nmetadata: {name: bob}\n"

func TestFilesReload(t *testing.T) {
	dir := t.TempDir()
	now := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	name := write(t, dir, "c.yaml", fmt.Sprintf(group, "user:ann"))
	f, err := catalog.OpenFiles(catalog.FileOptions{Patterns: []string{dir}, Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	check := func(step, want, note string) {
		t.Helper()
		owners, got, err := f.Owners(t.Context(), "any", "p", "main", []string{"x"})
		if err != nil || len(owners) != 1 || owners[0].Person.Entity != want || !strings.Contains(got, note) || note == "" && got != "" {
			t.Errorf("%s: owners %q, note %q, error %v; want %s, %q", step, lines(owners), got, err, want, note)
		}
	}
	check("as opened", "user:default/ann", "")
	write(t, dir, "c.yaml", fmt.Sprintf(group, "user:default/bob"))
	check("not looked yet", "user:default/ann", "")
	now = now.Add(6 * time.Second)
	check("changed", "user:default/bob", "")
	write(t, dir, "c.yaml", "kind: [")
	now = now.Add(3 * time.Hour)
	check("broken", "user:default/bob", "ownership is 3 hours old")
	if err := os.Remove(name); err != nil {
		t.Fatal(err)
	}
	now = now.Add(time.Minute)
	check("removed", "user:default/bob", "no file matches")
	write(t, dir, "d.yaml", fmt.Sprintf(group, "ann"))
	if err := f.Refresh(t.Context()); err != nil {
		t.Errorf("Refresh = %v", err)
	}
}

// An operator's annotation names the account, ours goes before it.
func TestFilesUserNames(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "c.yaml", "kind: Component\nmetadata: {name: c, annotations: {review-assistant/project: p}}\nspec: {owner: team}\n---\nkind: Group\nmetadata: {name: team}\nspec: {members: [ann, bob]}\n"+
		"---\nkind: User\nmetadata: {name: ann, annotations: {sso.example.com/uid: a1, other: x}}\n"+
		"---\nkind: User\nmetadata: {name: bob, annotations: {sso.example.com/uid: b1, review-assistant/username: b2}}\n")
	f, err := catalog.OpenFiles(catalog.FileOptions{Patterns: []string{dir}, UserNames: []string{"none", "sso.example.com/uid"}})
	if err != nil {
		t.Fatal(err)
	}
	owners, _, _ := f.Owners(t.Context(), "any", "p", "main", []string{"x"})
	if len(owners) != 2 || owners[0].Person.Username != "a1" || owners[1].Person.Username != "b2" {
		t.Errorf("owners %+v", owners)
	}
}

// Two people with one address are told apart by nothing: neither keeps it.
func TestFilesAmbiguousPeople(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "c.yaml", `
kind: Component
metadata: {name: c, annotations: {gerrit-review-assistant/project: p}}
spec: {owner: team}
---
kind: Group
metadata: {name: team}
spec: {members: [ann, bob, cyd]}
---
kind: User
metadata: {name: ann}
spec: {profile: {email: same@example.com}}
---
kind: User
metadata: {name: bob, annotations: {review-assistant/username: bob}}
spec: {profile: {email: SAME@example.com}}
---
kind: User
metadata: {name: cyd}
spec: {profile: {email: cyd@example.com}}
`)
	owners, _, _ := openFiles(t, dir).Owners(t.Context(), "any", "p", "main", []string{"x"})
	var got []string
	for _, o := range owners {
		got = append(got, o.Person.Entity+"="+o.Person.Email+"/"+o.Person.Username)
	}
	if diff := cmp.Diff([]string{"user:default/ann=/", "user:default/bob=/bob", "user:default/cyd=cyd@example.com/"}, got); diff != "" {
		t.Errorf("people (-want +got):\n%s", diff)
	}
}

// A pipe that nobody writes to must not stop a start.
func TestFilesPipe(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "a.yaml")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := catalog.OpenFiles(catalog.FileOptions{Patterns: []string{pipe}}); err == nil || !strings.Contains(err.Error(), "not a regular file") {
		t.Errorf("OpenFiles of a pipe: %v", err)
	}
}
