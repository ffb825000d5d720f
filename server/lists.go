// SPDX-License-Identifier: Apache-2.0

package server

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"review-assistant/board"
	"review-assistant/review"
)

// Sizes of a page of changes or activity.
const (
	listLimit = 25
	maxList   = 100
)

var (
	// errNotShown is told of what is not there and of what Gerrit does not
	// show: who asks does not learn which.
	errNotShown = newProblem(http.StatusNotFound, "nothing to show", "there is nothing of this name, or Gerrit does not show it to this person",
		"compare the name with Gerrit; the same account has to see it there").because(reasonNotShown)
	errNoPatchSet = newProblem(http.StatusNotFound, "no such patch set", "the change has no such patch set", "leave patch_set out for the newest that has a summary")
	errNoPeople   = newProblem(http.StatusNotImplemented, "no people", "this server lets no person in", "ask the operator to set identity.providers and, for a portal, identity.services")
	errForbidden  = newProblem(http.StatusForbidden, "not allowed", "this person has no account on that Gerrit", "sign in to Gerrit once, or name another host").because("no-account")
)

// reasonNotShown is why a change was refused, for figures and the audit log.
const reasonNotShown = "not-shown"

// statuses maps what may be asked for.
var statuses = map[string]review.Status{
	"": review.StatusNew, "open": review.StatusNew, "merged": review.StatusMerged, "abandoned": review.StatusAbandoned, "all": "",
}

// unasked is what a parameter means that is not there.
var unasked = map[string]string{"status": "open", "order": string(board.OrderUpdated)}

// meAnswer is who asks.
type meAnswer struct {
	Issuer   string      `json:"issuer"`
	Subject  string      `json:"subject"`
	Service  string      `json:"service,omitempty"` // that asks for the person
	Entity   string      `json:"entity,omitempty"`
	Accounts []meAccount `json:"accounts"`
	Roles    []string    `json:"roles"`
	Until    time.Time   `json:"until"`
}

// meAccount is an account of who asks.
type meAccount struct {
	Host     string `json:"host"`
	Name     string `json:"name"`
	Username string `json:"username"`
}

// changesAnswer and activityAnswer are pages. Mode is missing where nothing is
// told of a project, and Next is null on the last one.
type changesAnswer struct {
	Changes []any   `json:"changes"`
	Mode    string  `json:"mode,omitempty"`
	Next    *string `json:"next"`
	// Considered and More are of the urgent order.
	Considered *int  `json:"considered,omitempty"` // how many changes were looked at
	More       *bool `json:"more,omitempty"`       // there are older ones
}

type activityAnswer struct {
	Activity []any   `json:"activity"`
	Mode     string  `json:"mode,omitempty"`
	Next     *string `json:"next"`
	More     bool    `json:"more,omitempty"` // of a folder: older changes of it were not looked at
}

func pageOfChanges(list board.List[board.Change], rows []any, next *string) changesAnswer {
	return changesAnswer{Changes: rows, Mode: list.Mode, Next: next}
}

// lists adds the routes for people. Where none are let in they say so: whoever
// wired a portal before its people looks for the fault in the right place.
func (s *Server) lists(g *echo.Group) {
	person := s.viewer()
	if !s.people() {
		person = func(echo.HandlerFunc) echo.HandlerFunc { return func(echo.Context) error { return errNoPeople } }
	}
	g.Match(look, "/me", s.me, person)
	g.Match(look, "/me/reviews", s.reviews, person)
	g.Match(look, "/changes/*", s.change, person)
	g.Match(look, "/components/:kind/:namespace/:name/changes", s.changes, person)
	g.Match(look, "/components/:kind/:namespace/:name/changes/*", s.change, person)
	g.Match(look, "/components/:kind/:namespace/:name/activity", s.activity, person)
	g.Match(look, "/components/:kind/:namespace/:name/branches", s.branches, person)
	g.GET("/events", s.events, person)
}

func (s *Server) me(c echo.Context) error {
	if _, err := asked(c); err != nil {
		return err
	}
	v := viewerOf(c)
	me := meAnswer{
		Issuer: v.Issuer, Subject: v.Subject, Service: v.Service, Entity: v.Entity,
		Accounts: []meAccount{}, Roles: append([]string{}, v.Roles...), Until: v.Until.UTC(),
	}
	for _, host := range slices.Sorted(maps.Keys(v.Accounts)) {
		me.Accounts = append(me.Accounts, meAccount{host, v.Accounts[host].Name, v.Accounts[host].Username})
	}
	return answer(c, me)
}

func (s *Server) reviews(c echo.Context) error {
	p, err := s.paging(c, fieldsOf[board.Change](), "host")
	if err != nil {
		return err
	}
	return answerPage(s, c, p, func(ctx context.Context, v review.Viewer) (board.List[board.Change], error) {
		return s.opts.API.Board.Reviews(ctx, v, board.ReviewsQuery{Host: p.query.Get("host"), Page: p.from, Limit: p.limit})
	}, pageOfChanges)
}

