// SPDX-License-Identifier: Apache-2.0

package summarize

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// maxLoss is how many true sentences in a hundred may be dropped.
const maxLoss = 5

// BenchmarkSentences measures how many true sentences about real changes the
// checks cost, and how many false ones they let through. The changes are other
// people's work and not part of this repository: CHANGES names a folder with
// one folder for each, with a change.diff and a message.txt.
func BenchmarkSentences(b *testing.B) {
	dir := os.Getenv("CHANGES")
	if dir == "" {
		b.Skip("CHANGES names no folder of changes")
	}
	list, err := os.ReadFile("testdata/sentences.txt")
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		judge(b, dir, string(list))
	}
}

func judge(t *testing.B, dir, list string) {
	var v *verifier
	lost, all, lies, kept := 0, 0, 0, 0
	for line := range strings.Lines(list) {
		mark, s, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		switch mark {
		case "=":
			v = verifierOf(t, filepath.Join(dir, s))
		case "+":
			if all++; !v.keeps(s) {
				lost++
				t.Logf("true, and dropped by %s: %s", v.reason(s), s)
			}
		case "-", "?":
			lies++
			keeps := v.keeps(s)
			if keeps {
				kept++
			}
			if keeps != (mark == "?") {
				t.Errorf("kept %v, marked %q: %s", keeps, mark, s)
			}
		}
	}
	t.ReportMetric(100*float64(lost)/float64(all), "%true-dropped")
	t.ReportMetric(100*float64(kept)/float64(lies), "%false-kept")
	if lost*100 > maxLoss*all {
		t.Errorf("%d of %d true sentences are dropped", lost, all)
	}
}

func verifierOf(t testing.TB, dir string) *verifier {
	t.Helper()
	read := func(name string) string {
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	message := read("message.txt")
	subject, _, _ := strings.Cut(message, "\n")
	return verify(t, Input{Patch: patch(t, read("change.diff")), PatchSet: 1, Subject: text(subject), Message: text(message), Branch: text("main"), Clean: clean})
}

func verify(t testing.TB, in Input) *verifier {
	t.Helper()
	sc, _ := in.scope()
	return newVerifier(&in, &sc.patch, promptOf(t, in), evidenceOf(&in, &sc.patch))
}

// keeps reports whether a sentence survives as a bullet.
func (v *verifier) keeps(s string) bool {
	got, ok := v.prose(s, maxBullet)
	return ok && v.speaks(got)
}

// reason names the check that a sentence does not pass.
func (v *verifier) reason(s string) string {
	t := text(s)
	for _, c := range []struct {
		name string
		ok   bool
	}{
		{"form", presentable(t) && !talks(s)},
		{"support", v.supports(s)},
		{"echo", !v.echoes(s)},
		{"claims", v.claims(s)},
		{"values", v.changed(s)},
		{"counts", v.counts(s)},
		{"topic", v.speaks(t)},
	} {
		if !c.ok {
			return c.name
		}
	}
	return "another check"
}
