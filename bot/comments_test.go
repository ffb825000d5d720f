// SPDX-License-Identifier: Apache-2.0

package bot

import (
	"bytes"
	goflag "flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"review-assistant/review"
	"review-assistant/scrub"
	"review-assistant/summarize"
)

var update = goflag.Bool("update", false, "rewrite golden files")

// TestComments reads changes from testdata/comments and compares what is
// posted on them. Each is an archive: its comment says what kind of change it
// is; then come "message", "change.diff" and, where the case has them,
// "previous.diff" (the patch set that reviewers know), "origin.diff" (what is
// reverted or picked), "answer.json" (of the model) and "facts", lines of KEY:
// VALUE (see storyOf); and last "comment", what is posted.
func TestComments(t *testing.T) {
	goldenComments(t, "testdata/comments/*.txtar", func(t *testing.T, arc *txtar.Archive) string {
		got := commentOf(t, arc)
		if n := utf8.RuneCountInString(got) + 1; n > maxComment {
			t.Errorf("%d characters", n)
		}
		return got
	})
	examples(t)
}

// goldenComments compares what is made of each archive with its "comment".
func goldenComments(t *testing.T, glob string, of func(t *testing.T, arc *txtar.Archive) string) {
	t.Helper()
	cases, err := filepath.Glob(glob)
	if err != nil || len(cases) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, name := range cases {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			arc, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			got := of(t, arc) + "\n"
			if want := archived(arc, "comment"); !*update && got != want {
				t.Errorf("comment (-want +got):\n%s", cmp.Diff(want, got))
			}
			if *update {
				setFile(arc, "comment", got)
				if err := os.WriteFile(name, txtar.Format(arc), 0o644); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

func archived(arc *txtar.Archive, name string) string {
	for _, f := range arc.Files {
		if f.Name == name {
			return string(f.Data)
		}
	}
	return ""
}

func setFile(arc *txtar.Archive, name, text string) {
	for i := range arc.Files {
		if arc.Files[i].Name == name {
			arc.Files[i].Data = []byte(text)
			return
		}
	}
	arc.Files = append(arc.Files, txtar.File{Name: name, Data: []byte(text)})
}

// commentOf summarizes the change of an archive as the bot would and returns
// its comment, or why there is none.
func commentOf(t *testing.T, arc *txtar.Archive) string {
	t.Helper()
	s, err := scrub.New(scrub.Options{})
	if err != nil {
		t.Fatal(err)
	}
	c := s.Begin()
	v := &visit{b: &Bot{}, policy: Policy{}}
	look := func(name string) *scrub.Looked {
		p := review.Patch{}
		if body := archived(arc, name); body != "" {
			if p, err = review.ParsePatch([]byte(body)); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
		for i := range p.Files {
			if why := v.skip(p.Files[i]); why != "" {
				p.Files[i].Skip, p.Files[i].Hunks = why, nil
			}
		}
		l, err := c.Look(p)
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	written := func(l *scrub.Looked) scrub.Patch {
		p, err := l.Patch()
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	clean := func(raw string) scrub.Text {
		text, err := c.Clean(raw)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	current, previous, origin := look("change.diff"), look("previous.diff"), look("origin.diff")
	message := archived(arc, "message")
	subject, _, _ := strings.Cut(message, "\n")
	in := summarize.Input{PatchSet: 1, Subject: clean(subject), Message: clean(message), Branch: clean("main"), Clean: c.Output}
	if archived(arc, "previous.diff") != "" {
		in.PatchSet, in.Since = 2, &summarize.Since{PatchSet: 1, Patch: written(previous)}
	}
	n := note{}
	storyOf(t, archived(arc, "facts"), &in, &n, clean)
	if in.Origin != nil && archived(arc, "origin.diff") != "" {
		p := written(origin)
		in.Origin.Patch = &p
	}
	in.Patch = written(current)
	writer := summarize.Summarizer{}
	if answer := archived(arc, "answer.json"); answer != "" {
		writer.Model = &scripted{answers: []string{answer}}
	}
	d, err := writer.Summarize(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	n.PatchSet, n.Since, n.Draft = in.PatchSet, d.Since, d
	n.Secrets = scrub.CountSecrets(in.Patch, in.Subject, in.Message)
	if n.NoModel = fallbackText(d.Fallback); d.Fallback == "" {
		n.NoModel = scrub.Text{}
	}
	if d.Model != "" {
		n.Model = clean(d.Model)
	}
	if d.Unchanged {
		return "(no comment: " + ReasonSameCode + ")"
	}
	if d.Silent != "" && n.Secrets == 0 {
		return fmt.Sprintf("(no comment: %s:%s)", ReasonNothing, d.Silent)
	}
	return compose(n, maxComment-auditRoom).String()
}

// storyOf reads lines of KEY: VALUE: "reverts: 12", "picked: 12 3 stable"
// (change, patch set, branch), "merged: SUBJECT" (repeated), "chain: 2 4 17 1 3"
// (place, length, change below, its patch set in the chain, its newest),
// "earlier: PATH LINE TEXT" (repeated), "reviewer: NAME, REASON" (repeated).
func storyOf(t *testing.T, facts string, in *summarize.Input, n *note, clean func(string) scrub.Text) {
	t.Helper()
	number := func(s string) int {
		i, err := strconv.Atoi(s)
		if err != nil {
			t.Fatalf("facts: %v", err)
		}
		return i
	}
	for line := range strings.Lines(facts) {
		key, value, ok := strings.Cut(strings.TrimSpace(line), ": ")
		words := strings.Fields(value)
		switch {
		case !ok:
			t.Fatalf("facts: %q is no KEY: VALUE", line)
		case key == "reverts":
			in.Origin = &summarize.Origin{Revert: true, Number: number(words[0])}
		case key == "picked":
			in.Origin = &summarize.Origin{Number: number(words[0]), PatchSet: number(words[1]), Branch: clean(words[2])}
		case key == "merged":
			if in.Merge == nil {
				in.Merge = &summarize.Merge{}
			}
			in.Merge.Subjects = append(in.Merge.Subjects, clean(value))
		case key == "chain":
			in.Chain = &summarize.Chain{At: number(words[0]), Of: number(words[1]), Below: summarize.Link{Number: number(words[2]), PatchSet: number(words[3]), Current: number(words[4]), Open: true}}
		case key == "earlier":
			in.Earlier = append(in.Earlier, summarize.Point{Path: clean(words[0]), Line: number(words[1]), Why: clean(strings.Join(words[2:], " "))})
		case key == "reviewer":
			name, reason, _ := strings.Cut(value, ", ")
			n.Picks = append(n.Picks, pickText{Name: clean(name), Reasons: []scrub.Text{clean(reason)}})
		default:
			t.Fatalf("facts: unknown key %q", key)
		}
	}
}

// exampleNames are the cases that docs/examples.md shows, in its order.
var exampleNames = []string{
	"java-service", "c-driver", "sql-migration", "kubernetes-deployment", "codemod", "patch-set-2", "model-good", "message-says-all",
}

// examples keeps docs/examples.md what the cases are.
func examples(t *testing.T) {
	t.Helper()
	var b bytes.Buffer
	b.WriteString("# What the comments look like\n\nWritten by `go test ./bot -run TestComments -update` from cases in `bot/testdata/comments`; every line below is\nwhat a reviewer finds on the change. The commit message stands first, because the comment says only what it lacks.\n")
	for _, name := range exampleNames {
		arc, err := txtar.ParseFile(filepath.Join("testdata/comments", name+".txtar"))
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, "\n## %s\n\n```\n%s```\n\n", strings.TrimSpace(string(arc.Comment)), archived(arc, "message"))
		posted := archived(arc, "comment")
		if why, silent := strings.CutPrefix(posted, "(no comment: "); silent {
			fmt.Fprintf(&b, "posts nothing; the log says `%s`.\n", strings.TrimSuffix(why, ")\n"))
			continue
		}
		fmt.Fprintf(&b, "posts\n\n```\n%s```\n", posted)
	}
	path := filepath.Join("..", "docs", "examples.md")
	if *update {
		if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, b.Bytes()) {
		t.Errorf("docs/examples.md is not what the cases are (%v); run this test with -update", err)
	}
}
