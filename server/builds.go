// SPDX-License-Identifier: Apache-2.0

package server

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/labstack/echo/v4"

	"review-assistant/review"
)

// BuildsAPI is what the routes below /api/v1/builds serve. Zero values of
// numbers and times mean the defaults.
type BuildsAPI struct {
	Tokens []BuildToken
	// Take makes a record of a pushed build. It reads the body as it comes.
	// [review.DeniedError] becomes a 403, [review.GoneError] a 404 (no such
	// host or project), [review.RejectedError] a 422 whose text the sender
	// sees, and all else a 503. Nil means that nothing can be pushed.
	Take func(ctx context.Context, p BuildPush) (BuildTaken, error)
	// Check says what is wrong with the parameters of an upload in parts before
	// its first byte; nil for nothing.
	Check func(query url.Values) error
	// Spool keeps the parts of resumable uploads; nil for none of them.
	Spool *Spool

	MaxBody   int64         // bytes as they are sent, default 64 MiB
	MaxText   int64         // bytes unpacked, default 256 MiB
	MaxPushes int           // bodies at once, default 8; of one token half of them
	Timeout   time.Duration // of one request, default 5 min
	Stall     time.Duration // between two bytes of a body, default 15 s
}

// BuildPush is a build as somebody pushes it. Nothing of it is scrubbed.
type BuildPush struct {
	By string // the name of the token
	// Query holds the parameters, each at most once and one line of at most
	// 2 KiB. What they mean together is for Take to say.
	Query url.Values
	Body  io.Reader
	// Allowed reports whether the token is for a project. It was asked already
	// where the query names host and project.
	Allowed func(host, project string) bool
}

// BuildTaken says what became of a push.
type BuildTaken struct {
	Key       string             `json:"key"` // of the build, for good
	Host      string             `json:"host"`
	Project   string             `json:"project"`
	Result    review.BuildResult `json:"result"`
	Failures  int                `json:"failures"`
	Dropped   int                `json:"dropped,omitempty"` // failures beyond those that are kept
	Duplicate bool               `json:"duplicate"`         // the same run was known
}

// What may be asked with a push.
var (
	pushParameters = []string{
		"format", "host", "project", "change", "patch_set", "branch", "job", "pipeline", "result", "url", "log_url",
		"node", "base", "started", "ended", "optional", "tests_ran", "id",
	}
	pushFormats = []string{"junit", "sarif", "go-test", "log", "json"}
)

const maxParameter = 2 << 10 // bytes

var (
	errOtherProject = newProblem(http.StatusForbidden, "not allowed", "the token is not for this project", "ask the operator to name it in builds.tokens.projects")
	errNoProject    = newProblem(http.StatusNotFound, "no such project", "host and project name none that this server knows, or one that has not opted in", "give gerrit.id of the server's configuration as host, and the project's name as Gerrit has it")
	errManyPushes   = later("as many builds are being sent as this server takes at once, of all or of this token")
	errPushLater    = newProblem(http.StatusServiceUnavailable, "not available now", "the build could not be stored, or Gerrit did not tell whether it may be", "send it again later; a resumable upload is kept").again(30 * time.Second)
)

func (b BuildsAPI) withDefaults() BuildsAPI {
	b.MaxBody = orDefault(b.MaxBody, 64<<20)
	b.MaxText = orDefault(b.MaxText, 256<<20)
	b.MaxPushes = orDefault(b.MaxPushes, 8)
	b.Timeout = orDefault(b.Timeout, 5*time.Minute)
	b.Stall = orDefault(b.Stall, 15*time.Second)
	return b
}

// builds adds the routes below /api/v1/builds.
func (s *Server) builds(g *echo.Group) {
	if s.opts.Builds.Take == nil || len(s.grants) == 0 {
		return
	}
	push := s.grant(RightPush)
	g.POST("/builds", s.pushBuild, push)
	g.HEAD("/builds/uploads/:id", s.uploadState, push, bare)
	g.PATCH("/builds/uploads/:id", s.appendUpload, push, bare)
	g.DELETE("/builds/uploads/:id", s.cancelUpload, push, bare)
}

