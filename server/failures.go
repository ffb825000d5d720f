// SPDX-License-Identifier: Apache-2.0

package server

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"review-assistant/review"
)

// FailuresAPI is what the routes about failures serve. All may be nil: then
// there is no such route. A [review.GoneError] of theirs becomes a 404, a
// [review.RejectedError] a 422 with its text, all else a 503.
type FailuresAPI struct {
	// Clusters returns the open failures of a project, or of a part of it, the most
	// worth mending first.
	Clusters func(ctx context.Context, of review.Source, limit int) (any, error)
	// Builds returns what CI said of one behind a sequence number, or the newest
	// for -1, in the order in which it was kept, how many that are, and where to go on.
	Builds func(ctx context.Context, of review.Source, after int64, limit int) (list any, n int, next int64, err error)
	// Mark keeps what somebody says of a cluster: the holder of a token by its
	// name, or a person, whose name by is too.
	Mark func(ctx context.Context, by string, v *review.Viewer, m BuildMark) error
}

// BuildMark is what somebody says of a cluster.
type BuildMark struct {
	Host        string `json:"host"`
	Project     string `json:"project"`
	Fingerprint string `json:"-"`  // of the path
	As          string `json:"as"` // flaky, infra, fixed or none
	Note        string `json:"note"`
	Link        string `json:"link"`
}

const (
	maxMark   = 8 << 10 // bytes of a request
	maxPage   = 500
	pageLimit = 50
	// maxWait is how long a request for news is held, in seconds.
	maxWait = 25
	// waitEach is how often a held request looks.
	waitEach = time.Second
	// maxWaiting is how many requests are held at once.
	maxWaiting = 256
)

var (
	errNoEntity = newProblem(http.StatusNotFound, "no such component", "the catalog has no such entity, or none whose code is in a configured Gerrit",
		"write its kind, namespace and name as the catalog has them, and annotate it with its project")
	errWhichHost = newProblem(http.StatusBadRequest, "which Gerrit", "the entity does not say which of several Gerrits it is in", "add host=ID, with gerrit.id of the server's configuration").because("no-host")
	errBadMark   = newProblem(http.StatusBadRequest, "bad mark", "the body is not the JSON of one mark, or has more than 8 KiB", `send {"host":"ID","project":"NAME","as":"flaky"}, with note and link if you like`)
	errBadPage   = newProblem(http.StatusBadRequest, "bad page", "limit, after or wait is no number in range", "use limit from 1 to 500, after from an earlier answer or -1 for the newest, wait up to 25 seconds")
	errWaiting   = later("as many requests as this server holds wait for news already")
)

// failures adds the routes about failures and builds. People have them too,
// but for the list of builds, where each row would need a look at Gerrit.
func (s *Server) failures(g *echo.Group) {
	f := &s.opts.Failures
	tokens, people := len(s.grants) > 0, s.people()
	read := s.either(RightRead)
	if people || tokens && f.Clusters != nil {
		g.Match(look, "/builds/clusters", s.clusters, read)
	}
	if people || tokens && s.opts.Source != nil && f.Clusters != nil {
		g.Match(look, "/components/:kind/:namespace/:name/failures", s.clusters, read)
	}
	if tokens && f.Builds != nil {
		g.GET("/builds", s.buildList, s.grant(RightRead))
	}
	if tokens && s.opts.Source != nil && f.Builds != nil {
		g.GET("/components/:kind/:namespace/:name/builds", s.buildList, s.grant(RightRead))
	}
	if f.Mark != nil && (tokens || people && s.opts.API.MarkAllowed != nil) {
		g.POST("/builds/clusters/:fingerprint/mark", s.mark, s.either(RightMark))
	}
}

