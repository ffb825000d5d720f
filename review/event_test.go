// SPDX-License-Identifier: Apache-2.0

package review

import "testing"

func TestNotesOf(t *testing.T) {
	for _, tt := range []struct {
		ref  string
		want int
	}{
		{"refs/changes/07/7/meta", 7},
		{"refs/changes/34/1234/meta", 1234},
		{"refs/changes/00/100/meta", 100},
		{"refs/changes/34/1234/2", 0},
		{"refs/changes/34/1234/robot-comments", 0},
		{"refs/changes/35/1234/meta", 0},
		{"refs/changes/7/7/meta", 0},
		{"refs/changes/07/07/meta", 0},
		{"refs/changes/00/0/meta", 0},
		{"refs/changes/00/-100/meta", 0},
		{"refs/changes/07/+7/meta", 0},
		{"refs/changes/07/7/x/meta", 0},
		{"refs/changes/7/meta", 0},
		{"refs/changes/99/99999999999999999999/meta", 0},
		{"refs/heads/main", 0},
		{"refs/meta/config", 0},
		{"", 0},
	} {
		if got, ok := NotesOf(tt.ref); got != tt.want || ok != (tt.want > 0) {
			t.Errorf("NotesOf(%q) = %d, %v, want %d", tt.ref, got, ok, tt.want)
		}
	}
}