func (s *Server) changes(c echo.Context) error {
	p, err := s.paging(c, fieldsOf[board.Change](), "host", "status", "order", "branch", "search")
	if err != nil {
		return err
	}
	q := board.ChangesQuery{
		Place: p.place, Page: p.from, Limit: p.limit, Order: board.Order(p.query.Get("order")), Branch: p.query.Get("branch"), Search: p.query.Get("search"),
	}
	var known bool
	if q.Status, known = statuses[p.query.Get("status")]; !known {
		return badParameter(p.known, "status is not one of open, merged, abandoned and all")
	}
	if err := q.Check(); err != nil {
		return badParameter(p.known, "%v", err)
	}
	return answerPage(s, c, p, func(ctx context.Context, v review.Viewer) (board.List[board.Change], error) {
		return s.opts.API.Board.Changes(ctx, v, q)
	}, func(list board.List[board.Change], rows []any, next *string) any {
		out := pageOfChanges(list, rows, next)
		if q.Order == board.OrderUrgent {
			out.Considered, out.More = &list.Considered, &list.More
		}
		return out
	})
}

func (s *Server) activity(c echo.Context) error {
	p, err := s.paging(c, fieldsOf[board.Activity](), "host")
	if err != nil {
		return err
	}
	return answerPage(s, c, p, func(ctx context.Context, v review.Viewer) (board.List[board.Activity], error) {
		return s.opts.API.Board.Activity(ctx, v, board.ActivityQuery{Place: p.place, Page: p.from, Limit: p.limit})
	}, func(list board.List[board.Activity], rows []any, next *string) activityAnswer {
		return activityAnswer{Activity: rows, Mode: list.Mode, Next: next, More: list.More}
	})
}

func (s *Server) change(c echo.Context) error {
	known := []string{"patch_set", "fields"}
	id, err := changeIn(c)
	if err != nil {
		return err
	}
	q, err := asked(c, known...)
	if err != nil {
		return err
	}
	patchSet, err := numberOf(q, known, "patch_set", 0, 1, math.MaxInt32)
	if err != nil {
		return err
	}
	fields, err := parseFields(q.Get("fields"), fieldsOf[board.Detail]())
	if err != nil {
		return err
	}
	entity, err := entityIn(c)
	if err != nil {
		return err
	}
	ctx, cancel := s.within(c)
	defer cancel()
	var d board.Detail
	if entity != "" {
		d, err = s.opts.API.Board.ChangeOf(ctx, *viewerOf(c), entity, id, patchSet)
	} else {
		d, err = s.opts.API.Board.Change(ctx, *viewerOf(c), id, patchSet)
	}
	if errors.Is(err, board.ErrNoPatchSet) {
		return errNoPatchSet // the change is shown, or nobody would know
	}
	if review.IsGone(err) && !errors.Is(err, board.ErrNoEntity) {
		// Who tries numbers leaves a trace.
		s.denied(c, Denial{Reason: reasonNotShown, Detail: id.String(), Viewer: viewerOf(c)})
	}
	if err != nil {
		return s.boardProblem(c, err)
	}
	out, err := only(d, fields)
	if err != nil {
		return err
	}
	return answer(c, out)
}

// failuresFor answers a person about open failures.
func (s *Server) failuresFor(c echo.Context, v review.Viewer) error {
	known := []string{"host", "limit"}
	q := board.FailuresQuery{}
	var err error
	if q.Entity, err = entityIn(c); err != nil {
		return err
	}
	if q.Entity == "" {
		known = append(known, "project")
	}
	query, err := asked(c, known...)
	if err != nil {
		return err
	}
	q.Host, q.Project = query.Get("host"), query.Get("project")
	if q.Entity == "" && q.Project == "" {
		return badParameter(known, "project is missing")
	}
	if q.Limit, err = numberOf(query, known, "limit", pageLimit, 1, maxPage); err != nil {
		return err
	}
	ctx, cancel := s.within(c)
	defer cancel()
	list, err := s.opts.API.Board.Failures(ctx, v, q)
	if err != nil {
		return s.boardProblem(c, err)
	}
	raw, err := json.Marshal(list.Clusters)
	if err != nil {
		return fmt.Errorf("write failures: %w", err)
	}
	if string(raw) == "null" {
		raw = []byte("[]")
	}
	out := failuresAnswer{Clusters: json.RawMessage(raw), Mode: list.Mode}
	out.Host, out.Project = s.whose(q.Place, list.Mode)
	if list.Mode != "" {
		out.Builds = &list.Builds
	}
	return answer(c, out)
}

