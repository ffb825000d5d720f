// SPDX-License-Identifier: Apache-2.0

package bot

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"review-assistant/builds"
	"review-assistant/review"
	"review-assistant/scrub"
)

// lint looks at a change of refs/meta/config: when it touches a file of ours, it
// gets one comment that says what is wrong with it, or what it will do. The
// files under review decide nothing.
func (b *Bot) lint(ctx context.Context, host Host, job review.Job) error {
	id, err := job.Key.Change()
	if err != nil {
		b.log.Error("job with a broken key is dropped", "error", err)
		return nil
	}
	v := &visit{b: b, host: host, job: job, id: id}
	chain, err := host.Projects.ConfigChain(ctx, id.Project)
	if err != nil && !review.IsGone(err) {
		return fmt.Errorf("read configuration of %s: %w", id.Project, err)
	}
	v.policy = NewPolicy(chain, b.opts.InheritMode)
	if v.policy.Off == OffForbidden {
		return v.record(ctx, job.MinPatchSet, review.VerdictNotOurs, ReasonOff+":"+string(OffForbidden), nil, "")
	}
	if err := v.read(ctx); err != nil {
		return v.missing(ctx, err)
	}
	if err := v.paused(ctx); err != nil {
		return err
	}
	ps := v.change.Current()
	if d := v.lintDecision(&v.change); d != nil {
		return v.record(ctx, ps.Number, d.verdict, d.reason, nil, "")
	}
	own, known, err := v.linted(ctx, chain)
	if err != nil {
		return v.missing(ctx, err)
	}
	if own == nil && known == nil {
		return v.record(ctx, ps.Number, review.VerdictNotOurs, ReasonUntouched, nil, "")
	}
	scrubber, err := b.scrubs.of(&Policy{})
	if err != nil {
		return err
	}
	c := scrubber.Begin()
	var parts []scrub.Text
	if own != nil {
		t, err := lintText(c, *own, v.withoutModel(*own, chain))
		if err != nil {
			return err
		}
		parts = append(parts, t)
	}
	if known != nil {
		t, err := lintKnown(c, *known)
		if err != nil {
			return err
		}
		parts = append(parts, t)
	}
	body := scrub.Join("\n", append(parts, scrub.Lit("Computed, no model. Mute: #review-assistant-off."))...)
	comment, receipt, err := v.post(ctx, outgoing{
		kind: review.PostSummary, cleaner: c, body: body, notify: v.policy.Notify, evidence: v.evidence(),
	}, v.recheckLint)
	if done, err := v.posted(ctx, err); done || err != nil {
		return err
	}
	return v.record(ctx, comment.PatchSet, review.VerdictPosted, ReasonLint, nil, receipt.ID)
}

// linted returns our files as the change has them, nil for one that it does
// not touch.
func (v *visit) linted(ctx context.Context, chain []review.ConfigFile) (own, known *review.ConfigFile, err error) {
	read := func(name string, now []byte, there bool) (*review.ConfigFile, error) {
		f, err := v.host.Projects.ConfigAt(ctx, v.id, v.change.Current().Revision, name)
		if err != nil {
			return nil, fmt.Errorf("read %s of %s: %w", name, v.id, err)
		}
		if f.State == review.ConfigAbsent || there && bytes.Equal(now, f.Body) {
			return nil, nil
		}
		return &f, nil
	}
	var now []byte
	there := len(chain) > 0 && chain[0].State == review.ConfigFound
	if there {
		now = chain[0].Body
	}
	if own, err = read(ConfigName, now, there); err != nil || v.host.Branch == nil {
		return own, nil, err
	}
	now, there, err = v.host.Branch(ctx, v.id.Project, review.ConfigRef, builds.KnownName)
	if err != nil {
		return nil, nil, fmt.Errorf("read %s of %s: %w", builds.KnownName, v.id.Project, err)
	}
	known, err = read(builds.KnownName, now, there)
	return own, known, err
}

// lintDecision returns why nothing is to be said, or nil.
func (v *visit) lintDecision(c *review.Change) *prevented {
	ps := c.Current()
	switch {
	case c.Status != review.StatusNew:
		return &prevented{review.VerdictNotOurs, ReasonClosed}
	case c.Private:
		return &prevented{review.VerdictSuppressed, ReasonPrivate}
	case c.HasHashtag(review.MuteHashtag):
		return &prevented{review.VerdictSuppressed, ReasonMuted}
	case posted(c, v.self, review.PostSummary, ps.Number):
		return &prevented{review.VerdictPosted, ReasonStands}
	case postsSince(c, v.self, v.b.now().Add(-24*time.Hour)) >= maxPostsPerDay:
		return &prevented{review.VerdictSuppressed, ReasonDailyCap}
	case v.b.now().Sub(ps.Created) > maxAge:
		return &prevented{review.VerdictSuppressed, ReasonBacklogAge}
	}
	return nil
}

