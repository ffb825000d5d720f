// SPDX-License-Identifier: Apache-2.0

package bot

import (
	"context"
	"errors"
	"fmt"

	"review-assistant/llm"
	"review-assistant/review"
	"review-assistant/scrub"
	"review-assistant/summarize"
)

// work is what a visit computes before it decides whether to post: scrubbed
// patch, leaked secrets, draft, picks and the composed text.
type work struct {
	cleaner *scrub.Cleaner
	patch   review.Patch // raw; only for paths and counts, never for text
	leaks   []leak
	in      summarize.Input
	draft   summarize.Draft
	picks   []review.Pick
	record  []byte           // how the picks came about, as JSON
	groups  map[int64]string // through which accounts own some of the change
	owners  string           // names the owners whose picks were told, for "again only if they change"
	note    note
	body    scrub.Text // the comment without its audit id
	full    scrub.Text // the same without the limit of the change
	subject scrub.Text
	model   scrub.Text
	noModel scrub.Text // why no model was asked although the project uses one
	anchors []anchor   // of the points of the draft, see places
	inline  inline     // what goes to lines
}

// speak computes what is due to be said about the current patch set, and says it.
func (v *visit) speak(ctx context.Context, due dues) error {
	excluded, err := v.ownerExcluded(ctx)
	if err != nil {
		return err
	}
	if excluded {
		return v.record(ctx, v.change.Current().Number, review.VerdictNotOurs, ReasonOwner, nil, "")
	}
	if v.policy.Mode == ModeOn {
		// What would prevent the post in the end has to cost no model call.
		if done, err := v.posted(ctx, v.harmless(ctx, &v.change)); done {
			return err
		}
	}
	w, err := v.begin(ctx)
	if err != nil {
		return v.unread(ctx, err)
	}
	return v.say(ctx, w, due)
}

// say tells the author of leaked secrets, then everybody what the change does.
// Neither waits for the other: a failed post about secrets is tried again
// after the summary.
func (v *visit) say(ctx context.Context, w *work, due dues) error {
	var later error
	if due.secrets {
		over, err := v.tell(ctx, w, due)
		if over {
			return err
		}
		later = err
	}
	switch {
	case due.summary:
		if err := v.comment(ctx, w); err != nil {
			return err
		}
	case v.dec.verdict != "" && later == nil:
		return v.settle(ctx)
	}
	return later
}

// unread ends a visit whose patch set could not be read, or not be made safe.
func (v *visit) unread(ctx context.Context, err error) error {
	if stop, ok := errors.AsType[*scrubError](err); ok {
		v.b.log.Error("scrubber stopped; nothing of the change is posted", "change", v.id.String(), "error", stop.cause)
		return v.notice(ctx, ReasonScrub, scrub.Lit("Not summarized: the secret scrubber stopped on this patch set, so nothing of it is shown here. Mute: #review-assistant-off."))
	}
	return v.missing(ctx, err)
}

// comment finishes the summary and posts it, or keeps silent for a reason.
func (v *visit) comment(ctx context.Context, w *work) error {
	if err := v.finish(ctx, w); err != nil {
		return v.unread(ctx, err)
	}
	if reason, text := v.skipped(w); reason != "" {
		return v.notice(ctx, reason, text)
	}
	if reason := v.silence(w); reason != "" {
		return v.keepSilent(ctx, w, reason)
	}
	v.said = w.body
	if v.policy.Mode == ModeShadow {
		return v.shadow(ctx, w)
	}
	if err := v.toLines(ctx, w); err != nil {
		return v.missing(ctx, err)
	}
	if w.inline.over(v.dec.asked, w) {
		return v.keepSilent(ctx, w, ReasonNothing+":"+string(summarize.SilentTold))
	}
	v.said = w.body
	return v.publish(ctx, w)
}

// skipped says what a person would take for clean although it was not looked
// at: files that nobody read, or a model that was to be asked and was not,
// with nothing else to say.
func (v *visit) skipped(w *work) (reason string, text scrub.Text) {
	switch why := w.note.NoModel; {
	case v.dec.asked || len(w.patch.Files) == 0 || w.draft.Unchanged:
	case w.draft.Unread:
		return ReasonUnread, scrub.Format("Not summarized. %s Mute: #review-assistant-off.", notRead(w.draft)).Neutral()
	case w.draft.Silent != "" && w.note.Secrets == 0 && w.draft.Model == "" && !why.Empty():
		return ReasonNoModel, scrub.Format("Read without a model (%s); what can be computed adds nothing to the commit message. Mute: #review-assistant-off.", why)
	}
	return "", scrub.Text{}
}

