// SPDX-License-Identifier: Apache-2.0

package builds

// dullRules are lines with loud words that are never a cause.
func dullRules() []rule {
	return []rule{
		{
			id: "github-end", keys: []string{"process completed with exit code", "a complete log of this run", "##[group]run ", "shell: "},
			pattern: `^(?:##\[group\]|shell: )|Process completed with exit code|A complete log of this run`,
			hits:    []string{"##[error]Process completed with exit code 1.", "npm ERR! A complete log of this run can be found in: x", "##[group]Run cargo test --no-fail-fast"},
			source:  "https://github.com/actions/runner/blob/main/src/Runner.Worker/Handlers/ScriptHandler.cs",
		},
		{
			id: "jenkins-end", keys: []string{"marked build as failure", "script returned exit code", "no files to upload", "job failed: exit code", "job failed: exit status", "finished: ", "# timeout=", "sending e-mail", "email was triggered"},
			pattern: `^(?:Finished: [A-Z]+$|Sending e-?mail)|marked build as failure|script returned exit code|ERROR: No files to upload|Job failed: exit (?:code|status) \d+|# timeout=\d+$|Email was triggered`,
			hits:    []string{"Build step 'Execute shell' marked build as failure", "Finished: FAILURE", "ERROR: script returned exit code 1", "ERROR: Job failed: exit code 1", " > git fetch --tags --force x # timeout=10"},
			source:  "https://github.com/jenkinsci/jenkins/blob/master/core/src/main/java/hudson/model/Run.java",
		},
		{
			id: "jenkins-pipeline", keys: []string{"[pipeline] ", "[ws-cleanup]", "archiving artifacts", "recording test results", "recording fingerprints"},
			pattern: `^(?:\[Pipeline\] |\[WS-CLEANUP\]|Archiving artifacts|Recording (?:test results|fingerprints))`,
			hits:    []string{"[Pipeline] End of Pipeline", "[Pipeline] { (Declarative: Post Actions)", "[WS-CLEANUP] Deleting project workspace...", "Archiving artifacts"},
			source:  "https://www.jenkins.io/doc/pipeline/steps/",
		},
		{
			id: "zuul-end", keys: []string{"\"msg\": \"non-zero", "\"rc\": ", "\"delta\": ", "\"end\": ", "\"start\": ", "run end ", "run start", "play recap", "unreachable: ", "unreachable="},
			pattern: `^(?:\s*"(?:msg": "non-zero return code|rc": -?\d+,?$|(?:delta|end|start)": "[\d:. -]+",?$)|(?:PRE-|POST-)?RUN (?:END|START)\b|PLAY RECAP)|\bok[:=] ?\d+ +changed[:=] ?\d+ +unreachable[:=]`,
			hits:    []string{`  "msg": "non-zero return code",`, `  "rc": 1,`, "RUN END RESULT_NORMAL: [untrusted : x/run.yaml@main]", "PLAY RECAP", "node | ok: 4 changed: 3 unreachable: 0 failed: 1 skipped: 0", "node-1 : ok=4    changed=3    unreachable=0    failed=1"},
			source:  "https://opendev.org/zuul/zuul/src/branch/master/zuul/ansible/base/callback/zuul_stream.py",
		},
		{
			id: "ci-marks", keys: []string{"section_end:", "section_start:", "travis_time:", "travis_fold:"},
			pattern: `^(?:section_(?:start|end):\d|travis_(?:time|fold):)`,
			hits:    []string{"section_end:1764164900:step_script", "travis_time:end:0c1d:start=1,finish=2,duration=1"},
			source:  "https://docs.gitlab.com/ci/jobs/job_logs/",
		},
		{
			id: "git-subject", keys: []string{"head is now at ", "previous head position was ", "commit message: \""},
			pattern: `^(?:\W*HEAD is now at [0-9a-f]{6,}|Previous HEAD position was [0-9a-f]{6,}|Commit message: ")`,
			hits:    []string{"HEAD is now at 4f1c9e2 fix the error page", `Commit message: "fail early"`},
			source:  "https://git-scm.com/docs/git-checkout",
		},
		{
			id: "debconf", keys: []string{"debconf: "},
			pattern: `^debconf: (?:delaying package configuration|unable to initialize frontend|falling back to frontend|\()`,
			hits:    []string{"debconf: delaying package configuration, since apt-utils is not installed", "debconf: unable to initialize frontend: Dialog"},
			source:  "https://manpages.debian.org/stable/debconf/debconf.7.en.html",
		},
		{
			id: "npm-notice", keys: []string{" severity vulnerabilit", " vulnerabilities (", "npm warn deprecated", "npm err!", "npm error"},
			pattern: `^(?:\d+ (?:\w+ severity )?vulnerabilit(?:y|ies)(?: \(\d|$)|npm (?:WARN|warn) deprecated|npm (?:ERR!|error)(?:$| (?:$|404$|Options:|Usage:|Clean install|npm ci$|\[-|\s+-|\s{4,}\S|Run "npm help)))`,
			hits:    []string{"3 moderate severity vulnerabilities", "5 vulnerabilities (2 low, 3 high)", "npm warn deprecated x@1: leaks memory, an error", "npm error", "npm error [--strict-peer-deps] [--foreground-scripts]"},
			misses:  []string{"3 vulnerabilities found"},
			source:  "https://docs.npmjs.com/cli/commands/npm-install",
		},
		{
			id: "ignored", keys: []string{"(ignored)"},
			pattern: `\(ignored\)$`,
			hits:    []string{"make: [Makefile:3: clean] Error 1 (ignored)"},
			source:  "https://www.gnu.org/software/make/manual/html_node/Errors.html",
		},
		{
			id: "sphinx-steps", keys: []string{"out of date", "now-outdated"},
			pattern: `^(?:building \[\w+\]: .*|looking for now-outdated files.*)`,
			hits:    []string{"building [mo]: targets for 0 po files that are out of date", "looking for now-outdated files... none found"},
			source:  "https://www.sphinx-doc.org/en/master/man/sphinx-build.html",
		},
		{
			id: "maven-help", keys: []string{"compilation error", "build failure", "re-run maven", "more information about the errors", "help 1]", "after correcting", "full stack trace", "mvn <", "resume the build"},
			pattern: `^(?:\W*(?:\[ERROR\] )?COMPILATION ERROR|\W*(?:\[\w+\] )?BUILD FAILURE|\W*(?:\[ERROR\]\s+)?(?:-> )?\[Help 1\])|[Rr]e-run Maven|For more information about the errors|After correcting the problems|To see the full stack trace|\s+mvn <|resume the build`,
			hits:    []string{"[ERROR] COMPILATION ERROR : ", "[INFO] BUILD FAILURE", "[ERROR] Re-run Maven using the -X switch to enable full debug logging.", "[ERROR] [Help 1] http://cwiki.apache.org/confluence/display/MAVEN/MojoFailureException", "[ERROR] -> [Help 1]"},
			source:  "https://github.com/apache/maven/blob/master/impl/maven-cli/src/main/java/org/apache/maven/cling/invoker/mvn/MavenInvoker.java",
		},
		{
			id: "gradle-help", keys: []string{"build failed with an exception", "failure: build completed", "run with --", "get more help at", "deprecated gradle features", "for more on this", "build failed in"},
			pattern: `^(?:FAILURE: Build (?:failed with an exception|completed with)|For more on this, please|BUILD FAILED in )|Run with --(?:info|stacktrace|scan|debug|warning-mode)|Get more help at|Deprecated Gradle features`,
			hits:    []string{"FAILURE: Build failed with an exception.", "> Run with --stacktrace option to get the stack trace.", "* Get more help at https://help.gradle.org", "BUILD FAILED in 7m 41s"},
			source:  "https://github.com/gradle/gradle/blob/master/platforms/core-runtime/logging/src/main/java/org/gradle/internal/buildevents/BuildExceptionReporter.java",
		},
		{
			id: "docker-step", keys: []string{"error: step ", "if you do know why"},
			pattern: `^(?:ERROR: Step .{3,60} (?:failed|aborted) due to exception|If you do know why)`,
			hits:    []string{"ERROR: Step ‘Publish JUnit test result report’ failed due to exception:"}, // Jenkins
			source:  "https://github.com/jenkinsci/jenkins/blob/master/core/src/main/java/hudson/model/AbstractBuild.java",
		},
		{
			id: "none-failed", loose: true, keys: []string{"0 error", "no error", "0 fail", "no fail", "error=0", "errors=0", "error: 0", "errors: 0", "failed: 0", "failures: 0", "failed=0", "failures=0", "failed\": 0", "failed = 0", "error: null", "error=null", "error\":null", "error\": null", "error: false", "error\": false", "failed: false", "failed=false", "failed\": false", "error: none", "error=none", "without error"},
			pattern: `(?i)\b(?:0|no|without) (?:(?:new|test|compile) )?(?:errors?|failed|failures?|failing)\b|(?:errors?|fail(?:ed|ures?)?)["']?\s*[:=]\s*(?:0\b|false|null|none)`,
			unless:  `(?i)(?:errors?|fail(?:ed|ures?)?)["']?\s*[:=]\s*[1-9]|\b[1-9]\d* (?:errors?|failed|failures?|failing)`,
			hits:    []string{"Tests run: 12, Failures: 0, Errors: 0, Skipped: 1", "0 failed, 12 passed", `"failed": 0,`, "Found 12 warnings and 0 errors."},
			misses:  []string{"10 failed", "Tests run: 3, Failures: 1, Errors: 0", "1 failed, 0 errors"},
			source:  "https://github.com/apache/maven-surefire/blob/master/surefire-api/src/main/java/org/apache/maven/surefire/api/suite/RunResult.java",
		},
		{
			id: "settings", loose: true, keys: []string{
				"continue-on-error", "fail-fast", "fail_fast", "failfast", "fail_ci_if_error", "--fail", "on-error", "on_error", "onerror", "failonerror", "ignoreerrors", "ignore_errors", "abortonfail",
				"any_errors_fatal", "max_fail",
			},
			hits:   []string{"  fail_ci_if_error: true", "  continue-on-error: true", "curl --fail https://x"},
			source: "https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax",
		},
		{
			id: "shell-settings", keys: []string{"-werror", "set -", "set +"},
			pattern: `-Werror(?: |$)|\bset [-+][a-z]*[eo]`,
			unless:  `: error: |error:.*\[-Werror`,
			hits:    []string{"+ set -e -o pipefail", "gcc -Wall -Werror -c x.c -o error.o"},
			misses:  []string{"x.c:3:1: error: unused variable 'x' [-Werror=unused-variable]"},
			source:  "https://www.gnu.org/software/bash/manual/bash.html#The-Set-Builtin",
		},
		{
			id: "names", keys: []string{"error-prone", "error_prone", "errorprone", "error-handl", "errorhandl", "error handl", "error page", "error message", "error-message", "error code", "error_code", "expected error", "expected fail", "ignoring", "ignored error", "exception-", "exceptions-", "-exception", "failsafe", "fail-on", "errorlevel", "error.log", "errors.log", "error_prone_annotations", "faillock", "liberror", "libgpg-error"},
			pattern: `(?i)^(?:\W*(?:\[?INFO\]?|Get:|Unpacking|Setting up|Selecting|Download|Preparing|adding|copying|creating|inflating|extracting|Compiling|Building|Installing|Collecting|Fetch|Using|Running|Loading|- |\* |\+ |\[\s*\d+%\] )).*(?:error[-_ ]?(?:prone|handl|page|message|code)|exceptions?-|-exception|failsafe|gpg-error)|ignor(?:e|ing).{0,20}(?:error|fail)|\bexpected (?:error|fail)`,
			unless:  `(?i)\bgot\b|\bbut (?:was|none|there)|\bnot raised`,
			hits:    []string{"Get:12 http://archive.ubuntu.com/ubuntu jammy/main amd64 libgpg-error-dev amd64 1.43-3 [117 kB]", "Downloading com.google.errorprone:error_prone_annotations:2.3.4", "Ignoring error from cleanup"},
			misses:  []string{"    cart_test.go:14: expected error, got nil"},
			source:  "https://errorprone.info/docs/installation",
		},
		{
			id: "passed", keys: []string{"passed ", "pass:", "pass ", "ok ", "✓ ", "√ ", "✔ ", "[       ok", "skipped "},
			pattern: `^(?:\s*(?:ok|✓|√|✔|PASS(?:ED)?:?|\[\s+OK \])\s|(?:\[gw\d+\] )?(?:\[\s*\d+%\] )?(?:PASSED|SKIPPED|XFAIL|XPASS) )`,
			hits:    []string{"ok 12 - fails with an error", "  ✓ throws an Error", "[gw0] [ 17%] PASSED tests/test_errors.py::test_fail"},
			misses:  []string{"not ok 12 - x", "1 failed, 3 passed"},
			source:  "https://testanything.org/tap-version-14-specification.html",
		},
		{
			id: "passed-word", anywhere: true, keys: []string{" passed [", " passed (", "test-pass", "test-ok ", "test-start", "test-known", "test-info", "... ok", "... skipped"},
			hits:   []string{"test a::error_is_reported ... ok", "TEST-PASS | x.html | error event", "a/test_b.py::test_error PASSED [ 12%]"},
			source: "https://docs.pytest.org/en/stable/how-to/output.html",
		},
		{
			id: "tap-todo", keys: []string{"not ok "},
			pattern: `^\s*not ok \d+.*# (?:TODO|todo|SKIP|skip)\b`,
			hits:    []string{"not ok 3 - not yet # TODO write it"},
			source:  "https://testanything.org/tap-version-14-specification.html",
		},
		{
			id: "cache", keys: []string{"cache is not found", "cache not found for input keys", "failed to restore", "failed to save: unable to reserve cache"},
			hits:   []string{"yarn cache is not found", "Cache not found for input keys: a-b"},
			source: "https://github.com/actions/cache/blob/main/src/restoreImpl.ts",
		},
		{
			id: "fetched", keys: []string{"download", "collecting ", "requirement already", "installing ", "unpacking ", "setting up ", "get:", "selecting previously", "preparing to unpack", "counting objects"},
			pattern: `^(?:\[INFO\] )?\s*(?:Download(?:ing|ed)\b|Progress \(|Get:\d|Collecting |Requirement already|Installing |Unpacking |Setting up |Selecting previously|Preparing to unpack|remote: Counting)`,
			hits:    []string{"Collecting pytest-rerunfailures", "Downloaded from central: https://repo.maven.apache.org/maven2/x/maven-failsafe-plugin-2.22.pom", "Installing collected packages: exceptiongroup, pytest"},
			misses:  []string{"Could not transfer artifact x"},
			source:  "https://pip.pypa.io/en/stable/cli/pip_install/",
		},
		{
			id: "heads", keys: []string{"=== run", "total test files", "tests: ", "test suites:", "snapshots:", "● console", "summary ___", "retry", "caught error", "error(s) found: 0"},
			pattern: `^(?:\s*=== (?:RUN|PAUSE|CONT|NAME) |Total test files|(?:Tests|Test Suites|Snapshots):\s|\s*● Console$|_+ summary _+$)`,
			hits:    []string{"=== RUN   TestErrorPage", "Tests:       1 failed, 2 passed, 3 total", "  ● Console"},
			source:  "https://github.com/jestjs/jest/blob/main/packages/jest-reporters/src/getSummary.ts",
		},
	}
}
