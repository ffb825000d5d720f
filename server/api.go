// SPDX-License-Identifier: Apache-2.0

package server

import (
	"context"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"
)

// API is what the routes below /api/v1 serve but for builds. Without token
// files there are none of them.
type API struct {
	// TokenFiles hold one token each, in the current and the next generation.
	// Who has one sees what is served here of all projects.
	TokenFiles []string
	// Report tells what became of suggested reviewers. known is false for a
	// host that is not configured; an empty project means all. days is 30, 90
	// or 180.
	Report func(ctx context.Context, host, project string, days int) (report any, known bool, err error)
}

// reportDays maps what may be asked for to days. There is no free number: the
// difference of two reports must not tell a single day.
var reportDays = map[string]int{"": 90, "30": 30, "90": 90, "180": 180}

var (
	errNoToken  = newProblem(http.StatusUnauthorized, "not authorized", "the bearer token is missing or not valid", "send one of api.token_files as Authorization: Bearer TOKEN")
	errNoHost   = newProblem(http.StatusNotFound, "no such Gerrit", "host is not the id of a configured Gerrit", "give gerrit.id of the server's configuration as host")
	errBadDays  = newProblem(http.StatusBadRequest, "bad days", "days is not 30, 90 or 180", "leave it out for 90")
	errNoReport = newProblem(http.StatusServiceUnavailable, "not available now", "the store or Gerrit does not answer; the server's log says which", "ask again later")
)

// api adds the routes below /api/v1.
func (s *Server) api(e *echo.Echo) {
	g := e.Group("/api/v1")
	if s.bearers != nil && s.opts.API.Report != nil {
		g.GET("/reviewers/report", s.report, s.bearer)
	}
	s.builds(g)
	s.failures(g)
}

// bearer lets in who has a token.
func (s *Server) bearer(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		scheme, token, _ := strings.Cut(c.Request().Header.Get(echo.HeaderAuthorization), " ")
		if !strings.EqualFold(scheme, "bearer") || len(token) > maxToken || !s.bearers.ok(token) {
			c.Response().Header().Set(echo.HeaderWWWAuthenticate, "Bearer")
			return errNoToken
		}
		c.Response().Header().Set(echo.HeaderCacheControl, "no-store")
		return next(c)
	}
}

func (s *Server) report(c echo.Context) error {
	days, ok := reportDays[c.QueryParam("days")]
	if !ok {
		return errBadDays
	}
	ctx, cancel := context.WithTimeout(c.Request().Context(), s.opts.WriteTimeout/2)
	defer cancel()
	report, known, err := s.opts.API.Report(ctx, c.QueryParam("host"), c.QueryParam("project"), days)
	switch {
	case err != nil:
		s.log.Warn("cannot report on reviewers", "err", err)
		return errNoReport
	case !known:
		return errNoHost
	}
	return c.JSON(http.StatusOK, report)
}
