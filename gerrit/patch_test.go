// SPDX-License-Identifier: Apache-2.0

package gerrit_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"review-assistant/gerrit"
	"review-assistant/gerrit/gerrittest"
	"review-assistant/review"
)

// show writes a patch in a form that fits into a test.
func show(p review.Patch) string {
	var b strings.Builder
	for _, f := range p.Files {
		fmt.Fprintf(&b, "%s %s", f.Status, f.Path)
		if f.OldPath != "" {
			fmt.Fprintf(&b, " <- %s", f.OldPath)
		}
		fmt.Fprintf(&b, " %o +%d -%d", f.Mode, f.Added, f.Removed)
		if f.Skip != "" {
			fmt.Fprintf(&b, " (%s)", f.Skip)
		}
		b.WriteByte('\n')
		for _, h := range f.Hunks {
			fmt.Fprintf(&b, "  @@ -%d,%d +%d,%d @@\n", h.OldStart, h.OldLines, h.NewStart, h.NewLines)
			for _, l := range h.Lines {
				eol := ""
				if l.NoEOL {
					eol = "$"
				}
				fmt.Fprintf(&b, "  %c%q%s\n", l.Op, l.Text, eol)
			}
		}
	}
	return b.String()
}

func paths(g *gerrittest.Server) []string {
	var out []string
	for _, r := range g.Requests() {
		out = append(out, r.String())
	}
	return out
}

// rich is a change with one of everything.
func rich(g *gerrittest.Server) *gerrittest.Change {
	g.Commit("demo", gerrittest.Files{
		"a.go": "package a\n\nfunc A() {\n\tx := 1\n\t_ = x\n}\n", "noeol.txt": "one\ntwo", "latin1.txt": "caf\xe9\nx\n",
		"crlf.txt": "a\r\nb\r\nc\r\n", "old/name.txt": "1\n2\n3\n", "gone.txt": "bye\n",
	})
	return g.Push(gerrittest.Push{
		Message: "Change things",
		Files: gerrittest.Files{
			"a.go": "package a\n\nfunc A() {\n\tx := 2\n\t_ = x\n}\n", "noeol.txt": "one\ntwo\nthree", "latin1.txt": "caf\xe9\ny\xfc\n",
			"crlf.txt": "a\r\nB\r\nc\r\n", "new/name.txt": "1\n2\n4\n", "empty.txt": "", "image.png": "\x89PNG\x00", `d/läng "q".txt`: "x\n",
		},
		Renames: map[string]string{"old/name.txt": "new/name.txt"}, Removes: []string{"gone.txt"},
		Symlinks: gerrittest.Files{"link": "a.go"}, Executable: gerrittest.Files{"run.sh": "#!/bin/sh\n"},
		Submodules: map[string]string{"lib": "0123456789012345678901234567890123456789"},
	})
}

const richPatch = `modified a.go 100644 +1 -1
  @@ -1,6 +1,6 @@
   "package a"
   ""
   "func A() {"
  -"\tx := 1"
  +"\tx := 2"
   "\t_ = x"
   "}"
modified crlf.txt 100644 +1 -1
  @@ -1,3 +1,3 @@
   "a"
  -"b"
  +"B"
   "c"
added d/läng "q".txt 100644 +1 -0
  @@ -0,0 +1,1 @@
  +"x"
added empty.txt 100644 +0 -0
deleted gone.txt 100644 +0 -1
  @@ -1,1 +0,0 @@
  -"bye"
added image.png 100644 +0 -0 (binary)
modified latin1.txt 100644 +1 -1
  @@ -1,2 +1,2 @@
   "café"
  -"x"
  +"yü"
added lib 160000 +1 -0
  @@ -0,0 +1,1 @@
  +"Subproject commit 0123456789012345678901234567890123456789"$
added link 120000 +1 -0
  @@ -0,0 +1,1 @@
  +"a.go"$
renamed new/name.txt <- old/name.txt 100644 +1 -1
  @@ -1,3 +1,3 @@
   "1"
   "2"
  -"3"
  +"4"
`

func TestPatchWhole(t *testing.T) {
	for _, version := range []string{"3.13.5", "3.10.2"} {
		t.Run(version, func(t *testing.T) {
			g := gerrittest.NewWith(t, gerrittest.Options{Version: version})
			k := rich(g)
			c := open(t, g, nil)
			got := show(patch(t, c, read(t, c, k), nil))
			if !strings.HasPrefix(got, richPatch) {
				t.Errorf("patch is\n%s\nwant it to begin with\n%s", got, richPatch)
			}
		})
	}
}

// One by one, the same change gives the same patch.
func TestPatchByFile(t *testing.T) {
	g := gerrittest.New(t)
	k := rich(g)
	c := open(t, g, nil)
	ch := read(t, c, k)
	whole := show(patch(t, c, ch, nil))
	ch.Message = "Innocent\n\ndiff --git a/x b/x\n"
	g.ResetRequests()
	single := show(patch(t, c, ch, nil))
	// The JSON diff cannot tell a line end that was added to the last line.
	cut := func(s string) string { before, _, _ := strings.Cut(s, "modified noeol.txt"); return before }
	if cut(single) != cut(whole) {
		t.Errorf("file by file the patch is\n%s\nas a whole\n%s", single, whole)
	}
	if slices.ContainsFunc(paths(g), func(p string) bool { return strings.Contains(p, "/patch") }) {
		t.Errorf("the patch of a forged message was read: %q", paths(g))
	}
}

