// SPDX-License-Identifier: Apache-2.0

package summarize

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"unicode"

	"review-assistant/prompts"
	"review-assistant/scrub"
)

// verifier holds what a model wrote against the patch. An item is kept whole
// or dropped; nothing is repaired but length and white space.
type verifier struct {
	*evidence
	clean   func(string) (scrub.Text, error)
	english bool
	secret  map[string]bool // runs of words of our own instructions and the project's
	patch   *scrub.Patch
	blank   bool // nothing but white space changes
	// analyzed is made when a sentence counts declarations.
	analyzed []*file

	refused bool  // too little of the last answer survived
	said    int   // statements of the answer at hand
	failed  int   // those of them that do not hold
	broken  error // cleaning failed: nothing may be said
}

// evidenceOf is what the patch and the message of a change support.
func evidenceOf(in *Input, p *scrub.Patch) *evidence {
	return newEvidence(p, scrub.Join("\n", in.Subject, in.Message, in.Branch))
}

func newVerifier(in *Input, p *scrub.Patch, prompt prompts.Prompt, e *evidence) *verifier {
	v := &verifier{
		evidence: e,
		clean:    in.Clean,
		english:  isEnglish(in.Language),
		secret:   map[string]bool{},
		patch:    p,
		blank:    !slices.ContainsFunc(p.Files, func(f scrub.File) bool { return len(f.Hunks) > 0 && !whiteSpaceOnly(&f) }),
	}
	if !v.english {
		v.plain = foreignWord
	}
	// What the project's settings ask for is for the model alone, too.
	for _, own := range []scrub.Text{prompt.System(), in.Guide} {
		for run := range runs(own.String()) {
			v.secret[run] = true
		}
	}
	return v
}

// isEnglish reports whether a language tag, in any case, is one of English.
func isEnglish(tag string) bool {
	primary, _, _ := strings.Cut(strings.ToLower(tag), "-")
	return primary == "" || primary == "en" || primary == "eng"
}

// runLength is how many words in a row of our instructions count as a leak.
const runLength = 6

// runs yields every run of words in s, in lower case.
func runs(s string) func(func(string) bool) {
	words := strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return !unicode.IsLetter(r) })
	return func(yield func(string) bool) {
		for i := 0; i+runLength <= len(words); i++ {
			if !yield(strings.Join(words[i:i+runLength], " ")) {
				return
			}
		}
	}
}

var errUnfounded = errors.New("most of the answer cannot be found in the diff")

// usable decides whether an answer is worth keeping. One that is empty on
// purpose is: the commit message may say it all. One of which more than half
// does not hold is not: what survives of it may be wrong too.
func (v *verifier) usable(b []byte) error {
	a, err := decode(b)
	if err != nil {
		return err
	}
	var d Draft
	v.fill(&d, b)
	if v.broken != nil {
		return v.broken
	}
	said := len(a.Bullets) + len(a.Look) + len(a.Risks) + len(a.Questions)
	nothing := said > 0 && len(d.Bullets)+len(d.Look)+len(d.Risks)+len(d.Questions) == 0
	v.refused = nothing || 2*v.failed > v.said
	if v.refused {
		return errUnfounded
	}
	return nil
}

// fill puts what survives into d.
func (v *verifier) fill(d *Draft, b []byte) {
	a, err := decode(b)
	if err != nil {
		return
	}
	if t, ok := v.prose(a.Title, maxTitle-3); ok && v.speaks(t) {
		d.Title = t
	}
	v.said = len(a.Bullets) + len(a.Look) + len(a.Risks)
	d.Bullets, v.failed = v.sentences(a.Bullets, maxBullets, maxBullet)
	if t, ok := v.prose(a.Why, maxWhy); ok && v.speaks(t) {
		d.Why = t
	}
	for _, l := range a.Look {
		switch p, ok := v.point(l.Path, l.Line, l.Reason, High); {
		case !ok:
			v.failed++
		case len(d.Look) < maxPoints:
			d.Look = append(d.Look, p)
		}
	}
	for _, r := range a.Risks {
		switch p, ok := v.point(r.Path, r.Line, r.Note, Medium); {
		case !ok:
			v.failed++
		case len(d.Risks) < maxRisks && !slices.ContainsFunc(d.Look, func(q Point) bool { return q.Why.String() == p.Why.String() }):
			d.Risks = append(d.Risks, p)
		}
	}
	for _, name := range a.Order {
		if l := v.files[name]; l != nil && len(d.Order) < maxOrder {
			d.Order = append(d.Order, l.path)
		}
	}
	d.Order = unique(d.Order)
	for _, f := range a.Files {
		l := v.files[f.Path]
		if l == nil || len(d.Notes) == maxNotes {
			continue
		}
		if t, ok := v.prose(f.Note, maxNote); ok {
			d.Notes = append(d.Notes, FileNote{l.path, t, importanceWord(f.Importance)})
		}
	}
	d.Questions, _ = v.sentences(a.Questions, maxQuestions, maxBullet)
}

