// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"review-assistant/internal/outbound"
)

// The types of a [Provider].
const (
	TypeOIDC      = "oidc"
	TypeBackstage = "backstage" // tokens that Backstage gives its signed-in users
)

// Provider configures who may prove people by tokens.
type Provider struct {
	Name string // unique
	Type string // "" for TypeOIDC
	// Issuer is compared byte by byte with the tokens'. Backstage's is its base
	// URL and /api/auth.
	Issuer string
	// Audiences are those of which a token has to name one. It is required; for
	// Backstage it is "backstage" by default.
	Audiences []string
	// Algorithms are the signatures that are accepted: RS256, ES256 and EdDSA
	// by default, for Backstage only ES256.
	Algorithms []string
	// JWKSURL is where the keys are. By default it is discovered; Backstage's
	// is Issuer/.well-known/jwks.json.
	JWKSURL string
	// UsernameClaim holds the user name, none by default: whether people can
	// change it themselves differs from provider to provider. GroupsClaim holds the
	// groups, by default groups, for Backstage none. A name with dots that no claim
	// has leads into objects: realm_access.roles.
	UsernameClaim string
	GroupsClaim   string
	CAFile        string        // more certificate authorities, PEM
	ProxyURL      string        // proxies of the environment are not used
	AllowHTTP     bool          // plain HTTP for hosts other than this one
	MaxLifetime   time.Duration // from iat to exp, 24 hours by default
	Timeout       time.Duration // of reading the keys, discovery included; 10 s by default
}

// algorithms are those that may be pinned, all with a public key: what is
// checked with a secret can be made by whoever checks, and "none" by everybody.
var algorithms = []string{"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"}

// Algorithms are those that may be pinned.
func Algorithms() []string { return slices.Clone(algorithms) }

// check fills in defaults and says what is wrong.
func (p *Provider) check() error {
	p.Type = cmp.Or(p.Type, TypeOIDC)
	p.MaxLifetime = cmp.Or(p.MaxLifetime, 24*time.Hour)
	p.Timeout = cmp.Or(p.Timeout, 10*time.Second)
	switch p.Type {
	case TypeOIDC:
		p.GroupsClaim = cmp.Or(p.GroupsClaim, "groups")
		if len(p.Algorithms) == 0 {
			p.Algorithms = []string{"RS256", "ES256", "EdDSA"}
		}
	case TypeBackstage:
		if len(p.Audiences) == 0 {
			p.Audiences = []string{"backstage"}
		}
		if len(p.Algorithms) == 0 {
			p.Algorithms = []string{"ES256"}
		}
		if p.JWKSURL == "" {
			p.JWKSURL = strings.TrimSuffix(p.Issuer, "/") + "/.well-known/jwks.json"
		}
	default:
		return fmt.Errorf("type %q: want %s or %s", p.Type, TypeOIDC, TypeBackstage)
	}
	if p.Issuer == "" {
		return errors.New("issuer is missing; write it as the provider's tokens have it in iss, such as https://login.example.com/realms/staff")
	}
	if err := p.checkURL("issuer", p.Issuer); err != nil {
		return err
	}
	if p.JWKSURL != "" {
		if err := p.checkURL("jwks_url", p.JWKSURL); err != nil {
			return err
		}
	}
	if len(p.Audiences) == 0 || slices.Contains(p.Audiences, "") {
		return errors.New("audiences is missing or has an empty entry; name the client, or API, that tokens for this server are made for")
	}
	for _, alg := range p.Algorithms {
		switch {
		case p.Type == TypeBackstage && alg != "ES256":
			return fmt.Errorf("algorithms has %q: Backstage signs with ES256 alone; leave algorithms out", alg)
		case !slices.Contains(algorithms, alg):
			return fmt.Errorf("algorithms has %q: want some of %s; one that shares its secret, or has none, proves nothing", alg, strings.Join(algorithms, ", "))
		}
	}
	if p.MaxLifetime < 0 || p.Timeout < 0 {
		return errors.New("max_lifetime and timeout cannot be negative")
	}
	return nil
}

// checkURL refuses what would fetch keys over a line that others can write to.
func (p *Provider) checkURL(what, raw string) error {
	u, err := url.Parse(raw)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http":
		return fmt.Errorf("%s is no https URL; write for example https://login.example.com", what)
	case u.User != nil || u.Fragment != "":
		return fmt.Errorf("%s has credentials or a fragment; leave them out", what)
	case u.RawQuery != "" && what == "issuer":
		return errors.New("issuer has a query; an issuer has none")
	case !p.AllowHTTP && Plain(u):
		return fmt.Errorf("%s is plain http: whoever sits on the line could hand out keys; use https", what)
	}
	return nil
}

// Plain reports whether whoever is on the line could write what comes from an
// address: it is without encryption, and of another machine.
func Plain(u *url.URL) bool {
	return u.Scheme == "http" && u.Hostname() != "localhost" && !net.ParseIP(u.Hostname()).IsLoopback()
}

// client speaks to this provider alone.
func (p *Provider) client() (*http.Client, error) {
	t := &http.Transport{
		MaxResponseHeaderBytes: 64 << 10,
		MaxIdleConns:           1,
		IdleConnTimeout:        30 * time.Second,
		ForceAttemptHTTP2:      true,
	}
	if err := outbound.Configure(t, p.CAFile, p.ProxyURL); err != nil {
		return nil, err
	}
	return &http.Client{Transport: strict{t}}, nil
}

// strict hands on whole answers of a bounded size with status 200, and nothing
// else: nobody behind it can follow a redirect, or quote an error page.
type strict struct{ next http.RoundTripper }

func (s strict) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := s.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	switch {
	case resp.StatusCode >= 300 && resp.StatusCode < 400:
		return nil, fmt.Errorf("status %d: redirects are not followed; configure the address that it leads to, if it is right", resp.StatusCode)
	case resp.StatusCode != http.StatusOK:
		return nil, fmt.Errorf("status %d", resp.StatusCode)
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err != nil {
		return nil, err
	}
	if len(body) > maxAnswer {
		return nil, fmt.Errorf("the answer has more than %d bytes", maxAnswer)
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return resp, nil
}