func TestForgedFilesNeverAppear(t *testing.T) {
	forgery := "Fix\n\ndiff --git a/%[1]s b/%[1]s\nindex 1..2 100644\n--- a/%[1]s\n+++ b/%[1]s\n@@ -1 +1 @@\n-good\n+forged\n"
	for _, path := range []string{"ghost.go", "a.go"} {
		t.Run(path, func(t *testing.T) {
			g := gerrittest.New(t)
			k := g.Push(gerrittest.Push{
				Message: fmt.Sprintf(forgery, path),
				Base:    gerrittest.Files{"a.go": "package a\n"}, Files: gerrittest.Files{"a.go": "package b\n", "b.go": "package b\n"},
			})
			c := open(t, g, nil)
			ch := read(t, c, k)
			// An older patch set's message is not at hand; hide it here too.
			hidden := ch
			hidden.Message = "Fix\n"
			for _, ch := range []review.Change{ch, hidden} {
				got := show(patch(t, c, ch, nil))
				if strings.Contains(got, "forged") || strings.Contains(got, "ghost") || !strings.Contains(got, `+"package b"`) {
					t.Errorf("patch is\n%s", got)
				}
			}
		})
	}
}

func TestSkippedFilesHaveNoBody(t *testing.T) {
	g := gerrittest.New(t)
	k := g.Push(gerrittest.Push{Message: "x", Files: gerrittest.Files{"go.sum": "secret\n", "a.go": "package a\n"}})
	c := open(t, g, nil)
	ch := read(t, c, k)
	skip := func(f review.File) review.Skip {
		if f.Path == "go.sum" {
			return review.SkipLock
		}
		return ""
	}
	p := patch(t, c, ch, skip)
	if got := show(p); strings.Contains(got, "secret") || !strings.Contains(got, "added go.sum 100644 +1 -0 (lock file)") {
		t.Errorf("patch is\n%s", got)
	}
	g.ResetRequests()
	patch(t, c, ch, func(review.File) review.Skip { return review.SkipExcluded })
	if got := paths(g); len(got) != 1 || !strings.HasSuffix(got[0], "/files") {
		t.Errorf("nothing is wanted, but these were asked: %q", got)
	}
}

func TestPatchLimits(t *testing.T) {
	body := func(lines int) string { return strings.Repeat("0123456789\n", lines) }
	g := gerrittest.New(t)
	k := g.Push(gerrittest.Push{Message: "x", Files: gerrittest.Files{
		"a.txt": body(10), "b.txt": body(5000), "c.txt": body(30), "d.min.js": strings.Repeat("x", 300_000) + "\n",
	}})
	c := open(t, g, func(o *gerrit.Options) { o.MaxPatch, o.MaxFile = 20_000, 10_000 })
	got := map[string]string{}
	for _, f := range patch(t, c, read(t, c, k), nil).Files {
		got[f.Path] = fmt.Sprintf("%d %s", f.Added, f.Skip)
	}
	want := map[string]string{"a.txt": "10 ", "b.txt": "5000 too large", "c.txt": "30 ", "d.min.js": "1 too large"}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("files are %v, want %v", got, want)
	}
	c = open(t, g, nil)
	if n := len(patch(t, c, read(t, c, k), nil).Files[1].Hunks[0].Lines); n != 5000 {
		t.Errorf("a file of 5,000 lines has %d", n)
	}
}

func TestMergeIsReadAgainstItsFirstParent(t *testing.T) {
	g := gerrittest.New(t)
	k := g.Push(gerrittest.Push{Message: "Merge", Merge: true, Files: gerrittest.Files{"a.go": "package a\n"}})
	c := open(t, g, nil)
	p := patch(t, c, read(t, c, k), nil)
	if !p.Merge || len(p.Files) != 1 || len(p.Files[0].Hunks) != 1 {
		t.Errorf("patch is merge %v\n%s", p.Merge, show(p))
	}
}

func TestOlderPatchSet(t *testing.T) {
	g := gerrittest.New(t)
	k := g.Push(gerrittest.Push{Message: "x", Files: gerrittest.Files{"a.go": "package one\n"}})
	k.Amend(gerrittest.Push{Files: gerrittest.Files{"a.go": "package two\n"}})
	c := open(t, g, nil)
	ch := read(t, c, k)
	p, err := c.Patch(context.Background(), ch, ch.PatchSets[0], nil)
	if got := show(p); err != nil || !strings.Contains(got, "package one") {
		t.Errorf("patch set 1 is %v\n%s", err, got)
	}
}

func TestEmptyPatch(t *testing.T) {
	g := gerrittest.New(t)
	k := g.Push(gerrittest.Push{Message: "Nothing"})
	c := open(t, g, nil)
	if p := patch(t, c, read(t, c, k), nil); len(p.Files) != 0 {
		t.Errorf("an empty change has files:\n%s", show(p))
	}
}
