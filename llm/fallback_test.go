// SPDX-License-Identifier: Apache-2.0

package llm

import (
	"context"
	"errors"
	"strings"
	"testing"

	"review-assistant/llm/llmtest"
	"review-assistant/prompts"
	"review-assistant/review"
)

// named is a model that counts how often it is asked.
type named struct {
	name  string
	err   error
	usage Usage
	asked int
}

func (n *named) Name() string { return n.name }

func (n *named) Complete(context.Context, prompts.Prompt) (Reply, error) {
	n.asked++
	return Reply{Text: n.name, Usage: n.usage}, n.err
}

func TestFallback(t *testing.T) {
	code := func(c Code) error { return &Error{Code: c} }
	tests := []struct {
		name   string
		err    error
		second bool
	}{
		{"good", nil, false},
		{"unavailable", &review.RetryError{Err: code(CodeUnavailable)}, true},
		{"timeout", code(CodeTimeout), true},
		{"wrong key", &review.DeniedError{Err: code(CodeDenied)}, true},
		{"too long", &Error{Code: CodeRefused, TooLong: true}, true},
		{"declined", code(CodeRefused), false},
		{"malformed", code(CodeMalformed), false},
		{"kill switch", &review.RetryError{Err: code(CodeStopped)}, false},
		{"budget", &BudgetError{}, false},
		{"scrubber or audit log", errors.New("scrub: no"), false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			first, second := &named{name: "first", err: tt.err, usage: Usage{1, 2}}, &named{name: "second", usage: Usage{10, 20}}
			m := Fallback(first, second)
			reply, err := m.Complete(t.Context(), prompt(t))
			if !tt.second {
				if second.asked != 0 || !errors.Is(err, tt.err) || m.Name() != "first" {
					t.Errorf("Complete = %v by %s; the fallback was asked %d times", err, m.Name(), second.asked)
				}
				return
			}
			if err != nil || reply.Text != "second" || reply.Usage != (Usage{11, 22}) || m.Name() != "second" {
				t.Errorf("Complete = %+v, %v by %s", reply, err, m.Name())
			}
			// A repair goes to the model that answered.
			if _, err := m.Complete(t.Context(), prompt(t)); err != nil || first.asked != 1 || second.asked != 2 {
				t.Errorf("the second request: %v, asked %d and %d times", err, first.asked, second.asked)
			}
		})
	}
}

func TestFallbackEndsWithTheContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	first, second := &named{name: "first", err: &Error{Code: CodeTimeout}}, &named{name: "second"}
	if _, err := Fallback(first, second).Complete(ctx, prompt(t)); err == nil || second.asked != 0 {
		t.Errorf("Complete = %v; the fallback was asked %d times", err, second.asked)
	}
}

// TestFallbackNeedsTheBudget does not take a broken store for a model's failure.
func TestFallbackNeedsTheBudget(t *testing.T) {
	second := &named{name: "second"}
	b := &Budget{Counter: &counter{fail: true}}
	m := Fallback(b.Model(&named{name: "first"}, Profile{}, Payer{Project: "h/p"}), second)
	if _, err := m.Complete(t.Context(), prompt(t)); err == nil || second.asked != 0 {
		t.Errorf("Complete = %v; the fallback was asked %d times", err, second.asked)
	}
}

// TestFallbackOfServers runs it with models as they are opened.
func TestFallbackOfServers(t *testing.T) {
	for _, mode := range []llmtest.Mode{llmtest.Unauthorized, llmtest.TooLong} {
		good := llmtest.New(llmtest.Good)
		m := Fallback(model(t, llmtest.New(mode), Profile{}, Options{}), model(t, good, Profile{}, Options{}))
		if _, err := Ask(t.Context(), m, prompt(t), nil); err != nil || good.Count() != 1 {
			t.Errorf("%s: Ask = %v, the fallback was asked %d times", mode, err, good.Count())
		}
	}
}

