// SPDX-License-Identifier: Apache-2.0

package review_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"review-assistant/review"
)

var update = flag.Bool("update", false, "rewrite golden files")

func TestParsePatchGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/patch/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no golden files: %v", err)
	}
	for _, name := range files {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			arc, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			raw := arc.Files[0].Data
			if strings.HasSuffix(arc.Files[0].Name, ".crlf") {
				raw = bytes.ReplaceAll(raw, []byte("\n"), []byte("\r\n"))
			}
			got := describe(review.ParsePatch(raw))
			if *update {
				arc.Files = []txtar.File{arc.Files[0], {Name: "want", Data: got}}
				if err := os.WriteFile(name, txtar.Format(arc), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if want := arc.Files[1].Data; !bytes.Equal(got, want) {
				t.Errorf("ParsePatch(%s):\ngot:\n%s\nwant:\n%s", name, got, want)
			}
		})
	}
}

// describe prints a patch with one line per file, hunk and line.
func describe(p review.Patch, err error) []byte {
	var b bytes.Buffer
	if err != nil {
		b.WriteString("error: " + err.Error() + "\n")
	}
	for _, f := range p.Files {
		head, _ := json.Marshal(map[string]any{"path": f.Path, "old": f.OldPath, "mode": f.Mode, "binary": f.Binary, "add": f.Added, "del": f.Removed, "skip": f.Skip})
		b.WriteString(string(f.Status) + " " + string(head) + "\n")
		for _, h := range f.Hunks {
			head, _ := json.Marshal([]any{h.OldStart, h.OldLines, h.NewStart, h.NewLines, h.Section})
			b.WriteString("  hunk " + string(head) + "\n")
			for _, l := range h.Lines {
				line, _ := json.Marshal(l.Text)
				b.WriteString("    " + string(l.Op) + string(line))
				if l.NoEOL {
					b.WriteString(" no end of line")
				}
				b.WriteByte('\n')
			}
		}
	}
	return b.Bytes()
}

func TestParsePatchErrors(t *testing.T) {
	const head = "diff --git a/x b/x\n--- a/x\n+++ b/x\n"
	tests := []struct{ name, raw, want string }{
		{"ends inside a hunk", head + "@@ -1,2 +1,2 @@\n a\n-b\n", "line 6: the patch ends inside a hunk"},
		{"hunk too long", head + "@@ -1 +1 @@\n-a\n+b\n+c\n", "line 7: unexpected text after a file"},
		{"hunk too short", head + "@@ -1,9 +1,9 @@\n-a\n+b\ndiff --git a/y b/y\n", "line 7: a hunk is shorter"},
		{"counts run over", head + "@@ -1,1 +1,2 @@\n a\n b\n", "line 6: a hunk is longer"},
		{"negative count", head + "@@ -1,-5 +1,1 @@\n", "line 4: a broken hunk header"},
		{"huge count", head + "@@ -1,99999999999 +1,1 @@\n", "line 4: a broken hunk header"},
		{"no plus line", "diff --git a/x b/x\n--- a/x\n@@ -1 +1 @@\n", "line 2: a \"---\" line without"},
		{"broken quote", "diff --git \"a/x b/x\n--- \"a/x\n+++ b/x\n", "line 3: a broken quoted name"},
		{"half a rename", "diff --git a/x b/y\nrename from x\n", "line 2: a rename or copy needs both names"},
		{"no name", "diff --git a/x\n", "line 1: the file's name is ambiguous"},
		{"mode", "diff --git a/x b/x\nnew mode 9z\n", "line 2: a broken file mode"},
		{"combined", "diff --cc x\n", "line 1: a combined diff"},
		{"both sides null", "diff --git a/x b/x\n--- /dev/null\n+++ /dev/null\n", "line 3: a file without a name"},
		{"text after the end", head + "@@ -1,2 +1,2 @@\n-a\n\\ No newline at end of file\n-b\n+a\n+b\n", "line 6: lines after the end of the file"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := review.ParsePatch([]byte(tt.raw))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("ParsePatch(%q) = %v, want %q", tt.raw, err, tt.want)
			}
		})
	}
}

// A hunk whose lines look like file headers stays one hunk of one file.
func TestParsePatchForgedHeaders(t *testing.T) {
	raw := "diff --git a/q.sql b/q.sql\n--- a/q.sql\n+++ b/q.sql\n" +
		"@@ -1,1 +1,1 @@\n--- a/ghost.go\n+++ b/ghost.go\n@@ -9,1 +9,2 @@\n x\n+diff --git a/ghost b/ghost\n"
	p, err := review.ParsePatch([]byte(raw))
	if err != nil {
		t.Fatal(err)
	}
	paths := []string{}
	for _, f := range p.Files {
		paths = append(paths, f.Path)
	}
	if !slices.Equal(paths, []string{"q.sql"}) || len(p.Files[0].Hunks) != 2 {
		t.Errorf("ParsePatch(forged) has files %q", paths)
	}
}

func FuzzParsePatch(f *testing.F) {
	files, _ := filepath.Glob("testdata/patch/*.txtar")
	for _, name := range files {
		if arc, err := txtar.ParseFile(name); err == nil {
			f.Add(arc.Files[0].Data)
		}
	}
	f.Add([]byte("--- \n+++ 0"))
	f.Add([]byte("diff --git a/x b/x\n--- a\n+++ b\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		p, err := review.ParsePatch(raw)
		if err != nil {
			return
		}
		for _, file := range p.Files {
			if file.Path == "" {
				t.Error("a file without a path")
			}
			for _, h := range file.Hunks {
				left, right := 0, 0
				for _, l := range h.Lines {
					if strings.Contains(l.Text, "\n") {
						t.Errorf("line %q holds a line end", l.Text)
					}
					if l.Op != review.OpAdd {
						left++
					}
					if l.Op != review.OpRemove {
						right++
					}
				}
				if left != h.OldLines || right != h.NewLines {
					t.Errorf("hunk has %d/%d lines, its header says %d/%d", left, right, h.OldLines, h.NewLines)
				}
			}
		}
	})
}
