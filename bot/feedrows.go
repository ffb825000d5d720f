// SPDX-License-Identifier: Apache-2.0

package bot

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"review-assistant/review"
)

var errNotWritten = errors.New("the news were not written")

// newsTime bounds one write of news that several wait for.
const newsTime = 10 * time.Second

// teller writes news of which the newest alone counts. While it writes, what
// comes gathers and is written in one step afterwards: a Gerrit with many votes
// costs no more than the store can do one behind the other, and an event that is
// acknowledged is written.
type teller struct {
	turn chan struct{} // held by who writes

	mu   sync.Mutex
	open *newsBatch // what gathers; nil for nothing
}

// newsBatch is news that are written together, by key.
type newsBatch struct {
	news map[string]review.News
	done chan struct{} // closed when they are written, or were not
	err  error         // to be read after done
}

func newTeller() *teller { return &teller{turn: make(chan struct{}, 1)} }

// tell returns when the news are written, by this caller or by another one. Who
// goes away leaves them to the next who comes.
func (t *teller) tell(ctx context.Context, news []review.News, write func(map[string]review.News) error) error {
	t.mu.Lock()
	if t.open == nil {
		t.open = &newsBatch{news: map[string]review.News{}, done: make(chan struct{})}
	}
	b := t.open
	for _, n := range news {
		b.news[clipKey(fmt.Sprintf("%s %s", n.Kind, n.Change))] = n
	}
	t.mu.Unlock()
	select {
	case <-b.done:
		return b.err
	case <-ctx.Done():
		return ctx.Err()
	case t.turn <- struct{}{}:
	}
	defer func() { <-t.turn }()
	select {
	case <-b.done: // by who had the turn before
		return b.err
	default:
	}
	t.mu.Lock()
	t.open = nil // it is b: only who has the turn takes one
	t.mu.Unlock()
	b.err = &review.RetryError{Err: errNotWritten} // until it is written
	defer close(b.done)
	b.err = write(b.news)
	return b.err
}

// tellLatest writes news that take the place of those of the same kind about the
// same change or project: however often one moves, it is one row.
func (b *Bot) tellLatest(ctx context.Context, news ...review.News) error {
	return b.teller.tell(ctx, news, func(of map[string]review.News) error {
		// Others wait for it too.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), newsTime)
		defer cancel()
		now := b.now().UTC()
		var rows []review.Row
		keys := slices.Sorted(maps.Keys(of))
		for _, key := range keys {
			data, err := json.Marshal(of[key])
			if err != nil {
				return fmt.Errorf("write the feed: %w", err)
			}
			rows = append(rows, review.Row{Key: key, At: now, Data: data})
		}
		// Where another replica adds the row between the two, it is as new.
		_, err := b.logs.Remove(ctx, FeedLog, keys)
		if err == nil {
			_, err = b.logs.Append(ctx, FeedLog, rows)
		}
		if err != nil {
			return fmt.Errorf("write the feed: %w", err)
		}
		return nil
	})
}

// newsOfBuilds are the news of rows of a project's log of builds: of the change
// that they are about, or of the project when they are about a branch. None names
// a build or a branch.
func newsOfBuilds(id review.ChangeID, rows []review.Row) []review.News {
	project := review.ChangeID{Host: id.Host, Project: id.Project}
	of := map[review.ChangeID]bool{}
	for _, r := range rows {
		if id.Number > 0 && !isBranchRow(r) {
			of[id] = true
		} else {
			of[project] = true
		}
	}
	var news []review.News
	for id := range of {
		news = append(news, review.News{Kind: review.NewsBuild, Change: id})
	}
	return news
}
