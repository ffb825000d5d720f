// SPDX-License-Identifier: Apache-2.0

package bot

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"review-assistant/audit"
	"review-assistant/llm"
	"review-assistant/prompts"
	"review-assistant/review"
	"review-assistant/summarize"
)

func TestWithout(t *testing.T) {
	profiles := map[string]llm.Profile{
		"default": {Name: "default"},
		"open":    {Name: "open", DataClass: llm.ClassPublic},
		"vault":   {Name: "vault", DataClass: llm.ClassRestricted},
		"infra":   {Name: "infra", Projects: []string{"main/infra/**"}},
	}
	const (
		parent     = "a parent project does not allow this model profile"
		restricted = "this project is restricted and its model profile is not meant for restricted data"
		public     = "this project is not public and its model profile is meant for public data only"
		others     = "the operator keeps this model profile for other projects"
	)
	tests := []struct {
		name       string
		own        string   // [model] of the project
		parents    []string // the same, nearest first
		restricted bool
		want       string
	}{
		{"nothing set", "", nil, false, ""},
		{"none", "profile = none", []string{"allow = vault"}, true, ""},
		{"unknown", "profile = lost", nil, false, "the project's model profile does not exist here"},
		{"other projects'", "profile = infra", nil, false, others},

		{"internal, restricted branch", "", nil, true, restricted},
		{"internal, declared", "dataClass = restricted", nil, false, restricted},
		{"internal, declared by a parent", "dataClass = public", []string{"dataClass = restricted"}, false, restricted},
		{"internal, declared by a grandparent", "", []string{"dataClass = internal", "dataClass = restricted"}, false, restricted},
		{"vault, restricted branch", "profile = vault", nil, true, ""},
		{"vault, declared", "profile = vault\ndataClass = restricted", nil, false, ""},
		{"public model, internal project", "profile = open", nil, false, public},
		{"public model, public project", "profile = open\ndataClass = public", nil, false, ""},
		{"public model, public project, restricted branch", "profile = open\ndataClass = public", nil, true, restricted},

		{"own list does not bind", "allow = vault", nil, false, ""},
		{"allowed", "profile = vault", []string{"allow = default\nallow = vault"}, false, ""},
		{"not allowed", "profile = vault", []string{"allow = default"}, false, parent},
		{"default not allowed", "", []string{"allow = vault"}, false, parent},
		{"allowed by one parent of two", "profile = vault", []string{"allow = vault", "allow = default"}, false, parent},
		{"allowed by both", "profile = vault", []string{"allow = vault\nallow = default", "allow = open\nallow = vault"}, false, ""},
		{"nothing left", "profile = vault", []string{"allow = vault", "allow = default", "allow = vault"}, false, parent},
		{"a parent without list", "profile = vault", []string{"", "allow = vault"}, false, ""},
		{"inherited but not allowed", "", []string{"profile = vault", "allow = default"}, false, parent},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var chain []review.ConfigFile
			for i, body := range append([]string{tt.own}, tt.parents...) {
				chain = append(chain, file(strings.Repeat("p", i+1), "[review-assistant]\nmode = on\n[model]\n"+body+"\n"))
			}
			p := NewPolicy(chain, false)
			if len(p.Problems) > 0 {
				t.Fatal(p.Problems)
			}
			if got := p.Without(profiles, "main/pay", tt.restricted).String(); got != tt.want {
				t.Errorf("Without = %q, want %q", got, tt.want)
			}
		})
	}
}

func TestPolicyCaps(t *testing.T) {
	type caps struct{ Day, Month, Change, Money int64 }
	tests := []struct {
		name  string
		files []string // [budget], nearest first
		want  caps
	}{
		{"default", []string{""}, caps{Day: 2_000_000}},
		{"own", []string{"tokensPerDay = 5\ntokensPerMonth = 6\ntokensPerChange = 7\nmoneyPerMonth = 12.50"}, caps{5, 6, 7, 12_500_000}},
		{"no cap", []string{"tokensPerDay = 0"}, caps{}},
		{"the parent's is smaller", []string{"tokensPerDay = 9\nmoneyPerMonth = 3", "tokensPerDay = 5\nmoneyPerMonth = 1"}, caps{Day: 5, Money: 1_000_000}},
		{"the child's is smaller", []string{"tokensPerMonth = 5", "tokensPerMonth = 9"}, caps{Day: 2_000_000, Month: 5}},
		{"0 lifts no parent's cap", []string{"tokensPerDay = 0", "", "tokensPerDay = 5"}, caps{Day: 5}},
		{"above the default", []string{"tokensPerDay = 9000000", "tokensPerDay = 8000000"}, caps{Day: 8_000_000}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var chain []review.ConfigFile
			for i, body := range tt.files {
				chain = append(chain, file(strings.Repeat("p", i+1), "[budget]\n"+body+"\n"))
			}
			p := NewPolicy(chain, false)
			if d := cmp.Diff(tt.want, caps{p.TokensPerDay, p.TokensPerMonth, p.TokensPerChange, p.MoneyPerMonth}); d != "" || len(p.Problems) > 0 {
				t.Errorf("caps (-want +got):\n%s%v", d, p.Problems)
			}
		})
	}
	for _, body := range []string{"[budget]\nmoneyPerMonth = -1", "[budget]\nmoneyPerMonth = NaN", "[budget]\nmoneyPerMonth = 1e12", "[budget]\ntokensPerMonth = many", "[model]\ndataClass = secret", "[model]\nallow ="} {
		if p := NewPolicy([]review.ConfigFile{file("p", body+"\n")}, false); len(p.Problems) != 1 {
			t.Errorf("%q: problems %v, want one", body, p.Problems)
		}
	}
}

