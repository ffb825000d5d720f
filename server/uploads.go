// SPDX-License-Identifier: Apache-2.0

package server

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"
)

// Resumable uploads, the core of the IETF's draft "Resumable Uploads for HTTP":
// POST begins one, HEAD tells how far it is, PATCH appends, DELETE ends it.

// Headers of the draft.
const (
	headerComplete = "Upload-Complete" // ?0 or ?1
	headerOffset   = "Upload-Offset"
	headerLength   = "Upload-Length"
	headerLimit    = "Upload-Limit"
)

const partialUpload = "application/partial-upload"

var (
	errNoSpool = newProblem(http.StatusNotImplemented, "no uploads in parts", "this server keeps no parts of uploads",
		"send the build in one request, or ask the operator to set builds.spool to a folder")
	errNotPartial = newProblem(http.StatusUnsupportedMediaType, "not a part", "the content type of a part has to be "+partialUpload, "send it with Content-Type: "+partialUpload)
	errPartCoding = newProblem(http.StatusUnsupportedMediaType, "encoded part", "parts have no encoding of their own", "name the encoding of the whole in the POST that begins the upload")
	errComplete   = newProblem(http.StatusBadRequest, "upload complete", "the upload was complete before", "none: the build was taken")
)

func badHeader(name, want string) *problem {
	return newProblem(http.StatusBadRequest, "bad header", name+" is not "+want, "the documentation shows an upload with curl")
}

// flag reads a boolean header.
func flag(r *http.Request, name string) (value, given bool, err error) {
	switch strings.TrimSpace(r.Header.Get(name)) {
	case "":
		return false, false, nil
	case "?0":
		return false, true, nil
	case "?1":
		return true, true, nil
	}
	return false, false, badHeader(name, "?0 or ?1")
}

// number reads a header that is a number of bytes, -1 for none.
func number(r *http.Request, name string) (int64, error) {
	s := strings.TrimSpace(r.Header.Get(name))
	if s == "" {
		return -1, nil
	}
	n, err := strconv.ParseUint(s, 10, 53)
	if err != nil {
		return 0, badHeader(name, "a number of bytes")
	}
	return int64(n), nil
}

// createUpload begins an upload with what the body has, which may be nothing.
func (s *Server) createUpload(c echo.Context, query url.Values, gz bool) error {
	spool := s.opts.Builds.Spool
	if spool == nil {
		return errNoSpool
	}
	if check := s.opts.Builds.Check; check != nil {
		if err := check(query); err != nil {
			return s.pushProblem(grantOf(c), err)
		}
	}
	length, err := number(c.Request(), headerLength)
	if err != nil {
		return err
	}
	max := s.opts.Builds.MaxBody
	if length > max {
		return errPushLarge(max, "as it is sent")
	}
	u, err := spool.create(uploadMeta{By: grantOf(c).name, Query: query.Encode(), Gzip: gz, Length: length})
	if err != nil {
		return s.spoolProblem(err)
	}
	defer u.giveBack()
	if err := u.write(s.wire(c), max); err != nil {
		u.remove() // its name was never told
		return s.spoolProblem(err)
	}
	h := c.Response().Header()
	h.Set(echo.HeaderLocation, "/api/v1/builds/uploads/"+u.id)
	s.tellUpload(h, u)
	return c.NoContent(http.StatusCreated)
}

func (s *Server) tellUpload(h http.Header, u *upload) {
	h.Set(headerOffset, strconv.FormatInt(u.size, 10))
	h.Set(headerComplete, "?0")
	if u.Answer != nil {
		h.Set(headerComplete, "?1")
	}
	if u.Length >= 0 {
		h.Set(headerLength, strconv.FormatInt(u.Length, 10))
	}
	b := &s.opts.Builds
	left := max(u.Created.Add(b.Spool.opts.MaxAge).Sub(b.Spool.opts.Now()), 0)
	h.Set(headerLimit, fmt.Sprintf("max-size=%d, max-age=%d", b.MaxBody, int(left.Seconds())))
}

