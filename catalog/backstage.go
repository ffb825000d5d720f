// SPDX-License-Identifier: Apache-2.0

package catalog

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"review-assistant/review"
)

const (
	// firstWait is how long a review right after the start waits for the
	// first snapshot.
	firstWait = 5 * time.Second
	// firstRetry is the delay after the first failure; it doubles up to the
	// refresh interval.
	firstRetry = 10 * time.Second
	// refreshTimeout bounds one whole read of the catalog.
	refreshTimeout = 5 * time.Minute
)

// Options configure a Backstage catalog.
type Options struct {
	URL       string // of the backend, without /api/catalog
	TokenFile string // a static token, read again for each refresh; "" for none
	CAFile    string // more certificate authorities, PEM
	ProxyURL  string // proxies of the environment are not used
	Refresh   time.Duration
	// Snapshot is a file that keeps the last good read over a restart; "" for
	// none. It holds names and addresses of people.
	Snapshot string
	PageSize int // entities of one request, 500 by default
	Gerrits  Gerrits
	// UserNames are annotations of users that hold their Gerrit user name,
	// beside our own.
	UserNames []string
	Now       func() time.Time // nil: time.Now
	// Log gets a line when reads begin to fail and one when they work again;
	// nil for none.
	Log *slog.Logger
}

// Backstage is a Backstage catalog, read in the background. An outage leaves
// the last snapshot standing.
type Backstage struct {
	client *client
	every  time.Duration
	now    func() time.Time
	kept   snapshot

	state atomic.Pointer[state]
	first chan struct{} // closed after the first attempt
	once  sync.Once
	turn  sync.Mutex // one refresh at a time; it guards kept and what follows
	old   bool       // what an earlier process read was looked for
	reads turns
	keeps turns

	stop context.CancelFunc
	done chan struct{}
}

// state is the last snapshot together with the last failure.
type state struct {
	index  *index // nil: nothing was ever read
	loaded time.Time
	err    error // of the last read
	keep   error // of the file that keeps it
}

// OpenBackstage checks the options and starts to read the catalog. It does
// not wait for it: a catalog that is down delays no start.
func OpenBackstage(o Options) (*Backstage, error) {
	bases, err := o.Gerrits.bases()
	if err != nil {
		return nil, err
	}
	c, err := newClient(o, reading{bases, o.UserNames})
	if err != nil {
		return nil, fmt.Errorf("catalog: %w", err)
	}
	return start(c, o), nil
}

// start begins to read in the background.
func start(c *client, o Options) *Backstage {
	if o.Refresh <= 0 {
		o.Refresh = 5 * time.Minute
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	ctx, stop := context.WithCancel(context.Background())
	b := &Backstage{
		client: c, every: o.Refresh, now: o.Now, kept: snapshot{path: o.Snapshot}, first: make(chan struct{}), stop: stop, done: make(chan struct{}),
		reads: turns{log: o.Log, bad: "the catalog cannot be read", well: "the catalog can be read again"},
		keeps: turns{log: o.Log, bad: "the catalog's snapshot does not work", well: "the catalog's snapshot works again"},
	}
	b.state.Store(&state{err: errors.New("it is still being read")})
	go b.run(ctx)
	return b
}

// Close stops the background reads and waits for them.
func (b *Backstage) Close() error {
	b.stop()
	<-b.done
	b.client.http.CloseIdleConnections()
	return nil
}

func (b *Backstage) run(ctx context.Context) {
	defer close(b.done)
	retry := min(firstRetry, b.every)
	for {
		delay := b.every
		if err := b.Refresh(ctx); err != nil {
			delay = min(max(retry, review.RetryAfter(err)), time.Hour)
			retry = min(2*retry, b.every)
		} else {
			retry = min(firstRetry, b.every)
		}
		timer := time.NewTimer(delay)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-timer.C:
		}
	}
}

