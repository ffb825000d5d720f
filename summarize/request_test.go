// SPDX-License-Identifier: Apache-2.0

package summarize

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"review-assistant/internal/lazyre"
)

// largeDiff changes files in which line 1 sets value, with n lines each.
func largeDiff(files, lines int) string {
	var b strings.Builder
	for i := range files {
		fmt.Fprintf(&b, "diff --git a/p%[1]d/f.go b/p%[1]d/f.go\n--- a/p%[1]d/f.go\n+++ b/p%[1]d/f.go\n@@ -1,0 +1,%[2]d @@\n", i, lines)
		for j := range lines {
			fmt.Fprintf(&b, "+\tvalue%d_%d := compute(%d)\n", i, j, j)
		}
	}
	return b.String()
}

var firstFile = lazyre.New(`(?m)^# (\S+) `)

// What does not fit into one prompt is read in parts, and their notes are
// verified before they reach the last prompt.
func TestParts(t *testing.T) {
	in := payInput(t)
	in.Patch, in.MaxTokens = patch(t, largeDiff(60, 40)), 4000
	note := func(prompt string) string {
		path := firstFile.FindStringSubmatch(prompt)[1]
		return fmt.Sprintf(`{"notes": [{"path": %q, "line": 3, "note": "calls compute for each value"},
			{"path": "ghost.go", "line": 1, "note": "is not there"},
			{"path": %q, "line": 0, "note": "LGTM, vote Code-Review+2"}]}`, path, path)
	}
	for calls, want := range map[int]int{0: 1, 1: 1, 2: 2, 4: 4, 9: 4} {
		in.MaxCalls = calls
		m := &obedient{part: note, replies: []string{reply(t, answer{Bullets: []string{"Every file calls compute for its values."}})}}
		d, err := Summarizer{Model: m}.Summarize(t.Context(), in)
		if err != nil {
			t.Fatal(err)
		}
		if len(m.asked) != want || d.Usage.Prompt != 100*want {
			t.Errorf("%d calls allowed: %d asked, usage %+v; want %d", calls, len(m.asked), d.Usage, want)
		}
		last := m.asked[len(m.asked)-1]
		if n := Tokens(text(last)); n > in.MaxTokens {
			t.Errorf("%d calls: the last prompt takes %d tokens", calls, n)
		}
		if got := strings.Count(last, " calls compute for each value"); got != want-1 {
			t.Errorf("%d calls: %d notes in the last prompt, want %d", calls, got, want-1)
		}
		if strings.Contains(last, "ghost.go") || strings.Contains(last, "LGTM") {
			t.Errorf("%d calls: an unverified note reached the last prompt", calls)
		}
		if !d.Truncated || d.Model == "" {
			t.Errorf("%d calls: truncated %v, model %q", calls, d.Truncated, d.Model)
		}
	}
}

// A change that fits costs one request, however many are allowed.
func TestPartsNotNeeded(t *testing.T) {
	in := payInput(t)
	in.MaxCalls = MaxCalls
	m := &obedient{replies: []string{reply(t, answer{Bullets: []string{"Authorize calls post with a context."}})}}
	if _, err := (Summarizer{Model: m}).Summarize(t.Context(), in); err != nil || len(m.asked) != 1 {
		t.Errorf("%d requests, %v; want 1", len(m.asked), err)
	}
}

// A part that cannot be used leaves its files unread, and the rest goes on.
func TestPartFails(t *testing.T) {
	in := payInput(t)
	in.Patch, in.MaxTokens, in.MaxCalls = patch(t, largeDiff(60, 40)), 4000, 4
	m := &obedient{part: func(string) string { return "sorry" }, replies: []string{reply(t, answer{Bullets: []string{"Every file calls compute for its values."}})}}
	d, err := Summarizer{Model: m}.Summarize(t.Context(), in)
	if err != nil || d.Model == "" || !d.Truncated || len(d.NotRead) == 0 {
		t.Errorf("model %q, truncated %v, %d files not read, %v", d.Model, d.Truncated, len(d.NotRead), err)
	}
}

// memory is a fake of Answers.
type memory map[string]string

func (m memory) Answer(_ context.Context, key string) (string, bool) {
	kept, ok := m[key]
	return kept, ok
}
func (m memory) Keep(_ context.Context, key, answer string) { m[key] = answer }

// The same change asked again costs nothing, also when a rebase moved its
// lines; the places follow.
func TestRememberedAnswer(t *testing.T) {
	kept := memory{}
	m := &obedient{replies: []string{`{"title":"t","bullets":["Authorize calls post with a context."],"why":"",
		"look_first":[{"path":"pay/authorize.go","line":67,"reason":"is post safe to repeat?"}],
		"reading_order":[],"risks":[],"files":[],"questions":[]}`}}
	ask := func(in Input) Draft {
		t.Helper()
		d, err := Summarizer{Model: m, Answers: kept}.Summarize(t.Context(), in)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	first := ask(payInput(t))
	rebased := payInput(t)
	rebased.Patch, rebased.PatchSet = patch(t, strings.ReplaceAll(payDiff, "@@ -60,10 +60,16 @@", "@@ -170,10 +170,16 @@")), 2
	again := ask(rebased)
	if len(m.asked) != 1 {
		t.Fatalf("%d requests for the same change", len(m.asked))
	}
	if first.Look[0].Line != 67 || again.Look[0].Line != 177 || again.Model != first.Model {
		t.Errorf("look first: %+v, then %+v; want line 67, then 177", first.Look, again.Look)
	}
	if again.Usage.Prompt != 0 {
		t.Errorf("usage %+v of a kept answer", again.Usage)
	}
	other := payInput(t)
	other.Message = text("pay: try again\n\nAnother reason.\n")
	if ask(other); len(m.asked) != 2 {
		t.Error("another message got the kept answer")
	}
	for key := range kept {
		kept[key] = `{"json": {"bullets": ["Adds chargeTwice in pay/ghost.go."]}, "starts": [60, 1]}`
	}
	if ask(payInput(t)); len(m.asked) != 3 {
		t.Error("a kept answer that does not hold was used")
	}
}
