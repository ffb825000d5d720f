// SPDX-License-Identifier: Apache-2.0

package bot

import (
	"slices"
	"strings"
	"unicode/utf8"

	"review-assistant/review"
	"review-assistant/scrub"
	"review-assistant/summarize"
)

// maxComment is in characters: what a reviewer reads without scrolling. The
// rest is in the API and on the card.
const maxComment = 1200

// auditRoom is what the audit id behind the last line takes, in characters.
const auditRoom = 20

// note is everything that a comment tells. Composing is pure: the same note
// gives the same text.
type note struct {
	PatchSet int
	Since    int // the earlier patch set that the text compares with, 0 for none
	Draft    summarize.Draft
	Picks    []pickText
	PickNote scrub.Text // why nobody is named although the project wants it
	Secrets  int
	NoModel  scrub.Text // why no model was asked although one is configured
	Model    scrub.Text // display name of the model, empty for computed
	OnLines  int        // points that are told on their lines and not in Draft
}

// pickText is a suggested reviewer in words.
type pickText struct {
	Account int64
	Rest    bool
	Name    scrub.Text
	Reasons []scrub.Text
}

// part is a piece of the comment; parts with the highest rank are left out
// first when the comment is too long, and rank 0 always stays.
type part struct {
	text scrub.Text
	rank int
}

// compose writes the comment without its last line, which names the audit
// record and is added by seal.
func compose(n note, limit int) scrub.Text {
	parts := n.parts(limit > maxComment)
	left := 0
	for size(parts, left) > limit {
		worst := -1
		for i, p := range parts {
			if p.rank > 0 && (worst < 0 || p.rank >= parts[worst].rank) {
				worst = i
			}
		}
		if worst < 0 {
			break
		}
		parts = append(parts[:worst], parts[worst+1:]...)
		left++
	}
	return join(dropHeadless(parts), left)
}

const (
	rankHead = -1 // a heading stays while something stands under it
	rankMust = 0
)

// parts lists the comment's lines with their ranks; all leaves nothing out that
// is for the card alone.
func (n note) parts(all bool) []part {
	var out []part
	add := func(rank int, t scrub.Text) { out = append(out, part{t.Neutral(), rank}) }
	d := n.Draft

	for i, t := range d.Story {
		add(1+4*i, t)
	}
	if len(d.Bullets) > 0 {
		if n.Since > 0 {
			add(rankHead, scrub.Format("**Since patch set %s** (now patch set %s)", scrub.Int(n.Since), scrub.Int(n.PatchSet)))
		} else {
			add(rankHead, scrub.Format("**What changes** (patch set %s)", scrub.Int(n.PatchSet)))
		}
		for i, b := range d.Bullets {
			add(2+3*i, scrub.Join("", scrub.Lit("- "), b))
		}
	}
	points := places(&d)
	if !all {
		points = worthListing(points)
	}
	if len(points) > 0 {
		add(rankHead, scrub.Lit("**Look here first**"))
		for i, p := range points {
			add(1+4*i, point(p))
		}
		add(1, n.onLines(true))
	} else {
		add(1, n.onLines(false))
	}
	add(5, d.Settled())
	if len(d.Questions) > 0 {
		add(rankHead, scrub.Lit("**Questions for the author**"))
		for i, q := range d.Questions {
			add(20+i, scrub.Join("", scrub.Lit("- "), q))
		}
	}
	if d.Model != "" && len(d.Order) >= minOrder {
		add(26, scrub.Format("Reading order: %s.", orderText(d.Order)))
	}
	if facts := d.FactLines(); len(facts) > 0 {
		add(3, scrub.Format("Facts: %s.", scrub.Join("; ", facts...)))
	}
	add(rankMust, notRead(d))
	for i, p := range n.Picks {
		add(4+5*i, pickLine(p, i))
	}
	if len(n.Picks) == 0 {
		add(30, n.PickNote)
	}
	add(rankMust, n.footer())

	kept := out[:0]
	for _, p := range out {
		if !p.text.Empty() {
			kept = append(kept, p)
		}
	}
	return kept
}

const (
	// maxListed is how many places a comment lists: more are no help to
	// somebody who asks where to begin.
	maxListed = 5
	// minOrder is how many files it takes before an order to read them in is
	// worth a line, and namedOrder how many of them are named.
	minOrder   = 6
	namedOrder = 4
)

// worthListing drops what matters little; the card has it.
func worthListing(points []summarize.Point) []summarize.Point {
	points = slices.DeleteFunc(points, func(p summarize.Point) bool { return p.Severity == summarize.Low })
	return points[:min(len(points), maxListed)]
}

func orderText(paths []scrub.Text) scrub.Text {
	named := make([]scrub.Text, 0, namedOrder)
	for _, p := range paths[:namedOrder] {
		named = append(named, summarize.PathText(p))
	}
	return scrub.Format("%s, then the rest", scrub.Join(", ", named...))
}