// pushBuild takes a build in one request, or begins an upload in parts.
func (s *Server) pushBuild(c echo.Context) error {
	query, err := pushQuery(c.Request().URL.RawQuery)
	if err != nil {
		return s.refused(err)
	}
	g := grantOf(c)
	if host, project := query.Get("host"), query.Get("project"); host != "" && project != "" && !g.allows(host, project) {
		return s.refused(errOtherProject)
	}
	gz, err := packed(c.Request())
	if err != nil {
		return s.refused(err)
	}
	if max := s.opts.Builds.MaxBody; c.Request().ContentLength > max {
		return s.refused(errPushLarge(max, "as it is sent"))
	}
	complete, given, err := flag(c.Request(), headerComplete)
	if err != nil {
		return s.refused(err)
	}
	leave, err := s.enterPush(g)
	if err != nil {
		return s.refused(err)
	}
	defer leave()
	if given && !complete {
		return s.createUpload(c, query, gz)
	}
	taken, err := s.take(c, query, s.wire(c), gz)
	if err != nil {
		return err
	}
	return answerTaken(c, taken)
}

func answerTaken(c echo.Context, t BuildTaken) error {
	if t.Duplicate {
		return c.JSON(http.StatusOK, t)
	}
	return c.JSON(http.StatusCreated, t)
}

// enterPush takes one of the places for bodies. They are not those of webhooks,
// and no token gets all of them.
func (s *Server) enterPush(g *grant) (leave func(), err error) {
	select {
	case g.places <- struct{}{}:
	default:
		return nil, errManyPushes
	}
	select {
	case s.pushes <- struct{}{}:
		return func() { <-s.pushes; <-g.places }, nil
	default:
		<-g.places
		return nil, errManyPushes
	}
}

// take gives a body to Take and counts what became of it.
func (s *Server) take(c echo.Context, query url.Values, raw io.Reader, gz bool) (BuildTaken, error) {
	b, g := &s.opts.Builds, grantOf(c)
	ctx, cancel := context.WithTimeout(c.Request().Context(), b.Timeout)
	defer cancel()
	body := &pushed{raw: raw, gzip: gz, max: b.MaxText}
	taken, err := b.Take(ctx, BuildPush{By: g.name, Query: query, Body: body, Allowed: g.allows})
	switch {
	case body.err != nil:
		return BuildTaken{}, s.refused(body.err)
	case err != nil:
		return BuildTaken{}, s.refused(s.pushProblem(g, err))
	case taken.Duplicate:
		s.metrics.BuildPushed("duplicate")
	default:
		s.metrics.BuildPushed("taken")
	}
	s.log.Info("build pushed", "by", g.name, "host", taken.Host, "key", taken.Key, "failures", taken.Failures, "duplicate", taken.Duplicate)
	return taken, nil
}

// refused counts a push that was not taken.
func (s *Server) refused(err error) error {
	result := "unavailable"
	if p, ok := errors.AsType[*problem](err); ok {
		switch p.Status {
		case http.StatusForbidden, http.StatusNotFound:
			result = "denied"
		case http.StatusRequestTimeout:
			result = "slow"
		case http.StatusRequestEntityTooLarge:
			result = "too_large"
		case http.StatusTooManyRequests:
			result = "overload"
		case http.StatusBadRequest, http.StatusUnsupportedMediaType, http.StatusUnprocessableEntity:
			result = "malformed"
		}
	}
	s.metrics.BuildPushed(result)
	return err
}

// pushProblem turns an error of Take into an answer.
func (s *Server) pushProblem(g *grant, err error) *problem {
	switch {
	case review.IsDenied(err):
		return errOtherProject
	case review.IsGone(err):
		return errNoProject
	case review.IsRejected(err):
		return newProblem(http.StatusUnprocessableEntity, "build not understood", told(err), "mend the report or the parameters; the documentation has both")
	}
	s.log.Warn("pushed build not stored", "by", g.name, "err", err)
	return errPushLater.after(err)
}

// told is an error as its sender may read it: one line without controls.
func told(err error) string {
	s := strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(err.Error(), "?"))
	if len(s) > 500 {
		s = strings.ToValidUTF8(s[:500], "") + "…"
	}
	return s
}

// pushQuery reads the parameters. A misspelt one is told of, not dropped: what
// it would have said is missing in the record for good.
func pushQuery(raw string) (url.Values, error) {
	query, err := readQuery(raw, pushParameters)
	if err == nil && !slices.Contains(pushFormats, query.Get("format")) {
		err = badParameter(pushParameters, "format is not one of %s", strings.Join(pushFormats, ", "))
	}
	return query, err
}
