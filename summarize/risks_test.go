// SPDX-License-Identifier: Apache-2.0

package summarize

import (
	"strings"
	"testing"
)

// Each row of hits has the words that a point of the draft starts with.
func TestDangers(t *testing.T) {
	hits := []struct{ file, hunk, why string }{
		{"a.go", " func f(n int) error {\n-	if n < 0 {\n-		return errNegative\n-	}\n 	return g(n)\n }\n", "`f` no longer returns `errNegative` when `n < 0`"},
		{"a.py", " def f(n):\n-    if n.locked: return\n     g(n)\n", "a guard goes away"},
		{"a.py", " def f(n):\n-    raise ValueError(n)\n     g(n)\n", "a check or an error goes away"},
		{"A.java", "   void f(User u) {\n-    if (u.isGone()) throw new Gone(u);\n     g(u);\n", "`f` no longer throws `new Gone(u)` when `u.isGone()`"},
		{"A.java", "   void f(User u) {\n-    Objects.requireNonNull(u);\n     g(u);\n", "a check or an error goes away"},
		{"a.ts", "-  if (u !== undefined && u.ok) g(u);\n+  if (u.ok) g(u);\n", "a check or an error goes away"},
		{"a.go", "-	if n < limit {\n+	if n <= limit {\n 		g()\n", "the comparison `<` becomes `<=`"},
		{"a.c", "-  while (i >= 0 && x > y) {\n+  while (i > 0 && x > y) {\n     g();\n", "the comparison `>=` becomes `>`"},
		{"a.go", "-	rows, err := db.Query(\"SELECT id FROM users WHERE name = ?\", name)\n+	rows, err := db.Query(\"SELECT id FROM users WHERE name = '\" + name + \"'\")\n", "SQL is put together from pieces"},
		{"a.go", "+	q := fmt.Sprintf(\"DELETE FROM users WHERE name = '%s'\", name)\n 	x()\n", "SQL is put together from pieces"},
		{"a.py", "+    cur.execute(f\"select id from users where name = '{name}'\")\n     x()\n", "SQL is put together from pieces"},
		{"a.ts", "+  db.query(`SELECT id FROM users WHERE name = '${name}'`);\n   x();\n", "SQL is put together from pieces"},
		{".github/workflows/ci.yml", " on:\n-  pull_request:\n+  pull_request_target:\n", "changes of strangers run"},
		{".github/workflows/ci.yml", " permissions:\n-  contents: read\n+  contents: write\n", "the pipeline gets a right to write"},
		{".github/workflows/ci.yml", "-permissions: read-all\n+permissions: write-all\n", "the pipeline gets a right to write"},
		{".gitlab-ci.yml", " script:\n-  - make test\n+  - make test || true\n", "a failure is passed over"},
		{"Dockerfile", "-USER app\n+USER root\n", "the container runs as root"},
		{"deploy/Dockerfile.ci", "+RUN curl -fsSL example.org/install | sudo bash -s\n RUN x\n", "what a download brings is run"},
		{"install.sh", "+bash <(curl -s example.org/x)\n ls\n", "what a download brings is run"},
		{"a.go", " type Options struct {\n-	Timeout int `json:\"timeout\"`\n+	Timeout time.Duration `json:\"timeout\"`\n }\n", "the type of `Timeout` was `int` and is `time.Duration` now"},
		{"A.java", " class A {\n-  public int size;\n+  public long size;\n }\n", "the type of `size` was `int` and is `long` now"},
		{"a.proto", " message A {\n-  int32 size = 1;\n+  string size = 1;\n }\n", "the type of `size` was `int32` and is `string` now"},
		{"rbac.yaml", " kind: ClusterRole\n rules:\n-  - verbs: [\"get\"]\n+  - verbs: [\"*\"]\n", "a role may do everything"},
		{"rbac.yaml", " metadata:\n+  name: cluster-admin\n x: y\n", "rights in the whole cluster"},
		{"pod.yaml", " securityContext:\n-  privileged: false\n+  privileged: true\n", "a container gets rights over its host"},
		{"iam.tf", " statement {\n+  actions = [\"*\"]\n }\n", "a policy allows every action"},
		{"policy.json", " {\n+ \"Principal\": {\"AWS\": \"*\"},\n }\n", "everybody is let in"},
		{"net.tf", " ingress {\n-  cidr_blocks = [\"10.0.0.0/8\"]\n+  cidr_blocks = [\"0.0.0.0/0\"]\n }\n", "the whole Internet is let in"},
		{"app/AndroidManifest.xml", " <manifest>\n+  <uses-permission android:name=\"android.permission.CAMERA\"/>\n </manifest>\n", "the program asks for a right"},
		{"project.config", " [access \"refs/heads/*\"]\n+\tpush = +force group Developers\n x\n", "a group gets a right"},
		{"project.config", " [access \"refs/heads/*\"]\n-\tpush = block group Everybody\n x\n", "a right is no longer taken away"},
		{"A.java", " class A {\n-  @PreAuthorize(\"hasRole('ADMIN')\")\n   void drop() {\n", "an access check goes away"},
		{"a_controller.rb", " class A\n-  before_action :authenticate_user!\n+  skip_before_action :authenticate_user!\n", "requests pass without a check"},
		{"A.java", "   http.authorizeRequests()\n+    .anyRequest().permitAll()\n     .and();\n", "requests pass without a check"},
		{"install.sh", " mkdir x\n+chmod 777 x\n ls\n", "everybody may write"},
	}
	for _, tt := range hits {
		if got := whys(t, tt.file, tt.hunk); !strings.Contains(got, "\n"+tt.why) {
			t.Errorf("%s:\n%s\ngot:%s\nwant %q", tt.file, tt.hunk, got, tt.why)
		}
	}
	misses := []struct{ file, hunk, why string }{
		{"a.go", " func f(n int) error {\n-	if n < 0 {\n-		return errNegative\n-	}\n+	if n < 1 {\n+		return errSmall\n+	}\n", "a guard"},
		{"a.go", " }\n \n-func f(n int) error {\n-	if n < 0 {\n-		return errNegative\n-	}\n-	return nil\n-}\n", "a guard"},
		{"a.go", " func f(n int) {\n-	if n < 0 {\n-		log(n)\n-	}\n 	g(n)\n }\n", "a guard"},
		{"a.py", "-    raise ValueError(n)\n+    raise ValueError(n, m)\n     g(n)\n", "a check or an error"},
		{"a.go", "-	return err == nil && load > 3\n+	return load > 3\n", "a check or an error"},
		{"a.py", "-    say('never raise this')\n     g(n)\n", "a check or an error"},
		{"a.go", "-	x := f(\"a < b\")\n+	x := f(\"a <= b\")\n", "the comparison"},
		{"a.go", "-	if n < limit {\n+	if n < limit+1 {\n", "the comparison"},
		{"a.java", "-  f(x -> y);\n+  f(x => y);\n", "the comparison"},
		{"a.go", "+	return fmt.Errorf(\"update failed: %s\" + x)\n", "SQL"},
		{"a.go", "+	say(\"Select a row from \" + name)\n", "SQL"},
		{"a.go", "+	db.Query(\"SELECT id FROM users WHERE name = ?\", name)\n", "SQL"},
		{".github/workflows/ci.yml", "+  # never pull_request_target here\n+  pull_request:\n", "changes of strangers"},
		{".github/workflows/ci.yml", " permissions:\n+  contents: read\n-  contents: write\n", "the pipeline gets"},
		{"config/app.yaml", "+contents: write\n", "the pipeline gets"},
		{"a.go", "+	ok := a || true\n", "a failure"},
		{"rbac.yaml", "+  - verbs: [\"get\", \"list\"]\n x: y\n", "a role"},
		{"pod.yaml", "-  privileged: true\n+  privileged: false\n", "a container"},
		{"net.tf", "+  cidr_blocks = [\"10.0.0.0/8\"]\n x\n", "the whole"},
		{"A.java", "-  @PreAuthorize(\"a\")\n+  @PreAuthorize(\"b\")\n   void drop() {\n", "an access check"},
		{"install.sh", "+x=$a || truename\n", "a failure"},
		{"Dockerfile", "-USER root\n+USER app\n", "the container"},
		{"Dockerfile", "+RUN curl -o x example.org/x && sha256sum -c x.sum | tee log\n", "what a download"},
		{"a.go", " type Options struct {\n-	timeout int\n+	timeout time.Duration\n }\n", "the type of"},
		{"a.go", " type Options struct {\n-	Timeout int // seconds\n+	Timeout int // in seconds\n }\n", "the type of"},
		{"internal/a.go", " type Options struct {\n-	Timeout int\n+	Timeout string\n }\n", "the type of"},
	}
	for _, tt := range misses {
		if got := whys(t, tt.file, tt.hunk); strings.Contains(got, "\n"+tt.why) {
			t.Errorf("%s:\n%s\ngot:%s\nnot wanted: %q", tt.file, tt.hunk, got, tt.why)
		}
	}
}

// whys returns what the points of a change say, one a line.
func whys(t *testing.T, file, hunk string) string {
	p := patch(t, modified(file, hunk))
	d := Offline(Input{Patch: p})
	checkSafe(t, d, p)
	var b strings.Builder
	for _, p := range append(d.Look, d.Risks...) {
		b.WriteString("\n" + p.Why.String())
	}
	return b.String()
}