// onLines says how many points stand on their lines, beside others or alone.
func (n note) onLines(beside bool) scrub.Text {
	switch {
	case n.OnLines == 0:
		return scrub.Text{}
	case beside && n.OnLines == 1:
		return scrub.Lit("- 1 more on its line.")
	case beside:
		return scrub.Format("- %s more on the lines.", scrub.Int(n.OnLines))
	case n.OnLines == 1:
		return scrub.Lit("Look here first: 1 point on its line.")
	}
	return scrub.Format("Look here first: %s points on the lines.", scrub.Int(n.OnLines))
}

func point(p summarize.Point) scrub.Text {
	return scrub.Format("- %s %s", p.Place(), p.Why)
}

// notRead names what was left out and why, at most six files by name.
func notRead(d summarize.Draft) scrub.Text {
	const named = 6
	if len(d.NotRead) == 0 {
		if d.Truncated {
			return scrub.Lit("Not read: parts of long files, for lack of room.")
		}
		return scrub.Text{}
	}
	var items []scrub.Text
	for _, f := range d.NotRead[:min(named, len(d.NotRead))] {
		items = append(items, scrub.Format("%s (%s)", summarize.PathText(f.Path), skipText(f)))
	}
	if more := len(d.NotRead) - named; more > 0 {
		items = append(items, scrub.Format("%s more files", scrub.Int(more)))
	}
	if d.Truncated {
		items = append(items, scrub.Lit("parts of long files"))
	}
	return scrub.Format("Not read: %s.", scrub.Join(", ", items...))
}

func pickLine(p pickText, i int) scrub.Text {
	lead := scrub.Lit("Reviewers: ")
	switch {
	case i > 0 && p.Rest:
		lead = scrub.Lit("For the rest: ")
	case i > 0:
		lead = scrub.Lit("Else: ")
	}
	name, reasons := shownName(p.Name, p.Account), shownReasons(p.Reasons)
	if len(reasons) == 0 {
		return scrub.Format("%s%s.", lead, name)
	}
	return scrub.Format("%s%s (%s).", lead, name, scrub.Join("; ", reasons...))
}

// Names are chosen by people, reasons hold titles of the catalog: what reads
// like an approval, a command or an order is not repeated.

func shownName(t scrub.Text, account int64) scrub.Text {
	if summarize.Presentable(t) {
		return t
	}
	return scrub.Format("account %s", scrub.Int(int(account)))
}

func shownReasons(ts []scrub.Text) (out []scrub.Text) {
	for _, t := range ts {
		switch {
		case summarize.Presentable(t):
			out = append(out, t)
		case strings.HasPrefix(t.String(), "owns "):
			// Without its name the claim is still why somebody is named.
			out = append(out, scrub.Lit("owns some of the files"))
		}
	}
	return out
}

// footer is the last lines but for the audit id: what was removed, who wrote
// this, how to mute it.
func (n note) footer() scrub.Text {
	var s []scrub.Text
	switch {
	case n.Secrets == 1:
		s = append(s, scrub.Lit("1 secret removed before reading."))
	case n.Secrets > 1:
		s = append(s, scrub.Format("%s secrets removed before reading.", scrub.Int(n.Secrets)))
	}
	switch {
	case !n.Model.Empty():
		s = append(s, scrub.Format("AI-generated, may be wrong (%s).", n.Model))
	case !n.NoModel.Empty():
		s = append(s, scrub.Format("Computed, no model (%s).", n.NoModel))
	default:
		s = append(s, scrub.Lit("Computed, no model."))
	}
	return scrub.Join(" ", append(s, scrub.Lit("Mute: #review-assistant-off."))...)
}

// dropHeadless removes headings under which nothing is left.
func dropHeadless(parts []part) []part {
	var out []part
	for i, p := range parts {
		if p.rank == rankHead && (i+1 == len(parts) || parts[i+1].rank <= rankMust || !isItem(parts[i+1])) {
			continue
		}
		out = append(out, p)
	}
	return out
}

func isItem(p part) bool { return len(p.text.String()) > 1 && p.text.String()[:2] == "- " }

// join writes the parts one a line, and before the footer how many points were
// left out.
func join(parts []part, left int) scrub.Text {
	var lines []scrub.Text
	for i, p := range parts {
		if left > 0 && i == len(parts)-1 {
			lines = append(lines, scrub.Format("(%s more points are left out here.)", scrub.Int(left)))
		}
		lines = append(lines, p.text)
	}
	return scrub.Join("\n", lines...)
}

func size(parts []part, left int) int {
	return utf8.RuneCountInString(join(parts, left).String())
}

// skipText says in a comment why a file was not read.
func skipText(n summarize.NotRead) scrub.Text {
	if word := n.Word(); n.Reason != review.SkipBudget && !word.Empty() {
		return word
	}
	return scrub.Lit("for lack of room")
}
