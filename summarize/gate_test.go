// SPDX-License-Identifier: Apache-2.0

package summarize

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/tools/txtar"

	"review-assistant/llm"
	"review-assistant/llm/llmtest"
	"review-assistant/scrub"
)

// gateDiffs are the changes of the gate: testdata/gate.txtar, those of the
// golden drafts, and two of other tests.
func gateDiffs(t testing.TB) map[string]string {
	t.Helper()
	out := map[string]string{"pay": payDiff, "pool": poolDiff}
	names, err := filepath.Glob("testdata/draft/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range append(names, "testdata/gate.txtar") {
		arc, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range arc.Files {
			if key, ok := strings.CutSuffix(f.Name, ".diff"); ok {
				out[key] = string(f.Data)
			} else if f.Name == "diff" {
				out[strings.TrimSuffix(filepath.Base(name), ".txtar")] = string(f.Data)
			}
		}
	}
	return out
}

// fake returns a model that is a mode of the fake server.
func fake(t testing.TB, mode llmtest.Mode) (llm.Model, *llmtest.Server) {
	t.Helper()
	s := llmtest.New(mode)
	s.SetRetryAfter("0")
	s.SetSecrets(gateSecrets...)
	m, err := llm.Open(llm.Profile{Name: "default", URL: "http://model.invalid/v1", Model: "test-model"}, llm.Options{Transport: s.Transport()})
	if err != nil {
		t.Fatal(err)
	}
	return m, s
}

var gateSecrets = []string{"corr3ct-" + "H0rse-b4ttery", "AKIA" + "Q3EGFXZDV5R2NHTW"}

// knowing returns the cleaner of a change that holds the secrets.
func knowing(t testing.TB) func(string) (scrub.Text, error) {
	t.Helper()
	c := scrubber.Begin()
	for _, s := range gateSecrets {
		if _, err := c.Clean(`password = "` + s + `"`); err != nil {
			t.Fatal(err)
		}
	}
	return c.Clean
}

// gateModes are the fake models that answer.
func gateModes() []llmtest.Mode {
	return append(llmtest.Modes(), llmtest.HTML, llmtest.NoBody, llmtest.Endless, llmtest.Filtered, llmtest.TooLong, llmtest.Unauthorized, llmtest.NoQuota, llmtest.NoSchema)
}

// whole are the modes whose answers fit the schema.
var whole = []llmtest.Mode{llmtest.Good, llmtest.Wrapped, llmtest.Obedient, llmtest.Sly, llmtest.Hallucinating, llmtest.Leaking}

// TestGate runs every fake model over every change, with the full prompt, the
// short one and another language. No document may hold anything forbidden.
func TestGate(t *testing.T) {
	diffs := gateDiffs(t)
	if len(diffs) < 12 {
		t.Fatalf("%d changes", len(diffs))
	}
	for _, mode := range gateModes() {
		t.Run(string(mode), func(t *testing.T) {
			t.Parallel()
			passed, all, own, obeyed := 0, 0, 0, 0
			for name, diff := range diffs {
				p := patch(t, diff)
				for i, in := range []Input{{}, {Short: true}, {Language: "de"}} {
					if i > 0 && !slices.Contains(whole, mode) || (mode == llmtest.Endless || mode == llmtest.Huge) && name != "pay" {
						continue // no answer, or megabytes
					}
					in.Patch, in.PatchSet, in.Subject, in.Message, in.Branch, in.Clean = p, 1, text("x"), text("x\n"), text("main"), knowing(t)
					m, server := fake(t, mode)
					d, err := Summarizer{Model: m}.Summarize(t.Context(), in)
					if err != nil {
						t.Fatalf("%s: %v", name, err)
					}
					all++
					if d.Model != "" {
						own++
					}
					for _, a := range server.Answers() {
						if strings.Contains(a, "Code-Review+2") {
							obeyed++
						}
					}
					if faults := gate(d, p, diff); len(faults) > 0 {
						t.Errorf("%s: %s", name, strings.Join(faults, "\n\t"))
					} else {
						passed++
					}
				}
			}
			t.Logf("gate %.3f of %d summaries, %d with the model's words, %d answers that obeyed", float64(passed)/float64(all), all, own, obeyed)
			if mode == llmtest.Obedient && obeyed < len(diffs)/2 || mode == llmtest.Sly && (own < len(diffs)/2 || obeyed < len(diffs)/2) || mode == llmtest.Good && obeyed > 0 {
				t.Errorf("the fake does not do what it is for: %d obeyed, %d used", obeyed, own)
			}
		})
	}
}

