// SPDX-License-Identifier: Apache-2.0

package llm

import (
	"bytes"
	"encoding/json"
	"strings"

	"review-assistant/prompts"
)

// maxStarts bounds how many "{" are tried as the start of the answer, because
// each try may read to the end of the text.
const maxStarts = 32

// extract returns the JSON object in a model's text. Models wrap it in
// Markdown fences, in prose, or put their thoughts before it; the longest
// object wins, since thoughts and examples are shorter than the answer.
func extract(text string) ([]byte, prompts.Problem) {
	text = strings.TrimSpace(dropThoughts(text))
	if text == "" {
		return nil, prompts.ProblemEmpty
	}
	if text[0] == '{' && json.Valid([]byte(text)) {
		return []byte(text), ""
	}
	var best []byte
	rest := []byte(text)
	for range maxStarts {
		start := bytes.IndexByte(rest, '{')
		if start < 0 {
			break
		}
		rest = rest[start:]
		object, ok := firstObject(rest)
		if !ok {
			rest = rest[1:]
			continue
		}
		if len(object) > len(best) {
			best = object
		}
		rest = rest[len(object):]
	}
	if best == nil {
		return nil, prompts.ProblemNoJSON
	}
	return best, ""
}

// firstObject returns the JSON object at the start of b.
func firstObject(b []byte) ([]byte, bool) {
	d := json.NewDecoder(bytes.NewReader(b))
	var raw json.RawMessage
	if err := d.Decode(&raw); err != nil {
		return nil, false
	}
	return b[:d.InputOffset()], true
}

// dropThoughts removes what reasoning models print before they answer. Some
// chat templates swallow the opening tag, so a closing tag alone counts too.
// Thoughts without an end were cut off: no answer follows.
func dropThoughts(text string) string {
	if strings.HasPrefix(strings.TrimSpace(text), "{") {
		return text
	}
	for _, tag := range []string{"think", "thinking", "reasoning"} {
		switch end := strings.LastIndex(text, "</"+tag+">"); {
		case end >= 0:
			text = text[end+len(tag)+len("</>"):]
		case strings.HasPrefix(strings.TrimSpace(text), "<"+tag+">"):
			return ""
		}
	}
	return text
}
