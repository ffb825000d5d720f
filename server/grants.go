// SPDX-License-Identifier: Apache-2.0

package server

import (
	"cmp"
	"crypto/subtle"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"path"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
	"github.com/labstack/echo/v4"
)

// Rights that a token may have.
const (
	RightPush = "push" // tell of builds
	RightRead = "read" // see failures and history
	RightMark = "mark" // say what a cluster of failures is
)

var rights = []string{RightPush, RightRead, RightMark}

// BuildToken is a token for builds: of some projects, with some rights. So a
// project's owner or its CI gets one that reaches no further.
type BuildToken struct {
	// Name stands in the audit log and in records for whoever holds the token.
	Name string
	// TokenFiles hold one token each, in the current and the next generation.
	TokenFiles []string
	Projects   []string // globs over HOST/NAME; empty means all
	May        []string // rights, at least one
}

// apiGrant is the name of those who hold one of API.TokenFiles. They see all
// projects anyway, and may mark; what happened they learn, they do not tell.
const apiGrant = "api"

// grant is what a token allows.
type grant struct {
	name     string
	may      []string
	projects []string
	places   chan struct{} // one for each body that it sends
}

// allows reports whether the grant covers a project. A name that could be read
// in two ways is of no project.
func (g *grant) allows(host, project string) bool {
	name := host + "/" + project
	if host == "" || project == "" || strings.Contains(host, "/") || path.Clean(name) != name {
		return false
	}
	return len(g.projects) == 0 || slices.ContainsFunc(g.projects, func(glob string) bool {
		ok, err := doublestar.Match(glob, name)
		return ok && err == nil
	})
}

// holder is a grant with the tokens that prove it.
type holder struct {
	grant
	tokens *tokens
}

// loadGrants checks and reads the tokens for builds. api are those of
// API.TokenFiles, nil for none. Each may send so many bodies at once.
func loadGrants(list []BuildToken, places int, api *tokens, log *slog.Logger) ([]holder, error) {
	var out []holder
	if api != nil {
		out = append(out, holder{grant{name: apiGrant, may: []string{RightRead, RightMark}}, api})
	}
	var errs []error
	for i, b := range list {
		setting := fmt.Sprintf("builds.tokens[%d] (%s)", i, cmp.Or(b.Name, "without a name"))
		t, err := b.load(log)
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", setting, err))
			continue
		}
		for _, o := range out {
			if o.name == b.Name {
				errs = append(errs, fmt.Errorf("%s: another token has this name", setting))
			}
			if o.tokens.shares(t) {
				errs = append(errs, fmt.Errorf("%s: its token is that of %s too; write another one", setting, o.name))
			}
		}
		out = append(out, holder{grant{b.Name, b.May, b.Projects, make(chan struct{}, places)}, t})
	}
	return out, errors.Join(errs...)
}

func (b BuildToken) load(log *slog.Logger) (*tokens, error) {
	switch {
	case b.Name == "" || len(b.Name) > maxLabelLen || !word(b.Name):
		return nil, fmt.Errorf("name: write a word of at most %d letters, digits and dashes", maxLabelLen)
	case b.Name == apiGrant:
		return nil, fmt.Errorf("name: %q means the tokens of api.token_files", apiGrant)
	case len(b.May) == 0:
		return nil, fmt.Errorf("may: name at least one of %s", strings.Join(rights, ", "))
	}
	for _, r := range b.May {
		if !slices.Contains(rights, r) {
			return nil, fmt.Errorf("may: %q is not one of %s", r, strings.Join(rights, ", "))
		}
	}
	for _, glob := range b.Projects {
		if !strings.Contains(glob, "/") || !doublestar.ValidatePattern(glob) {
			return nil, fmt.Errorf("projects: %q is no glob over HOST/NAME, such as main/team/**", glob)
		}
	}
	return loadTokens("builds.tokens.token_files", b.TokenFiles, log)
}

// shares reports whether a token is valid in both.
func (t *tokens) shares(o *tokens) bool {
	for _, a := range t.files {
		for _, b := range o.files {
			if a.valid && b.valid && subtle.ConstantTimeCompare(a.sum[:], b.sum[:]) == 1 {
				return true
			}
		}
	}
	return false
}

var errNoRight = newProblem(http.StatusForbidden, "not allowed", "the token does not have the right for this",
	"ask the operator for a token whose builds.tokens.may names it")

// grant lets in who has a token with a right. The handler finds what the token
// covers with grantOf.
func (s *Server) grant(right string) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			token, _ := bearerOf(c.Request().Header)
			g := s.granted(token)
			switch {
			case g == nil:
				s.warn.log(c.Request().Context(), s.log, "request to the API denied", "route", c.Path(), "remote", c.RealIP())
				if s.opts.API.Identify != nil && (strings.Count(token, ".") == 2 || namesPerson(c.Request().Header)) {
					return errNoProgram // whoever it is: nobody is asked for what would not matter
				}
				c.Response().Header().Set(echo.HeaderWWWAuthenticate, "Bearer")
				return errNoBuildToken
			case namesPerson(c.Request().Header):
				return s.refuse(c, errForNobody)
			case !slices.Contains(g.may, right):
				return errNoRight
			}
			c.Set(grantKey, g)
			return next(c)
		}
	}
}

var errNoBuildToken = newProblem(http.StatusUnauthorized, "not authorized", "the bearer token is missing or not valid",
	"send a token of builds.tokens as Authorization: Bearer TOKEN")

// errNoProgram is for what looks like a person, or somebody for one.
var errNoProgram = newProblem(http.StatusForbidden, "not allowed", "this route is for tokens of programs, and not for people",
	"send a token of builds.tokens as Authorization: Bearer TOKEN").because("no-program")

const grantKey = "grant"

// grantOf is what the sender's token allows; nil for a person.
func grantOf(c echo.Context) *grant {
	g, _ := c.Get(grantKey).(*grant)
	return g
}

// granted returns what a token allows, nil for none. It looks at all tokens,
// whichever fits: the time tells nothing.
func (s *Server) granted(token string) *grant {
	if len(token) < minToken || len(token) > maxToken {
		return nil
	}
	var found *grant
	for i := range s.grants {
		if s.grants[i].tokens.ok(token) && found == nil {
			found = &s.grants[i].grant
		}
	}
	return found
}
