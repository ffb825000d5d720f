// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"review-assistant/builds"
	"review-assistant/scrub"
)

type buildsCmd struct {
	Extract     buildsExtractCmd     `cmd:"" help:"Show what made a build fail, from its log."`
	Fingerprint buildsFingerprintCmd `cmd:"" help:"Print the name of the cause that a piece of a log shows, the same in other runs."`
	Ingest      buildsIngestCmd      `cmd:"" help:"Push a report or log of a build to a running server."`
	List        buildsListCmd        `cmd:"" help:"List a project's open failures, that whose repair saves most first."`
	Mark        buildsMarkCmd        `cmd:"" help:"Say that a cluster of failures is flaky, trouble of the CI, or fixed."`
}

type buildsExtractCmd struct {
	File     string   `arg:"" optional:"" help:"The log; without it, or for -, standard input. Of any size: it is read once, in little memory."`
	JSON     bool     `help:"Print JSON: places by line number, category, fingerprint and failing tests, without text of the log."`
	Baseline []string `placeholder:"FILE" sep:"none" help:"Log of the same job that passed: what it says too is hardly the cause. May be given again."`
}

// Help is the long help.
func (buildsExtractCmd) Help() string {
	return `At most 30 lines are shown, the likely cause first; > marks the line that matters. Times, colours and prefixes of the CI are left out, and secrets are removed. Lines are counted at line feeds. The exit code is 0 when nothing was found, too. More in docs/builds.md.`
}

// Run implements the command.
func (b buildsExtractCmd) Run(p *program) error {
	var o builds.ReadOptions
	for _, name := range b.Baseline {
		f, err := openLog(name)
		if err != nil {
			return &usageError{fmt.Errorf("--baseline: %w", err)}
		}
		base, err := builds.ReadBaseline(p.ctx, f)
		f.Close()
		if err != nil {
			return fmt.Errorf("--baseline %s: %w", name, err)
		}
		o.Baselines = append(o.Baselines, base)
	}
	in := p.in
	if b.File != "" && b.File != "-" {
		f, err := openLog(b.File)
		if err != nil {
			return &usageError{fmt.Errorf("builds extract: %w", err)}
		}
		defer f.Close()
		in = f
	}
	log, err := builds.Read(p.ctx, in, o)
	if err != nil {
		return err
	}
	c, err := newLogCleaner()
	if err != nil {
		return err
	}
	d, err := log.Document(c.Begin())
	if err != nil {
		return err
	}
	if b.JSON {
		body, err := json.Marshal(d)
		if err != nil {
			return fmt.Errorf("write JSON: %w", err)
		}
		p.ui.printf("%s\n", body)
		return nil
	}
	showLog(p.ui, d)
	return nil
}

func openLog(name string) (*os.File, error) {
	f, err := os.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("there is no file %s", name)
	}
	if err != nil {
		return nil, err
	}
	if info, err := f.Stat(); err == nil && info.IsDir() {
		f.Close()
		return nil, fmt.Errorf("%s is a folder; name a log", name)
	}
	return f, nil
}

// newLogCleaner removes from logs what a model must not see: they go where
// changes go.
func newLogCleaner() (*scrub.Scrubber, error) {
	return scrub.New(scrub.Options{PII: []string{"all"}})
}

// showLog prints what was found for people.
func showLog(u *ui, d builds.Document) {
	if len(d.Excerpts) == 0 {
		u.printf("The log is empty.\n")
		return
	}
	u.printf("%s  %s  %s\n", u.paint(bold, d.Category), plural(d.Lines, "line"), u.paint(dim, "fingerprint "+d.Fingerprint))
	width := len(fmt.Sprint(d.Lines))
	for i, e := range d.Excerpts {
		u.printf("\n%s\n", u.paint(dim, fmt.Sprintf("%d. %s", e.Rank, e.Kind)))
		for _, l := range d.Texts[i] {
			line := fmt.Sprintf("%*d  %s", width, l.Number, visible(strings.ReplaceAll(l.Text, "\t", "    ")))
			if l.Number == e.Focus {
				u.printf("%s %s\n", u.paint(red, ">"), u.paint(bold, line))
				continue
			}
			u.printf("  %s\n", line)
		}
	}
	if len(d.Tests) > 0 {
		u.title(count(len(d.Tests), "test failed", "tests failed"))
		for _, t := range d.Tests {
			u.printf("  %s\n", visible(t))
		}
	}
	if d.Dropped > 0 {
		u.printf("  and %d more\n", d.Dropped)
	}
}

