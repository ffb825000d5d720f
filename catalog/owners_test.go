// SPDX-License-Identifier: Apache-2.0

package catalog

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"review-assistant/review"
)

// tree is a repository: PROJECT:BRANCH:PATH, or PATH alone, and what stands there.
type tree map[string]string

// over returns the tree as a source of owners, with what is read of it.
func (tr tree) over() (OwnersFiles, *[]string) {
	var mu sync.Mutex
	var read []string
	return OwnersFiles{
		Read: func(_ context.Context, project, branch, path string) ([]byte, bool, error) {
			mu.Lock()
			defer mu.Unlock()
			read = append(read, path)
			body, ok := tr[project+":"+branch+":"+path]
			if !ok {
				body, ok = tr[path]
				ok = ok && project == "p"
			}
			if body == "down" {
				return nil, false, errors.New("gerrit main: read: status 503")
			}
			return []byte(body), ok, nil
		},
		Team: func(name string) ([]review.Person, bool) {
			return []review.Person{{Entity: "user:default/tia", Username: "tia"}}, name == "web"
		},
	}, &read
}

// who prints an owner: distance, person, path, entity and group.
func who(o review.Owner) string {
	name := o.Person.Email + o.Person.Username
	s := fmt.Sprintf("%d %s /%s %s", o.Distance, name, o.Path, strings.TrimPrefix(o.Entity, "owners:"))
	if o.Group != "" {
		s += " " + o.Group
	}
	return s
}

