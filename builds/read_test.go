// SPDX-License-Identifier: Apache-2.0

package builds

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"review-assistant/review"
	"review-assistant/scrub"
)

// read reads a log and scrubs what was found.
func read(t testing.TB, log string, o ReadOptions) (*Log, Document) {
	t.Helper()
	l, err := Read(context.Background(), strings.NewReader(log), o)
	if err != nil {
		t.Fatal(err)
	}
	s, err := scrub.New(scrub.Options{})
	if err != nil {
		t.Fatal(err)
	}
	d, err := l.Document(s.Begin())
	if err != nil {
		t.Fatal(err)
	}
	return l, d
}

// TestLogs reads small logs of many tools: testdata/logs/NAME.txt says above
// the dashes what has to come first.
func TestLogs(t *testing.T) {
	files, err := filepath.Glob("testdata/logs/*.txt")
	if err != nil || len(files) < 20 {
		t.Fatal(len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			body, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			head, log, _ := strings.Cut(string(body), "---\n")
			var long strings.Builder
			_, d := read(t, log, ReadOptions{})
			lines := strings.Split(log, "\n")
			if len(d.Excerpts) == 0 {
				t.Fatal("nothing was found")
			}
			first := d.Excerpts[0]
			// The same inside of a long job, with a clean-up that fails too.
			above := 0
			for ; above < 600; above++ {
				long.WriteString([...]string{"[INFO] compiled a module\n", "warning: unused variable x\n", "ok  \texample.org/m\t0.1s\n", "Downloading x.jar\n"}[above%4])
			}
			long.WriteString("##[group]Run it\n" + log + "##[error]Process completed with exit code 1.\nPost job cleanup.\nfatal: no such file in the clean-up\n")
			if _, in := read(t, long.String(), ReadOptions{}); in.Excerpts[0].Focus != first.Focus+above+1 {
				t.Errorf("in a long job line %d is first, and not %d", in.Excerpts[0].Focus, first.Focus+above+1)
			}
			shown := strings.Join(lines[first.Start-1:first.End], "\n")
			for line := range strings.SplitSeq(strings.TrimSpace(head), "\n") {
				what, want, _ := strings.Cut(line, ": ")
				switch what {
				case "kind":
					if first.Kind != want {
						t.Errorf("kind %q, want %q", first.Kind, want)
					}
				case "focus":
					if !strings.Contains(lines[first.Focus-1], want) {
						t.Errorf("focus is %q, want %q; shown:\n%s", lines[first.Focus-1], want, shown)
					}
				case "test":
					if !slices.Contains(d.Tests, want) && !slices.ContainsFunc(d.Tests, func(s string) bool { return strings.HasSuffix(s, want) }) {
						t.Errorf("tests are %q, want %q", d.Tests, want)
					}
				}
			}
		})
	}
}

// TestFailures checks what a log is told apart into: each test with its reason,
// and the cause of the whole log where that is none of them.
func TestFailures(t *testing.T) {
	type failure struct {
		stage          review.Stage
		category, test string
		message, file  string
		line           int
	}
	const steps = "##[group]Run pytest\n"
	for _, tt := range []struct {
		name, log string
		want      []failure
	}{
		{
			"the reason stands in another section", steps +
				"=== FAILURES ===\n____ test_a ____\n\n    def test_a():\n>       assert 1 == 2\nE       assert 1 == 2\n\ntests/test_x.py:3: AssertionError\n" +
				"____ test_b ____\n\n    def test_b():\n>       f()\nE       KeyError: 'k'\n\nshop/x.py:9: KeyError\n" +
				"=== short test summary info ===\nFAILED tests/test_x.py::test_a - assert 1 == 2\nFAILED tests/test_x.py::test_b - KeyError: 'k'\n=== 2 failed in 0.1s ===\n",
			[]failure{
				{"test", "test", "tests/test_x.py::test_a", "E       assert 1 == 2", "tests/test_x.py", 3},
				{"test", "test", "tests/test_x.py::test_b", "E       KeyError: 'k'", "shop/x.py", 9},
			},
		},
		{
			"a compiler beside a test", "a/b.go:1:2: undefined: x\n--- FAIL: TestC (0.0s)\n    c_test.go:9: got 1\nFAIL\n",
			[]failure{{"compile", "compile", "", "a/b.go:1:2: undefined: x", "a/b.go", 1}, {"test", "test", "TestC", "c_test.go:9: got 1", "c_test.go", 9}},
		},
		{
			"no test is named", "##[group]Run deploy\nfatal: unable to access 'https://x.example/': 503\n##[error]Process completed with exit code 128.\n",
			[]failure{{"setup", "infra", "", "fatal: unable to access 'https://x.example/': 503", "", 0}},
		},
		{
			"a script that says no word for error", "##[group]Run ./check\nthe following files lack a header\ncart.go\n##[error]Process completed with exit code 1.\n##[group]Run upload\ndone\n",
			[]failure{{"compile", "unknown", "", "cart.go", "", 0}},
		},
		{
			"a part of a test", "--- FAIL: TestA (0.0s)\n    --- FAIL: TestA/b (0.0s)\n        a_test.go:9: got 1\nFAIL\n",
			[]failure{{"test", "test", "TestA/b", "a_test.go:9: got 1", "a_test.go", 9}},
		},
		{
			"two tests of one suite", "  2 failing\n\n  1) Cart\n       empties:\n     Error: one\n      at f (cart.js:3:4)\n\n  2) Cart\n       fills:\n     Error: two\n      at f (cart.js:9:4)\n",
			[]failure{{"test", "test", "Cart empties", "1) Cart", "cart.js", 3}, {"test", "test", "Cart fills", "2) Cart", "cart.js", 9}},
		},
		{
			"a formatter's task", "> Task :a:checkFormat FAILED\n\nFAILURE: Build failed with an exception.\n",
			[]failure{{"compile", "lint", "", "> Task :a:checkFormat FAILED", "", 0}},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, d := read(t, tt.log, ReadOptions{})
			var got []failure
			for _, f := range d.Failures {
				got = append(got, failure{f.Stage, f.Category, f.Test, f.Message, f.File, f.Line})
			}
			if diff := cmp.Diff(tt.want, got, cmp.AllowUnexported(failure{})); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// TestBaseline checks that what a passing log says too is put behind the news.
func TestBaseline(t *testing.T) {
	base, err := ReadBaseline(t.Context(), strings.NewReader("error: old noise in 12 files\n"))
	if err != nil {
		t.Fatal(err)
	}
	const log = "error: old noise in 3 files\nok\nok\nok\nerror: the news\n"
	if _, d := read(t, log, ReadOptions{}); d.Excerpts[0].Focus != 1 {
		t.Errorf("without a baseline line %d is first", d.Excerpts[0].Focus)
	}
	if _, d := read(t, log, ReadOptions{Baselines: []*Baseline{nil, base}}); d.Excerpts[0].Focus != 5 {
		t.Errorf("with a baseline line %d is first", d.Excerpts[0].Focus)
	}
}