// recheckLint is recheck for a change of the configuration.
func (v *visit) recheckLint(ctx context.Context) error {
	fresh, err := v.host.Gerrit.Change(ctx, v.id)
	if err != nil {
		return fmt.Errorf("read change %s before the post: %w", v.id, err)
	}
	if d := v.lintDecision(&fresh); d != nil {
		return d
	}
	if fresh.Current().Revision != v.change.Current().Revision {
		return &prevented{review.VerdictSuppressed, ReasonSuperseded}
	}
	return v.allowed(ctx, &fresh, review.PostSummary)
}

// withoutModel says why the project would go without its model once the file
// is submitted, as far as the parents' files and profiles of today tell. Which
// of its branches are restricted nobody knows here: this one always is.
func (v *visit) withoutModel(file review.ConfigFile, chain []review.ConfigFile) scrub.Text {
	files := append([]review.ConfigFile{file}, chain[min(1, len(chain)):]...)
	p := NewPolicy(files, v.b.opts.InheritMode)
	if p.Mode == ModeOff {
		return scrub.Text{}
	}
	return p.Without(v.b.profiles, v.id.Host+"/"+v.id.Project, false)
}

// lintText says what the file would do, and why it does without a model.
func lintText(c *scrub.Cleaner, file review.ConfigFile, noModel scrub.Text) (scrub.Text, error) {
	p := NewPolicy([]review.ConfigFile{file}, false)
	lines := []scrub.Text{}
	say := func(t scrub.Text) { lines = append(lines, t.Neutral()) }
	if len(p.Problems) == 0 {
		say(scrub.Lit("`review-assistant.config` has no faults. Once submitted it means:"))
		switch p.Mode {
		case ModeOn:
			say(scrub.Lit("- The assistant comments on new patch sets of this project."))
		case ModeShadow:
			say(scrub.Lit("- The assistant computes and audits summaries, and posts nothing."))
		default:
			say(scrub.Lit("- The assistant stays off: no `mode = on` in `[review-assistant]`."))
		}
		if !noModel.Empty() {
			say(scrub.Format("- No model reads its changes, since %s; summaries are computed.", noModel))
		}
		if p.Mode != ModeOff && p.Add != AddNever {
			say(scrub.Lit("- Suggested reviewers are added to the change, not only named."))
		}
		if p.Mode == ModeOn && p.Notify != review.NotifyNone {
			say(scrub.Lit("- Comments send mail."))
		}
		if p.Mode == ModeOn && p.Inline > 0 {
			say(scrub.Format("- Up to %s points of a summary stand on their lines.", scrub.Int(p.Inline)))
		}
		if p.Mode == ModeOn && p.Builds && len(p.CIAccounts) > 0 {
			say(scrub.Format("- Failed builds are told as well, on the word of %s.", counted(len(p.CIAccounts), scrub.Lit("CI account"))))
		}
		for _, w := range p.Warnings {
			w.File = ConfigName
			t, err := c.Clean(w.String())
			if err != nil {
				return scrub.Text{}, &scrubError{err}
			}
			say(scrub.Join("", scrub.Lit("- "), t))
		}
	} else {
		say(scrub.Lit("`review-assistant.config` has faults. A broken file means that the assistant is off in this project:"))
		for i := range p.Problems {
			p.Problems[i].File = ConfigName
		}
		faults, err := faultsText(c, p.Problems)
		if err != nil {
			return scrub.Text{}, err
		}
		lines = append(lines, faults)
	}
	return scrub.Join("\n", lines...), nil
}

// lintKnown says what is wrong with a file of known failures.
func lintKnown(c *scrub.Cleaner, file review.ConfigFile) (scrub.Text, error) {
	known, problems := builds.ParseKnown(builds.KnownName, file.Body)
	if file.State == review.ConfigTooLong {
		problems = []review.Problem{{File: builds.KnownName, Cause: "the file is too long", Fix: fmt.Sprintf("keep it under %d bytes", maxConfig)}}
	}
	if len(problems) == 0 {
		return scrub.Format("`review-assistant-failures.config` has no faults: %s.", counted(known.Len(), scrub.Lit("known failure"))), nil
	}
	faults, err := faultsText(c, problems)
	return scrub.Format("`review-assistant-failures.config` has faults. Nothing in a broken file counts:\n%s", faults), err
}

// maxFaults is how many faults of a file are told.
const maxFaults = 10

// faultsText lists faults. One that would stop the post, because it quotes a
// vote or a link, is told without its words.
func faultsText[P fmt.Stringer](c *scrub.Cleaner, faults []P) (scrub.Text, error) {
	var lines []scrub.Text
	for i, f := range faults {
		if i == maxFaults {
			lines = append(lines, scrub.Format("- and %s more.", scrub.Int(len(faults)-i)))
			break
		}
		t, err := c.Clean(f.String())
		if err != nil {
			return scrub.Text{}, &scrubError{err}
		}
		t = scrub.Join("", scrub.Lit("- "), t).Neutral()
		if active.MatchString(outsideCode(t.String())) {
			t = scrub.Lit("- a fault that cannot be quoted here; `review-assistant config check FILE` tells it.")
		}
		lines = append(lines, t)
	}
	return scrub.Join("\n", lines...), nil
}
