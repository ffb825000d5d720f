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
		{
			"a method beside the change", "src/S.java",
			" class S {\n-  int x = 3;\n+  int x = 4;\n   int getX() {\n     return x;\n   }\n   void move() {\n-    run(x);\n+    run(x, 1);\n   }\n }\n",
			[]string{"`S` and `move`"},
			[]string{"getX"},
		},
		{
			"a line behind a function", "s.go",
			" type S struct {\n 	n int\n }\n \n-func (s *S) Get() int { return s.n }\n+func (s *S) Get() int { return s.n + 1 }\n",
			[]string{"s.go: in `S.Get`, `func (s *S) Get() int { return s.n }` becomes"},
			[]string{"in `S`"},
		},
		{
			"a variable in a folder of tests", "e2e/rig/server.go",
			" package rig\n \n-var changes atomic.Int64\n \n func Start() {\n }\n",
			nil,
			[]string{"tests go away"},
		},
		{"a helper among tests", "a_test.go", " package a\n \n-func newClient() {\n-}\n", nil, []string{"tests go away"}},
		{"a test", "a_test.go", " package a\n \n-func TestIt(t *testing.T) {\n-}\n", []string{"tests go away: `TestIt`"}, nil},
		{"a marked test", "src/ATest.java", " class ATest {\n-  @Test\n-  public void denies() {\n-  }\n }\n", []string{"tests go away: `denies`"}, nil},
		{
			"an optional field", "user.ts",
			"-export interface User { id?: string; name: string }\n+export interface User { id?: number; name: string }\n",
			nil,
			[]string{"the condition"},
		},
		{"a condition", "user.ts", "-  if (user.old) {\n+  if (user.gone) {\n     x();\n", []string{"the condition was `if (user.old) {`"}, nil},
		{"what a condition leads to", "user.ts", "-  if (user.old) { return 3; }\n+  if (user.old) { return 4; }\n     x();\n", nil, []string{"the condition"}},
		{
			"a name in a string", "rule.go",
			" func rules() {\n-	add(1)\n+	add(`pscale_(?:tkn|pw)_\\w+`)\n+	add(\"call(me)\", 'x') // see other(x)\n+	wait(1)\n }\n",
			[]string{"`rules` now has `add("},
			[]string{"calls of `pscale", "call`", "other`"},
		},
		{
			"a string of many lines", "rule.go",
			" func rules() {\n+	add(`\n+func Inner() {\n+}\n+	inner(1)\n+`)\n }\n",
			nil,
			[]string{"Inner", "inner"},
		},
		{
			"the version of the project itself", "pom.xml",
			"+<project>\n+  <artifactId>e2e-gerrit</artifactId>\n+  <version>1</version>\n+  <dependencies>\n+    <dependency>\n+      <artifactId>guava</artifactId>\n+      <version>33.0</version>\n+    </dependency>\n",
			[]string{"guava 33.0"},
			[]string{"e2e-gerrit 1"},
		},
		{"an unknown element", "pom.xml", "   <artifactId>x</artifactId>\n-  <version>1</version>\n+  <version>2</version>\n   <name>X</name>\n", nil, []string{"x 1"}},
		{
			"six settings", "app.yaml",
			"-a1: 1\n-a2: 1\n-a3: 1\n-a4: 1\n-a5: 1\n-a6: 1\n+a1: 2\n+a2: 2\n+a3: 2\n+a4: 2\n+a5: 2\n+a6: 2\n",
			[]string{"`a6` from `1` to `2`"},
			nil,
		},
		{"an import goes", "lib.py", " import os\n-import sys\n \n x = 1\n", []string{"imports only: `import sys` removed"}, []string{"Changes lib.py."}},
		{
			"indentation", "lib.go", strings.Repeat("-  call(one, two)\n", 20) + strings.Repeat("+	call(one, two)\n", 20),
			[]string{"Only white space changes in lib.go."},
			[]string{"largest piece", "look:"},
		},
		{"indentation that decides", "lib.py", "     if x:\n-        y()\n+    y()\n", []string{"Only white space changes in lib.py.", "`y()` is indented by 4 columns and was by 8"}, nil},
		{
			"line ends", "lib.go", strings.Repeat("-call(one, two)\n", 20) + strings.Repeat("+call(one, two)\r\n", 20),
			[]string{"Only white space changes in lib.go."},
			[]string{"largest piece"},
		},
		{"an arrow in a heading", "README.md", "+# From a -> b\n text\n", []string{"`From a -> b`"}, []string{"›"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := patch(t, modified(tt.file, tt.hunk))
			d := Offline(Input{Patch: p})
			checkSafe(t, d, p)
			says(t, string(print(d)), tt.want, tt.not)
		})
	}
}

func TestBinaryOnly(t *testing.T) {
	for _, diff := range []string{
		"diff --git a/logo.png b/logo.png\nnew file mode 100644\nBinary files /dev/null and b/logo.png differ\n",
		"diff --git a/logo.png b/logo.png\nindex 1111111..2222222 100644\nBinary files a/logo.png and b/logo.png differ\n",
		"diff --git a/logo.png b/logo.png\ndeleted file mode 100644\nBinary files a/logo.png and /dev/null differ\n",
		"diff --git a/logo.png b/logo.png\nold mode 100644\nnew mode 100755\n",
	} {
		if d := Offline(Input{Patch: patch(t, diff), Message: text("new logo")}); d.Silent == "" || d.Unread {
			t.Errorf("%s\nthin %v, unread %v; want thin alone:\n%s", diff, d.Silent, d.Unread, print(d))
		}
	}
}
