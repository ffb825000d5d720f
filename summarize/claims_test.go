// SPDX-License-Identifier: Apache-2.0

package summarize

import (
	"fmt"
	"strings"
	"testing"
)

// modified makes a patch of one file from the lines of one hunk.
func modified(name, hunk string) string {
	var old, now int
	for l := range strings.Lines(hunk) {
		if l[0] != '+' {
			old++
		}
		if l[0] != '-' {
			now++
		}
	}
	return fmt.Sprintf("diff --git a/%[1]s b/%[1]s\n--- a/%[1]s\n+++ b/%[1]s\n@@ -10,%d +10,%d @@\n%s", name, old, now, hunk)
}

// Each change has words that a computed draft may say of it or may not.
func TestClaims(t *testing.T) {
	tests := []struct {
		name, file, hunk string
		want, not        []string
	}{
		{"a method beside the change", "src/S.java",
			" class S {\n-  int x = 3;\n+  int x = 4;\n   int getX() {\n     return x;\n   }\n   void move() {\n-    run(x);\n+    run(x, 1);\n   }\n }\n",
			[]string{"`S` and `move`"}, []string{"getX"}},
		{"a line behind a function", "s.go",
			" type S struct {\n 	n int\n }\n \n-func (s *S) Get() int { return s.n }\n+func (s *S) Get() int { return s.n + 1 }\n",
			[]string{"s.go line"}, []string{"in `S`"}},
		{"a variable in a folder of tests", "e2e/rig/server.go",
			" package rig\n \n-var changes atomic.Int64\n \n func Start() {\n }\n",
			nil, []string{"tests go away"}},
		{"a helper among tests", "a_test.go", " package a\n \n-func newClient() {\n-}\n", nil, []string{"tests go away"}},
		{"a test", "a_test.go", " package a\n \n-func TestIt(t *testing.T) {\n-}\n", []string{"tests go away: `TestIt`"}, nil},
		{"a marked test", "src/ATest.java", " class ATest {\n-  @Test\n-  public void denies() {\n-  }\n }\n", []string{"tests go away: `denies`"}, nil},
		{"an optional field", "user.ts",
			"-export interface User { id?: string; name: string }\n+export interface User { id?: number; name: string }\n",
			nil, []string{"the condition"}},
		{"a condition", "user.ts", "-  if (user.old) {\n+  if (user.gone) {\n     x();\n", []string{"the condition was `if (user.old) {`"}, nil},
		{"what a condition leads to", "user.ts", "-  if (user.old) { return 3; }\n+  if (user.old) { return 4; }\n     x();\n", nil, []string{"the condition"}},
		{"a name in a string", "rule.go",
			" func rules() {\n-	add(1)\n+	add(`pscale_(?:tkn|pw)_\\w+`)\n+	add(\"call(me)\", 'x') // see other(x)\n+	wait(1)\n }\n",
			[]string{"calls of `wait`"}, []string{"calls of `pscale", "call`", "other"}},
		{"a string of many lines", "rule.go",
			" func rules() {\n+	add(`\n+func Inner() {\n+}\n+	inner(1)\n+`)\n }\n",
			nil, []string{"Inner", "inner"}},
		{"the version of the project itself", "pom.xml",
			"+<project>\n+  <artifactId>e2e-gerrit</artifactId>\n+  <version>1</version>\n+  <dependencies>\n+    <dependency>\n+      <artifactId>guava</artifactId>\n+      <version>33.0</version>\n+    </dependency>\n",
			[]string{"guava 33.0"}, []string{"e2e-gerrit 1"}},
		{"an unknown element", "pom.xml", "   <artifactId>x</artifactId>\n-  <version>1</version>\n+  <version>2</version>\n   <name>X</name>\n", nil, []string{"x 1"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := patch(t, modified(tt.file, tt.hunk))
			d := Offline(Input{Patch: p})
			checkSafe(t, d, p)
			got := string(print(d))
			for _, w := range tt.want {
				if !strings.Contains(got, w) {
					t.Errorf("lacks %q:\n%s", w, got)
				}
			}
			for _, w := range tt.not {
				if strings.Contains(got, w) {
					t.Errorf("says %q:\n%s", w, got)
				}
			}
		})
	}
}
