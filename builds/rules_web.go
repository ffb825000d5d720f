// SPDX-License-Identifier: Apache-2.0

package builds

// testRulesWeb are runners of JavaScript, Ruby and PHP.
func testRulesWeb() []rule {
	return []rule{
		{
			id: "jest-case", tier: tierTest, kind: KindTest, keys: []string{"● "}, below: 8,
			pattern: `^\s*● (?:(?P<test>\S.* › .+)|Test suite failed to run|(?P<test2>[^›]+))$`,
			hits:    []string{"  ● Suite › does x", "  ● Test suite failed to run"},
			source:  "https://github.com/jestjs/jest/blob/main/packages/jest-message-util/src/index.ts",
		},
		{
			id: "jest-file", tier: tierCase, kind: KindTest, keys: []string{"fail "},
			pattern: `^\s*FAIL\s+(?:\S+:? )?(?:(?P<test>\S+\.(?:[cm]?[jt]sx?|vue|svelte|dart) > .+?)|(?P<file>\S+\.(?:[cm]?[jt]sx?|vue|svelte|dart)))(?: \([\d.]+ ?m?s\))?(?: \[.*\])?$`,
			hits:    []string{"FAIL src/a.test.js", "FAIL  src/a.test.ts > suite > does x", "FAIL my-app src/b.spec.tsx (5.2 s)"},
			source:  "https://github.com/jestjs/jest/blob/main/packages/jest-reporters/src/getResultHeader.ts",
		},
		{
			id: "mocha", tier: tierCase, kind: KindTest, listed: true, each: true, with: `^\s{3,}\S.*:$`, keys: []string{"1) ", "2) ", "3) ", "4) ", "5) ", "6) ", "7) ", "8) ", "9) ", "0) "}, below: 7,
			pattern: `^\s{1,12}\d{1,4}\) (?P<test>\S.*?):?$`,
			hits:    []string{"  1) Suite does x:", "      12) does y", "  1) Suite"},
			misses:  []string{"  1) "},
			source:  "https://github.com/mochajs/mocha/blob/main/lib/reporters/base.js",
		},
		{
			id: "phpunit", tier: tierTest, kind: KindTest, keys: []string{"1) ", "2) ", "3) ", "4) ", "5) ", "6) ", "7) ", "8) ", "9) ", "0) "},
			pattern: `^\d{1,4}\) (?P<test>[A-Za-z_\\]\S*::\S.*)$`,
			hits:    []string{`1) App\Tests\FooTest::testBar`, `12) FooTest::testBar with data set #1 (1, 2)`},
			source:  "https://docs.phpunit.de/en/11.0/textui.html",
		},
		{
			id: "listed-failure", tier: tierCase, kind: KindTest, listed: true, keys: []string{"1) ", "2) ", "3) ", "4) ", "5) ", "6) ", "7) ", "8) ", "9) "},
			pattern: `^\d{1,4}\) (?:(?:Failed|Error|Failure)\s?: )?(?P<test>\S.*?)(?: \[.*\])?$`,
			hits:    []string{"1) Suite should do x", "1) Failed : Ns.FooTest.Bar"}, // Jasmine, NUnit console
			source:  "https://jasmine.github.io/api/edge/ConsoleReporter",
		},
		{
			id: "cross-marks", tier: tierAssert + 1, kind: KindTest, keys: []string{"✕ ", "✗ ", "✖ ", "× "},
			pattern: `^\s*[✕✗✖×] (?P<test>\S.*?)(?: \(?[\d.]+ ?m?s\)?)?$`,
			unless:  `^\s*[✖✗] (?:\d+ problems?|failing tests:|Build failed)`,
			hits:    []string{"    ✕ does x (12 ms)", "✖ parses empty input (1.2ms)", " × suite > does y"},
			misses:  []string{"✕", "✖ failing tests:", "✗ Build failed in 70ms"},
			source:  "https://github.com/jestjs/jest/blob/main/packages/jest-reporters/src/VerboseReporter.ts",
		},
		{
			id: "karma", tier: tierTest, kind: KindTest, keys: []string{" failed"},
			pattern: `^(?:Chrome|Headless ?Chrome|ChromeHeadless|Firefox|Safari|PhantomJS|Edge|Electron|Mobile \w+)\S* .*?\(.*?\):? (?P<test>\S.*) FAILED$`,
			hits:    []string{"HeadlessChrome 90.0.4430 (Linux 0.0.0) Suite does x FAILED", "Chrome 60.0.3112 (Linux 0.0.0) A b c FAILED"},
			misses:  []string{"Chrome 60.0 (Linux): Executed 3 of 10 (1 FAILED) (0.1 secs)"},
			source:  "https://github.com/karma-runner/karma/blob/master/lib/reporters/base.js",
		},
		{
			id: "playwright", tier: tierTest, kind: KindTest, keys: []string{" › "},
			pattern: `^\s*\d+\) (?:\[[^\]]+\] › )?(?P<file>\S+?):(?P<line>\d+):\d+ › (?P<test>.*?)[ ─-]*$`,
			hits:    []string{"  1) [chromium] › tests/a.spec.ts:12:3 › suite › does x ─────"},
			source:  "https://playwright.dev/docs/test-reporters",
		},
		{
			id: "rspec", tier: tierAssert + 1, kind: KindTest, keys: []string{"rspec ./", "rspec '"},
			pattern: `^rspec '?(?P<file>\./[^:' ]+?)(?::(?P<line>\d+)|\[[\d:]+\])'? # (?P<test>.+)$`,
			hits:    []string{"rspec ./spec/a_spec.rb:12 # A does x"},
			source:  "https://rspec.info/features/3-12/rspec-core/command-line/",
		},
		{
			id: "rspec-error", tier: tierAssert, kind: KindTest, keys: []string{"failure/error:"}, above: 2,
			pattern: `^\s*Failure/Error: `,
			hits:    []string{"     Failure/Error: expect(x).to eq(1)"},
			source:  "https://github.com/rspec/rspec/blob/main/rspec-core/lib/rspec/core/formatters/exception_presenter.rb",
		},
		{
			id: "minitest", tier: tierTest, kind: KindTest, keys: []string{"#test_"}, above: 1,
			pattern: `^(?P<test>[A-Z][\w:]*#test_\w+)(?: \[(?P<file>[^\]:]+):(?P<line>\d+)\])?:`,
			hits:    []string{"CartTest#test_empties [test/cart_test.rb:14]:", "CartTest#test_empties:"},
			source:  "https://github.com/minitest/minitest/blob/master/lib/minitest.rb",
		},
		{
			id: "ava", tier: tierTest, kind: KindTest, keys: []string{"✘ [fail]: "}, below: 8,
			pattern: `^\s*✘ \[fail\]: (?P<test>\S.*)$`,
			hits:    []string{"  ✘ [fail]: keeps order"},
			source:  "https://github.com/avajs/ava/blob/main/lib/reporters/default.js",
		},
		{
			id: "behave", tier: tierTest, kind: KindTest, with: `^\s+\S+\.feature:\d+  \S`, keys: []string{"assert failed: "}, above: 3,
			pattern: `^\s+ASSERT FAILED: `,
			hits:    []string{"      ASSERT FAILED: total 27"},
			source:  "https://behave.readthedocs.io/en/latest/tutorial/",
		},
		{
			id: "behave-listed", tier: tierAssert + 1, kind: KindTest, keys: []string{".feature:"},
			pattern: `^\s+(?P<file>\S+\.feature):(?P<line>\d+)  (?P<test>\S.*)$`,
			hits:    []string{"  features/a.feature:2  pay by card"},
			source:  "https://behave.readthedocs.io/en/latest/behave/",
		},
		{
			id: "cucumber", tier: tierCase, kind: KindTest, keys: []string{"cucumber ", "# scenario", "failing scenarios:"},
			pattern: `^(?:cucumber (?:-p \S+ )?(?P<file>\S+\.feature):(?P<line>\d+) # (?P<test>.+)$|Failing Scenarios:)`,
			hits:    []string{"cucumber features/a.feature:12 # Scenario: does x"},
			source:  "https://cucumber.io/docs/cucumber/",
		},
	}
}

