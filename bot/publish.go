// SPDX-License-Identifier: Apache-2.0

package bot

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"review-assistant/audit"
	"review-assistant/review"
	"review-assistant/scrub"
)

// publish posts a finished summary and records it.
func (v *visit) publish(ctx context.Context, w *work) error {
	// Everything that can fail is done before the post.
	s, err := v.summary(w)
	if err != nil {
		return v.unsafe(ctx, v.withheld(ctx, audit.ActionPost, err))
	}
	o := outgoing{kind: review.PostSummary, cleaner: w.cleaner, body: w.body, lines: w.inline.lines, notify: v.policy.Notify}
	known := v.evidence()
	if len(w.picks) > 0 {
		known = append(known, SuggestionMark(w.record))
	}
	o.evidence = known
	if n := len(o.lines); n > 0 {
		o.evidence = append(slices.Clip(known), fmt.Sprintf("%d on lines", n))
	}
	c, receipt, err := v.post(ctx, o, v.recheck(review.PostSummary))
	if len(o.lines) > 0 && review.IsRejected(err) {
		// A line or file that Gerrit does not know must not cost the summary.
		v.b.log.Warn("gerrit rejects comments on lines; the summary is posted without them", "change", v.id.String(), "error", err)
		o.body, o.lines, o.evidence = w.inline.alone, nil, append(slices.Clip(known), "without lines, which Gerrit rejected")
		v.said = o.body
		c, receipt, err = v.post(ctx, o, v.recheck(review.PostSummary))
	}
	if isPrevented(err, ReasonSeal) {
		return v.unsafe(ctx, err)
	}
	if done, err := v.posted(ctx, err); done || err != nil {
		return err
	}
	s.Audit = receipt.ID
	if len(w.picks) > 0 {
		// Before the outcome: whoever finds that goes no further.
		v.keepSuggestion(ctx, w, receipt.ID)
		v.rememberPicks(ctx, w)
	}
	if f := v.b.opts.Observe.Posted; f != nil && !v.job.First.IsZero() {
		f(v.b.now().Sub(v.job.First))
	}
	if err := v.record(ctx, c.PatchSet, review.VerdictPosted, ReasonPosted, &s, receipt.ID); err != nil {
		return err
	}
	v.rememberLines(ctx, w, c)
	return v.addReviewers(ctx, w)
}

// keepSilent stores what API and card show of a patch set that is not worth a
// comment. What cannot be shown is left out: nobody was promised it.
func (v *visit) keepSilent(ctx context.Context, w *work, reason string) error {
	if w.draft.Unchanged {
		// What stands of the patch set before is still what there is to know.
		return v.record(ctx, v.change.Current().Number, review.VerdictSuppressed, reason, nil, "")
	}
	s, err := v.summary(w)
	if err != nil {
		if err = v.withheld(ctx, audit.ActionDecide, err); !isPrevented(err, ReasonSeal) {
			return err
		}
		return v.record(ctx, v.change.Current().Number, review.VerdictSuppressed, reason, nil, "")
	}
	s.Silent, s.Shadow = reason, v.policy.Mode == ModeShadow
	return v.record(ctx, v.change.Current().Number, review.VerdictSuppressed, reason, &s, "")
}

// shadow stores what would have been posted.
func (v *visit) shadow(ctx context.Context, w *work) error {
	s, err := v.summary(w)
	if err != nil {
		return v.unsafe(ctx, v.withheld(ctx, audit.ActionDecide, err))
	}
	e := v.entry(audit.ActionDecide, audit.ResultDone, append(v.evidence(), "shadow"))
	e.Output = v.b.audit.Digest(w.body.String())
	receipt, err := v.b.audit.Append(ctx, e)
	if err != nil {
		return fmt.Errorf("audit: %w", err)
	}
	s.Audit, s.Shadow = receipt.ID, true
	return v.record(ctx, v.change.Current().Number, review.VerdictShadow, ReasonPosted, &s, receipt.ID)
}

