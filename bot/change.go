// SPDX-License-Identifier: Apache-2.0

package bot

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"review-assistant/review"
	"review-assistant/scrub"
)

// lagRetry is the pause between two looks at a change that a replica may not
// show yet.
const lagRetry = 5 * time.Second

// visit is one look at one change: everything that is known and done on the way.
type visit struct {
	b       *Bot
	host    Host
	job     review.Job
	id      review.ChangeID
	policy  Policy
	optedIn time.Time
	self    review.Account
	change  review.Change
	dec     decision // about the summary
	// outcomes are what is recorded of the change's patch sets.
	outcomes []review.Outcome
	// attributes are those of the target branch: a patch set cannot hide files.
	attributes review.Attributes

	// What came of it, for commands.
	outcome review.Outcome
	said    scrub.Text
}

// change brings one change up to date.
func (b *Bot) change(ctx context.Context, host Host, job review.Job) error {
	id, err := job.Key.Change()
	if err != nil {
		b.log.Error("job with a broken key is dropped", "error", err)
		return nil
	}
	v := &visit{b: b, host: host, job: job, id: id}
	if v.policy, v.optedIn, err = b.policyOf(ctx, host, id.Host, id.Project); err != nil {
		return err
	}
	if v.policy.Mode == ModeOff {
		// Opted out means that nothing more is fetched and no text is kept. Past
		// reviews stay until they are trimmed.
		if err := b.erase(ctx, id); err != nil {
			return err
		}
		return v.record(ctx, job.MinPatchSet, review.VerdictNotOurs, ReasonOff+":"+string(v.policy.Off), nil, "")
	}
	if err := b.startHistory(ctx, id.Host, id.Project, &v.policy); err != nil {
		return err
	}
	if err := v.read(ctx); err != nil {
		return v.missing(ctx, err)
	}
	if v.change.OnConfigBranch() {
		return b.lint(ctx, host, job)
	}
	due, err := v.due(ctx)
	if err == nil && due.found {
		err = v.foundTold(ctx)
	}
	switch {
	case err != nil:
		return err
	case due.summary || due.secrets:
	case v.dec.verdict != "":
		return v.settle(ctx)
	default:
		return nil // decided before
	}
	if err := v.paused(ctx); err != nil {
		return err
	}
	return v.speak(ctx, due)
}

// paused returns errPaused while a kill switch holds the project.
func (v *visit) paused(ctx context.Context) error {
	stopped, err := v.b.switches.stopped(ctx, ScopePosts, v.id.Host, v.id.Project)
	if err != nil {
		return fmt.Errorf("read kill switches: %w", err)
	}
	if stopped {
		return errPaused
	}
	return nil
}

// dues are the kinds of post that a visit works on.
type dues struct {
	summary, secrets bool
	found            bool // a post about secrets stands that is not recorded
}

// due decides what is to be done. An outcome that stands ends the matter: a
// repeated hint costs no second model call, and what was found not worth a
// word once is not worth one because somebody was added to the change. Secrets
// are looked for together with a summary, and after it only when telling them
// failed: an upgrade or a new key posts nothing on what was done before.
func (v *visit) due(ctx context.Context) (d dues, err error) {
	if v.outcomes, err = v.b.records.Outcomes(ctx, v.id); err != nil {
		return d, fmt.Errorf("read outcomes of %s: %w", v.id, err)
	}
	f := v.facts()
	v.dec = decide(f, review.PostSummary)
	done := v.ended(review.PostSummary) && !v.dec.asked
	d.summary = v.dec.verdict == "" && !done
	secrets := decide(f, review.PostSecrets)
	switch {
	case len(v.b.opts.ValueKey) == 0 || v.ended(review.PostSecrets):
		return d, nil
	case secrets.verdict != "":
		d.found = secrets.reason == ReasonStands
		return d, nil
	}
	d.secrets = f.open || !(done || posted(&v.change, v.self, review.PostSummary, v.change.Current().Number))
	return d, nil
}

// ended reports whether the current patch set has an outcome of this kind that
// no later hint changes.
func (v *visit) ended(kind review.PostKind) bool {
	return slices.ContainsFunc(v.outcomes, func(o review.Outcome) bool {
		return o.PatchSet == v.change.Current().Number && o.Kind == kind && final(o)
	})
}

