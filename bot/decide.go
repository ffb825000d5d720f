// SPDX-License-Identifier: Apache-2.0

package bot

import (
	"slices"
	"strings"
	"time"

	"review-assistant/review"
)

// Reason codes of outcomes. They are fixed words: nothing from outside gets
// into an outcome, a metric or the audit log through them.
const (
	ReasonPosted      = "posted"
	ReasonStands      = "already-posted"
	ReasonOff         = "project-off" // followed by ":" and an Off
	ReasonClosed      = "closed"
	ReasonPrivate     = "private"
	ReasonMuted       = "muted"
	ReasonWIP         = "work-in-progress"
	ReasonBranch      = "branch-not-covered"
	ReasonOwner       = "owner-excluded"
	ReasonBacklogOpt  = "before-opt-in"
	ReasonBacklogAge  = "older-than-24h"
	ReasonBacklogSeen = "already-reviewed"
	ReasonSameCode    = "same-code"
	ReasonNothing     = "nothing-to-add" // of a summary followed by ":" and a summarize.Silence
	ReasonDisabled    = "summary-disabled"
	ReasonSuperseded  = "superseded"
	ReasonMayVote     = "account-may-vote"
	ReasonScrub       = "scrubber-stopped"
	ReasonUntouched   = "file-not-touched"
	ReasonGone        = "not-visible"
	ReasonEmpty       = "no-files"
	ReasonDailyCap    = "ten-posts-a-day"
	ReasonUnread      = "nothing-readable"
	ReasonNoModel     = "no-model-nothing-to-add"
	ReasonLint        = "configuration-linted"
	ReasonSeal        = "seal-refused"
	ReasonOpen        = "post-failed" // secrets only: to be tried again
	ReasonNoFailure   = "nothing-failed"
)

// maxAge is how old a patch set may be before it counts as backlog.
const maxAge = 24 * time.Hour

// maxPostsPerDay stops a loop that nobody foresaw: at most so many posts on
// one change in 24 hours.
const maxPostsPerDay = 10

// decision says whether the bot speaks about the current patch set.
type decision struct {
	verdict review.Verdict // "" means go on
	reason  string
	asked   bool
	since   int // the last patch set that carries a summary of ours, 0 for none
}

// facts is what decide looks at: the change, who we are, when the project
// opted in, and what is recorded of secrets in earlier patch sets.
type facts struct {
	change  *review.Change
	self    review.Account
	policy  *Policy
	optedIn time.Time
	asked   bool
	now     time.Time
	looked  int  // the last patch set before this one whose secrets were dealt with, 0 for none
	open    bool // the last attempt to tell secrets failed
}

// decide applies the rules of when to post a summary, or secrets, in order,
// most private first. It is pure: the same facts give the same decision before
// the work and, on a fresh read, right before the post.
func decide(f facts, kind review.PostKind) decision {
	c, ps := f.change, f.change.Current()
	d := decision{asked: f.asked || f.addedAndSilent(), since: f.since(kind)}
	stop := func(v review.Verdict, reason string) decision {
		d.verdict, d.reason = v, reason
		return d
	}
	switch {
	case f.policy.Mode == ModeOff:
		return stop(review.VerdictNotOurs, ReasonOff+":"+string(f.policy.Off))
	case c.Private: // closed or not: its text has to go
		return stop(review.VerdictSuppressed, ReasonPrivate)
	case c.Status != review.StatusNew:
		return stop(review.VerdictNotOurs, ReasonClosed)
	case !f.policy.posts(kind):
		return stop(review.VerdictSuppressed, ReasonDisabled)
	case !f.policy.Covers(c.Branch):
		return stop(review.VerdictNotOurs, ReasonBranch)
	case posted(c, f.self, kind, ps.Number):
		return stop(review.VerdictPosted, ReasonStands)
	case c.HasHashtag(review.MuteHashtag):
		return stop(review.VerdictSuppressed, ReasonMuted)
	case postsSince(c, f.self, f.now.Add(-24*time.Hour)) >= maxPostsPerDay:
		return stop(review.VerdictSuppressed, ReasonDailyCap)
	case d.asked:
		return d
	case c.WIP && !f.policy.WIP:
		return stop(review.VerdictSuppressed, ReasonWIP)
	case f.began().Before(f.optedIn):
		return stop(review.VerdictSuppressed, ReasonBacklogOpt)
	case f.now.Sub(f.began()) > maxAge:
		return stop(review.VerdictSuppressed, ReasonBacklogAge)
	case f.seenByPerson():
		return stop(review.VerdictSuppressed, ReasonBacklogSeen)
	case d.since > 0 && sameCodeSince(c, d.since):
		return stop(review.VerdictSuppressed, ReasonSameCode)
	}
	return d
}