// withheld says in log and audit log that the last look at finished text found
// something, and returns why nothing is posted. The error never holds the text.
func (v *visit) withheld(ctx context.Context, a audit.Action, err error) error {
	v.b.log.Error("the last check refused a text", "change", v.id.String(), "error", err)
	e := v.entry(a, audit.ResultRefused, []string{err.Error()})
	if _, err := v.b.audit.Append(ctx, e); err != nil {
		return fmt.Errorf("audit: %w", err)
	}
	return &prevented{review.VerdictSuppressed, ReasonSeal}
}

// unsafe ends a visit whose summary the last check refused: one fixed line
// says so, since silence would look clean.
func (v *visit) unsafe(ctx context.Context, err error) error {
	if !isPrevented(err, ReasonSeal) {
		return err
	}
	return v.notice(ctx, ReasonSeal, scrub.Lit("Not summarized: the last check of the text stopped it, so nothing of it is shown here. Mute: #review-assistant-off."))
}

// summary seals what API and card show.
func (v *visit) summary(w *work) (review.Summary, error) {
	picks := make([]sealedPick, len(w.picks))
	for i, p := range w.picks {
		picks[i] = sealedPick{pick: p, name: w.note.Picks[i].Name, reasons: w.note.Picks[i].Reasons}
	}
	return sealSummary(w, &v.change, picks, v.b.now())
}

// prevented is why a finished comment must not be posted after all.
type prevented struct {
	verdict review.Verdict
	reason  string
}

func (p *prevented) Error() string { return "not posted: " + p.reason }

// isPrevented reports whether that is why nothing was posted.
func isPrevented(err error, reasons ...string) bool {
	p, ok := errors.AsType[*prevented](err)
	return ok && slices.Contains(reasons, p.reason)
}

// posted sorts the result of post: done says that the visit has ended with a
// recorded outcome.
func (v *visit) posted(ctx context.Context, err error) (done bool, _ error) {
	var p *prevented
	switch {
	case err == nil:
		return false, nil
	case errors.As(err, &p):
		if err := v.erasePrivate(ctx, p.reason); err != nil {
			return true, err
		}
		return true, v.record(ctx, v.change.Current().Number, p.verdict, p.reason, nil, "")
	case review.IsGone(err):
		return true, v.missing(ctx, err)
	}
	return true, err
}

// post writes one review, once. Right before it everything is read again:
// patch set, status, visibility, opt-in, mute, what stands already, what the
// account may do, our lease. The intent is audited before, the result after.
func (v *visit) post(ctx context.Context, o outgoing, recheck func(context.Context) error) (review.Comment, audit.Receipt, error) {
	none := audit.Receipt{}
	if err := recheck(ctx); err != nil {
		return review.Comment{}, none, err
	}
	// Without an id yet, so that no intent stands of what the seal refuses.
	if _, err := seal(o, "", v.change.Current()); err != nil {
		return review.Comment{}, none, v.withheld(ctx, audit.ActionPost, err)
	}
	e := v.entry(audit.ActionPost, audit.ResultIntent, o.evidence)
	report := o.cleaner.Report()
	e.Scrub = audit.Scrub{Version: report.Version, Counts: report.ByKind, Withheld: len(report.Withheld)}
	e.Output = v.b.audit.Digest(o.texts()...)
	receipt, err := v.b.audit.Append(ctx, e)
	if err != nil {
		return review.Comment{}, none, fmt.Errorf("audit: %w", err)
	}
	comment, err := seal(o, receipt.ID, v.change.Current())
	if err != nil {
		return review.Comment{}, none, v.withheld(ctx, audit.ActionPost, err)
	}
	trace, err := v.host.Gerrit.Post(ctx, v.id, comment)
	if err != nil {
		err = v.ambiguous(ctx, comment, err)
	}
	done := v.entry(audit.ActionPost, posting(err), nil)
	done.Ref, done.Trace = receipt.ID, trace
	if _, aerr := v.b.audit.Append(context.WithoutCancel(ctx), done); aerr != nil && err == nil {
		// The comment stands; the next visit finds it and records the outcome.
		err = fmt.Errorf("audit: %w", aerr)
	}
	return comment, receipt, err
}

// recheck returns what reads the change again and applies the same rules to a
// kind of post as at first.
func (v *visit) recheck(kind review.PostKind) func(context.Context) error {
	return func(ctx context.Context) error { return v.stillDue(ctx, kind) }
}

