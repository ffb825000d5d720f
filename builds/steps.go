// SPDX-License-Identifier: Apache-2.0

package builds

import (
	"strconv"
	"strings"

	"review-assistant/internal/lazyre"
)

// mark is what a line says of the steps of a job.
type mark uint8

// The marks.
const (
	markNone   mark = iota
	markStart       // a step begins
	markEnd         // a command ended badly
	markFinal       // a step ended badly, in the words of the CI
	markClose       // a block ended, nobody says how
	markRunEnd      // a playbook ended: with its last task, if that failed
	markOver        // what follows is not of the steps: the block before failed
)

// stepRule is how a CI or build tool shows a step's begin or end.
type stepRule struct {
	id      string
	mark    mark
	keys    []string
	pattern string
	hits    []string
	source  string
}

type compiledStep struct {
	stepRule
	re *lazyre.Regexp
}

// step returns the mark of a line of which the rules with a key in it are known.
func (b *ruleBook) step(set *ruleSet, line string) mark {
	for i := range b.steps {
		n := len(b.rules) + i
		if set[n/64]&(1<<(n%64)) != 0 && b.steps[i].re.MatchString(line) {
			return b.steps[i].mark
		}
	}
	return markNone
}

// mark is what a clean line says of steps.
func (b *ruleBook) mark(line string) mark {
	set, any := b.words.in([]byte(line))
	if !any {
		return markNone
	}
	return b.step(&set, head([]byte(line)))
}

func stepRules() []stepRule {
	return []stepRule{
		{
			id: "final", mark: markFinal,
			keys:    []string{"process completed with exit code", "exited with", "marked build as failure", "build failure", "build failed", "job failed", "unsuccessful task run", "program finished with exit code", "[taskcluster:error]", "return code: ", "finished: failure", "exit code '", "script returned exit code", "exited with status", "timeout has been exceeded", "section_end:", "running after_script", "uploading artifacts for failed job", "cleaning up project directory", "cleaning up file based"},
			pattern: `^(?:\[taskcluster:error\]|Finished: FAILURE)|Process completed with exit code [1-9]|(?:command|Your build|") exited with (?:code |status )?[1-9]|Exited with code|script returned exit code [1-9]|marked build as failure|BUILD FAIL(?:URE|ED)|Build failed with an exception|ERROR: Job failed|Unsuccessful task run|program finished with exit code [1-9]|exited with code '[1-9]|ERROR - Return code: [1-9]|^section_end:\d+:(?:step|build)_script|^(?:Running after_script|Uploading artifacts for failed job|Cleaning up (?:project directory|file based))`,
			hits:    []string{"##[error]Process completed with exit code 1.", `The command "make" exited with 2.`, "Build step 'Execute shell' marked build as failure", "[INFO] BUILD FAILURE", "ERROR: Job failed: exit code 1", "program finished with exit code 2", "##[error]Bash exited with code '1'.", "section_end:1764164900:step_script", "Running after_script"}, // the last ones of GitLab
			source:  "https://github.com/actions/runner/blob/main/src/Runner.Worker/Handlers/ScriptHandler.cs",
		},
		{
			id: "end", mark: markEnd,
			keys:    []string{"make: ***", "aborting task", "failed to execute goal", "exit status", "short test summary", "test failed", "npm err! code", "*** failed", "command failed with exit code"},
			pattern: `^make: \*\*\*|Aborting task|exit status [1-9]|npm ERR! (?:Test failed|code)|\*\*\* FAILED|Command failed with exit code`,
			hits:    []string{"make: *** [Makefile:3: all] Error 2", "exit status 1", "error Command failed with exit code 1."},
			source:  "https://www.gnu.org/software/make/manual/html_node/Error-Messages.html",
		},
		{
			// A step of a pipeline that fails leaves its block as one that passes does;
			// a task of Zuul that fails may be one whose errors are ignored.
			id: "close", mark: markClose,
			keys:    []string{"[pipeline] }", "\"msg\": \"non-zero return code\""},
			pattern: `^\[Pipeline\] \}|^\s*"msg": "non-zero return code"`,
			hits:    []string{"[Pipeline] }", `  "msg": "non-zero return code",`},
			source:  "https://www.jenkins.io/doc/book/pipeline/syntax/#post",
		},
		{
			id: "over", mark: markOver,
			keys:    []string{"(declarative: post actions)", "[pipeline] end of pipeline", "skipped due to earlier failure", "post job cleanup"},
			pattern: `^\[Pipeline\] (?:\{ \(Declarative: Post Actions\)|End of Pipeline)|^Stage ".*" skipped due to earlier failure|^Post job cleanup\.`,
			hits:    []string{"[Pipeline] { (Declarative: Post Actions)", "[Pipeline] End of Pipeline", `Stage "Deploy" skipped due to earlier failure(s)`, "Post job cleanup."}, // the last of GitHub
			source:  "https://github.com/jenkinsci/pipeline-model-definition-plugin/blob/master/pipeline-model-definition/src/main/resources/org/jenkinsci/plugins/pipeline/modeldefinition/Messages.properties",
		},
		{
			id: "run-end", mark: markRunEnd,
			keys:    []string{"run end result_"},
			pattern: `^RUN END RESULT_`,
			hits:    []string{"RUN END RESULT_NORMAL: [untrusted : x/run.yaml@main]"},
			source:  "https://opendev.org/zuul/zuul/src/branch/master/zuul/executor/server.py",
		},
		{
			id: "start", mark: markStart,
			keys:    []string{"##[group]", "$ ", "travis_fold:start", "section_start:", "##[section]starting", "[pipeline] {", "task [", "##### running", "step "},
			pattern: `^(?:##\[group\]|\$ \S|##\[section\]Starting|\[Pipeline\] \{ \(|TASK \[|##### Running \S+ step|Step \d+/\d+ : )|travis_fold:start|section_start:`,
			hits:    []string{"##[group]Run make test", "$ make test", "travis_fold:start:script", "TASK [run-test : x] ****", "##### Running run-tests step.", "Step 3/7 : RUN make"},
			source:  "https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands",
		},
	}
}

