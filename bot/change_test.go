// SPDX-License-Identifier: Apache-2.0

package bot

import (
	"errors"
	"strings"
	"testing"
	"time"

	"review-assistant/audit"
	"review-assistant/builds"
	"review-assistant/review"
	"review-assistant/scrub"
)

// payments is a patch with a change worth a word, and with a secret.
func payments(secret string) review.Patch {
	return review.Patch{Files: []review.File{
		{Path: "pay/authorize.go", Status: review.FileModified, Mode: 0o100644, Added: 9, Removed: 2, Hunks: []review.Hunk{{
			OldStart: 80, OldLines: 4, NewStart: 80, NewLines: 11, Section: "func (c *Client) Authorize(card Card) error {",
			Lines: []review.Line{
				{Op: review.OpContext, Text: "\treq := c.request(card)"},
				{Op: review.OpRemove, Text: "func (c *Client) Authorize(card Card) error {"},
				{Op: review.OpAdd, Text: "func (c *Client) Authorize(ctx context.Context, card Card) error {"},
				{Op: review.OpAdd, Text: "\tpassword := \"" + secret + "\""},
				{Op: review.OpAdd, Text: "\tfor attempt := range maxAttempts {"},
				{Op: review.OpAdd, Text: "\t\terr := c.send(ctx, req)"},
				{Op: review.OpAdd, Text: "\t\tif err == nil || !temporary(err) {"},
				{Op: review.OpAdd, Text: "\t\t\treturn err"},
				{Op: review.OpAdd, Text: "\t\t}"},
				{Op: review.OpAdd, Text: "\t\tsleep(ctx, backoff(attempt))"},
				{Op: review.OpAdd, Text: "\t}"},
				{Op: review.OpContext, Text: "}"},
			},
		}}},
		{Path: "go.sum", Status: review.FileModified, Mode: 0o100644, Added: 2, Removed: 2},
	}}
}

const planted = "Tr0ub4dor&3-battery"

const goodAnswer = `{"title":"Retry card authorizations","bullets":["` + "`Authorize`" + ` takes a context and tries again while errors are temporary."],"why":"","look_first":[{"path":"pay/authorize.go","line":83,"reason":"` + "`temporary`" + ` decides what is sent twice."}],"reading_order":[],"risks":[],"files":[],"questions":[]}`

func TestOptedInGetsOneComment(t *testing.T) {
	m := &scripted{answers: []string{goodAnswer}}
	w := newWorld(t, m)
	w.optIn("pay", "")
	c := w.push("pay", 7, review.KindRework, payments(planted))
	w.drain()
	w.wantPosts(1)
	got := w.posts[0]
	for _, want := range []string{"**What changes** (patch set 1)", "tries again", "pay/authorize.go:83", "go.sum (lock file)", "1 secret removed", "AI-generated, may be wrong (test-model)", "#review-assistant-off", "Audit a0000"} {
		if !strings.Contains(got.Message, want) {
			t.Errorf("the comment lacks %q:\n%s", want, got.Message)
		}
	}
	if got.Revision != c.Current().Revision || got.Kind != review.PostSummary || got.Notify != review.NotifyNone {
		t.Errorf("comment = %+v", got)
	}
	if len(m.prompts) != 1 || strings.Contains(m.prompts[0], planted) || !strings.Contains(m.prompts[0], "sleep(ctx, backoff(attempt))") {
		t.Errorf("the prompt holds the secret, or lacks the lines beside it: %q", m.prompts)
	}
	if o := w.last(c, 1); o.Verdict != review.VerdictPosted || o.Audit == "" {
		t.Errorf("outcome = %+v", o)
	}
	var actions []string
	for _, e := range w.log {
		actions = append(actions, string(e.Action)+" "+string(e.Result))
	}
	if got, want := strings.Join(actions, ", "), "model-call intent, model-call done, post intent, post done"; got != want {
		t.Errorf("audit = %s, want %s", got, want)
	}
	if s := w.texts[c.ID]; s.Text == "" || strings.Contains(s.Text, planted) {
		t.Errorf("stored summary = %+v", s)
	}
	if w.calls > 10+4 { // kill switches, the outcome and the answer are the store's
		t.Errorf("%d calls for one change", w.calls)
	}
}