// fallbackModel is a scripted model of another name.
type fallbackModel struct{ scripted }

func (*fallbackModel) Name() string { return "second-model" }

func (f *fallbackModel) Complete(ctx context.Context, p prompts.Prompt) (llm.Reply, error) {
	r, err := f.scripted.Complete(ctx, p)
	r.Model = "second-model"
	return r, err
}

// withFallback gives the world's profile a fallback.
func withFallback(w *world, m llm.Model, class llm.DataClass) {
	w.b.models["second"] = m
	w.b.profiles["default"] = llm.Profile{Name: "default", Fallback: "second"}
	w.b.profiles["second"] = llm.Profile{Name: "second", DataClass: class}
}

// modelCalls lists the models of the audit log with what became of each call.
func (w *world) modelCalls() []string {
	var out []string
	for _, e := range w.log {
		if e.Action == audit.ActionModel {
			out = append(out, e.Model.Name+" "+string(e.Result)+strings.Join(append([]string{""}, e.Why.Evidence...), " "))
		}
	}
	return out
}

func TestFallbackIsAuditedByName(t *testing.T) {
	first := &scripted{errs: []error{&review.RetryError{Err: &llm.Error{Code: llm.CodeUnavailable}}}}
	second := &fallbackModel{scripted{answers: []string{goodAnswer}}}
	w := newWorld(t, first)
	withFallback(w, second, "")
	w.optIn("pay", "")
	w.push("pay", 7, review.KindRework, payments(planted))
	w.drain()
	w.wantPosts(1)
	if got := w.posts[0].Message; !strings.Contains(got, "AI-generated, may be wrong (second-model)") {
		t.Errorf("the comment names another model:\n%s", got)
	}
	want := []string{"test-model intent", "test-model failed model-unavailable", "second-model intent", "second-model done"}
	if d := cmp.Diff(want, w.modelCalls()); d != "" {
		t.Errorf("audit (-want +got):\n%s", d)
	}
	if len(second.prompts) != 1 || strings.Contains(second.prompts[0], planted) {
		t.Errorf("the fallback read %q", second.prompts)
	}
}

func TestFallbackIsNotAsked(t *testing.T) {
	unavailable := func() error { return &llm.Error{Code: llm.CodeUnavailable} }
	tests := []struct {
		name  string
		err   error
		class llm.DataClass
		set   func(w *world)
		want  string
	}{
		{"spent budget", &llm.BudgetError{Cap: llm.Cap{Scope: llm.ScopeProject, Period: llm.Day}}, "", nil, "the project's token budget for today is spent"},
		{"declined", &llm.Error{Code: llm.CodeRefused}, "", nil, "the model declined, or the change is too long for it"},
		{"lower class", unavailable(), llm.ClassPublic, nil, "the model could not be reached or was busy"},
		{"for others", unavailable(), "", func(w *world) {
			p := w.b.profiles["second"]
			p.Projects = []string{"h/tax"}
			w.b.profiles["second"] = p
		}, "the model could not be reached or was busy"},
		{"switched off", unavailable(), "", func(w *world) { w.controls = []review.Control{{Scope: ScopeModels}} }, "models are switched off by the operator"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			second := &fallbackModel{scripted{answers: []string{goodAnswer}}}
			w := newWorld(t, &scripted{errs: []error{tt.err}})
			withFallback(w, second, tt.class)
			if tt.set != nil {
				tt.set(w)
			}
			w.optIn("pay", "")
			w.push("pay", 7, review.KindRework, payments(planted))
			w.drain()
			w.wantPosts(1)
			if len(second.prompts) != 0 || !strings.Contains(w.posts[0].Message, "Computed, no model ("+tt.want+")") {
				t.Errorf("%d prompts; want %q in\n%s", len(second.prompts), tt.want, w.posts[0].Message)
			}
		})
	}
}