// testRulesMore are runners of other languages, and what an assertion says.
func testRulesMore() []rule {
	return []rule{
		{
			id: "dotnet", tier: tierTest, kind: KindTest, keys: []string{"failed ", "[fail]"},
			pattern: `^(?:\s*Failed\s+(?P<test>[A-Za-z_][\w.+<>]*(?:\(.*\))?) \[[<\d].*\]$|\s+(?P<test3>[A-Z][\w.]+(?:\(.*\))?) \[FAIL\]$)|\[xUnit\.net [\d:.]+\]\s+(?P<test2>\S.*) \[FAIL\]$`,
			hits:    []string{"  Failed Ns.FooTest.Bar [12 ms]", "[xUnit.net 00:00:01.23]     Ns.FooTest.Bar [FAIL]", "    Ns.FooTest.Bar(x: 1) [FAIL]"},
			source:  "https://learn.microsoft.com/en-us/dotnet/core/tools/dotnet-test",
		},
		{
			id: "swift", tier: tierTest, kind: KindTest, keys: []string{"xctassert", "test case '", "error: -["},
			pattern: `^(?:(?:(?P<file>/\S+\.swift):(?P<line>\d+): )?error: (?:-\[(?P<test>[^\]]+)\]|(?P<test3>\w+\.test\w+)) : |Test Case '(?P<test2>[^']+)' failed)`,
			hits:    []string{"/a/B.swift:12: error: -[MTests.BTests testC] : XCTAssertEqual failed", "Test Case '-[MTests.BTests testC]' failed (0.1 seconds)."},
			source:  "https://developer.apple.com/documentation/xctest",
		},
		{
			id: "dart-elixir-clojure", tier: tierTest, kind: KindTest, keys: []string{" [e]", "fail in (", "error in ("},
			pattern: `^(?:\d\d:\d\d \+\d+(?: ~\d+)? -\d+: (?P<test>.*) \[E\]$|(?:FAIL|ERROR) in \((?P<test2>[^)]+)\))`,
			hits:    []string{"00:01 +3 -1: parses empty input [E]", "FAIL in (test-x) (core_test.clj:12)"},
			source:  "https://dart.dev/tools/dart-test",
		},
		{
			id: "perl", tier: tierTest, kind: KindTest, keys: []string{"failed test '", "(wstat:", "failed test at"},
			pattern: `^(?:\s*#\s+Failed test (?:'(?P<test>[^']+)')?|(?P<test2>\S+\.t)\s+\(Wstat: [1-9])`,
			hits:    []string{"#   Failed test 'works'", "t/a.t (Wstat: 256 Tests: 3 Failed: 1)"},
			source:  "https://perldoc.perl.org/Test::More",
		},
		{
			id: "testthat-julia", tier: tierTest, kind: KindTest, keys: []string{"── failure", "── error", "test failed at", "error during test at"},
			pattern: `^── (?:Failure|Error) \((?:'?(?P<file>[^:')]+)'?:(?P<line>\d+))?.*\): (?P<test>.*?)[ ─]*$|: (?:Test Failed|Error During Test) at `,
			hits:    []string{"── Failure ('test-a.R:12:3'): works ──", "suite: Test Failed at test/a.jl:12"},
			source:  "https://testthat.r-lib.org/",
		},
		{
			id: "lit", tier: tierTest, kind: KindTest, keys: []string{"fail: ", "* test '"},
			pattern: `^(?:(?:FAIL|TIMEOUT|XPASS|UNRESOLVED): (?P<test>\S.* :: \S+) \(\d+ of \d+\)|\*{5,} TEST '(?P<test2>[^']+)' FAILED)`,
			hits:    []string{"FAIL: LLVM :: CodeGen/X86/a.ll (123 of 456)", "******************** TEST 'LLVM :: CodeGen/X86/a.ll' FAILED ********************"},
			source:  "https://llvm.org/docs/CommandGuide/lit.html",
		},
		{
			id: "dots", tier: tierCase, kind: KindTest, keys: []string{"... fail", "... error"},
			pattern: `^(?:(?P<test>\S.*?) \.\.\. FAILED \([\d.]+m?s\)|(?P<test2>\w+) \((?P<class>[\w.]+)\) \.\.\. (?:FAIL|ERROR))$`,
			hits:    []string{"cart empties itself ... FAILED (5ms)", "test_logout (tests.test_cart.CartTest) ... FAIL"}, // Deno, unittest
			source:  "https://docs.deno.com/runtime/fundamentals/testing/",
		},
		{
			id: "bun-pest-tasty-robot", tier: tierCase, kind: KindTest, keys: []string{"(fail) ", "failed  tests\\", ": fail", ":  fail", "| fail |"},
			pattern: `^(?:\(fail\) (?P<test>.+?)(?: \[[\d.]+m?s\])?$|\s+FAILED\s+(?P<test2>Tests\\\S.*)|\s*(?P<test3>\S.*?):\s+FAIL(?: \([\d.]+s\))?$|(?P<test4>\S.*?)\s+\| FAIL \|$)`,
			hits:    []string{"(fail) cart > empties itself [0.12ms]", `   FAILED  Tests\Unit\CartTest > it empties itself`, "    empties itself: FAIL (0.01s)", "Empties Itself                          | FAIL |"},
			source:  "https://bun.sh/docs/cli/test",
		},
		{
			id: "surefire-junit4", tier: tierAssert, kind: KindTest, keys: []string{"comparisonfailure", "assertionerror", "assertionfailed", "multiplefailureserror"}, above: 3,
			pattern: `(?:ComparisonFailure|AssertionError|AssertionFailed\w*|MultipleFailuresError)\b`,
			hits:    []string{"java.lang.AssertionError: expected:<1> but was:<2>", "org.opentest4j.AssertionFailedError: x", "E   AssertionError: Script returned code: 1"},
			source:  "https://junit.org/junit4/javadoc/latest/org/junit/Assert.html",
		},
		{
			id: "pytest-detail", tier: tierAssert, kind: KindTest, keys: []string{"e  "}, above: 3,
			pattern: `^E {2,}\S`,
			hits:    []string{"E       assert 1 == 2", "E   fixture 'x' not found"},
			misses:  []string{"THE  END"},
			source:  "https://docs.pytest.org/en/stable/how-to/assert.html",
		},
		{
			id: "expected", tier: tierAssert, kind: KindTest, keys: []string{"expected", "received", "assertion fail", "assert fail", "assertion `", "assertion '"}, above: 3,
			pattern: `[Ee]xpected:? ?<|\b[Ee]xpected\b.* (?:to|but|got)\b|^\s*(?:Expected|Received)\b.*:|[Aa]ssert(?:ion)? [Ff]ail|[Aa]ssertion .* failed`,
			hits:    []string{"expected:<1> but was:<2>", "Error: expected 1 to equal 2", "  Expected: 1", "assertion `left == right` failed"},
			source:  "https://jestjs.io/docs/expect",
		},
		{
			id: "pytest-place", tier: tierAssert - 2, kind: KindTest, above: 3, keys: []string{".py:1", ".py:2", ".py:3", ".py:4", ".py:5", ".py:6", ".py:7", ".py:8", ".py:9"},
			pattern: `^(?P<file>[\w./\\+-]+\.py):(?P<line>\d+): (?:\w+\.)*\w*(?:Error|Exception|Failed|Exit|Warning)$`,
			hits:    []string{"tests/test_a.py:12: AssertionError"},
			source:  "https://docs.pytest.org/en/stable/how-to/output.html",
		},
	}
}
