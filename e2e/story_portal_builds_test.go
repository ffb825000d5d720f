// SPDX-License-Identifier: Apache-2.0

//go:build e2e

package e2e

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"review-assistant/e2e/rig"
)

// fails tells the bot of a run on a change, of which a test failed.
func (s *story) fails(c *rig.Change, job, test, message string) {
	s.Helper()
	report := s.bot.write("junit-"+job+".xml", fmt.Sprintf("<testsuite name=%q><testcase classname=%[1]q name=%q><failure message=%q>%[3]s</failure></testcase></testsuite>", "pay", test, message))
	from := s.bot.mark()
	out, exit := s.bot.run("builds", "ingest", report, "--to", s.bot.url, "--token-file", s.bot.write("push-token-"+job, buildToken), "--project", "main/"+s.project.Name,
		"--change", strconv.Itoa(c.Number), "--patch-set", "1", "--job", job, "--result", "failed", "--id", job+"-1", "--url", "https://ci.example.com/"+job+"/1")
	if exit != 0 {
		s.Fatalf("builds ingest ends with %d: %s", exit, out)
	}
	s.looked(c, from, "posted")
}

// failuresFirst: on the card the changes that fail come first, those that break
// their own build before those whom the CI let down; among the failures the one
// that is most worth mending does. Each has its evidence and the way to its run.
func failuresFirst(t *testing.T, x *pages) {
	s := x.tell(t, 2, "jane")
	own, ci, well := s.push(retry(5)), s.push(retry(6)), s.push(retry(7))
	for _, c := range []*rig.Change{own, ci, well} {
		s.comment(c, 1)
	}
	s.fails(own, "unit", "TestRetry", "pay/authorize.go:12: got 3 tries")
	s.fails(ci, "mirror", "TestFetch", "could not resolve host: mirror.example.com")
	// The newest update is of the one that does not fail.
	well.Vote(s.bob, "Code-Review", 1)

	jane := x.tab(t, "jane")
	jane.Open(entity(2))
	jane.Shows("1 build failure: 1 by this change")
	jane.Shows("1 build failure: 1 of the CI itself")
	inOrder(t, "the card", jane.Texts("ul[aria-label='Open changes'] > li"), "Retry payments 5 times", "Retry payments 6 times", "Retry payments 7 times")
	jane.Screenshot("card")

	jane.Open(entity(2) + "/gerrit-reviews")
	jane.Shows("Retry payments 5 times")
	inOrder(t, "the table", jane.Texts("table[aria-label='Open changes'] tbody > tr:not([hidden])"), "Retry payments 7 times", "Retry payments 6 times", "Retry payments 5 times")
	jane.Screenshot("tab")
	jane.Click("Build failures")
	jane.Shows("2 open failures, the most worth mending first.")
	failures := jane.Texts("ol[aria-label='Build failures'] > li")
	inOrder(t, "the failures", failures, "TestFetch", "TestRetry")
	for i, want := range [][]string{
		{"CI trouble", "could not resolve host: mirror.example.com", "in mirror", "trouble in CI (", "1 run on 1 change since ", fmt.Sprintf("1 open change waits for it: #%d", ci.Number)},
		{"Caused by the change", "got 3 tries", "in unit", "likely the change (", "1 run on 1 change since ", fmt.Sprintf("1 open change waits for it: #%d", own.Number)},
	} {
		holds(t, "a failure", failures[i], want...)
	}
	if got, want := jane.Links("Re-run in CI"), []string{"https://ci.example.com/mirror/1", "https://ci.example.com/unit/1"}; !slices.Equal(got, want) {
		t.Errorf("the links to runs lead to %q, want %q", got, want)
	}
	jane.Screenshot("failures")
	jane.Click("Open changes")
	jane.Click(fmt.Sprintf("Details of change %d: Retry payments 6 times", ci.Number))
	jane.Shows("Re-run in CI")
	holds(t, "the detail", jane.Text(), "Build failures", "trouble in CI (", "could not resolve host: mirror.example.com")
	if got, want := jane.Links("Re-run in CI"), []string{"https://ci.example.com/mirror/1"}; !slices.Equal(got, want) {
		t.Errorf("the links of the detail lead to %q, want %q", got, want)
	}
	jane.Screenshot("detail")
	for section, shows := range map[string]string{
		"Recently landed": "Nothing has landed yet", "Branches": "0 of 3 open", "Activity": "decisions.",
	} {
		jane.Click("Build failures")
		jane.Shows("TestFetch")
		jane.Click(section)
		jane.Hides("TestFetch", shows)
		jane.Screenshot(section)
	}
}

// inOrder fails unless each of the texts holds the part at its place, and there
// are no others.
func inOrder(t *testing.T, what string, texts []string, parts ...string) {
	t.Helper()
	same := len(texts) == len(parts)
	for i := 0; same && i < len(texts); i++ {
		same = strings.Contains(texts[i], parts[i])
	}
	if !same {
		t.Fatalf("%s: want %q in this order:\n%s", what, parts, strings.Join(texts, "\n--\n"))
	}
}