// TestFallbackWithoutAudit ends the work when the second call cannot be audited.
func TestFallbackWithoutAudit(t *testing.T) {
	second := &fallbackModel{scripted{answers: []string{goodAnswer}}}
	first := &scripted{errs: []error{&llm.Error{Code: llm.CodeTimeout}}}
	w := newWorld(t, first)
	withFallback(w, second, "")
	first.during = func() { w.noAudit = true }
	w.optIn("pay", "")
	w.push("pay", 7, review.KindRework, payments(planted))
	if job, ok, err := w.Lease(t.Context(), time.Minute); err == nil && ok {
		w.b.run(t.Context(), job)
	}
	w.now = w.now.Add(time.Minute)
	if job, ok, err := w.Lease(t.Context(), time.Minute); err == nil && ok {
		w.b.run(t.Context(), job)
	}
	if len(first.prompts) != 1 || len(second.prompts) != 0 || len(w.posts) != 0 {
		t.Errorf("%d and %d prompts, %d posts without an audit log", len(first.prompts), len(second.prompts), len(w.posts))
	}
}

func TestSpentText(t *testing.T) {
	tests := []struct {
		cap  llm.Cap
		want string
	}{
		{llm.Cap{Scope: llm.ScopeProject, Unit: llm.Tokens, Period: llm.Day}, "the project's token budget for today is spent"},
		{llm.Cap{Scope: llm.ScopeProject, Unit: llm.Money, Period: llm.Month}, "the project's money budget for this month is spent"},
		{llm.Cap{Scope: llm.ScopeServer, Unit: llm.Tokens, Period: llm.Month}, "the server's token budget for this month is spent"},
		{llm.Cap{Scope: llm.ScopeChange, Unit: llm.Tokens, Period: llm.Day}, "this change's token budget for today is spent"},
	}
	for _, tt := range tests {
		if got := spentText(tt.cap).String(); got != tt.want {
			t.Errorf("spentText(%+v) = %q, want %q", tt.cap, got, tt.want)
		}
	}
}

// TestSpentIsToldOnce has nothing to add without a model on two patch sets.
func TestSpentIsToldOnce(t *testing.T) {
	m := &scripted{}
	for range 9 {
		m.errs = append(m.errs, &llm.BudgetError{Cap: llm.Cap{Scope: llm.ScopeServer, Unit: llm.Money, Period: llm.Month}})
	}
	w := newWorld(t, m)
	w.optIn("pay", "")
	small := review.Patch{Files: []review.File{{Path: "README.md", Status: review.FileModified, Mode: 0o100644, Added: 1, Removed: 1, Hunks: []review.Hunk{{
		OldStart: 1, OldLines: 1, NewStart: 1, NewLines: 1,
		Lines: []review.Line{{Op: review.OpRemove, Text: "teh"}, {Op: review.OpAdd, Text: "the"}},
	}}}}}
	for range 2 {
		w.push("pay", 7, review.KindRework, small)
		w.drain()
		w.now = w.now.Add(time.Hour)
	}
	w.wantPosts(1)
	if got := w.posts[0].Message; !strings.Contains(got, "the server's money budget for this month is spent") {
		t.Errorf("the notice:\n%s", got)
	}
}

func TestRestrictedChange(t *testing.T) {
	for _, class := range []llm.DataClass{"", llm.ClassRestricted} {
		m := &scripted{answers: []string{goodAnswer}}
		w := newWorld(t, m)
		w.b.profiles["default"] = llm.Profile{Name: "default", DataClass: class}
		w.optIn("pay", "")
		w.push("pay", 7, review.KindRework, payments(planted)).Restricted = true
		w.drain()
		w.wantPosts(1)
		asked, told := len(m.prompts) > 0, strings.Contains(w.posts[0].Message, "restricted and its model profile is not meant")
		if may := class == llm.ClassRestricted; asked != may || told == may {
			t.Errorf("class %q: asked %v; comment:\n%s", class, asked, w.posts[0].Message)
		}
		if e, err := w.b.Explain(t.Context(), review.ChangeID{Host: testHost, Project: "pay", Number: 7}); err != nil || (e.NoModel != "") != told {
			t.Errorf("class %q: Explain = %+v, %v", class, e, err)
		}
	}
}