func TestSilence(t *testing.T) {
	for _, tc := range []struct {
		name   string
		config string // "" for no file
		setup  func(w *world, c *review.Change)
		reason string
		calls  int // at most; 0 for any
	}{
		{name: "not opted in", reason: "project-off:no-file", calls: 3},
		{name: "private", config: "\n", setup: func(_ *world, c *review.Change) { c.Private = true; c.Reviewers = []review.Account{self} }, reason: ReasonPrivate},
		{name: "muted", config: "\n", setup: func(_ *world, c *review.Change) { c.Hashtags = []string{review.MuteHashtag} }, reason: ReasonMuted},
		{name: "account may vote", config: "\n", setup: func(_ *world, c *review.Change) { c.MayVote = []string{"Code-Review"} }, reason: ReasonMayVote},
		{name: "account may abandon", config: "\n", setup: func(_ *world, c *review.Change) { c.Actions = []string{"followup", "abandon"} }, reason: ReasonMayVote},
		{name: "owner excluded", config: "excludeOwner = ldap/robots\n", setup: func(_ *world, c *review.Change) { c.Owner = robot }, reason: ReasonOwner},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := newWorld(t, nil)
			if tc.config != "" {
				w.optIn("pay", tc.config)
			}
			c := w.push("pay", 7, review.KindRework, payments(planted))
			if tc.setup != nil {
				tc.setup(w, c)
			}
			w.drain()
			w.wantPosts(0)
			if o := w.last(c, 1); o.Reason != tc.reason {
				t.Errorf("reason %q, want %q", o.Reason, tc.reason)
			}
			if tc.calls > 0 && w.calls > tc.calls {
				t.Errorf("%d calls, want at most %d: off means that nothing is fetched", w.calls, tc.calls)
			}
		})
	}
}

// TestMovedMeanwhile lets the world move while the model thinks.
func TestMovedMeanwhile(t *testing.T) {
	for _, tc := range []struct {
		name   string
		during func(w *world, c *review.Change)
		reason string
	}{
		{"abandoned", func(_ *world, c *review.Change) { c.Status = review.StatusAbandoned }, ReasonClosed},
		{"private", func(_ *world, c *review.Change) { c.Private = true; c.Reviewers = []review.Account{self} }, ReasonPrivate},
		{"muted", func(_ *world, c *review.Change) { c.Hashtags = []string{review.MuteHashtag} }, ReasonMuted},
		{"opted out", func(w *world, _ *review.Change) { delete(w.configs, "pay") }, "project-off:no-file"},
		{"may vote", func(_ *world, c *review.Change) { c.MayVote = []string{"Verified"} }, ReasonMayVote},
		{"commented", func(w *world, c *review.Change) {
			c.Messages = append(c.Messages, review.Message{Author: carol, PatchSet: 1, Date: w.now})
		}, ReasonBacklogSeen},
	} {
		t.Run(tc.name, func(t *testing.T) {
			m := &scripted{answers: []string{goodAnswer}}
			w := newWorld(t, m)
			w.optIn("pay", "")
			c := w.push("pay", 7, review.KindRework, payments(planted))
			m.during = func() { tc.during(w, c) }
			w.drain()
			w.wantPosts(0)
			if o := w.last(c, 1); o.Reason != tc.reason {
				t.Errorf("reason %q, want %q", o.Reason, tc.reason)
			}
			if len(m.prompts) != 1 {
				t.Errorf("%d model calls, want 1", len(m.prompts))
			}
		})
	}
}

func TestNewPatchSetMeanwhile(t *testing.T) {
	m := &scripted{answers: []string{goodAnswer}}
	w := newWorld(t, m)
	w.optIn("pay", "")
	c := w.push("pay", 7, review.KindRework, payments(planted))
	m.during = func() {
		m.during = nil
		w.push("pay", 7, review.KindRework, payments("another-Passw0rd!"))
	}
	w.drain()
	w.wantPosts(1)
	if w.posts[0].PatchSet != 2 || w.posts[0].Revision != c.Current().Revision {
		t.Errorf("posted on patch set %d at %s", w.posts[0].PatchSet, w.posts[0].Revision)
	}
	if o := w.last(c, 1); o.Reason != ReasonSuperseded {
		t.Errorf("patch set 1: %+v", o)
	}
}

