// SPDX-License-Identifier: Apache-2.0

package bot

import (
	"context"
	"fmt"
	"time"

	"review-assistant/review"
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
	dec     decision
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
		// Opted out means that nothing more is fetched.
		return v.record(ctx, job.MinPatchSet, review.VerdictNotOurs, ReasonOff+":"+string(v.policy.Off), nil, "")
	}
	if err := v.read(ctx); err != nil {
		return v.missing(ctx, err)
	}
	if v.change.OnConfigBranch() {
		return b.lint(ctx, host, job)
	}
	v.dec = decide(v.facts())
	if v.dec.verdict != "" {
		return v.settle(ctx)
	}
	return v.speak(ctx)
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
	if v.change.Current().Number < v.job.MinPatchSet && v.lagging() {
		return &review.RetryError{After: lagRetry, Err: fmt.Errorf("read change %s: the replica shows patch set %d, the event named %d", v.id, v.change.Current().Number, v.job.MinPatchSet)}
	}
	return nil
}

func (v *visit) lagging() bool { return v.b.now().Sub(v.job.First) < v.b.opts.ReplicaLag }

func (v *visit) facts() facts {
	return facts{change: &v.change, self: v.self, policy: &v.policy, optedIn: v.optedIn, asked: v.job.Asked, now: v.b.now()}
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
	if err := v.b.records.Erase(ctx, v.id); err != nil {
		return err
	}
	return v.record(ctx, v.job.MinPatchSet, review.VerdictNotOurs, ReasonGone, nil, "")
}

// settle ends a visit on which the bot says nothing.
func (v *visit) settle(ctx context.Context) error {
	switch v.dec.reason {
	case ReasonPrivate:
		if err := v.b.records.Erase(ctx, v.id); err != nil {
			return err
		}
	case ReasonStands:
		if err := v.b.records.Hide(ctx, v.id, false); err != nil {
			return err
		}
	case ReasonWIP, ReasonMuted, ReasonOwner, ReasonDisabled:
	}
	return v.record(ctx, v.change.Current().Number, v.dec.verdict, v.dec.reason, nil, "")
}

// record writes the outcome of a patch set. Patch set 0 is unknown: the job
// came without one and nothing was fetched.
func (v *visit) record(ctx context.Context, patchSet int, verdict review.Verdict, reason string, s *review.Summary, auditID string) error {
	if f := v.b.opts.Observe.Outcome; f != nil {
		f(verdict, reason)
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
	return nil
}

// policyOf reads a project's policy and when it opted in (zero when it did not).
func (b *Bot) policyOf(ctx context.Context, host Host, hostID, project string) (Policy, time.Time, error) {
	chain, err := host.Projects.ConfigChain(ctx, project)
	if err != nil {
		if review.IsGone(err) {
			// A project that we cannot see at all has not opted in.
			return Policy{Mode: ModeOff, Off: OffNoAccess}, time.Time{}, nil
		}
		return Policy{}, time.Time{}, fmt.Errorf("read configuration of %s: %w", project, err)
	}
	p := NewPolicy(chain, b.opts.InheritMode)
	if p.Mode == ModeOff {
		return p, time.Time{}, nil
	}
	at, err := b.optedIn(ctx, host, hostID, project, chain[0].Revision)
	return p, at, err
}

// optedIn returns the moment of a project's opt-in. The first answer stands:
// Gerrit's own time of the push when its event reached us, else the time of
// the configuration's commit, which is never later than now.
func (b *Bot) optedIn(ctx context.Context, host Host, hostID, project, revision string) (time.Time, error) {
	key := optInKey(hostID, project)
	if v, ok, err := b.settings.Setting(ctx, key); err != nil {
		return time.Time{}, fmt.Errorf("read moment of opt-in: %w", err)
	} else if ok && v != "" {
		if t, err := time.Parse(time.RFC3339, v); err == nil {
			return t, nil
		}
	}
	at := b.now()
	if v, ok, err := b.settings.Setting(ctx, movedKey(hostID, project)); err != nil {
		return time.Time{}, fmt.Errorf("read moment of opt-in: %w", err)
	} else if t, perr := time.Parse(time.RFC3339, v); ok && perr == nil {
		at = t
	} else if revision != "" {
		t, err := host.Projects.ConfigTime(ctx, project, revision)
		if err != nil && !review.IsGone(err) {
			return time.Time{}, fmt.Errorf("read moment of opt-in: %w", err)
		}
		if err == nil && t.Before(at) {
			at = t
		}
	}
	// Gerrit's times are whole seconds.
	at = at.UTC().Truncate(time.Second)
	if err := b.settings.SetSetting(ctx, key, at.Format(time.RFC3339)); err != nil {
		return time.Time{}, fmt.Errorf("store moment of opt-in: %w", err)
	}
	b.log.Info("project opted in", "host", hostID, "project", project, "at", at)
	return at, nil
}

// project looks at a project whose configuration, head or access moved.
func (b *Bot) project(ctx context.Context, host Host, hostID, project string) error {
	host.Projects.Forget(project)
	p, _, err := b.policyOf(ctx, host, hostID, project)
	if err != nil || p.Mode != ModeOff {
		return err
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
