// SPDX-License-Identifier: Apache-2.0

package builds

// testRules are what runners of tests print: the JVM, Python, Go, Rust, C and C++.
func testRules() []rule {
	return []rule{
		{
			id: "surefire", tier: tierTest, kind: KindTest, title: true, keys: []string{"<<< failure!", "<<< error!"},
			pattern: `^(?:\[ERROR\]\s+)?(?:(?P<test>[\w$]+[^(<]*?)\s?\((?P<class>[\w.$]+)\)|(?P<test2>[\w$.]+\.[\w$]+\S*))\s.*<<< (?:FAILURE|ERROR)!$`,
			hits:    []string{"[ERROR] testRaw(org.a.BTest)  Time elapsed: 0.022 s  <<< ERROR!", "fileCollision(ch.x.SiftTest)  Time elapsed: 0.52 sec  <<< FAILURE!", "[ERROR] a.b.CTest.works -- Time elapsed: 0.2 s <<< FAILURE!"},
			misses:  []string{"Tests run: 14, Failures: 7, Errors: 0, Skipped: 1, Time elapsed: 0.716 sec <<< FAILURE! - in ch.x.SiftTest"},
			source:  "https://github.com/apache/maven-surefire/blob/master/maven-surefire-common/src/main/java/org/apache/maven/plugin/surefire/report/TestSetStats.java",
		},
		{
			id: "surefire-class", tier: tierCase, kind: KindTest, title: true, keys: []string{"<<< failure!", "<<< error!", "tests in error:", "failed tests:"},
			pattern: `<<< (?:FAILURE|ERROR)!(?: -+ in (?P<class>\S+))?|^(?:Tests in error:|Failed tests:)`,
			hits:    []string{"Tests run: 14, Failures: 7, Errors: 0, Skipped: 1, Time elapsed: 0.716 sec <<< FAILURE! - in ch.x.SiftTest", "Tests in error: ", "Failed tests:   a(b.C): x"},
			source:  "https://maven.apache.org/surefire/maven-surefire-plugin/",
		},
		{
			id: "surefire-listed", tier: tierAssert + 1, kind: KindTest, keys: []string{"test)", "tests)", "testcase)", "it)", "failed tests: ", "tests in error: "},
			pattern: `^(?:\[ERROR\]\s*)?(?:Failed tests:|Tests in error:)?\s+(?P<test>\w+)\((?P<class>[\w.$]+)\)(?::.*)?$`,
			hits:    []string{"Failed tests:   testX(org.a.BTest): expected:<1> but was:<2>", "  testY(org.a.BTest): null"},
			misses:  []string{"testZ(org.a.BTest)  Time elapsed: 0.1 sec"},
			source:  "https://github.com/apache/maven-surefire/blob/surefire-2.12/surefire-api/src/main/java/org/apache/maven/surefire/report/DefaultReporterFactory.java",
		},
		{
			id: "surefire-summary", tier: tierAssert, kind: KindTest, keys: []string{"[error]   ", "[error]     "},
			pattern: `^\[ERROR\]\s{2,}(?P<test>[A-Z][\w$]*(?:\.|->)[\w$]+)(?:\[[^\]]*\])?:(?P<line>\d+)`,
			hits:    []string{"[ERROR]   CommandTest.testRaw:69 » NullPointer", "[ERROR]   ATest.b:12 expected:<1> but was:<2>"},
			source:  "https://github.com/apache/maven-surefire/blob/master/maven-surefire-common/src/main/java/org/apache/maven/plugin/surefire/report/SmartStackTraceParser.java",
		},
		{
			id: "gradle-test", tier: tierTest, kind: KindTest, keys: []string{" failed"},
			pattern: `^(?P<class>[\w.$]+)(?: > (?P<group>.+?))? > (?P<test>.+?)(?: \([\w. ]+\))? FAILED$`,
			hits:    []string{"RetryInterceptorTest > connectTimeout() FAILED", "org.a.TestB > testC[catalogName = x, y = {z}] FAILED", "FooSpec > Nested > does x FAILED"},
			misses:  []string{"> Task :a:test FAILED"},
			source:  "https://docs.gradle.org/current/userguide/java_testing.html",
		},
		{
			id: "junit-ant", tier: tierTest, kind: KindTest, keys: []string{"testcase: ", "test "},
			pattern: `^(?:Testcase: (?P<test>\S+)(?:\((?P<class>[\w.$]+)\))?:?\s+(?:FAILED|Caused an ERROR)|Test (?P<test2>[\w.$]+) FAILED$)`,
			hits:    []string{"Testcase: testNext(a.BTest):	FAILED", "Testcase: testB:	Caused an ERROR", "    [junit] Test a.b.CTest FAILED"},
			source:  "https://github.com/apache/ant/blob/master/src/main/org/apache/tools/ant/taskdefs/optional/junit/PlainJUnitResultFormatter.java",
		},
		{
			id: "junit-console", tier: tierTest, kind: KindTest, keys: []string{"[x] ", "jupiter:", "junit vintage:", "✘ "},
			pattern: `^(?:\s*[|+'│├└─ -]*(?P<test>[\w$]\S*)(?:\(.*\))? (?:\[X\]|✘) |\s+JUnit (?:Jupiter|Vintage):(?P<test2>.+)$)`,
			hits:    []string{"|   '-- works() [X] expected: <1> but was: <2>", "  JUnit Jupiter:ATest:works()"},
			source:  "https://docs.junit.org/current/user-guide/#running-tests-console-launcher",
		},
		{
			id: "testng-scala", tier: tierTest, kind: KindTest, keys: []string{"failed: ", "*** failed ***", "==> x ", "[error] test ", "[error] 	", "[error] x ", "[error]  ! "},
			pattern: `^(?:FAILED: (?P<test>test\w*|[a-z]\w*[A-Z]\w*)(?:\(.*\))?$|==> X (?P<test3>\S+)|\[error\] Test (?P<test4>\S+) failed|\[error\]\s{1,4}[x!] \S)|(?P<test2>\S.*) \*\*\* FAILED \*\*\*`,
			hits:    []string{"FAILED: testX", "[info] - should do x *** FAILED *** (12 milliseconds)", "==> X a.b.C.d  0.1s java.lang.AssertionError", "[error] Test a.BTest.c failed: x"},
			source:  "https://www.scalatest.org/user_guide/using_the_runner",
		},
		{
			id: "pytest-summary", tier: tierTest, kind: KindTest, keys: []string{"failed ", "error "},
			pattern: `^FAILED (?P<test>[^\s:]+\.\w+(?:::\S.*?)?)(?: - .*|\s*(?:\[\s*\d+%\])?)$`,
			hits:    []string{"FAILED tests/test_a.py::TestB::test_c - AssertionError: x", "FAILED tests/a.py::test_b[x - y] - z", "FAILED ../doc/callbacks.rst::callbacks.rst"},
			misses:  []string{"ERROR could not connect", "FAILED to start"},
			source:  "https://docs.pytest.org/en/stable/how-to/output.html",
		},
		{
			// The block of the error says why; a file that was not collected is no test.
			id: "pytest-error", tier: tierAssert, kind: KindTest, keys: []string{"error "},
			pattern: `^ERROR (?:(?P<test>[^\s:]+\.\w+::\S.*?)|(?P<file>[^\s:]+\.pyi?))(?: - .*|\s*(?:\[\s*\d+%\])?)$`,
			hits:    []string{"ERROR test/unit/test_service.py", "ERROR tests/test_a.py::test_b - ConnectionError: x"},
			misses:  []string{"ERROR could not connect"},
			source:  "https://docs.pytest.org/en/stable/how-to/output.html",
		},
		{
			id: "pytest-inline", tier: tierAssert + 1, kind: KindTest, keys: []string{" failed", " error"},
			pattern: `^(?:(?P<test>[\w./-]+\.\w+::\S.*?) (?:FAILED|ERROR)\s*(?:\[\s*\d+%\])?|\[gw\d+\] (?:\[\s*\d+%\] )?(?:FAILED|ERROR) (?P<test2>\S+::\S.*))$`,
			hits:    []string{"[gw1] [ 35%] FAILED a/test_b.py::test_c", "tests/test_a.py::test_b FAILED                     [ 35%]", "a/test_b.py::test_c[1 2] ERROR"},
			source:  "https://docs.pytest.org/en/stable/how-to/output.html",
		},
		{
			id: "pytest-section", tier: tierAssert + 1, kind: KindTest, keys: []string{"____ ", "___ "},
			pattern: `^_{3,} (?:ERROR collecting (?P<file>\S+)|(?:ERROR at (?:setup|teardown) of )?(?P<test>[^_ ].*?|_\w.*?)) _{3,}$`,
			hits:    []string{"___________ test_text_extraction ___________", "____ ERROR collecting test/a.py ____", "____ ERROR at setup of test_x ____", "___ TestA.test_b[c d] ___"},
			source:  "https://github.com/pytest-dev/pytest/blob/main/src/_pytest/terminal.py",
		},
		{
			id: "unittest", tier: tierTest, kind: KindTest, title: true, keys: []string{"fail: ", "error: test", "error: setup", "error: unittest", "error: teardown", "unexpected success: "},
			pattern: `^(?:FAIL|ERROR|UNEXPECTED SUCCESS): (?:(?P<test>\w+) \((?P<class>[\w.]+)\)|(?P<test2>(?:\w+\.)+\w+(?:\([^)]*\))?|test\w+)$)`,
			hits:    []string{"ERROR: test_parameters (test_part.PartTest)", "FAIL: test.rosdistro_verify_test.test_verify_files_identical", "ERROR: setUpClass (a.B)", "FAIL: test_a (b.C.test_a) (i=3)", "ERROR: test_x (unittest.loader._FailedTest)"},
			misses:  []string{"ERROR: Could not find a version"},
			source:  "https://docs.python.org/3/library/unittest.html",
		},
		{
			id: "stestr", tier: tierTest, kind: KindTest, keys: []string{"... failed"},
			pattern: `^\{\d+\} (?P<test>\S+) \[[\d.]+s\] \.\.\. FAILED`,
			hits:    []string{"{0} shop.tests.test_cart.CartTest.test_logout [0.01s] ... FAILED"},
			source:  "https://stestr.readthedocs.io/en/latest/MANUAL.html",
		},
		{
			id: "doctest", tier: tierTest, kind: KindTest, keys: []string{": doctestfailure", ": unexpectedexception", "failed example:"},
			pattern: `^(?:(?P<file>\S+):(?P<line>\d+): (?:DocTestFailure|UnexpectedException)|File "(?P<file2>[^"]+)", line \d+, in (?P<test>\S+)$|Failed example:)`,
			hits:    []string{"/a/doc/callbacks.rst:48: DocTestFailure", "Failed example:"}, above: 1,
			source: "https://docs.python.org/3/library/doctest.html",
		},
		{
			id: "go-test", tier: tierTest, kind: KindTest, title: true, keys: []string{"--- fail: "},
			pattern: `^\s*--- FAIL: (?P<test>\S+)`,
			hits:    []string{"--- FAIL: TestX (0.00s)", "    --- FAIL: TestX/case_1 (0.00s)"},
			source:  "https://pkg.go.dev/cmd/go#hdr-Test_packages",
		},
		{
			id: "go-test-log", tier: tierWord - 13, why: true, kind: KindTest, keys: []string{"_test.go:"},
			pattern: `^\s+(?P<file>\S+_test\.go):(?P<line>\d+): `,
			hits:    []string{"    cart_test.go:14: got 1, want 0"},
			source:  "https://pkg.go.dev/testing#T.Errorf",
		},
		{
			id: "go-running", tier: tierAssert + 1, kind: KindTest, category: string(KindTimeout), keys: []string{"\ttest"},
			pattern: `^\t+(?P<test>Test\S*) \((?:\d+[hms.]*)+\)$`,
			hits:    []string{"\t\tTestDrain (2s)"},
			source:  "https://pkg.go.dev/cmd/go#hdr-Testing_flags",
		},
		{
			id: "go-package-fail", tier: tierStopped, kind: KindTest, keys: []string{"fail\t"},
			pattern: `^FAIL\t(?P<test>\S+)`,
			hits:    []string{"FAIL\tx.org/a/b\t0.012s", "FAIL\tx.org/a [build failed]"},
			source:  "https://pkg.go.dev/cmd/go#hdr-Test_packages",
		},
		{
			id: "ginkgo", tier: tierTest, kind: KindTest, keys: []string{"[fail]", "[panicked!]", "[timedout]", "[panic!]"},
			pattern: `^\s*\[(?:FAIL|Fail|PANICKED!|Panic!|TIMEDOUT)\] (?P<test>\S.*\S)$`,
			hits:    []string{"[FAIL] PubSub [It] should ChannelMessage", "[Fail] Cart [It] empties itself"},
			source:  "https://onsi.github.io/ginkgo/",
		},
		{
			id: "ginkgo-place", tier: tierTest, kind: KindTest, keys: []string{"• [failed]", "• [panicked", "• [timedout]", "• failure"}, below: 9,
			pattern: `^\s*• (?:Failure|\[(?:FAILED|PANICKED!?|TIMEDOUT)\])`,
			hits:    []string{"• [FAILED] [1.014 seconds]", "• Failure [0.1 seconds]"},
			source:  "https://onsi.github.io/ginkgo/",
		},
		{
			id: "ginkgo-reason", tier: tierAssert, kind: KindTest, keys: []string{"[failed] "},
			pattern: `^\s*\[FAILED\] \S`,
			hits:    []string{"  [FAILED] Timed out after 1.001s."},
			source:  "https://onsi.github.io/ginkgo/",
		},
		{
			id: "cargo-test", tier: tierAssert + 1, kind: KindTest, keys: []string{"... failed", "fail [", "sigabrt ["},
			pattern: `^(?:test (?P<test>\S+(?: - .+)?)(?: - should panic)? \.\.\. FAILED|\s+(?:FAIL|SIGABRT|TIMEOUT) \[\s*[\d.]+s\] (?:\( *\d+/\d+\) )?(?P<test2>\S+ .+)$)`,
			hits:    []string{"test parser::tests::empty ... FAILED", "        FAIL [   0.005s] krate::bin test_x"},
			source:  "https://doc.rust-lang.org/cargo/commands/cargo-test.html",
		},
		{
			id: "rust-stdout", tier: tierCase, kind: KindTest, keys: []string{" stdout ----"},
			pattern: `^---- (?P<test>.+) stdout ----$`,
			unless:  `^---- (?:begin|end|start) `,
			misses:  []string{"---- end stdout ----"},
			hits:    []string{"---- cart::tests::empties stdout ----", "---- [ui] tests/ui/a.rs stdout ----"},
			source:  "https://doc.rust-lang.org/cargo/commands/cargo-test.html",
		},
		{
			id: "rust-panic", tier: tierTest, kind: KindTest, unordered: true, keys: []string{"panicked at"}, above: 1, with: `^[^\s:]|^:`,
			pattern: `^thread '(?P<test>[^']*)'(?: \(\d+\))? (?:has )?panicked at (?:'.*', )?(?P<file>[^\s:]+):(?P<line>\d+)|panicked at `,
			hits:    []string{"thread 'parser::tests::empty' panicked at src/parser.rs:12:5:", "thread 'main' panicked at 'x', src/main.rs:2:5"},
			source:  "https://doc.rust-lang.org/std/macro.panic.html",
		},
		{
			id: "gtest", tier: tierTest, kind: KindTest, keys: []string{"[  failed  ]"},
			pattern: `^\[  FAILED  \] (?P<test>[\w/]+\.[\w/]+)`,
			hits:    []string{"[  FAILED  ] SuiteTest.DoesX (5 ms)", "[  FAILED  ] A/BTest.C/0, where GetParam() = 3"},
			source:  "https://google.github.io/googletest/primer.html",
		},
		{
			id: "gtest-failure", tier: tierTest, kind: KindTest, keys: []string{": failure", "): error: value"}, above: 2,
			pattern: `^(?:(?P<file>[^\s:]+\.\w+):(?P<line>\d+): Failure$|(?P<file2>\S+)\(\d+\): error: )`,
			hits:    []string{"src/a_test.cc:12: Failure"},
			source:  "https://google.github.io/googletest/primer.html",
		},
		{
			id: "ctest", tier: tierCase, kind: KindTest, keys: []string{"***failed", "***exception", "***timeout", "***not run", "(failed)", "(segfault)", "(timeout)", "(subprocess aborted)", "(not run)"},
			pattern: `^(?:\s*\d+/\d+ Test\s+#\d+: (?P<test>\S+) \.*\s*\*\*\*|\s+\d+ - (?P<test2>\S+) \((?:Failed|SEGFAULT|Timeout|Subprocess aborted|Not Run|ILLEGAL|Child aborted|OTHER_FAULT)\))`,
			hits:    []string{" 3/12 Test  #3: unit.parser .......***Failed    0.01 sec", "	  3 - unit.parser (Failed)"},
			source:  "https://cmake.org/cmake/help/latest/manual/ctest.1.html",
		},
		{
			id: "catch-boost", tier: tierTest, kind: KindTest, keys: []string{": failed:", "error: in \"", ": error: check", "test_case( "},
			pattern: `^(?P<file>\S+?)[:(](?P<line>\d+)\)?: FAILED:|error: in "(?P<test>[^"]+)": `, above: 3,
			hits:   []string{"test/a.cpp:12: FAILED:", `a.cpp(12): error: in "suite/case": check x == y has failed`},
			source: "https://github.com/catchorg/Catch2/blob/devel/docs/reporters.md",
		},
		{
			id: "bazel-test", tier: tierCase, kind: KindTest, keys: []string{"fail: //", "failed in", "timeout: //", "flaky: //"},
			pattern: `^(?:(?:FAIL|TIMEOUT): (?P<test>//\S+)|(?P<test2>//\S+)\s+(?:FAILED|TIMEOUT)(?: in| TO BUILD|$))`,
			hits:    []string{"FAIL: //a/b:c_test (see /x/test.log)", "//a/b:c_test                 FAILED in 3.2s"},
			source:  "https://bazel.build/reference/test-encyclopedia",
		},
		{
			id: "meson-test", tier: tierCase, kind: KindTest, keys: []string{" fail ", " timeout ", "fail: ", "xpass: "},
			pattern: `^(?:\s*\d+/\d+ (?P<test>\S.*?)\s+(?:FAIL|TIMEOUT)\s+[\d.]+\s?s|(?:FAIL|XPASS|ERROR): (?P<test2>[\w./-]+\.(?:sh|test|py|pl|t|exe)|[\w-]+/[\w./-]+)(?: \d+ - .*| \(exit status: \d+\))?$)`,
			hits:    []string{" 3/12 suite - unit parser      FAIL            0.31s   exit status 1", "FAIL: tests/a.sh", "FAIL: t/b.t 3 - works"},
			source:  "https://mesonbuild.com/Unit-tests.html",
		},
		{
			id: "tap", tier: tierTest, kind: KindTest, keys: []string{"not ok "},
			pattern: `^\s*not ok \d+(?: -)? ?(?P<test>[^#]*)(?:#.*)?$`,
			hits:    []string{"not ok 12 - parses empty input", "    not ok 3 x # time=1ms"},
			source:  "https://testanything.org/tap-version-14-specification.html",
		},
		{
			id: "mozilla-test", tier: tierTest, kind: KindTest, keys: []string{"test-unexpected-", "reftest error"},
			pattern: `TEST-UNEXPECTED-[A-Z]+ \| (?P<test>[^|]+)|REFTEST ERROR`,
			hits:    []string{"TEST-UNEXPECTED-FAIL | dom/a/test_b.html | got 1, expected 2", "TEST-UNEXPECTED-TIMEOUT | automation.py | application timed out"},
			source:  "https://github.com/mozilla/treeherder/blob/master/treeherder/log_parser/parsers.py",
		},
	}
}