func TestPostOnce(t *testing.T) {
	retry := &review.RetryError{Err: errors.New("HTTP 503")}
	committed := &review.RetryError{Err: errors.New("HTTP 500 but committed")}
	for _, tc := range []struct {
		name string
		fail map[string][]error
	}{
		{"plain", nil},
		{"500 that did commit", map[string][]error{"post": {committed}}},
		{"503, then fine", map[string][]error{"post": {retry, retry}}},
		{"500 that did commit and a failed look", map[string][]error{"post": {committed}, "change": {nil, nil, retry}}},
		{"outcome not stored", map[string][]error{"record": {errors.New("disk full")}}},
		{"reads fail at first", map[string][]error{"change": {retry}, "patch": {retry}, "config": {retry}}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := newWorld(t, &scripted{answers: []string{goodAnswer}})
			w.optIn("pay", "")
			c := w.push("pay", 7, review.KindRework, payments(planted))
			for range 30 {
				w.event("patchset-created", c.ID, 1)
			}
			for name, errs := range tc.fail {
				w.fail[name] = errs
			}
			w.drain()
			w.wantPosts(1)
			for range 30 {
				w.event("patchset-created", c.ID, 1)
				w.drain()
			}
			w.wantPosts(1)
			if o := w.last(c, 1); o.Verdict != review.VerdictPosted {
				t.Errorf("outcome %+v", o)
			}
		})
	}
}

// TestLatePost lets Gerrit commit a minute after the client gave up.
func TestLatePost(t *testing.T) {
	w := newWorld(t, nil)
	w.optIn("pay", "")
	c := w.push("pay", 7, review.KindRework, payments(planted))
	w.fail["post"] = []error{&review.RetryError{Err: errors.New("timeout, late")}}
	w.step()
	w.event("reviewer-added", c.ID, 1) // a new hint makes the job due at once
	w.drain()
	w.wantPosts(1)
	if o := w.last(c, 1); o.Verdict != review.VerdictPosted {
		t.Errorf("outcome %+v", o)
	}
}

// TestRetriesAskOnce lets a post fail for hours.
func TestRetriesAskOnce(t *testing.T) {
	m := &scripted{answers: []string{goodAnswer}}
	w := newWorld(t, m)
	w.optIn("pay", "")
	w.push("pay", 7, review.KindRework, payments(planted))
	for range 8 {
		w.fail["post"] = append(w.fail["post"], &review.RetryError{Err: errors.New("HTTP 503")})
	}
	w.drain()
	w.wantPosts(1)
	if len(m.prompts) != 1 {
		t.Errorf("%d model calls for 8 failed posts and one that stands", len(m.prompts))
	}
}

// TestHintsAfterTheOutcome repeats hints when everything was said or decided.
func TestHintsAfterTheOutcome(t *testing.T) {
	for _, mode := range []string{"shadow", "on"} {
		m := &scripted{answers: []string{goodAnswer}}
		w := newWorld(t, m)
		w.configs["pay"] = review.ConfigFile{Project: "pay", State: review.ConfigFound, Revision: "c", Body: []byte("[review-assistant]\nmode = " + mode + "\n")}
		c := w.push("pay", 7, review.KindRework, payments(planted))
		for range 30 {
			w.drain()
			w.event("patchset-created", c.ID, 1)
		}
		w.drain()
		if len(m.prompts) != 1 {
			t.Errorf("mode %s: %d model calls for one patch set", mode, len(m.prompts))
		}
	}
}

// TestDeletedComment is not posted again when somebody touches the change.
func TestDeletedComment(t *testing.T) {
	w := newWorld(t, nil)
	w.optIn("pay", "")
	c := w.push("pay", 7, review.KindRework, payments(planted))
	w.drain()
	w.wantPosts(1)
	c.Messages = nil
	w.event("reviewer-added", c.ID, 1)
	w.drain()
	w.wantPosts(1)
}