func TestOwnersFiles(t *testing.T) {
	many := strings.Builder{}
	for i := range maxTeam + 1 {
		fmt.Fprintf(&many, "p%d@x.org\n", i)
	}
	tests := []struct {
		name  string
		tree  tree
		files string
		want  []string
		note  string
	}{
		{name: "no owners files", files: "a/b.go"},
		{name: "only below the root", tree: tree{"a/OWNERS": "ann@x.org"}, files: "a/b.go"},
		{
			name: "root alone", tree: tree{"OWNERS": "ann@x.org\n# bob@x.org\n\nCyd@X.org # since May\n*\n"}, files: "a/b.go c.go",
			want: []string{"1 ann@x.org / OWNERS", "1 cyd@x.org / OWNERS"},
		},
		{
			name: "nearest first", tree: tree{"OWNERS": "root@x.org", "a/OWNERS": "ann@x.org", "a/b/c/OWNERS": "cyd@x.org"}, files: "a/b/c/d.go a/b/e.go",
			want: []string{"0 cyd@x.org /a/b/c a/b/c/OWNERS", "0 ann@x.org /a a/OWNERS"},
		},
		{
			name: "root where nobody is nearer", tree: tree{"OWNERS": "root@x.org", "a/OWNERS": "ann@x.org"}, files: "a/b.go docs/c.md",
			want: []string{"0 ann@x.org /a a/OWNERS", "1 root@x.org /docs/c.md OWNERS"},
		},
		{
			name: "noparent", tree: tree{"OWNERS": "root@x.org", "a/OWNERS": "ann@x.org", "a/b/OWNERS": "set noparent\nbob@x.org"}, files: "a/b/c.go",
			want: []string{"0 bob@x.org /a/b a/b/OWNERS"},
		},
		{name: "noparent of nobody", tree: tree{"OWNERS": "root@x.org", "a/OWNERS": "set noparent"}, files: "a/c.go"},
		{
			name: "everybody is nobody", tree: tree{"OWNERS": "root@x.org", "a/OWNERS": "*"}, files: "a/c.go",
			want: []string{"1 root@x.org / OWNERS"},
		},
		{
			name: "per-file", tree: tree{"OWNERS": "root@x.org", "a/OWNERS": "ann@x.org\nper-file *.proto,*.pb=api@x.org\nper-file secret.*=set noparent,sec@x.org\n"}, files: "a/b/x.proto a/secret.txt",
			want: []string{"0 sec@x.org /a/secret.txt a/OWNERS", "0 api@x.org /a/b/x.proto a/OWNERS", "0 ann@x.org /a a/OWNERS"},
		},
		{
			name: "last resort and never", tree: tree{"OWNERS": "x@x.org", "a/OWNERS": "ann@x.org #{LAST_RESORT_SUGGESTION}\nboss@x.org # {NEVER_SUGGEST}\n"}, files: "a/x",
			want: []string{"2 ann@x.org /a a/OWNERS"},
		},
		{
			name: "includes", tree: tree{
				"OWNERS": "file: /build/OWNERS\n", "build/OWNERS": "bea@x.org\nset noparent\nper-file *.mk=mk@x.org\n",
				"a/OWNERS": "include ../lists/TEAM\ninclude q:/OWNERS\nfile:r:stable:/x/OWNERS\nfile://build/OWNERS", "lists/TEAM": "include more\nlea@x.org", "lists/more": "moe@x.org\nper-file *.mk=mia@x.org",
				"q:main:OWNERS": "qi@x.org", "r:stable:x/OWNERS": "rob@x.org",
			}, files: "a/x.mk",
			want: []string{
				"0 mia@x.org /a/x.mk a/OWNERS", "0 bea@x.org /a a/OWNERS", "0 lea@x.org /a a/OWNERS", "0 moe@x.org /a a/OWNERS",
				"0 qi@x.org /a a/OWNERS", "0 rob@x.org /a a/OWNERS",
			},
		},
		{
			name: "includes in a circle", tree: tree{"OWNERS": "include a/OWNERS", "a/OWNERS": "include /OWNERS\ninclude OWNERS\nann@x.org\nfile: gone\nfile: ../../../../etc/x"}, files: "a/x",
			want: []string{"0 ann@x.org /a a/OWNERS"}, note: "a/gone, which a/OWNERS includes, is not there; etc/x, which a/OWNERS includes, is not there",
		},
		{
			name: "missing in another project", tree: tree{"OWNERS": "file: q:/OWNERS\nfile: p:/OWNERS2\nfile: r:stable:/x/OWNERS\nann@x.org", "r:stable:x/OWNERS": "include gone\nnot a name\n"}, files: "a",
			want: []string{"1 ann@x.org / OWNERS"},
			note: "OWNERS of the project q, which OWNERS includes, is not there; OWNERS2, which OWNERS includes, is not there; " +
				"x/OWNERS of the project r on the branch stable is not understood in 1 place: line 2",
		},
		{
			name: "lines of YAML", tree: tree{"OWNERS": "approvers:\n- &a ann\n- 'x y'\n- !!str bob\n-\n- |\n  cyd\n"}, files: "a",
			want: []string{"1 ann / OWNERS", "1 bob / OWNERS", "1 cyd / OWNERS"}, note: "OWNERS is not understood in 2 places: line 3",
		},
		{
			name: "owners plugin", tree: tree{"OWNERS": "inherited: true\nowners:\n- ann@x.org\n- group/web\n- Some Body\n", "a/OWNERS": "inherited: false\nowners: [bob]\nmatchers:\n- suffix: .sql\n  owners: [dba@x.org]\n- regex: a/.*/x[.]go\n  owners: [cyd@x.org]\n- exact: a/y\n  owners: [y@x.org]\n- partial_regex: '('\n  owners: [no@x.org]\n"},
			files: "a/b.sql a/b/x.go z",
			want:  []string{"0 cyd@x.org /a/b/x.go a/OWNERS", "0 dba@x.org /a/b.sql a/OWNERS", "0 bob /a a/OWNERS", "1 ann@x.org /z OWNERS", "1 tia /z OWNERS web"},
			note:  "OWNERS is not understood in 1 place: line 5; a/OWNERS is not understood in 1 place: line 10",
		},
		{
			name: "Kubernetes", tree: tree{"OWNERS": "approvers: [root]\n", "a/OWNERS": "options: {no_parent_owners: true}\nreviewers: [rae]\napprovers: [app]\nfilters:\n  \"\\\\.sh$\":\n    reviewers: [shy]\nlabels: [sig/a]\n"},
			files: "a/b/run.sh", want: []string{"0 shy /a/b/run.sh a/OWNERS", "0 app /a a/OWNERS", "0 rae /a a/OWNERS"},
		},
		{
			name: "Kubernetes aliases", tree: tree{"OWNERS": "approvers: [sig-a, ann]\n", "OWNERS_ALIASES": "aliases:\n  sig-A: [bob, 'x y']\n  sig-b: [eve]\n"},
			files: "a", want: []string{"1 ann / OWNERS", "1 bob / OWNERS"},
		},
		{
			name: "not understood", tree: tree{"OWNERS": "ann@x.org\nJane Doe\nper-file x\nper-file a/b=ann@x.org\n"}, files: "a",
			want: []string{"1 ann@x.org / OWNERS"}, note: "OWNERS is not understood in 3 places: line 2, 3, 4",
		},
		{name: "broken YAML", tree: tree{"OWNERS": "owners: [\n"}, files: "a", note: "OWNERS is not understood in 1 place: line 1"},
		{name: "too many people", tree: tree{"OWNERS": many.String()}, files: "a", note: "a list of more than 25 people in OWNERS counts for nobody"},
		{name: "Gerrit is down", tree: tree{"OWNERS": "down", "CODEOWNERS": "* @ann"}, files: "a", want: []string{"1 ann / CODEOWNERS"}, note: "owners files cannot be read now: gerrit main: read: status 503"},

		{
			name: "CODEOWNERS", tree: tree{"CODEOWNERS": "* @ann\n*.js @acme/web # all of them\n/docs/ doc@x.org\napps/ @bob\n/build/logs/ @cyd\ndocs/* @dee\n"},
			files: "README x/y.js docs/a/b docs/c q/apps/z/w build/logs/1",
			want: []string{
				"0 cyd /build/logs CODEOWNERS", "0 bob /q/apps/z/w CODEOWNERS", "0 doc@x.org /docs/a/b CODEOWNERS",
				"0 dee /docs/c CODEOWNERS", "0 tia /x/y.js CODEOWNERS web", "1 ann /README CODEOWNERS",
			},
		},
		{name: "CODEOWNERS of a folder", tree: tree{"docs/CODEOWNERS": "/lib @ann\n"}, files: "lib/a lib/b/c x", want: []string{"0 ann /lib docs/CODEOWNERS"}},
		{name: "the first CODEOWNERS", tree: tree{".github/CODEOWNERS": "* @one", "CODEOWNERS": "* @two"}, files: "a", want: []string{"1 one / .github/CODEOWNERS"}},
		{name: "nobody owns it", tree: tree{"CODEOWNERS": "* @ann\n/gen/\n"}, files: "gen/a"},
		{name: "unknown team", tree: tree{"CODEOWNERS": "* @acme/none"}, files: "a", note: "the catalog has no group none"},
		{
			name: "sections", tree: tree{"CODEOWNERS": "* @ann\n[Docs][2] @doc\n*.md\nx.md @bob\n^[Optional]\nx.md @opt"}, files: "x.md y.md",
			want: []string{"0 bob /x.md CODEOWNERS", "0 opt /x.md CODEOWNERS", "0 doc /y.md CODEOWNERS", "1 ann / CODEOWNERS"},
		},
		{
			name: "bad lines", tree: tree{"CODEOWNERS": "* @ann\n!x @bob\nx[a-b] @bob\n* not-an-owner\n* @bob someone\n{a,a @bob\n"}, files: "x {a,a",
			want: []string{"0 bob /{a,a CODEOWNERS", "1 ann /x CODEOWNERS"}, note: "CODEOWNERS is not understood in 4 places: line 2, 3, 4, 5",
		},
		{name: "blanks in names", tree: tree{"CODEOWNERS": "/a\\ b/\\#c @ann"}, files: "a b/#c", want: []string{"0 ann /a b/#c CODEOWNERS"}},
		{name: "hostile files", tree: tree{"CODEOWNERS": "* @ann"}, files: "../x a//b /c d\u202ee"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o, _ := tt.tree.over()
			files := strings.Split(tt.files, " ")
			if tt.name == "blanks in names" {
				files = []string{tt.files}
			}
			owners, note, err := o.Owners(t.Context(), "p", "main", files)
			if err != nil || note != tt.note {
				t.Errorf("Owners(%q) note %q, %v; want %q", files, note, err, tt.note)
			}
			var got []string
			for _, owner := range owners {
				got = append(got, who(owner))
			}
			if diff := cmp.Diff(tt.want, got); len(got)+len(tt.want) > 0 && diff != "" {
				t.Errorf("Owners(%q) (-want +got):\n%s", files, diff)
			}
		})
	}
}

