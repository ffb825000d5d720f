// SPDX-License-Identifier: Apache-2.0

package bot

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"review-assistant/builds"
	"review-assistant/review"
	"review-assistant/scrub"
)

// standing is what stands of a patch set's builds: the failures that block it,
// the likeliest of its own first.
type standing struct {
	failures []builds.Assessment
	newest   time.Time // when the last of their runs ended
}

// digest names a verdict: the same causes of the same classes have the same. It
// stands in the post, so that it is known again after anything was lost.
func (d standing) digest() string {
	var lines []string
	for _, a := range d.failures {
		jobs := slices.Sorted(slices.Values(a.Jobs)) // which of them is told first is chance
		lines = append(lines, a.Failure.Fingerprint+" "+string(a.Shown)+" "+strings.Join(jobs, " "))
	}
	slices.Sort(lines)
	sum := sha256.Sum256([]byte(strings.Join(lines, "\n")))
	return hex.EncodeToString(sum[:6])
}

// verdictMark finds the digest of the verdict that a post of ours tells.
var verdictMark = regexp.MustCompile(`\bVerdict ([0-9a-f]{12})\.`)

// sayBuilds tells what a failing verdict is about, when it is not told yet.
// Nothing is said of what passes.
func (v *visit) sayBuilds(ctx context.Context) error {
	d, err := v.openFailures(ctx)
	if err != nil {
		return err
	}
	if p := v.decideBuilds(&v.change, &v.policy, v.optedIn, d); p != nil {
		return v.recordBuilds(ctx, p.verdict, p.reason, "")
	}
	told, err := v.toldVerdict(ctx, d.digest())
	if err != nil {
		return err
	}
	if told {
		return v.recordBuilds(ctx, review.VerdictPosted, ReasonStands, "")
	}
	excluded, err := v.ownerExcluded(ctx)
	if err != nil {
		return err
	}
	if excluded {
		return v.recordBuilds(ctx, review.VerdictNotOurs, ReasonOwner, "")
	}
	if v.policy.Mode == ModeShadow {
		return v.recordBuilds(ctx, review.VerdictShadow, ReasonPosted, "")
	}
	// What would prevent the post in the end has to cost no reading.
	if err := v.harmless(ctx, &v.change); err != nil {
		return v.notSaid(ctx, err)
	}
	o, err := v.buildPost(ctx, d)
	if err != nil {
		return v.notSaid(ctx, err)
	}
	c, receipt, err := v.post(ctx, o, func(ctx context.Context) error { return v.stillFails(ctx, d) })
	if err != nil {
		return v.notSaid(ctx, err)
	}
	return v.recordBuildsOf(ctx, c.PatchSet, review.VerdictPosted, ReasonPosted, receipt.ID)
}

// openFailures assesses the newest runs of the current patch set.
func (v *visit) openFailures(ctx context.Context) (standing, error) {
	known, err := v.b.knownFailures(ctx, v.host, v.id.Project)
	if err != nil {
		return standing{}, err
	}
	h, marks, err := v.b.buildsOf(ctx, v.id.Host, v.id.Project)
	if err != nil {
		return standing{}, err
	}
	var d standing
	now := v.b.now()
	for _, a := range blocking(h.Assess(v.id.Number, v.change.Current().Number, now, ruling(marks, known, now))) {
		d.failures = append(d.failures, a)
		d.newest = latest(d.newest, a.Build.Ended)
	}
	return d, nil
}

// decideBuilds returns why nothing is said of the builds of a change, or nil.
func (v *visit) decideBuilds(c *review.Change, p *Policy, optedIn time.Time, d standing) *prevented {
	now := v.b.now()
	switch {
	case p.Mode == ModeOff:
		return &prevented{review.VerdictNotOurs, ReasonOff + ":" + string(p.Off)}
	case c.Status != review.StatusNew:
		return &prevented{review.VerdictNotOurs, ReasonClosed}
	case c.Private:
		return &prevented{review.VerdictSuppressed, ReasonPrivate}
	case !p.Builds:
		return &prevented{review.VerdictSuppressed, ReasonDisabled}
	case !p.Covers(c.Branch):
		return &prevented{review.VerdictNotOurs, ReasonBranch}
	case len(d.failures) == 0:
		return &prevented{review.VerdictSuppressed, ReasonNoFailure}
	case c.HasHashtag(review.MuteHashtag):
		return &prevented{review.VerdictSuppressed, ReasonMuted}
	case postsSince(c, v.self, now.Add(-24*time.Hour)) >= maxPostsPerDay:
		return &prevented{review.VerdictSuppressed, ReasonDailyCap}
	case c.WIP && !p.WIP:
		return &prevented{review.VerdictSuppressed, ReasonWIP}
	case d.newest.Before(optedIn):
		return &prevented{review.VerdictSuppressed, ReasonBacklogOpt}
	case now.Sub(d.newest) > maxAge:
		return &prevented{review.VerdictSuppressed, ReasonBacklogAge}
	}
	return nil
}

// toldVerdict reports whether a post of ours on the current patch set tells a
// verdict: what was told once is no news when it comes back.
func (v *visit) toldVerdict(ctx context.Context, digest string) (bool, error) {
	ps := v.change.Current().Number
	if !posted(&v.change, v.self, review.PostBuilds, ps) {
		return false, nil
	}
	remarks, err := v.host.Gerrit.Comments(ctx, v.id)
	if err != nil {
		return false, fmt.Errorf("read comments of %s: %w", v.id, err)
	}
	for _, r := range remarks {
		if r.Author.ID != v.self.ID || r.Tag != review.PostBuilds.Tag() || r.PatchSet != ps {
			continue
		}
		for _, m := range verdictMark.FindAllStringSubmatch(r.Text, -1) {
			if m[1] == digest {
				return true, nil
			}
		}
	}
	return false, nil
}

