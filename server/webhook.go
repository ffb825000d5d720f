// SPDX-License-Identifier: Apache-2.0

package server

import (
	"bytes"
	"context"
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"review-assistant/review"
)

// Results of a webhook, as counted.
const (
	hookAccepted    = "accepted"
	hookIgnored     = "ignored"
	hookDenied      = "denied"
	hookTooLarge    = "too_large"
	hookUnsupported = "unsupported"
	hookMalformed   = "malformed"
	hookOverload    = "overload"
	hookUnavailable = "unavailable"
)

// webhook takes one event of Gerrit.
func (s *Server) webhook(c echo.Context) error {
	host := c.Param("host")
	if !s.authorized(host, c.Request()) {
		s.metrics.Event("", hookDenied)
		s.warn.log(c.Request().Context(), s.log, "webhook denied", "remote", c.RealIP())
		if s.basic {
			c.Response().Header().Set(echo.HeaderWWWAuthenticate, `Basic realm="review-assistant"`)
		}
		return errDenied
	}
	select {
	case s.hooks <- struct{}{}:
		defer func() { <-s.hooks }()
	default:
		s.metrics.Event("", hookOverload)
		return errOverload
	}
	if s.opts.Overload != nil && s.opts.Overload() {
		s.metrics.Event("", hookOverload)
		return errOverload
	}
	body, result, err := s.body(c)
	if err != nil {
		s.metrics.Event("", result)
		return err
	}
	e, err := s.opts.Decode(body)
	if err != nil {
		// The error may quote the body, so it is not logged.
		s.metrics.Event("", hookMalformed)
		return errMalformed
	}
	e.Host = host
	return s.accept(c, e)
}

// authorized checks the token. An unknown host costs and shows the same as a
// wrong token.
func (s *Server) authorized(host string, r *http.Request) bool {
	token := r.URL.Query().Get("token")
	t, known := s.hosts[host]
	if _, password, ok := r.BasicAuth(); ok && token == "" && known && s.opts.Hosts[host].Basic {
		token = password
	}
	if len(token) > maxToken {
		return false
	}
	if !known {
		t = new(tokens)
	}
	return t.ok(token) && known
}

// body reads a JSON body of bounded length. Compressed ones are refused: a
// small one may hold a large one, and Gerrit sends none.
func (s *Server) body(c echo.Context) (body []byte, result string, err error) {
	r := c.Request()
	kind, _, err := mime.ParseMediaType(r.Header.Get(echo.HeaderContentType))
	if err != nil || kind != echo.MIMEApplicationJSON {
		return nil, hookUnsupported, errNotJSON
	}
	if enc := r.Header.Get(echo.HeaderContentEncoding); enc != "" && !strings.EqualFold(enc, "identity") {
		return nil, hookUnsupported, errEncoded
	}
	if r.ContentLength > s.opts.MaxBody {
		return nil, hookTooLarge, errTooLarge
	}
	var buf bytes.Buffer
	buf.Grow(int(max(r.ContentLength, 0)) + bytes.MinRead)
	_, err = io.Copy(&buf, http.MaxBytesReader(c.Response(), r.Body, s.opts.MaxBody))
	if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
		return nil, hookTooLarge, errTooLarge
	}
	if err != nil {
		return nil, hookMalformed, errMalformed
	}
	return buf.Bytes(), "", nil
}

func (s *Server) accept(c echo.Context, e review.Event) error {
	ctx, cancel := context.WithTimeout(c.Request().Context(), s.opts.AcceptTimeout)
	defer cancel()
	accepted, why, err := s.opts.Accept(ctx, e)
	switch {
	case err != nil:
		s.metrics.Event(e.Type, hookUnavailable)
		s.log.Error("webhook not stored; the sender is asked to try again", "host", e.Host, "event", string(e.Type), "err", err)
		return errUnavailable
	case accepted:
		s.metrics.Event(e.Type, hookAccepted)
	default:
		s.metrics.Event(e.Type, hookIgnored)
	}
	s.log.Debug("webhook", "host", e.Host, "event", string(e.Type), "accepted", accepted, "reason", why)
	return c.NoContent(http.StatusAccepted)
}
