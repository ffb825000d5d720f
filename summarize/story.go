// SPDX-License-Identifier: Apache-2.0

package summarize

import (
	"strings"

	"review-assistant/scrub"
)

// Origin is the change that this one reverts or was picked from.
type Origin struct {
	Revert   bool       // false: picked
	Number   int        // 0 when it is no change that we may see
	PatchSet int        // the one that was reverted or picked, 0 when unknown
	Branch   scrub.Text // of the origin
	Commit   scrub.Text // short hash, when the number is unknown, or nothing
	// Patch is what this change would hold if it did nothing of its own: the
	// reverse of what it reverts, or what it picks. Nil when it cannot be read.
	Patch *scrub.Patch
}

// Merge is what a merge commit brings beside its first parent.
type Merge struct {
	Subjects []scrub.Text // newest first
	More     bool         // there are more than Subjects
}

// Chain is where a change stands among changes that build on each other.
type Chain struct {
	At, Of int  // from 1, the lowest first
	Below  Link // the change that this one builds on; zero for the lowest
}

// Link is one change of a chain.
type Link struct {
	Number   int // 0 when it is no change that we may see
	PatchSet int // on which this change builds
	Current  int // its newest patch set
	Open     bool
}

// story tells in sentences what the change reverts, picks or merges. Who knows
// an earlier patch set knows that.
func (in *Input) story(s *scope) []scrub.Text {
	if in.Since != nil {
		return nil
	}
	var out []scrub.Text
	if o := in.Origin; o != nil {
		out = append(out, o.sentence(s))
	}
	if m := in.Merge; m != nil && len(m.Subjects) > 0 {
		out = append(out, m.sentence(in.Message.String()))
	}
	return out
}

// sentence says what is reverted or picked and whether anything differs.
func (o *Origin) sentence(s *scope) scrub.Text {
	verb, exact := scrub.Lit("Picked from"), scrub.Lit("without a difference")
	if o.Revert {
		verb, exact = scrub.Lit("Reverts"), scrub.Lit("exactly, and does nothing else")
	}
	name := o.name()
	switch {
	case o.Patch == nil:
		return scrub.Format("%s %s, which cannot be read here, so what differs from it is not told.", verb, name)
	case s.same():
		return scrub.Format("%s %s %s.", verb, name, exact)
	}
	var less []scrub.Text
	if len(s.gone) > 0 {
		less = append(less, scrub.Format("it leaves %s alone", list(s.gone, 3)))
	}
	if len(s.less) > 0 {
		less = append(less, scrub.Format("it does less in %s", list(s.less, 3)))
	}
	if len(s.patch.Files) > 0 {
		less = append(less, scrub.Lit("what it does beyond is told here"))
	}
	return scrub.Format("%s %s, with differences: %s.", verb, name, scrub.Join("; ", less...))
}

func (o *Origin) name() scrub.Text {
	switch {
	case o.Number == 0 && o.Commit.Empty():
		return scrub.Lit("a change")
	case o.Number == 0:
		return scrub.Format("commit %s", span(o.Commit, 12))
	}
	out := scrub.Format("change %s", scrub.Int(o.Number))
	if !o.Revert && o.PatchSet > 0 {
		out = scrub.Format("%s, patch set %s", out, scrub.Int(o.PatchSet))
	}
	if !o.Branch.Empty() {
		out = scrub.Format("%s (branch %s)", out, PathText(o.Branch))
	}
	return out
}

// sentence names the commits that a merge brings and its message does not.
func (m *Merge) sentence(message string) scrub.Text {
	var unnamed []scrub.Text
	for _, t := range m.Subjects {
		if !strings.Contains(message, t.String()) {
			unnamed = append(unnamed, quote(t, 70))
		}
	}
	n := scrub.Int(len(m.Subjects))
	if m.More {
		n = scrub.Format("more than %s", n)
	}
	out := scrub.Format("Brings %s %s", n, plural(len(m.Subjects), scrub.Lit("commit"), scrub.Lit("commits")))
	if len(unnamed) == 0 {
		return scrub.Format("%s.", out)
	}
	if len(unnamed) < len(m.Subjects) {
		return scrub.Format("%s; the message does not name %s.", out, list(unnamed, 4))
	}
	return scrub.Format("%s: %s.", out, list(unnamed, 4))
}

// text is the place in the chain as a phrase of the facts.
func (c *Chain) text() scrub.Text {
	if c == nil || c.Of < 2 {
		return scrub.Text{}
	}
	out := scrub.Format("%s of %s in its chain", scrub.Int(c.At), scrub.Int(c.Of))
	b := c.Below
	switch {
	case b.Number == 0:
		return out
	case !b.Open:
		return scrub.Format("%s, on change %s, which is no longer open", out, scrub.Int(b.Number))
	case b.PatchSet > 0 && b.PatchSet < b.Current:
		return scrub.Format("%s, on patch set %s of change %s, which has %s now", out, scrub.Int(b.PatchSet), scrub.Int(b.Number), scrub.Int(b.Current))
	}
	return scrub.Format("%s, on change %s", out, scrub.Int(b.Number))
}
