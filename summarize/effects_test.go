// SPDX-License-Identifier: Apache-2.0

package summarize

import (
	"testing"
)

// What a hunk does is said with its code, in every language alike.
func TestEffects(t *testing.T) {
	tests := []struct {
		name, file, hunk string
		want, not        []string
	}{
		{
			"a guard in Go", "a.go", " func (p *Pool) Take() error {\n+	if p.open >= p.limit {\n+		return ErrFull\n+	}\n 	return nil\n }\n",
			[]string{"`Pool.Take` now returns `ErrFull` when `p.open >= p.limit`"},
			nil,
		},
		{
			"an error that was not asked for", "a.go", " func run() error {\n 	err := load(\"x\")\n+	if err != nil {\n+		return err\n+	}\n 	return nil\n }\n",
			[]string{"`run` now returns `err` when `load(\"x\")` fails"},
			nil,
		},
		{
			"a guard that goes and one that comes", "a.go", " func run(n int) error {\n-	if n < 0 {\n-		return errNegative\n-	}\n-	log(n)\n+	if busy() {\n+		return errBusy\n+	}\n 	return nil\n }\n",
			[]string{"no longer returns `errNegative` when `n < 0`", "returns `errBusy` when `busy()`"},
			nil,
		},
		{
			"a guard that is written otherwise", "a.go", " func run(n int) error {\n-	if n < 0 {\n-		return errNegative\n-	}\n-	work(n)\n+	if !(n < 0) {\n+		work(n)\n+	}\n 	return nil\n }\n",
			[]string{"now does `work(n)` only when `!(n < 0)`"},
			[]string{"no longer returns"},
		},
		{
			"a guard in a new function", "a.go", " package a\n+func run(n int) error {\n+	if n < 0 {\n+		return errNegative\n+	}\n+	return nil\n+}\n",
			[]string{"adds `run`"},
			[]string{"now returns"},
		},
		{
			"a nested way out is not that of its branch", "a.go", " func run(n int) error {\n+	if n > 0 {\n+		for range n {\n+			return errLoop\n+		}\n+	}\n 	return nil\n }\n",
			nil,
			[]string{"now returns `errLoop`"},
		},
		{
			"Java without braces", "src/A.java", " class A {\n   int size(int n) {\n+    if (n < 0) throw new IllegalArgumentException(\"negative numbers make no sense at all here\");\n     return n;\n   }\n }\n",
			[]string{"`size` now throws `IllegalArgumentException` when `n < 0`"},
			nil,
		},
		{
			"a condition of two lines", "a.c", " static int probe(int a, int b)\n {\n+	if (a < 0 ||\n+	    b < 0)\n+		goto fail;\n 	return 0;\n }\n",
			[]string{"now does `goto fail` when `a < 0 || b < 0`"},
			nil,
		},
		{
			"Python", "a.py", " def pick(items):\n+    if not items:\n+        return None\n     return items[0]\n",
			[]string{"`pick` now returns `None` when `not items`"},
			nil,
		},
		{
			"what is caught", "a.py", " def load(name):\n-    return parse(read(name))\n+    try:\n+        return parse(read(name))\n+    except (OSError, ValueError) as e:\n+        return None\n",
			[]string{"`load` now catches `(OSError, ValueError)`"},
			nil,
		},
		{
			"Kotlin", "A.kt", " class A {\n     fun first(id: Id?): Item {\n+        val key = id ?: return Item.EMPTY\n         return load(id)\n     }\n }\n",
			[]string{"now returns `Item.EMPTY` when `id` is null"},
			nil,
		},
		{
			"TypeScript", "a.ts", " export function open(id: string) {\n-  return api.get(id);\n+  return api.get(id, { cache: false });\n }\n",
			[]string{"`open` now returns `api.get(id, { cache: false })` instead of `api.get(id)`"},
			nil,
		},
		{
			"Rust", "a.rs", " fn check(n: usize) -> Result<(), Error> {\n+    if n > MAX {\n+        return Err(Error::TooLarge);\n+    }\n     Ok(())\n }\n",
			[]string{"`check` now returns `Err(Error::TooLarge)` when `n > MAX`"},
			nil,
		},
		{
			"Ruby", "a.rb", " def accept\n+  raise Expired unless fresh?\n+  return if done?\n   save!\n end\n",
			[]string{"`accept` now raises `Expired` unless `fresh?` and returns when `done?`"},
			nil,
		},
		{
			"PHP", "a.php", " class A {\n     public function find(int $id) {\n+        if ($id < 1) {\n+            throw new NotFound();\n+        }\n         return $this->get($id);\n     }\n }\n",
			[]string{"`find` now throws `new NotFound()` when `$id < 1`"},
			nil,
		},
		{
			"a shell", "a.sh", " deploy() {\n+  [ -n \"$1\" ] || exit 64\n   push\n }\n",
			[]string{"`deploy` now does `exit 64` when `[ -n \"$1\" ]` fails"},
			nil,
		},
		{
			"a case", "a.go", " func kind(s string) int {\n 	switch s {\n 	case \"a\":\n 		return 1\n+	case \"b\":\n+		return 2\n 	}\n 	return 0\n }\n",
			[]string{"`kind` now returns `2` on `case \"b\"`"},
			nil,
		},
		{
			"a way out under a lock", "a.c", " static int store(struct s *s)\n {\n 	mutex_lock(&s->lock);\n+	if (write(s) < 0)\n+		return -EIO;\n 	mutex_unlock(&s->lock);\n 	return 0;\n }\n",
			[]string{"look: a.c:14 `return -EIO` leaves between `mutex_lock(&s->lock)` and `mutex_unlock(&s->lock)`"},
			nil,
		},
		{
			"a way out that gives the lock back", "a.go", " func (s *S) get() int {\n 	s.mu.Lock()\n+	if s.done {\n+		s.mu.Unlock()\n+		return 0\n+	}\n 	s.mu.Unlock()\n 	return 1\n }\n",
			nil,
			[]string{"leaves between"},
		},
		{
			"a lock that is given back in any case", "a.go", " func (s *S) get() int {\n 	s.mu.Lock()\n 	defer s.mu.Unlock()\n+	if s.done {\n+		return 0\n+	}\n 	return 1\n }\n",
			nil,
			[]string{"leaves between"},
		},
		{
			"a loop over something else", "a.rs", " fn sum(b: &[u8]) {\n-    for c in b[4..].chunks(8) {\n+    for c in b[4..n].chunks_exact(8) {\n         add(c);\n     }\n }\n",
			[]string{"`for c in b[4..].chunks(8)` becomes `for c in b[4..n].chunks_exact(8)`"},
			nil,
		},
		{
			"a property that a component takes", "a.tsx", "-export function Row({ id }: Props) {\n+export function Row({ id, small = false }: Props) {\n   return id;\n }\n",
			[]string{"`Row` also takes `small = false`"},
			[]string{"callers of"},
		},
		{
			"what is still called", "a.go", " func run(j Job) {\n-	j.Do()\n+	if err := j.Do(ctx); errors.Is(err, errStop) {\n+		queue(j)\n+	}\n 	wait()\n }\n",
			[]string{"`run` now does `queue(j)` when"},
			[]string{"no longer has"},
		},
		{
			"a parameter and a way out", "lib.py", " import os\n-def find(name):\n+def find(name, deep=False):\n+    if not deep:\n+        return None\n     return walk(name)\n",
			[]string{"`find` also takes `deep=False` and now returns `None` when `not deep`"},
			nil,
		},
		{
			"what a callback returns", "a.ts", " export function use(id: string) {\n   effect(() => {\n+    if (!id) return;\n     load(id);\n   });\n }\n",
			[]string{"a block inside of `use` now returns when `!id`"},
			nil,
		},
		{
			"what a closure returns", "a.go", " func walk() error {\n 	return each(func(n int) error {\n+		if n < 0 {\n+			return errNegative\n+		}\n 		return use(n)\n 	})\n }\n",
			[]string{"a block inside of `walk` now returns `errNegative` when `n < 0`"},
			nil,
		},
		{
			"a statement that moves", "a.go", " func run() {\n-	lock()\n 	open()\n+	lock()\n 	use()\n }\n",
			nil,
			[]string{"now has", "no longer has"},
		},
		{
			"an error that nobody throws now", "src/A.java", " class A {\n   void put(int n) {\n-    if (n < 0) {\n-      throw new TooSmall(n);\n-    }\n-    add(n);\n+    if (n > max) {\n+      throw new TooLarge(n);\n+    }\n     save(n);\n   }\n }\n",
			[]string{"look: src/A.java:12 `put` no longer throws `new TooSmall(n)` when `n < 0`"},
			[]string{"- A.java: `put` no longer"},
		},
		{
			"everything is caught", "a.py", " def load(name):\n+    try:\n+        warm(name)\n+    except Exception:\n+        log(name)\n     return read(name)\n",
			[]string{"look: a.py:13 every kind of error is caught: `except Exception:`"},
			nil,
		},
		{
			"a comment at the end of a line", "a.go", " type T struct {\n-	a    int // one of them\n+	a    int // two of them\n-	b    string\n+	bb   string // the name\n }\n",
			[]string{"`bb string`"},
			[]string{"two of them", "the name"},
		},
		{
			"braces on their own lines", "A.cs", " class A\n {\n     public int Get(int id)\n     {\n+        if (id < 0)\n+        {\n+            throw new NotFound();\n+        }\n         return id;\n     }\n }\n",
			[]string{"`Get` now throws `new NotFound()` when `id < 0`"},
			nil,
		},
		{
			"a way out that only got braces", "a.cpp", " int read(int n) {\n-  if (n < 0) return fail(n);\n+  if (n < 0) {\n+    if (n == AGAIN) return again();\n+    return fail(n);\n+  }\n   return n;\n }\n",
			[]string{"`read` now returns `again()` when `n == AGAIN`"},
			[]string{"returns `fail(n)`"},
		},
		{
			"an arm", "a.rs", " fn run(k: Kind) -> u8 {\n     match k {\n         Kind::A => 1,\n+        Kind::B if wide() => 2,\n     }\n }\n",
			[]string{"`run` has the new branch `Kind::B if wide() => 2`"},
			nil,
		},
		{
			"a variable that catches", "a.ts", " export function f() {\n+  try {\n     g();\n+  } catch (e) {\n+    h(e);\n+  }\n }\n",
			[]string{"`f` now catches what is thrown"},
			nil,
		},
		{
			"a dependency beside code", "build.gradle.kts", " dependencies {\n-    implementation(\"a.b:c:1.0\")\n+    implementation(\"a.b:c:2.0\")\n }\n",
			[]string{"`a.b:c 1.0 -> 2.0`"},
			[]string{"implementation"},
		},
		{
			"an entry without a name", "docker-compose.yml", " services:\n   db:\n-    image: postgres:15.4\n+    image: postgres:17.2\n     ports:\n-      - \"127.0.0.1:5432:5432\"\n+      - \"5432:5432\"\n",
			[]string{"`postgres 15.4 -> 17.2`", "becomes `- \"5432:5432\"`"},
			[]string{"`image`"},
		},
		{
			"a comment behind what is returned", "a.go", " func f(n int) int {\n+	if n < 0 { // never\n+		return 0 // as before\n+	}\n 	return n\n }\n",
			[]string{"`f` now returns `0` when `n < 0`"},
			[]string{"never", "as before"},
		},
		{
			"a comment is no statement", "a.go", " func run() {\n-	// one\n+	// two\n 	work()\n }\n",
			nil,
			[]string{"now has", "becomes"},
		},
		{
			"code in a string", "a.go", " func run() string {\n-	return \"x\"\n+	return `\n+	if bad {\n+		return nil\n+	}`\n }\n",
			nil,
			[]string{"when `bad`"},
		},
		{
			"a clean-up", "a.go", " func run() {\n 	f := open()\n+	defer f.Close()\n 	use(f)\n }\n",
			[]string{"`run` now has `defer f.Close()`"},
			nil,
		},
		{
			"an optional parameter", "lib.py", "-def find(name):\n+def find(name, deep=False):\n     pass\n",
			[]string{"`find` also takes `deep=False`"},
			[]string{"callers of"},
		},
		{
			"a parameter that callers have to pass", "a.go", " package a\n-func Find(name string) {\n+func Find(name string, deep bool) {\n }\n",
			[]string{"callers of `Find` outside of this change have to pass `deep bool` too"},
			nil,
		},
		{
			"another result", "a.go", " package a\n-func Find(name string) {\n+func Find(name string) error {\n }\n",
			[]string{"still fit? It is now `func Find(name string) error`, was `func Find(name string)`"},
			nil,
		},
		{
			"a number that means something else", "a.proto", " message A {\n-  string name = 2;\n+  string title = 2;\n }\n",
			[]string{"field number 2 was `name` and is `title` now"},
			nil,
		},
		{
			"a number that is kept", "a.proto", " message A {\n+  reserved 2, 4;\n-  string name = 2;\n }\n",
			nil,
			[]string{"from being used again"},
		},
		{
			"an entry of a list", "app.yaml", " spec:\n   env:\n     - name: DIR\n       value: /x\n+    - name: LIMIT\n+      value: \"5\"\n",
			[]string{"`LIMIT` of `env` added as `\"5\"`"},
			[]string{"`name` of", "`value` of"},
		},
		{
			"a block that goes", "app.yaml", " web:\n-  probe:\n-    path: /x\n-    port: 80\n   image: a\n",
			[]string{"`probe` of `web` removed"},
			[]string{"`path`", "`port`"},
		},
		{
			"a block that is replaced", "app.yaml", "-web:\n-  port: 80\n+web:\n+  port: 81\n",
			[]string{"`port` of `web` from `80` to `81`"},
			nil,
		},
		{
			"a column without a default", "db/1.sql", "+ALTER TABLE carts\n+  ADD COLUMN rank int NOT NULL,\n+  ADD COLUMN kind int NOT NULL DEFAULT 0;\n",
			[]string{"what do rows that exist hold? `ALTER TABLE carts ADD COLUMN rank int NOT NULL`"},
			[]string{"hold? `ALTER TABLE carts ADD COLUMN kind"},
		},
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
