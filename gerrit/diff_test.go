// SPDX-License-Identifier: Apache-2.0

package gerrit

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"review-assistant/review"
)

func TestHunksOfDiffs(t *testing.T) {
	tests := []struct{ name, diff, want string }{
		{"nothing", `{"content":[]}`, ""},
		{"no change", `{"meta_a":{"lines":2},"meta_b":{"lines":2},"content":[{"ab":["a",""]}]}`, ""},
		{"added", `{"meta_b":{"lines":3},"content":[{"b":["x","y",""]}]}`, "-0,0 +1,2 +x +y"},
		{"deleted", `{"meta_a":{"lines":2},"content":[{"a":["x",""]}]}`, "-1,1 +0,0 -x"},
		{"line end goes", `{"meta_a":{"lines":2},"meta_b":{"lines":1},"content":[{"a":["x",""],"b":["y"]}]}`, "-1,1 +1,1 -x +y$"},
		{
			"gap", `{"meta_a":{"lines":21},"meta_b":{"lines":21},"content":[{"skip":10},{"ab":["1","2","3"]},{"a":["x"],"b":["y"]},{"ab":["4","5","6"]},{"skip":3},{"ab":[""]}]}`,
			"-11,7 +11,7  1  2  3 -x +y  4  5  6",
		},
		{
			"more context than asked", `{"meta_a":{"lines":30},"meta_b":{"lines":29},"content":[{"ab":["1","2","3","4","5"]},{"a":["x"]},{"ab":["6","7","8","9"]},{"skip":19}]}`,
			"-3,7 +3,6  3  4  5 -x  6  7  8",
		},
		{"two hunks", `{"content":[{"a":["x"]},{"skip":9},{"ab":["1"]},{"b":["y"]}]}`, "-1,1 +0,0 -x | -11,1 +10,2  1 +y"},
		{"hunks that touch", `{"content":[{"a":["x"]},{"ab":["1","2","3","4","5","6"]},{"b":["y"]}]}`, "-1,7 +1,7 -x  1  2  3  4  5  6 +y"},
		{"differs in ways that do not count", `{"content":[{"a":["?"],"b":["é"],"common":true},{"a":["x"],"b":["y"]}]}`, "-1,2 +1,2  é -x +y"},
		{"common but uneven", `{"content":[{"a":["p","q"],"b":["r"],"common":true}]}`, "-1,2 +1,1 -p -q +r"},
		{"line ends of another system", `{"content":[{"a":["x\r"],"b":["y\r"]}]}`, "-1,1 +1,1 -x +y"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var d diffInfo
			if err := json.Unmarshal([]byte(tt.diff), &d); err != nil {
				t.Fatal(err)
			}
			var all []string
			for _, h := range hunks(d.lines()) {
				s := fmt.Sprintf("-%d,%d +%d,%d", h.OldStart, h.OldLines, h.NewStart, h.NewLines)
				for _, l := range h.Lines {
					s += fmt.Sprintf(" %c%s", l.Op, l.Text)
					if l.NoEOL {
						s += "$"
					}
				}
				all = append(all, s)
			}
			if got := strings.Join(all, " | "); got != tt.want {
				t.Errorf("hunks are %q, want %q", got, tt.want)
			}
		})
	}
}

func TestCleanMakesTextOrNothing(t *testing.T) {
	file := func(text string) review.File {
		return review.File{Hunks: []review.Hunk{{Section: text, Lines: []review.Line{{Op: review.OpAdd, Text: text}}}}}
	}
	for text, want := range map[string]string{"plain": "plain", "caf\xe9": "café", "漢": "漢"} {
		f := file(text)
		clean(&f)
		if h := f.Hunks[0]; h.Lines[0].Text != want || h.Section != want || f.Skip != "" {
			t.Errorf("%q becomes %+v", text, f)
		}
	}
	f := file("U\x00T\x00F\x001\x006\x00")
	if clean(&f); f.Skip != review.SkipEncoding || f.Hunks != nil {
		t.Errorf("text with NUL bytes becomes %+v", f)
	}
}
