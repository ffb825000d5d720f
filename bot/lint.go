// SPDX-License-Identifier: Apache-2.0

package bot

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"review-assistant/review"
	"review-assistant/scrub"
)

// lint looks at a change of refs/meta/config: when it touches our file, it
// gets one comment that says what is wrong with it, or what it will do. The
// file under review decides nothing.
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
	file, err := host.Projects.ConfigAt(ctx, id, ps.Revision)
	if err != nil {
		return v.missing(ctx, fmt.Errorf("read %s of %s: %w", ConfigName, id, err))
	}
	if file.State == review.ConfigAbsent || (len(chain) > 0 && chain[0].State == review.ConfigFound && bytes.Equal(chain[0].Body, file.Body)) {
		return v.record(ctx, ps.Number, review.VerdictNotOurs, ReasonUntouched, nil, "")
	}
	scrubber, err := b.scrubs.of(&Policy{})
	if err != nil {
		return err
	}
	c := scrubber.Begin()
	body, err := lintText(c, file, v.withoutModel(file, chain))
	if err != nil {
		return err
	}
	comment, receipt, err := v.post(ctx, outgoing{
		kind: review.PostSummary, cleaner: c, body: body, notify: v.policy.Notify, evidence: v.evidence(),
	}, v.recheckLint)
	if done, err := v.posted(ctx, err); done || err != nil {
		return err
	}
	return v.record(ctx, comment.PatchSet, review.VerdictPosted, ReasonLint, nil, receipt.ID)
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
		for i, problem := range p.Problems {
			if i == 10 {
				say(scrub.Format("- and %s more.", scrub.Int(len(p.Problems)-i)))
				break
			}
			problem.File = ConfigName
			t, err := c.Clean(problem.String())
			if err != nil {
				return scrub.Text{}, &scrubError{err}
			}
			say(scrub.Join("", scrub.Lit("- "), t))
		}
	}
	say(scrub.Lit("Computed, no model. Mute: #review-assistant-off."))
	return scrub.Join("\n", lines...), nil
}
