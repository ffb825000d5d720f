// SPDX-License-Identifier: Apache-2.0

package summarize

import (
	"slices"

	"review-assistant/review"
	"review-assistant/scrub"
)

const (
	// repeatShare is the share of a sentence's words, in percent, from which
	// on the commit message says it already.
	repeatShare = 70
	// tinyLines is how many changed lines a message covers by naming one of them.
	tinyLines = 6
)

// close drops what the commit message says already and decides whether
// anything is left to tell.
func (d *Draft) close(in *Input, s scope) {
	if in.Since != nil {
		d.addGone(in)
	}
	said := stems(in.Subject.String() + "\n" + in.Message.String())
	d.Bullets = slices.DeleteFunc(d.Bullets, func(t scrub.Text) bool { return repeats(t, said) })
	d.Unread = d.nothingRead() && slices.ContainsFunc(d.NotRead, NotRead.readable)
	d.Thin = len(d.Bullets) == 0 && len(d.Look) == 0 && len(d.Risks) == 0 && len(d.Questions) == 0 ||
		d.nothingRead() || tiny(&s.patch, said) && len(d.Risks) == 0 && d.Facts.plain()
}

// nothingRead reports whether no text of the change is behind the draft.
func (d *Draft) nothingRead() bool { return len(d.NotRead) == d.Facts.Files }

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

// repeats reports whether a sentence is covered by words that were said.
func repeats(t scrub.Text, said map[string]bool) bool {
	words := stems(t.String())
	if len(said) == 0 || len(words) == 0 {
		return false
	}
	n := 0
	for w := range words {
		if said[w] {
			n++
		}
	}
	return n*100 >= repeatShare*len(words)
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
				for w := range stems(l.Text.String()) {
					words[w] = true
				}
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