func TestSubjectsLikeTrailers(t *testing.T) {
	for _, subject := range []string{"bug: fix the retry", "/etc/hosts: add an entry", "Recheck the card", "Verified +1 needs two people"} {
		w := newWorld(t, nil)
		w.optIn("pay", "")
		c := w.push("pay", 7, review.KindRework, payments(planted))
		c.Subject = subject
		w.drain()
		w.wantPosts(1)
		if s := w.texts[c.ID]; s.Subject != subject || s.Audit == "" {
			t.Errorf("summary of %q: %+v", subject, s)
		}
	}
}

func TestSecretKnownFromTheMessage(t *testing.T) {
	m := &scripted{answers: []string{goodAnswer}}
	w := newWorld(t, m)
	w.optIn("pay", "")
	p := payments(planted)
	p.Files[0].Hunks[0].Lines[3].Text = "\tlogin(" + `"` + planted + `"` + ")"
	c := w.push("pay", 7, review.KindRework, p)
	c.Message = "Retry payments\n\npassword: " + planted + "\n"
	w.drain()
	w.wantPosts(1)
	if len(m.prompts) != 1 || strings.Contains(m.prompts[0], planted) {
		t.Errorf("prompts: %q", m.prompts)
	}
	// The next patch set has no secret any more, and says so.
	p = payments("x")
	p.Files[0].Hunks[0].Lines[3].Text = "\tlogin(fromVault(ctx))"
	c.Message = "Retry payments\n"
	w.now = w.now.Add(time.Minute)
	w.push("pay", 7, review.KindRework, p)
	w.drain()
	w.wantPosts(1) // a line moved: the card tells
	if s := w.texts[c.ID]; s.PatchSet != 2 || s.Secrets != 0 || s.Silent == "" || strings.Contains(s.Text, "removed before reading") {
		t.Errorf("second summary: %+v", s)
	}
}

func TestReadyAfterDays(t *testing.T) {
	w := newWorld(t, nil)
	w.optIn("pay", "")
	c := w.push("pay", 7, review.KindRework, payments(planted))
	c.WIP = true
	w.drain()
	w.wantPosts(0)
	w.now = w.now.Add(48 * time.Hour)
	c.WIP = false
	c.Messages = append(c.Messages, review.Message{Author: alice, Tag: tagReady, Date: w.now, PatchSet: 1})
	w.event("wip-state-changed", c.ID, 1)
	w.drain()
	w.wantPosts(1)
}

// TestPrivateWhileStopped erases although a kill switch holds the work.
func TestPrivateWhileStopped(t *testing.T) {
	w := newWorld(t, nil)
	w.optIn("pay", "")
	c := w.push("pay", 7, review.KindRework, payments(planted))
	w.drain()
	w.controls = []review.Control{{Scope: ScopeAll}}
	w.now = w.now.Add(time.Minute)
	c.Private, c.Reviewers = true, []review.Account{self}
	w.event("private-state-changed", c.ID, 1)
	w.step()
	w.step()
	if _, there := w.texts[c.ID]; there {
		t.Error("the text of a private change is kept while the bot is stopped")
	}
}

func TestSweepSurvivesOneProject(t *testing.T) {
	w := newWorld(t, nil)
	w.optIn("pay", "")
	w.optIn("broken", "")
	c := w.push("pay", 7, review.KindRework, payments(planted))
	w.push("broken", 8, review.KindRework, payments(planted))
	clear(w.jobs)
	w.fail["config"] = []error{&review.DeniedError{Err: errors.New("403")}}
	// Whichever project meets the error, the other one is found, and the next
	// sweep finds both.
	if n, err := w.b.Reconcile(t.Context(), testHost); err != nil || n != 1 {
		t.Fatalf("Reconcile = %d, %v", n, err)
	}
	if n, err := w.b.Reconcile(t.Context(), testHost); err != nil || n != 2 {
		t.Fatalf("second Reconcile = %d, %v", n, err)
	}
	w.drain()
	w.wantPosts(2)
	// What was recorded while the project looked off is looked at again.
	w.outcomes = []review.Outcome{{Change: c.ID, PatchSet: 1, Kind: review.PostSummary, Verdict: review.VerdictNotOurs, Reason: ReasonOff + ":no-file"}}
	if n, err := w.b.Reconcile(t.Context(), testHost); err != nil || n != 2 {
		t.Fatalf("third Reconcile = %d, %v", n, err)
	}
}

