// SPDX-License-Identifier: Apache-2.0

package review_test

import (
	"slices"
	"strings"
	"testing"

	"review-assistant/review"
)

func TestSearchWords(t *testing.T) {
	for _, tt := range []struct {
		search string
		want   []string
		valid  bool
	}{
		{"", nil, true},
		{"retry  payments", []string{"retry", "payments"}, true},
		{`" OR status:open OR message:"`, []string{"OR", "status:open", "OR", "message:"}, true},
		{`a\"b`, []string{"a", "b"}, true},
		{"^.*$ ^^x", []string{"x"}, true},
		{"-- … !", nil, false},
		{"pay/retry.go", []string{"pay/retry.go"}, true},
		{"a\x00b\nc\u202ed\xff", []string{"a", "b", "c", "d"}, true},
		{"größe 日本", []string{"größe", "日本"}, true},
		{strings.Repeat("a ", 10), slices.Repeat([]string{"a"}, 10), true},
		{strings.Repeat("a ", 11), slices.Repeat([]string{"a"}, 11), false},
		{strings.Repeat("ö", 201), []string{strings.Repeat("ö", 201)}, false},
	} {
		if got := review.SearchWords(tt.search); !slices.Equal(got, tt.want) {
			t.Errorf("SearchWords(%q) = %q, want %q", tt.search, got, tt.want)
		}
		if got := review.ValidSearch(tt.search); got != tt.valid {
			t.Errorf("ValidSearch(%q) = %v", tt.search, got)
		}
	}
}

func TestValidBranch(t *testing.T) {
	for _, good := range []string{"main", "release/1.2", "refs/meta/config", "größe", "a-b_c+d", "x@y"} {
		if !review.ValidBranch(good) {
			t.Errorf("%q is no branch", good)
		}
	}
	for _, bad := range []string{
		"", "^main", "a b", `a"b`, `a\b`, "a..b", "/a", "a/", "a//b", ".a", "a/.b", "a.lock", "a.lock/b", "a.", "a:b", "a~1", "a?", "a*", "a[b", "@{u}",
		"a\x00", "a\n", "a\u202eb", "a\xff", "\ufffd", strings.Repeat("a", 201),
	} {
		if review.ValidBranch(bad) {
			t.Errorf("%q is a branch", bad)
		}
	}
}