// read fetches the change and who we are; a replica that is behind the hint is
// a reason to look again.
func (v *visit) read(ctx context.Context) (err error) {
	if v.self, err = v.host.Gerrit.Self(ctx); err != nil {
		return fmt.Errorf("read own account: %w", err)
	}
	if v.change, err = v.host.Gerrit.Change(ctx, v.id); err != nil {
		return fmt.Errorf("read change %s: %w", v.id, err)
	}
	if !v.change.Private {
		// An event may have hidden it, or an attempt that met a replica which did
		// not know it yet. If it turns private in this very moment, its event
		// comes later, and so does the job that hides it again.
		if err = v.b.records.Hide(ctx, v.id, false); err != nil {
			return err
		}
	}
	if v.change.Current().Number < v.job.MinPatchSet && v.lagging() {
		return &review.RetryError{After: lagRetry, Err: fmt.Errorf("read change %s: the replica shows patch set %d, the event named %d", v.id, v.change.Current().Number, v.job.MinPatchSet)}
	}
	return nil
}

// final reports whether no later hint changes an outcome.
func final(o review.Outcome) bool {
	switch o.Verdict {
	case review.VerdictPosted, review.VerdictShadow:
		return true
	}
	reason, _, _ := strings.Cut(o.Reason, ":")
	switch reason {
	case ReasonNothing, ReasonEmpty, ReasonSameCode, ReasonSeal, ReasonScrub, ReasonUnread, ReasonNoModel:
		return true
	}
	return false
}

func (v *visit) lagging() bool { return v.b.now().Sub(v.job.First) < v.b.opts.ReplicaLag }

func (v *visit) facts() facts {
	f := facts{change: &v.change, self: v.self, policy: &v.policy, optedIn: v.optedIn, asked: v.job.Asked, now: v.b.now()}
	last := 0
	for _, o := range v.outcomes {
		if o.Kind != review.PostSecrets || o.PatchSet < last {
			continue
		}
		last, f.open = o.PatchSet, o.Reason == ReasonOpen
		if final(o) && o.PatchSet < v.change.Current().Number {
			f.looked = o.PatchSet
		}
	}
	return f
}

// missing deals with a change that Gerrit does not show us: stored text is
// hidden at once and erased when it stays away.
func (v *visit) missing(ctx context.Context, err error) error {
	if !review.IsGone(err) {
		return err
	}
	if herr := v.b.records.Hide(ctx, v.id, true); herr != nil {
		return herr
	}
	if v.lagging() {
		return &review.RetryError{After: lagRetry, Err: err}
	}
	if err := v.b.eraseHidden(ctx, v.id); err != nil {
		return err
	}
	return v.record(ctx, v.job.MinPatchSet, review.VerdictNotOurs, ReasonGone, nil, "")
}

// settle ends a visit on which the bot says nothing.
func (v *visit) settle(ctx context.Context) error {
	if err := v.erasePrivate(ctx, v.dec.reason); err != nil {
		return err
	}
	return v.record(ctx, v.change.Current().Number, v.dec.verdict, v.dec.reason, nil, "")
}

// erasePrivate removes what is stored when nothing is said because the change
// is private.
func (v *visit) erasePrivate(ctx context.Context, reason string) error {
	if reason != ReasonPrivate {
		return nil
	}
	return v.b.eraseHidden(ctx, v.id)
}

// record writes the outcome of a patch set. Patch set 0 is unknown: the job
// came without one and nothing was fetched.
func (v *visit) record(ctx context.Context, patchSet int, verdict review.Verdict, reason string, s *review.Summary, auditID string) error {
	v.outcome = review.Outcome{Verdict: verdict, Reason: reason}
	if f := v.b.opts.Observe.Outcome; f != nil {
		project := ""
		if v.policy.Mode != ModeOff {
			project = v.id.Host + "/" + v.id.Project
		}
		f(project, verdict, reason)
	}
	v.b.log.Info("change visited", "change", v.id.String(), "patch_set", patchSet, "verdict", verdict, "reason", reason)
	if patchSet == 0 {
		return nil
	}
	o := review.Outcome{
		Change: v.id, PatchSet: patchSet, Kind: review.PostSummary, Verdict: verdict, Reason: reason,
		Audit: auditID, At: v.b.now().UTC(),
	}
	if err := v.b.records.Record(ctx, o, s); err != nil {
		return fmt.Errorf("record outcome of %s: %w", v.id, err)
	}
	return v.tellOutcome(ctx, o)
}