// again reads the change and its policy anew, right before a post.
func (v *visit) again(ctx context.Context) (fresh review.Change, policy Policy, optedIn time.Time, err error) {
	if fresh, err = v.host.Gerrit.Change(ctx, v.id); err != nil {
		return fresh, policy, optedIn, fmt.Errorf("read change %s before the post: %w", v.id, err)
	}
	policy, optedIn, err = v.b.policyOf(ctx, v.host, v.id.Host, v.id.Project)
	return fresh, policy, optedIn, err
}

func (v *visit) stillDue(ctx context.Context, kind review.PostKind) error {
	read := v.change.Current()
	fresh, policy, optedIn, err := v.again(ctx)
	if err != nil {
		return err
	}
	f := v.facts()
	f.change, f.policy, f.optedIn, f.asked = &fresh, &policy, optedIn, v.dec.asked
	d := decide(f, kind)
	switch {
	case fresh.Current().Revision != read.Revision:
		// The newer patch set has a hint of its own; make sure of it.
		if err := v.b.jobs.Enqueue(ctx, v.job.Key, review.Hint{Delay: v.b.opts.Debounce, MaxWait: v.b.opts.Debounce, Asked: v.job.Asked}); err != nil {
			return err
		}
		return &prevented{review.VerdictSuppressed, ReasonSuperseded}
	case d.verdict != "":
		return &prevented{d.verdict, d.reason}
	case policy.Mode != v.policy.Mode:
		return &review.RetryError{Err: errors.New("the project's mode moved while the change was read")}
	}
	return v.allowed(ctx, &fresh, kind)
}

// allowed checks what does not depend on the text: what the account could do
// to the change, the kill switches, our lease.
func (v *visit) allowed(ctx context.Context, fresh *review.Change, kind review.PostKind) error {
	if err := v.harmless(ctx, fresh); err != nil {
		return err
	}
	if err := v.paused(ctx); err != nil {
		return err
	}
	if err := v.settled(ctx, kind); err != nil {
		return err
	}
	return v.b.fence(ctx, v.job)
}

// harmless checks that the account can do no more than comment.
func (v *visit) harmless(ctx context.Context, c *review.Change) error {
	if acts := mayAct(c); len(acts) > 0 {
		v.b.log.Error("the service account may act on this change, so nothing is posted; see review-assistant doctor", "change", v.id.String(), "may", acts)
		e := v.entry(audit.ActionPost, audit.ResultRefused, acts)
		if _, err := v.b.audit.Append(ctx, e); err != nil {
			return fmt.Errorf("audit: %w", err)
		}
		return &prevented{review.VerdictSuppressed, ReasonMayVote}
	}
	if v.host.Unsafe != nil {
		if why := v.host.Unsafe(); why != "" {
			v.b.log.Error("nothing is posted to this host", "host", v.id.Host, "why", why)
			return &pausedError{after: deniedDelay, why: why}
		}
	}
	return nil
}

// fence makes sure that the lease is still ours.
func (b *Bot) fence(ctx context.Context, job review.Job) error {
	if job.Fence == 0 {
		return nil // a command works without a queue
	}
	ok, err := b.jobs.Extend(ctx, job, b.opts.Lease)
	if err != nil {
		return fmt.Errorf("extend lease: %w", err)
	}
	if !ok {
		return errLost
	}
	return nil
}

// ambiguous looks whether a failed post stands all the same: a timeout or a
// 5xx may come after the commit, and a second try would double it.
func (v *visit) ambiguous(ctx context.Context, c review.Comment, err error) error {
	if review.IsDenied(err) || review.IsGone(err) || review.IsRejected(err) && c.Kind == review.PostSummary && len(c.Inline) > 0 {
		return err
	}
	fresh, rerr := v.host.Gerrit.Change(ctx, v.id)
	if rerr == nil && postsOf(&fresh, v.self, c.Kind, c.PatchSet) > postsOf(&v.change, v.self, c.Kind, c.PatchSet) {
		return nil
	}
	// It may still be written: remember when, whatever comes in between.
	at := v.b.now().UTC().Format(time.RFC3339)
	if serr := v.b.settings.SetSetting(context.WithoutCancel(ctx), unsettledKey(v.id, c.Kind), at); serr != nil {
		v.b.log.Error("store an open post", "change", v.id.String(), "error", serr)
	}
	return &review.RetryError{After: max(settleTime, review.RetryAfter(err)), Err: fmt.Errorf("post to %s: %w", v.id, err)}
}