func TestForgedTimes(t *testing.T) {
	for _, at := range []time.Time{{}, time.Unix(0, 0), noon.AddDate(5, 0, 0)} {
		w := newWorld(t, nil)
		w.optIn("pay", "")
		if _, _, err := w.b.Accept(t.Context(), review.Event{Type: "ref-updated", Host: testHost, Project: "pay", Ref: review.ConfigRef, Created: at}); err != nil {
			t.Fatal(err)
		}
		w.drain()
		got, err := time.Parse(time.RFC3339, w.settings[optInKey(testHost, "pay")])
		if err != nil || got.After(noon) || got.Before(noon.Add(-time.Hour)) {
			t.Errorf("an event of %v makes the opt-in %v, %v", at, got, err)
		}
	}
}

func TestSincePatchSet(t *testing.T) {
	w := newWorld(t, nil)
	w.optIn("pay", "")
	c := w.push("pay", 7, review.KindRework, payments(planted))
	w.drain()
	w.wantPosts(1)
	w.now = w.now.Add(time.Minute)
	w.push("pay", 7, review.KindTrivialRebase, payments(planted))
	w.drain()
	w.wantPosts(1)
	if o := w.last(c, 2); o.Reason != ReasonSameCode {
		t.Errorf("trivial rebase: %+v", o)
	}
	next := payments(planted)
	next.Files = append(next.Files, review.File{Path: "pay/retry.go", Status: review.FileAdded, Mode: 0o100644, Added: 2, Hunks: []review.Hunk{{
		NewStart: 1, NewLines: 2, Lines: []review.Line{{Op: review.OpAdd, Text: "package pay"}, {Op: review.OpAdd, Text: "func Backoff(attempt int) time.Duration { return time.Second << attempt }"}},
	}}})
	w.now = w.now.Add(time.Minute)
	w.push("pay", 7, review.KindRework, next)
	w.drain()
	w.wantPosts(2)
	if !strings.Contains(w.posts[1].Message, "**Since patch set 1** (now patch set 3)") || strings.Contains(w.posts[1].Message, "Authorize") {
		t.Errorf("second comment:\n%s", w.posts[1].Message)
	}
}

func TestShadow(t *testing.T) {
	w := newWorld(t, nil)
	w.configs["pay"] = review.ConfigFile{Project: "pay", State: review.ConfigFound, Revision: "c", Body: []byte("[review-assistant]\nmode = shadow\n")}
	c := w.push("pay", 7, review.KindRework, payments(planted))
	w.drain()
	w.wantPosts(0)
	if s := w.texts[c.ID]; !s.Shadow || s.Text == "" {
		t.Errorf("shadow summary = %+v", s)
	}
	if o := w.last(c, 1); o.Verdict != review.VerdictShadow {
		t.Errorf("outcome %+v", o)
	}
}

func TestScrubberStops(t *testing.T) {
	m := &scripted{answers: []string{goodAnswer}}
	w := newWorld(t, m)
	w.optIn("pay", "[scrub]\npattern = ACME-[0-9]+\n")
	w.b.scrubs.compile = func(o scrub.Options) (*scrub.Scrubber, error) {
		if len(o.Patterns) > 0 {
			return nil, errors.New("a rule is broken")
		}
		return scrub.New(o)
	}
	w.push("pay", 7, review.KindRework, payments(planted))
	w.drain()
	if len(m.prompts) != 0 {
		t.Fatalf("a prompt went out: %q", m.prompts)
	}
	w.wantPosts(1)
	if msg := w.posts[0].Message; !strings.Contains(msg, "Not summarized") || strings.Contains(msg, "Authorize") {
		t.Errorf("notice:\n%s", msg)
	}
	w.now = w.now.Add(time.Minute)
	w.push("pay", 7, review.KindRework, payments(planted+"2"))
	w.drain()
	w.wantPosts(1) // told once per change and reason
}

