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

// why says whose failure it is and what speaks for that, with at most so many
// pieces of evidence.
func (f failureText) why(evidence int) scrub.Text {
	out := []scrub.Text{classText(f.Shown)}
	if f.Ruled {
		out = append(out, f.ruling())
	}
	if t := f.unread(); !t.Empty() {
		out = append(out, t)
	}
	for _, e := range f.Evidence {
		// Names of jobs and files stand in it.
		if evidence > 0 && summarize.Presentable(e) {
			out = append(out, e)
			evidence--
		}
	}
	if f.Blocks > 0 {
		out = append(out, scrub.Format("blocks %s", counted(f.Blocks, scrub.Lit("other change"))))
	}
	return scrub.Join("; ", out...)
}

// classText says whose failure it is.
func classText(c builds.Class) scrub.Text {
	switch c {
	case builds.ClassChange:
		return scrub.Lit("probably this change")
	case builds.ClassPreexisting:
		return scrub.Lit("broken before this change")
	case builds.ClassFlaky:
		return scrub.Lit("flaky")
	case builds.ClassInfra:
		return scrub.Lit("trouble with the CI")
	case builds.ClassTimeout:
		return scrub.Lit("timed out, unclear why")
	case builds.ClassConfiguration:
		return scrub.Lit("an error in the CI's configuration")
	case builds.ClassUnknown:
	}
	return scrub.Lit("unclear whether this change caused it")
}

// ruling is what a person said of the failure.
func (f failureText) ruling() scrub.Text {
	t := scrub.Lit("marked by a person")
	if !f.Name.Empty() {
		t = scrub.Lit("a known failure")
		if summarize.Presentable(f.Name) {
			t = scrub.Format("known failure %s", f.Name)
		}
	}
	if !f.Said.Empty() && summarize.Presentable(f.Said) {
		said := f.Said.TrimSpace()
		if strings.HasSuffix(said.String(), ".") {
			said = said.Slice(0, said.Len()-1)
		}
		t = scrub.Format("%s: %s", t, said)
	}
	return t
}

// unread says what was not read: a log that nobody looked at must not look
// like one that shows nothing.
func (f failureText) unread() scrub.Text {
	for _, l := range f.Lines {
		if f.Unread != "" && l.number > 0 {
			return scrub.Lit("its log was read in part")
		}
	}
	switch f.Unread {
	case "":
		return scrub.Text{}
	case unreadNoFetcher, "host-not-allowed":
		return scrub.Lit("its log was not read: the operator allows no logs of that host")
	case unreadNoAddress:
		return scrub.Lit("the CI names no log")
	case unreadEmpty:
		return scrub.Lit("no line of its log says what failed")
	case unreadTooMany:
		return scrub.Lit("its log was not read: too many jobs failed")
	case "not-found":
		return scrub.Lit("its log is gone")
	case "denied":
		return scrub.Lit("its log was not read: the host denies it")
	case "too-slow", "unavailable":
		return scrub.Lit("its log could not be read: the host does not answer")
	}
	return scrub.Lit("its log could not be read")
}

func culpritsText(list []builds.Culprit) scrub.Text {
	var items []scrub.Text
	for i, c := range list {
		t := nameText(c.Path)
		if c.Line > 0 {
			t = scrub.Format("%s:%s", t, scrub.Int(c.Line))
		}
		how := howText(c.How)
		if next := i + 1; next == len(list) || howText(list[next].How).String() != how.String() {
			t = scrub.Format("%s (%s)", t, how)
		}
		items = append(items, t)
	}
	if len(items) == 0 {
		return scrub.Text{}
	}
	return scrub.Format("Look at %s.", scrub.Join(", ", items...)).Neutral()
}

// howText is said of one place or of several.
func howText(h builds.How) scrub.Text {
	switch h {
	case builds.RemovedAt:
		return scrub.Lit("a name that the log misses is removed here")
	case builds.AddedAt:
		return scrub.Lit("a name in the log is added here")
	case builds.NamedLine, builds.NamedFile:
	}
	return scrub.Lit("named in the log")
}

// nameText is a name of a job, test or file in a sentence. One that reads like
// a vote is not shown: it would stop the whole post.
func nameText(name scrub.Text) scrub.Text {
	t := summarize.PathText(name)
	if active.MatchString("- " + outsideCode(t.String())) {
		return scrub.Lit("`…`")
	}
	return t
}

// counted is a number with its noun.
func counted(n int, noun scrub.Text) scrub.Text {
	if n == 1 {
		return scrub.Format("1 %s", noun)
	}
	return scrub.Format("%s %ss", scrub.Int(n), noun)
}

// hexName shows a name of ours, of at most 16 hex digits; anything else is none.
func hexName(s string) scrub.Text {
	n, err := strconv.ParseUint(s, 16, 64)
	if err != nil || len(s) > 16 {
		return scrub.Text{}
	}
	return scrub.Hex(n, len(s))
}

// clusterURL fills the operator's template.
func clusterURL(template string, id review.ChangeID, fingerprint string) string {
	return strings.NewReplacer(
		"{host}", url.PathEscape(id.Host), "{project}", strings.ReplaceAll(url.PathEscape(id.Project), "%2F", "/"),
		"{fingerprint}", fingerprint, "{change}", strconv.Itoa(id.Number),
	).Replace(template)
}
