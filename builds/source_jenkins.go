// SPDX-License-Identifier: Apache-2.0

package builds

import (
	"net/url"
	"regexp"
	"strings"

	"review-assistant/review"
)

// The Gerrit Trigger plugin writes, after a head that is configured, a
// paragraph for each build, the worst first (ParameterExpander.createBuildsStats):
//
//	URL : RESULT[ (skipped)][ <<<
//	LINES OF THE LOG
//	>>>]
//
// RESULT is Jenkins' word, or a text of the job's configuration instead of it.
// "(skipped)" says that the result does not count for the vote.
var jenkinsLine = regexp.MustCompile(`^(https?://\S+) : (\S.*?)( <<<)?$`)

func readJenkins(m *ciMessage) []Run {
	// A line that may be of a log counts only if it makes things worse: it says
	// that a job with a vote failed of which no sure line speaks.
	told := map[string]bool{}
	for i, line := range m.lines {
		if f := jenkinsLine.FindStringSubmatch(line); f != nil && !m.inLog(i) {
			told[jenkinsJob(f[1])] = true
		}
	}
	var runs []Run
	for i := 0; i < len(m.lines) && len(runs) < maxRuns; i++ {
		f := jenkinsLine.FindStringSubmatch(m.lines[i])
		if f == nil {
			continue
		}
		run := Run{URL: f[1], Job: jenkinsJob(f[1])}
		run.Said, run.Optional = strings.CutSuffix(f[2], " (skipped)")
		run.Result = resultOf(run.Said)
		unsure := m.inLog(i)
		if f[3] != "" {
			for i++; i < len(m.lines) && m.lines[i] != logEnd; i++ {
				run.excerpt = append(run.excerpt, m.lines[i])
			}
		}
		switch {
		case f[3] != "" && run.Result == review.BuildPassed:
			continue
		case unsure && (told[run.Job] || run.Optional || run.Result != review.BuildFailed):
			continue
		case unsure:
			told[run.Job] = true
		}
		runs = append(runs, run)
	}
	return runs
}

// jenkinsJob returns the name of a run's job: "a/b" for …/job/a/job/b/12/, or
// else the host and path of the page without its number.
func jenkinsJob(page string) string {
	u, err := url.Parse(page)
	if err != nil {
		return ""
	}
	parts := strings.Split(strings.Trim(u.EscapedPath(), "/"), "/")
	var names []string
	for i := 0; i+1 < len(parts); i++ {
		if parts[i] == "job" {
			i++
			names = append(names, unescaped(parts[i]))
			// A matrix build has its axes between the job and the number.
			if i+1 < len(parts) && strings.ContainsAny(parts[i+1], "=") {
				i++
				names = append(names, unescaped(parts[i]))
			}
		}
	}
	if len(names) > 0 {
		return plainLine(strings.Join(names, "/"))
	}
	for len(parts) > 0 && strings.Trim(parts[len(parts)-1], "0123456789") == "" {
		parts = parts[:len(parts)-1]
	}
	return plainLine(u.Host + "/" + strings.Join(parts, "/"))
}

// unescaped undoes the escapes of a branch in a job's name, which are two deep.
func unescaped(s string) string {
	for range 2 {
		if t, err := url.PathUnescape(s); err == nil {
			s = t
		}
	}
	return s
}