// stillFails is what has to hold right before the post.
func (v *visit) stillFails(ctx context.Context, d standing) error {
	fresh, policy, optedIn, err := v.again(ctx)
	if err != nil {
		return err
	}
	p := v.decideBuilds(&fresh, &policy, optedIn, d)
	switch {
	case fresh.Current().Revision != v.change.Current().Revision:
		return &prevented{review.VerdictSuppressed, ReasonSuperseded}
	case p != nil:
		return p
	case policy.Mode != v.policy.Mode:
		return &review.RetryError{Err: errors.New("the project's mode moved while the builds were read")}
	case postsOf(&fresh, v.self, review.PostBuilds, fresh.Current().Number) != postsOf(&v.change, v.self, review.PostBuilds, v.change.Current().Number):
		return &review.RetryError{Err: errors.New("a post about builds came while they were read")}
	}
	return v.allowed(ctx, &fresh, review.PostBuilds)
}

// notSaid sorts why nothing was posted.
func (v *visit) notSaid(ctx context.Context, err error) error {
	if p, ok := errors.AsType[*prevented](err); ok {
		if err := v.erasePrivate(ctx, p.reason); err != nil {
			return err
		}
		return v.recordBuilds(ctx, p.verdict, p.reason, "")
	}
	if stop, ok := errors.AsType[*scrubError](err); ok {
		v.b.log.Error("scrubber stopped; nothing is posted about the builds of a change", "change", v.id.String(), "error", stop.cause)
		return v.recordBuilds(ctx, review.VerdictSuppressed, ReasonScrub, "")
	}
	if review.IsGone(err) {
		return v.missing(ctx, err)
	}
	return err
}

func (v *visit) recordBuilds(ctx context.Context, verdict review.Verdict, reason, auditID string) error {
	return v.recordBuildsOf(ctx, v.change.Current().Number, verdict, reason, auditID)
}

// recordBuildsOf writes what became of the builds of a patch set. It is no
// outcome of the patch set in figures and log: that is the summary's.
func (v *visit) recordBuildsOf(ctx context.Context, ps int, verdict review.Verdict, reason, auditID string) error {
	v.outcome = review.Outcome{Verdict: verdict, Reason: reason}
	v.b.log.Info("builds looked at", "change", v.id.String(), "patch_set", ps, "verdict", verdict, "reason", reason)
	o := review.Outcome{Change: v.id, PatchSet: ps, Kind: review.PostBuilds, Verdict: verdict, Reason: reason, Audit: auditID, At: v.b.now().UTC()}
	if err := v.b.records.Record(ctx, o, nil); err != nil {
		return fmt.Errorf("record what was said of builds of %s: %w", v.id, err)
	}
	return v.tellOutcome(ctx, o)
}

// buildPost composes the post: the first failure with the lines that matter,
// the others in a line each.
func (v *visit) buildPost(ctx context.Context, d standing) (outgoing, error) {
	scrubber, err := v.b.scrubs.of(&v.policy)
	if err != nil {
		return outgoing{}, &scrubError{err}
	}
	o := outgoing{kind: review.PostBuilds, cleaner: scrubber.Begin(), notify: v.policy.Notify}
	top := d.failures[0]
	var patch scrub.Patch
	if top.Class == builds.ClassChange {
		raw, err := v.host.Gerrit.Patch(ctx, v.change, v.change.Current(), v.skip)
		if err != nil {
			return outgoing{}, fmt.Errorf("read patch set %d of %s: %w", v.change.Current().Number, v.id, err)
		}
		if patch, err = o.cleaner.Patch(raw); err != nil {
			return outgoing{}, &scrubError{err}
		}
	}
	n := buildNote{PatchSet: v.change.Current().Number, Verdict: d.digest()}
	for _, a := range d.failures {
		t, err := failureOf(o.cleaner, a)
		if err != nil {
			return outgoing{}, &scrubError{err}
		}
		n.Failures = append(n.Failures, t)
		o.evidence = append(o.evidence, string(a.Shown)+" "+a.Failure.Fingerprint)
	}
	n.Culprits = builds.Culprits(&top.Failure, patch)
	o.body = composeBuilds(n)
	o.evidence = append(o.evidence[:min(len(o.evidence), 8)], "verdict "+n.Verdict)
	o.links = v.buildLinks(o.cleaner, top)
	return o, nil
}

// buildLinks are the addresses under the post: the log of the first failure,
// what a person says of it, and where its cluster is shown. One that does not
// fit is left out.
func (v *visit) buildLinks(c *scrub.Cleaner, a builds.Assessment) []link {
	var out []link
	add := func(label scrub.Text, url string) {
		t, err := c.Clean(url)
		l := link{label, t}
		if url != "" && err == nil && t.String() == url && inspectLink(c, l) == nil {
			out = append(out, l)
		}
	}
	if url := a.Build.URL; url != "" && v.b.buildLogs != nil && v.b.buildLogs.Allowed(v.name(), url) == nil {
		add(scrub.Lit("Log"), url)
	}
	if a.Ruling != nil {
		add(scrub.Lit("Known failure"), a.Ruling.Link)
	}
	add(scrub.Lit("Elsewhere"), clusterURL(v.b.opts.ClusterURL, v.id, a.Failure.Fingerprint))
	return out
}
