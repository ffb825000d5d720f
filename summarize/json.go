// SPDX-License-Identifier: Apache-2.0

package summarize

import (
	"encoding/json"
	"slices"
	"strings"

	"review-assistant/prompts"
	"review-assistant/review"
	"review-assistant/scrub"
)

func skipWord(s review.Skip) scrub.Text {
	if s == review.SkipBudget {
		return scrub.Lit("did not fit")
	}
	return prompts.SkipWord(s)
}

// Word returns the reason as it stands in a sentence.
func (n NotRead) Word() scrub.Text { return skipWord(n.Reason) }

// document is the JSON form of a Draft.
type document struct {
	Title     string          `json:"title"`
	Summary   string          `json:"summary"` // Markdown
	Files     []documentFile  `json:"files"`
	Risks     []documentRisk  `json:"risks"`
	Omitted   []documentOmits `json:"omitted"`
	Truncated bool            `json:"truncated"`
	Silent    Silence         `json:"silent,omitempty"` // why no comment would be posted
	Novelty   float64         `json:"novelty"`
	Model     string          `json:"model,omitempty"`
	Fallback  string          `json:"fallback,omitempty"`
}

type documentFile struct {
	Path       string `json:"path"`
	Note       string `json:"note"`
	Importance string `json:"importance"`
}

type documentRisk struct {
	Path string `json:"path"`
	Line int    `json:"line,omitempty"`
	Note string `json:"note"`
}

type documentOmits struct {
	Path   string `json:"path"`
	Reason string `json:"reason"`
}

// maxSummary is the length of the summary field, in bytes.
const maxSummary = 4000

// jsonFiles is how many file notes a document holds; the summary names most
// of what a reader needs.
const jsonFiles = 12

// JSON writes d as one document for other programs. Places to look at first
// stand before the other risks.
func JSON(d Draft) ([]byte, error) {
	doc := document{
		Title: d.Title.String(), Summary: d.markdown().String(), Truncated: d.Truncated,
		Files: []documentFile{}, Risks: []documentRisk{}, Omitted: []documentOmits{},
		Silent: d.Silent, Novelty: d.Novelty, Model: d.Model, Fallback: d.Fallback,
	}
	for _, n := range d.Notes[:min(len(d.Notes), jsonFiles)] {
		doc.Files = append(doc.Files, documentFile{n.Path.String(), n.Note.String(), n.Importance})
	}
	for _, p := range slices.Concat(d.Look, d.Risks) {
		doc.Risks = append(doc.Risks, documentRisk{p.Path.String(), p.Line, p.Why.String()})
	}
	for _, n := range d.NotRead {
		doc.Omitted = append(doc.Omitted, documentOmits{n.Path.String(), reasonCode(n.Reason)})
	}
	return json.Marshal(doc)
}

// reasonCode is the reason as one word.
func reasonCode(s review.Skip) string {
	switch s {
	case review.SkipLock:
		return "lockfile"
	case review.SkipBudget:
		return "budget"
	}
	return strings.ReplaceAll(string(s), " ", "-")
}

func (d Draft) markdown() scrub.Text {
	var lines []scrub.Text
	for _, b := range d.Bullets {
		lines = append(lines, scrub.Format("- %s", b))
	}
	if !d.Why.Empty() {
		lines = append(lines, scrub.Format("Why: %s", d.Why))
	}
	for _, q := range d.Questions {
		lines = append(lines, scrub.Format("Question: %s", q))
	}
	lines = append(lines, scrub.Format("Facts: %s.", scrub.Join("; ", d.Facts.Lines()...)))
	return cut(scrub.Join("\n", lines...), maxSummary)
}
