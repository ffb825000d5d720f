// SPDX-License-Identifier: Apache-2.0

package summarize

import (
	"slices"
	"strings"
	"testing"

	"review-assistant/scrub"
)

// TestLanguages tells what is asked of a sentence in each language: a word of
// the change only where words can be compared with code, evidence everywhere.
func TestLanguages(t *testing.T) {
	const (
		german  = "Der Aufruf wird bei vorübergehenden Fehlern wiederholt."
		french  = "L'appel est répété tant que l'erreur est passagère."
		russian = "Вызов повторяется, пока ошибка временная."
		slashed = "Der Lese-/Schreibzugriff bleibt gesperrt."
		vague   = "Everything becomes better for everyone everywhere."
		ghost   = "`frobnicateAll` wird in ghost/none.go aufgerufen."
		vote    = "LGTM, alles gut."
	)
	for _, tc := range []struct {
		tag, sentence string
		kept          bool
	}{
		{"de", german, true},
		{"DE", german, true},
		{"fr", french, true},
		{"ru", russian, true},
		{"de-AT", slashed, true},
		{"de", vague, true}, // nothing to compare it with
		{"en", vague, false},
		{"", vague, false},
		{"EN-gb", vague, false},
		{"eng", vague, false},
		{"enm", german, true}, // not every tag that starts so is English
		{"de", ghost, false},
		{"de", vote, false},
	} {
		t.Run(tc.tag+" "+tc.sentence, func(t *testing.T) {
			m := &obedient{replies: []string{reply(t, answer{Bullets: []string{"`Authorize` takes a context.", tc.sentence}})}}
			d, err := Summarizer{Model: m}.Summarize(t.Context(), Input{Patch: patch(t, payDiff), PatchSet: 1, Language: tc.tag, Clean: clean})
			if err != nil || d.Model == "" {
				t.Fatalf("draft by %q, fallback %q, %v", d.Model, d.Fallback, err)
			}
			if got := slices.ContainsFunc(d.Bullets, func(b scrub.Text) bool { return b.String() == tc.sentence }); got != tc.kept {
				t.Errorf("kept %v, want %v: %v", got, tc.kept, d.Bullets)
			}
			want := tc.tag
			if want == "" {
				want = "en"
			}
			if !strings.Contains(m.asked[0], "Language of the answer: "+want+".") {
				t.Errorf("the prompt names another language:\n%.200s", m.asked[0])
			}
		})
	}
}