// place is the project that a request is about, or what of it.
func (s *Server) place(c echo.Context, q url.Values) (review.Source, error) {
	of := review.Source{Host: q.Get("host"), Project: q.Get("project")}
	if c.Param("name") != "" {
		ref, err := entityIn(c)
		if err != nil {
			return of, err
		}
		src, known := s.opts.Source(ref)
		if !known || src.Project == "" || src.Host != "" && of.Host != "" && of.Host != src.Host {
			return of, errNoEntity
		}
		src.Host = cmp.Or(src.Host, of.Host)
		if of = src; of.Host == "" && len(s.opts.Hosts) > 1 {
			return of, errWhichHost
		}
	}
	of.Host = cmp.Or(of.Host, s.onlyHost())
	if _, known := s.opts.Hosts[of.Host]; !known || of.Project == "" {
		return of, errNoProject
	}
	if !grantOf(c).allows(of.Host, of.Project) {
		return of, errOtherProject
	}
	return of, nil
}

// onlyHost is the id of the Gerrit where there is one, "" where there are more.
func (s *Server) onlyHost() string {
	if len(s.opts.Hosts) == 1 {
		for id := range s.opts.Hosts {
			return id
		}
	}
	return ""
}

// askedOf reads the query of a program about a place, where a component names its
// project.
func askedOf(c echo.Context, more ...string) (url.Values, error) {
	if c.Param("name") == "" {
		more = append(more, "project")
	}
	return asked(c, append(more, "host", "limit")...)
}

// pageNumber reads a number of the query of a program.
func pageNumber(q url.Values, name string, otherwise, low, high int64) (int64, error) {
	v := q.Get(name)
	if v == "" {
		return otherwise, nil
	}
	n, err := strconv.ParseInt(v, 10, 64)
	if err != nil || n < low || n > high {
		return 0, errBadPage
	}
	return n, nil
}

func (s *Server) clusters(c echo.Context) error {
	if v := viewerOf(c); v != nil {
		return s.failuresFor(c, *v)
	}
	if s.opts.Failures.Clusters == nil || c.Param("name") != "" && s.opts.Source == nil {
		return errNoProject
	}
	q, err := askedOf(c)
	if err != nil {
		return err
	}
	of, err := s.place(c, q)
	if err != nil {
		return err
	}
	limit, err := pageNumber(q, "limit", pageLimit, 1, maxPage)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(c.Request().Context(), s.opts.WriteTimeout*2/3)
	defer cancel()
	list, err := s.opts.Failures.Clusters(ctx, of, int(limit))
	if err != nil {
		return s.failuresProblem(err)
	}
	return c.JSON(http.StatusOK, failuresAnswer{Host: of.Host, Project: of.Project, Clusters: list})
}

// failuresAnswer is the answer about open failures.
type failuresAnswer struct {
	// Host, Project and Mode are missing where nothing is told of whose code it is.
	Host     string `json:"host,omitempty"`
	Project  string `json:"project,omitempty"`
	Mode     string `json:"mode,omitempty"`
	Builds   *bool  `json:"builds,omitempty"` // the project wants builds looked at; missing where Mode is
	Clusters any    `json:"clusters"`
}

// buildsAnswer is the answer about builds.
type buildsAnswer struct {
	Host    string `json:"host"`
	Project string `json:"project"`
	Builds  any    `json:"builds"`
	Next    int64  `json:"next"` // the after of the next request
}

