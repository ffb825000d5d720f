// SPDX-License-Identifier: Apache-2.0

package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/labstack/echo/v4"

	"review-assistant/board"
	"review-assistant/identity"
	"review-assistant/review"
)

const (
	// beat is how often an open stream says that it is open: proxies close what
	// is silent for a minute.
	beat = 15 * time.Second
	// proofAge is how long an open stream goes on without asking anew who it is.
	proofAge = time.Minute
	// writeWait is how long one write to a stream may take; who reads no faster
	// comes again.
	writeWait = 10 * time.Second
	// errorWait is how long a stream waits behind an error of the board.
	errorWait = 3 * time.Second
	// maxBatch is in bytes: events that are written at once.
	maxBatch = 8 << 10
)

var (
	errEnding    = newProblem(http.StatusServiceUnavailable, "not available now", "this server ends and begins no more streams", "ask again later").again(5 * time.Second)
	errBadEntity = newProblem(http.StatusBadRequest, "bad component", "component is not the name of an entity of the catalog", "write it as KIND:NAMESPACE/NAME, such as component:default/pay")
	errBadAfter  = newProblem(http.StatusBadRequest, "bad event id", "Last-Event-ID, or after, is no id of an event", "send an id as a stream gave it, or none and read the lists anew")
)

func errManyStreams(what string, most int) *problem {
	return newProblem(http.StatusTooManyRequests, "too many streams", fmt.Sprintf("%s as many streams of events open as is allowed: %d", what, most),
		"close one, or read the lists again now and then").because("too-many-streams").again(30 * time.Second)
}

// streams bounds the open streams, and ends them with the server.
type streams struct {
	max, each int

	mu     sync.Mutex
	open   map[*stream]struct{}
	by     map[string]int
	closed bool
}

// stream is one open stream.
type stream struct {
	who string
	end context.CancelFunc
}

func newStreams(most, each int) *streams {
	return &streams{max: most, each: each, open: map[*stream]struct{}{}, by: map[string]int{}}
}

// enter takes a place, or says which there are none of.
func (s *streams) enter(who string, end context.CancelFunc) (leave func(), err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closed:
		return nil, errEnding
	case s.by[who] >= s.each:
		return nil, errManyStreams("this person has", s.each)
	case len(s.open) >= s.max:
		return nil, errManyStreams("this server has", s.max)
	}
	st := &stream{who, end}
	s.open[st] = struct{}{}
	s.by[who]++
	return func() { s.leave(st) }, nil
}

func (s *streams) leave(st *stream) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.open, st)
	if s.by[st.who]--; s.by[st.who] == 0 {
		delete(s.by, st.who)
	}
}

func (s *streams) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.open)
}

// end ends all streams and lets no more in.
func (s *streams) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	for st := range s.open {
		st.end()
	}
}

// lastEvent is the id of the last event that a client has, -1 for none. What a
// browser sends by itself counts before what stands in the address.
func lastEvent(h http.Header, after string, given bool) (int64, error) {
	switch ids := h.Values("Last-Event-ID"); {
	case len(ids) > 1:
		return 0, errBadAfter
	case len(ids) == 1:
		after, given = ids[0], true
	}
	if !given {
		return -1, nil
	}
	n, err := strconv.ParseInt(after, 10, 64)
	if err != nil || n < 0 || strconv.FormatInt(n, 10) != after {
		return 0, errBadAfter
	}
	return n, nil
}

// events holds a stream of what moved. It tells ids and no text: the client
// asks for what it shows, and is shown what it may see then.
func (s *Server) events(c echo.Context) error {
	q, err := asked(c, "after", "component", "host", "project")
	if err != nil {
		return err
	}
	after, err := lastEvent(c.Request().Header, q.Get("after"), q.Has("after"))
	if err != nil {
		return err
	}
	if component := q.Get("component"); component != "" && !isEntity(component) {
		return errBadEntity
	}
	v := *viewerOf(c)
	ctx, cancel := context.WithCancel(c.Request().Context())
	defer cancel()
	leave, err := s.streams.enter(whoIs(v), cancel)
	if err != nil {
		return err
	}
	defer leave()
	ctx, stop := context.WithTimeout(ctx, v.Until.Sub(s.opts.Now()))
	defer stop()
	opening, opened := context.WithTimeout(ctx, s.opts.WriteTimeout/2)
	news, err := s.opts.API.Board.Subscribe(opening, v, board.NewsQuery{
		Place: board.Place{Entity: q.Get("component"), Host: q.Get("host"), Project: q.Get("project")}, After: after,
	})
	opened()
	if err != nil {
		return s.boardProblem(c, err)
	}
	w := eventWriter{c: c, rc: http.NewResponseController(c.Response())}
	if err := w.begin(news.Mark()); err != nil {
		return nil //nolint:nilerr // the client is gone
	}
	s.follow(ctx, v, news, &w)
	return nil
}

