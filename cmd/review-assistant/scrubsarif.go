// SPDX-License-Identifier: Apache-2.0

package main

import (
	"io"
	"net/url"
	"slices"
	"strings"

	"review-assistant/scrub"
)

// SARIF 2.1.0 (OASIS), as far as a report needs it. The names are those of the
// standard.
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool        sarifTool         `json:"tool"`
		Invocations []sarifInvocation `json:"invocations"`
		ColumnKind  string            `json:"columnKind"`
		Results     []sarifResult     `json:"results"`
	}
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct {
		Name    string      `json:"name"`
		Version string      `json:"version"`
		Rules   []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID               string       `json:"id"`
		ShortDescription sarifMessage `json:"shortDescription"`
	}
	sarifInvocation struct {
		ExecutionSuccessful bool                `json:"executionSuccessful"`
		Notifications       []sarifNotification `json:"toolExecutionNotifications,omitempty"`
	}
	sarifNotification struct {
		Level   string       `json:"level"`
		Message sarifMessage `json:"message"`
	}
	sarifMessage struct {
		Text string `json:"text"`
	}
	sarifResult struct {
		RuleID              string            `json:"ruleId"`
		RuleIndex           int               `json:"ruleIndex"`
		Level               string            `json:"level"`
		Message             sarifMessage      `json:"message"`
		Locations           []sarifLocation   `json:"locations"`
		PartialFingerprints map[string]string `json:"partialFingerprints,omitempty"`
		Properties          map[string]any    `json:"properties"`
	}
	sarifLocation struct {
		PhysicalLocation sarifPhysicalLocation `json:"physicalLocation"`
	}
	sarifPhysicalLocation struct {
		ArtifactLocation sarifArtifactLocation `json:"artifactLocation"`
		Region           *sarifRegion          `json:"region,omitempty"`
	}
	sarifArtifactLocation struct {
		URI string `json:"uri"`
	}
	sarifRegion struct {
		StartLine   int `json:"startLine"`
		StartColumn int `json:"startColumn"`
	}
)

// sarifLevels are the levels of each certainty.
var sarifLevels = []string{scrub.Suspected: "note", scrub.Likely: "warning", scrub.Sure: "error"}

// sarif writes the report for code scanners.
func (r *scrubReport) sarif(w io.Writer) error {
	run := sarifRun{
		Tool:        sarifTool{sarifDriver{Name: "review-assistant", Version: version, Rules: []sarifRule{}}},
		Invocations: []sarifInvocation{{ExecutionSuccessful: !r.unread(), Notifications: r.notifications()}},
		ColumnKind:  "utf16CodeUnits",
		Results:     []sarifResult{},
	}
	for _, f := range r.findings {
		run.Results = append(run.Results, f.sarif(ruleIndex(&run.Tool.Driver, f.Kind)))
	}
	return indented(w, sarifLog{
		Schema:  "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
		Version: "2.1.0", Runs: []sarifRun{run},
	})
}

// ruleIndex returns the place of a kind among the rules that the log names.
func ruleIndex(d *sarifDriver, kind string) int {
	i := slices.IndexFunc(d.Rules, func(r sarifRule) bool { return r.ID == kind })
	if i < 0 {
		i = len(d.Rules)
		d.Rules = append(d.Rules, sarifRule{ID: kind, ShortDescription: sarifMessage{describe(kind)}})
	}
	return i
}

// describe says in words what a kind is.
func describe(kind string) string {
	words := strings.ReplaceAll(kind, "-", " ")
	if personal(kind) {
		return "Personal data: " + words
	}
	return "Secret: " + words
}

// sarif returns a finding as a result. A column of ours counts bytes, which is
// the same in ASCII text.
func (f placed) sarif(rule int) sarifResult {
	out := sarifResult{
		RuleID: f.Kind, RuleIndex: rule, Level: sarifLevels[f.Certainty],
		Message:    sarifMessage{describe(f.Kind) + ", " + certainties[f.Certainty] + ". Take it out, and revoke it if others could have seen it."},
		Locations:  []sarifLocation{},
		Properties: map[string]any{"certainty": certainties[f.Certainty], "number": f.Number},
	}
	if path := f.path(); path != "" {
		at := sarifPhysicalLocation{ArtifactLocation: sarifArtifactLocation{(&url.URL{Path: path}).String()}}
		if f.Line > 0 {
			at.Region = &sarifRegion{StartLine: f.Line, StartColumn: max(1, f.Column)}
		}
		out.Locations = append(out.Locations, sarifLocation{at})
	}
	if f.ID != "" {
		out.PartialFingerprints = map[string]string{"secretHash/v1": f.ID}
	}
	if side := f.side(); side != "" {
		out.Properties["side"] = side
	}
	if f.from.commit != "" {
		out.Properties["commit"] = f.from.commit
	}
	return out
}

// notifications say what was not looked at: skipped must not look clean.
func (r *scrubReport) notifications() []sarifNotification {
	var out []sarifNotification
	note := func(text string) {
		out = append(out, sarifNotification{Level: "warning", Message: sarifMessage{text}})
	}
	for _, n := range r.withheld {
		note("Not read: " + n.String() + ".")
	}
	if r.failed {
		note("The run ended early: not everything was read.")
	}
	if r.cut {
		note("More was found than is listed.")
	}
	if r.partial {
		note("The text is longer than what is looked at as a whole: a value that was found late may stand in front of that place too.")
	}
	return out
}
