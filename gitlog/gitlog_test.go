// SPDX-License-Identifier: Apache-2.0

package gitlog

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"review-assistant/review"
)

// clone makes a repository from a stream for git fast-import.
func clone(t testing.TB, stream string) string {
	t.Helper()
	dir := t.TempDir()
	git(t, dir, "", "init", "--quiet", "--initial-branch=main")
	git(t, dir, stream, "fast-import", "--quiet")
	return dir
}

func git(t testing.TB, dir, stdin string, args ...string) {
	t.Helper()
	cmd := exec.Command("git", append([]string{"-C", dir}, args...)...)
	cmd.Env = append(environment(), "HOME="+dir, "GIT_ALLOW_PROTOCOL=file")
	cmd.Stdin = strings.NewReader(stdin)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("git %v: %v\n%s", args, err, out)
	}
}

// commit is a commit of a stream; a body of "" removes the file.
func commit(branch, author string, at int, message string, files ...string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "commit refs/heads/%s\nauthor %s %d +0200\ncommitter C <c@x> %d +0000\ndata %d\n%s\n", branch, author, at, at+60, len(message), message)
	for _, f := range files {
		fmt.Fprintf(&b, "M 100644 inline %s\ndata %d\n%d\n", f, len(fmt.Sprint(at)), at)
	}
	return b.String() + "\n"
}

func all(t testing.TB, o Options) []review.Past {
	t.Helper()
	var out []review.Past
	for p, err := range Read(t.Context(), o) {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, p)
	}
	return out
}

const key = "I0123456789012345678901234567890123456789"

