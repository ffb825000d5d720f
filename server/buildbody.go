// SPDX-License-Identifier: Apache-2.0

package server

import (
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
)

var (
	errPushSlow   = newProblem(http.StatusRequestTimeout, "too slow", "the body stopped, or took too long as a whole", "send it again, in parts by the resumable protocol where the line is bad")
	errPushBroken = newProblem(http.StatusBadRequest, "broken body", "the body ended before its end", "send it again; a resumable upload goes on at the offset that HEAD tells")
	errPushGzip   = newProblem(http.StatusBadRequest, "broken gzip", "the body says that it is gzip and cannot be unpacked", "compress it again, or send it as it is")
	errPushBomb   = newProblem(http.StatusRequestEntityTooLarge, "grows too much", fmt.Sprintf("the body grows more than %d times when it is unpacked", maxRatio), "send the part of the log around the failure")
	errPushCoding = newProblem(http.StatusUnsupportedMediaType, "encoded body", "only gzip is accepted as a content encoding", "send the body as it is, or with Content-Encoding: gzip")
)

func errPushLarge(max int64, what string) *problem {
	return newProblem(http.StatusRequestEntityTooLarge, "body too large", fmt.Sprintf("the body has more than %d bytes %s", max, what), "send the part of the log around the failure, or the report of the tests alone")
}

// Text of builds shrinks to between a fifth and a thirtieth. Beyond maxRatio a
// body was made to grow; below ratioFrom bytes of text it does not matter.
const (
	maxRatio  = 200
	ratioFrom = 8 << 20
)

// wire is the body of a push as it comes. The server's timeouts are made for
// webhooks, so it has its own: one for a silence, one for the whole.
type wire struct {
	src   io.Reader
	conn  *http.ResponseController
	stall time.Duration
	end   time.Time
	left  int64 // bytes that may still come
	max   int64
	err   error
}

func (s *Server) wire(c echo.Context) *wire {
	b := &s.opts.Builds
	w := &wire{
		src: c.Request().Body, conn: http.NewResponseController(c.Response()), stall: b.Stall,
		end: time.Now().Add(b.Timeout), left: b.MaxBody, max: b.MaxBody,
	}
	// Where deadlines cannot be set there are none to extend.
	_ = w.conn.SetWriteDeadline(w.end.Add(s.opts.WriteTimeout))
	return w
}

func (w *wire) Read(p []byte) (int, error) {
	if w.err != nil {
		return 0, w.err
	}
	until := time.Now().Add(w.stall)
	if until.After(w.end) {
		until = w.end
	}
	_ = w.conn.SetReadDeadline(until)
	n, err := w.src.Read(p)
	w.left -= int64(n)
	switch {
	case w.left < 0:
		n, err = 0, errPushLarge(w.max, "as it is sent")
	case err == io.EOF:
		// The server goes on reading to see whether the client leaves, which
		// must not look like a silence.
		_ = w.conn.SetReadDeadline(w.end.Add(w.stall))
	case errors.Is(err, os.ErrDeadlineExceeded):
		err = errPushSlow
	case err != nil:
		err = errPushBroken
	}
	w.err = err
	return n, err
}

// packed reports whether a request's body is gzip.
func packed(r *http.Request) (bool, error) {
	switch enc := r.Header.Get(echo.HeaderContentEncoding); {
	case enc == "", strings.EqualFold(enc, "identity"):
		return false, nil
	case strings.EqualFold(enc, "gzip"):
		return true, nil
	}
	return false, errPushCoding
}

// pushed is the text of a push, unpacked within limits. It remembers what went
// wrong here, whatever the reader makes of it.
type pushed struct {
	raw    io.Reader
	text   io.Reader // nil before the first read
	gzip   bool
	sent   int64 // bytes of raw
	n, max int64 // bytes of text
	err    *problem
}

func (p *pushed) Read(b []byte) (int, error) {
	if p.err != nil {
		return 0, p.err
	}
	if p.text == nil {
		if p.text = readerFunc(p.read); p.gzip {
			unpack, err := gzip.NewReader(p.text)
			if err == io.EOF {
				err = io.ErrUnexpectedEOF // nothing is no archive of nothing
			}
			if err != nil {
				return 0, p.note(err)
			}
			p.text = unpack
		}
	}
	n, err := p.text.Read(b)
	p.n += int64(n)
	switch {
	case p.n > p.max:
		n, err = 0, errPushLarge(p.max, "when it is unpacked")
	case p.gzip && p.n > ratioFrom && p.n > maxRatio*p.sent:
		n, err = 0, errPushBomb
	}
	return n, p.note(err)
}

// note keeps an error as a problem. The end is none.
func (p *pushed) note(err error) error {
	if err == nil || err == io.EOF {
		return err
	}
	ok := false
	if p.err, ok = errors.AsType[*problem](err); !ok {
		p.err = errPushGzip // all else has a problem from where it was met
	}
	return p.err
}

func (p *pushed) read(b []byte) (int, error) {
	n, err := p.raw.Read(b)
	p.sent += int64(n)
	if _, ok := errors.AsType[*problem](err); err != nil && err != io.EOF && !ok {
		err = errPushLater // of our own disk
	}
	return n, err
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(b []byte) (int, error) { return f(b) }