// since is the last patch set before the current one with which a kind of post
// was done. A summary of ours that stands says that secrets were looked for
// too, unless telling them failed.
func (f facts) since(kind review.PostKind) int {
	before := f.change.Current().Number - 1
	summary := lastPost(f.change, f.self, review.PostSummary, before)
	switch {
	case kind != review.PostSecrets:
		return summary
	case f.open:
		return 0
	}
	return max(f.looked, summary, lastPost(f.change, f.self, review.PostSecrets, before))
}

// began is when the current patch set could be read first: at its upload, or
// when the change was marked ready or public later.
func (f facts) began() time.Time {
	at := f.change.Current().Created
	for _, m := range f.change.Messages {
		if (m.Tag == tagReady || m.Tag == tagPublic) && m.Date.After(at) {
			at = m.Date
		}
	}
	return at
}

// Tags of Gerrit's own messages.
const (
	tagReady  = "autogenerated:gerrit:setReadyForReview"
	tagPublic = "autogenerated:gerrit:unsetPrivate"
)

// addedAndSilent reports whether somebody made the bot a reviewer of a change
// on which it has not spoken: that asks for one summary.
func (f facts) addedAndSilent() bool {
	return slices.ContainsFunc(f.change.Reviewers, func(a review.Account) bool { return a.ID == f.self.ID }) &&
		lastPost(f.change, f.self, review.PostSummary, f.change.Current().Number) == 0
}

// posted reports whether a post of ours of this kind stands on a patch set.
func posted(c *review.Change, self review.Account, kind review.PostKind, patchSet int) bool {
	return postsOf(c, self, kind, patchSet) > 0
}

// lastPost returns the highest patch set up to max with a post of ours, or 0.
func lastPost(c *review.Change, self review.Account, kind review.PostKind, max int) int {
	last := 0
	for _, m := range c.Messages {
		if m.Author.ID == self.ID && m.Tag == kind.Tag() && m.PatchSet <= max && m.PatchSet > last {
			last = m.PatchSet
		}
	}
	return last
}

// postsOf counts our posts of this kind on a patch set.
func postsOf(c *review.Change, self review.Account, kind review.PostKind, patchSet int) int {
	n := 0
	for _, m := range c.Messages {
		if m.Author.ID == self.ID && m.Tag == kind.Tag() && m.PatchSet == patchSet {
			n++
		}
	}
	return n
}

func postsSince(c *review.Change, self review.Account, t time.Time) int {
	n := 0
	for _, m := range c.Messages {
		if m.Author.ID == self.ID && strings.HasPrefix(m.Tag, review.TagPrefix) && m.Date.After(t) {
			n++
		}
	}
	return n
}

// seenByPerson reports whether somebody other than owner and uploader has
// voted or commented on the current patch set. Tagged messages are Gerrit's
// own or a robot's.
func (f facts) seenByPerson() bool {
	c, ps := f.change, f.change.Current()
	other := func(a review.Account) bool {
		return a.ID != f.self.ID && a.ID != c.Owner.ID && a.ID != ps.Uploader.ID && !a.Service && a.ID != 0 &&
			!slices.Contains(f.policy.CIAccounts, a.ID)
	}
	return slices.ContainsFunc(c.Messages, func(m review.Message) bool {
		return m.PatchSet == ps.Number && m.Tag == "" && other(m.Author)
	}) || slices.ContainsFunc(c.Votes, func(v review.Vote) bool {
		return other(v.Account) && !v.Date.Before(ps.Created)
	})
}

// sameCodeSince reports whether Gerrit says that nothing but base or message
// moved after patch set n.
func sameCodeSince(c *review.Change, n int) bool {
	for _, ps := range c.PatchSets {
		if ps.Number > n && !ps.Kind.SameCode() {
			return false
		}
	}
	return true
}

// mayAct lists what the account could do to the change besides commenting.
// Anything but an empty list forbids a post: a bot that can vote is the first
// thing that an operator fears.
func mayAct(c *review.Change) []string {
	var out []string
	for _, l := range c.MayVote {
		out = append(out, "vote "+l)
	}
	for _, a := range c.Actions {
		if a != "followup" {
			out = append(out, a)
		}
	}
	return out
}
