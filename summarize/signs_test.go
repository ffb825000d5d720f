// SPDX-License-Identifier: Apache-2.0

package summarize

import (
	"fmt"
	"strings"
	"testing"

	"review-assistant/llm"
)

// poolDiff renames and moves, changes numbers, adds three tests, and deletes.
const poolDiff = `diff --git a/pool/pool.go b/pool/pool.go
--- a/pool/pool.go
+++ b/pool/pool.go
@@ -10,17 +10,15 @@ package pool
 // Pool holds connections.
 type Pool struct {
-	maxIdle int
+	idleLimit int
 	clock   Clock
 }
 
-const retries = 3
+const retries = 5
 
 func (p *Pool) Get() *Conn {
-	p.legacyTrace("get")
+	p.tracer.Span("get")
 	return p.take(retries)
 }
-
-func parseAddress(s string) string {
-	return strings.TrimSpace(s)
-}
+
+func (p *Pool) drainAll() {}
 
diff --git a/pool/address.go b/pool/address.go
new file mode 100644
--- /dev/null
+++ b/pool/address.go
@@ -0,0 +1,5 @@
+package pool
+
+func parseAddress(s string) string {
+	return strings.TrimSpace(s)
+}
diff --git a/pool/address_test.go b/pool/address_test.go
new file mode 100644
--- /dev/null
+++ b/pool/address_test.go
@@ -0,0 +1,8 @@
+package pool
+
+func TestPlain(t *testing.T) {
+}
+func TestBlank(t *testing.T) {
+}
+func TestPort(t *testing.T) {
+}
diff --git a/pool/old.go b/pool/old.go
deleted file mode 100644
--- a/pool/old.go
+++ /dev/null
@@ -1,3 +0,0 @@
-package pool
-
-func dialTwice() {}
diff --git a/docs/pool.md b/docs/guide/pool.md
similarity index 100%
rename from docs/pool.md
rename to docs/guide/pool.md
diff --git a/app.yaml b/app.yaml
--- a/app.yaml
+++ b/app.yaml
@@ -4,3 +4,3 @@
 pool:
-  timeout: 30s
+  timeout: 45s
   workers: 8
`

func TestSignsOfLines(t *testing.T) {
	v := verify(t, Input{Patch: patch(t, poolDiff), PatchSet: 1, Subject: text("pool: tidy up"), Message: text("pool: tidy up\n"), Branch: text("main"), Clean: clean})
	keep := func(want bool, list string) {
		t.Helper()
		for s := range strings.SplitSeq(strings.TrimSpace(list), "\n") {
			if s = strings.TrimSpace(s); s != "" && v.keeps(s) != want {
				t.Errorf("kept %v (%s): %s", !want, v.reason(s), s)
			}
		}
	}
	keep(true, "Adds `drainAll` to `Pool`.\n"+`
		Adds drainAll() to the pool.
		Add pool/address.go with parseAddress.
		Adds a guard for clock, which the pool holds.
		This change introduces idleLimit instead of maxIdle.
		Removes legacyTrace and dialTwice.
		Removes parseAddress from pool/pool.go.
		Deletes pool/old.go.
		pool/old.go is deleted.
		Renames maxIdle to idleLimit.
		maxIdle is renamed to idleLimit.
		Renames docs/pool.md to docs/guide/pool.md.
		Moves parseAddress from pool/pool.go to pool/address.go.
		Moves parseAddress to address.go.
		Replaces legacyTrace() with a call of tracer.Span().
		Changes retries from 3 to 5.
		The pool timeout goes up from 30s to 45s.
		Raises retries from three to five.
		Adds three tests for parseAddress.
		Adds two new files to the pool.
		One file is renamed, and the pool keeps its clock.
		Six files are changed around the pool.
		Does not add a second clock to the pool.
		The pool no longer calls legacyTrace.
		No longer calls legacyTrace in Get().
		Get() now calls tracer.Span().
		The pool removes clock when it is closed.
		Drops support for the old clock of Pool.
		See pool/pool.go:16 for the retries.
		Lines 10 to 24 of pool/pool.go hold the pool.
		The pool keeps 8 workers.
		Does anybody still call `+"`legacyTrace`"+`, now that the pool is removed?
		The pool waits 2 minutes at most.
	`)
	keep(true, "Get() starts with `p.tracer.Span(\"get\")` in the pool.\nThe pool sets `timeout: 45s` and `const retries = 5`.\nThe body `func (p *Pool) Get() *Conn { … return p.take(retries)` of the pool stays.\n`pool/pool.go:16` holds the retries.")
	keep(false, "Adds `legacyTrace` to `Pool`.\nRemoves `drainAll`.\nAdds `Clock` to the pool.\n"+`
		Adds maxIdle to the pool.
		Adds the file pool/pool.go.
		Creates pool/old.go for the pool.
		Removes idleLimit from the pool.
		Deletes pool/address.go.
		Deletes app.yaml and the pool.
		pool/pool.go is deleted.
		legacyTrace is added.
		Removes the clock, and adds maxIdle to the pool.
		Renames idleLimit to maxIdle.
		idleLimit was renamed to maxIdle.
		Renames docs/guide/pool.md to docs/pool.md.
		Renames drainAll to dialTwice.
		Moves parseAddress from pool/address.go to pool/pool.go.
		Moves drainAll from pool/old.go to pool/pool.go.
		Replaces tracer.Span() with legacyTrace().
		Changes retries from 5 to 3.
		Changes retries from 3 to 8.
		Raises retries from three to nine.
		Lowers the pool timeout from 45s to 30s.
		Adds four tests for parseAddress.
		Adds three new files to the pool.
		Deletes two files of the pool.
		Nine files are changed around the pool.
		Adds 20 lines to pool.go.
		No longer calls tracer.Span() in Get().
		Get() now calls legacyTrace().
		See pool/pool.go:90 for the retries.
		Line 90 of pool/pool.go holds the retries.
		The pool keeps 9 workers.
		The pool waits 250ms between tries.
		The pool reads os.Getenv at start.
		The pool starts with --verbose.
		Fixes ghsa-aaaa-bbbb-cccc in the pool.
	`)
	keep(false, "The pool sets `const retries = 3 + 5`.\nThe pool checks `if p.clock == retries`.\n`pool/pool.go:90` holds the retries.\nThe pool calls `Drain`, a piece of another name.")
}