// policyOf reads a project's policy and when it opted in (zero when it did not).
func (b *Bot) policyOf(ctx context.Context, host Host, hostID, project string) (Policy, time.Time, error) {
	p, err := b.policyNow(ctx, host, project)
	if err != nil || p.Mode == ModeOff {
		return p, time.Time{}, err
	}
	at, err := b.optedIn(ctx, host, hostID, project, &p)
	return p, at, err
}

// policyNow reads a project's policy alone.
func (b *Bot) policyNow(ctx context.Context, host Host, project string) (Policy, error) {
	chain, err := host.Projects.ConfigChain(ctx, project)
	switch {
	case review.IsGone(err):
		// A project that we cannot see at all has not opted in.
		return Policy{Mode: ModeOff, Off: OffNoAccess}, nil
	case err != nil:
		return Policy{}, fmt.Errorf("read configuration of %s: %w", project, err)
	}
	return NewPolicy(chain, b.opts.InheritMode), nil
}

// optedIn returns the moment of a project's opt-in. The first answer stands:
// Gerrit's own time of the push when its event reached us, or the time of the
// commit of the file that set the mode, the later of both, never later than now.
func (b *Bot) optedIn(ctx context.Context, host Host, hostID, project string, p *Policy) (time.Time, error) {
	key := optInKey(hostID, project)
	if v, ok, err := b.settings.Setting(ctx, key); err != nil {
		return time.Time{}, fmt.Errorf("read moment of opt-in: %w", err)
	} else if ok && v != "" {
		if t, err := time.Parse(time.RFC3339, v); err == nil {
			return t, nil
		}
	}
	var at time.Time
	if v, ok, err := b.settings.Setting(ctx, movedKey(hostID, p.SwitchedBy)); err != nil {
		return time.Time{}, fmt.Errorf("read moment of opt-in: %w", err)
	} else if t, perr := time.Parse(time.RFC3339, v); ok && perr == nil {
		at = t
	}
	if p.Switch != "" {
		t, err := host.Projects.CommitTime(ctx, p.SwitchedBy, p.Switch)
		if err != nil && !review.IsGone(err) {
			return time.Time{}, fmt.Errorf("read moment of opt-in: %w", err)
		}
		if err == nil && t.After(at) {
			at = t
		}
	}
	if now := b.now(); at.IsZero() || at.After(now) {
		at = now
	}
	// Gerrit's times are whole seconds.
	stands, err := b.settings.SetOnce(ctx, key, at.UTC().Truncate(time.Second).Format(time.RFC3339))
	if err != nil {
		return time.Time{}, fmt.Errorf("store moment of opt-in: %w", err)
	}
	b.log.Info("project opted in", "host", hostID, "project", project, "at", stands)
	return time.Parse(time.RFC3339, stands)
}

// project looks at a project whose configuration, head or access moved.
func (b *Bot) project(ctx context.Context, host Host, hostID, project string) error {
	host.Projects.Forget(project)
	b.deaf.remove(hostID, project)
	p, _, err := b.policyOf(ctx, host, hostID, project)
	if err != nil {
		return err
	}
	if p.Mode == ModeOff && p.Off != OffBroken && p.Off != OffNoAccess { // a mistake is mended soon
		if err := b.eraseProject(ctx, hostID, project); err != nil {
			return err
		}
	}
	// The event told what it knew; of a head that moved it told nothing.
	if err := b.tellMoved(ctx, review.ChangeID{Host: hostID, Project: project}, true); err != nil {
		return err
	}
	if p.Mode != ModeOff {
		return b.startHistory(ctx, hostID, project, &p)
	}
	// The next opt-in has a moment of its own.
	if err := b.settings.SetSetting(ctx, optInKey(hostID, project), ""); err != nil {
		return err
	}
	for _, problem := range p.Problems {
		b.log.Warn("project is off: its configuration is broken", "host", hostID, "project", project, "line", problem.Line, "key", problem.Key)
	}
	return nil
}