func TestNoAuditNoEffect(t *testing.T) {
	m := &scripted{answers: []string{goodAnswer}}
	w := newWorld(t, m)
	w.optIn("pay", "")
	w.push("pay", 7, review.KindRework, payments(planted))
	w.noAudit = true
	job, _, _ := w.Lease(t.Context(), time.Minute)
	if job.Key == "" {
		w.now = w.now.Add(time.Minute)
		job, _, _ = w.Lease(t.Context(), time.Minute)
	}
	w.b.run(t.Context(), job)
	w.wantPosts(0)
	if len(m.prompts) != 0 {
		t.Error("the model was asked without an audit record")
	}
	w.noAudit = false
	w.drain()
	w.wantPosts(1)
}

func TestGone(t *testing.T) {
	w := newWorld(t, nil)
	w.optIn("pay", "")
	c := w.push("pay", 7, review.KindRework, payments(planted))
	w.drain()
	c.Private = true
	w.event("private-state-changed", c.ID, 1)
	w.drain()
	if _, there := w.texts[c.ID]; there || !w.hidden[c.ID] {
		t.Error("text of a change that is not shown to us is still there")
	}
}

func TestKillSwitch(t *testing.T) {
	m := &scripted{answers: []string{goodAnswer}}
	w := newWorld(t, m)
	w.optIn("pay", "")
	w.controls = []review.Control{{Scope: ScopeModels}}
	w.push("pay", 7, review.KindRework, payments(planted))
	w.drain()
	w.wantPosts(1)
	if len(m.prompts) != 0 || !strings.Contains(w.posts[0].Message, "switched off by the operator") {
		t.Errorf("models stopped, yet %d prompts; comment:\n%s", len(m.prompts), w.posts[0].Message)
	}
	w.controls = []review.Control{{Scope: ScopeProject + "h/pay"}}
	w.now = w.now.Add(time.Minute)
	w.push("pay", 8, review.KindRework, payments(planted))
	for range 20 {
		if job, ok, _ := w.Lease(t.Context(), time.Minute); ok {
			w.b.run(t.Context(), job)
		}
		w.now = w.now.Add(pauseDelay)
	}
	w.wantPosts(1)
	w.controls = nil
	w.now = w.now.Add(time.Minute)
	w.drain()
	w.wantPosts(2)
}

func TestLint(t *testing.T) {
	w := newWorld(t, nil)
	c := w.push("pay", 9, review.KindRework, review.Patch{})
	delete(w.jobs, review.ChangeJob(c.ID))
	c.Branch = review.ConfigRef
	w.configs[ConfigName+"@"+c.Current().Revision] = review.ConfigFile{Project: "pay", State: review.ConfigFound, Body: []byte("[review-assistant]\nmoode = on\n")}
	if _, _, err := w.b.Accept(t.Context(), review.Event{Type: "patchset-created", Host: testHost, Project: "pay", Number: 9, PatchSet: 1, Ref: review.ConfigRef, Created: w.now}); err != nil {
		t.Fatal(err)
	}
	w.drain()
	w.wantPosts(1)
	if !strings.Contains(w.posts[0].Message, "review-assistant.config:2: review-assistant.moode: unknown key") {
		t.Errorf("lint comment:\n%s", w.posts[0].Message)
	}
	w.event("hashtags-changed", c.ID, 0)
	w.drain()
	w.wantPosts(1)
}

