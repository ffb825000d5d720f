// SPDX-License-Identifier: Apache-2.0

// Package store keeps the queue, the outcomes, the summaries, logs and the
// small durable facts, with one meaning on two engines: SQLite for one server and
// Redis for several replicas.
//
// The invariant: a job is lost only by a finish of its newest generation, and
// never has two live leases. [Store] tells the meaning, job.go and the scripts
// in lua/ carry it out, and one suite of tests holds both engines to it. A new
// operation is a method of [Store], its code in both engines, and a case in
// that suite.
//
// All times come from the engine's clock and are kept in milliseconds.
package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"review-assistant/review"
)

// Store is everything that an engine does.
//
// A job waits until it is due, is leased, and ends with Finish, Retry or Park.
// A hint that comes during a lease counts like one that came after it: however
// the lease ends, the job is due again as that hint says, as a first attempt.
// A lease that nobody extends ends by itself; its holder has lost it once
// somebody else leased the job.
type Store interface {
	// Enqueue raises the generation of a job, and makes it due after the
	// hint's delay. Newer hints move a waiting job, but not beyond MaxWait (or
	// Delay, when that is longer) from the first one. A job among the dead
	// letters comes back. It returns when the hint is durable.
	Enqueue(ctx context.Context, key review.JobKey, h review.Hint) error
	// Lease takes a due job: of the project with the fewest live leases, then
	// the one that is due longest.
	Lease(ctx context.Context, ttl time.Duration) (job review.Job, ok bool, err error)
	Extend(ctx context.Context, job review.Job, ttl time.Duration) (ok bool, err error)
	Finish(ctx context.Context, job review.Job) (ok bool, err error)
	Retry(ctx context.Context, job review.Job, delay time.Duration) (ok bool, err error)
	Park(ctx context.Context, job review.Job, reason string) (ok bool, err error)
	// Wait returns when a job may be due, when ctx ends, or after max.
	Wait(ctx context.Context, max time.Duration)

	// Dead lists dead letters, the newest first.
	Dead(ctx context.Context, limit int) ([]review.DeadJob, error)
	DeadGet(ctx context.Context, key review.JobKey) (d review.DeadJob, ok bool, err error)
	// Replay makes a dead letter due now; ok is false when there is none.
	Replay(ctx context.Context, key review.JobKey) (ok bool, err error)
	// Drop removes a dead letter; ok is false when there is none.
	Drop(ctx context.Context, key review.JobKey) (ok bool, err error)

	// Record keeps one outcome per change, patch set and kind: the newest,
	// but the first "posted" stands for ever. A summary replaces the one of
	// its patch set and may be shown, even if the change was hidden.
	Record(ctx context.Context, o review.Outcome, s *review.Summary) error
	// Outcomes lists the outcomes of a change by patch set and kind.
	Outcomes(ctx context.Context, id review.ChangeID) ([]review.Outcome, error)
	// Summary returns the summary of the newest patch set that has one,
	// unless the change is hidden.
	Summary(ctx context.Context, id review.ChangeID) (s review.Summary, ok bool, err error)
	// SummaryAt returns the summary of one patch set, unless the change is hidden.
	SummaryAt(ctx context.Context, id review.ChangeID, patchSet int) (s review.Summary, ok bool, err error)
	// Kept returns what Summary and Outcomes would of some changes, at most
	// [MaxKept], at the price of one. A change of which neither is there is
	// missing.
	Kept(ctx context.Context, ids []review.ChangeID) (map[review.ChangeID]review.Kept, error)
	// Answer returns what was kept about a change under a key.
	Answer(ctx context.Context, id review.ChangeID, key string) (text string, ok bool, err error)
	// KeepAnswer keeps a text about a change for [AnswerAge]. Of many, at
	// least the newest stays.
	KeepAnswer(ctx context.Context, id review.ChangeID, key, text string) error
	Hide(ctx context.Context, id review.ChangeID, hidden bool) error
	// Erase removes the text about a change. Outcomes hold none and stay.
	Erase(ctx context.Context, id review.ChangeID) error

	Setting(ctx context.Context, key string) (value string, ok bool, err error)
	// SetSetting stores a value; the empty value removes the setting.
	SetSetting(ctx context.Context, key, value string) error
	SetOnce(ctx context.Context, key, value string) (string, error)
	// Remember adds words to a setting that is a list of words with spaces
	// between them, in one step. The newest stand last, none stands twice, and
	// the oldest go when there are more than keep.
	Remember(ctx context.Context, key string, words []string, keep int) error
	// Count adds to counters in one step, all or none, and returns the sums. A
	// counter is gone its TTL after its first addition.
	Count(ctx context.Context, counts ...review.Count) ([]int64, error)

	// Append adds rows to a log and returns how many it added. A row is left
	// out when the log has one with its key, and when it is from before the
	// floor to which the log was trimmed. Seq is the engine's: it grows, and is
	// never used twice. Many rows go in several steps: after an error the first
	// of them may stand, and adding all again is right.
	Append(ctx context.Context, log string, rows []review.Row) (added int, err error)
	// Rows returns at most limit rows behind a sequence number, in their order.
	Rows(ctx context.Context, log string, after int64, limit int) ([]review.Row, error)
	// RowOf returns the row with a key.
	RowOf(ctx context.Context, log, key string) (row review.Row, ok bool, err error)
	// Trim removes what is from before a time, and the oldest by time beyond
	// keep rows. This raises the log's floor: nothing that is as old comes back,
	// though its key is free again. What is newer than all rows may always
	// come, however far ahead before is.
	Trim(ctx context.Context, log string, before time.Time, keep int) (removed int, err error)
	// Remove takes rows out by their keys, which are free again.
	Remove(ctx context.Context, log string, keys []string) (removed int, err error)

	Controls(ctx context.Context) ([]review.Control, error)
	SetControl(ctx context.Context, c review.Control) error
	// ClearControl removes a kill switch; ok is false when there is none.
	ClearControl(ctx context.Context, scope string) (ok bool, err error)

	Stats(ctx context.Context) (Stats, error)
	// Ping fails when the engine cannot take a write that is due to succeed.
	Ping(ctx context.Context) error
	// Check looks for what would break the promises above.
	Check(ctx context.Context) []Problem
	Close() error
}

