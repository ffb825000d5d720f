// SPDX-License-Identifier: Apache-2.0

package bot

import (
	"net/url"
	"strconv"
	"strings"

	"review-assistant/builds"
	"review-assistant/review"
	"review-assistant/scrub"
	"review-assistant/summarize"
)

const (
	// maxBuildLines is how many lines of a log a post shows: what a person
	// takes in at a glance. The card and the API have all of them.
	maxBuildLines = 12
	// maxBuildLine is in characters of such a line.
	maxBuildLine = 160
	// maxOthers is how many failures besides the first have a line.
	maxOthers = 5
)

// buildNote is everything that a post about builds tells.
type buildNote struct {
	PatchSet int
	Failures []failureText // the likeliest of the change's own first
	Culprits []builds.Culprit
	Verdict  string // 12 hex digits
}

// failureText is a failure in words.
type failureText struct {
	Job      scrub.Text
	Test     scrub.Text
	Message  scrub.Text
	Shown    builds.Class
	Ruled    bool
	Said     scrub.Text // what a person says of it
	Name     scrub.Text // of the known failure
	Evidence []scrub.Text
	Lines    []logLine
	Blocks   int
	Unread   string
	Cluster  string
}

type logLine struct {
	number int
	text   scrub.Text
}

// failureOf scrubs again what was stored of a failure.
func failureOf(c *scrub.Cleaner, a builds.Assessment) (f failureText, err error) {
	clean := func(to *scrub.Text, s string) {
		if err == nil {
			*to, err = c.Clean(s)
		}
	}
	clean(&f.Job, a.Build.Job)
	clean(&f.Test, a.Failure.Test)
	clean(&f.Message, a.Failure.Message)
	f.Shown, f.Blocks, f.Unread, f.Cluster = a.Shown, len(a.Blocks), a.Build.Unread, a.Failure.Fingerprint
	if a.Ruling != nil {
		f.Ruled = true
		clean(&f.Said, a.Ruling.Message)
		clean(&f.Name, a.Ruling.Name)
	}
	for _, e := range a.Evidence {
		var t scrub.Text
		clean(&t, e)
		f.Evidence = append(f.Evidence, t)
	}
	var lines []string
	for _, l := range a.Failure.Excerpt {
		lines = append(lines, l.Text)
	}
	var all scrub.Text
	clean(&all, strings.Join(lines, "\n")) // as one text: a key may have several lines
	for i, t := range all.Lines() {
		if len(lines) > 0 && i < len(a.Failure.Excerpt) {
			f.Lines = append(f.Lines, logLine{a.Failure.Excerpt[i].Number, t})
		}
	}
	return f, err
}

// classText says whose failure it is.
func classText(c builds.Class) scrub.Text {
	switch c {
	case builds.ClassChange:
		return scrub.Lit("probably this change")
	case builds.ClassPreexisting:
		return scrub.Lit("was broken before")
	case builds.ClassFlaky:
		return scrub.Lit("flaky")
	case builds.ClassInfra:
		return scrub.Lit("trouble of the CI")
	case builds.ClassTimeout:
		return scrub.Lit("timeout")
	case builds.ClassConfiguration:
		return scrub.Lit("configuration of the CI")
	case builds.ClassUnknown:
	}
	return scrub.Lit("unknown whose")
}

// composeBuilds writes the post without its last words, which name the audit
// record. It is pure: the same note gives the same text.
func composeBuilds(n buildNote) scrub.Text {
	first := n.Failures[0]
	out := []scrub.Text{scrub.Format("**Build failed** (patch set %s)", scrub.Int(n.PatchSet)), first.line()}
	if block := first.block(); !block.Empty() {
		out = append(out, block)
	} else if first.Unread != "" {
		out = append(out, unreadText(first.Unread))
	}
	if t := culpritsText(n.Culprits); !t.Empty() {
		out = append(out, t)
	}
	rest := n.Failures[1:]
	for _, f := range rest[:min(len(rest), maxOthers)] {
		out = append(out, f.line())
	}
	if more := len(rest) - maxOthers; more > 0 {
		out = append(out, scrub.Format("- %s more failures, in the API and with `review-assistant builds list`.", scrub.Int(more)))
	}
	out = append(out, scrub.Format("Cluster %s. Computed, no model. Mute: #review-assistant-off. Verdict %s.", hex12(first.Cluster), hex12(n.Verdict)))
	return scrub.Join("\n", out...)
}

// hex12 shows a name of ours: at most 16 hex digits.
func hex12(s string) scrub.Text {
	var out []scrub.Text
	for _, r := range s[:min(len(s), 16)] {
		i := strings.IndexRune("0123456789abcdef", r)
		if i < 0 {
			continue
		}
		out = append(out, digits[i])
	}
	return scrub.Join("", out...)
}

