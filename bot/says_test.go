// SPDX-License-Identifier: Apache-2.0

package bot

import (
	"go/ast"
	"go/parser"
	gotoken "go/token"
	"strconv"
	"strings"
	"testing"
)

// constants reads the string constants of a file whose names begin with a
// prefix.
func constants(t *testing.T, file, prefix string) map[string]string {
	t.Helper()
	f, err := parser.ParseFile(gotoken.NewFileSet(), file, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	ast.Inspect(f, func(n ast.Node) bool {
		v, ok := n.(*ast.ValueSpec)
		if !ok || len(v.Values) != 1 || !strings.HasPrefix(v.Names[0].Name, prefix) {
			return true
		}
		if lit, ok := v.Values[0].(*ast.BasicLit); ok && lit.Kind == gotoken.STRING {
			s, err := strconv.Unquote(lit.Value)
			if err != nil {
				t.Fatal(err)
			}
			out[v.Names[0].Name] = s
		}
		return true
	})
	if len(out) == 0 {
		t.Fatalf("%s has no constants that begin with %s", file, prefix)
	}
	return out
}

func TestSaysEveryReason(t *testing.T) {
	all := constants(t, "decide.go", "Reason")
	for name, v := range constants(t, "policy.go", "Off") {
		if v != "" {
			all[name] = ReasonOff + ":" + v
		}
	}
	for name, v := range constants(t, "../summarize/silence.go", "Silent") {
		all[name] = ReasonNothing + ":" + v
	}
	told := map[string]string{}
	for name, reason := range all {
		s := says[reason]
		switch {
		case s == "":
			t.Errorf("%s (%s) has no sentence in says.go", name, reason)
		case told[s] != "":
			t.Errorf("%s and %s say the same", name, told[s])
		case !strings.HasSuffix(s, ".") || len(s) > 120 || strings.ContainsAny(s, "<>`"):
			t.Errorf("%s: %q is no plain sentence", name, s)
		}
		told[s] = name
	}
	if len(told) != len(says) {
		t.Errorf("says.go has %d sentences for %d reasons", len(says), len(told))
	}
}

func TestSaysUnknown(t *testing.T) {
	for reason, want := range map[string]string{
		"nothing-to-add:of-a-later-version": says[ReasonNothing],
		"of-a-later-version":                "of-a-later-version",
		"":                                  "",
	} {
		if got := Says(reason); got != want {
			t.Errorf("%q: got %q, want %q", reason, got, want)
		}
	}
}