type buildsFingerprintCmd struct {
	Jsonl bool `name:"jsonl" help:"Read JSON objects {\"id\",\"text\"}, one a line, and answer each with {\"id\",\"fingerprint\"}, in their order."`
}

// Help is the long help.
func (buildsFingerprintCmd) Help() string {
	return `The text is read from standard input and scrubbed first. A fingerprint has 16 hex digits and depends on that text alone: the key line with its test, identifiers and file names, but without numbers, times, folders and prefixes.`
}

// Limits in bytes of what a fingerprint is made of.
const (
	maxFingerprintText = 1 << 20
	maxFingerprintLine = 8 << 20 // JSON takes up to six bytes for one
)

// Run implements the command.
func (b buildsFingerprintCmd) Run(p *program) error {
	s, err := newLogCleaner()
	if err != nil {
		return err
	}
	if b.Jsonl {
		return fingerprintLines(p, s)
	}
	raw, err := io.ReadAll(io.LimitReader(p.in, maxFingerprintText+1))
	if err != nil {
		return fmt.Errorf("read the text: %w", err)
	}
	if len(raw) > maxFingerprintText {
		return &usageError{fmt.Errorf("builds fingerprint: the text is longer than %d bytes; take the piece that shows the failure", maxFingerprintText)}
	}
	name, err := fingerprintText(s, string(raw))
	if err != nil {
		return err
	}
	p.ui.printf("%s\n", name)
	return nil
}

func fingerprintText(s *scrub.Scrubber, raw string) (string, error) {
	text, err := s.Begin().Clean(builds.Plain(raw))
	if err != nil {
		return "", fmt.Errorf("scrub the text: %w", err)
	}
	return builds.Fingerprint(text.String()), nil
}

func fingerprintLines(p *program, s *scrub.Scrubber) error {
	lines := bufio.NewScanner(p.in)
	lines.Buffer(make([]byte, 64<<10), maxFingerprintLine)
	out := bufio.NewWriter(p.ui.out)
	enc := json.NewEncoder(out)
	n := 0
	for lines.Scan() {
		n++
		if len(strings.TrimSpace(lines.Text())) == 0 {
			continue
		}
		if err := p.ctx.Err(); err != nil {
			return err
		}
		var item struct {
			ID   json.RawMessage `json:"id"`
			Text *string         `json:"text"`
		}
		err := json.Unmarshal(lines.Bytes(), &item)
		if err == nil && (item.ID == nil || item.Text == nil) {
			err = errors.New("id or text is missing")
		}
		if err != nil {
			out.Flush()
			return &usageError{fmt.Errorf("builds fingerprint: line %d is no {\"id\",\"text\"}: %w", n, err)}
		}
		name, err := fingerprintText(s, *item.Text)
		if err != nil {
			return fmt.Errorf("line %d: %w", n, err)
		}
		if err := enc.Encode(struct {
			ID          json.RawMessage `json:"id"`
			Fingerprint string          `json:"fingerprint"`
		}{item.ID, name}); err != nil {
			return fmt.Errorf("write: %w", err)
		}
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	switch err := lines.Err(); {
	case errors.Is(err, bufio.ErrTooLong):
		return &usageError{fmt.Errorf("builds fingerprint: line %d is longer than %d bytes", n+1, maxFingerprintLine)}
	case err != nil:
		return fmt.Errorf("read the texts: %w", err)
	}
	return nil
}
