// SPDX-License-Identifier: Apache-2.0

package scrub

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"review-assistant/review"
)

// hunk makes a hunk from lines with prefixes.
func hunk(lines ...string) review.Hunk {
	h := review.Hunk{OldStart: 1, NewStart: 1}
	for _, l := range lines {
		h.Lines = append(h.Lines, review.Line{Op: review.Op(l[0]), Text: l[1:]})
	}
	return h
}

func (h Hunk) String() string {
	var b strings.Builder
	for _, l := range h.Lines {
		fmt.Fprintf(&b, "%c%s\n", l.Op, l.Text)
	}
	return b.String()
}

func TestPatch(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 12))
	token := fake(rng, "glpat-{b20}")
	p := review.Patch{Merge: true, Files: []review.File{
		{Path: "first/" + token + ".txt", OldPath: "old-" + token, Status: review.FileRenamed, Added: 1, Removed: 2, Hunks: []review.Hunk{
			{Section: "token = " + token, OldStart: 3, NewStart: 4, OldLines: 5, NewLines: 6, Lines: []review.Line{{Op: review.OpAdd, Text: "beside", NoEOL: true}}},
		}},
		{Path: "deploy/prod.env", Hunks: []review.Hunk{hunk("+SECRET=x")}},
		{Path: "picture.png", Skip: review.SkipBinary},
		{Path: "odd.bin", Hunks: []review.Hunk{hunk("+\x00\x01\x02\x80\x81")}},
		{Path: "last.go", Hunks: []review.Hunk{hunk(" a := 1", "-// "+token, "+b := 2")}},
	}}
	c := cleaner(t, Options{Sensitive: []string{"deploy/**"}})
	got, err := c.Patch(p)
	if err != nil {
		t.Fatal(err)
	}
	f := got.Files
	if f[0].Path.String() != "first/«SECRET:gitlab-token:1».txt" || f[0].OldPath.String() != "old-«SECRET:gitlab-token:1»" {
		t.Errorf("names: %q, %q", f[0].Path, f[0].OldPath)
	}
	h := f[0].Hunks[0]
	if h.Section.String() != "token = «SECRET:gitlab-token:1»" || h.OldStart != 3 || h.NewLines != 6 || !h.Lines[0].NoEOL || h.Lines[0].Text.String() != "beside" {
		t.Errorf("hunk: %+v", h)
	}
	if f[1].Skip != review.SkipSensitive || f[1].Hunks != nil || f[2].Skip != review.SkipBinary || f[3].Skip != review.SkipEncoding || f[3].Hunks != nil {
		t.Errorf("skips: %q, %q, %q", f[1].Skip, f[2].Skip, f[3].Skip)
	}
	if p.Files[1].Skip != "" || p.Files[1].Hunks == nil {
		t.Error("the caller's patch was changed")
	}
	if want := " a := 1\n-// «SECRET:gitlab-token:1»\n+b := 2\n"; f[4].Hunks[0].String() != want {
		t.Errorf("last file: %q, want %q", f[4].Hunks[0], want)
	}
	if r := c.Report(); !got.Merge || r.Secrets != 1 || len(r.Withheld) != 2 {
		t.Errorf("report: %+v", r)
	}
}

// TestKeyOverLines has keys that only one side of the diff shows whole.
func TestKeyOverLines(t *testing.T) {
	rng := rand.New(rand.NewPCG(13, 14))
	body := func(prefix string, n int) []string {
		var lines []string
		for range n {
			lines = append(lines, prefix+fake(rng, "{p64}"))
		}
		return lines
	}
	const begin, end = "-----BEGIN RSA PRIVATE KEY-----", "-----END RSA PRIVATE KEY-----"
	for _, tt := range []struct {
		name  string
		lines []string
		kept  int // lines that arrive as they are
	}{
		{"added", append(append([]string{" x", "+" + begin}, body("+", 5)...), "+"+end, " y"), 4},
		{"between sides", append(append([]string{"-" + begin, "+changed"}, body("-", 4)...), "+more", "-"+end), 4},
		{"no end", append([]string{" x", "+" + begin}, body("+", 6)...), 2},
		{"no begin", append(body(" ", 6), " "+end, " y"), 2},
		{"neither", body("+", 6), 0},
		{"indented", append(append([]string{"+key: |", "+  " + begin}, body("+  ", 5)...), "+  "+end, "+next: 1"), 4},
		{"literals", []string{`+k := "` + begin + `\n" +`, fake(rng, `+	"{p64}\n" +`), fake(rng, `+	"{p40}\n" +`), `+	"` + end + `\n"`, "+next()"}, 3},
		{"certificate", append(append([]string{"+-----BEGIN CERTIFICATE-----"}, body("+", 6)...), "+-----END CERTIFICATE-----"), 8},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := hunk(tt.lines...)
			got, err := cleaner(t, Options{}).Patch(review.Patch{Files: []review.File{{Path: "k", Hunks: []review.Hunk{h}}}})
			if err != nil {
				t.Fatal(err)
			}
			kept := 0
			for i, l := range got.Files[0].Hunks[0].Lines {
				raw := h.Lines[i].Text
				if l.Text.String() == raw {
					kept++
				} else if !strings.Contains(l.Text.String(), "«SECRET:") {
					t.Errorf("line %d: %q became %q", i, raw, l.Text)
				}
			}
			if kept != tt.kept {
				t.Errorf("%d lines kept, want %d:\n%s", kept, tt.kept, got.Files[0].Hunks[0])
			}
		})
	}
}

func BenchmarkPatch(b *testing.B) {
	rng := rand.New(rand.NewPCG(15, 16))
	var p review.Patch
	for i := range 5 {
		f := review.File{Path: fmt.Sprintf("pay/file%d.go", i)}
		for range 4 {
			var lines []string
			for range 20 {
				lines = append(lines, " 	if err := c.Authorize(ctx, id, amount); err != nil {", "+		return fmt.Errorf(\"authorize %s: %w\", id, err)", "-	}")
			}
			f.Hunks = append(f.Hunks, hunk(append(lines, fake(rng, "+const apiToken = \"{a32}\""))...))
		}
		p.Files = append(p.Files, f)
	}
	s, err := New(Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	b.SetBytes(5 * 4 * 20 * 120)
	for b.Loop() {
		if _, err := s.Begin().Patch(p); err != nil {
			b.Fatal(err)
		}
	}
}

// TestLook cleans a message before the patch that gives its secret away.
func TestLook(t *testing.T) {
	rng := rand.New(rand.NewPCG(13, 14))
	value := fake(rng, "{l7}-{l9}")
	c := cleaner(t, Options{})
	p := review.Patch{Files: []review.File{{Path: "a.env", Hunks: []review.Hunk{hunk("+DB_PASSWORD=" + value + "7x")}}}}
	l, err := c.Look(p)
	if err != nil {
		t.Fatal(err)
	}
	if got := clean(t, c, "use "+value+"7x for now"); got != "use «SECRET:password:1» for now" {
		t.Errorf("message: %q", got)
	}
	if r := c.Report(); r.Secrets != 1 || len(r.Findings) != 1 {
		t.Errorf("Report = %+v", r)
	}
	got, err := l.Patch()
	if err != nil || got.Files[0].Hunks[0].Lines[0].Text.String() != "DB_PASSWORD=«SECRET:password:1»" {
		t.Errorf("Patch = %+v, %v", got, err)
	}
}
