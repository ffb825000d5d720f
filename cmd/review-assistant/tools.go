// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"review-assistant/bot"
	"review-assistant/llm"
	"review-assistant/review"
	"review-assistant/reviewers"
	"review-assistant/scrub"
	"review-assistant/summarize"
)

// maxDiff is in bytes: a diff from a file or standard input.
const maxDiff = 64 << 20

// readDiff reads a diff from a file, or from standard input for "-".
func readDiff(p *program, name string) (review.Patch, error) {
	var in io.Reader = p.in
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return review.Patch{}, &usageError{err}
		}
		defer f.Close()
		in = f
	}
	body, err := io.ReadAll(io.LimitReader(in, maxDiff+1))
	if err != nil {
		return review.Patch{}, fmt.Errorf("read the diff: %w", err)
	}
	if len(body) > maxDiff {
		return review.Patch{}, &usageError{fmt.Errorf("the diff is longer than %d MB; cut it", maxDiff>>20)}
	}
	patch, err := review.ParsePatch(body)
	if err != nil {
		return review.Patch{}, &usageError{fmt.Errorf("read the diff: %w; write it with git diff", err)}
	}
	if len(patch.Files) == 0 {
		return review.Patch{}, &usageError{errors.New("that is no diff: it names no file; write it with git diff")}
	}
	return patch, nil
}

// drop marks what nobody reads, as the pipeline does before it fetches.
func drop(patch review.Patch) review.Patch {
	for i, f := range patch.Files {
		skip := summarize.ClassifyPath(f.Path)
		switch {
		case f.Skip != "":
		case f.Binary:
			skip = review.SkipBinary
		case f.Mode == review.ModeSubmodule:
			skip = review.SkipSubmodule
		}
		if f.Skip == "" && skip != "" {
			f.Skip, f.Hunks = skip, nil
		}
		patch.Files[i] = f
	}
	return patch
}

// scrubbedDiff reads and scrubs a diff.
func scrubbedDiff(p *program, name string) (scrub.Patch, *scrub.Cleaner, error) {
	raw, err := readDiff(p, name)
	if err != nil {
		return scrub.Patch{}, nil, err
	}
	scrubber, err := scrub.New(scrub.Options{})
	if err != nil {
		return scrub.Patch{}, nil, err
	}
	c := scrubber.Begin()
	patch, err := c.Patch(drop(raw))
	if err != nil {
		return scrub.Patch{}, nil, fmt.Errorf("scrub: %w; nothing is shown", err)
	}
	return patch, c, nil
}

type summarizeCmd struct {
	Diff        string `required:"" placeholder:"FILE" help:"Unified diff, - for standard input. It is scrubbed first."`
	JSON        bool   `help:"Print JSON."`
	Profile     string `placeholder:"NAME" help:"Model profile of the configuration; without it the summary is computed."`
	PrintPrompt bool   `help:"Print the packed diff as a model would see it, and ask nobody."`
	MaxTokens   int    `default:"12000" placeholder:"N" help:"Tokens of the diff that a prompt may hold."`
}

// Run implements the command.
func (s summarizeCmd) Run(p *program) error {
	if s.MaxTokens < 1 {
		return &usageError{fmt.Errorf("--max-tokens %d: write a number above 0", s.MaxTokens)}
	}
	patch, c, err := scrubbedDiff(p, s.Diff)
	if err != nil {
		return err
	}
	if s.PrintPrompt {
		p.ui.printf("%s", summarize.Pack(patch, s.MaxTokens).Text) // ends with a line end, and fits
		return nil
	}
	var model llm.Model
	look := &verified{cleaner: c}
	if s.Profile != "" {
		if look.Model, err = openProfile(p, s.Profile); err != nil {
			return err
		}
		model = look
	}
	done := p.ui.progress("summarizing")
	d, err := summarize.Summarizer{Model: model}.Summarize(p.ctx, summarize.Input{
		Patch: patch, PatchSet: 1, Clean: c.Output, MaxTokens: s.MaxTokens,
	})
	done()
	if err = errors.Join(err, look.found); err != nil {
		return err
	}
	if s.JSON {
		body, err := summarize.JSON(d)
		if err != nil {
			return err
		}
		p.ui.printf("%s\n", body)
		return nil
	}
	p.ui.printf("%s\n", bot.Preview(d, c.Report()))
	return nil
}

// openProfile opens one model of the configuration.
func openProfile(p *program, name string) (llm.Model, error) {
	c, err := loadConfig(p.config)
	if err != nil {
		return nil, err
	}
	m, ok := c.Models[name]
	if !ok {
		return nil, &usageError{fmt.Errorf("no model profile %q is configured; add it under models", name)}
	}
	if err := keyThere(name, m.KeyFile); err != nil {
		return nil, &usageError{fmt.Errorf("%w; write the key there", err)}
	}
	return llm.Open(m.profile(name), llm.Options{})
}

type evalCmd struct {
	Reviewers evalReviewersCmd `cmd:"" help:"Answer a replay of review history on standard input, one JSON object a line."`
}

type evalReviewersCmd struct {
	Without []string `placeholder:"SIGNAL" help:"Signals to leave out."`
}

// Run implements the command.
func (e evalReviewersCmd) Run(p *program) error {
	return reviewers.Eval(p.ctx, p.in, p.ui.out, reviewers.EvalOptions{Without: e.Without})
}

type configCmd struct {
	Check configCheckCmd `cmd:"" help:"Check the server's file (--config), or a project's review-assistant.config."`
}

type configCheckCmd struct {
	File string `arg:"" optional:"" help:"A project's review-assistant.config; without it the server's file is checked."`
}

// Run implements the command.
func (c configCheckCmd) Run(p *program) error {
	if c.File == "" {
		conf, err := loadConfig(p.config)
		if err != nil {
			return err
		}
		if len(conf.Gerrit) == 0 {
			p.ui.mark("warn", "no Gerrit is configured: serve does not start")
		}
		p.ui.mark("ok", fmt.Sprintf("%s: %d Gerrits, %d model profiles", orElse(p.config, "defaults"), len(conf.Gerrit), len(conf.Models)))
		return nil
	}
	body, err := readLimited(c.File, maxConfigFile)
	if err != nil {
		return &usageError{err}
	}
	policy := bot.NewPolicy([]review.ConfigFile{{Project: "project", State: review.ConfigFound, Body: body}}, false)
	for _, problem := range policy.Problems {
		problem.File = c.File
		p.ui.mark("fail", problem.String())
	}
	if len(policy.Problems) > 0 {
		return &usageError{fmt.Errorf("%s has %d faults; a broken file means off", c.File, len(policy.Problems))}
	}
	for _, w := range policy.Warnings {
		w.File = c.File
		p.ui.mark("warn", w.String())
	}
	p.ui.mark("ok", fmt.Sprintf("%s: mode %s", c.File, policy.Mode))
	return nil
}