// notes returns what survives of notes on a part.
func (v *verifier) notes(b []byte) []Point {
	var a struct {
		Notes []struct {
			Path string `json:"path"`
			Line int    `json:"line"`
			Note string `json:"note"`
		} `json:"notes"`
	}
	if json.Unmarshal(b, &a) != nil {
		return nil
	}
	var out []Point
	for _, n := range a.Notes {
		if p, ok := v.point(n.Path, n.Line, n.Note, Medium); ok {
			out = append(out, p)
		}
	}
	return out
}

func importanceWord(s string) string {
	switch s {
	case "high", "low":
		return s
	}
	return "medium"
}

// sentences returns the first n that hold, and how many of all do not.
func (v *verifier) sentences(items []string, n, size int) (out []scrub.Text, failed int) {
	for _, s := range items {
		switch t, ok := v.prose(s, size); {
		case !ok || !v.speaks(t):
			failed++
		case len(out) < n:
			out = append(out, t)
		}
	}
	return unique(out), failed
}

// speaks reports whether a sentence is about this change. Words of other
// languages cannot be compared with code.
func (v *verifier) speaks(t scrub.Text) bool { return !v.english || v.grounded(t.String()) }

// point keeps a place whose file is in the patch. A line that the patch does
// not show in its new version becomes line 0, the whole file.
func (v *verifier) point(name string, line int, why string, severity Severity) (Point, bool) {
	l := v.files[name]
	if l == nil {
		return Point{}, false
	}
	t, ok := v.prose(why, maxReason)
	if !ok {
		return Point{}, false
	}
	if !l.has(line) {
		line = 0
	}
	return Point{Path: l.path, Line: line, Why: t, Severity: severity}, true
}

var lineEnds = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u0085", "\n", "\u2028", "\n", "\u2029", "\n", "\v", "\n", "\f", "\n")

// maxRaw is in bytes; a longer field is not a sentence.
const maxRaw = 4000

// prose cleans one field and drops it when it holds anything that the patch
// does not support or that somebody could act on.
func (v *verifier) prose(raw string, n int) (scrub.Text, bool) {
	if len(raw) > maxRaw || v.broken != nil {
		return scrub.Text{}, false
	}
	// A trailer or a command counts at the start of any line, whatever ends it.
	raw = lineEnds.Replace(raw)
	for line := range strings.Lines(raw) {
		if acts(strings.TrimSpace(line)) {
			return scrub.Text{}, false
		}
	}
	// Fields are sentences: line ends carry nothing.
	raw = strings.Join(strings.Fields(raw), " ")
	raw = strings.TrimLeft(raw, "-*• ")
	if raw == "" {
		return scrub.Text{}, false
	}
	t, err := v.clean(raw)
	if err != nil {
		v.broken = err
		return scrub.Text{}, false
	}
	s := t.String()
	if !presentable(t) || talks(s) || v.judges(s) || !v.supports(s) || v.echoes(s) {
		return scrub.Text{}, false
	}
	if v.english && !(v.claims(s) && v.changed(s) && v.counts(s)) {
		return scrub.Text{}, false
	}
	for run := range runs(s) {
		if v.secret[run] {
			return scrub.Text{}, false
		}
	}
	// What is left of "<" is a type parameter or a comparison.
	if t = cut(t.Neutral(), n); !presentable(t) {
		return scrub.Text{}, false // the cut went through a code span
	}
	return t, true
}
