// SPDX-License-Identifier: Apache-2.0

package catalog

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml/ast"
)

// An empty document hides nothing of what follows it.
func TestEachDoc(t *testing.T) {
	for _, tt := range []struct{ data, want string }{
		{"a: 1\n---\n---\nb: 2\n", "1 4"},
		{"a: 1\n---\n# a comment\n---\nb: 2\n", "1 5"},
		{"a: 1\n---\n \t\n\n---\nb: 2\n", "1 6"},
		{"a: 1\n--- # a comment\n---\nb: 2\n", "1 4"},
		{"---\n---\n---\nb: 2\n---\n---\n", "4"},
		{"a: 1\r\n---\r\n---\r\nb: 2\r\n", "1 4"},
		{"# licence\n---\na: 1\n---\n# end\n", "3"},
		{"a: 1\n---\n...\n---\nb: 2\n", "1 5"},
		{"a: 1\n...\n---\nb: 2\n", "1 4"},
		{"a: 1\n---\nnull\n---\nb: 2\n", "1 5"},
		{"a: 1\n---\n~\n---\n--- {b: 2}\n---\nc: 3", "1 5 7"},
		{"a: |\n  x\n  ---\n\n---\n---\nb: 2\n", "1 7"},
		{"a: |\n---\n---\nb: 2\n", "1 4"},
		{"a: 1\n---x: 3\n---\n---\nb: 2\n", "1 5"},
		{"\ufeffa: 1\n---\n---\nb: 2\n", "1 4"},
		{"\ufeff---\na: 1\n", "2"},
		{"%YAML 1.2\n---\na: 1\n---\n---\nb: 2\n", "3 6"},
		{"---\n---\n", ""},
		{"", ""},
		{"a: \"x\n---\n---\ny\"\n", "f:3: found unexpected document separator"},
		{strings.Repeat("---\n#\n", 20_000) + "---\nb: 2\n", "40002"},
		{strings.Repeat("#", 300<<10), "f: larger than 256 KiB; split it into several files"},
	} {
		var lines []string
		err := eachDoc("f", []byte(tt.data), func(body ast.Node) error {
			lines = append(lines, fmt.Sprint(body.GetToken().Position.Line))
			return nil
		})
		got := strings.Join(lines, " ")
		if err != nil {
			got = err.Error()
		}
		if got != tt.want {
			t.Errorf("eachDoc(%.60q) = %q, want %q", tt.data, got, tt.want)
		}
	}
}

// Documents of every kind in every order: none hides another.
func TestEachDocInAnyOrder(t *testing.T) {
	parts := []string{"", "# x\n", " \n\n", "null\n", "a: 1\n", "a: |\n  x\n\n", "- 1\n# x\n", "{a: 1}\n"}
	const full = 4 // from here on they hold something
	for i := range len(parts) * len(parts) * len(parts) * len(parts) {
		var data string
		var want []int
		for n, left := 0, i; n < 4; n, left = n+1, left/len(parts) {
			if part := left % len(parts); part >= full {
				want = append(want, strings.Count(data, "\n")+2)
			}
			data += "---\n" + parts[left%len(parts)]
		}
		var got []int
		err := eachDoc("f", []byte(data), func(body ast.Node) error {
			got = append(got, body.GetToken().Position.Line)
			return nil
		})
		if err != nil || !slices.Equal(got, want) {
			t.Fatalf("eachDoc(%q) = %v, %v, want %v", data, got, err, want)
		}
	}
}

func TestFileGoesOnBehindEmptyDocument(t *testing.T) {
	list, err := parseYAML("f", []byte("kind: User\nmetadata: {name: ann}\n---\n# nothing\n---\nkind: User\nmetadata: {name: bob}\n"), reading{})
	if err != nil || len(list) != 2 {
		t.Errorf("%d entities, %v", len(list), err)
	}
	p, err := parsePeople("f", []byte("opted_out: [ann]\n---\n---\nopted_out: [bob]\n"))
	if err != nil || !p.optedOut["ann"] || !p.optedOut["bob"] {
		t.Errorf("%+v, %v", p, err)
	}
}
