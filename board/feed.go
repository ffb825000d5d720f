// SPDX-License-Identifier: Apache-2.0

package board

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"time"
	"unique"

	"review-assistant/review"
)

// FeedOptions configure a Feed. Rows is needed; zero values of the rest mean
// the defaults.
type FeedOptions struct {
	// Rows returns the rows of the log of news behind a sequence number, in order.
	Rows  func(ctx context.Context, after int64, limit int) ([]review.Row, error)
	Hosts []string      // whose news count; nil for all
	Every time.Duration // how often the log is read, default 1 s
	Keep  int           // most news in memory, and most outcomes besides, default 20,000
	// Moved is told of each row before anybody else, to drop what is cached. It
	// may not call the feed.
	Moved func(n review.News)
	Now   func() time.Time
	Log   *slog.Logger
}

const (
	rowsPerRead = 1000
	// replayAge is how long a client may have been away: news of who may see
	// what are gone from the log not long after it.
	replayAge = 30 * time.Minute
)

// Feed follows the log of news, which all replicas write, and lets streams wait
// for it. It is behind the log by at most Every. While the store fails nothing
// new is known here: caches end by themselves, and streams wait.
type Feed struct {
	o FeedOptions

	mu     sync.Mutex
	loaded bool      // the log was read to its end once
	last   int64     // the newest row that was read
	read   time.Time // when the end of the log was reached
	floor  int64     // news up to here are not in recent: streams cannot go on from before
	// Both are only appended to, and moved to new memory when they shrink, so
	// that a part that was handed out stays as it is.
	recent   []review.News
	outcomes []review.News
	news     chan struct{} // closed when there is more
}

