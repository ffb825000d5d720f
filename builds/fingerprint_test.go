// SPDX-License-Identifier: Apache-2.0

package builds

import (
	"strconv"
	"testing"

	"review-assistant/review"
)

func TestTemplate(t *testing.T) {
	for _, tt := range []struct{ line, want string }{
		{"/builds/proj-3/src/a.go:12:3: undefined: x9", "a.go:N:N: undefined: x9"},
		{`C:\agent\_work\3\s\a.go:9:3: undefined: x9`, "a.go:N:N: undefined: x9"},
		{"took 1.429 sec", "took N"},
		{"took 12ms", "took N"},
		{"took 12.3 s, then 4 ms", "took N, then N"},
		{"at 0x7f5f778257ff in 4e8932e579d2", "at N in H"},
		{"id 01234567-89ab-cdef-0123-456789abcdef", "id U"},
		{"password «SECRET:password:3» refused", "password «SECRET:password» refused"},
		{"/home/«SECRET:home-path:1»/src/proj/A.java:[1,2]", "A.java:[N,N]"},
		{"in /builds/worker/proj", "in P"},
		{"test_case_12 of 40", "test_case_12 of N"},
		{"//cart:cart_test", "cart:cart_test"},
		{"  many   blanks\t", "many blanks"},
	} {
		if got := string(template(nil, []byte(tt.line))); got != tt.want {
			t.Errorf("template(%q) = %q, want %q", tt.line, got, tt.want)
		}
	}
}

func TestFingerprint(t *testing.T) {
	const window = "=== RUN   TestCart\n    cart_test.go:14: got 1 items, want 0\n--- FAIL: TestCart (0.01s)\nAssertionError: expected empty_cart\n"
	for _, tt := range []struct {
		name, text string
		same       bool
	}{
		{"other run", "2026-05-18 21:04:58.859662 | === RUN   TestCart\n2026-05-18 21:04:58.859662 |     cart_test.go:19: got 1 items, want 0\n2026-05-18 21:04:59.859662 | --- FAIL: TestCart (3.20s)\nAssertionError: expected empty_cart\n##[error]Process completed with exit code 1.\n", true},
		{"noise", "ok \tx/y\t0.1s\nDownloading a-1.jar\n" + window + "The command \"make\" exited with 2.\n", true},
		{"other test", "--- FAIL: TestOrder (0.01s)\nAssertionError: expected empty_cart\n", false},
		{"other reason", "--- FAIL: TestCart (0.01s)\nAssertionError: expected full_cart\n", false},
	} {
		if got := Fingerprint(tt.text) == Fingerprint(window); got != tt.same {
			t.Errorf("%s: the same is %v, want %v", tt.name, got, tt.same)
		}
	}
}

// TestFingerprintsDiffer checks texts of which the strongest line alone says the
// same, and that the same cause in another run keeps its name.
func TestFingerprintsDiffer(t *testing.T) {
	for _, tt := range []struct {
		name, a, b string
		same       bool
	}{
		{"only ends of a pipeline", "+ ./check.sh\nall is old\n[Pipeline] }\n[Pipeline] End of Pipeline\n", "+ ./other.sh\nall is new\n[Pipeline] }\n[Pipeline] End of Pipeline\n", false},
		{"no line that a rule knows", "$ ./check.sh\ndebconf: delaying package configuration\n", "$ ./other.sh\ndebconf: delaying package configuration\n", false},
		{"the same command", "+ ./check.sh\nall is old after 3 s\n", "+ ./check.sh\nall is old after 14 s\n", true},
		{"another package for CMake", "CMake Error at CMakeLists.txt:3 (find_package):\n  Could not find a package configuration file provided by \"Abc\"\n", "CMake Error at CMakeLists.txt:3 (find_package):\n  Could not find a package configuration file provided by \"Xyz\"\n", false},
		{"another test was running", "panic: test timed out after 2s\n\trunning tests:\n\t\tTestA (2s)\n", "panic: test timed out after 2s\n\trunning tests:\n\t\tTestB (2s)\n", false},
		{"another symbol", "[ERROR] /a/B.java:[3,4] cannot find symbol\n  symbol:   method f()\n", "[ERROR] /a/B.java:[3,4] cannot find symbol\n  symbol:   method g()\n", false},
		{"another module to collect", "E   ModuleNotFoundError: No module named 'a'\nERROR t/test_x.py\n", "E   ModuleNotFoundError: No module named 'b'\nERROR t/test_x.py\n", false},
		{"another title of mocha", "  1 failing\n  1) Cart\n       empties:\n     Error: x\n", "  1 failing\n  1) Cart\n       fills:\n     Error: x\n", false},
		{"another code of ruff", "F401 x\n --> a/b.py:1:8\n", "E711 x\n --> a/b.py:1:8\n", false},
		{"an artifact in other words", "Could not find artifact a.b:c:jar:1.2 in central", "Could not resolve dependencies for project x:y:jar:1: a.b:c:jar:1.2 was not found in https://repo.example/ during a previous attempt", true},
		{"another artifact", "Could not find artifact a.b:c:jar:1.2 in central", "Could not find artifact a.b:d:jar:1.2 in central", false},
		{"a new release of a package", "ERROR: Could not find a version that satisfies the requirement a==9 (from versions: 1.0)", "ERROR: Could not find a version that satisfies the requirement a==9 (from versions: 1.0, 1.1)", true},
		{"threads in another order", "thread 'a' panicked at src/a.rs:1:2:\nno a\nthread 'b' panicked at src/b.rs:1:2:\nno b\n", "thread 'b' panicked at src/b.rs:1:2:\nno b\nthread 'a' panicked at src/a.rs:1:2:\nno a\n", true},
	} {
		if got := Fingerprint(tt.a) == Fingerprint(tt.b); got != tt.same {
			t.Errorf("%s: the same is %v, want %v", tt.name, got, tt.same)
		}
	}
}

