// SPDX-License-Identifier: Apache-2.0

package summarize

import (
	"fmt"
	"strings"
	"testing"

	"review-assistant/review"
)

// source is a diff of Go files with functions, comments and tests, about the
// given number of changed lines.
func source(lines int) string {
	var b strings.Builder
	for f := 0; lines > 0; f++ {
		n := min(lines, 120)
		lines -= n
		fmt.Fprintf(&b, "diff --git a/pay/part%[1]d.go b/pay/part%[1]d.go\n--- a/pay/part%[1]d.go\n+++ b/pay/part%[1]d.go\n@@ -10,%[2]d +10,%[3]d @@ type Client struct {\n", f, n/10*5, n/10*11)
		for i := range n / 10 {
			fmt.Fprintf(&b, " \n // Step%[1]d asks the bank for part %[2]d.\n-func (c *Client) Step%[1]d(r Request) error {\n+func (c *Client) Step%[1]d(ctx context.Context, r Request) error {\n"+
				"+\tif r.Amount > limit%[2]d {\n+\t\treturn ErrTooMuch\n+\t}\n+\tresp, err := c.post(ctx, r)\n+\tif err != nil {\n+\t\treturn fmt.Errorf(\"step %[1]d: %%w\", err)\n+\t}\n-\tresp := c.post(r)\n \treturn resp.Close()\n", i, f)
		}
	}
	return b.String()
}

// BenchmarkThousandLines is everything but the model and the network: parse,
// scrub, analyse, pack, render, verify, decide. The goal is 20 ms.
func BenchmarkThousandLines(b *testing.B) {
	diff := source(1000)
	m := &obedient{replies: []string{`{"title":"t","bullets":["Client.Step1 takes a context."],"why":"","look_first":[{"path":"pay/part0.go","line":13,"reason":"limit0 decides what is too much"}],"reading_order":[],"risks":[],"files":[],"questions":[]}`}}
	for b.Loop() {
		c := scrubber.Begin()
		raw, err := review.ParsePatch([]byte(diff))
		if err != nil {
			b.Fatal(err)
		}
		p, err := c.Patch(raw)
		if err != nil {
			b.Fatal(err)
		}
		m.asked, m.parts = nil, 0
		d, err := Summarizer{Model: m}.Summarize(b.Context(), Input{Patch: p, PatchSet: 1, Subject: text("pay: limit steps"), Message: text("pay: limit steps\n"), Branch: text("main"), Clean: c.Output})
		if err != nil || d.Model == "" {
			b.Fatalf("%v, fallback %q", err, d.Fallback)
		}
	}
}

// BenchmarkTenMegabytes packs a very large change. The goal is 1 s with
// parsing and scrubbing, which go before.
func BenchmarkTenMegabytes(b *testing.B) {
	raw, err := review.ParsePatch([]byte(source(300_000)))
	if err != nil {
		b.Fatal(err)
	}
	p, err := scrubber.Begin().Patch(raw)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		Pack(p, DefaultMaxTokens)
	}
}