func TestLintKnownFailures(t *testing.T) {
	const (
		good = "[failure \"a\"]\nmatch = timed out\nclass = infra\n[failure \"b\"]\ntest = TestB\nclass = flaky\n"
		bad  = "[failure \"a\"]\nclass = change\nmatch = timed out\n"
		vote = "[failure \"a\"]\nclass = Verified+1\nmatch = timed out\n"
	)
	for name, tt := range map[string]struct {
		own, known, now string
		want            []string // of the one comment; none without
	}{
		"good":      {known: good, want: []string{"`review-assistant-failures.config` has no faults: 2 known failures."}},
		"bad":       {known: bad, want: []string{"Nothing in a broken file counts:", "- review-assistant-failures.config:2: failure.class: \"change\" does not fit; write one of"}},
		"vote":      {known: vote, want: []string{"- a fault that cannot be quoted here"}},
		"both":      {own: "[review-assistant]\nmode = on\n" + ciConfig, known: good, want: []string{"on the word of 1 CI account.", "2 known failures"}},
		"untouched": {known: good, now: good},
		"other":     {},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, nil)
			w.known = tt.now
			c := w.push("pay", 9, review.KindRework, review.Patch{})
			delete(w.jobs, review.ChangeJob(c.ID))
			c.Branch = review.ConfigRef
			for file, body := range map[string]string{ConfigName: tt.own, builds.KnownName: tt.known} {
				if body != "" {
					w.configs[file+"@"+c.Current().Revision] = review.ConfigFile{Project: "pay", State: review.ConfigFound, Body: []byte(body)}
				}
			}
			if _, _, err := w.b.Accept(t.Context(), review.Event{Type: "patchset-created", Host: testHost, Project: "pay", Number: 9, PatchSet: 1, Ref: review.ConfigRef, Created: w.now}); err != nil {
				t.Fatal(err)
			}
			w.drain()
			w.wantPosts(min(len(tt.want), 1))
			for _, want := range tt.want {
				if text := w.posts[0].Message; !strings.Contains(text, want) || strings.Count(text, "Mute:") != 1 {
					t.Errorf("the comment has no %q:\n%s", want, text)
				}
			}
		})
	}
}

func TestReconcile(t *testing.T) {
	w := newWorld(t, nil)
	w.optIn("pay", "")
	c := w.push("pay", 7, review.KindRework, payments(planted))
	w.push("other", 8, review.KindRework, payments(planted))
	clear(w.jobs) // both webhooks are lost
	n, err := w.b.Reconcile(t.Context(), testHost)
	if err != nil || n != 1 {
		t.Fatalf("Reconcile = %d, %v; want the change of the project that opted in", n, err)
	}
	w.drain()
	w.wantPosts(1)
	// What an upgrade forgets, Gerrit remembers.
	clear(w.settings)
	w.outcomes = nil
	if _, err := w.b.Reconcile(t.Context(), testHost); err != nil {
		t.Fatal(err)
	}
	w.drain()
	w.wantPosts(1)
	if o := w.last(c, 1); o.Verdict != review.VerdictPosted || o.Reason != ReasonStands {
		t.Errorf("outcome %+v", o)
	}
}

func TestBacklogAtOptIn(t *testing.T) {
	w := newWorld(t, nil)
	var all []*review.Change
	for n := range 50 {
		all = append(all, w.push("pay", n+1, review.KindRework, payments(planted)))
	}
	w.drain()
	w.wantPosts(0)
	w.now = w.now.Add(time.Minute)
	w.optIn("pay", "")
	if _, _, err := w.b.Accept(t.Context(), review.Event{Type: "ref-updated", Host: testHost, Project: "pay", Ref: review.ConfigRef, Created: w.now}); err != nil {
		t.Fatal(err)
	}
	w.drain()
	w.outcomes = nil
	if n, err := w.b.Reconcile(t.Context(), testHost); err != nil || n != 50 {
		t.Fatalf("Reconcile = %d, %v", n, err)
	}
	w.drain()
	w.wantPosts(0)
	if o := w.last(all[0], 1); o.Reason != ReasonBacklogOpt {
		t.Errorf("outcome %+v", o)
	}
	ids, err := w.b.Backfill(t.Context(), testHost, "pay", 3)
	if err != nil || len(ids) != 3 {
		t.Fatalf("Backfill = %v, %v", ids, err)
	}
	w.drain()
	w.wantPosts(3)
	w.now = w.now.Add(time.Minute)
	w.push("pay", 60, review.KindRework, payments(planted))
	w.drain()
	w.wantPosts(4)
}

func TestAuditNamesNoContent(t *testing.T) {
	w := newWorld(t, nil)
	w.optIn("pay", "")
	w.push("pay", 7, review.KindRework, payments(planted))
	w.drain()
	for _, e := range w.log {
		if e.Action == audit.ActionPost && e.Result == audit.ResultIntent && e.Output == "" {
			t.Error("the intent has no hash of what is posted")
		}
	}
}
