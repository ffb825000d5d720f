// SPDX-License-Identifier: Apache-2.0

package server

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"review-assistant/review"
)

// API is what the routes below /api/v1 serve but for builds. Zero values of
// numbers mean the defaults. Without token files and Identify there are none of
// them but the document.
type API struct {
	// TokenFiles hold one token each, in the current and the next generation.
	// Who has one sees builds and reports of all projects, and nothing of what
	// is for people.
	TokenFiles []string
	// Report tells what became of suggested reviewers. known is false for a
	// host that is not configured; an empty project means all. days is 30, 90
	// or 180.
	Report func(ctx context.Context, host, project string, days int) (report any, known bool, err error)

	// Board is what people see; nil for no such routes.
	Board Board
	// Identify finds out who sends a bearer token, or for whom a service does:
	// person is what [HeaderPerson] says, "" for nothing. An
	// [identity.RefusedError] becomes a 401 or a 403, all else a 503. It is
	// asked for every request, and each minute for an open stream.
	Identify func(ctx context.Context, bearer, person string) (review.Viewer, error)
	// MarkAllowed reports whether somebody may mark the failures of a project:
	// its owners do. Nil means that people may not.
	MarkAllowed func(ctx context.Context, v review.Viewer, host, project string) (bool, error)
	// Denied is told who was not let in, each kind once a minute; may be nil.
	Denied func(ctx context.Context, d Denial)
	// CursorKey seals where lists go on, at least 32 bytes, the same on all
	// replicas. Without one a random key serves until the server ends.
	CursorKey []byte

	Rate             float64 // requests of a person a second, default 50
	Burst            int     // at once, default 100
	MaxStreams       int     // of events in all, default 2000
	MaxViewerStreams int     // of events of one person, default 10
}

// reportDays maps what may be asked for to days. There is no free number: the
// difference of two reports must not tell a single day.
var reportDays = map[string]int{"": 90, "30": 30, "90": 90, "180": 180}

var (
	errNoToken     = newProblem(http.StatusUnauthorized, "not authorized", "the bearer token is missing or not valid", "send one of api.token_files as Authorization: Bearer TOKEN")
	errNoHost      = newProblem(http.StatusNotFound, "no such Gerrit", "host is not the id of a configured Gerrit", "give gerrit.id of the server's configuration as host")
	errBadDays     = newProblem(http.StatusBadRequest, "bad days", "days is not 30, 90 or 180", "leave it out for 90")
	errHostMissing = newProblem(http.StatusBadRequest, "which Gerrit", "host is missing", "this server has several: add host=ID, with gerrit.id of its configuration").because("no-host")
)

// base is where the API is.
const (
	base         = "/api/v1"
	documentPath = base + "/openapi.yaml"
)

// below reports whether a path is one of the API.
func below(path string) bool { return path == base || strings.HasPrefix(path, base+"/") }

// minCursorKey is in bytes.
const minCursorKey = 32

func (a API) withDefaults() (API, error) {
	a.Rate = orDefault(a.Rate, 50)
	a.Burst = orDefault(a.Burst, 100)
	a.MaxStreams = orDefault(a.MaxStreams, 2000)
	a.MaxViewerStreams = orDefault(a.MaxViewerStreams, 10)
	if len(a.CursorKey) == 0 {
		a.CursorKey = make([]byte, minCursorKey)
		_, _ = rand.Read(a.CursorKey) // never fails
	}
	if len(a.CursorKey) < minCursorKey {
		return a, fmt.Errorf("server: a cursor key has at least %d bytes, not %d", minCursorKey, len(a.CursorKey))
	}
	return a, nil
}

// look is how a route is read. HEAD is answered like GET, without the body.
var look = []string{http.MethodGet, http.MethodHead}

// api adds the routes below /api/v1.
func (s *Server) api(e *echo.Echo) {
	g := e.Group(base)
	g.Match(look, "/openapi.yaml", s.document)
	if s.opts.API.Report != nil && (s.bearers != nil || s.opts.API.Identify != nil) {
		g.Match(look, "/reviewers/report", s.report, s.reporter)
	}
	s.builds(g)
	s.failures(g)
	s.lists(g)
}

// frame gives every answer of the API its headers, and refuses what no route
// here answers. There is no CORS: pages of other origins get nothing.
func (s *Server) frame(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if !below(c.Request().URL.Path) {
			return next(c)
		}
		h := c.Response().Header()
		h.Set(echo.HeaderVary, "Authorization, "+HeaderPerson)
		h.Set(echo.HeaderXContentTypeOptions, "nosniff")
		h.Set(echo.HeaderContentSecurityPolicy, "default-src 'none'; frame-ancestors 'none'")
		h.Set(echo.HeaderCacheControl, "no-store")
		if c.Request().Method == http.MethodOptions {
			// The router would answer it by itself.
			if allow, known := c.Get(echo.ContextKeyHeaderAllow).(string); known {
				h.Set(echo.HeaderAllow, strings.TrimPrefix(allow, "OPTIONS, "))
				return echo.ErrMethodNotAllowed
			}
		}
		err := next(c)
		if he, is := errors.AsType[*echo.HTTPError](err); is && he.Code == http.StatusMethodNotAllowed {
			h.Set(echo.HeaderAllow, strings.TrimPrefix(h.Get(echo.HeaderAllow), "OPTIONS, "))
		}
		return err
	}
}

// reporter lets in who has one of API.TokenFiles, and people who run or
// oversee the bot.
func (s *Server) reporter(next echo.HandlerFunc) echo.HandlerFunc {
	person := s.viewer(review.RoleOperator, review.RoleAuditor)(next)
	return func(c echo.Context) error {
		token, bad := bearerOf(c.Request().Header)
		switch {
		case bad == "" && len(token) <= maxToken && s.bearers != nil && s.bearers.ok(token):
			if namesPerson(c.Request().Header) {
				return s.refuse(c, errForNobody)
			}
			return next(c)
		case s.opts.API.Identify != nil:
			return person(c)
		}
		c.Response().Header().Set(echo.HeaderWWWAuthenticate, "Bearer")
		return errNoToken
	}
}

func (s *Server) report(c echo.Context) error {
	q, err := asked(c, "host", "project", "days")
	if err != nil {
		return err
	}
	days, ok := reportDays[q.Get("days")]
	if !ok {
		return errBadDays
	}
	host := cmp.Or(q.Get("host"), s.onlyHost())
	if host == "" {
		return errHostMissing
	}
	ctx, cancel := s.within(c)
	defer cancel()
	report, known, err := s.opts.API.Report(ctx, host, q.Get("project"), days)
	switch {
	case err != nil:
		s.log.Warn("cannot report on reviewers", "err", err)
		return errNoAnswer.after(err)
	case !known:
		return errNoHost
	}
	return c.JSON(http.StatusOK, report)
}
