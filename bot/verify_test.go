// SPDX-License-Identifier: Apache-2.0

package bot

import (
	"fmt"
	"strings"
	"testing"

	"review-assistant/audit"
	"review-assistant/review"
	"review-assistant/scrub"
	"review-assistant/summarize"
)

// cut is a token that lost its last characters: the rules ask for all of them,
// and the word in front makes it look like a digest. The verifier, which has
// other code, sees its prefix.
var cut = "gh" + "p_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6"

// slipsBy is a change whose message holds a value that the rules miss.
func slipsBy(w *world) *review.Change {
	c := w.push("pay", 7, review.KindRework, payments(planted))
	c.Message = "Retry payments\n\nThe digest " + cut + " stays.\n"
	return c
}

// refusals returns what the audit log says of texts that were held back.
func (w *world) refusals(a audit.Action) (out []audit.Entry) {
	for _, e := range w.log {
		if e.Action == a && e.Result == audit.ResultRefused {
			out = append(out, e)
		}
	}
	return out
}

// TestVerifierStopsThePrompt lets the rules miss a value that the verifier sees
// in the finished prompt: no call, an audit record without the value, one line
// on the change.
func TestVerifierStopsThePrompt(t *testing.T) {
	m := &scripted{answers: []string{goodAnswer}}
	w := newWorld(t, m)
	w.optIn("pay", "")
	c := slipsBy(w)
	w.drain()
	if len(m.prompts) != 0 {
		t.Fatalf("a prompt went out: %q", m.prompts)
	}
	got := w.refusals(audit.ActionModel)
	if len(got) != 1 || len(got[0].Why.Evidence) != 1 || !strings.HasPrefix(got[0].Why.Evidence[0], "verify: ") {
		t.Fatalf("audit: %+v", got)
	}
	w.wantPosts(1)
	if msg := w.posts[0].Message; !strings.HasPrefix(msg, "Not summarized: the secret scrubber stopped") {
		t.Errorf("notice:\n%s", msg)
	}
	if o := w.last(c, 1); o.Reason != ReasonScrub {
		t.Errorf("outcome %+v", o)
	}
	w.spotless(cut)
	w.event("patchset-created", c.ID, 1)
	w.drain()
	w.wantPosts(1)

	// Without an audit record nothing goes on.
	w = newWorld(t, m)
	w.optIn("pay", "")
	slipsBy(w)
	w.noAudit = true
	w.step()
	w.wantPosts(0)
	w.noAudit = false
	w.drain()
	w.wantPosts(1)
	if len(m.prompts) != 0 {
		t.Fatalf("a prompt went out: %q", m.prompts)
	}
}