// What is told of a list holds nothing that a reader of the comment could
// take for anything else.
func TestOwnersTitles(t *testing.T) {
	for _, tt := range []struct {
		tree tree
		want []string
	}{
		{tree{"OWNERS": "root@x.org", "pay/OWNERS": "a@x.org", "[x](http:)/OWNERS": "a@x.org"}, []string{"pay/ (OWNERS)", "some files (OWNERS)", "the whole project (OWNERS)"}},
		{tree{"CODEOWNERS": "* @a\n/pay/** @b\n(http:)/ @c"}, []string{"pay/ (CODEOWNERS)", "some files (CODEOWNERS)", "the whole project (CODEOWNERS)"}},
		{tree{"CODEOWNERS": "**/*x* @a"}, []string{"x files (CODEOWNERS)"}},
	} {
		o, _ := tt.tree.over()
		owners, _, _ := o.Owners(t.Context(), "p", "main", []string{"pay/x", "[x](http:)/y", "(http:)/y", "z"})
		var got []string
		for _, owner := range owners {
			got = append(got, owner.Title)
		}
		slices.Sort(got)
		if diff := cmp.Diff(tt.want, slices.Compact(got)); diff != "" {
			t.Errorf("titles of %v (-want +got):\n%s", tt.tree, diff)
		}
	}
}

