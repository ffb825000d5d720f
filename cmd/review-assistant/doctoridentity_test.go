// SPDX-License-Identifier: Apache-2.0

package main

import (
	"strings"
	"testing"

	"review-assistant/review"
)

func TestOwnerFindings(t *testing.T) {
	file := func(project string, state review.ConfigState) review.ConfigFile {
		return review.ConfigFile{Project: project, State: state}
	}
	const read, hidden = review.ConfigAbsent, review.ConfigNoRead
	for _, tt := range []struct {
		name  string
		chain []review.ConfigFile
		want  []string
	}{
		{"all is read", []review.ConfigFile{file("pay", read), file("All-Projects", read)}, []string{"owners can be found"}},
		{"the project itself is not", []review.ConfigFile{file("pay", hidden), file("All-Projects", read)}, []string{`owners whom "pay" names`}},
		{"parents are not", []review.ConfigFile{file("pay", read), file("base", hidden), file("All-Projects", hidden)}, []string{`owners whom the parent "base" names`, `administrators, and owners whom "All-Projects" names`}},
	} {
		got := ownerFindings(tt.chain)
		if len(got) != len(tt.want) {
			t.Errorf("%s: %v", tt.name, got)
			continue
		}
		for i, want := range tt.want {
			if !strings.HasPrefix(got[i].text, want) {
				t.Errorf("%s: %q, want %q", tt.name, got[i].text, want)
			}
		}
	}
}