const (
	// AnswerAge is how long an answer is kept: longer than a change is
	// usually under review.
	AnswerAge = 14 * 24 * time.Hour
	// MaxKept is how many changes may be asked for at once.
	MaxKept = 500
	// maxAnswers is how many answers are kept about one change.
	maxAnswers = 8
)

// Stats is the state of the queue.
type Stats struct {
	Due       int           // may be leased now
	Leased    int           // in work
	Delayed   int           // wait for a newer hint or for their next attempt
	Dead      int           // dead letters
	OldestDue time.Duration // how long the oldest due job waits
}

// Problem is something that an operator has to change.
type Problem struct{ Key, Cause, Fix string }

func (p Problem) String() string { return p.Key + ": " + p.Cause + "; " + p.Fix }

// ErrClosed is returned after Close.
var ErrClosed = errors.New("store is closed")

// Limits in bytes. They are far above what Gerrit allows, and keep a hostile
// name from filling the store.
const (
	maxKey    = 2 << 10
	maxValue  = 64 << 10
	maxText   = 256 << 10 // a summary as JSON, an answer
	maxReason = 1 << 10
)

// maxDead bounds one listing of dead letters.
const maxDead = 10_000

func checkKey(what, key string) error {
	switch {
	case key == "":
		return fmt.Errorf("%s has no name", what)
	case len(key) > maxKey:
		return fmt.Errorf("%s has a name of %d bytes; at most %d are stored", what, len(key), maxKey)
	case !utf8.ValidString(key) || strings.ContainsRune(key, 0):
		return fmt.Errorf("%s has a name that is not text", what)
	}
	return nil
}

func checkSize(what string, size, limit int) error {
	if size > limit {
		return fmt.Errorf("%s has %d bytes; at most %d are stored", what, size, limit)
	}
	return nil
}

// clipReason keeps the reason of a dead letter small and printable.
func clipReason(s string) string {
	s = strings.ToValidUTF8(strings.ReplaceAll(s, "\x00", ""), "�")
	if len(s) <= maxReason {
		return s
	}
	cut := maxReason
	for !utf8.RuneStart(s[cut]) {
		cut--
	}
	return s[:cut]
}

// share names the project whose jobs share the workers fairly.
func share(key review.JobKey) string {
	host, project := key.Project()
	return host + "/" + project
}

// at turns stored milliseconds into a time; 0 is no time.
func at(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// span returns d in whole milliseconds, rounded up, and never less than floor.
func span(d, floor time.Duration) int64 {
	return int64((max(d, floor) + time.Millisecond - 1) / time.Millisecond)
}
