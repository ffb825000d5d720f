// SPDX-License-Identifier: Apache-2.0

package reviewers_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"review-assistant/reviewers"
)

// The table of docs/reviewers.md is the formula.
func TestDocs(t *testing.T) {
	data, err := os.ReadFile("../docs/reviewers.md")
	if err != nil {
		t.Fatal(err)
	}
	told := map[string]string{}
	for line := range strings.Lines(string(data)) {
		cells := strings.Split(line, "|")
		if len(cells) < 4 || !strings.HasPrefix(strings.TrimSpace(cells[1]), "`") {
			continue
		}
		weights := strings.Split(cells[2], ",")
		for i, name := range strings.Split(cells[1], ",") {
			if name = strings.Trim(name, " `"); i < len(weights) && told[name] == "" {
				told[name] = strings.TrimSpace(weights[i])
			}
		}
	}
	for name, weight := range reviewers.SignalWeights() {
		if want := fmt.Sprint(weight); told[name] != want {
			t.Errorf("docs/reviewers.md says %q of %s, its weight is %s", told[name], name, want)
		}
	}
}