// TestLastWordsFingerprint checks logs without a line that a rule knows: each
// is a failure of its own.
func TestLastWordsFingerprint(t *testing.T) {
	of := func(log string) string {
		_, d := read(t, log, ReadOptions{})
		return d.Failures[0].Fingerprint
	}
	const end = "[Pipeline] }\n[Pipeline] // stage\n[Pipeline] End of Pipeline\nERROR: script returned exit code 1\nFinished: FAILURE\n"
	const begin = "[Pipeline] { (Check)\n[Pipeline] sh\n"
	a := of(begin + "+ ./check.sh\nthe list is old\n" + end)
	if a != of("Started by x\n"+begin+"+ ./check.sh\nthe list is old\n"+end) {
		t.Error("the same in another run differs")
	}
	for _, other := range []string{"+ ./check.sh\nthe list is long\n", "+ ./links.sh\nthe list is old\n"} {
		if a == of(begin+other+end) {
			t.Errorf("%q is the same", other)
		}
	}
}

// TestFailureFingerprint checks that the spelling of a test's name by another
// runner or report does not make another failure.
func TestFailureFingerprint(t *testing.T) {
	ex := []review.BuildLine{{Number: 3, Text: "E   AssertionError: 1 != 2"}}
	a := fingerprint("tests/test_a.py::TestB::test_c", "E   AssertionError: 1 != 2", ex)
	if b := fingerprint("tests.test_a.TestB.test_c", "E   AssertionError: 3 != 4", nil); a != b {
		t.Error("the same test and reason in other words differ")
	}
	if b := fingerprint("tests/test_a.py::TestB::test_d", "E   AssertionError: 1 != 2", ex); a == b {
		t.Error("another test is the same")
	}
	if b := fingerprint("tests/test_a.py::TestB::test_c", "E   KeyError: 'x'", nil); a == b {
		t.Error("another reason is the same")
	}
}

func TestExcerptOf(t *testing.T) {
	lines := []string{"java.lang.AssertionError: expected:<1> but was:<2>", "\tat org.junit.Assert.fail(Assert.java:1)", "", "\tat a.BTest.c(BTest.java:12)"}
	ex, focus, category := excerptOf(lines, 30)
	if focus != 0 || category != "test" || len(ex) != 3 {
		t.Errorf("got %v, %d, %q", ex, focus, category)
	}
	if ex, _, category := excerptOf(nil, 30); ex != nil || category != "unknown" {
		t.Errorf("got %v, %q for nothing", ex, category)
	}
}

func TestPlace(t *testing.T) {
	for _, r := range frameRules() {
		if r.re.FindStringSubmatch(r.example) == nil {
			t.Errorf("%q does not fit", r.example)
		}
	}
	for log, want := range map[string]string{
		"java.lang.AssertionError: x\n\tat org.junit.Assert.fail(Assert.java:1)\n\tat a.BTest.c(BTest.java:12)\n": "BTest.java:12",
		"/builds/shop/shop/cart/a.go:3:4: undefined: x\n":                                                         "cart/a.go:3",
		"--- FAIL: TestX (0.1s)\n    x_test.go:14: got 1\n":                                                       "x_test.go:14",
		"Traceback:\n  File \"/usr/lib/python3/dist-packages/x.py\", line 1, in f\n  File \"shop/a.py\", line 3, in g\n    h()\n  File \"/usr/lib/python3/dist-packages/y.py\", line 9, in h\n    raise ValueError\nValueError: x\n": "shop/a.py:3",
		"error[E0425]: cannot find value\n  --> src/cart.rs:12:9\n": "src/cart.rs:12",
	} {
		_, d := read(t, log, ReadOptions{})
		got := ""
		if f := d.Failures[0]; f.File != "" {
			got = f.File + ":" + strconv.Itoa(f.Line)
		}
		if got != want {
			t.Errorf("%q names %q, want %q", log, got, want)
		}
	}
}