// block is a part of a pipeline.
type block struct{ start, end, hardest int }

// endRun ends the job where the block that ended last is of the last step.
func (d *digest) endRun() {
	if d.firstFinal == 0 && d.closed.end > 0 && d.closed.start == d.start {
		d.over()
	}
}

// over ends the job: the last block failed in which a tool said something.
func (d *digest) over() {
	if d.closed.end == 0 {
		d.firstFinal = d.number
		return
	}
	d.start, d.firstFinal, d.lastEnd, d.hardest = d.closed.start, d.closed.end, d.closed.end, d.closed.hardest
	for _, c := range d.best {
		c.inStep = c.number > d.start && c.number < d.firstFinal
	}
	d.weakest = d.least()
	d.lastWords(d.firstFinal)
}

// zuulEnd reports whether a line begins the result of a task that failed.
func zuulEnd(line string) bool { return line == "ERROR" || line == "{" }

// attempt is how scripts count what they try.
var attempt = lazyre.New(`\b(?:attempt|try) #?(\d{1,3})(?:/| of )(\d{1,3})`)

// again reports whether a line says that the same is tried once more.
func again(head []byte) bool {
	low := strings.ToLower(string(head))
	if strings.Contains(low, "retrying") || strings.Contains(low, "will retry") || strings.Contains(low, "trying again") {
		return true
	}
	if !strings.Contains(low, "attempt ") && !strings.Contains(low, "try ") {
		return false
	}
	g := attempt.FindStringSubmatch(low)
	if g == nil {
		return false
	}
	n, _ := strconv.Atoi(g[1])
	last, _ := strconv.Atoi(g[2])
	return n < last
}

// shellTrace reports whether a line is a command as sh -x prints it
// (https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#set),
// and not of a difference.
func shellTrace(text []byte) bool {
	return len(text) > 3 && text[0] == '+' && text[1] == ' ' && (letter(text[2]) || text[2] == '.' || text[2] == '/')
}
