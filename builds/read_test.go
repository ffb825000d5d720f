// SPDX-License-Identifier: Apache-2.0

package builds

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

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
			_, d := read(t, log, ReadOptions{})
			lines := strings.Split(log, "\n")
			if len(d.Excerpts) == 0 {
				t.Fatal("nothing was found")
			}
			first := d.Excerpts[0]
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
