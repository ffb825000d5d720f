// SPDX-License-Identifier: Apache-2.0

package llm

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"review-assistant/llm/llmtest"
	"review-assistant/prompts"
)

func TestRepair(t *testing.T) {
	tests := []struct {
		mode  llmtest.Mode
		words string
	}{
		{llmtest.Blank, "it was empty"},
		{llmtest.Prose, "no JSON object"},
		{llmtest.CutJSON, "no JSON object"},
		{llmtest.Truncated, "cut off at the output limit"},
		{llmtest.WrongSchema, "did not fit the schema"},
	}
	for _, tt := range tests {
		t.Run(string(tt.mode), func(t *testing.T) {
			s := llmtest.New(llmtest.Good)
			s.Then(tt.mode)
			a, err := Ask(t.Context(), model(t, s, Profile{}, Options{}), prompt(t), nil)
			if err != nil || a.Requests != 2 {
				t.Fatalf("Ask = %+v, %v; want success in two requests", a, err)
			}
			all := s.Requests()
			added, ok := strings.CutPrefix(all[1].User, all[0].User)
			if !ok || !strings.Contains(added, tt.words) {
				t.Errorf("the repair adds %q, want %q", added, tt.words)
			}
			if first := s.Answers()[0]; len(first) > 40 && strings.Contains(all[1].User, first[:40]) {
				t.Error("the repair holds the unscrubbed answer")
			}
			if want := (len(all[0].System) + len(all[0].User)) / 4; a.Usage.Prompt < 2*want {
				t.Errorf("usage %+v does not count both requests", a.Usage)
			}
		})
	}
}

func TestValidateAnswer(t *testing.T) {
	s := llmtest.New(llmtest.Good)
	m := model(t, s, Profile{}, Options{})
	calls := 0
	a, err := Ask(t.Context(), m, prompt(t), func(b []byte) error {
		calls++
		if !json.Valid(b) || calls == 1 {
			return errors.New("not this one " + canary)
		}
		return nil
	})
	if err != nil || calls != 2 || a.Requests != 2 {
		t.Errorf("Ask = %+v, %v after %d checks", a, err, calls)
	}
	_, err = Ask(t.Context(), m, prompt(t), func([]byte) error { return errors.New(canary) })
	if Reason(err) != CodeMalformed {
		t.Errorf("Ask = %v", err)
	}
	noEcho(t, err)
}

func TestReason(t *testing.T) {
	for _, tt := range []struct {
		err  error
		want Code
	}{
		{nil, ""},
		{fmt.Errorf("x: %w", &Error{Code: CodeRefused}), CodeRefused},
		{fmt.Errorf("x: %w", &BudgetError{}), CodeBudget},
		{fmt.Errorf("x: %w", context.DeadlineExceeded), CodeTimeout},
		{errors.New("x"), CodeUnavailable},
	} {
		if got := Reason(tt.err); got != tt.want {
			t.Errorf("Reason(%v) = %q, want %q", tt.err, got, tt.want)
		}
	}
}

func TestExtract(t *testing.T) {
	deep := strings.Repeat(`{"a":`, 20_000)
	tests := []struct {
		name, in, want string
		problem        prompts.Problem
	}{
		{"bare", ` {"a":1} `, `{"a":1}`, ""},
		{"fence", "```json\n{\"a\":1}\n```", `{"a":1}`, ""},
		{"prose around", `Sure! {"a":1} Anything else?`, `{"a":1}`, ""},
		{"thoughts", `<think>{"draft":"much longer than it"}</think>{"a":1}`, `{"a":1}`, ""},
		{"thoughts without start", `hm {"draft":"longer"} </think> {"a":1}`, `{"a":1}`, ""},
		{"tag in a value", `{"a":"</think>"}`, `{"a":"</think>"}`, ""},
		{"thoughts cut off", `<think> maybe {"a":1}`, "", prompts.ProblemEmpty},
		{"longest wins", `{"a":1} or {"a":1,"b":2} or {}`, `{"a":1,"b":2}`, ""},
		{"brace in prose", `use {braces} like {"a":1}`, `{"a":1}`, ""},
		{"empty", " \n", "", prompts.ProblemEmpty},
		{"prose", "no", "", prompts.ProblemNoJSON},
		{"list", "[1,2]", "", prompts.ProblemNoJSON},
		{"cut", `{"a":[1,`, "", prompts.ProblemNoJSON},
		{"deep", deep, "", prompts.ProblemNoJSON},
		{"many braces", strings.Repeat("{", 100_000) + `{"a":1}`, "", prompts.ProblemNoJSON},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, problem := extract(tt.in)
			if string(got) != tt.want || problem != tt.problem {
				t.Errorf("extract = %q, %q; want %q, %q", got, problem, tt.want, tt.problem)
			}
		})
	}
}

func FuzzExtract(f *testing.F) {
	for _, s := range []string{`{"a":1}`, "```json\n{}\n```", `<think>{</think>{"b":[]}`, `{"a":"{"}}`, "\xff{", "{}{}{", `x{"a":{"b":1}}y`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, problem := extract(s)
		if (got == nil) != (problem != "") {
			t.Fatalf("extract(%q) = %q, %q", s, got, problem)
		}
		if got == nil {
			return
		}
		var object map[string]any
		if err := json.Unmarshal(got, &object); err != nil {
			t.Fatalf("extract(%q) = %q, which is not an object: %v", s, got, err)
		}
		if !strings.Contains(s, string(got)) {
			t.Fatalf("extract(%q) = %q, which is not part of it", s, got)
		}
	})
}
