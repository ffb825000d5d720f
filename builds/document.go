// SPDX-License-Identifier: Apache-2.0

package builds

import (
	"fmt"

	"review-assistant/review"
	"review-assistant/scrub"
)

// Document is what a log shows, for programs and people. Its texts are
// scrubbed.
type Document struct {
	Excerpts    []Excerpt `json:"excerpts"`
	Category    string    `json:"category"` // as in [review.BuildFailure]
	Fingerprint string    `json:"fingerprint"`
	Tests       []string  `json:"tests"` // that failed, at most 50
	Lines       int       `json:"lines"`
	// Dropped counts failing tests that are not listed.
	Dropped int `json:"-"`
	// Texts are the lines of the excerpts, one list for each.
	Texts [][]review.BuildLine `json:"-"`
	// Failures are what [Log.Failures] tells apart.
	Failures []review.BuildFailure `json:"-"`
}

// Document scrubs what was found.
func (l *Log) Document(c *scrub.Cleaner) (Document, error) {
	d := Document{Excerpts: l.Excerpts, Category: l.Category, Tests: []string{}, Lines: l.Lines, Dropped: l.Dropped}
	if d.Excerpts == nil {
		d.Excerpts = []Excerpt{}
	}
	for i, e := range l.Excerpts {
		p := l.picked[i]
		r := Raw{lines: p.window, first: p.first, focus: p.focus()}
		for n := e.Start; n <= e.End; n++ {
			r.excerpt = append(r.excerpt, n-p.first)
		}
		f, err := r.Clean(c)
		if err != nil {
			return Document{}, fmt.Errorf("excerpt %d: %w", i+1, err)
		}
		d.Texts = append(d.Texts, f.Excerpt)
	}
	raw := l.Failures()
	for i := range raw {
		f, err := raw[i].Clean(c)
		if err != nil {
			return Document{}, err
		}
		if f.Test != "" {
			d.Tests = append(d.Tests, f.Test)
		}
		d.Failures = append(d.Failures, f)
	}
	if len(d.Failures) > 0 {
		d.Fingerprint = d.Failures[0].Fingerprint
	} else {
		d.Fingerprint = Fingerprint("")
	}
	return d, nil
}