// Refresh reads the whole catalog now.
func (b *Backstage) Refresh(ctx context.Context) error {
	b.turn.Lock()
	defer b.turn.Unlock()
	b.restore()
	last := *b.state.Load()
	bounded, cancel := context.WithTimeout(ctx, refreshTimeout)
	defer cancel()
	r, err := b.client.load(bounded)
	if err == nil && last.index != nil {
		err = vanished(last.index.entities, r.list)
	}
	if err != nil {
		last.err = err
		b.state.Store(&last)
	} else {
		s := &state{index: r.index(), loaded: b.now()}
		if len(r.list) > 0 {
			s.keep = b.kept.save(r.raws, s.index.revision, s.loaded)
		}
		b.state.Store(s)
	}
	b.once.Do(func() { close(b.first) })
	if ctx.Err() == nil { // nobody needs to know that it was stopped
		b.reads.tell(err, b.lastRead()...)
		b.keeps.tell(b.state.Load().keep)
	}
	return err
}

// vanished takes an answer without people, or without anything that they own,
// for a fault where there were some: a token that lost its permissions sees an
// empty catalog.
func vanished(before map[string]*entity, now []*entity) error {
	var was, is struct{ people, others bool }
	for _, e := range before {
		was.people, was.others = was.people || e.kind == kindUser, was.others || e.kind != kindUser
	}
	for _, e := range now {
		is.people, is.others = is.people || e.kind == kindUser, is.others || e.kind != kindUser
	}
	what := "entity"
	switch lostPeople, lostOthers := was.people && !is.people, was.others && !is.others; {
	case !lostPeople && !lostOthers:
		return nil
	case is.people:
		what = "group and no component"
	case is.others:
		what = "user"
	}
	return fmt.Errorf("backstage shows no %s to this token now; check the token's permissions", what)
}

// lastRead says in a log of when the entities are that count.
func (b *Backstage) lastRead() []any {
	if s := b.state.Load(); s.index != nil {
		return []any{"last_read", s.loaded.UTC().Format(time.RFC3339)}
	}
	return []any{"last_read", "never"}
}

// Owners returns who owns the paths, the nearest claim first. Without a
// snapshot there are no owners, and note says why; that is never an error,
// because a review without names is better than none.
func (b *Backstage) Owners(ctx context.Context, host, project, branch string, paths []string) (owners []review.Owner, note string, err error) {
	timer := time.NewTimer(firstWait)
	defer timer.Stop()
	select {
	case <-b.first:
	case <-timer.C:
	case <-ctx.Done():
		return nil, "", ctx.Err()
	}
	s := b.state.Load()
	if s.index == nil {
		return nil, joinNotes(fmt.Sprintf("ownership is unknown: %v", s.err), s.keptNote()), nil
	}
	owners, note = s.index.owners(host, project, branch, paths)
	for _, r := range s.index.remarks {
		note = joinNotes(note, r)
	}
	if s.err != nil {
		note = joinNotes(fmt.Sprintf("ownership is %s old: %v", age(b.now().Sub(s.loaded)), s.err), note)
	}
	return owners, joinNotes(note, s.keptNote()), nil
}

func (s *state) keptNote() string {
	if s.keep == nil {
		return ""
	}
	return fmt.Sprintf("the catalog's snapshot: %v", s.keep)
}

// restore takes what an earlier process read, until the catalog answers. The
// caller holds the turn.
func (b *Backstage) restore() {
	if b.old {
		return
	}
	b.old = true
	r := &reader{client: b.client}
	at, err := b.kept.load(r, b.now())
	last := *b.state.Load()
	if last.keep = err; err == nil && !at.IsZero() {
		last.index, last.loaded = r.index(), at
		b.kept.revision = last.index.revision
	}
	b.state.Store(&last)
}

// Revision names the state of the catalog that Owners answers from, "" when
// there is none.
func (b *Backstage) Revision() string {
	if s := b.state.Load(); s.index != nil {
		return s.index.revision
	}
	return ""
}

// Team returns the people of the one group with that name.
func (b *Backstage) Team(name string) (people []review.Person, ok bool) {
	if s := b.state.Load(); s.index != nil {
		return s.index.teamNamed(name)
	}
	return nil, false
}