// silence returns why nothing is worth a message, or "". A removed secret is
// always worth one, and so is an answer to a person who asked.
func (v *visit) silence(w *work) string {
	switch {
	case v.dec.asked:
		return ""
	case len(w.patch.Files) == 0:
		return ReasonEmpty
	case w.draft.Unchanged:
		return ReasonSameCode
	case w.draft.Silent != "" && w.note.Secrets == 0:
		return ReasonNothing + ":" + string(w.draft.Silent)
	}
	return ""
}

// compute makes the whole comment.
func (v *visit) compute(ctx context.Context) (*work, error) {
	w, err := v.begin(ctx)
	if err != nil {
		return nil, err
	}
	return w, v.finish(ctx, w)
}

// begin reads and scrubs the patch set.
func (v *visit) begin(ctx context.Context) (*work, error) {
	scrubber, err := v.b.scrubs.of(&v.policy)
	if err != nil {
		return nil, &scrubError{err}
	}
	return v.scrubbed(ctx, scrubber)
}

// finish makes the draft, finds reviewers and composes the comment.
func (v *visit) finish(ctx context.Context, w *work) error {
	if err := v.draft(ctx, w); err != nil {
		return err
	}
	if err := v.recommend(ctx, w); err != nil {
		return err
	}
	return v.compose(w)
}

// scrubbed reads the patch and scrubs it.
func (v *visit) scrubbed(ctx context.Context, scrubber *scrub.Scrubber) (_ *work, err error) {
	w := &work{cleaner: scrubber.Begin()}
	ps := v.change.Current()
	if v.host.Stories != nil {
		raw, err := v.host.Stories.Attributes(ctx, v.id.Project, v.change.Branch)
		if unseen(err) != nil {
			return nil, fmt.Errorf("read .gitattributes of %s: %w", v.id.Project, err)
		}
		v.attributes = review.ParseAttributes(raw)
	}
	if w.patch, err = v.host.Gerrit.Patch(ctx, v.change, ps, v.skip); err != nil {
		return nil, fmt.Errorf("read patch set %d of %s: %w", ps.Number, v.id, err)
	}
	story, err := v.readStory(ctx)
	if err != nil {
		return nil, err
	}
	in := summarize.Input{
		PatchSet: ps.Number, Language: v.policy.Language, MaxTokens: v.b.opts.MaxTokens, Clean: w.cleaner.Output,
	}
	// The patch is looked at first and written last: a secret that is plain in
	// one place only, here, in the message or in what it is compared with, is
	// removed from all of them.
	current, err := w.cleaner.Look(w.patch)
	if err != nil {
		return nil, &scrubError{err}
	}
	other, err := w.cleaner.Look(story.before)
	if err != nil {
		return nil, &scrubError{err}
	}
	for _, t := range []struct {
		raw string
		to  *scrub.Text
	}{{v.change.Subject, &in.Subject}, {v.change.Message, &in.Message}, {v.change.Branch, &in.Branch}} {
		if *t.to, err = w.cleaner.Clean(t.raw); err != nil {
			return nil, &scrubError{err}
		}
	}
	before, err := other.Patch()
	if err != nil {
		return nil, &scrubError{err}
	}
	guide, err := v.cleanGuide(w.cleaner)
	if err != nil {
		return nil, err
	}
	if v.dec.since > 0 {
		in.Since = &summarize.Since{PatchSet: v.dec.since, Patch: before}
		if in.Earlier, err = v.earlier(ctx, w.cleaner); err != nil {
			return nil, &scrubError{err}
		}
	}
	if err := story.tell(w.cleaner, &in, before); err != nil {
		return nil, &scrubError{err}
	}
	known := len(w.cleaner.Report().Findings) // in all but the patch
	if in.Patch, err = current.Patch(); err != nil {
		return nil, &scrubError{err}
	}
	if in.Guide, err = v.guide(ctx, guide, w.patch, in.Patch); err != nil {
		return nil, err
	}
	report := w.cleaner.Report()
	w.leaks = leaks(report.Findings[known:], in.Patch, w.patch)
	w.subject, w.in = in.Subject, in
	w.note.Secrets = scrub.CountSecrets(in.Patch, in.Subject, in.Message)
	for i := range w.patch.Files {
		w.patch.Files[i].Hunks = nil // raw text is not kept
	}
	if f := v.b.opts.Observe.Redacted; f != nil {
		for kind, count := range report.ByKind {
			f(kind, count)
		}
	}
	return w, nil
}

