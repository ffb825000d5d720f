// SPDX-License-Identifier: Apache-2.0

package builds

// toolRules are build tools that name the step that failed, and exceptions.
func toolRules() []rule {
	return []rule{
		{
			id: "maven-goal", tier: tierCrash, kind: KindOther, category: categoryUnknown, keys: []string{"failed to execute goal"},
			pattern: `Failed to execute goal`,
			hits:    []string{"[ERROR] Failed to execute goal org.x:nexus-staging-maven-plugin:1.6.13:deploy (d) on project a: Failed to install metadata"},
			source:  "https://github.com/apache/maven/blob/master/impl/maven-core/src/main/java/org/apache/maven/lifecycle/LifecycleExecutionException.java",
		},
		{
			id: "gradle-task", tier: tierTask, kind: KindOther, category: categoryUnknown, keys: []string{" failed", "* what went wrong", "execution failed for task", "a problem occurred"}, below: 7,
			pattern: `^(?:> Task (?P<task>\S+) FAILED|\* What went wrong|Execution failed for task|A problem occurred)`,
			hits:    []string{"> Task :a:checkFormat FAILED", "* What went wrong:", "Execution failed for task ':a:b'.", "A problem occurred evaluating root project 'x'."},
			source:  "https://docs.gradle.org/current/userguide/command_line_interface.html",
		},
		{
			id: "bazel", tier: tierTest, kind: KindCompile, keys: []string{"build:", "build.bazel:", ".bzl:", "workspace:"},
			pattern: `^ERROR: (?P<file>/?[^\s:]*(?:BUILD(?:\.bazel)?|WORKSPACE|\.bzl)):(?P<line>\d+):\d+: `,
			hits:    []string{"ERROR: /src/a/BUILD:12:3: Compiling a.cc failed: (Exit 1): gcc failed"},
			source:  "https://bazel.build/docs/user-manual",
		},
		{
			id: "ninja", tier: tierStopped, kind: KindCompile, keys: []string{"failed: ", "ninja: "}, below: 6,
			pattern: `^(?:FAILED: (?:\[code=\d+\] )?\S|ninja: error: )`,
			hits:    []string{"FAILED: src/a.o ", "ninja: error: 'x', needed by 'y', missing and no known rule to make it"},
			source:  "https://ninja-build.org/manual.html",
		},
		{
			id: "ansible", tier: tierTask, kind: KindOther, category: categoryUnknown, keys: []string{"fatal: [", "failed: [", "module failure"}, above: 2,
			pattern: `^(?:(?:fatal|failed): \[[^\]]+\](?: -> \S+)?: (?:FAILED|UNREACHABLE)|\S+ \| (?:MODULE FAILURE|FAILED))`,
			hits:    []string{`fatal: [host1]: FAILED! => {"changed": true, "cmd": "x", "rc": 1}`, "node-1 | MODULE FAILURE"},
			source:  "https://docs.ansible.com/ansible/latest/playbook_guide/playbooks_error_handling.html",
		},
		{
			id: "terraform-helm-kubectl", tier: tierTask, kind: KindConfig, category: "config", keys: []string{"╷", "│ error:", "error: installation failed", "error: upgrade failed", "error from server", "error: unable to build kubernetes", "failed to solve", "dockerfile:"},
			pattern: `^(?:│? ?Error: |Error: (?:INSTALLATION|UPGRADE) FAILED|Error from server|Dockerfile:\d+$)|unable to build kubernetes|ERROR: failed to solve`,
			hits:    []string{"│ Error: Invalid reference", "Error: UPGRADE FAILED: timed out waiting for the condition", `Error from server (NotFound): pods "x" not found`, "ERROR: failed to solve: process \"/bin/sh -c make\" did not complete successfully: exit code: 2"},
			source:  "https://developer.hashicorp.com/terraform/cli/commands/validate",
		},
		{
			id: "github-error", tier: tierTask, kind: KindOther, category: categoryUnknown, keys: []string{"##[error]", "::error", "##vso[task.logissue type=error"},
			pattern: `^(?:##\[error\]\S|::error\b)|##vso\[task\.logissue type=error`,
			hits:    []string{"##[error]Please add a changelog entry", "::error file=a.py,line=3::x"},
			unless:  `exited with code|failed with exit code \d+\.?$|^##\[error\]Error: ?$`,
			misses:  []string{"##[error]Process completed with exit code 1.", "##[error]Bash exited with code '1'."},
			source:  "https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands",
		},
		{
			id: "ci-error", tier: tierSaid + 4, kind: KindOther, category: categoryUnknown, keys: []string{"automation error", "[taskcluster:error]", "[taskcluster] error", "abort:", "remotefailed:", "return code: ", "critical - ", "error - ", "fatal - ", "bash.exe: ***"},
			pattern: `^(?:\[taskcluster:error\]|\[taskcluster\] Error|abort: |remoteFailed:|(?:ERROR|CRITICAL|FATAL) - )|Automation Error:|bash\.exe: \*\*\* `,
			hits:    []string{"[taskcluster:error] Task aborted", "CRITICAL - # TBPL FAILURE #", "ERROR - Return code: 1"},
			source:  "https://github.com/mozilla/treeherder/blob/master/treeherder/log_parser/parsers.py",
		},
		{
			id: "exception", tier: tierThrown, kind: KindOther, category: categoryUnknown, keys: []string{"error", "exception", "caused by", "uncaught", "unhandled"}, above: 2,
			pattern: `^(?:\s{0,8}(?:\[ERROR\]\s*)?[\w$]+\.[\w$.]*(?:Exception|Error)\b|(?:E\s+)?[\w.]*(?:Error|Exception): \S|\s*Caused by: |\s*(?:Uncaught|Unhandled))`,
			hits:    []string{"java.lang.IllegalArgumentException: x", "subprocess.CalledProcessError: Command '[\"pnpm\"]' returned non-zero exit status 2.", "TypeError: undefined is not a function", "Caused by: java.io.IOException: x"},
			misses:  []string{"error: x"},
			source:  "https://docs.python.org/3/library/traceback.html",
		},
		{
			id: "said", tier: tierSaid, kind: KindOther, category: categoryUnknown, keys: []string{"error", "fatal", "critical", "err!"},
			pattern: `^(?:\W{0,4}(?:fatal|ERROR|error|Error|FATAL|CRITICAL)\b ?[:\]!-]|\[(?:ERROR|error|FATAL)\] ?\S|ERR! )`,
			unless:  `^fatal: (?:No names found|No tags can describe|no tag exactly matches)`, // git describe, in scripts that go on
			hits:    []string{"fatal: not a git repository", "ERROR: something", "[ERROR] x"},
			source:  "https://git-scm.com/docs/git",
		},
		{
			id: "marked", tier: tierSaid, kind: KindOther, category: categoryUnknown, keys: []string{"❌ ", "✘ ", "🚨 "},
			pattern: `^\s*(?:❌|✘|🚨) ?\S`,
			hits:    []string{"❌ Deployment failed"},
			source:  "https://buildkite.com/docs/pipelines/configure/managing-log-output",
		},
		{
			id: "said-inside", tier: tierSaid, kind: KindOther, category: categoryUnknown, front: 160, keys: []string{"error: ", "[err_", " err_", "] error", "] fatal"},
			pattern: `(?i)\berror: |\[err_| err_|\] error|\] fatal`,
			unless:  `^(?:g?make(?:\[\d+\])?|mingw32-make): \*\*\*|^curl: \(`,
			hits:    []string{"Error [ERR_REQUIRE_ESM]: require() of ES Module"},
			source:  "https://nodejs.org/api/errors.html",
		},
		{
			id: "stopped", tier: tierStopped, kind: KindOther, category: categoryUnknown, keys: []string{"npm err!", "npm error", "*** ", "build stopped", "failure:", "exited with", "cmd failed", "failed with", "build failed", "command failed", "returned non-zero", "exit status", "gave up"},
			pattern: `^(?:npm (?:ERR!|error)|g?make(?:\[\d+\])?: \*\*\*|mingw32-make|(?:cmd|Command) failed|BUILD FAILED)|ninja: build stopped|FAILURE:|exited with (?:code )?[1-9]|failed with (?:exit|error|return|status)|returned non-zero exit`,
			hits:    []string{"make[1]: *** [Makefile:12: all] Error 2", "ninja: build stopped: subcommand failed.", "npm ERR! code 1"},
			source:  "https://www.gnu.org/software/make/manual/html_node/Error-Messages.html",
		},
		{
			id: "loggers", tier: tierStopped, kind: KindOther, category: categoryUnknown, keys: []string{"level=error", "level=fatal", "\"level\":\"error\"", "\"level\":\"fatal\"", "!!! error in "},
			hits:   []string{"time=x level=fatal msg=\"no config\"", "!!! Error in hack/verify.sh:12"},
			source: "https://github.com/sirupsen/logrus",
		},
		{
			id: "klog", tier: tierStopped, kind: KindOther, category: categoryUnknown, keys: []string{".go:", ".cc:"},
			pattern: `^[EF]\d{4} \d\d:\d\d:\d\d\.\d+\s+\d+ \S+:\d+\] \S`,
			hits:    []string{"F0423 10:00:00.000000   12345 main.go:12] no config"},
			source:  "https://github.com/kubernetes/klog",
		},
		{
			id: "ended", tier: tierEnd, kind: KindOther, category: categoryUnknown, keys: []string{"command failed with exit code", "aborting task", "failed with exit code", "elifecycle", "exit status", "failures:", "failures!", "=== failures", "=== errors", "failed tests:"},
			pattern: `^(?:\W*(?:error )?Command failed with exit code|\W*error Command failed|\s*[Ff]ailures:$|FAILURES!?$|={3,} (?:FAILURES|ERRORS) ={3,})|Aborting task|The process .* failed with exit code|ELIFECYCLE|Exit status`,
			hits:    []string{"error Command failed with exit code 1.", "=================== FAILURES ===================", "failures:", "npm ERR! code ELIFECYCLE"},
			source:  "https://classic.yarnpkg.com/en/docs/cli/run",
		},
	}
}

// wordRules are words that any tool may use. They are the last to be tried.
func wordRules() []rule {
	return []rule{
		{
			id: "loud-word", tier: tierShout, kind: KindOther, category: categoryUnknown, keys: []string{"error", "failed", "failure", "fatal", "crash", "abort"},
			pattern: `\b(?:ERROR|FAILED|FAILURE|FATAL|CRASH|ABORT(?:ED)?)\b`,
			hits:    []string{"step 3 FAILED"},
			source:  "https://www.gnu.org/prep/standards/html_node/Errors.html",
		},
		{
			id: "word", tier: tierWord, kind: KindOther, category: categoryUnknown, anywhere: true,
			keys:   []string{"error", "fail", "exception", "fatal", "panic", "abort", "crash", "unexpected", "went wrong", "unsuccessful"},
			hits:   []string{"1 test failed", "Something went wrong in executing: git"},
			source: "https://www.gnu.org/prep/standards/html_node/Errors.html",
		},
	}
}
