// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"

	"review-assistant/bot"
	"review-assistant/llm"
	"review-assistant/scrub"
	"review-assistant/summarize"
)

type summarizeCmd struct {
	Diff        string `required:"" placeholder:"FILE" help:"Unified diff, - for standard input. It is scrubbed first, like everything else that is read."`
	Message     string `placeholder:"FILE" help:"The commit message: what it says is not said again."`
	Previous    string `placeholder:"FILE" help:"Diff of an earlier patch set: only what changed since then is told."`
	JSON        bool   `help:"Print JSON."`
	Full        bool   `help:"Print everything, not only the 1,200 characters that stand on a change."`
	Profile     string `placeholder:"NAME" help:"Model profile of the configuration; without it the summary is computed. The budgets of the server do not count here."`
	Record      string `placeholder:"DIR" help:"Keep the model's answers, scrubbed, in DIR. A profile with provider: replay plays them back."`
	PrintPrompt bool   `help:"Print the packed diff as a model would see it, and ask nobody."`
	MaxTokens   int    `default:"12000" placeholder:"N" help:"Tokens of the diff that a prompt may hold."`
	MaxCalls    int    `default:"1" placeholder:"N" help:"Requests to the model: with 2 to 4 a diff that does not fit is read in parts. One whose answer cannot be used is sent once more."`
}

// Run implements the command.
func (s summarizeCmd) Run(p *program) error {
	if err := promptLimits(s.MaxTokens, s.MaxCalls); err != nil {
		return err
	}
	if s.Record != "" && s.Profile == "" {
		return &usageError{errors.New("--record needs a model; name its profile with --profile")}
	}
	in, c, err := material{s.Diff, s.Message, s.Previous}.input(p)
	if err != nil {
		return err
	}
	if s.PrintPrompt {
		packed := summarize.Pack(in.Scope(), s.MaxTokens)
		p.ui.printf("%s", packed.Text) // ends with a line end, and fits
		if packed.Cut+len(packed.Omitted) > 0 {
			fmt.Fprintf(p.ui.err, "review-assistant: %d tokens hold %.0f %% of what matters; no line is shown of %d files\n", s.MaxTokens, 100*(1-packed.Left), len(packed.Omitted))
		}
		return nil
	}
	in.MaxTokens, in.MaxCalls = s.MaxTokens, s.MaxCalls
	d, err := summarizeWith(p, in, c, s.Profile, s.Record)
	if err != nil {
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
	text, err := preview(s.Full, d, c, in.PatchSet)
	if err != nil {
		return err
	}
	p.ui.printf("%s\n", text)
	if d.Silent != "" {
		p.ui.printf("\n%s\n", p.ui.paint(dim, "Not worth a comment ("+string(d.Silent)+"): on a change the bot keeps silent."))
	}
	return nil
}

// promptLimits checks the flags that bound what a model is asked.
func promptLimits(tokens, calls int) error {
	switch {
	case tokens < 1:
		return &usageError{fmt.Errorf("--max-tokens %d: write a number above 0", tokens)}
	case calls < 1 || calls > summarize.MaxCalls:
		return &usageError{fmt.Errorf("--max-calls %d: write a number from 1 to %d", calls, summarize.MaxCalls)}
	}
	return nil
}

// summarizeWith asks the model of a profile, "" for none, and keeps its
// answers in a folder, "" for none.
func summarizeWith(p *program, in summarize.Input, c *scrub.Cleaner, profile, record string) (summarize.Draft, error) {
	var model llm.Model
	look := &verified{cleaner: c}
	if profile != "" {
		m, shape, err := openProfile(p, profile)
		if err != nil {
			return summarize.Draft{}, err
		}
		in.Short, in.MaxTokens = shape.Short(), min(in.MaxTokens, orElse(shape.MaxTokens, in.MaxTokens))
		if record != "" {
			m = &llm.Recorder{Model: m, Dir: record, Clean: func(raw string) (string, error) {
				t, err := c.Output(raw)
				return t.String(), err
			}}
		}
		look.Model = m
		model = look
	}
	done := p.ui.progress("summarizing")
	d, err := summarize.Summarizer{Model: model}.Summarize(p.ctx, in)
	done()
	if err = errors.Join(err, look.found); err == nil && d.Cause != nil {
		fmt.Fprintf(p.ui.err, "review-assistant: the summary is computed: %v\n", d.Cause)
	}
	return d, err
}

// preview renders a draft as it would be posted, or in full.
func preview(full bool, d summarize.Draft, c *scrub.Cleaner, patchSet int) (scrub.Text, error) {
	if full {
		return bot.Preview(d, c, patchSet)
	}
	return bot.PreviewPosted(d, c, patchSet)
}

// openProfile opens one model of the configuration.
func openProfile(p *program, name string) (llm.Model, llm.Profile, error) {
	c, err := loadConfig(p.config)
	if err != nil {
		return nil, llm.Profile{}, err
	}
	profile, ok := c.profiles()[name]
	if !ok {
		return nil, profile, &usageError{fmt.Errorf("no model profile %q is configured; add it under models", name)}
	}
	if err := keyThere(name, profile.KeyFile); err != nil {
		return nil, profile, &usageError{fmt.Errorf("%w; write the key there", err)}
	}
	m, err := llm.Open(profile, llm.Options{})
	return m, profile, err
}
