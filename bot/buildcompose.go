// SPDX-License-Identifier: Apache-2.0

package bot

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"review-assistant/builds"
	"review-assistant/scrub"
)

const (
	// maxBuildLines is how many lines of a log a post shows: what a person
	// takes in at a glance. The card and the API have all of them.
	maxBuildLines = 12
	// maxBuildLine is in characters of such a line.
	maxBuildLine = 160
	// maxOthers is how many lines tell of failures besides the first.
	maxOthers = 5
	// maxTogether is how many failures one of these lines names.
	maxTogether = 3
	// maxBuildText is in characters, of what is said besides the lines of a
	// log, links and the audit record.
	maxBuildText = 1500
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
	f.Message = placeholders(f.Message)
	f.Shown, f.Blocks, f.Unread, f.Cluster = a.Shown, len(a.Blocks), a.Build.Unread, a.Failure.Fingerprint
	if a.Ruling != nil {
		f.Ruled = true
		clean(&f.Said, a.Ruling.Message)
		clean(&f.Name, a.Ruling.Name)
	}
	if a.Ruling == nil || !a.Ruling.Fixed.IsZero() {
		// What was counted may speak for another class than a person's.
		for _, e := range a.Evidence {
			var t scrub.Text
			clean(&t, e)
			f.Evidence = append(f.Evidence, t)
		}
	}
	var lines []string
	for _, l := range a.Failure.Excerpt {
		lines = append(lines, l.Text)
	}
	var all scrub.Text
	clean(&all, strings.Join(lines, "\n")) // as one text: a key may have several lines
	for i, t := range all.Lines() {
		if len(lines) > 0 && i < len(a.Failure.Excerpt) {
			f.Lines = append(f.Lines, logLine{a.Failure.Excerpt[i].Number, placeholders(t)})
		}
	}
	return f, err
}

// spelledOut is the placeholder of a secret after text was scrubbed again.
var spelledOut = regexp.MustCompile(`<<(SECRET:[a-z0-9-]{1,60}:[0-9]{1,9}»)`)

// placeholders shows where secrets were. A log can write the same, and tells of
// a secret that is none.
func placeholders(t scrub.Text) scrub.Text {
	for m := spelledOut.FindStringSubmatchIndex(t.String()); m != nil; m = spelledOut.FindStringSubmatchIndex(t.String()) {
		t = scrub.Format("%s«%s%s", t.Slice(0, m[0]), t.Slice(m[2], m[3]), t.Slice(m[3], t.Len()))
	}
	return t
}

// room is how much a post tells, from everything to the least.
type room struct{ evidence, ofOthers, others int }

var rooms = []room{{3, 1, maxOthers}, {3, 0, maxOthers}, {1, 0, maxOthers}, {1, 0, 3}, {1, 0, 1}, {0, 0, 1}, {0, 0, 0}}

// composeBuilds writes the post without its last words, which name the audit
// record: as much as there is room for. It is pure: the same note gives the
// same text.
func composeBuilds(n buildNote) (t scrub.Text) {
	block := n.Failures[0].block()
	for _, r := range rooms {
		t = n.text(block, r)
		if utf8.RuneCountInString(t.String())-utf8.RuneCountInString(block.String()) <= maxBuildText {
			break
		}
	}
	return t
}

func (n buildNote) text(block scrub.Text, r room) scrub.Text {
	first := n.Failures[0]
	out := []scrub.Text{n.headline(), together{first.why(r.evidence), []failureText{first}}.line()}
	if !block.Empty() {
		out = append(out, block)
	}
	if t := culpritsText(n.Culprits); !t.Empty() {
		out = append(out, t)
	}
	more := 0
	for i, g := range alike(n.Failures, r.ofOthers) {
		if i < r.others {
			out = append(out, g.line())
		} else {
			more += len(g.failures)
		}
	}
	if more > 0 {
		out = append(out, scrub.Format("- and %s.", counted(more, scrub.Lit("more failure"))))
	}
	out = append(out, scrub.Format("Cluster %s. Computed, no model. Mute: #review-assistant-off. Verdict %s.", hexName(first.Cluster), hexName(n.Verdict)))
	return scrub.Join("\n", out...)
}

