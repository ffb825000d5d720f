// SPDX-License-Identifier: Apache-2.0

package review

import "testing"

func TestPastKey(t *testing.T) {
	tests := []struct{ project, branch, changeKey, commit, want string }{
		{"a/b", "main", "I1", "c", "a/b~main~I1"},
		{"a/b", "refs/heads/main", "I1", "c", "a/b~main~I1"},
		{"a~b", "x/y", "", "c", "a~b~x/y~c"},
		{"a", "refs/meta/config", "I1", "", "a~refs/meta/config~I1"},
	}
	for _, tt := range tests {
		got := PastKey(tt.project, tt.branch, tt.changeKey, tt.commit)
		if got != tt.want || PastProject(got) != tt.project {
			t.Errorf("PastKey(%q, %q, %q, %q) = %q, want %q; PastProject() = %q", tt.project, tt.branch, tt.changeKey, tt.commit, got, tt.want, PastProject(got))
		}
	}
	for _, key := range []string{"", "a", "a~b"} {
		if got := PastProject(key); got != "" {
			t.Errorf("PastProject(%q) = %q, want none", key, got)
		}
	}
}
