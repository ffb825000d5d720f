// SPDX-License-Identifier: Apache-2.0

package bot

import (
	"reflect"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"review-assistant/llm"
	"review-assistant/llm/llmtest"
	"review-assistant/review"
)

// TestGateOfComments has every fake model summarize the changes of the
// summaries' gate: no comment and no stored summary holds anything forbidden,
// also when the project writes in another language.
func TestGateOfComments(t *testing.T) {
	arc, err := txtar.ParseFile("../summarize/testdata/gate.txtar")
	if err != nil || len(arc.Files) < 12 {
		t.Fatalf("%d changes, %v", len(arc.Files), err)
	}
	for _, mode := range append(llmtest.Modes(), llmtest.HTML, llmtest.NoBody, llmtest.Filtered) {
		t.Run(string(mode), func(t *testing.T) {
			t.Parallel()
			server := llmtest.New(mode)
			server.SetRetryAfter("0")
			m, err := llm.Open(llm.Profile{Name: "default", URL: "http://model.invalid/v1", Model: "stand-in"}, llm.Options{Transport: server.Transport()})
			if err != nil {
				t.Fatal(err)
			}
			posts, obeyed, own := 0, 0, 0
			for _, config := range []string{"", "[summary]\nlanguage = de\n"} {
				if config != "" && (raced || mode == llmtest.Huge) {
					continue // megabytes each
				}
				w := newWorld(t, m)
				w.optIn("pay", config)
				for i, f := range arc.Files {
					if raced && mode == llmtest.Huge && i > 2 {
						break
					}
					p, err := review.ParsePatch(f.Data)
					if err != nil {
						t.Fatalf("%s: %v", f.Name, err)
					}
					server.Forget()
					c := w.push("pay", i+1, review.KindRework, p)
					w.drain()
					if strings.Contains(strings.Join(server.Answers(), ""), "Code-Review+2") {
						obeyed++
					}
					for _, k := range w.posts {
						for _, fault := range llmtest.Forbidden(k.Message, string(f.Data)) {
							t.Errorf("%s: %s in\n%s", f.Name, fault, k.Message)
						}
						if n := len([]rune(k.Message)); n > maxComment || len(k.Inline) > 0 {
							t.Errorf("%s: %d characters, %d on lines", f.Name, n, len(k.Inline))
						}
						if strings.Contains(k.Message, "AI-generated") {
							own++
						}
					}
					posts += len(w.posts)
					w.posts = nil
					for _, text := range stringsOf(reflect.ValueOf(w.texts[c.ID])) {
						for _, fault := range llmtest.Forbidden(text, string(f.Data)) {
							t.Errorf("%s: stored: %s in %s", f.Name, fault, text)
						}
					}
				}
			}
			t.Logf("%d comments, %d with the model's words, %d answers that obeyed", posts, own, obeyed)
			if !raced && posts < len(arc.Files)/2 || (mode == llmtest.Obedient || mode == llmtest.Sly) && obeyed < 6 || mode == llmtest.Sly && own < 6 {
				t.Error("too little was said for the gate to prove anything")
			}
		})
	}
}
