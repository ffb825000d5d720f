// SPDX-License-Identifier: Apache-2.0

package server

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"review-assistant/identity"
	"review-assistant/review"
)

// HeaderPerson names the person for whom a service asks, such as
// user:default/jane. Beside a person's own token it means nothing to this
// package.
const HeaderPerson = "X-Review-Assistant-User"

const (
	maxBearer = 8 << 10 // bytes
	maxPerson = 256     // bytes
)

// Denial is that somebody was not let in.
type Denial struct {
	Reason string
	// Detail is for the operator, of [identity.RefusedError].
	Detail string
	// Viewer is who it was; nil when nobody is proven.
	Viewer *review.Viewer
	Route  string
	Remote string
}

// refusals say of each reason what is wrong, and what to do.
var refusals = map[identity.Reason]struct{ detail, next string }{
	identity.NoToken:      {"no bearer token was sent", "send exactly one header Authorization: Bearer TOKEN, with a token of an identity provider of this server"},
	identity.TooLarge:     {"the token has more than 8 KiB", "ask for a token with fewer claims"},
	identity.Malformed:    {"the token is not whole, or one of its claims has a form that is not read", "send the whole token as the provider issued it, or a service's secret with " + HeaderPerson + "; if that is so, ask the operator: the log names the claim"},
	identity.BadAlgorithm: {"the token is signed in a way that is not taken", "have the provider sign with an algorithm that the server's configuration names"},
	identity.BadType:      {"the token is of a kind that is not for people", "send an access token for this server, or a user token of Backstage"},
	identity.BadIssuer:    {"no provider of this server is the token's issuer", "send a token of a provider that the server's configuration names, to the letter"},
	identity.BadAudience:  {"the token is made for somebody else", "ask the provider for a token for this server's audience"},
	identity.BadSignature: {"the token is not signed by its provider", "sign in again; if that does not help, the operator compares the provider's keys"},
	identity.Expired:      {"the token's time is over", "sign in again, or refresh the token"},
	identity.NotYet:       {"the token's time has not begun", "compare the clocks of the provider and this server"},
	identity.TooLong:      {"the token is valid for longer than is allowed", "have the provider issue tokens that end sooner"},
	identity.NoTimes:      {"the token does not say since when, or until when, it is valid", "have the provider write exp and iat"},
	identity.Bound:        {"the token is tied to a key of its holder, which a bearer does not show", "ask for a plain bearer token"},
	identity.NoSubject:    {"the token names nobody", "have the provider name the person in sub"},
	identity.BadService:   {"the bearer is no service's secret", "send the secret that the server's configuration names for the service"},
	identity.BadPerson:    {HeaderPerson + " is missing, names nobody, or somebody for whom the service may not speak", "name one person in it, as user:NAMESPACE/NAME"},
	identity.NotService:   {"a person's own token, and one for programs, speaks for nobody else", "leave the header " + HeaderPerson + " out, or send a service's secret"},
	identity.NoAccount:    {"no account of Gerrit was found for the person", "sign in to Gerrit once, or ask the operator to map the person"},
	identity.Inactive:     {"the person's account of Gerrit is switched off", "ask the administrator of Gerrit to activate the account"},
	identity.Machine:      {"the account of Gerrit is a service user or the bot's own, which is no person's", "use the person's own account"},
	identity.Ambiguous:    {"what is known of the person leads to more than one account of Gerrit", "ask the operator: identity explain shows which sources do not agree"},
	identity.Rebound:      {"the person, or the account of Gerrit, was bound otherwise before", "ask the operator: identity explain shows what the person was bound to"},
	identity.Unknown:      {"the catalog does not have the person", "ask the operator to add the person to the catalog"},
}

var (
	errNoAnswer = newProblem(http.StatusServiceUnavailable, "not available now", "somebody who is needed to answer does not: identity provider, Gerrit or store", "ask again later").again(5 * time.Second)
	errTooOften = newProblem(http.StatusTooManyRequests, "too many requests", "this person asks more often than is allowed", "ask again later, with If-None-Match what is known already").because("too-often").again(time.Second)
	errNoPerson = newProblem(http.StatusForbidden, "not allowed", "the token is one for programs, and this route is for people", "send the token of a person").because("no-person")
	errNoRole   = newProblem(http.StatusForbidden, "not allowed", "the person has none of the roles that this needs", "ask the operator for a role: operator or auditor").because("no-role")
)

// refusal puts a reason into the words of an answer. The detail stays here: it
// is for the operator.
func refusal(r *identity.RefusedError) *problem {
	words := refusals[r.Reason]
	p := newProblem(http.StatusUnauthorized, "not authorized", cmp.Or(words.detail, "the token does not prove who asks"), cmp.Or(words.next, "ask the operator"))
	if r.Proven() {
		p.Status, p.Title = http.StatusForbidden, "not allowed"
	}
	p.Reason = string(r.Reason)
	return p
}

// bearerOf returns the bearer token of a request, from one header and nowhere
// else.
func bearerOf(h http.Header) (string, identity.Reason) {
	values := h.Values(echo.HeaderAuthorization)
	if len(values) == 0 {
		return "", identity.NoToken
	}
	scheme, token, _ := strings.Cut(values[0], " ")
	token = strings.Trim(token, " ")
	switch {
	case len(values) > 1:
		return "", identity.Malformed
	case !strings.EqualFold(scheme, "bearer") || token == "":
		return "", identity.NoToken
	case len(token) > maxBearer:
		return "", identity.TooLarge
	case !oneWord(token):
		return "", identity.Malformed
	}
	return token, ""
}