// However large a change, and however long its lists, reads and answers end.
func TestOwnersFilesAreBounded(t *testing.T) {
	tr := tree{"OWNERS": strings.Repeat("include /x/OWNERS\n", 100)}
	for i := range 100 {
		tr[fmt.Sprintf("list%d", i)] = fmt.Sprintf("include /list%d\n", i+1)
		tr["OWNERS"] += fmt.Sprintf("include /list%d\n", i)
	}
	var files []string
	for i := range 1000 {
		files = append(files, fmt.Sprintf("a/b%d/c/d%d", i, i))
	}
	o, read := tr.over()
	_, note, err := o.Owners(t.Context(), "p", "main", files)
	if len(*read) > maxOwnersReads+maxOwnersDirs || err != nil || !strings.Contains(note, "directories are not read") || !strings.Contains(note, "include more than") {
		t.Errorf("%d reads, note %q, %v", len(*read), note, err)
	}
	o, read = tree{}.over()
	if _, _, err := o.Owners(t.Context(), "p", "main", files); err != nil || len(*read) != 1+len(codeOwnersAt) {
		t.Errorf("a project without owners files cost %d reads, %v", len(*read), err)
	}
	var rules strings.Builder
	for i := range 2 * maxOwnersLines {
		fmt.Fprintf(&rules, "**/*a*/**/%d/**/b* @ann\n", i)
	}
	o, _ = tree{"CODEOWNERS": rules.String()}.over()
	if _, note, _ := o.Owners(t.Context(), "p", "main", files); note != "CODEOWNERS is not understood in 1 place: line 5001" {
		t.Errorf("note %q", note)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := o.Owners(gone, "p", "main", files); err == nil {
		t.Error("no error after the end")
	}
}

func FuzzOwners(f *testing.F) {
	f.Add("set noparent\nann@x.org #{NEVER_SUGGEST}\nper-file *.go,a?=b@x.org,file:/x\ninclude p:b:/c\n", "a/b.go")
	f.Add("owners: [a, group/b]\nmatchers:\n- {regex: '.*', owners: [x@y.z]}\nfilters: {'a': {reviewers: [r]}}\n", "a/b.go")
	f.Add("[S][2] @a\n/a\\ b/*.{x} @b/c d@e.f\n^[T]\n* \n", "a b/c.x")
	f.Fuzz(func(t *testing.T, body, file string) {
		for _, tr := range []tree{{"OWNERS": body, "a/OWNERS": body, "b": body}, {"CODEOWNERS": body}} {
			o, read := tr.over()
			owners, note, err := o.Owners(context.Background(), "p", "main", []string{file, "a/b/c.go", "x"})
			if err != nil || len(owners) > maxAnswer || len(*read) > maxOwnersReads+maxOwnersDirs || printable(note) != note {
				t.Fatalf("%d owners, %d reads, note %q, %v", len(owners), len(*read), note, err)
			}
			for _, w := range owners {
				p := w.Person
				if p.Email == "" && p.Username == "" || p.Email != "" && cleanEmail(p.Email) != p.Email || printable(w.Title) != w.Title || w.Distance < 0 {
					t.Fatalf("owner %+v", w)
				}
			}
		}
	})
}
