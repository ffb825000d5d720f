// SPDX-License-Identifier: Apache-2.0

package bot

import (
	"context"
	"io"
	"iter"
	"time"

	"review-assistant/review"
)

// The interfaces below are what the pipeline needs from outside. Adapters
// implement them without importing this package; cmd wires them.

// Jobs is the queue.
type Jobs interface {
	// Enqueue raises the generation of a job and makes it due; it returns
	// only when that is durable.
	Enqueue(ctx context.Context, key review.JobKey, h review.Hint) error
	// Lease takes the next due job for ttl, fairly by project; ok is false
	// when nothing is due.
	Lease(ctx context.Context, ttl time.Duration) (job review.Job, ok bool, err error)
	// Extend moves the deadline of a lease; ok is false when it is lost.
	Extend(ctx context.Context, job review.Job, ttl time.Duration) (ok bool, err error)
	// Finish ends a lease: the job is gone, or due again when its generation
	// moved meanwhile. ok is false when the lease was lost before.
	Finish(ctx context.Context, job review.Job) (ok bool, err error)
	// Retry ends a lease and makes the job due after delay.
	Retry(ctx context.Context, job review.Job, delay time.Duration) (ok bool, err error)
	// Wait returns when a job may be due, or after max.
	Wait(ctx context.Context, max time.Duration)
	// Park ends a lease and moves the job to the dead letters.
	Park(ctx context.Context, job review.Job, reason string) (ok bool, err error)
}

// Records remembers what was decided and what may be shown.
type Records interface {
	Record(ctx context.Context, o review.Outcome, s *review.Summary) error
	Outcomes(ctx context.Context, id review.ChangeID) ([]review.Outcome, error)
	// Hide keeps stored text of a change from being shown, or shows it again.
	Hide(ctx context.Context, id review.ChangeID, hidden bool) error
	// Erase removes the stored text of a change that is not ours to show;
	// outcomes hold none and stay.
	Erase(ctx context.Context, id review.ChangeID) error
}

// Texts are scrubbed texts about a change that the bot itself reads again.
// Records.Erase removes them.
type Texts interface {
	// SummaryAt returns the summary of a patch set, unless the change is hidden.
	SummaryAt(ctx context.Context, id review.ChangeID, patchSet int) (s review.Summary, ok bool, err error)
	// Answer returns what a model answered under a key.
	Answer(ctx context.Context, id review.ChangeID, key string) (text string, ok bool, err error)
	KeepAnswer(ctx context.Context, id review.ChangeID, key, text string) error
}

// Settings are small durable facts: kill switches, cursors of the reconciler,
// moments of opt-in, what was told once.
type Settings interface {
	Controls(ctx context.Context) ([]review.Control, error)
	Setting(ctx context.Context, key string) (value string, ok bool, err error)
	// SetOnce stores value if key has none and returns the value that stands.
	SetOnce(ctx context.Context, key, value string) (string, error)
	SetSetting(ctx context.Context, key, value string) error
	// Remember adds words to a setting that is a list of them, in one step,
	// and keeps the newest.
	Remember(ctx context.Context, key string, words []string, keep int) error
}

// Logs keep rows: each key once, in the order of their arrival, for all
// replicas to follow.
type Logs interface {
	// Append adds rows whose keys a log does not hold, and returns how many.
	Append(ctx context.Context, log string, rows []review.Row) (added int, err error)
	// Rows returns the rows behind a sequence number, in order.
	Rows(ctx context.Context, log string, after int64, limit int) ([]review.Row, error)
	RowOf(ctx context.Context, log, key string) (row review.Row, ok bool, err error)
	// Trim removes rows from before a time, and the oldest beyond keep; none
	// of them can be added again.
	Trim(ctx context.Context, log string, before time.Time, keep int) (removed int, err error)
	// Remove takes rows out by their keys.
	Remove(ctx context.Context, log string, keys []string) (removed int, err error)
}

// Gerrit is one host, seen as the service account.
type Gerrit interface {
	// Self returns the service account.
	Self(ctx context.Context) (review.Account, error)
	// Change reads a change with everything the policy and the post need.
	Change(ctx context.Context, id review.ChangeID) (review.Change, error)
	// Patch reads what a patch set changes against its first parent. Files
	// for which skip returns a reason come without body, and are not fetched
	// where that is possible.
	Patch(ctx context.Context, c review.Change, ps review.PatchSet, skip func(review.File) review.Skip) (review.Patch, error)
	// Post writes one review: comments on the patch set and on its lines. It
	// never retries.
	Post(ctx context.Context, id review.ChangeID, c review.Comment) (trace string, err error)
	// Comments reads the published comments of a change.
	Comments(ctx context.Context, id review.ChangeID) ([]review.Remark, error)
	// AddReviewer adds one account, as CC or as reviewer.
	AddReviewer(ctx context.Context, id review.ChangeID, a review.Account, cc bool) error
}