// Verbs are English; figures and names are not.
func TestOtherLanguages(t *testing.T) {
	v := verify(t, Input{Patch: patch(t, poolDiff), PatchSet: 1, Subject: text("pool"), Message: text("pool"), Branch: text("main"), Clean: clean, Language: "de"})
	for s, want := range map[string]bool{
		"Entfernt `drainAll` aus dem Pool.":            true,
		"Adds `legacyTrace`, sagt der Satz.":           true,
		"Ruft `chargeTwice` auf.":                      false,
		"Siehe pool/pool.go:90.":                       false,
		"Der Wert steht in pool/pool.go:16.":           true,
		"Wartet 250ms zwischen zwei Versuchen.":        false,
		"Benennt `maxIdle` in `idleLimit` um.":         true,
		"Behebt CVE-2024-12345 in `Pool`.":             false,
		"Freigabe: Code-Review+2 für `Pool`, bitte.":   false,
		"Mehr dazu auf https://evil.example/ im Pool.": false,
	} {
		if v.keeps(s) != want {
			t.Errorf("kept %v: %s", !want, s)
		}
	}
}

// An answer of which more than half does not hold is asked for again, and
// then given up.
func TestMostlyUnfounded(t *testing.T) {
	const yes, no = "Authorize calls post with a context.", "Authorize calls chargeTwice."
	answers := func(good, bad int) string {
		var a answer
		for range bad {
			a.Bullets = append(a.Bullets, no)
		}
		for i := range good {
			a.Bullets = append(a.Bullets, yes[:len(yes)-1]+strings.Repeat(" again", i)+".")
		}
		return reply(t, a)
	}
	lookFor := func(path string) string {
		a := answer{Bullets: []string{yes, no}}
		a.Look = append(a.Look, struct {
			Path   string `json:"path"`
			Line   int    `json:"line"`
			Reason string `json:"reason"`
		}{path, 67, "post may fail"})
		return reply(t, a)
	}
	tests := []struct {
		name    string
		replies []string
		want    string // fallback
		asked   int
	}{
		{"half", []string{answers(2, 2)}, "", 1},
		{"more than half", []string{answers(2, 3)}, FallbackUnverifiable, 2},
		{"more than half, then good", []string{answers(2, 3), answers(2, 1)}, "", 2},
		{"more than half, then broken", []string{answers(2, 3), "{"}, FallbackUnverifiable, 2},
		{"broken, then more than half", []string{"{", answers(1, 2)}, FallbackUnverifiable, 2},
		{"many good ones beyond what is shown", []string{answers(9, 3)}, "", 1},
		{"a place in no file", []string{lookFor("pay/ghost.go")}, FallbackUnverifiable, 2},
		{"a place", []string{lookFor("pay/authorize.go")}, "", 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := &obedient{replies: tt.replies}
			d, err := Summarizer{Model: m}.Summarize(t.Context(), payInput(t))
			if err != nil {
				t.Fatal(err)
			}
			if d.Fallback != tt.want || len(m.asked) != tt.asked || (d.Model == "") != (tt.want != "") {
				t.Errorf("fallback %q, model %q after %d requests; want %q after %d", d.Fallback, d.Model, len(m.asked), tt.want, tt.asked)
			}
			for _, b := range d.Bullets {
				if strings.Contains(b.String(), "chargeTwice") || tt.want != "" && strings.Contains(b.String(), "Authorize calls post") {
					t.Errorf("says %q", b)
				}
			}
		})
	}
	if FallbackUnverifiable == string(llm.CodeMalformed) {
		t.Error("the two cannot be told apart")
	}
}

// A hostile answer that names much costs little: each name is looked up once.
func TestManyClaims(t *testing.T) {
	var diff strings.Builder
	diff.WriteString("diff --git a/big.go b/big.go\n--- a/big.go\n+++ b/big.go\n@@ -1,0 +1,20000 @@\n")
	for i := range 20_000 {
		fmt.Fprintf(&diff, "+\tvalue%d := compute(%d)\n", i, i)
	}
	in := Input{Patch: patch(t, diff.String()), PatchSet: 1, Subject: text("x"), Message: text("x"), Branch: text("main"), Clean: clean}
	var a answer
	for i := range 12 {
		var s strings.Builder
		s.WriteString("Adds ")
		for j := 0; s.Len() < 580; j++ {
			fmt.Fprintf(&s, "`value%d`, ", i*100+j)
		}
		a.Bullets = append(a.Bullets, s.String()+"and more.")
		a.Questions = append(a.Questions[:min(len(a.Questions), 7)], a.Bullets[i])
	}
	m := &obedient{replies: []string{reply(t, a)}}
	if _, err := (Summarizer{Model: m}).Summarize(t.Context(), in); err != nil {
		t.Fatal(err)
	}
	v := verify(t, in)
	for _, b := range a.Bullets {
		v.keeps(b)
	}
	if n := len(v.sides.known); n == 0 || n > 12*maxObjects {
		t.Errorf("%d names looked up", n)
	}
}
