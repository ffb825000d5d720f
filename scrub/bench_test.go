// SPDX-License-Identifier: Apache-2.0

package scrub

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// benchStream is a long diff: the file that SCRUB_STREAM names, else all
// sources of this module as new files. tools/scrubbench makes a longer one.
func benchStream(b *testing.B) []byte {
	b.Helper()
	if name := os.Getenv("SCRUB_STREAM"); name != "" {
		body, err := os.ReadFile(name)
		if err != nil {
			b.Fatal(err)
		}
		return body
	}
	files, err := filepath.Glob("../*/*.go")
	if err != nil || len(files) == 0 {
		b.Fatalf("find sources: %d files, %v", len(files), err)
	}
	var out bytes.Buffer
	for _, name := range files {
		body, err := os.ReadFile(name)
		if err != nil {
			b.Fatal(err)
		}
		lines := strings.SplitAfter(string(body), "\n")
		name = strings.TrimPrefix(filepath.ToSlash(name), "../")
		fmt.Fprintf(&out, "diff --git a/%s b/%[1]s\nnew file mode 100644\n--- /dev/null\n+++ b/%[1]s\n@@ -0,0 +1,%[2]d @@\n", name, len(lines)-1)
		for _, l := range lines[:len(lines)-1] {
			out.WriteString("+" + l)
		}
	}
	return out.Bytes()
}

// BenchmarkFilter is what people wait for.
func BenchmarkFilter(b *testing.B) {
	stream := benchStream(b)
	s, err := New(Options{PII: []string{"all"}})
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(stream)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.Filter(io.Discard, bytes.NewReader(stream)); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkAutomaton is the floor: the keywords alone, and nothing done at a hit.
func BenchmarkAutomaton(b *testing.B) {
	stream := string(benchStream(b))
	e, err := build()
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(stream)))
	var found hits
	for b.Loop() {
		for rest := stream; rest != ""; {
			n := min(piece, len(rest))
			e.keywords.automaton.scan(rest[:n], &found)
			rest = rest[n:]
		}
	}
}
