// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/alecthomas/kong"

	"review-assistant/review"
	"review-assistant/scrub"
)

// certainties are the names of [scrub.Certainty] in flags and reports.
var certainties = []string{scrub.Suspected: "suspected", scrub.Likely: "likely", scrub.Sure: "sure"}

// reportFormats are the formats of a report, the default first.
var reportFormats = []string{"text", "json", "sarif"}

// reportFormat is the flag --report. It works without a value too.
type reportFormat string

// Decode implements kong's MapperValue.
func (f *reportFormat) Decode(c *kong.DecodeContext) error {
	*f = reportFormat(reportFormats[0])
	next := c.Scan.Peek()
	if next.Type != kong.FlagValueToken && !slices.Contains(reportFormats, next.String()) {
		return nil // the next flag, or a file
	}
	*f = reportFormat(c.Scan.Pop().String())
	if !slices.Contains(reportFormats, string(*f)) {
		return fmt.Errorf("%q is no format of a report; take %s", string(*f), strings.Join(reportFormats, ", "))
	}
	return nil
}

// input names where a text comes from. The name is clean.
type input struct {
	name string
	// file says that the name is a path that stands for findings without one.
	file bool
	// added says that only added lines count: the rest was there before.
	added bool
	// commit is set for the commits of a range.
	commit string
}

// placed is a finding with the input that it stands in.
type placed struct {
	scrub.Finding
	from input
}

// path is the file of a finding, empty when it stands in none.
func (f placed) path() string {
	if p := f.Path.String(); p != "" || !f.from.file {
		return p
	}
	return f.from.name
}

// side says which lines of a diff a finding is on, "" outside of a diff.
func (f placed) side() string {
	switch {
	case f.Op == review.OpAdd:
		return "added"
	case f.Op == review.OpRemove:
		return "removed"
	case f.Path.Empty():
		return ""
	}
	return "context"
}

// withheld is a text that was not read, and why.
type withheld struct {
	Input  string `json:"input"`
	Path   string `json:"path,omitempty"` // of a file in a diff
	Reason string `json:"reason"`
}

// String names the text and the reason.
func (w withheld) String() string {
	if w.Path != "" {
		return visible(w.Input + ": " + w.Path + ": " + w.Reason)
	}
	return visible(w.Input + ": " + w.Reason)
}

// scrubReport gathers what was found in all inputs. It holds no values.
type scrubReport struct {
	rules    string
	secrets  int
	personal int
	kinds    map[string]int
	findings []placed
	withheld []withheld
	partial  bool
	cut      bool // more was found than is listed
	failed   bool // the check ended early
}

// found reports whether something counts.
func (r *scrubReport) found() bool { return r.secrets+r.personal > 0 }

// unread reports whether a check could not do its work. Bodies that somebody
// asked to leave out, and files that are no text, are none of it; what counts
// may stand behind the end of a list that was cut.
func (r *scrubReport) unread() bool {
	return r.failed || r.cut || slices.ContainsFunc(r.withheld, func(w withheld) bool { return w.Reason == scrub.TooHard || w.Reason == scrub.TooLong })
}

// withhold notes that a text was not read.
func (r *scrubReport) withhold(from input, path, reason string) {
	w := withheld{from.name, path, reason}
	if !slices.Contains(r.withheld, w) {
		r.withheld = append(r.withheld, w)
	}
}

// add takes in the report of one input. Below least, and outside of added
// lines where only those count, findings are left out.
func (r *scrubReport) add(from input, got scrub.Report, least scrub.Certainty) {
	r.rules = got.Version
	r.partial = r.partial || got.Partial
	r.cut = r.cut || len(got.Findings) >= scrub.MaxFindings
	for _, w := range got.Withheld {
		r.withhold(from, w.Path.String(), w.Reason)
	}
	listed := map[int]bool{}
	kinds := map[string]int{}
	for _, f := range got.Findings {
		// Personal data is as sure as it gets, and there only when asked for.
		// A pattern of the user's is what the user is sure of.
		if from.added && f.Op != review.OpAdd || f.Certainty < least && !personal(f.Kind) && f.Kind != scrub.KindPattern {
			continue
		}
		r.findings = append(r.findings, placed{f, from})
		if !listed[f.Number] {
			listed[f.Number] = true
			kinds[f.Kind]++
		}
	}
	if least == scrub.Suspected && !from.added {
		kinds = got.ByKind // counts what is not listed too
	}
	for kind, n := range kinds {
		r.kinds[kind] += n
		if personal(kind) {
			r.personal += n
		} else {
			r.secrets += n
		}
	}
}

// merge takes in another report.
func (r *scrubReport) merge(other *scrubReport) {
	r.secrets += other.secrets
	r.personal += other.personal
	r.findings = append(r.findings, other.findings...)
	r.withheld = append(r.withheld, other.withheld...)
	r.partial, r.cut = r.partial || other.partial, r.cut || other.cut
	for kind, n := range other.kinds {
		r.kinds[kind] += n
	}
}

func personal(kind string) bool { return slices.Contains(scrub.PIIClasses, kind) }

