// SPDX-License-Identifier: Apache-2.0

package summarize

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"review-assistant/review"
	"review-assistant/scrub"
)

// Silence is why a draft is not worth a comment. It is a fixed word for
// outcomes and metrics.
type Silence string

// The silences.
const (
	SilentUnread  Silence = "nothing-read"      // generated, binary, vendored or lock files alone
	SilentCovered Silence = "said-by-message"   // what could be told stands in the commit message
	SilentSmall   Silence = "small-and-obvious" // a few lines, of which the message speaks, or that change a patch set a little
	SilentDeps    Silence = "dependencies-only" // versions that the message names
	SilentTold    Silence = "told-before"       // what could be told stands on an earlier patch set
	SilentVague   Silence = "nothing-certain"   // without a model nothing definite can be said
)

const (
	// minNovelty is the share of words below which a sentence is a repetition
	// of the commit message, and minNews the same of a whole text.
	minNovelty = 0.4
	minNews    = 0.5
	// tinyLines is how many changed lines a message covers by naming one of them.
	tinyLines = 6
)

// close drops what the commit message, or the summary of an earlier patch set,
// says already, and decides whether anything is left to tell.
func (d *Draft) close(in *Input, s scope) {
	for _, ps := range [][]Point{d.Look, d.Risks} {
		for i := range ps {
			ps[i].Code = codeAt(&in.Patch, ps[i])
		}
	}
	d.Look = slices.DeleteFunc(d.Look, d.told)
	d.Risks = slices.DeleteFunc(d.Risks, d.told)
	if in.Since != nil {
		back := s.takenBack()
		d.Bullets = append(d.Bullets[:min(len(d.Bullets), maxBullets-len(back))], back...)
	}
	message := in.Subject.String() + "\n" + in.Message.String()
	said := said{stems(message), strings.ToLower(message), fileWords(&in.Patch)}
	d.Bullets = slices.DeleteFunc(d.Bullets, said.covers)
	d.Questions = slices.DeleteFunc(d.Questions, said.covers)
	d.Risks = slices.DeleteFunc(d.Risks, func(p Point) bool { return p.Severity < High && said.covers(p.Why) })
	d.Unread = d.nothingRead() && slices.ContainsFunc(d.NotRead, NotRead.readable)
	d.Novelty = said.novelty(d.content())
	d.Silent = d.silence(s, said)
}

// content is everything that a comment would tell, but for facts.
func (d *Draft) content() scrub.Text {
	all := slices.Concat(d.Story, d.Bullets, d.Questions)
	for _, p := range slices.Concat(d.Look, d.Risks) {
		all = append(all, p.Why)
	}
	return scrub.Join("\n", all...)
}

// takenBack tells what an earlier patch set did and this one does not.
func (s *scope) takenBack() []scrub.Text {
	var out []scrub.Text
	if len(s.gone) > 0 {
		out = append(out, scrub.Format("No longer touches %s.", list(s.gone, 5)))
	}
	if len(s.less) > 0 && len(out) == 0 {
		out = append(out, scrub.Format("Takes back part of what it did in %s.", list(s.less, 5)))
	}
	return out
}

func (d *Draft) silence(s scope, said said) Silence {
	points := slices.Concat(d.Look, d.Risks)
	heavy := slices.ContainsFunc(points, func(p Point) bool { return p.Severity >= Medium })
	grave := slices.ContainsFunc(points, func(p Point) bool { return p.grave })
	switch {
	case grave, len(d.Story) > 0 && d.Since == 0:
		return "" // no message makes up for the one, nothing in the diff says the other
	case (d.nothingRead() || d.Since > 0 && s.dull()) && !heavy:
		if slices.ContainsFunc(s.files, func(f *file) bool { return f.skip == review.SkipSubmodule }) && d.Novelty >= minNews {
			return "" // where a submodule moves to
		}
		return SilentUnread
	case !d.Settled().Empty():
		return ""
	case s.bumpsOnly(said):
		return SilentDeps
	case tiny(&s.patch, said.words) && len(d.Risks)+len(s.gone) == 0 && d.Facts.plain(),
		d.Since > 0 && s.lines() <= tinyLines && !heavy && len(s.gone) == 0:
		return SilentSmall
	case d.vague && !heavy:
		return SilentVague
	case d.content().Empty() && slices.ContainsFunc(d.Earlier, func(e EarlierPoint) bool { return !e.Changed }):
		return SilentTold
	case d.content().Empty(), len(said.words) > 0 && d.Novelty < minNews && !heavy:
		return SilentCovered
	}
	return ""
}

// nothingRead reports whether no text of the change is behind the draft.
func (d *Draft) nothingRead() bool { return len(d.NotRead) == d.Facts.Files }

// dull reports whether nothing moved that people read: white space, generated
// and binary files, versions in lock files.
func (s *scope) dull() bool {
	return len(s.gone)+len(s.less) == 0 && !slices.ContainsFunc(s.files, func(f *file) bool { return f.skip == "" && !f.blank })
}

func (s *scope) lines() (n int) {
	for _, f := range s.files {
		n += f.lines()
	}
	return n
}