// buildList answers what is behind a mark. With wait it is held until there is
// something, so that a reader sees builds as they happen.
func (s *Server) buildList(c echo.Context) error {
	q, err := askedOf(c, "after", "wait")
	if err != nil {
		return err
	}
	of, err := s.place(c, q)
	if err != nil {
		return err
	}
	after, err := pageNumber(q, "after", 0, -1, 1<<62)
	limit, err2 := pageNumber(q, "limit", pageLimit, 1, maxPage)
	wait, err3 := pageNumber(q, "wait", 0, 0, maxWait)
	if err := errors.Join(err, err2, err3); err != nil {
		return errBadPage
	}
	if wait > 0 {
		select {
		case s.waiting <- struct{}{}:
			defer func() { <-s.waiting }()
		default:
			return errWaiting
		}
		// A held answer outlives the usual limit of writing one.
		if err := http.NewResponseController(c.Response()).SetWriteDeadline(time.Now().Add(time.Duration(wait)*time.Second + s.opts.WriteTimeout)); err != nil {
			wait = 0
		}
	}
	ctx, cancel := context.WithTimeout(c.Request().Context(), time.Duration(wait)*time.Second+s.opts.WriteTimeout*2/3)
	defer cancel()
	until := time.NewTimer(time.Duration(wait) * time.Second)
	defer until.Stop()
	tick := time.NewTicker(waitEach)
	defer tick.Stop()
	for held := wait > 0; ; {
		list, n, next, err := s.opts.Failures.Builds(ctx, of, after, int(limit))
		if err != nil {
			return s.failuresProblem(err)
		}
		if n > 0 || !held || s.draining.Load() {
			return c.JSON(http.StatusOK, buildsAnswer{of.Host, of.Project, list, next})
		}
		after = next
		select {
		case <-until.C:
			held = false
		case <-tick.C:
		case <-ctx.Done():
			return s.failuresProblem(ctx.Err())
		}
	}
}

func (s *Server) mark(c echo.Context) error {
	if _, err := asked(c); err != nil {
		return err
	}
	var m BuildMark
	dec := json.NewDecoder(http.MaxBytesReader(c.Response(), c.Request().Body, maxMark))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&m); err != nil {
		return errBadMark
	}
	if _, err := dec.Token(); err != io.EOF {
		return errBadMark // something stands behind it
	}
	m.Fingerprint = c.Param("fingerprint")
	if _, known := s.opts.Hosts[m.Host]; !known || m.Project == "" {
		return errNoProject
	}
	ctx, cancel := context.WithTimeout(c.Request().Context(), s.opts.WriteTimeout*2/3)
	defer cancel()
	v := viewerOf(c)
	by, err := s.marker(ctx, c, v, m)
	if err != nil {
		return err
	}
	if err := s.opts.Failures.Mark(ctx, by, v, m); err != nil {
		return s.failuresProblem(err)
	}
	return c.NoContent(http.StatusNoContent)
}

var errNotOwner = newProblem(http.StatusForbidden, "not allowed", "only owners of the project mark its failures", "ask one of the project's owners in Gerrit").because("no-owner")

// marker is the name of who marks, if that is allowed.
func (s *Server) marker(ctx context.Context, c echo.Context, v *review.Viewer, m BuildMark) (string, error) {
	if v == nil {
		g := grantOf(c)
		if !g.allows(m.Host, m.Project) {
			return "", errOtherProject
		}
		return g.name, nil
	}
	owns := false
	if s.opts.API.MarkAllowed != nil {
		var err error
		// Whether there is such a project is not told who does not own it.
		if owns, err = s.opts.API.MarkAllowed(ctx, *v, m.Host, m.Project); err != nil && !review.IsGone(err) && !review.IsDenied(err) {
			s.warn.log(ctx, s.log, "cannot tell who owns a project", "host", m.Host, "err", err)
			return "", errNoAnswer.after(err)
		}
		owns = owns && err == nil
	}
	if !owns {
		s.denied(c, Denial{Reason: errNotOwner.Reason, Detail: m.Host + "/" + m.Project, Viewer: v})
		return "", errNotOwner
	}
	a := v.Accounts[m.Host]
	return cmp.Or(v.Entity, a.Username, a.Display()), nil // no subject: some are addresses
}

// failuresProblem puts an error into the words of an answer.
func (s *Server) failuresProblem(err error) error {
	switch {
	case review.IsGone(err):
		return errNoProject
	case review.IsRejected(err):
		return newProblem(http.StatusUnprocessableEntity, "not kept", told(err), "mend the request and send it again")
	}
	s.log.Warn("cannot answer about builds", "err", err)
	return errNoAnswer.after(err)
}