// NewFeed returns a feed that knows nothing until Run.
func NewFeed(o FeedOptions) *Feed {
	if o.Every == 0 {
		o.Every = time.Second
	}
	if o.Keep == 0 {
		o.Keep = 20_000
	}
	if o.Moved == nil {
		o.Moved = func(review.News) {}
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &Feed{o: o, news: make(chan struct{})}
}

// Run follows the log until ctx ends.
func (f *Feed) Run(ctx context.Context) {
	tick := time.NewTicker(f.o.Every)
	defer tick.Stop()
	blind := false
	for {
		err := f.poll(ctx)
		switch {
		case err != nil && ctx.Err() == nil && !blind:
			f.o.Log.Error("read the feed; what is shown may be up to a minute old until it can be read", "error", err)
		case err == nil && blind:
			f.o.Log.Info("the feed can be read again")
		}
		blind = err != nil
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// poll reads to the end of the log.
func (f *Feed) poll(ctx context.Context) error {
	for {
		f.mu.Lock()
		after := f.last
		f.mu.Unlock()
		rows, err := f.o.Rows(ctx, after, rowsPerRead)
		if err != nil {
			return err
		}
		whole := len(rows) < rowsPerRead
		f.take(rows, whole)
		if whole {
			return nil
		}
	}
}

// take adds rows and wakes who waits for them. Caches are dropped before
// anybody learns why.
func (f *Feed) take(rows []review.Row, whole bool) {
	var fresh []review.News
	for _, r := range rows {
		n, err := newsOf(r)
		if err != nil {
			f.o.Log.Warn("a row of the feed is left out", "seq", r.Seq, "error", err)
			continue
		}
		if f.o.Hosts != nil && !slices.Contains(f.o.Hosts, n.Change.Host) {
			continue
		}
		f.o.Moved(n)
		fresh = append(fresh, n)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	now := f.o.Now()
	old := now.Add(-replayAge)
	if f.loaded && f.read.Before(old) {
		f.loaded, f.recent = false, nil // blind for too long: it is like a start
	}
	for _, n := range fresh {
		if n.Kind == review.NewsOutcome {
			f.outcomes = append(f.outcomes, n)
		}
		switch {
		case f.loaded:
		case n.At.Before(old):
			continue
		case len(f.recent) == 0:
			f.floor = n.Seq // what is gone from the log before it nobody knows
		}
		f.recent = append(f.recent, n)
	}
	if len(rows) > 0 {
		f.last = rows[len(rows)-1].Seq
	}
	if !f.loaded && len(f.recent) == 0 {
		f.floor = f.last
	}
	if len(f.recent) > f.o.Keep {
		f.recent = unrepeated(f.recent)
	}
	if extra := len(f.recent) - f.o.Keep; extra > 0 {
		f.floor = f.recent[extra-1].Seq
	}
	f.recent, f.outcomes = newest(f.recent, f.o.Keep), newest(f.outcomes, f.o.Keep)
	if whole {
		f.read = now
	}
	if whole && !f.loaded || f.loaded && len(fresh) > 0 {
		f.loaded = true
		close(f.news)
		f.news = make(chan struct{})
	}
}

// unrepeated leaves out, in new memory, news of rows and builds that later news of
// the same change or project repeat: who is told these needs no others.
func unrepeated(list []review.News) []review.News {
	out := make([]review.News, 0, len(list))
	later := make(map[review.ChangeID]bool, len(list))
	for _, n := range slices.Backward(list) {
		if (n.Kind == review.NewsRow || n.Kind == review.NewsBuild) && later[n.Change] {
			continue
		}
		later[n.Change] = true
		out = append(out, n)
	}
	slices.Reverse(out)
	return out
}

// newest keeps n of a list. What is cut off stays in memory until as much came
// again: a part that was handed out must not be written over.
func newest(list []review.News, n int) []review.News {
	if len(list) <= n {
		return list
	}
	return list[len(list)-n:]
}

var errNoNews = errors.New("it is no news")

// kinds are those that are known here.
var kinds = map[review.NewsKind]bool{review.NewsOutcome: true, review.NewsAccess: true, review.NewsRow: true, review.NewsBuild: true}

// newsOf reads a row. Names that come again and again are kept once.
func newsOf(r review.Row) (review.News, error) {
	n := review.News{}
	if err := json.Unmarshal(r.Data, &n); err != nil {
		return n, err
	}
	ofChange := n.Kind == review.NewsOutcome || n.Kind == review.NewsRow
	if !kinds[n.Kind] || n.Change.Host == "" || ofChange && n.Change.Number <= 0 || n.Kind == review.NewsBuild && n.Change.Project == "" {
		return n, errNoNews
	}
	n.Seq, n.At = r.Seq, r.At
	n.Change.Host, n.Change.Project = once(n.Change.Host), once(n.Change.Project)
	n.Kind, n.Post, n.Verdict, n.Reason = once(n.Kind), once(n.Post), once(n.Verdict), once(n.Reason)
	return n, nil
}

func once[S ~string](s S) S { return unique.Make(s).Value() }

// Recent returns outcomes of a host that match, the newest first, at most
// limit: those before a sequence number, or the newest when it is 0.
func (f *Feed) Recent(host string, match func(n review.News) bool, before int64, limit int) []review.News {
	f.mu.Lock()
	list := f.outcomes
	f.mu.Unlock()
	var out []review.News
	for _, n := range slices.Backward(list) {
		if len(out) >= limit {
			break
		}
		if n.Change.Host == host && (before == 0 || n.Seq < before) && match(n) {
			out = append(out, n)
		}
	}
	return out
}

// part is the feed behind a sequence number.
type part struct {
	ready bool // nothing is known before
	gone  bool // some of the news are not in memory
	news  []review.News
	last  int64           // that was read
	more  <-chan struct{} // closed when there is more
}

func (f *Feed) after(seq int64) part {
	f.mu.Lock()
	defer f.mu.Unlock()
	p := part{ready: f.loaded, gone: seq < f.floor, last: f.last, more: f.news}
	if !p.ready || p.gone {
		return p
	}
	i, _ := slices.BinarySearchFunc(f.recent, seq+1, func(n review.News, t int64) int {
		return int(min(1, max(-1, n.Seq-t)))
	})
	p.news = f.recent[i:len(f.recent):len(f.recent)]
	return p
}