// settleTime is longer than Gerrit works on a request that it has taken: until
// then a failed post may still appear.
const settleTime = 2 * time.Minute

// unsettledKey names the open post of a change. A patch set gets a summary or
// a notice; what is told about secrets stands beside it and holds nothing back.
func unsettledKey(id review.ChangeID, kind review.PostKind) string {
	switch kind {
	case review.PostSecrets, review.PostBuilds:
		return "unsettled-" + string(kind) + "/" + id.String()
	}
	return "unsettled/" + id.String()
}

// settled holds a post back while an earlier one may still be written.
func (v *visit) settled(ctx context.Context, kind review.PostKind) error {
	value, found, err := v.b.settings.Setting(ctx, unsettledKey(v.id, kind))
	if err != nil {
		return fmt.Errorf("read open posts: %w", err)
	}
	at, err := time.Parse(time.RFC3339, value)
	if !found || err != nil {
		return nil
	}
	if left := settleTime - v.b.now().Sub(at); left > 0 {
		return &review.RetryError{After: left, Err: fmt.Errorf("an earlier post to %s may still be written", v.id)}
	}
	return v.b.settings.SetSetting(ctx, unsettledKey(v.id, kind), "")
}

// notice posts one fixed line, once per change and reason: what was skipped
// must not look clean. It is no summary, and a later one is no "since".
func (v *visit) notice(ctx context.Context, reason string, text scrub.Text) error {
	ps := v.change.Current().Number
	if v.policy.Mode == ModeShadow {
		return v.record(ctx, ps, review.VerdictShadow, reason, nil, "")
	}
	key := "notice/" + v.id.String() + "/" + reason
	_, told, err := v.b.settings.Setting(ctx, key)
	if err != nil {
		return err
	}
	if told || posted(&v.change, v.self, review.PostReply, ps) {
		return v.record(ctx, ps, review.VerdictSuppressed, reason, nil, "")
	}
	plain, err := v.b.scrubs.of(&Policy{})
	if err != nil {
		return err
	}
	c, receipt, err := v.post(ctx, outgoing{
		kind: review.PostReply, cleaner: plain.Begin(), body: text, notify: v.policy.Notify, evidence: v.evidence(),
	}, v.recheck(review.PostSummary))
	if done, err := v.posted(ctx, err); done || err != nil {
		return err
	}
	if err := v.b.settings.SetSetting(ctx, key, strconv.Itoa(ps)); err != nil {
		return err
	}
	return v.record(ctx, c.PatchSet, review.VerdictPosted, reason, nil, receipt.ID)
}

// entry starts an audit record about the visit.
func (v *visit) entry(action audit.Action, result audit.Result, evidence []string) audit.Entry {
	ps := v.change.Current()
	return audit.Entry{
		Actor:  audit.Actor{Kind: "bot", GerritID: v.self.ID},
		Action: action,
		Result: result,
		Object: audit.Object{Host: v.id.Host, Project: v.id.Project, Change: v.id.Number, PatchSet: ps.Number, Revision: ps.Revision},
		Why:    audit.Why{Rule: "opt-in", ConfigRevision: v.policy.Revision, Evidence: evidence},
	}
}

// evidence says what led to the post, in our own words.
func (v *visit) evidence() []string {
	var out []string
	if v.dec.asked {
		out = append(out, "asked")
	}
	if v.dec.since > 0 {
		out = append(out, "since patch set "+strconv.Itoa(v.dec.since))
	}
	return out
}

// result puts an error into the words of the audit log, without its text.
func result(err error) audit.Result {
	switch {
	case err == nil:
		return audit.ResultDone
	case review.IsDenied(err), review.IsGone(err), review.IsRejected(err):
		return audit.ResultRefused
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return audit.ResultUnknown
	}
	return audit.ResultFailed
}

// posting is result for a post: what was not refused may still stand.
func posting(err error) audit.Result {
	if r := result(err); r != audit.ResultFailed {
		return r
	}
	return audit.ResultUnknown
}
