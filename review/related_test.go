// SPDX-License-Identifier: Apache-2.0

package review_test

import (
	"strings"
	"testing"

	"review-assistant/review"
)

func TestParseOrigin(t *testing.T) {
	a, b := strings.Repeat("a1", 20), strings.Repeat("b2", 20)
	tests := []struct {
		name, message string
		want          review.Origin
	}{
		{"neither", "Retry payments\n\nBecause.\n", review.Origin{}},
		{"a revert of Gerrit", "Revert \"Retry\"\n\nThis reverts commit " + a + ".\n\nReason for revert: it failed\n", review.Origin{Reverts: a}},
		{"a revert of a merge", "Revert \"Merge\"\n\nThis reverts commit " + a + ", reversing\nchanges made to " + b + ".\n", review.Origin{Reverts: a}},
		{"without a full stop", "Revert\n\nThis reverts commit " + a, review.Origin{Reverts: a}},
		{"Windows lines", "Revert\r\n\r\nThis reverts commit " + a + ".\r\n", review.Origin{Reverts: a}},
		{"a pick", "Retry\n\n(cherry picked from commit " + b + ")\nChange-Id: I1\n", review.Origin{Picked: b}},
		{"the first counts", "R\n\n(cherry picked from commit " + a + ")\n(cherry picked from commit " + b + ")\n", review.Origin{Picked: a}},
		{"both", "R\n\nThis reverts commit " + a + ".\n\n(cherry picked from commit " + b + ")\n", review.Origin{Reverts: a, Picked: b}},
		{"a short id", "R\n\nThis reverts commit " + a[:12] + ".\n", review.Origin{}},
		{"too long an id", "R\n\nThis reverts commit " + a + "a.\n(cherry picked from commit " + b + "b)\n", review.Origin{}},
		{"no hex", "R\n\nThis reverts commit " + strings.Repeat("g", 40) + ".\n", review.Origin{}},
		{"capitals", "R\n\nThis reverts commit " + strings.ToUpper(a) + ".\n", review.Origin{}},
		{"quoted", "R\n\n> This reverts commit " + a + ".\n", review.Origin{}},
		{"in a sentence", "R\n\nsee: (cherry picked from commit " + b + ")\n", review.Origin{}},
		{"an open bracket", "R\n\n(cherry picked from commit " + b + "\n", review.Origin{}},
		{"a proper one behind a broken one", "R\n\nThis reverts commit abc.\nThis reverts commit " + a + ".\n", review.Origin{Reverts: a}},
		{"too far down", "R\n\n" + strings.Repeat("x\n", 32<<10) + "This reverts commit " + a + ".\n", review.Origin{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := review.ParseOrigin(tt.message); got != tt.want {
				t.Errorf("ParseOrigin(%.80q) = %+v, want %+v", tt.message, got, tt.want)
			}
		})
	}
}

func TestShort(t *testing.T) {
	for id, want := range map[string]string{"": "", "abc": "abc", strings.Repeat("a", 40): "aaaaaaaaaa"} {
		if got := (review.Commit{Revision: id}).Short(); got != want {
			t.Errorf("Short of %q is %q, want %q", id, got, want)
		}
	}
}
