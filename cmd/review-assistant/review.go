// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"

	"review-assistant/bot"
	"review-assistant/review"
	"review-assistant/summarize"
)

type reviewCmd struct {
	Change string `arg:"" optional:"" placeholder:"HOST/PROJECT~N" help:"Change of a configured Gerrit."`
	Diff   string `placeholder:"FILE" help:"Unified diff instead of a change, - for standard input; no server is needed."`
	DryRun bool   `xor:"mode" help:"Print the comment and post nothing (the default)."`
	Post   bool   `xor:"mode" help:"Post the comment, under the same rules as the server."`
}

// Run implements the command.
func (r reviewCmd) Run(p *program) error {
	switch {
	case (r.Change == "") == (r.Diff == ""):
		return &usageError{errors.New("review: name a change, HOST/PROJECT~N, or a diff with --diff")}
	case r.Diff != "" && r.Post:
		return &usageError{errors.New("review: a diff has no change to post to; leave --post out")}
	case r.Diff != "":
		return r.diff(p)
	}
	id, err := review.ParseChangeID(r.Change)
	if err != nil {
		return &usageError{err}
	}
	c, err := serverConfig(p)
	if err != nil {
		return err
	}
	if err := c.knows(id.Host); err != nil {
		return err
	}
	l, err := openOperatorLog(c)
	if err != nil {
		return err
	}
	parts, err := open(p.ctx, c, commandLog(c, p.ui.err), l)
	if err != nil {
		return errors.Join(err, l.Close())
	}
	return errors.Join(p.advise("change "+id.String(), r.change(p, parts, id)), parts.Close(), l.Close())
}

// change works on a change of a Gerrit.
func (r reviewCmd) change(p *program, parts *parts, id review.ChangeID) error {
	if err := parts.unsafe.look(p.ctx, id.Host, parts.gerrits[id.Host]); err != nil {
		return err
	}
	done := p.ui.progress("reviewing " + id.String())
	result, err := parts.bot.Review(p.ctx, id, r.Post)
	done()
	switch {
	case err != nil:
		return fmt.Errorf("review %s: %w", id, err)
	case !r.Post && result.Silent:
		p.ui.printf("patch set %d of %s: nothing to post, because: %s\n", result.PatchSet, id, result.Reason)
		return nil
	case r.Post && (result.Silent || result.Reason != bot.ReasonPosted):
		return fmt.Errorf("nothing was posted on patch set %d of %s, because: %s", result.PatchSet, id, result.Reason)
	}
	p.ui.printf("%s\n", result.Comment)
	if r.Post {
		p.ui.printf("\n%s: patch set %d of %s\n", result.Reason, result.PatchSet, id)
	}
	return nil
}

// diff works on a diff alone.
func (r reviewCmd) diff(p *program) error {
	in, c, err := material{diff: r.Diff}.input(p)
	if err != nil {
		return err
	}
	text, err := bot.PreviewPosted(summarize.Offline(in), c, in.PatchSet)
	if err != nil {
		return err
	}
	p.ui.printf("%s\n", text)
	return nil
}
