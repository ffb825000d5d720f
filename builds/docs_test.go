// SPDX-License-Identifier: Apache-2.0

package builds

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// TestDocsHaveTheWeights keeps the table of the page and the one that decides
// the same; -update writes it.
func TestDocsHaveTheWeights(t *testing.T) {
	const begin, end = "<!-- weights -->\n", "<!-- end of weights -->\n"
	var table strings.Builder
	table.WriteString("| evidence, and why it counts | change | preexisting | flaky | infra | at most |\n|---|---|---|---|---|---|\n")
	for _, w := range weights() {
		table.WriteString("| " + w.why)
		for _, x := range w.perClass() {
			table.WriteString(" |")
			if x != 0 {
				fmt.Fprintf(&table, " %+g", x)
			}
		}
		fmt.Fprintf(&table, " | %g |\n", w.most)
	}
	found := false
	for _, page := range []string{"../docs/builds.md", "../docs/builds-ranking.md"} {
		body, err := os.ReadFile(page)
		if os.IsNotExist(err) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		head, rest, is := strings.Cut(string(body), begin)
		if !is {
			continue
		}
		old, tail, is := strings.Cut(rest, end)
		if !is {
			t.Fatalf("%s: the table has no end", page)
		}
		found = true
		if *update && old != table.String() {
			if err := os.WriteFile(page, []byte(head+begin+table.String()+end+tail), 0o666); err != nil {
				t.Fatal(err)
			}
		} else if old != table.String() {
			t.Errorf("%s has other weights than the code; run go test ./builds -update", page)
		}
	}
	if !found {
		t.Error("no page has the table of weights")
	}
}