var digits = [16]scrub.Text{
	scrub.Lit("0"), scrub.Lit("1"), scrub.Lit("2"), scrub.Lit("3"), scrub.Lit("4"), scrub.Lit("5"), scrub.Lit("6"), scrub.Lit("7"),
	scrub.Lit("8"), scrub.Lit("9"), scrub.Lit("a"), scrub.Lit("b"), scrub.Lit("c"), scrub.Lit("d"), scrub.Lit("e"), scrub.Lit("f"),
}

// line tells a failure in a sentence or two.
func (f failureText) line() scrub.Text {
	head := scrub.Format("- %s: %s", summarize.PathText(f.Job), classText(f.Shown))
	if !f.Test.Empty() {
		head = scrub.Format("- %s, %s: %s", summarize.PathText(f.Job), summarize.PathText(f.Test), classText(f.Shown))
	}
	if f.Ruled {
		switch {
		case !f.Name.Empty() && summarize.Presentable(f.Name):
			head = scrub.Format("%s (known: %s)", head, f.Name)
		default:
			head = scrub.Format("%s (as somebody marked it)", head)
		}
		if !f.Said.Empty() && summarize.Presentable(f.Said) {
			head = scrub.Format("%s. %s", head, f.Said)
		}
	}
	if len(f.Evidence) > 0 {
		head = scrub.Format("%s. %s", head, scrub.Join("; ", f.Evidence...))
	}
	if f.Blocks > 0 {
		head = scrub.Format("%s; blocks %s other changes", head, scrub.Int(f.Blocks))
	}
	return scrub.Format("%s.", head).Neutral()
}

// block shows the lines that matter. A gutter with the number of each line
// keeps whatever a log says from being a command at the start of a line.
func (f failureText) block() scrub.Text {
	var out []scrub.Text
	for _, l := range f.Lines[:min(len(f.Lines), maxBuildLines)] {
		t := l.text.Code()
		if strings.TrimSpace(t.String()) == "" {
			continue
		}
		if active.MatchString(strings.NewReplacer("://", ": ", "<", "", "](", "").Replace(t.String())) {
			t = scrub.Lit("(a line that reads like a vote, a trailer or a command)")
		}
		if runes := []rune(t.String()); len(runes) > maxBuildLine {
			t = scrub.Format("%s…", t.Slice(0, len(string(runes[:maxBuildLine-1]))))
		}
		gutter := scrub.Lit("     | ")
		if l.number > 0 {
			gutter = scrub.Format("%s | ", scrub.Int(l.number))
		}
		out = append(out, scrub.Join("", gutter, t))
	}
	if len(out) == 0 {
		return scrub.Text{}
	}
	return scrub.Format("```\n%s\n```", scrub.Join("\n", out...))
}

func culpritsText(list []builds.Culprit) scrub.Text {
	var items []scrub.Text
	for _, c := range list {
		place := summarize.PathText(c.Path)
		if c.Line > 0 {
			place = scrub.Format("%s:%s", place, scrub.Int(c.Line))
		}
		items = append(items, scrub.Format("%s (%s)", place, howText(c.How)))
	}
	if len(items) == 0 {
		return scrub.Text{}
	}
	return scrub.Format("Look at %s.", scrub.Join(", ", items...)).Neutral()
}

func howText(h builds.How) scrub.Text {
	switch h {
	case builds.NamedLine:
		return scrub.Lit("the log names what you added")
	case builds.RemovedAt:
		return scrub.Lit("removed here")
	case builds.AddedAt:
		return scrub.Lit("added here")
	}
	return scrub.Lit("the log names the file")
}

// unreadText says why no line is shown: a log that was not read must not look
// like one that shows nothing.
func unreadText(why string) scrub.Text {
	switch why {
	case unreadNoFetcher, "host-not-allowed":
		return scrub.Lit("Its log was not read: the operator allows no logs of that host.")
	case unreadEmpty:
		return scrub.Lit("Its log was read; no line of it says what failed.")
	}
	return scrub.Lit("Its log could not be read.")
}

// clusterURL fills the operator's template.
func clusterURL(template string, id review.ChangeID, fingerprint string) string {
	return strings.NewReplacer(
		"{host}", url.PathEscape(id.Host), "{project}", strings.ReplaceAll(url.PathEscape(id.Project), "%2F", "/"),
		"{fingerprint}", fingerprint, "{change}", strconv.Itoa(id.Number),
	).Replace(template)
}