// spoolProblem logs what the sender cannot mend.
func (s *Server) spoolProblem(err error) error {
	p, is := err.(*problem) //nolint:errorlint // one that is wrapped comes with a cause to log
	if is {
		return p
	}
	s.log.Error("cannot spool an upload", "err", err)
	return errSpoolFull
}

// uploadState tells how far an upload is.
func (s *Server) uploadState(c echo.Context) error {
	if s.opts.Builds.Spool == nil {
		return errNoSpool
	}
	u, err := s.opts.Builds.Spool.state(c.Param("id"), grantOf(c).name)
	if err != nil {
		return err
	}
	s.tellUpload(c.Response().Header(), &u)
	return c.NoContent(http.StatusNoContent)
}

// cancelUpload forgets an upload.
func (s *Server) cancelUpload(c echo.Context) error {
	if s.opts.Builds.Spool == nil {
		return errNoSpool
	}
	u, err := s.opts.Builds.Spool.hold(c.Param("id"), grantOf(c).name)
	if err != nil {
		return err
	}
	u.remove()
	return c.NoContent(http.StatusNoContent)
}

// appendUpload takes the next part, and the build when it was the last one.
func (s *Server) appendUpload(c echo.Context) error {
	r := c.Request()
	complete, given, err := flag(r, headerComplete)
	switch {
	case s.opts.Builds.Spool == nil:
		return errNoSpool
	case err != nil:
		return err
	case !given:
		return badHeader(headerComplete, "?0 or ?1")
	case r.Header.Get(echo.HeaderContentType) != partialUpload:
		return errNotPartial
	case r.Header.Get(echo.HeaderContentEncoding) != "":
		return errPartCoding
	}
	offset, err := number(r, headerOffset)
	if err != nil {
		return err
	}
	leave, err := s.enterPush(grantOf(c))
	if err != nil {
		return err
	}
	defer leave()
	u, err := s.opts.Builds.Spool.hold(c.Param("id"), grantOf(c).name)
	if err != nil {
		return err
	}
	defer u.giveBack()
	h := c.Response().Header()
	s.tellUpload(h, u)
	switch {
	case offset != u.size:
		p := newProblem(http.StatusConflict, "another offset", fmt.Sprintf("the upload is at byte %d", u.size), "go on from there, as Upload-Offset says")
		p.Type = "https://iana.org/assignments/http-problem-types#mismatching-upload-offset"
		return p
	case u.Answer != nil && complete && r.ContentLength == 0:
		return answerTaken(c, *u.Answer) // the first answer did not arrive
	case u.Answer != nil:
		return errComplete
	}
	err = u.write(s.wire(c), s.opts.Builds.MaxBody)
	s.tellUpload(h, u)
	switch {
	case err != nil:
		return s.spoolProblem(err)
	case !complete:
		return c.NoContent(http.StatusNoContent)
	case u.Length >= 0 && u.size != u.Length:
		return newProblem(http.StatusBadRequest, "shorter than announced", fmt.Sprintf("Upload-Length says %d bytes, and %d came", u.Length, u.size), "send the rest from Upload-Offset on")
	}
	return s.finishUpload(c, u)
}

// finishUpload processes an upload as if it had come at once.
func (s *Server) finishUpload(c echo.Context, u *upload) error {
	query, err := url.ParseQuery(u.Query)
	if err != nil {
		return s.spoolProblem(fmt.Errorf("read a spooled query: %w", err))
	}
	f, err := u.open()
	if err != nil {
		return s.spoolProblem(fmt.Errorf("read a spooled upload: %w", err))
	}
	defer f.Close()
	taken, err := s.take(c, query, f, u.Gzip)
	if err != nil {
		// What cannot be mended by asking again is not kept.
		if p, ok := errors.AsType[*problem](err); !ok || p.Status != http.StatusServiceUnavailable {
			u.remove()
		}
		return err
	}
	if err := u.finish(taken); err != nil {
		s.log.Error("cannot forget an upload that was taken", "err", err)
	}
	c.Response().Header().Set(headerComplete, "?1")
	return answerTaken(c, taken)
}
