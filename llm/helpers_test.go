// SPDX-License-Identifier: Apache-2.0

package llm

import (
	"bytes"
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"review-assistant/llm/llmtest"
	"review-assistant/prompts"
	"review-assistant/review"
	"review-assistant/scrub"
)

var update = flag.Bool("update", false, "rewrite golden files")

// canary stands in every prompt of these tests and must not stand in an error.
const canary = "canaryword"

func prompt(t testing.TB) prompts.Prompt {
	t.Helper()
	p, err := prompts.RenderFrom(bytes.NewReader(make([]byte, 8)), prompts.Summarize{
		Subject: scrub.Lit("pay: " + canary), Message: scrub.Lit("pay: " + canary), Branch: scrub.Lit("main"), PatchSet: 1,
		Files: []prompts.File{prompts.FileOf(scrub.File{Path: scrub.Lit("pay/authorize.go"), Status: review.FileModified, Added: 2, Removed: 1})},
		Diff:  scrub.Lit("# pay/authorize.go (+2 -1)\n@@ +86 func Authorize(ctx context.Context)\n a\n-b\n+func retryable(err error) bool {\n+}\n"),
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// model returns a model whose server is s, without a socket.
func model(t testing.TB, s *llmtest.Server, p Profile, o Options) Model {
	t.Helper()
	p.Name, p.Model = "default", "test-model"
	if p.URL == "" {
		p.URL = "http://model.invalid/v1"
	}
	o.Transport = s.Transport()
	m, err := Open(p, o)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// noEcho fails when an error tells of prompt or answer.
func noEcho(t *testing.T, err error) {
	t.Helper()
	if err != nil && (strings.Contains(err.Error(), canary) || strings.Contains(err.Error(), "<<<") || strings.Contains(err.Error(), "doctype")) {
		t.Errorf("the error holds text of the exchange: %v", err)
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(name, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), got); d != "" {
		t.Errorf("%s (-want +got):\n%s", name, d)
	}
}