func TestCheckProfiles(t *testing.T) {
	tests := []struct {
		name     string
		profiles map[string]Profile
		want     string // all of it, "" for none
	}{
		{"none", map[string]Profile{"a": {}}, ""},
		{"chain", map[string]Profile{"a": {Fallback: "b"}, "b": {Fallback: "c"}, "c": {}}, ""},
		{"higher class", map[string]Profile{"a": {Fallback: "b"}, "b": {DataClass: ClassRestricted}}, ""},
		{"unknown", map[string]Profile{"a": {Fallback: "b"}}, `models.a.fallback: no profile "b"; name another profile of models`},
		{"itself", map[string]Profile{"a": {Fallback: "a"}}, `models.a.fallback: "a" leads back here; end the chain of fallbacks somewhere`},
		{
			"circle with a tail",
			map[string]Profile{"a": {Fallback: "b"}, "b": {Fallback: "c"}, "c": {Fallback: "b"}},
			`models.b.fallback: "c" leads back here; end the chain of fallbacks somewhere` + "\n" + `models.c.fallback: "b" leads back here; end the chain of fallbacks somewhere`,
		},
		{
			"lower class",
			map[string]Profile{"a": {DataClass: ClassRestricted, Fallback: "b"}, "b": {}},
			`models.a.fallback: "b" is for internal data, this profile for restricted; choose a fallback whose data_class is no lower`,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := ""
			if err := CheckProfiles(tt.profiles); err != nil {
				got = err.Error()
			}
			if got != tt.want {
				t.Errorf("CheckProfiles = %q, want %q", got, tt.want)
			}
		})
	}
}

func TestDataClass(t *testing.T) {
	tests := []struct {
		may, text DataClass
		want      bool
	}{
		{ClassPublic, ClassPublic, true},
		{ClassPublic, "", false},
		{ClassPublic, ClassRestricted, false},
		{"", ClassPublic, true},
		{"", ClassInternal, true},
		{"", ClassRestricted, false},
		{ClassRestricted, ClassRestricted, true},
		{ClassRestricted, "", true},
	}
	for _, tt := range tests {
		if got := tt.may.Covers(tt.text); got != tt.want {
			t.Errorf("%q.Covers(%q) = %v", tt.may, tt.text, got)
		}
	}
}

func TestServes(t *testing.T) {
	tests := []struct {
		globs   []string
		project string
		want    bool
	}{
		{nil, "main/pay", true},
		{[]string{"main/infra/**"}, "main/infra/dns", true},
		{[]string{"main/infra/**"}, "main/infra/dns/zones", true},
		{[]string{"main/infra/**"}, "main/infra-old", false},
		{[]string{"main/infra/**"}, "other/infra/dns", false},
		{[]string{"main/pay", "main/tax*"}, "main/taxes", true},
		{[]string{"main/*"}, "main/infra/dns", false},
	}
	for _, tt := range tests {
		if got := (Profile{Projects: tt.globs}).Serves(tt.project); got != tt.want {
			t.Errorf("%q serve %s: %v", tt.globs, tt.project, got)
		}
	}
}

func TestProfileKeys(t *testing.T) {
	good := Profile{Name: "a", URL: "https://example.com", Model: "m"}
	tests := []struct {
		name string
		set  func(*Profile)
		want string
	}{
		{"class", func(p *Profile) { p.DataClass = "secret" }, "models.a.data_class"},
		{"glob", func(p *Profile) { p.Projects = []string{"main/["} }, "models.a.projects"},
		{"empty glob", func(p *Profile) { p.Projects = []string{""} }, "models.a.projects"},
		{"prompt", func(p *Profile) { p.Prompt = "tiny" }, "models.a.prompt"},
		{"max_tokens", func(p *Profile) { p.MaxTokens = 499 }, "models.a.max_tokens"},
		{"azure without version", func(p *Profile) { p.Provider = "azure" }, "models.a.api_version"},
		{"azure with a path", func(p *Profile) { p.Provider, p.APIVersion, p.Model = "azure", "2024-10-21", "a/../b" }, "models.a.model"},
		{"version without azure", func(p *Profile) { p.APIVersion = "2024-10-21" }, "models.a.api_version"},
		{"good", func(p *Profile) {
			p.Provider, p.APIVersion, p.DataClass, p.Projects, p.Prompt, p.MaxTokens = "azure", "2024-10-21-preview", ClassRestricted, []string{"main/**"}, "short", 500
		}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := good
			tt.set(&p)
			got := ""
			if err := p.Validate(); err != nil {
				got, _, _ = strings.Cut(err.Error(), ": ")
			}
			if got != tt.want {
				t.Errorf("Validate complains of %q, want %q", got, tt.want)
			}
		})
	}
	if (Profile{}).Short() || !(Profile{Prompt: "short"}).Short() {
		t.Error("only short is short")
	}
}