// follow writes news until the client, the proof or the server ends. It needs
// no goroutine of its own: between two beats it waits for the board.
func (s *Server) follow(ctx context.Context, v review.Viewer, news board.Stream, w *eventWriter) {
	for proven := s.opts.Now(); ; {
		// Before the wait for news, so that none are older than the proof when they
		// are written. While nobody can tell who it is, none are asked for.
		if s.opts.Now().Sub(proven) >= proofAge-beat {
			asked := s.opts.Now()
			same, err := s.still(ctx, w.c, v)
			switch {
			case err == nil && !same:
				return
			case err == nil:
				proven = asked
			case s.opts.Now().Sub(proven) >= proofAge:
				if w.write(nil, false, -1) != nil || !pause(ctx, beat) {
					return
				}
				continue
			}
		}
		wait, cancel := context.WithTimeout(ctx, beat)
		list, reset, err := news.Next(wait)
		idle := wait.Err() != nil
		cancel()
		if ctx.Err() != nil {
			return
		}
		if err != nil && !idle {
			s.warn.log(ctx, s.log, "cannot follow the news", "err", err)
			if !pause(ctx, errorWait) {
				return
			}
		}
		if err != nil {
			list, reset = nil, false
		}
		if err := w.write(list, reset, news.Mark()); err != nil {
			return
		}
	}
}

// pause waits; it returns false when ctx ends before that.
func pause(ctx context.Context, d time.Duration) bool {
	select {
	case <-time.After(d):
		return true
	case <-ctx.Done():
		return false
	}
}

// still reports whether it is still the same person with the same accounts who
// reads. The error says that nobody can tell now.
func (s *Server) still(ctx context.Context, c echo.Context, v review.Viewer) (bool, error) {
	token, _ := bearerOf(c.Request().Header)
	person, _ := personOf(c.Request().Header)
	now, err := s.ask(ctx, token, person)
	if r, refused := errors.AsType[*identity.RefusedError](err); refused {
		s.denied(c, Denial{Reason: string(r.Reason), Detail: r.Detail, Viewer: &v})
		return false, nil
	}
	if err != nil {
		return false, err
	}
	same := whoIs(now) == whoIs(v) && len(now.Accounts) == len(v.Accounts)
	for host, a := range now.Accounts {
		same = same && v.Accounts[host].ID == a.ID
	}
	return same, nil
}

// eventWriter writes events. It keeps nothing between two writes.
type eventWriter struct {
	c  echo.Context
	rc *http.ResponseController
}

// begin opens the stream and says where it is, so that who is cut off before
// the first event misses nothing.
func (w *eventWriter) begin(mark int64) error {
	h := w.c.Response().Header()
	h.Set(echo.HeaderContentType, "text/event-stream; charset=utf-8")
	h.Set("X-Accel-Buffering", "no")
	// The limits of a request are not those of a stream: each write has one.
	if err := w.rc.SetReadDeadline(time.Time{}); err != nil {
		return err
	}
	w.c.Response().WriteHeader(http.StatusOK)
	b := []byte("retry: 3000\n")
	if mark >= 0 {
		b = appendID(b, mark)
	}
	return w.send(append(b, '\n'))
}

// write writes news and up to where they go, or a beat when there are none. An
// id without data is no event, but what a client comes back with.
func (w *eventWriter) write(news []review.News, reset bool, mark int64) error {
	var b []byte
	last := int64(-1)
	if reset {
		b = append(b, "event: reset\ndata: {}\n\n"...)
	}
	for _, n := range news {
		b, last = appendEvent(b, n), n.Seq
		if len(b) >= maxBatch {
			if err := w.send(b); err != nil {
				return err
			}
			b = b[:0]
		}
	}
	switch {
	case mark > last:
		b = append(appendID(b, mark), '\n')
	case len(b) == 0 && len(news) > 0:
		return nil
	case len(b) == 0:
		b = append(b, ": ok\n\n"...)
	}
	return w.send(b)
}

func (w *eventWriter) send(b []byte) error {
	if err := w.rc.SetWriteDeadline(time.Now().Add(writeWait)); err != nil {
		return err
	}
	if _, err := w.c.Response().Write(b); err != nil {
		return err
	}
	return w.rc.Flush()
}

func appendID(b []byte, id int64) []byte {
	return append(strconv.AppendInt(append(b, "id: "...), id, 10), '\n')
}

// appendEvent writes one event. What is of a whole project, or a whole Gerrit,
// names nothing: the client reads again what it shows.
func appendEvent(b []byte, n review.News) []byte {
	b = appendID(b, n.Seq)
	if n.Change.Number == 0 {
		return append(b, "event: reload\ndata: {}\n\n"...)
	}
	b = append(b, "event: change\ndata: {\"id\":"...)
	id, _ := json.Marshal(n.Change.String()) // a string always can be
	b = append(b, id...)
	return append(b, "}\n\n"...)
}