// oneWord reports whether a value is visible ASCII without commas: a proxy may
// have joined two headers with one.
func oneWord(v string) bool {
	return !strings.ContainsFunc(v, func(r rune) bool { return r <= ' ' || r >= 0x7f || r == ',' })
}

// personOf returns whom a service names, "" for nobody.
func personOf(h http.Header) (string, identity.Reason) {
	values := h.Values(HeaderPerson)
	switch {
	case len(values) == 0:
		return "", ""
	case len(values) > 1 || values[0] == "" || len(values[0]) > maxPerson || !oneWord(values[0]):
		return "", identity.BadPerson
	}
	return values[0], ""
}

// errForNobody is for a token for programs beside a person's name. Its answer
// would be about everything that the token opens, and the sender would take it
// for the person's.
var errForNobody = &identity.RefusedError{Reason: identity.NotService, Detail: "a token for programs speaks for nobody; send the secret of a service"}

// namesPerson reports whether a request is meant to be for a person.
func namesPerson(h http.Header) bool { return len(h.Values(HeaderPerson)) > 0 }

const viewerKey = "viewer"

// viewerOf is who asks; nil for the holder of a grant.
func viewerOf(c echo.Context) *review.Viewer {
	v, _ := c.Get(viewerKey).(*review.Viewer)
	return v
}

// people reports whether there are routes for people.
func (s *Server) people() bool { return s.opts.API.Board != nil && s.opts.API.Identify != nil }

// viewer lets in who is proven, with one of the roles, if there are any.
func (s *Server) viewer(roles ...string) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			v, err := s.identify(c)
			if err != nil {
				return err
			}
			if len(roles) > 0 && !slices.ContainsFunc(roles, v.Has) {
				s.denied(c, Denial{Reason: errNoRole.Reason, Viewer: &v})
				return errNoRole
			}
			c.Set(viewerKey, &v)
			c.Response().Header().Set(echo.HeaderCacheControl, "private, no-cache")
			return next(c)
		}
	}
}

// either lets in who has a token with a right, or is proven.
func (s *Server) either(right string) echo.MiddlewareFunc {
	grant, viewer := s.grant(right), s.viewer()
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		forGrant, forViewer := grant(next), viewer(next)
		return func(c echo.Context) error {
			if token, _ := bearerOf(c.Request().Header); !s.people() || s.granted(token) != nil {
				return forGrant(c)
			}
			return forViewer(c)
		}
	}
}

// identify finds out who asks.
func (s *Server) identify(c echo.Context) (review.Viewer, error) {
	token, bad := bearerOf(c.Request().Header)
	person, badPerson := personOf(c.Request().Header)
	if bad = cmp.Or(bad, badPerson); bad != "" {
		return review.Viewer{}, s.refuse(c, &identity.RefusedError{Reason: bad})
	}
	if s.granted(token) != nil {
		return review.Viewer{}, errNoPerson
	}
	v, err := s.ask(c.Request().Context(), token, person)
	if err != nil {
		return review.Viewer{}, s.refuse(c, err)
	}
	if !s.rates.allow(whoIs(v), s.opts.Now()) {
		return review.Viewer{}, errTooOften
	}
	return v, nil
}

// ask asks who it is, and takes no answer that has an end behind it.
func (s *Server) ask(ctx context.Context, token, person string) (review.Viewer, error) {
	ctx, cancel := context.WithTimeout(ctx, s.opts.WriteTimeout/4)
	defer cancel()
	v, err := s.opts.API.Identify(ctx, token, person)
	switch {
	case err != nil:
		return review.Viewer{}, err
	case v.Issuer == "" || v.Subject == "":
		return review.Viewer{}, &identity.RefusedError{Reason: identity.NoSubject}
	case !s.opts.Now().Before(v.Until):
		return review.Viewer{}, &identity.RefusedError{Reason: identity.Expired}
	}
	return v, nil
}

// whoIs is the key of a person.
func whoIs(v review.Viewer) string { return v.Issuer + "\x00" + v.Subject }

// refuse turns an error of finding out who asks into an answer.
func (s *Server) refuse(c echo.Context, err error) error {
	r, refused := errors.AsType[*identity.RefusedError](err)
	if !refused {
		s.warn.log(c.Request().Context(), s.log, "cannot tell who asks", "route", c.Path(), "err", err)
		return errNoAnswer.after(err)
	}
	s.denied(c, Denial{Reason: string(r.Reason), Detail: r.Detail})
	if !r.Proven() {
		// RFC 6750: who sent nothing is told the scheme alone.
		challenge := `Bearer error="invalid_token"`
		if r.Reason == identity.NoToken {
			challenge = "Bearer"
		}
		c.Response().Header().Set(echo.HeaderWWWAuthenticate, challenge)
	}
	return refusal(r)
}

// denied counts a denial and tells of it, once a minute for each kind.
func (s *Server) denied(c echo.Context, d Denial) {
	s.metrics.Refused(d.Reason)
	d.Route, d.Remote = c.Path(), c.RealIP()
	// Strangers, who can be as many as they like, have a table of their own: they
	// cannot hide what people are denied.
	who, seen := d.Remote, &s.strangers
	switch {
	case d.Viewer != nil:
		who, seen = whoIs(*d.Viewer), &s.denials
	case identity.Reason(d.Reason).Proven():
		who, seen = d.Detail, &s.denials // it names the person
	}
	if !seen.first(d.Reason+"\x00"+who, s.opts.Now()) {
		return
	}
	s.warn.log(c.Request().Context(), s.log, "person denied", "reason", d.Reason, "route", d.Route, "remote", d.Remote)
	if s.opts.API.Denied != nil {
		s.opts.API.Denied(context.WithoutCancel(c.Request().Context()), d)
	}
}
