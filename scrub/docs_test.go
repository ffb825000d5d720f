// SPDX-License-Identifier: Apache-2.0

package scrub

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write docs/scrub-rules.md")

// TestDocs checks that docs/scrub-rules.md lists the rules; -update writes it.
func TestDocs(t *testing.T) {
	const path = "../docs/scrub-rules.md"
	want := rulesPage()
	if *update {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, string(got)); d != "" {
		t.Errorf("docs/scrub-rules.md is behind the rules; run make docs (-want +got):\n%s", d)
	}
}

// rulesPage renders the table of formats, each kind once.
func rulesPage() string {
	yes := map[bool]string{true: "yes", false: "no"}
	var rows []string
	for _, rules := range families() {
		for _, r := range rules {
			row := fmt.Sprintf("| `%s` | %s | %s | <%s> |\n", r.ID, yes[r.Check != nil], yes[r.Check != nil || r.Sure], r.Source)
			if !slices.Contains(rows, row) {
				rows = append(rows, row)
			}
		}
	}
	slices.Sort(rows)
	var b strings.Builder
	b.WriteString(`# Formats that the scrubber knows by their shape

Generated from ` + "`scrub/rules_*.go`" + `: run ` + "`make docs`" + ` after a change. Beside these it reads places: values under telling
names, URLs and connection strings with passwords, headers, command lines, netrc and its like, private keys, and runs of
characters too rare to be words. The kind stands in the placeholder, ` + "`«SECRET:kind:n»`" + `.

"Checked" kinds carry a checksum or a structure that is verified; what fails is removed all the same. "Unambiguous" kinds
belong to one provider's secret alone, a checked one where it passes: of those an author can be told.

| kind | checked | unambiguous | described at |
|---|---|---|---|
`)
	for _, r := range rows {
		b.WriteString(r)
	}
	return b.String()
}
