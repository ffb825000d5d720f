// SPDX-License-Identifier: Apache-2.0

package bot

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"time"

	"review-assistant/review"
)

// FeedLog is the name of the log of news, one for all hosts, so that its
// numbers order the news of all. A row is a [review.News] and holds no text.
const FeedLog = "feed"

const (
	keepFeed = 50_000 // rows
	feedAge  = 14 * 24 * time.Hour
	// movedAge is how long news of other kinds than outcomes are kept: a busy
	// Gerrit would else push out within a day what was decided.
	movedAge = time.Hour
)

// moves says what an event means to those who look at changes. Rows that are
// missing move nothing that is shown. A new subject is a new patch set, and what
// has no event of its own, such as the attention set, moves the change's notes.
var moves = map[review.EventType]struct {
	hides bool // somebody may no longer see the change
	text  bool // what is stored of it may not be shown until the job has looked
	row   bool // only what Gerrit says of it moves, not who may see it
}{
	"private-state-changed": {hides: true, text: true},
	"change-deleted":        {hides: true, text: true},
	"reviewer-deleted":      {hides: true}, // who was one saw it even while it was private
	"reviewer-added":        {},
	"patchset-created":      {},
	"wip-state-changed":     {},
	"change-merged":         {},
	"change-abandoned":      {},
	"change-restored":       {},
	"comment-added":         {row: true}, // votes come with it, and who commented
	"vote-deleted":          {row: true},
	"topic-changed":         {row: true},
	"ref-updated":           {row: true}, // of a change's notes
}

// tellEvent hides stored text and writes the news of an event. It comes before
// the hint: whoever asks after the sender has its answer sees nothing old.
func (b *Bot) tellEvent(ctx context.Context, e review.Event) error {
	if e.Type == "ref-updated" && e.Ref == review.ConfigRef {
		// By the first each replica forgets the configuration, see Moved. The second
		// is for all: rights and modes are inherited, and nobody tells us by whom.
		if e.Project != "" {
			if err := b.tellMoved(ctx, review.ChangeID{Host: e.Host, Project: e.Project}, true); err != nil {
				return err
			}
		}
		return b.tellMoved(ctx, review.ChangeID{Host: e.Host}, true)
	}
	m, is := moves[e.Type]
	id, ok := e.Change()
	if e.Type == "ref-updated" {
		id.Number, ok = review.NotesOf(e.Ref)
	}
	switch {
	case !is || !ok || id.Project == "":
		return nil
	case m.row:
		return b.tellLatest(ctx, review.News{Kind: review.NewsRow, Change: id})
	}
	if m.text {
		if err := b.records.Hide(ctx, id, true); err != nil {
			return err
		}
	}
	return b.tellMoved(ctx, id, m.hides)
}

// tellMoved writes that who may see what is no longer as it was: of a change,
// of a project when the number is 0, of a host when it has no project.
func (b *Bot) tellMoved(ctx context.Context, id review.ChangeID, hides bool) error {
	// Two events within one moment are two rows: what was asked in between is
	// known to be old only by the second.
	key := fmt.Sprintf("access %d %016x", b.now().UnixNano(), rand.Uint64())
	return b.appendNews(ctx, key, b.now(), review.News{Kind: review.NewsAccess, Change: id, Hides: hides})
}

// Moved drops what this replica keeps of a project whose configuration moved, by
// an event that any replica may have had. Whoever follows the news calls it with
// each row, before anybody is told to read again.
func (b *Bot) Moved(n review.News) {
	host, known := b.hosts[n.Change.Host]
	if !known || n.Kind != review.NewsAccess || n.Change.Project == "" || n.Change.Number != 0 {
		return
	}
	host.Projects.Forget(n.Change.Project)
	b.deaf.remove(n.Change.Host, n.Change.Project)
}

// tellOutcome writes what was decided about a patch set, unless that is no
// news. A row stands for each patch set and kind: the newest, but posted stays,
// as in the store. Projects that are off have none: they never asked for any.
func (v *visit) tellOutcome(ctx context.Context, o review.Outcome) error {
	if v.policy.Mode == ModeOff {
		return nil
	}
	key := clipKey(fmt.Sprintf("outcome %s %d %s", o.Change, o.PatchSet, o.Kind))
	row, is, err := v.b.logs.RowOf(ctx, FeedLog, key)
	if err != nil {
		return fmt.Errorf("read the feed: %w", err)
	}
	if is {
		var before review.News
		broken := json.Unmarshal(row.Data, &before) != nil
		if !broken && (before.Verdict == review.VerdictPosted || before.Verdict == o.Verdict && before.Reason == o.Reason) {
			return nil
		}
		if _, err := v.b.logs.Remove(ctx, FeedLog, []string{key}); err != nil {
			return fmt.Errorf("write the feed: %w", err)
		}
	}
	return v.b.appendNews(ctx, key, o.At, review.News{
		Kind: review.NewsOutcome, Change: o.Change, PatchSet: o.PatchSet, Post: o.Kind, Verdict: o.Verdict, Reason: o.Reason,
	})
}

// appendNews adds a row, unless one with its key, of [clipKey], is there.
func (b *Bot) appendNews(ctx context.Context, key string, at time.Time, n review.News) error {
	return appendNews(ctx, b.logs, key, at, n)
}

func appendNews(ctx context.Context, logs Logs, key string, at time.Time, n review.News) error {
	data, err := json.Marshal(n)
	if err == nil {
		_, err = logs.Append(ctx, FeedLog, []review.Row{{Key: key, At: at.UTC(), Data: data}})
	}
	if err != nil {
		return fmt.Errorf("write the feed: %w", err)
	}
	return nil
}

// trimFeed removes news that are too old or too many. All but outcomes go
// early: caches end by themselves, and whoever was away for longer reads all
// that is shown anew. The last row stays, so that its number tells these.
func (b *Bot) trimFeed(ctx context.Context) error {
	now := b.now()
	if _, err := b.logs.Trim(ctx, FeedLog, now.Add(-feedAge), keepFeed); err != nil {
		return fmt.Errorf("trim the feed: %w", err)
	}
	for after := b.feedTidy.Load(); ; {
		rows, err := b.logs.Rows(ctx, FeedLog, after, rowsPerRead)
		if err != nil {
			return fmt.Errorf("trim the feed: %w", err)
		}
		var keys []string
		young := false
		for _, r := range rows[:max(0, len(rows)-1)] {
			if young = now.Sub(r.At) < movedAge; young {
				break
			}
			var n review.News
			if json.Unmarshal(r.Data, &n) != nil || n.Kind != review.NewsOutcome {
				keys = append(keys, r.Key)
			}
			after = r.Seq
		}
		if len(keys) > 0 {
			if _, err := b.logs.Remove(ctx, FeedLog, keys); err != nil {
				return fmt.Errorf("trim the feed: %w", err)
			}
		}
		b.feedTidy.Store(after)
		if young || len(rows) < rowsPerRead {
			return nil
		}
	}
}