// tell writes the report where it belongs.
func (s scrubCmd) tell(p *program, r *scrubReport) error {
	if s.Report == "" && s.ReportFile == "" && !s.checks() {
		for _, w := range r.withheld {
			fmt.Fprintf(p.ui.err, "review-assistant: not read, and left out: %v\n", w)
		}
		return nil
	}
	var b bytes.Buffer
	var err error
	switch s.Report {
	case "json":
		err = r.json(&b)
	case "sarif":
		err = r.sarif(&b)
	default:
		// A check that found nothing is silent, as hooks should be.
		if s.Report != "" || r.found() || r.cut || len(r.withheld) > 0 || r.partial {
			r.text(&b, s)
		}
	}
	switch {
	case err != nil:
		return fmt.Errorf("write the report: %w", err)
	case s.ReportFile != "":
		if err := os.WriteFile(s.ReportFile, b.Bytes(), 0o644); err != nil {
			return fmt.Errorf("write the report: %w; name another file with --report-file", err)
		}
	case s.checks():
		_, err = p.ui.out.Write(b.Bytes())
	default:
		_, err = p.ui.err.Write(b.Bytes())
	}
	return err
}

// text writes the report for people: one line a finding that editors and
// terminals turn into a link, then the counts, then what to do.
func (r *scrubReport) text(w io.Writer, s scrubCmd) {
	for _, f := range r.findings {
		fmt.Fprintln(w, f.line())
	}
	if r.cut {
		fmt.Fprintf(w, "only the first %d places of an input are listed; there may be more\n", scrub.MaxFindings)
	}
	if r.failed {
		fmt.Fprintln(w, "this report is not complete: the run ended early")
	}
	verb := "removed"
	if s.checks() {
		verb = "found"
	}
	fmt.Fprintf(w, "%s %s", number(r.secrets, "secret", "secrets"), verb)
	if r.personal > 0 {
		fmt.Fprintf(w, ", and %s", number(r.personal, "piece of personal data", "pieces of personal data"))
	}
	fmt.Fprintf(w, " (rules %s)\n", orElse(r.rules, "none used"))
	for _, kind := range slices.Sorted(maps.Keys(r.kinds)) {
		fmt.Fprintf(w, "  %4d  %s\n", r.kinds[kind], kind)
	}
	for _, n := range r.withheld {
		fmt.Fprintf(w, "not read: %v\n", n)
	}
	if r.partial {
		fmt.Fprintln(w, "the text is longer than 8 MiB: a value that was found late may stand in front of that place too")
	}
	if s.checks() && r.found() {
		fmt.Fprint(w, s.advice())
	}
}

// line is one finding: file:line:column kind certainty.
func (f placed) line() string {
	var b strings.Builder
	b.WriteString(visible(orElse(f.path(), f.from.name)))
	if f.Line > 0 {
		fmt.Fprintf(&b, ":%d:%d", f.Line, f.Column)
	}
	fmt.Fprintf(&b, " %s %s", f.Kind, certainties[f.Certainty])
	if f.from.commit != "" {
		fmt.Fprintf(&b, ", commit %.12s", f.from.commit)
	}
	if side := f.side(); side == "removed" || side == "context" {
		fmt.Fprintf(&b, ", %s line", side)
	}
	if f.ID != "" {
		fmt.Fprintf(&b, ", hash %s", f.ID)
	}
	return b.String()
}

// advice says what to do about findings.
func (s scrubCmd) advice() string {
	var b strings.Builder
	switch {
	case s.Staged:
		b.WriteString("Take the values out of the files and stage that: git add FILE.\n")
	case s.Range != "":
		b.WriteString("Take the values out of the commits themselves (git rebase -i): a later commit leaves them in the history.\n")
	default:
		b.WriteString("Take the values out.\n")
	}
	b.WriteString("Revoke what others could have seen. ")
	if s.KeyFile == "" {
		b.WriteString("If a value is no secret: run this with --key-file FILE, it tells the hash for --allow (docs/scrubbing.md).\n")
	} else {
		b.WriteString("If a value is no secret: --allow HASH with the hash above.\n")
	}
	return b.String()
}

func number(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprint(n, " ", many)
}

// jsonSchema is raised when a key of the JSON report changes its meaning or
// goes; new keys may come without it.
const jsonSchema = 1

// The JSON report; docs/scrubbing.md describes it.
type (
	jsonReport struct {
		Schema    int            `json:"schema"`
		Tool      string         `json:"tool"`
		Rules     string         `json:"rules"`
		Secrets   int            `json:"secrets"`
		Personal  int            `json:"personal"`
		ByKind    map[string]int `json:"by_kind"`
		Findings  []jsonFinding  `json:"findings"`
		Truncated bool           `json:"truncated"`
		Withheld  []withheld     `json:"withheld"`
		Partial   bool           `json:"partial"`
		Failed    bool           `json:"failed"`
	}
	jsonFinding struct {
		Input     string `json:"input"`
		Commit    string `json:"commit,omitempty"`
		Path      string `json:"path"`
		Line      int    `json:"line"`
		Column    int    `json:"column"`
		Side      string `json:"side,omitempty"`
		Kind      string `json:"kind"`
		Number    int    `json:"number"`
		Certainty string `json:"certainty"`
		Hash      string `json:"hash,omitempty"`
	}
)

// json writes the report for programs.
func (r *scrubReport) json(w io.Writer) error {
	out := jsonReport{
		Schema: jsonSchema, Tool: "review-assistant " + version, Rules: r.rules, Secrets: r.secrets, Personal: r.personal, ByKind: r.kinds,
		Findings: []jsonFinding{}, Truncated: r.cut, Withheld: append([]withheld{}, r.withheld...), Partial: r.partial, Failed: r.failed,
	}
	for _, f := range r.findings {
		out.Findings = append(out.Findings, jsonFinding{
			Input: f.from.name, Commit: f.from.commit, Path: f.path(), Line: f.Line, Column: f.Column, Side: f.side(),
			Kind: f.Kind, Number: f.Number, Certainty: certainties[f.Certainty], Hash: f.ID,
		})
	}
	return indented(w, out)
}

// indented writes JSON as people read it.
func indented(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}
