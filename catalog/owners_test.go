// SPDX-License-Identifier: Apache-2.0

package catalog

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

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
			if name == "big" || name == "same" {
				var people []review.Person
				for _, p := range owners15("%s") {
					people = append(people, review.Person{Entity: "user:default/" + p, Email: p})
				}
				return people, true
			}
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

// owners15 writes fifteen people in a format.
func owners15(format string) (out []string) {
	for i := range 15 {
		out = append(out, fmt.Sprintf(format, fmt.Sprintf("p%02d@x.org", i)))
	}
	return out
}

func TestOwnersFiles(t *testing.T) {
	many := strings.Builder{}
	for i := range maxTeam + 1 {
		fmt.Fprintf(&many, "p%d@x.org\n", i)
	}
	const down = "owners files cannot be read now: gerrit main: read: status 503"
	fifteen := strings.Join(owners15("%s"), "\n")
	tests := []struct {
		name  string
		tree  tree
		files string
		want  []string
		note  string
		never string
		err   string
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
			want: []string{"2 ann@x.org /a a/OWNERS"}, never: "boss@x.org",
		},
		{
			name: "never, from every list above", tree: tree{
				"OWNERS": "top@x.org #{NEVER_SUGGEST}\nfile:/lists #{NEVER_SUGGEST}", "a/OWNERS": "file:/more\nset noparent #{NEVER_SUGGEST}",
				"a/b/OWNERS": "ann@x.org\nper-file *.c=cc@x.org #{NEVER_SUGGEST}\nper-file *.h=hh@x.org #{NEVER_SUGGEST}",
				"lists":      "lea@x.org", "more": "ann@x.org #{NEVER_SUGGEST}\nmoe@x.org\nbad name #{NEVER_SUGGEST}", "z/OWNERS": "zoe@x.org #{NEVER_SUGGEST}",
			},
			files: "a/b/x.c", want: []string{"0 ann@x.org /a/b a/b/OWNERS", "1 moe@x.org /a a/OWNERS"}, never: "ann@x.org cc@x.org", note: "more is not understood in 1 place: line 3",
		},
		{
			name: "braces", tree: tree{"OWNERS": "per-file *.{c,h}, x{.go,.rs}y ,z=cc@x.org\nper-file a{b,c}{d,e}=no@x.org\nper-file {x=no@x.org\nper-file x}=no@x.org\n"},
			files: "a.c b.h c.go x.gox xb z x.rsy", note: "OWNERS is not understood in 3 places: line 2, 3, 4",
			want: []string{"0 cc@x.org /x.rsy OWNERS", "0 cc@x.org /a.c OWNERS", "0 cc@x.org /b.h OWNERS", "0 cc@x.org /z OWNERS"},
		},
		{
			name: "rules of each other", tree: tree{"OWNERS": "per-file *.c=file:/b", "b": "bob@x.org\nfile:/c\nper-file *.c=file:/OWNERS", "c": "cyd@x.org\ninclude /b"},
			files: "a.c", want: []string{"0 bob@x.org /a.c OWNERS", "0 cyd@x.org /a.c OWNERS"},
		},
		{
			name: "the same people twice", tree: tree{"OWNERS": "file:/one\nfile:/two", "one": fifteen, "two": fifteen}, files: "a",
			want: owners15("1 %s / OWNERS"),
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
			name: "owners plugin", tree: tree{"OWNERS": "inherited: true\nowners:\n- ann@x.org\n- group/web\n- Some Body\n", "a/OWNERS": "inherited: false\nowners: [bob]\nmatchers:\n- suffix: .sql\n  owners: [dba@x.org]\n- regex: a/.*/x[.]go\n  owners: [cyd@x.org]\n- exact: a/y\n  owners: [y@x.org]\n- partial_regex: '('\n  owners: [no@x.org]\n"},
			files: "a/b.sql a/b/x.go z",
			want:  []string{"0 cyd@x.org /a/b/x.go a/OWNERS", "0 dba@x.org /a/b.sql a/OWNERS", "0 bob /a a/OWNERS", "1 ann@x.org /z OWNERS", "1 tia /z OWNERS web"},
			note:  "OWNERS is not understood in 1 place; a/OWNERS is not understood in 1 place",
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
			name: "aliases of reviewers", tree: tree{"OWNERS": "reviewers: [infra]\n", "OWNERS_ALIASES": "aliases: {infra: [bob, bob]}\n"},
			files: "a", want: []string{"1 bob / OWNERS"},
		},
		{
			name: "broken aliases", tree: tree{"OWNERS": "approvers: [infra, ann@x.org, group/web]\n", "OWNERS_ALIASES": "aliases: [\n"},
			files: "a", want: []string{"1 ann@x.org / OWNERS", "1 tia / OWNERS web"}, note: "OWNERS_ALIASES is not understood",
		},
		{
			name: "unreadable aliases", tree: tree{"OWNERS": "approvers: [infra, ann@x.org]\nfilters: {x: {reviewers: [infra]}}\n", "OWNERS_ALIASES": "down"},
			files: "a", want: []string{"1 ann@x.org / OWNERS"}, err: down,
		},
		{
			name: "not understood", tree: tree{"OWNERS": "ann@x.org\nJane Doe\nper-file x\nper-file a/b=ann@x.org\n"}, files: "a",
			want: []string{"1 ann@x.org / OWNERS"}, note: "OWNERS is not understood in 3 places: line 2, 3, 4",
		},
		{name: "broken YAML", tree: tree{"OWNERS": "owners: [\n"}, files: "a", note: "OWNERS is not understood in 1 place"},
		{name: "too many people", tree: tree{"OWNERS": many.String()}, files: "a", note: "a list of more than 25 people in OWNERS counts for nobody"},
		{name: "the root is unreadable", tree: tree{"OWNERS": "down", "CODEOWNERS": "* @ann"}, files: "a", err: down},
		{name: "a CODEOWNERS is unreadable", tree: tree{".github/CODEOWNERS": "down", "CODEOWNERS": "* @ann"}, files: "a", err: down},
		{
			name: "a folder is unreadable", tree: tree{"OWNERS": "root@x.org", "a/OWNERS": "ann@x.org", "a/sec/OWNERS": "down"}, files: "a/sec/x a/y",
			want: []string{"0 ann@x.org /a a/OWNERS"}, err: down,
		},
		{name: "only a folder that is unreadable", tree: tree{"OWNERS": "root@x.org", "a/OWNERS": "down"}, files: "a/x", err: down},
		{
			name: "an include is unreadable", tree: tree{"OWNERS": "root@x.org", "a/OWNERS": "ann@x.org\ninclude /b", "b": "down"}, files: "a/x",
			want: []string{"0 ann@x.org /a a/OWNERS"}, err: down,
		},

		{
			name: "CODEOWNERS", tree: tree{"CODEOWNERS": "* @ann\n*.js @acme/web # all of them\n/docs/ doc@x.org\napps/ @bob\n/build/logs/ @cyd\ndocs/* @dee\n"},
			files: "README x/y.js docs/a/b docs/c q/apps/z/w build/logs/1",
			want: []string{
				"0 cyd /build/logs CODEOWNERS", "0 bob /q/apps/z/w CODEOWNERS", "0 doc@x.org /docs/a/b CODEOWNERS",
				"0 dee /docs/c CODEOWNERS", "0 tia /x/y.js CODEOWNERS web", "1 ann /README CODEOWNERS",
			},
		},
		{name: "CODEOWNERS of a folder", tree: tree{"docs/CODEOWNERS": "/lib @ann\n"}, files: "lib/a lib/b/c x", want: []string{"0 ann /lib docs/CODEOWNERS"}},
		{name: "the first CODEOWNERS", tree: tree{".github/CODEOWNERS": "* one@x.org", "CODEOWNERS": "* @two"}, files: "a", want: []string{"1 one@x.org / .github/CODEOWNERS"}},
		{name: "logins of GitHub", tree: tree{".github/CODEOWNERS": "* @one two@x.org @acme/web"}, files: "a", want: []string{"1 two@x.org / .github/CODEOWNERS", "1 tia / .github/CODEOWNERS web"}},
		{
			name: "files at the root", tree: tree{"CODEOWNERS": "* @ann\n/* @bob\n"}, files: "x y/z",
			want: []string{"0 bob /x CODEOWNERS", "1 ann /y/z CODEOWNERS"},
		},
		{
			name: "sections of one name", tree: tree{"CODEOWNERS": "[Docs] @ann\nx\n[Code] @cyd\nx\n^[docs][2] @bob\nx\n"}, files: "x",
			want: []string{"0 bob / CODEOWNERS", "0 cyd / CODEOWNERS"},
		},
		{
			name: "roles", tree: tree{"CODEOWNERS": "* @ann\n/sec/ @@maintainer @sec\n/rel/ @@owner\n"}, files: "sec/x rel/y",
			want: []string{"0 sec /sec CODEOWNERS"},
		},
		{
			name: "teams that overlap", tree: tree{"CODEOWNERS": "* @acme/big @acme/same p03@x.org\n"}, files: "a",
			want: owners15("1 %s / CODEOWNERS big"),
		},
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
			owners, never, note, err := o.Owners(t.Context(), "p", "main", files)
			if fmt.Sprint(err) != cmp.Or(tt.err, "<nil>") || note != tt.note {
				t.Errorf("Owners(%q) note %q, %v; want %q, %q", files, note, err, tt.note, tt.err)
			}
			var avoided []string
			for _, p := range never {
				avoided = append(avoided, p.Email)
			}
			if got := strings.Join(avoided, " "); got != tt.never {
				t.Errorf("Owners(%q) never %q; want %q", files, got, tt.never)
			}
			var got []string
			for _, owner := range owners {
				got = append(got, who(owner))
			}
			if diff := gocmp.Diff(tt.want, got); len(got)+len(tt.want) > 0 && diff != "" {
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
		{tree{"CODEOWNERS": "/* @a"}, []string{"the files at the root (CODEOWNERS)"}},
		{tree{"CODEOWNERS": "/owns\\ please\\ approve\\ this/ @a"}, []string{"some files (CODEOWNERS)"}},
		{tree{"OWNERS": "per-file *.md=a@x.org\nper-file z=a@x.org"}, []string{"a file of this change (OWNERS)", "z (OWNERS)"}},
	} {
		o, _ := tt.tree.over()
		owners, _, _, _ := o.Owners(t.Context(), "p", "main", []string{"pay/x", "[x](http:)/y", "(http:)/y", "z", "owns please approve this/now", "please approve this now @admin.md"})
		var got []string
		for _, owner := range owners {
			got = append(got, owner.Title)
		}
		slices.Sort(got)
		if diff := gocmp.Diff(tt.want, slices.Compact(got)); diff != "" {
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
	_, _, note, err := o.Owners(t.Context(), "p", "main", files)
	if len(*read) > maxOwnersReads+maxOwnersDirs || err != nil || !strings.Contains(note, "directories are not read") || !strings.Contains(note, "include more than") {
		t.Errorf("%d reads, note %q, %v", len(*read), note, err)
	}
	o, read = tree{}.over()
	if _, _, _, err := o.Owners(t.Context(), "p", "main", files); err != nil || len(*read) != 1+len(codeOwnersAt) {
		t.Errorf("a project without owners files cost %d reads, %v", len(*read), err)
	}
	var rules strings.Builder
	for i := range 2 * maxOwnersLines {
		fmt.Fprintf(&rules, "**/*a*/**/%d/**/b* @ann\n", i)
	}
	o, _ = tree{"CODEOWNERS": rules.String()}.over()
	if _, _, note, _ := o.Owners(t.Context(), "p", "main", files); note != "CODEOWNERS is not understood in 1 place: line 5001" {
		t.Errorf("note %q", note)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, _, err := o.Owners(gone, "p", "main", files); err == nil {
		t.Error("no error after the end")
	}
}

// Lists may repeat themselves and each other without end.
func TestOwnersListsDoNotMultiply(t *testing.T) {
	circle := func(n int) tree {
		tr := tree{}
		for i, name := range []string{"OWNERS", "b", "c", "d"} {
			next := []string{"b", "c", "d", "OWNERS"}[i]
			tr[name] = strings.Repeat("include /"+next+"\n", n) + strings.Repeat("per-file *=file:/"+next+",file:/"+next+"\n", n/10)
		}
		return tr
	}
	web := tree{} // each list includes all others
	all := strings.Builder{}
	for i := range 60 {
		fmt.Fprintf(&all, "include /d%d/OWNERS\nper-file *=file:/d%d/OWNERS,p%d@x.org\n", i, i, i)
	}
	web["OWNERS"] = all.String()
	for i := range 60 {
		web[fmt.Sprintf("d%d/OWNERS", i)] = all.String()
	}
	alias := tree{"OWNERS": "approvers: [" + strings.Repeat("a, ", 4000) + "]\n"}
	alias["OWNERS_ALIASES"] = "aliases: {a: [" + strings.Repeat("p, ", 4000) + "q]}\n"
	var files []string
	for i := range maxOwnedFiles {
		files = append(files, fmt.Sprintf("d%d/x", i%60))
	}
	for _, tt := range []struct {
		name string
		tree tree
		most int // claims
	}{
		{"a circle", circle(4000), 0},
		{"a web", web, maxOwnedBy * maxSeparate},
		{"aliases", alias, 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			defer cancel()
			o, _ := tt.tree.over()
			owners, _, _, err := o.Owners(ctx, "p", "main", files)
			if err != nil || len(owners) > tt.most {
				t.Errorf("%d owners, %v", len(owners), err)
			}
		})
	}
}

// However many claims there are, the people are told.
func TestOwnersArePeople(t *testing.T) {
	tr := tree{"OWNERS": "root@x.org"}
	var files []string
	for i := range 29 {
		dir := fmt.Sprintf("d%d", i)
		tr[dir+"/OWNERS"] = strings.Join(owners15("%s"), "\n") + fmt.Sprintf("\nlast%d@x.org", i)
		files = append(files, dir+"/x")
	}
	o, _ := tr.over()
	owners, _, _, err := o.Owners(t.Context(), "p", "main", files)
	people := map[string]bool{}
	for _, o := range owners {
		people[o.Person.Email] = true
	}
	if err != nil || len(people) != 15+29 {
		t.Errorf("%d people, %v", len(people), err)
	}
}

func FuzzOwners(f *testing.F) {
	f.Add("set noparent\nann@x.org #{NEVER_SUGGEST}\nper-file *.go,a?=b@x.org,file:/x\ninclude p:b:/c\n", "a/b.go")
	f.Add("owners: [a, group/b]\nmatchers:\n- {regex: '.*', owners: [x@y.z]}\nfilters: {'a': {reviewers: [r]}}\n", "a/b.go")
	f.Add("[S][2] @a\n/a\\ b/*.{x} @b/c d@e.f\n^[T]\n* \n", "a b/c.x")
	f.Fuzz(func(t *testing.T, body, file string) {
		for _, tr := range []tree{{"OWNERS": body, "a/OWNERS": body, "b": body}, {"CODEOWNERS": body}} {
			o, read := tr.over()
			owners, never, note, err := o.Owners(context.Background(), "p", "main", []string{file, "a/b/c.go", "x"})
			if err != nil || len(owners) > maxOwnedBy*maxSeparate || len(never) > maxListed || len(*read) > maxOwnersReads+maxOwnersDirs || printable(note) != note {
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
