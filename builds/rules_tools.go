// SPDX-License-Identifier: Apache-2.0

package builds

// crashRules are processes that died.
func crashRules() []rule {
	return []rule{
		{
			id: "sanitizer", tier: tierTest, kind: KindCrash, keys: []string{"sanitizer", ": runtime error:", "data race", "==error", "valgrind", "definitely lost"}, below: 6,
			pattern: `ERROR: \w*Sanitizer|^SUMMARY: |SUMMARY: \w+Sanitizer|WARNING: (?:Thread|Memory)Sanitizer|:\d+:\d+: runtime error: |WARNING: DATA RACE|ThreadSanitizer: nested bug|definitely lost: [1-9]`,
			hits:    []string{"==16211==ERROR: AddressSanitizer: heap-use-after-free on address 0x5120", "SUMMARY: AddressSanitizer: x", "a.c:12:3: runtime error: signed integer overflow", "WARNING: DATA RACE"},
			source:  "https://github.com/google/sanitizers/wiki/AddressSanitizer",
		},
		{
			id: "signal", tier: tierCrash, kind: KindCrash, keys: []string{"segmentation fault", "sigsegv", "sigabrt", "sigbus", "sigill", "core dumped", "bus error", "fatal python error", "terminate called", "illegal instruction", "double free", "stack smashing", "stack overflow", "access violation"},
			pattern: `[Ss]egmentation fault|SIG(?:SEGV|ABRT|BUS|ILL)\b|[Cc]ore dumped|Bus error|Fatal Python error|terminate called|Illegal instruction|double free|stack smashing|has overflowed its stack|Access violation`,
			hits:    []string{"Segmentation fault (core dumped)", "# SIGSEGV (0xb) at pc=0x7f", "Fatal Python error: Aborted", "terminate called after throwing an instance of 'std::x'"},
			source:  "https://www.gnu.org/software/libc/manual/html_node/Program-Error-Signals.html",
		},
		{
			id: "go-panic", tier: tierTest, kind: KindCrash, keys: []string{"panic: ", "fatal error: "},
			unless:  `^panic: test timed out after `,
			pattern: `^(?:\s*panic: \S|fatal error: (?:all goroutines|concurrent|runtime|stack|unexpected signal))`,
			hits:    []string{"panic: runtime error: index out of range [3] with length 3", "fatal error: all goroutines are asleep - deadlock!"},
			source:  "https://pkg.go.dev/builtin#panic",
		},
		{
			id: "mozilla-crash", tier: tierTest, kind: KindCrash, keys: []string{"process-crash", "hit moz_crash", "moz_assert", "assertion fail", "###!!! abort", "leaking the world"},
			pattern: `PROCESS-CRASH|Hit MOZ_CRASH|MOZ_ASSERT|^(?:\[.*\] )?Assertion failure:|###!!! ABORT:|YOU ARE LEAKING THE WORLD`,
			hits:    []string{"PROCESS-CRASH | x.html | application crashed [@ f]", "Assertion failure: x, at a.cpp:12"},
			source:  "https://github.com/mozilla/treeherder/blob/master/treeherder/log_parser/parsers.py",
		},
		{
			id: "oom", tier: tierBroken, kind: KindCrash, category: string(KindInfra), keys: []string{"outofmemory", "heap out of memory", "cannot allocate memory", "out of memory", "oomkilled", "java heap space", "gc overhead"},
			pattern: `OutOfMemory|heap out of memory|[Cc]annot allocate memory|[Oo]ut of memory|OOMKilled|Java heap space|GC overhead limit`,
			hits:    []string{"java.lang.OutOfMemoryError: Java heap space", "FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory", "OOMKilled"},
			source:  "https://docs.oracle.com/en/java/javase/21/troubleshoot/troubleshooting-memory-leaks.html",
		},
		{
			id: "killed", tier: tierCrash, kind: KindCrash, category: string(KindInfra), keys: []string{"killed", "exit code: 137", "code 137", "the forked vm terminated", "daemon disappeared"},
			pattern: `^(?:\S+: line \d+:\s+\d+ )?Killed\b|exit(?:ed with)? code:? 137|forked VM terminated without|Gradle build daemon disappeared|signal: 9, SIGKILL`,
			hits:    []string{"Killed", "The forked VM terminated without properly saying goodbye. VM crash or System.exit called?", "Unsuccessful task run with exit code: 137 completed in 3 seconds"},
			source:  "https://www.gnu.org/software/bash/manual/bash.html#Exit-Status",
		},
		{
			id: "go-timeout", tier: tierTest, kind: KindTimeout, keys: []string{"panic: test timed out"}, with: `^\s+(?:Test|Fuzz|Example|Benchmark)\S* \(`,
			pattern: `^panic: test timed out after `,
			hits:    []string{"panic: test timed out after 2s"},
			source:  "https://pkg.go.dev/cmd/go#hdr-Testing_flags",
		},
		{
			id: "timeout", tier: tierCrash - 2, kind: KindTimeout, anywhere: true, keys: []string{
				"timed out", "max run time exceeded", "no output has been received in the last", "exceeded the maximum execution time", "deadline exceeded", "execution expired", "the operation was canceled",
				"timeouterror", "timeoutexception", "timeoutexpired", "timeout exceeded", "exceeded timeout", "timeout of ", "timeout has been exceeded",
			},
			hits:   []string{"command timed out: 1200 seconds without output", "[taskcluster:error] Task aborted - max run time exceeded", "##[error]The job running on runner X has exceeded the maximum execution time of 360 minutes.", "Error: Timeout of 2000ms exceeded.", "java.util.concurrent.TimeoutException: x"},
			misses: []string{"  timeout: 30", "Set timeout to 30"},
			source: "https://docs.travis-ci.com/user/common-build-problems/",
		},
	}
}

