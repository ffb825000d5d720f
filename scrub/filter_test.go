// SPDX-License-Identifier: Apache-2.0

package scrub

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// TestFilterReusesMemory cleans a diff of many pieces: what is kept of a piece
// must not change when its memory is written again.
func TestFilterReusesMemory(t *testing.T) {
	const files = 60
	rng := rand.New(rand.NewPCG(3, 4))
	var in, want strings.Builder
	for i := range files {
		name := fmt.Sprintf("conf/service-%d.env", i)
		filler := strings.Repeat(fmt.Sprintf("+RETRIES_%d=3\n", i), 20_000)
		head := fmt.Sprintf("diff --git a/%s b/%[1]s\n--- /dev/null\n+++ b/%[1]s\n@@ -0,0 +1,20002 @@\n", name)
		fmt.Fprintf(&in, "%s%s+DB_PASSWORD=%s\n+\x01\x02\xFE\xFF\x03\x00\n", head, filler, fake(rng, "{a20}"))
		fmt.Fprintf(&want, "%s%s+DB_PASSWORD=«SECRET:password:%d»\n+«SECRET:undecodable:%d»\n", head, filler, i+1+min(i, 1), 2)
	}
	s, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	r, err := s.Filter(&out, strings.NewReader(in.String()))
	if err != nil || !r.Partial || len(r.Findings) != files || len(r.Withheld) != files {
		t.Fatalf("Filter: partial %v, %d findings, %d withheld, %v", r.Partial, len(r.Findings), len(r.Withheld), err)
	}
	if got := out.String(); got != want.String() {
		for i, line := range strings.Split(want.String(), "\n") {
			if other := strings.Split(got, "\n")[i]; other != line {
				t.Fatalf("line %d: %q, want %q", i+1, other, line)
			}
		}
	}
	for i := range files {
		name := fmt.Sprintf("conf/service-%d.env", i)
		if f := r.Findings[i]; f.Path.String() != name || f.Line != 20_001 || f.Column != 13 {
			t.Errorf("finding %d is at %v:%d:%d, want %s:20001:13", i, f.Path, f.Line, f.Column, name)
		}
		if w := r.Withheld[i]; w.Path.String() != name || w.Reason != "undecodable" {
			t.Errorf("withheld %d is %v, want %s", i, w, name)
		}
	}
}