// TestPayer checks what the budget is told of a change.
func TestPayer(t *testing.T) {
	m := &scripted{answers: []string{goodAnswer}}
	w := newWorld(t, m)
	w.b.profiles["default"] = llm.Profile{Name: "default", PricePrompt: 2}
	var got []any
	w.b.budget = func(m llm.Model, profile llm.Profile, payer llm.Payer) llm.Model {
		got = append(got, profile.PricePrompt, payer)
		return m
	}
	w.optIn("pay", "[budget]\ntokensPerDay = 5\ntokensPerMonth = 6\ntokensPerChange = 7\nmoneyPerMonth = 8\n")
	w.push("pay", 7, review.KindRework, payments(planted))
	w.drain()
	want := []any{2.0, llm.Payer{
		Project: "h/pay", Change: "h/pay~7", TokensPerChange: 7,
		Caps: llm.Caps{TokensPerDay: 5, TokensPerMonth: 6, MoneyPerMonth: 8_000_000},
	}}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("the budget (-want +got):\n%s", d)
	}
}

func TestFit(t *testing.T) {
	fit := func(p llm.Profile, scale float64) summarize.Input {
		b := &Bot{opts: Options{MaxCalls: 4}, scale: func(string) float64 { return scale }}
		in := summarize.Input{MaxTokens: 12_000}
		(&asking{Model: &scripted{}, profile: p, v: &visit{b: b, policy: Policy{MaxCalls: 3}}}).fit(&in)
		return in
	}
	if in := fit(llm.Profile{}, 1); in.Short || in.MaxTokens != 12_000 || in.MaxCalls != 3 {
		t.Errorf("a profile without keys: %+v", in)
	}
	if in := fit(llm.Profile{Prompt: "short", MaxTokens: 3000}, 1); !in.Short || in.MaxTokens != 3000 {
		t.Errorf("a small model: short %v, %d tokens", in.Short, in.MaxTokens)
	}
	// A provider that counts more gets less text, in steps.
	for scale, want := range map[float64]int{0.8: 12_000, 1.1: 10_909, 1.12: 10_000, 1.17: 10_000, 2: 6000} {
		if in := fit(llm.Profile{}, scale); in.MaxTokens != want {
			t.Errorf("scale %v: %d tokens, want %d", scale, in.MaxTokens, want)
		}
	}
}

// TestSmallModel gets a prompt of its size.
func TestSmallModel(t *testing.T) {
	sizes := map[string]int{}
	for _, prompt := range []string{"full", "short"} {
		m := &scripted{answers: []string{goodAnswer}}
		w := newWorld(t, m)
		p := llm.Profile{Name: "default", Prompt: prompt}
		if prompt == "short" {
			p.MaxTokens = 2500
		}
		w.b.profiles["default"] = p
		w.optIn("pay", "")
		long := payments(planted)
		for range 200 {
			long.Files[0].Hunks = append(long.Files[0].Hunks, slices.Clone(long.Files[0].Hunks)...)[:min(200, 2*len(long.Files[0].Hunks))]
		}
		w.push("pay", 7, review.KindRework, long)
		w.drain()
		if len(m.prompts) == 0 {
			t.Fatalf("%s: no prompt", prompt)
		}
		sizes[prompt] = llm.EstimateTokens(m.prompts[0])
	}
	if sizes["short"] > 2500 || sizes["full"] < 2*sizes["short"] {
		t.Errorf("tokens of the prompts: %v", sizes)
	}
}

// TestLintTellsOfModels says on the change of the file what it comes to.
func TestLintTellsOfModels(t *testing.T) {
	w := newWorld(t, &scripted{})
	c := w.push("pay", 9, review.KindRework, review.Patch{})
	delete(w.jobs, review.ChangeJob(c.ID))
	c.Branch, c.Restricted = review.ConfigRef, true
	for i, tt := range []struct{ model, want string }{
		{"profile = lost", "- No model reads its changes, since the project's model profile does not exist here; summaries are computed."},
		{"profile = default", ""},
	} {
		ps := i + 1
		if ps > 1 {
			w.push("pay", 9, review.KindRework, review.Patch{})
			delete(w.jobs, review.ChangeJob(c.ID))
		}
		w.configs[ConfigName+"@"+c.Current().Revision] = file("pay", "[review-assistant]\nmode = on\n[model]\n"+tt.model+"\n")
		if _, _, err := w.b.Accept(t.Context(), review.Event{Type: "patchset-created", Host: testHost, Project: "pay", Number: 9, PatchSet: ps, Ref: review.ConfigRef, Created: w.now}); err != nil {
			t.Fatal(err)
		}
		w.drain()
		w.wantPosts(ps)
		if got := w.posts[i].Message; !strings.Contains(got, tt.want) || strings.Contains(got, "No model reads") != (tt.want != "") {
			t.Errorf("%s: the comment\n%s", tt.model, got)
		}
		w.now = w.now.Add(time.Hour)
	}
}