// TestLastLookAtTexts gives the seal texts that hold what the cleaner removed.
func TestLastLookAtTexts(t *testing.T) {
	s, err := scrub.New(scrub.Options{})
	if err != nil {
		t.Fatal(err)
	}
	// Another change's cleaner let it through; this one knows that it is a secret.
	unknown, err := s.Begin().Clean("as " + planted + " said")
	if err != nil || !strings.Contains(unknown.String(), planted) {
		t.Fatalf("the example is found without a context: %q, %v", unknown, err)
	}
	c := s.Begin()
	if _, err := c.Clean(`password := "` + planted + `"`); err != nil {
		t.Fatal(err)
	}
	fine, ch := scrub.Lit("fine"), fresh()
	checks := map[string]func(bad scrub.Text) error{
		"the post": func(bad scrub.Text) error {
			_, err := seal(outgoing{kind: review.PostSummary, cleaner: c, body: bad}, "", ch.Current())
			return err
		},
		"a line of the post": func(bad scrub.Text) error {
			_, err := seal(outgoing{kind: review.PostSecrets, cleaner: c, lines: []onLine{{path: fine, line: 1, text: fine}, {path: fine, line: 2, text: bad}}}, "a1", ch.Current())
			return err
		},
		"a path of the post": func(bad scrub.Text) error {
			_, err := seal(outgoing{kind: review.PostSecrets, cleaner: c, lines: []onLine{{path: bad, line: 1, text: fine}}}, "a1", ch.Current())
			return err
		},
		"a stored name": func(bad scrub.Text) error {
			_, err := sealSummary(&work{cleaner: c}, &ch, []sealedPick{{name: bad}}, noon)
			return err
		},
		"a stored reason": func(bad scrub.Text) error {
			_, err := sealSummary(&work{cleaner: c}, &ch, []sealedPick{{name: fine, reasons: []scrub.Text{fine, bad}}}, noon)
			return err
		},
	}
	private := review.Pick{Account: review.Account{ID: 1, Email: "a@example.com", Status: "sick until Monday"}}
	if got, err := sealSummary(&work{cleaner: c}, &ch, []sealedPick{{pick: private, name: fine}}, noon); err != nil || got.Picks[0].Account != (review.Account{ID: 1, Name: "fine"}) {
		t.Errorf("a stored pick tells %+v, %v", got.Picks, err)
	}
	for field, set := range map[string]func(*work, scrub.Text){
		"text":    func(w *work, t scrub.Text) { w.full = t },
		"subject": func(w *work, t scrub.Text) { w.subject = t },
		"model":   func(w *work, t scrub.Text) { w.model = t },
		"title":   func(w *work, t scrub.Text) { w.draft.Title = t },
		"story":   func(w *work, t scrub.Text) { w.draft.Story = []scrub.Text{t} },
		"bullet":  func(w *work, t scrub.Text) { w.draft.Bullets = []scrub.Text{fine, t} },
		"reason":  func(w *work, t scrub.Text) { w.draft.Why = t },
		"place":   func(w *work, t scrub.Text) { w.draft.Look = []summarize.Point{{Path: fine, Why: t}} },
		"path":    func(w *work, t scrub.Text) { w.draft.Risks = []summarize.Point{{Path: t, Why: fine}} },
		"earlier": func(w *work, t scrub.Text) {
			w.draft.Earlier = []summarize.EarlierPoint{{Point: summarize.Point{Path: fine, Why: t}}}
		},
		"order":    func(w *work, t scrub.Text) { w.draft.Order = []scrub.Text{t} },
		"question": func(w *work, t scrub.Text) { w.draft.Questions = []scrub.Text{t} },
		"note":     func(w *work, t scrub.Text) { w.draft.Notes = []summarize.FileNote{{Path: fine, Note: t}} },
		"fact":     func(w *work, t scrub.Text) { w.draft.Facts.Deps = []scrub.Text{t} },
		"not read": func(w *work, t scrub.Text) { w.draft.NotRead = []summarize.NotRead{{Path: t}} },
	} {
		checks["the stored "+field] = func(bad scrub.Text) error {
			w := &work{cleaner: c}
			set(w, bad)
			_, err := sealSummary(w, &ch, nil, noon)
			return err
		}
	}
	for name, check := range checks {
		if err := check(fine); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if err := check(unknown); err == nil || strings.Contains(err.Error(), planted) {
			t.Errorf("%s holds a secret: %v", name, err)
		}
	}
}

// TestVerifierStopsThePost has a summary that the last check refuses: nothing
// of it is posted or stored, one line says so, once.
func TestVerifierStopsThePost(t *testing.T) {
	for _, mode := range []string{"on", "shadow"} {
		w := newWorld(t, nil)
		w.optIn("pay", "mode = "+mode+"\n")
		c := slipsBy(w)
		c.Subject = "The digest " + cut + " stays"
		w.drain()
		action, posts := audit.ActionPost, 1
		if mode == "shadow" {
			action, posts = audit.ActionDecide, 0
		}
		if got := w.refusals(action); len(got) != 1 || !strings.Contains(fmt.Sprint(got[0].Why.Evidence), "verify: ") {
			t.Errorf("%s: audit: %+v", mode, got)
		}
		w.wantPosts(posts)
		if posts == 1 && !strings.HasPrefix(w.posts[0].Message, "Not summarized: the last check") {
			t.Errorf("notice:\n%s", w.posts[0].Message)
		}
		if o := w.last(c, 1); o.Reason != ReasonSeal {
			t.Errorf("%s: outcome %+v", mode, o)
		}
		if len(w.texts) != 0 {
			t.Errorf("%s: stored %+v", mode, w.texts)
		}
		w.spotless(cut)
		w.event("patchset-created", c.ID, 1)
		w.drain()
		w.wantPosts(posts)
	}
}
