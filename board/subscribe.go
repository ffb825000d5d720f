// SPDX-License-Identifier: Apache-2.0

package board

import (
	"cmp"
	"context"
	"slices"
	"time"

	"review-assistant/review"
)

// sight is what a stream needs of a board.
type sight interface {
	// sees returns those of the changes that the viewer may see now. It asks
	// each Gerrit at most once a minute about one change and person.
	sees(ctx context.Context, v review.Viewer, ids []review.ChangeID) (map[review.ChangeID]bool, error)
	// where finds a place.
	where(ctx context.Context, v review.Viewer, p Place) (whereabouts, error)
	// saw reports whether a change was shown to the viewer before it moved.
	saw(v review.Viewer, id review.ChangeID) bool
}

// whereabouts is what a stream is about, "" for all.
type whereabouts struct {
	host, project string
	known         bool // the viewer sees something of the project, or did
}

const (
	// maxNews is how many changes one answer tells of: so many are checked in
	// one call to Gerrit.
	maxNews = 100
	// maxScan is how many rows are looked at for it.
	maxScan = 5000
)

// subscribe opens a stream of the news of a place.
func (f *Feed) subscribe(ctx context.Context, by sight, v review.Viewer, q NewsQuery) (Stream, error) {
	s := &stream{feed: f, by: by, viewer: v, cursor: q.After}
	if q.Place != (Place{}) {
		var err error
		if s.whereabouts, err = by.where(ctx, v, q.Place); err != nil {
			return nil, err
		}
	}
	if p := f.after(0); q.After < 0 && p.ready {
		s.cursor = p.last
	}
	return s, nil
}

// stream is a cursor in the feed: it has no goroutine and no queue of its own.
type stream struct {
	feed   *Feed
	by     sight
	viewer review.Viewer
	whereabouts
	cursor int64 // the viewer was told all up to here; -1 for all that is there when the feed is ready
}

// Next implements [Stream].
func (s *stream) Next(ctx context.Context) (news []review.News, reset bool, err error) {
	var late <-chan time.Time
	for {
		p := s.feed.after(max(0, s.cursor))
		if s.cursor <= p.last {
			late = nil
		}
		switch {
		case !p.ready:
		case s.cursor < 0:
			s.cursor = p.last
			continue
		case p.gone:
			s.cursor = p.last
			return nil, true, nil
		case s.cursor > p.last:
			// Another replica gave the number out, and this one will soon have
			// read as far; or the log is another one.
			if late == nil {
				late = time.After(3 * s.feed.o.Every)
			}
		case len(p.news) > 0:
			news, upTo, err := s.pick(ctx, p.news)
			if err != nil {
				return nil, false, err
			}
			if s.cursor = upTo; len(news) > 0 {
				return news, false, nil
			}
			continue
		}
		select {
		case <-ctx.Done():
			return nil, false, ctx.Err()
		case <-p.more:
		case <-late:
			s.cursor = p.last
			return nil, true, nil
		}
	}
}

// Mark implements [Stream].
func (s *stream) Mark() int64 { return s.cursor }

// pick returns what the viewer may know of the first of the rows, each change
// once with its newest row, and up to where that goes.
func (s *stream) pick(ctx context.Context, rows []review.News) (news []review.News, upTo int64, err error) {
	if until := s.viewer.Until; !until.IsZero() && !s.feed.o.Now().Before(until) {
		return nil, 0, &review.DeniedError{Err: errOver}
	}
	newest := map[review.ChangeID]review.News{}
	for _, n := range rows[:min(len(rows), maxScan)] {
		if s.about(n) {
			before, known := newest[n.Change]
			if !known && len(newest) == maxNews {
				break
			}
			n.Hides = n.Hides || before.Hides
			if n.Change.Number == 0 && before.Kind == review.NewsAccess {
				n.Kind = review.NewsAccess // builds of a branch tell less
			}
			newest[n.Change] = n
		}
		upTo = n.Seq
	}
	var ids []review.ChangeID
	for id := range newest {
		if id.Number > 0 {
			ids = append(ids, id)
		}
	}
	var seen map[review.ChangeID]bool
	if len(ids) > 0 {
		if seen, err = s.by.sees(ctx, s.viewer, ids); err != nil {
			return nil, 0, err
		}
	}
	s.known = s.known || s.project != "" && len(seen) > 0
	reload := map[review.ChangeID]review.News{}
	for id, n := range newest {
		if seen[id] {
			news = append(news, told(n, id))
		} else if to, tells := s.reload(n); tells && n.Seq > reload[to].Seq {
			reload[to] = told(review.News{Seq: n.Seq, At: n.At, Kind: review.NewsAccess}, to)
		}
	}
	for _, n := range reload {
		news = append(news, n)
	}
	slices.SortFunc(news, func(a, b review.News) int { return cmp.Compare(a.Seq, b.Seq) })
	return news, upTo, nil
}

// about reports whether a row is about the place of the stream. What moved for
// a whole host or project moved for each of its places.
func (s *stream) about(n review.News) bool {
	if _, is := s.viewer.Accounts[n.Change.Host]; !is || s.host != "" && n.Change.Host != s.host {
		return false // who has no account there sees nothing of it
	}
	return s.project == "" || n.Change.Project == s.project || n.Change.Project == ""
}

// reload says what the viewer has to read again when a row is about no change
// that the viewer sees: the project of the stream, or the host. Of a change that
// is not shown those learn who saw it, and the project's own followers, but no
// more than that somebody may have lost sight of something: not what. Who sees
// nothing of a project learns not even that there is one.
func (s *stream) reload(n review.News) (to review.ChangeID, tells bool) {
	switch {
	case s.project != "" && n.Change.Project != "" && !s.known:
		return to, false
	case n.Change.Number > 0:
		return review.ChangeID{Host: n.Change.Host, Project: s.project}, n.Hides && (s.project != "" || s.by.saw(s.viewer, n.Change))
	case n.Kind == review.NewsBuild:
		// Of a branch: who follows the project looks whether it is one to be seen.
		return review.ChangeID{Host: n.Change.Host, Project: s.project}, s.project != ""
	case n.Kind != review.NewsAccess:
		return to, false
	}
	// The name of a project is not for everybody either.
	return review.ChangeID{Host: n.Change.Host, Project: s.project}, true
}

func told(n review.News, id review.ChangeID) review.News {
	n.Change, n.Hides = id, false
	return n
}
