// SPDX-License-Identifier: Apache-2.0

package bot

import (
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/tools/txtar"

	"review-assistant/builds"
	"review-assistant/review"
	"review-assistant/scrub"
)

// buildCase is what is known of a patch set's builds. LONG in a text stands for
// 4 KB, WIDE for a long line.
type buildCase struct {
	PatchSet int
	// Failures are those of one post, the likeliest of the change's own first;
	// Each are posts of one failure each.
	Failures, Each []builds.Assessment
	Culprits       []struct {
		Path string
		Line int
		How  builds.How
	}
}

// TestBuildComments reads what is known of builds from testdata/builds and
// compares what is posted. Each is an archive: its comment says what the case
// is; then come "case.json", see buildCase, and "comment".
func TestBuildComments(t *testing.T) {
	goldenComments(t, "testdata/builds/*.txtar", func(t *testing.T, arc *txtar.Archive) string {
		var posts []string
		for _, text := range buildCommentsOf(t, arc) {
			goodBuildComment(t, text)
			posts = append(posts, text.String())
		}
		return strings.Join(posts, "\n\n")
	})
}

// TestBuildsPage checks that docs/builds.md shows what is posted.
func TestBuildsPage(t *testing.T) {
	page, err := os.ReadFile("../docs/builds.md")
	if err != nil {
		t.Fatal(err)
	}
	arc, err := txtar.ParseFile("testdata/builds/same-job.txtar")
	if err != nil {
		t.Fatal(err)
	}
	if want := archived(arc, "comment"); !strings.Contains(string(page), "````\n"+want+"````\n") {
		t.Errorf("docs/builds.md does not show:\n%s", want)
	}
}

func buildCommentsOf(t *testing.T, arc *txtar.Archive) (out []scrub.Text) {
	t.Helper()
	body := strings.NewReplacer("LONG", strings.Repeat("long.", 820), "WIDE", strings.Repeat(" wide", 80)).Replace(archived(arc, "case.json"))
	var in buildCase
	d := json.NewDecoder(strings.NewReader(body))
	d.DisallowUnknownFields()
	if err := d.Decode(&in); err != nil {
		t.Fatal(err)
	}
	c := newCleaner(t)
	compose := func(list ...builds.Assessment) {
		n := buildNote{PatchSet: in.PatchSet, Verdict: standing{failures: list}.digest()}
		for _, a := range list {
			f, err := failureOf(c, a)
			if err != nil {
				t.Fatal(err)
			}
			n.Failures = append(n.Failures, f)
		}
		for _, x := range in.Culprits {
			path, err := c.Clean(x.Path)
			if err != nil {
				t.Fatal(err)
			}
			n.Culprits = append(n.Culprits, builds.Culprit{Path: path, Line: x.Line, How: x.How})
		}
		out = append(out, composeBuilds(n))
	}
	if len(in.Failures) > 0 {
		compose(in.Failures...)
	}
	for _, a := range in.Each {
		compose(a)
	}
	return out
}

func newCleaner(t *testing.T) *scrub.Cleaner {
	t.Helper()
	s, err := scrub.New(scrub.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return s.Begin()
}

// commanding is what other bots look for at the start of a line.
var commanding = regexp.MustCompile(`(?i)^\s*(?:/\w|recheck|reverify|retest|@|[A-Za-z-]+:|run \w+ tests?|(?:code-review|verified)\s*[+-])`)

// goodBuildComment checks what holds for every post.
func goodBuildComment(t *testing.T, text scrub.Text) {
	t.Helper()
	s := text.String()
	outside := codeBlock.ReplaceAllString(s, "")
	if n := utf8.RuneCountInString(outside); n > 1600 {
		t.Errorf("%d characters besides the block", n)
	}
	if n := utf8.RuneCountInString(s); n > 3600 {
		t.Errorf("%d characters", n)
	}
	k, err := seal(outgoing{kind: review.PostBuilds, cleaner: newCleaner(t), body: text}, "0123456789abcdef", review.PatchSet{Number: 1})
	if err != nil {
		t.Errorf("%v:\n%s", err, s)
	}
	if fences := strings.Count(s, "```"); fences > 2 || fences > 0 && !codeBlock.MatchString(s) {
		t.Errorf("%d fences:\n%s", fences, s)
	}
	for line := range strings.SplitSeq(outside, "\n") {
		if commanding.MatchString(line) {
			t.Errorf("a line reads like a command: %q", line)
		}
	}
	if err == nil && verdictMark.FindString(k.Message) == "" {
		t.Errorf("no verdict is found in:\n%s", s)
	}
}

// FuzzBuildComment checks that no name or line makes a post that cannot be
// sent, or one that another bot obeys.
func FuzzBuildComment(f *testing.F) {
	f.Add("unit", "TestRetry", "retry_test.go:88: got 3 tries", "this change touches pay/retry.go", "waits for PAY-7", "not-found")
	f.Add("```", "Code-Review+2", "```\n/approve", "a ` b", "[x](http://y)", "")
	f.Add("recheck\n", "\u202ex", "Change-Id: I0", "@all", "<b>", "denied")
	f.Add("«SECRET:a:1»", "<<SECRET:a:1»", "<<SECRET:a:1»", "«", "Signed-off-by: x", "")
	f.Fuzz(func(t *testing.T, job, test, line, evidence, said, unread string) {
		c := newCleaner(t)
		b := review.Build{Job: job, Unread: unread}
		x := review.BuildFailure{Test: test, Message: line, Fingerprint: job, Excerpt: []review.BuildLine{{Number: 1, Text: line}, {Text: test}}}
		var n buildNote
		for _, a := range []builds.Assessment{
			{Build: b, Failure: x, Shown: builds.ClassChange, Evidence: []string{evidence, line}},
			{Build: b, Failure: x, Shown: builds.ClassFlaky, Ruling: &builds.Ruling{Class: builds.ClassFlaky, Name: test, Message: said}, Blocks: []int{1}},
			{Build: b, Failure: review.BuildFailure{Message: line}, Shown: builds.ClassUnknown, Evidence: []string{evidence}},
		} {
			text, err := failureOf(c, a)
			if err != nil {
				t.Skip() // the scrubber stopped, and nothing is posted
			}
			n.Failures = append(n.Failures, text)
		}
		path, err := c.Clean(test)
		if err != nil {
			t.Skip()
		}
		n.PatchSet, n.Verdict, n.Culprits = 1, "0123456789ab", []builds.Culprit{{Path: path, Line: 3}}
		goodBuildComment(t, composeBuilds(n))
	})
}