// draft has the summary written, by a model where one may read the change.
func (v *visit) draft(ctx context.Context, w *work) (err error) {
	model, why := v.modelFor(w)
	var asked llm.Model
	if model != nil {
		asked = model
		model.fit(&w.in)
	}
	w.draft, err = summarize.Summarizer{Model: asked, Answers: answered{v}}.Summarize(ctx, w.in)
	switch {
	case model != nil && model.stop != nil:
		return model.stop
	case err != nil && ctx.Err() == nil:
		// The model's answer could not be made safe.
		return &scrubError{err}
	case err != nil:
		return err
	case model != nil:
		why = model.failed(w.draft.Fallback)
	}
	w.anchors = anchors(&w.draft, w.in.Patch, w.patch)
	w.noModel = why
	return nil
}

// compose fills the note and renders it, once for the change and once in full.
func (v *visit) compose(w *work) error {
	n := &w.note
	n.PatchSet, n.Since, n.Draft = v.change.Current().Number, v.dec.since, w.draft
	n.NoModel = w.noModel
	if w.draft.Model != "" {
		name, err := w.cleaner.Clean(w.draft.Model)
		if err != nil {
			return &scrubError{err}
		}
		n.Model, w.model = name, name.Neutral()
	}
	for _, p := range w.picks {
		name, err := w.cleaner.Clean(p.Account.Display())
		if err != nil {
			return &scrubError{err}
		}
		t := pickText{Account: p.Account.ID, Name: name.Slice(0, 80), Rest: p.Rest}
		for _, r := range p.Reasons {
			reason, err := w.cleaner.Clean(r)
			if err != nil {
				return &scrubError{err}
			}
			t.Reasons = append(t.Reasons, reason.Slice(0, 160))
		}
		n.Picks = append(n.Picks, t)
	}
	w.body = compose(*n, maxComment-auditRoom)
	w.full = compose(*n, hardLimit-auditRoom)
	return nil
}

// skip says which files are not read at all: what the project excludes, what
// must not leave, and what no reviewer reads.
func (v *visit) skip(f review.File) review.Skip {
	switch {
	case touches(v.policy.Sensitive, f):
		return review.SkipSensitive
	case touches(v.policy.Exclude, f):
		return review.SkipExcluded
	case f.Binary:
		return review.SkipBinary
	case v.attributes.Generated(f.Path):
		return review.SkipGenerated
	case v.attributes.Vendored(f.Path):
		return review.SkipVendored
	}
	return summarize.SkipUnfetched(f.Path, f.Added+f.Removed)
}

func patchSetIndex(c *review.Change, number int) int {
	for i, ps := range c.PatchSets {
		if ps.Number == number {
			return i
		}
	}
	return len(c.PatchSets) - 1
}

// ownerExcluded reports whether the change's owner is in a group that the
// project wants left alone. A group that cannot be read is told in the log and
// does not exclude.
func (v *visit) ownerExcluded(ctx context.Context) (bool, error) {
	for _, group := range v.policy.ExcludeOwner {
		in, err := v.host.People.InGroup(ctx, group, v.change.Owner)
		switch {
		case review.IsDenied(err) || review.IsGone(err):
			v.b.log.Warn("cannot read the members of an excludeOwner group; its owners are not excluded", "project", v.id.Project, "error", err)
		case err != nil:
			return false, err
		case in:
			return true, nil
		}
	}
	return false, nil
}

// fallbackText says in words why no model spoke.
func fallbackText(reason string) scrub.Text {
	switch llm.Code(reason) {
	case llm.CodeTimeout:
		return scrub.Lit("the model took too long")
	case llm.CodeMalformed:
		return scrub.Lit("the model's answer did not fit the form")
	case llm.CodeRefused:
		return scrub.Lit("the model declined, or the change is too long for it")
	case llm.CodeBudget:
		return scrub.Lit("the budget for models is spent")
	case llm.CodeStopped:
		return scrub.Lit("models are switched off by the operator")
	case llm.CodeDenied:
		return scrub.Lit("the model's server did not accept the request")
	case summarize.FallbackNoRoom:
		return scrub.Lit("too few tokens are allowed for a prompt")
	case summarize.FallbackUnverifiable:
		return scrub.Lit("the model's answer did not match the diff")
	}
	return scrub.Lit("the model could not be reached or was busy")
}

// scrubError says that text could not be made safe: nothing may leave.
type scrubError struct{ cause error }

func (e *scrubError) Error() string { return "scrub: " + e.cause.Error() }