// lintRules are linters, formatters and checks of types that are no compiler.
func lintRules() []rule {
	return []rule{
		{
			id: "eslint", tier: tierPlace - 2, each: true, kind: KindLint, keys: []string{" error "}, above: 1,
			pattern: `^\s*\d+:\d+\s+(?:error|✖)\s+\S`,
			hits:    []string{"  12:3  error  'x' is not defined  no-undef"},
			source:  "https://eslint.org/docs/latest/use/formatters/",
		},
		{
			id: "golangci", tier: tierPlace, each: true, kind: KindLint, keys: []string{".go:"},
			pattern: `^(?P<file>[\w./@+-]+\.go):(?P<line>\d+)(?::\d+)?: .+ \((?:[a-z]{2,20}|(?:SA|ST|S|QF|U)\d{4})\)$`,
			hits:    []string{"a/b.go:12:3: Error return value is not checked (errcheck)", "a.go:1:2: x is deprecated (SA1019)"},
			misses:  []string{"a.go:1:2: undefined: x"},
			source:  "https://golangci-lint.run/docs/configuration/file/",
		},
		{
			id: "workflow-lint", tier: tierPlace - 2, kind: KindLint, keys: []string{".yml:", ".yaml:", "==> ", "dockerfile:", ".kt:"},
			pattern: `^(?:(?P<file>[^\s:]+\.ya?ml):(?P<line>\d+):\d+: .+ \[[\w-]+\]|(?P<file2>[^\s:]+):\d+: \w+ ==> \w+|(?P<file3>\S*Dockerfile\S*):\d+ DL\d+ |(?P<file4>[^\s:]+\.kts?):\d+:\d+: .* \([\w:-]+\))`,
			hits:    []string{`.github/workflows/ci.yml:12:3: unexpected key "x" [syntax-check]`, "README.md:12: teh ==> the", "Dockerfile:3 DL3008 warning: Pin versions", "src/A.kt:1:1: Unused import (standard:no-unused-imports)"},
			source:  "https://github.com/rhysd/actionlint/blob/main/docs/usage.md",
		},
		{
			id: "python-lint", tier: tierPlace - 2, each: true, kind: KindLint, keys: []string{".py:1", ".py:2", ".py:3", ".py:4", ".py:5", ".py:6", ".py:7", ".py:8", ".py:9", ".pyi:"},
			pattern: `^(?P<file>[^\s:]+\.pyi?):(?P<line>\d+)(?::\d+)?: (?:error: |\[?[A-Z]{1,5}\d{2,5}\b)`,
			hits:    []string{"a/b.py:12: error: Incompatible types in assignment  [assignment]", "a/b.py:1:1: F401 'x' imported but unused", "a.py:3:0: C0114: Missing module docstring"},
			source:  "https://flake8.pycqa.org/en/latest/user/error-codes.html",
		},
		{
			id: "ruff", tier: tierPlace - 2, each: true, kind: KindLint, keys: []string{" --> "}, under: true,
			pattern: `^\s+--> (?P<file>[^\s:]+\.(?:py|pyi|ipynb)):(?P<line>\d+):\d+$`,
			hits:    []string{" --> a/b.py:1:8"},
			source:  "https://docs.astral.sh/ruff/settings/#output-format",
		},
		{
			id: "docutils", tier: tierPlace - 2, each: true, kind: KindLint, with: `^\w*Error: `, keys: []string{": critical: ", ": severe: ", ": error: "},
			pattern: `^(?P<file>\S+\.(?:rst|md|txt|py|ipynb)):(?:docstring of \S+:)?(?P<line>\d+): (?:CRITICAL|SEVERE|ERROR): `,
			hits:    []string{"docs/index.rst:4: CRITICAL: Problems with \"include\" directive path:", "a.rst:3: ERROR: Unknown directive type"},
			source:  "https://docutils.sourceforge.io/docs/user/config.html#report-level",
		},
		{
			id: "sphinx-warning", tier: tierRefused, each: true, kind: KindLint, keys: []string{": warning: "},
			pattern: `^(?P<file>\S+\.(?:rst|md|txt|ipynb)):(?P<line>\d+): WARNING: `,
			hits:    []string{"docs/index.rst:6: WARNING: undefined label: 'x' [ref.ref]"},
			source:  "https://www.sphinx-doc.org/en/master/man/sphinx-build.html",
		},
		{
			id: "style-places", tier: tierPlace - 2, kind: KindLint, keys: []string{": c: ", ": w: ", ": e: ", ": f: ", "[error] ", "[warn] ", ".md:", "sc1", "sc2", "sc3"},
			pattern: `^(?:(?P<file>[^\s:]+\.(?:rb|rake|gemspec)):(?P<line>\d+):\d+: [CWEF]: |\[(?:ERROR|WARN)\] (?P<file2>\S+\.java):\d+(?::\d+)?: .* \[\w+\]$|(?P<file3>[^\s:]+\.md):\d+(?::\d+)? (?:error )?MD\d{3}|\s*\^-+\^? SC\d{4} \(error|(?P<file4>[^\s:]+):\d+:\d+: (?:error|warning|note): .*\[SC\d{4}\])`,
			hits:    []string{"a/b.rb:12:3: C: Style/StringLiterals: Prefer single-quoted", "[ERROR] /src/A.java:12:3: Missing a Javadoc comment. [JavadocMethod]", "docs/a.md:12 MD009/no-trailing-spaces", "x.sh:3:1: warning: y [SC2086]"},
			source:  "https://docs.rubocop.org/rubocop/formatters.html",
		},
		{
			id: "formatters", tier: tierCase, each: true, kind: KindLint, above: 1, keys: []string{"would reformat", "would be reformatted", "code style issues", "[warn] ", "files were modified by this hook", "is not formatted", "not properly formatted", "diff in ", "isn't formatted", "incorrectly formatted", "incorrectly sorted", "format violations", "would be sorted", "needs formatting", "run prettier", "please run", "formatting issues", "run 'gradlew", "not well-formatted", "files need", "files listed below", "is not gofmt", "does not match expected", "some files are not formatted"},
			pattern: `^(?:would reformat |\[warn\] \S+\.\w+$|Diff in \S+)|would be reformatted|Code style issues|files were modified by this hook|(?:is|are|isn't) not (?:properly )?(?:formatted|gofmt)|isn't formatted|Imports are incorrectly|had format violations|[Pp]lease (?:re-?)?run .*(?:format|fmt|prettier|lint|fix|generate|tidy|commit)|[Ff]ormatting (?:issues|problems|violations|check failed)|needs? formatting|Run '?\.?/?gradlew .*[Aa]pply|files listed below`,
			hits:    []string{"would reformat a/b.py", "[warn] src/a.ts", "Code style issues found in 3 files. Run Prettier with --write to fix.", "- files were modified by this hook", "Diff in /src/a.rs at line 12:", "    Please run yarn prettier-all and add changes to files listed below to your commit:", "ERROR: a.py Imports are incorrectly sorted and/or formatted."},
			source:  "https://prettier.io/docs/cli",
		},
		{
			id: "pre-commit", tier: tierTask, kind: KindLint, keys: []string{"...failed", "- hook id:"},
			pattern: `^\S.*\.{3,}(?:\(.*\))?Failed$`,
			hits:    []string{"Check format...........................................Failed"},
			source:  "https://pre-commit.com/#usage",
		},
		{
			id: "stylelint-commitlint", tier: tierPlace - 2, kind: KindLint, keys: []string{"✖ "},
			pattern: `^\s*(?:\d+:\d+\s+)?✖\s{2,}\S.*(?:\[[\w-]+\]|\s{2}[\w/-]+)$`,
			hits:    []string{" 12:3  ✖  Unexpected empty block  block-no-empty", "✖   subject may not be empty [subject-empty]"},
			source:  "https://commitlint.js.org/reference/rules.html",
		},
		{
			id: "left-over-diff", tier: tierRefused - 5, kind: KindLint, keys: []string{"diff --git a/", "needs update", "unstaged changes", "working tree is dirty", "is not up to date", "are not up to date", "is out of sync"},
			pattern: `^diff --git a/(?P<file>\S+) |needs update$|(?:is|are) not up to date|[Ww]orking tree is dirty|unstaged changes|is out of sync`,
			hits:    []string{"diff --git a/go.sum b/go.sum", "Generated files are not up to date"},
			source:  "https://git-scm.com/docs/git-diff",
		},
		{
			id: "lint-count", tier: tierStopped, kind: KindLint, keys: []string{" problem", " offense", " violation"},
			pattern: `^(?:\S+ )?\d+ problems? \(|\d+ (?:offenses?|violations?) (?:detected|found)`,
			hits:    []string{"✖ 3 problems (2 errors, 1 warning)", "12 files inspected, 3 offenses detected"},
			source:  "https://eslint.org/docs/latest/use/formatters/",
		},
		{
			id: "lint-found", tier: tierStopped, kind: KindLint, keys: []string{"found "},
			pattern: `^Found \d+ (?:errors?|issues?)`,
			hits:    []string{"Found 3 errors in 1 file (checked 12 source files)"},
			source:  "https://mypy.readthedocs.io/en/stable/running_mypy.html",
		},
		{
			id: "audit", tier: tierRefused, kind: KindLint, keys: []string{"vulnerabilit", "severity: ", "unapproved license", "license header", "license check", "test coverage", "coverage failure", "coverage for ", "leaks found"},
			pattern: `^Severity: (?:high|critical|moderate)|Found \d+ known vulnerabilit|^error: \d+ vulnerabilit|unapproved licenses?: [1-9]|Missing (?:a )?license header|\d+ vulnerabilities? (?:found|require)|[Cc]overage (?:for \w+ )?\(?[\d.]+%\)? (?:does not meet|is below|less than)|FAIL Required test coverage|Coverage failure|leaks found: [1-9]|License check failed`,
			hits:    []string{"FAIL Required test coverage of 80% not reached. Total coverage: 79.00%", "3 vulnerabilities found"},
			source:  "https://docs.npmjs.com/cli/commands/npm-audit",
		},
	}
}
