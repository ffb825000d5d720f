// SPDX-License-Identifier: Apache-2.0

package summarize

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"

	"review-assistant/llm"
	"review-assistant/prompts"
	"review-assistant/scrub"
)

// Answers remembers what a model answered about a change, so that the same
// text is not paid for twice: not when a post is tried again, and not after a
// rebase that moves nothing but line numbers. What is kept is scrubbed.
type Answers interface {
	// Answer returns what was kept under a key; ok is false for nothing.
	Answer(ctx context.Context, key string) (kept string, ok bool)
	// Keep keeps an answer, as well as it can.
	Keep(ctx context.Context, key, answer string)
}

// keptAnswer is an answer with the first line of every hunk of its prompt.
type keptAnswer struct {
	JSON   json.RawMessage `json:"json"`
	Model  string          `json:"model"`
	Starts []int           `json:"starts"`
}

// remembered asks the model unless the same was asked before.
func (r *request) remembered(ctx context.Context, data prompts.Summarize, p prompts.Prompt) (llm.Answer, error) {
	if r.answers == nil {
		return llm.Ask(ctx, r.model, p, r.v.usable)
	}
	bare, places := unnumbered(data.Diff)
	data.Diff, data.PatchSet, data.Since = bare, 0, min(data.Since, 1)
	same, err := prompts.Render(data)
	if err != nil {
		return llm.Answer{}, err
	}
	key := r.model.Name() + " " + same.Hash()
	if kept, ok := r.answers.Answer(ctx, key); ok {
		if a, ok := moveLines(kept, places); ok && r.v.usable(a.JSON) == nil {
			return a, nil
		}
	}
	a, err := llm.Ask(ctx, r.model, p, r.v.usable)
	if err != nil {
		return a, err
	}
	k := keptAnswer{Model: a.Model}
	for _, at := range places {
		k.Starts = append(k.Starts, at.start)
	}
	plain, err := plainJSON(a.JSON)
	if err != nil {
		return a, nil
	}
	clean, err := r.in.Clean(plain)
	if err != nil || !json.Valid([]byte(clean.String())) {
		return a, nil // what cannot be made safe is not kept
	}
	k.JSON = json.RawMessage(clean.String())
	if b, err := json.Marshal(k); err == nil {
		r.answers.Keep(ctx, key, string(b))
	}
	return a, nil
}

// plainJSON writes an answer anew, so that no escape hides a value from the
// scrubber.
func plainJSON(b []byte) (string, error) {
	var v any
	if err := json.Unmarshal(b, &v); err != nil {
		return "", err
	}
	var out strings.Builder
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return strings.TrimSpace(out.String()), err
}

// place is where a hunk of a packed diff stands on the new side.
type place struct {
	path         string
	start, lines int
}

// unnumbered returns a packed diff without the numbers of its hunks, and the
// places that they name.
func unnumbered(diff scrub.Text) (scrub.Text, []place) {
	var out []scrub.Text
	var places []place
	path := ""
	for _, l := range diff.Lines() {
		s := l.String()
		switch {
		case strings.HasPrefix(s, "# "):
			path = s[2:]
			if i := strings.LastIndex(path, " (+"); i >= 0 {
				path = path[:i]
			}
			path, _, _ = strings.Cut(path, " (was ")
		case strings.HasPrefix(s, "@@ +"):
			digits := len(s) - len(strings.TrimLeft(s[4:], "0123456789")) - 4
			start, _ := strconv.Atoi(s[4 : 4+digits])
			places = append(places, place{path: path, start: start})
			l = l.Slice(4+digits, l.Len())
		case len(places) > 0 && !strings.HasPrefix(s, "-"):
			places[len(places)-1].lines++
		}
		out = append(out, l)
	}
	return scrub.Join("\n", out...), places
}

// hunksMoved reports whether a hunk starts at another line than it did.
func hunksMoved(starts []int, now []place) bool {
	for i, at := range now {
		if at.start != starts[i] {
			return true
		}
	}
	return false
}

// moveLines gives the lines that a kept answer cites their numbers of now.
func moveLines(kept string, now []place) (llm.Answer, bool) {
	var k keptAnswer
	var a answer
	if json.Unmarshal([]byte(kept), &k) != nil || len(k.Starts) != len(now) || json.Unmarshal(k.JSON, &a) != nil {
		return llm.Answer{}, false
	}
	if !hunksMoved(k.Starts, now) {
		return llm.Answer{JSON: k.JSON, Model: k.Model}, true
	}
	// A line that a sentence cites cannot be moved with certainty.
	if placed.MatchString(string(k.JSON)) || lineWord.MatchString(string(k.JSON)) {
		return llm.Answer{}, false
	}
	move := func(path string, line int) int {
		for i, start := range k.Starts {
			if now[i].path == path && line >= start && line < start+now[i].lines {
				return line - start + now[i].start
			}
		}
		return 0
	}
	for i := range a.Look {
		a.Look[i].Line = move(a.Look[i].Path, a.Look[i].Line)
	}
	for i := range a.Risks {
		a.Risks[i].Line = move(a.Risks[i].Path, a.Risks[i].Line)
	}
	b, err := json.Marshal(a)
	return llm.Answer{JSON: b, Model: k.Model}, err == nil
}
