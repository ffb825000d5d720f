// SPDX-License-Identifier: Apache-2.0

package summarize

import (
	"testing"
)

// What only moves is neither new nor gone, and is no white space.
func TestOrder(t *testing.T) {
	const head = "diff --git a/o.go b/o.go\n--- a/o.go\n+++ b/o.go\n"
	tests := []struct {
		name, diff string
		want       []string
		not        []string
	}{
		{
			"a guard moves below what it guards", head + "@@ -1,7 +1,7 @@\n func Run(u User) error {\n-\tif !allowed(u) {\n-\t\treturn errDenied\n-\t}\n \tcharge(u)\n \tcommit(u)\n+\tif !allowed(u) {\n+\t\treturn errDenied\n+\t}\n \treturn nil\n",
			[]string{"Only the order of lines changes in o.go.", "o.go:4 `if !allowed(u) {` stands behind `commit(u)` now and stood above `charge(u)`"},
			[]string{"white space", "goes away"},
		},
		{
			"white space in a literal", head + "@@ -1,2 +1,2 @@\n package o\n-var s = \"a b\"\n+var s = \"a  b\"\n", []string{"becomes"}, []string{"white space"},
		},
		{
			"white space", head + "@@ -1,3 +1,3 @@\n package o\n-var a  = 1\n-  var b = \"x y\"\n+var a = 1\n+\tvar b = \"x y\"\n", []string{"Only white space changes in o.go."}, nil,
		},
		{
			"a function moves to another file", head + "@@ -1,5 +1,2 @@\n package o\n-func helper(n int) {\n-\tpanic(\"no helper today\")\n-}\n var x int\n" +
				"diff --git a/h.go b/h.go\nnew file mode 100644\n--- /dev/null\n+++ b/h.go\n@@ -0,0 +1,4 @@\n+package o\n+func helper(n int) {\n+\tpanic(\"no helper today\")\n+}\n",
			[]string{"New file h.go takes over `helper` from o.go"},
			[]string{"can end here", "removes", "drops"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := Offline(Input{Patch: patch(t, tt.diff)})
			got := string(print(d))
			for _, p := range d.Look {
				got += p.Place().String() + " " + p.Why.String() + "\n"
			}
			says(t, got, tt.want, tt.not)
		})
	}
}