// headline says how much of it is the change's own, where the one line below
// does not.
func (n buildNote) headline() scrub.Text {
	head := scrub.Format("**Build failed** (patch set %s)", scrub.Int(n.PatchSet))
	own, others, all := 0, 0, len(n.Failures)
	for _, f := range n.Failures {
		switch f.Shown {
		case builds.ClassChange:
			own++
		case builds.ClassFlaky, builds.ClassPreexisting, builds.ClassInfra:
			others++
		default: // nobody knows
		}
	}
	count := counted(all, scrub.Lit("failure"))
	is := scrub.Lit("is")
	if own > 1 {
		is = scrub.Lit("are")
	}
	switch {
	case all == 1:
		return head
	case own == all:
		return scrub.Format("%s: %s, all probably this change's.", head, count)
	case own > 0 && own+others == all:
		return scrub.Format("%s: %s of %s %s probably this change's, the rest is not.", head, scrub.Int(own), count, is)
	case own > 0:
		return scrub.Format("%s: %s of %s %s probably this change's.", head, scrub.Int(own), count, is)
	case others == all:
		return scrub.Format("%s: %s, probably none of this change's making.", head, count)
	}
	return scrub.Format("%s: %s.", head, count)
}

// together are failures of which the same is to be said.
type together struct {
	why      scrub.Text
	failures []failureText
}

// alike puts the failures behind the first together: tests of one job, or jobs
// whose failures have no name. What holds for the first too is not repeated.
func alike(list []failureText, evidence int) []together {
	var out []together
	first := list[0].why(evidence).String()
	for _, f := range list[1:] {
		why := f.why(evidence)
		i := slices.IndexFunc(out, func(g together) bool {
			h := g.failures[0]
			sameJob := f.Job.String() == h.Job.String() && !f.Test.Empty() && !h.Test.Empty()
			return g.why.String() == why.String() && (sameJob || f.Test.Empty() && h.Test.Empty())
		})
		if i >= 0 {
			out[i].failures = append(out[i].failures, f)
			continue
		}
		out = append(out, together{why, []failureText{f}})
	}
	for i := range out {
		if out[i].why.String() == first {
			out[i].why = scrub.Lit("the same")
		}
	}
	return out
}

// line tells the failures in a sentence.
func (g together) line() scrub.Text {
	var names []scrub.Text
	told := map[string]bool{}
	for _, f := range g.failures {
		name := f.Test
		if name.Empty() {
			name = f.Job
		}
		if !told[name.String()] {
			told[name.String()] = true
			names = append(names, nameText(name))
		}
	}
	list := scrub.Join(", ", names[:min(len(names), maxTogether)]...)
	if more := len(names) - maxTogether; more > 0 {
		list = scrub.Format("%s and %s more", list, scrub.Int(more))
	}
	if f := g.failures[0]; !f.Test.Empty() {
		list = scrub.Format("%s, %s", nameText(f.Job), list)
	}
	return scrub.Format("- %s: %s.", list, g.why).Neutral()
}

// absolute is a line that begins with a path, as of a compiler or a stack
// trace, and not with a command of another bot.
var absolute = regexp.MustCompile(`^\s*/[\w.@+-]+/`)

// block shows the lines that matter. A gutter with the number of each line
// keeps whatever a log says from being a command at the start of a line.
func (f failureText) block() scrub.Text {
	var out []scrub.Text
	for _, l := range f.around() {
		t := l.text.Code()
		if strings.TrimSpace(t.String()) == "" {
			continue
		}
		looks := strings.NewReplacer("://", ": ", "<", "", "](", "").Replace(t.String())
		if absolute.MatchString(looks) {
			looks = "." + strings.TrimSpace(looks)
		}
		if active.MatchString(looks) {
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

// around is as much of the excerpt as is shown, with the line that matters.
func (f failureText) around() []logLine {
	n := len(f.Lines)
	if n <= maxBuildLines {
		return f.Lines
	}
	at := slices.IndexFunc(f.Lines, func(l logLine) bool { return strings.TrimSpace(l.text.String()) == f.Message.String() })
	from := min(max(0, at-maxBuildLines/2), n-maxBuildLines)
	if at < maxBuildLines {
		from = 0
	}
	return f.Lines[from : from+maxBuildLines]
}