// bumpsOnly reports whether nothing but versions of dependencies changes, and
// the message names them all.
func (s *scope) bumpsOnly(said said) bool {
	n := 0
	for _, f := range s.files {
		switch {
		case f.skip == review.SkipLock, f.skip == review.SkipVendored:
		case f.skip == "" && f.pins() && said.updates():
			n++
		case f.skip != "" || len(f.bumps) == 0 || f.lines() > 2*len(f.bumps)+2:
			return false
		}
		for _, b := range f.bumps {
			n++
			if !said.names(b.name.String()) {
				return false
			}
		}
	}
	return n > 0
}

// pins reports whether a file of dependencies changes hashes and versions alone,
// under keys that do not name what they belong to.
func (f *file) pins() bool {
	pinned := func(s setting) bool { return pin.MatchString(s.old.String()) && pin.MatchString(s.new.String()) }
	return f.role == roleDeps && len(f.bumps)+len(f.keysAdded)+len(f.keysRemoved) == 0 &&
		len(f.keysChanged) > 0 && f.lines() == 2*len(f.keysChanged) &&
		!slices.ContainsFunc(f.keysChanged, func(s setting) bool { return !pinned(s) })
}

var pin = regexp.MustCompile(`^["']?(?:[0-9a-f]{7,64}|v?\d+(?:\.[\w-]+)+)["']?$`)

// updates reports whether the message says that something is brought up to date.
func (s said) updates() bool {
	return slices.ContainsFunc([]string{"updat", "upgrad", "bump", "roll"}, func(w string) bool { return s.words[w] })
}

// readable reports whether a person would read the file, had it fit.
func (n NotRead) readable() bool {
	switch n.Reason {
	case review.SkipTooLarge, review.SkipBudget, review.SkipSensitive, review.SkipEncoding:
		return true
	}
	return false
}

// plain reports whether the facts hold nothing that a reader has to know.
func (f Facts) plain() bool {
	return f.APIChanged == 0 && f.APIGone == 0 && len(f.Schema) == 0 && len(f.Deps) == 0
}

// said is what the commit message says, as word stems. Words of file names
// prove nothing on either side, since they stand in every list of files; but a
// file that the message names is said.
type said struct {
	words map[string]bool
	text  string          // in lower case
	files map[string]bool // names and base names of the change's files, in lower case
}

// covers reports whether a sentence repeats the message.
func (s said) covers(t scrub.Text) bool {
	return len(s.words) > 0 && s.novelty(t) < minNovelty
}

// novelty is the share of a text's words, without file names and numbers, that
// the message does not hold: 1 for an empty message, 0 for an empty text.
func (s said) novelty(t scrub.Text) float64 {
	words, named, unnamed := map[string]bool{}, 0, 0
	for part := range strings.FieldsSeq(t.String()) {
		switch bare := strings.ToLower(trimMarks.ReplaceAllString(part, "")); {
		case !s.files[bare]:
			addStems(words, part)
		case strings.Contains(s.text, path.Base(bare)):
			named++
		default:
			unnamed++
		}
	}
	if len(words) == 0 { // of files alone: which ones is the news
		return float64(unnamed) / float64(max(1, unnamed+named))
	}
	fresh := 0
	for w := range words {
		if !s.words[w] {
			fresh++
		}
	}
	return float64(fresh) / float64(len(words)+named)
}

// names reports whether the message names a dependency: all words of the last
// part of its name.
func (s said) names(name string) bool {
	parts := strings.FieldsFunc(name, func(r rune) bool { return r == '/' || r == ':' })
	for i := len(parts) - 1; i >= 0; i-- {
		if majorPart.MatchString(parts[i]) {
			continue
		}
		for w := range stems(parts[i]) {
			if !s.words[w] {
				return false
			}
		}
		return true
	}
	return false
}

var (
	majorPart = regexp.MustCompile(`^v\d+$`)
	trimMarks = regexp.MustCompile("^[`\"'(,;:]+|(?::\\d+)?[`\"'),;:.…]+$")
)

// fileWords are the names by which files of the patch are called.
func fileWords(p *scrub.Patch) map[string]bool {
	out := map[string]bool{}
	for i := range p.Files {
		for _, t := range []scrub.Text{p.Files[i].Path, p.Files[i].OldPath} {
			out[strings.ToLower(t.String())] = true
			out[strings.ToLower(base(t).String())] = true
		}
	}
	return out
}

// tiny reports whether the patch is one small hunk of which the message speaks.
func tiny(p *scrub.Patch, said map[string]bool) bool {
	if len(p.Files) != 1 || len(p.Files[0].Hunks) > 1 || len(said) < 3 {
		return false
	}
	f := &p.Files[0]
	if f.Added+f.Removed > tinyLines {
		return false
	}
	words := stems(f.Path.String())
	for i := range f.Hunks {
		for _, l := range f.Hunks[i].Lines {
			if l.Op != review.OpContext {
				addStems(words, l.Text.String())
			}
		}
	}
	for w := range words {
		if said[w] {
			return true
		}
	}
	return false
}