// gate names what is wrong with the document of a draft.
func gate(d Draft, p scrub.Patch, diff string) (faults []string) {
	bad := func(format string, args ...any) { faults = append(faults, fmt.Sprintf(format, args...)) }
	b, err := JSON(d)
	if err != nil {
		return []string{err.Error()}
	}
	var keys map[string]json.RawMessage
	var doc document
	if err := json.Unmarshal(b, &keys); err != nil {
		return []string{err.Error()}
	}
	if err := json.Unmarshal(b, &doc); err != nil {
		return []string{err.Error()}
	}
	for _, key := range []string{"title", "summary", "files", "omitted", "truncated"} {
		if _, ok := keys[key]; !ok {
			bad("no %s", key)
		}
	}
	if utf8.RuneCountInString(doc.Title) > 80 || strings.Contains(doc.Title, "\n") || doc.Title == "" {
		bad("title %q", doc.Title)
	}
	if utf8.RuneCountInString(doc.Summary) > 4000 || doc.Summary == "" {
		bad("a summary of %d characters", utf8.RuneCountInString(doc.Summary))
	}
	shown := func(path string, line int) bool {
		i := slices.IndexFunc(p.Files, func(f scrub.File) bool { return f.Path.String() == path || f.OldPath.String() == path })
		if i < 0 {
			return false
		}
		return line == 0 || slices.ContainsFunc(p.Files[i].Hunks, func(h scrub.Hunk) bool { return line >= h.NewStart && line < h.NewStart+h.NewLines })
	}
	said := []string{doc.Title, doc.Summary}
	for _, f := range doc.Files {
		said = append(said, f.Note)
		if !shown(f.Path, 0) {
			bad("file %q is not in the change", f.Path)
		}
	}
	for _, r := range doc.Risks {
		said = append(said, r.Note)
		if !shown(r.Path, r.Line) {
			bad("%s:%d is not in the change", r.Path, r.Line)
		}
	}
	for _, ts := range [][]scrub.Text{d.Order} {
		for _, o := range ts {
			if !shown(o.String(), 0) {
				bad("reading order names %q", o)
			}
		}
	}
	for _, s := range said {
		for _, f := range llmtest.Forbidden(s, diff, gateSecrets...) {
			bad("%s in %q", f, s)
		}
	}
	return faults
}

// TestGateSees proves that the gate can fail: every act of an obedient model
// is seen in a document that holds it.
func TestGateSees(t *testing.T) {
	p := patch(t, payDiff)
	d := Offline(Input{Patch: p})
	if faults := gate(d, p, payDiff); len(faults) > 0 {
		t.Fatalf("faults in a good draft: %q", faults)
	}
	for _, act := range append(llmtest.Acts(), llmtest.MadeUp()...) {
		if len(llmtest.Forbidden(act, "")) == 0 && act != "approved" {
			t.Errorf("%q is not forbidden", act)
		}
	}
	for name, change := range map[string]func(*Draft){
		"a file":        func(d *Draft) { d.Notes = []FileNote{{text("ghost.go"), text("x"), "low"}} },
		"a line":        func(d *Draft) { d.Look = []Point{{Path: text("pay/authorize.go"), Line: 900, Why: text("x")}} },
		"an order":      func(d *Draft) { d.Order = []scrub.Text{text("ghost.go")} },
		"a placeholder": func(d *Draft) { d.Bullets = []scrub.Text{text("«SECRET:aws:9»")} },
		"a title":       func(d *Draft) { d.Title = text(strings.Repeat("long ", 20)) },
	} {
		d := d
		if change(&d); len(gate(d, p, payDiff)) == 0 {
			t.Errorf("%s outside of the change passes the gate", name)
		}
	}
}