// whose names the Gerrit and project of a place. Whose code an entity is, is told
// where its mode is, not before.
func (s *Server) whose(p board.Place, mode string) (host, project string) {
	host, project = p.Host, p.Project
	if src := s.opts.Source; p.Entity != "" && src != nil && mode != "" {
		found, _ := src(p.Entity)
		host, project = cmp.Or(found.Host, p.Host), found.Project
	}
	return cmp.Or(host, s.onlyHost()), project
}

// paging is a request for a page of rows.
type paging struct {
	place  board.Place
	query  url.Values
	known  []string
	from   board.Page
	limit  int
	fields []string
	bound  []string // what its cursors are tied to
}

// paging reads what all lists understand, and beside that the parameters more,
// which decide what is in the list.
func (s *Server) paging(c echo.Context, fields []string, more ...string) (paging, error) {
	p := paging{known: append([]string{"limit", "cursor", "fields"}, more...)}
	var err error
	if p.place.Entity, err = entityIn(c); err != nil {
		return p, err
	}
	if p.query, err = asked(c, p.known...); err != nil {
		return p, err
	}
	p.place.Host = p.query.Get("host")
	if p.limit, err = numberOf(p.query, p.known, "limit", listLimit, 1, maxList); err != nil {
		return p, err
	}
	if p.fields, err = parseFields(p.query.Get("fields"), fields); err != nil {
		return p, err
	}
	asks := []string{p.place.Entity}
	for _, name := range more {
		asks = append(asks, cmp.Or(p.query.Get(name), unasked[name]))
	}
	p.bound = boundTo(*viewerOf(c), c.Path(), asks...)
	if p.query.Has("cursor") {
		p.from, err = s.cursors.open(p.query.Get("cursor"), s.opts.Now(), p.bound)
	}
	return p, err
}

// answerPage answers with a page of rows, as wrap makes an answer of them and of
// the list.
func answerPage[T, A any](
	s *Server, c echo.Context, p paging, read func(context.Context, review.Viewer) (board.List[T], error), wrap func(board.List[T], []any, *string) A,
) error {
	ctx, cancel := s.within(c)
	defer cancel()
	list, err := read(ctx, *viewerOf(c))
	if err != nil {
		return s.boardProblem(c, err)
	}
	rows := make([]any, len(list.Rows))
	for i, row := range list.Rows {
		if rows[i], err = only(row, p.fields); err != nil {
			return fmt.Errorf("write a row: %w", err)
		}
	}
	var next *string
	if list.Next != nil {
		cursor, err := s.cursors.seal(*list.Next, s.opts.Now(), p.bound)
		if err != nil {
			return fmt.Errorf("seal a cursor: %w", err)
		}
		next = &cursor
	}
	return answer(c, wrap(list, rows, next))
}

// within bounds the work for an answer, so that beside finding out who asks
// there is time left to write it.
func (s *Server) within(c echo.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(c.Request().Context(), s.opts.WriteTimeout/2)
}

// boardProblem puts an error of the board into the words of an answer.
func (s *Server) boardProblem(c echo.Context, err error) error {
	switch {
	case errors.Is(err, board.ErrNoEntity):
		return errNoEntity
	case errors.Is(err, board.ErrNoHost):
		return errNoHost
	case review.IsGone(err):
		return errNotShown
	case review.IsDenied(err):
		s.denied(c, Denial{Reason: errForbidden.Reason, Viewer: viewerOf(c)})
		return errForbidden
	case review.IsRejected(err):
		return errWhichHost // the rest was checked before
	}
	s.warn.log(c.Request().Context(), s.log, "cannot answer a person", "route", c.Path(), "err", err)
	return errNoAnswer.after(err)
}

// answer sends a person's answer with a tag of its own: that of another person
// with the same body is another one.
func answer(c echo.Context, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("write an answer: %w", err)
	}
	who := sha256.Sum256([]byte(whoIs(*viewerOf(c))))
	sum := sha256.Sum256(append(who[:], body...))
	return tagged(c, echo.MIMEApplicationJSON, body, sum)
}

// tagged sends a body, or that it is still the same.
func tagged(c echo.Context, kind string, body []byte, sum [sha256.Size]byte) error {
	tag := `"` + base64.RawURLEncoding.EncodeToString(sum[:16]) + `"`
	h := c.Response().Header()
	h.Set("ETag", tag)
	if matches(c.Request().Header.Values("If-None-Match"), tag) {
		return c.NoContent(http.StatusNotModified)
	}
	h.Set(echo.HeaderContentLength, strconv.Itoa(len(body)))
	return c.Blob(http.StatusOK, kind, body)
}

// matches reports whether a tag is among those of If-None-Match, by the weak
// comparison of RFC 9110. Tags of ours have neither commas nor quotes inside.
func matches(values []string, tag string) bool {
	for _, v := range values {
		if strings.TrimSpace(v) == "*" {
			return true
		}
		for one := range strings.SplitSeq(v, ",") {
			if strings.TrimPrefix(strings.TrimSpace(one), "W/") == tag {
				return true
			}
		}
	}
	return false
}
