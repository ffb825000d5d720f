// SPDX-License-Identifier: Apache-2.0

package builds

import (
	"fmt"
	"strings"
	"testing"

	"review-assistant/review"
	"review-assistant/scrub"
)

// clean makes a scrubbed patch of hunks in a short form: PATH@START, then
// lines that begin with their operation.
func cleanPatch(t testing.TB, files ...string) scrub.Patch {
	t.Helper()
	var p review.Patch
	for _, text := range files {
		head, body, _ := strings.Cut(text, "\n")
		path, start, _ := strings.Cut(head, "@")
		h := review.Hunk{}
		if _, err := fmt.Sscan(start, &h.NewStart); err != nil {
			t.Fatal(err)
		}
		for line := range strings.SplitSeq(body, "\n") {
			l := review.Line{Op: review.OpContext, Text: line[1:]}
			switch line[0] {
			case '+':
				l.Op = review.OpAdd
			case '-':
				l.Op = review.OpRemove
			}
			if l.Op != review.OpRemove {
				h.NewLines++
			}
			h.Lines = append(h.Lines, l)
		}
		p.Files = append(p.Files, review.File{Path: path, Status: review.FileModified, Hunks: []review.Hunk{h}})
	}
	s, err := scrub.New(scrub.Options{})
	if err != nil {
		t.Fatal(err)
	}
	out, err := s.Begin().Patch(p)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestCulprits(t *testing.T) {
	p := cleanPatch(t,
		"pay/retry.go@10\n func Retry() {\n-\tcallOnce(3)\n+\tcallTwice(3)\n+\twaitForBank()\n }",
		"pay/api.go@1\n package pay\n-func OldName() {}\n+func NewName() {}",
		"web/index.ts@5\n a\n+const total = sumAll(x)\n b")
	tests := []struct {
		name, message string
		excerpt       []string
		file          string
		line          int
		want          string
	}{
		{name: "a compiler names an added line", message: "pay/retry.go:12:2: undefined: waitForBank", want: "pay/retry.go:12/0"},
		{name: "by the base name, in a workspace", message: "/ws/src/pay/retry.go:11: bad", want: "pay/retry.go:11/0"},
		{name: "a line beside an added one", message: "retry.go:14: boom", want: "pay/retry.go:12/0"},
		{name: "a line far from what was added", message: "retry.go:90: boom", want: "pay/retry.go:0/3"},
		{name: "a name that is gone", message: "undefined: OldName", want: "pay/api.go:2/1"},
		{name: "a name that came", message: "TestX: sumAll is not a function", want: "web/index.ts:6/2"},
		{name: "javac", message: "x", excerpt: []string{"[ERROR] /w/pay/retry.go:[12,5] cannot find symbol"}, want: "pay/retry.go:12/0"},
		{name: "python", message: "x", excerpt: []string{`File "pay/retry.go", line 11, in f`}, want: "pay/retry.go:11/0"},
		{name: "typescript", message: "web/index.ts(6,3): error TS2304", want: "web/index.ts:6/0"},
		{name: "the report's own place", message: "x", file: "pay/retry.go", line: 11, want: "pay/retry.go:11/0"},
		{name: "a frame of a library", message: "x", excerpt: []string{"    at x (/app/node_modules/dep/web/index.ts:6:5)", "  at y (/usr/lib/node/index.ts:6:5)"}},
		{name: "a line of too many digits", message: "pay/retry.go:12345678901: x"},
		{name: "another file of that name", message: "other/retry.go:12: boom"},
		{name: "plain words are no names", message: "Error: package failed, Retry later"},
		{name: "a part of a word is none", message: "undefined: OldNameX"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := review.BuildFailure{Message: tt.message, File: tt.file, Line: tt.line}
			for _, e := range tt.excerpt {
				f.Excerpt = append(f.Excerpt, review.BuildLine{Text: e})
			}
			var got []string
			for _, c := range Culprits(&f, p) {
				got = append(got, fmt.Sprintf("%s:%d/%d", c.Path, c.Line, c.How))
			}
			if s := strings.Join(got, " "); s != tt.want && !strings.HasPrefix(s, tt.want+" ") || tt.want == "" && s != "" {
				t.Errorf("Culprits(%q) = %s, want %s", tt.message, s, tt.want)
			}
		})
	}
}