// Projects reads what a Gerrit knows of projects.
type Projects interface {
	// ConfigChain returns the project's review-assistant.config and its
	// parents', nearest first. A file that is absent or may not be read has a
	// State that says so.
	ConfigChain(ctx context.Context, project string) ([]review.ConfigFile, error)
	// ConfigAt returns a file as a patch set on refs/meta/config has it.
	ConfigAt(ctx context.Context, id review.ChangeID, revision, name string) (review.ConfigFile, error)
	// CommitTime returns when a commit was made.
	CommitTime(ctx context.Context, project, revision string) (time.Time, error)
	// Recent yields open changes of all projects that were updated since t,
	// newest first.
	Recent(ctx context.Context, t time.Time) iter.Seq2[review.Stub, error]
	// Forget drops what is cached of a project.
	Forget(project string)
}

// BuildLogs reads what a CI keeps of its runs, from hosts that the operator
// allows a project, which is named as HOST/NAME. An error that is a
// [review.UnreadError] says why nothing is read.
type BuildLogs interface {
	// Allowed is nil when the address is of an allowed host.
	Allowed(project, url string) error
	// Open streams a log, decompressed and bounded.
	Open(ctx context.Context, project, url string) (io.ReadCloser, error)
	// JSON returns a small answer of a CI's API, of at most max bytes.
	JSON(ctx context.Context, project, url string, max int64) ([]byte, error)
}

// Closings finds changes that were merged or abandoned.
type Closings interface {
	// Closed returns a page of them, the newest update first.
	Closed(ctx context.Context, q review.ClosedQuery) (review.ClosedPage, error)
}

// Stories knows where a change comes from and what it belongs to.
type Stories interface {
	// Related returns the chain of changes that the current patch set stands
	// in, oldest first. It is empty when the change stands alone.
	Related(ctx context.Context, c review.Change) ([]review.Related, error)
	// Merged returns what a merge commit brings to its first parent, newest
	// first, and whether there is more.
	Merged(ctx context.Context, c review.Change, ps review.PatchSet) (commits []review.Commit, more bool, err error)
	// ByCommit finds the change and patch set that a commit of the project is;
	// ok is false when the account sees none.
	ByCommit(ctx context.Context, project, sha string) (id review.ChangeID, patchSet int, ok bool, err error)
	// Attributes returns the .gitattributes at the root of a branch, nil when
	// there is none.
	Attributes(ctx context.Context, project, branch string) ([]byte, error)
}

// Staff knows of people what neither Gerrit nor the catalog does.
type Staff interface {
	// Out reports whether somebody is not to be asked now: away, by the status
	// text of the account too, or of their own wish.
	Out(a review.Account, now time.Time) bool
	// Same returns sets of account ids, user names and e-mail addresses that
	// are one person each, the one to name first.
	Same() [][]string
}

// People finds accounts.
type People interface {
	// Accounts returns what Gerrit says of accounts now; who is unknown to it
	// is not in the answer.
	Accounts(ctx context.Context, ids []int64) (map[int64]review.Account, error)
	// OpenReviews counts the open changes on which accounts are reviewers.
	OpenReviews(ctx context.Context, ids []int64) (map[int64]int, error)
	// Resolve maps people of the catalog to active accounts; who has none or
	// is ambiguous keeps a zero account.
	Resolve(ctx context.Context, people []review.Person) ([]review.Person, error)
	// CanSee returns those of the accounts that may see the change.
	CanSee(ctx context.Context, id review.ChangeID, accounts []review.Account) ([]review.Account, error)
	// InGroup reports whether the account is in the named group, as far as
	// the service account may know.
	InGroup(ctx context.Context, group string, a review.Account) (bool, error)
}

// Catalog knows who owns a path.
type Catalog interface {
	Owners(ctx context.Context, host, project, branch string, paths []string) (owners []review.Owner, note string, err error)
	// Revision names what was read of it last.
	Revision() string
}

// OwnersFiles knows what a branch itself says of who owns its files, and who
// is never to be suggested for them. An error leaves what is known in spite of it.
type OwnersFiles interface {
	Owners(ctx context.Context, project, branch string, files []string) (owners []review.Owner, never []review.Person, note string, err error)
}
