// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"
	"unicode/utf8"

	"review-assistant/bot"
	"review-assistant/llm"
	"review-assistant/scrub"
	"review-assistant/summarize"
)

type evalSummariesCmd struct {
	Corpus    []string `arg:"" type:"existingdir" placeholder:"DIR" help:"Folders of changes, each a folder with change.diff and, if there are any, message.txt and previous.diff."`
	NoMessage bool     `help:"Leave the commit messages out."`
	Profile   string   `placeholder:"NAME" help:"Model profile of the configuration; without it the summaries are computed."`
	Record    string   `placeholder:"DIR" help:"Keep the model's answers, scrubbed, in DIR."`
	MaxTokens int      `default:"12000" placeholder:"N" help:"Tokens of the diff that a prompt may hold."`
	MaxCalls  int      `default:"1" placeholder:"N" help:"Requests to the model for one change, 1 to 4."`
	JSON      bool     `help:"Print one JSON object a line."`
}

// summaryRow is what came of one change.
type summaryRow struct {
	Case    string            `json:"case"`
	Silent  summarize.Silence `json:"silent"`  // "" when a comment would be posted
	Trivial bool              `json:"trivial"` // so little that silence is no loss
	Novelty float64           `json:"novelty"`
	Chars   int               `json:"chars"` // of the comment
	Told    int               `json:"told"`  // statements in the comment: what changes, places, questions
	NotRead int               `json:"not_read"`
	Secrets int               `json:"secrets"`
	Model   string            `json:"model,omitempty"`
	Failed  string            `json:"fallback,omitempty"`
	Usage   llm.Usage         `json:"usage"`
	Took    time.Duration     `json:"took_ns"`
}

// Run implements the command.
func (e evalSummariesCmd) Run(p *program) error {
	if err := promptLimits(e.MaxTokens, e.MaxCalls); err != nil {
		return err
	}
	cases, err := changesIn(e.Corpus)
	if err != nil {
		return &usageError{err}
	}
	var rows []summaryRow
	failed := 0
	if !e.JSON {
		p.ui.printf("%s\n", p.ui.paint(bold, fmt.Sprintf("%-52s %8s %6s %5s %8s %6s  %s", "change", "novelty", "chars", "told", "not read", "ms", "outcome")))
	}
	for _, dir := range cases {
		row, err := e.one(p, dir)
		if err != nil {
			// One bad folder must not cost the figures of the others.
			p.ui.mark("fail", fmt.Sprintf("%s: %v", dir, err))
			failed++
			continue
		}
		rows = append(rows, row)
		if e.JSON {
			if err := json.NewEncoder(p.ui.out).Encode(row); err != nil {
				return err
			}
			continue
		}
		p.ui.printf("%-52s %8.2f %6d %5d %8d %6d  %s\n", clipLine(row.Case, 50), row.Novelty, row.Chars, row.Told, row.NotRead, row.Took.Milliseconds(), row.outcome())
	}
	if !e.JSON && len(rows) > 0 {
		e.total(p, rows)
	}
	if failed > 0 {
		return fmt.Errorf("%d of %d changes could not be read", failed, len(cases))
	}
	return nil
}

// changesIn lists the folders with a change.diff, in order.
func changesIn(corpora []string) ([]string, error) {
	var out []string
	for _, c := range corpora {
		found, err := filepath.Glob(filepath.Join(c, "*", changeDiff))
		if err != nil {
			return nil, err
		}
		for _, f := range found {
			out = append(out, filepath.Dir(f))
		}
	}
	if len(out) == 0 {
		return nil, errors.New("no folder with a change.diff in there; name the folder above the changes")
	}
	return out, nil
}

const changeDiff = "change.diff"

func (e evalSummariesCmd) one(p *program, dir string) (summaryRow, error) {
	there := func(name string) string {
		path := filepath.Join(dir, name)
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			return ""
		}
		return path
	}
	m := material{diff: filepath.Join(dir, changeDiff), previous: there("previous.diff")}
	if !e.NoMessage {
		m.message = there("message.txt")
	}
	start := time.Now()
	in, c, err := m.input(p)
	if err != nil {
		return summaryRow{}, err
	}
	in.MaxTokens, in.MaxCalls = e.MaxTokens, e.MaxCalls
	d, err := summarizeWith(p, in, c, e.Profile, e.Record)
	if err != nil {
		return summaryRow{}, err
	}
	comment, err := bot.PreviewPosted(d, c, in.PatchSet)
	if err != nil {
		return summaryRow{}, err
	}
	if d.Unchanged {
		d.Silent = bot.ReasonSameCode
	}
	return summaryRow{
		Case: filepath.Base(dir), Silent: d.Silent, Trivial: trivial(in.Scope(), d), Novelty: d.Novelty,
		Chars: utf8.RuneCountInString(comment.String()), Told: len(d.Story) + len(d.Bullets) + len(d.Look) + len(d.Risks) + len(d.Questions),
		NotRead: len(d.NotRead), Secrets: c.Report().Secrets, Model: d.Model, Failed: d.Fallback, Usage: d.Usage, Took: time.Since(start),
	}, nil
}

// trivialLines is how many changed lines of readable files are too few to
// need a summary.
const trivialLines = 6

// trivial reports whether hardly a line changes in files that people read.
func trivial(p scrub.Patch, d summarize.Draft) bool {
	unread := map[string]bool{}
	for _, n := range d.NotRead {
		unread[n.Path.String()] = true
	}
	lines := 0
	for _, f := range p.Files {
		if !unread[f.Path.String()] {
			lines += f.Added + f.Removed
		}
	}
	return lines <= trivialLines
}

func (r summaryRow) outcome() string {
	switch {
	case r.Silent != "" && r.Trivial:
		return "silent: " + string(r.Silent) + " (trivial)"
	case r.Silent != "":
		return "silent: " + string(r.Silent)
	case r.Failed != "":
		return "posted, computed: " + r.Failed
	}
	return "posted"
}

// total prints the figures over all changes.
func (e evalSummariesCmd) total(p *program, rows []summaryRow) {
	var news []float64
	var chars []int
	var took time.Duration
	var used llm.Usage
	posted, serious, seriousPosted := 0, 0, 0
	for _, r := range rows {
		took += r.Took
		used.Prompt, used.Completion = used.Prompt+r.Usage.Prompt, used.Completion+r.Usage.Completion
		if !r.Trivial {
			serious++
		}
		if r.Silent != "" {
			continue
		}
		posted++
		if !r.Trivial {
			seriousPosted++
		}
		news, chars = append(news, r.Novelty), append(chars, r.Chars)
	}
	slices.Sort(news)
	slices.Sort(chars)
	p.ui.printf("\n%d changes, %d posted; of %d with more than %d lines to read, %d posted (%.0f %%)\n", len(rows), posted, serious, trivialLines, seriousPosted, 100*float64(seriousPosted)/float64(max(1, serious)))
	if posted > 0 {
		p.ui.printf("novelty of what is posted: least %.2f, median %.2f; characters: median %d, most %d\n", news[0], news[len(news)/2], chars[len(chars)/2], chars[len(chars)-1])
	}
	p.ui.printf("%d ms a change; tokens: %d asked, %d answered\n", (took / time.Duration(len(rows))).Milliseconds(), used.Prompt, used.Completion)
}