func TestRead(t *testing.T) {
	dir := clone(t, commit("main", "Ann <ann@x>", 1000, "pay: try again\n\nWhy.\n\nReviewed-by: Bob B. <Bob@X>\nReviewed-by: carl@x\nReviewed-on: https://g/1\nChange-Id: "+key+"\nChange-Id: I12\n", "pay/a.go", "pay/b c.go")+
		commit("main", "Ann <ann@x>", 2000, "nobody looked\n\nChange-Id: "+strings.ReplaceAll(key, "0", "1")+"\n", "pay/a.go")+
		commit("main", "Old Name <old@x>", 3000, "\"area: an\x1f odd\" subject\n\nReviewed-by: Dora\n <dora@x>\nReviewed-by: nobody\n", `"odd\nname"`, "ü.go")+
		commit("main", "Ann <ann@x>", 4000, "no files\n\nReviewed-by: Bob <bob@x>\n")+
		commit("other", "Ann <ann@x>", 5000, "not here\n\nReviewed-by: Bob <bob@x>\n", "x")+
		commit("main", "Ann <ann@x>", 6000, "names the people\n\nReviewed-by: Bob <bob@x>\n", ".mailmap"))
	if err := os.WriteFile(filepath.Join(dir, ".mailmap"), []byte("New Name <new@x> <old@x>\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	at := func(s int64) time.Time { return time.Unix(s, 0).UTC() }
	mail := func(list ...string) (out []review.Account) {
		for _, m := range list {
			out = append(out, review.Account{Email: m})
		}
		return out
	}
	want := []review.Past{
		{
			Project: "team/pay", Branch: "main", Key: "team/pay~main~" + key, Author: mail("ann@x")[0], Created: at(1000), Closed: at(1060),
			Files: []string{"pay/a.go", "pay/b c.go"}, Subject: "pay: try again", Reviewers: mail("bob@x", "carl@x"),
		},
		{
			Project: "team/pay", Branch: "main", Author: mail("new@x")[0], Created: at(3000), Closed: at(3060),
			Files: []string{"odd\nname", "ü.go"}, Subject: "\"area: an\x1f odd\" subject", Reviewers: mail("dora@x"),
		},
		{
			Project: "team/pay", Branch: "main", Author: mail("ann@x")[0], Created: at(6000), Closed: at(6060),
			Files: []string{".mailmap"}, Subject: "names the people", Reviewers: mail("bob@x"),
		},
	}
	got := all(t, Options{Dir: dir, Project: "team/pay"})
	for i := range got {
		if commit, is := strings.CutPrefix(got[i].Key, "team/pay~main~"); is && isHex(commit, 40) {
			got[i].Key = ""
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Read() (-want +got):\n%s", diff)
	}
	if got := all(t, Options{Dir: dir, Project: "p", Branch: "other"}); len(got) != 1 || got[0].Subject != "not here" {
		t.Errorf("Read() of another branch = %+v", got)
	}
	if got := all(t, Options{Dir: dir, Project: "p", Since: time.Unix(5000, 0)}); len(got) != 1 {
		t.Errorf("Read() of a while = %+v", got)
	}
	for range Read(t.Context(), Options{Dir: dir, Project: "p"}) {
		break // git ends with its reader
	}

	// What was fetched is newer than what is checked out.
	git(t, dir, "", "update-ref", "refs/remotes/origin/main", "refs/heads/other")
	if got := all(t, Options{Dir: dir, Project: "p", Branch: "main"}); len(got) != 1 || got[0].Key[:7] != "p~main~" {
		t.Errorf("Read() of the fetched branch = %+v", got)
	}
}

func TestReadFails(t *testing.T) {
	dir := clone(t, commit("main", "Ann <ann@x>", 1000, "x\n\nReviewed-by: Bob <bob@x>\n", "a"))
	empty := t.TempDir()
	detached := clone(t, commit("main", "Ann <ann@x>", 1000, "x", "a"))
	git(t, detached, "", "update-ref", "--no-deref", "HEAD", "refs/heads/main")
	two := clone(t, commit("main", "Ann <ann@x>", 1000, "x\n\nReviewed-by: Bob <bob@x>\n", "a")+commit("main", "Ann <ann@x>", 2000, "y\n\nReviewed-by: Bob <bob@x>\n", "dir/a"))
	git(t, two, "", "config", "uploadpack.allowFilter", "true")
	shallow, treeless := filepath.Join(empty, "shallow"), filepath.Join(empty, "treeless")
	git(t, empty, "", "clone", "--quiet", "--bare", "--depth=1", "file://"+two, shallow)
	git(t, empty, "", "clone", "--quiet", "--bare", "--filter=tree:0", "file://"+two, treeless)
	held := clone(t, commit("main", "Ann <ann@x>", 1000, "x", "a"))
	git(t, held, "", "config", "include.path", filepath.Join(held, "pipe"))
	if out, err := exec.Command("mkfifo", filepath.Join(held, "pipe")).CombinedOutput(); err != nil {
		t.Fatalf("mkfifo: %v: %s", err, out)
	}
	for name, tt := range map[string]struct {
		o    Options
		want string
	}{
		"no clone":            {Options{Dir: empty}, "name the folder of a clone"},
		"no clone, a branch":  {Options{Dir: empty, Branch: "main"}, "name the folder of a clone"},
		"no folder":           {Options{Dir: filepath.Join(empty, "none"), Branch: "main"}, "name the folder of a clone"},
		"no branch":           {Options{Dir: dir, Branch: "none"}, `no branch "none"`},
		"an option":           {Options{Dir: dir, Branch: "--output=/tmp/x"}, "no branch"},
		"an expression":       {Options{Dir: dir, Branch: "main^{/x}"}, "no branch"},
		"nothing checked out": {Options{Dir: detached}, "--branch"},
		"a shallow clone":     {Options{Dir: shallow, Branch: "main"}, "git fetch --unshallow"},
		"a treeless clone":    {Options{Dir: treeless, Branch: "main"}, "make a full one, without --filter"},
		"a pipe":              {Options{Dir: held, Branch: "main", Patience: 100 * time.Millisecond}, "git said nothing for 100ms"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("GIT_CEILING_DIRECTORIES", filepath.Dir(empty))
			n := 0
			for p, err := range Read(t.Context(), tt.o) {
				if n++; err == nil || !strings.Contains(err.Error(), tt.want) {
					t.Errorf("Read() = %+v, %v; want %q", p, err, tt.want)
				}
			}
			if n != 1 {
				t.Errorf("Read() yields %d times", n)
			}
		})
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, err := range Read(ctx, Options{Dir: dir}) {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("Read() of one who left = %v", err)
		}
	}
}

func TestUnreadable(t *testing.T) {
	for said, want := range map[string]string{
		"git rev-parse: fatal: detected dubious ownership in repository at '/c'":              "safe.directory",
		"git rev-parse: fatal: unsafe repository ('/c' is owned by someone else)":             "safe.directory",
		"git rev-parse: fatal: not a git repository (or any of the parent directories): .git": "name the folder of a clone",
	} {
		if err := unreadable(t.Context(), Options{Dir: "/c"}, errors.New(said)); !strings.Contains(err.Error(), want) {
			t.Errorf("unreadable(%q) = %v, want %q", said, err, want)
		}
	}
}

// A commit with a wrong date hides none behind it, whether git filters or we do.
func TestReadSince(t *testing.T) {
	reviewed := "x\n\nReviewed-by: Bob <bob@x>\n"
	dir := clone(t, commit("main", "Ann <ann@x>", 5000, reviewed, "a")+commit("main", "Ann <ann@x>", 6000, "nobody looked", "a")+
		commit("main", "Ann <ann@x>", 10, reviewed, "a")+commit("main", "Ann <ann@x>", 7000, reviewed, "a"))
	seen := 0
	got := all(t, Options{Dir: dir, Project: "p", Since: time.Unix(4000, 0), Seen: func() { seen++ }})
	if len(got) != 2 || seen != 3 {
		t.Errorf("Read() = %d reviewed of %d commits, want 2 of 3", len(got), seen)
	}
	n := 0
	old := entry(sha, "1", "10", "ann@x", "s", key, "b@x", "\na")
	err := parse(strings.NewReader(old+entry(sha, "1", "5000", "ann@x", "s", key, "b@x", "\na")+old), Options{Since: time.Unix(4000, 0)}, func(review.Past) bool { n++; return true })
	if n != 1 || err != nil {
		t.Errorf("parse() = %d commits, %v; want 1", n, err)
	}
	for version, want := range map[string]bool{"git version 2.36.6": false, "git version 2.37.0": true, "git version 2.39.5 (Apple Git-154)": true, "git version 3.0.rc1": true, "git": false} {
		if filters(version) != want {
			t.Errorf("filters(%q) = %v", version, !want)
		}
	}
}

// A clone that came from elsewhere starts no program.
func TestReadRunsNothing(t *testing.T) {
	dir := clone(t, commit("main", "Ann <ann@x>", 1000, "x\n\nReviewed-by: Bob <bob@x>\n", "a.txt", ".gitattributes"))
	evil := filepath.Join(dir, "evil")
	run := filepath.Join(dir, "run.sh")
	if err := os.WriteFile(run, []byte("#!/bin/sh\ntouch "+evil+"\ncat\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, ".gitattributes"), []byte("* diff=evil filter=evil\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, k := range []string{
		"core.fsmonitor", "core.pager", "core.hooksPath", "core.sshCommand", "core.askPass", "core.editor", "core.alternateRefsCommand", "diff.external",
		"diff.evil.textconv", "diff.evil.command", "filter.evil.clean", "filter.evil.smudge", "gpg.program", "gpg.ssh.program", "credential.helper",
		"trailer.Reviewed-by.command", "trailer.Reviewed-by.cmd", "pager.log", "uploadpack.packObjectsHook",
	} {
		git(t, dir, "", "config", k, run)
	}
	for k, v := range map[string]string{
		"alias.log": "!" + run, "log.showSignature": "true", "log.diffMerges": "on", "diff.noprefix": "true", "color.ui": "always", "log.decorate": "full",
		"diff.renames": "copies", "format.pretty": "fuller", "log.date": "format:%q", "extensions.partialClone": "origin", "core.repositoryFormatVersion": "1",
		"remote.origin.url": "ext::" + run, "remote.origin.promisor": "true", "trailer.separators": "=", "core.quotePath": "true", "diff.relative": "true",
		"diff.orderFile": "/nowhere/order", "core.commentChar": "R", "log.showRoot": "false", "log.follow": "true", "i18n.logOutputEncoding": "UTF-16",
	} {
		git(t, dir, "", "config", k, v)
	}
	got := all(t, Options{Dir: dir, Project: "p", Branch: "main"})
	if len(got) != 1 || len(got[0].Files) != 2 || len(got[0].Reviewers) != 1 || got[0].Reviewers[0].Email != "bob@x" {
		t.Errorf("Read() = %+v", got)
	}
	if _, err := os.Stat(evil); err == nil {
		t.Error("a program of the clone was run")
	}
	// Objects that are missing are not fetched.
	objects, err := filepath.Glob(filepath.Join(dir, ".git/objects/[0-9a-f][0-9a-f]/*"))
	if err != nil || len(objects) == 0 {
		t.Fatal(objects, err)
	}
	for _, f := range objects {
		if err := os.Remove(f); err != nil {
			t.Fatal(err)
		}
	}
	for p, err := range Read(t.Context(), Options{Dir: dir, Project: "p", Branch: "main"}) {
		if err == nil {
			t.Errorf("Read() of nothing = %+v", p)
		}
	}
	if _, err := os.Stat(evil); err == nil {
		t.Error("a program of the clone was run to fetch")
	}
}
