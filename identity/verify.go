// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/go-jose/go-jose/v4"
)

const (
	// proofKept is how long a token that was verified is not verified again: a
	// key that was withdrawn counts that much longer.
	proofKept = time.Minute
	maxProofs = 10_000
)

// VerifierOptions are what a [Verifier] needs beside providers and services.
type VerifierOptions struct {
	Now func() time.Time // nil: time.Now
	Log *slog.Logger     // nil for none
}

// Verifier finds out whom a request comes from. It is safe for concurrent use.
type Verifier struct {
	now      func() time.Time
	sources  []source
	services []*service
	proofs   proofs
}

// source is a provider with its keys.
type source struct {
	*Provider
	keys *keySet
}

// NewVerifier checks the configuration, and reads the services' secrets. It
// makes no call: a provider that is down delays no start.
func NewVerifier(providers []Provider, services []Service, o VerifierOptions) (*Verifier, error) {
	v := &Verifier{now: o.Now}
	if v.now == nil {
		v.now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	byName := map[string]*Provider{}
	for _, p := range providers {
		s, err := v.source(p, o.Log)
		if err != nil {
			return nil, fmt.Errorf("identity provider %q: %w", p.Name, err)
		}
		byName[p.Name] = s.Provider
		v.sources = append(v.sources, s)
	}
	names := map[string]bool{}
	for _, s := range services {
		made, err := newService(s, byName[s.Provider], o.Log)
		if err == nil && (s.Name == "" || names[s.Name]) {
			err = errors.New("name is missing or there twice; give each service its own")
		}
		if err != nil {
			return nil, fmt.Errorf("service %q: %w", s.Name, err)
		}
		names[s.Name] = true
		v.services = append(v.services, made)
	}
	return v, nil
}

func (v *Verifier) source(p Provider, log *slog.Logger) (source, error) {
	if err := p.check(); err != nil {
		return source{}, err
	}
	if p.Name == "" {
		return source{}, errors.New("name is missing")
	}
	for _, other := range v.sources {
		if p.Name == other.Name {
			return source{}, errors.New("name is there twice; give each provider its own")
		}
		// Both would vouch for persons of one issuer, in two ways.
		if p.Issuer == other.Issuer && p.Type != other.Type {
			return source{}, fmt.Errorf("%q has the same issuer and another type; an issuer is of one type", other.Name)
		}
		if p.Issuer == other.Issuer &&
			slices.ContainsFunc(p.Audiences, func(a string) bool { return slices.Contains(other.Audiences, a) }) {
			return source{}, fmt.Errorf("%q accepts one of its audiences from the same issuer: nobody could say whose a token is", other.Name)
		}
	}
	client, err := p.client()
	if err != nil {
		return source{}, err
	}
	return source{&p, &keySet{p: &p, http: client, now: v.now, log: log}}, nil
}

// Verify returns whom a request comes from. Bearer is what stands behind
// "Bearer " in its Authorization header; person names the one for whom a
// service asks, "" for none. Until of the proof allows for clocks that differ
// by a minute: Verify accepts the token until then.
//
// The error is a [RefusedError], or a [review.RetryError] when the provider's
// keys cannot be read: then nobody is let in.
func (v *Verifier) Verify(ctx context.Context, bearer, person string) (Proof, error) {
	switch {
	case bearer == "":
		return Proof{}, refuse(NoToken, "")
	case len(bearer) > maxToken:
		return Proof{}, refuse(TooLarge, fmt.Sprintf("more than %d bytes", maxToken))
	}
	now, sum := v.now(), sha256.Sum256([]byte(bearer))
	speaker, err := v.speaker(sum)
	switch {
	case err != nil:
		return Proof{}, err
	case speaker != nil:
		return speaker.proof(person, now)
	case person != "" && strings.Count(bearer, ".") == 2:
		return Proof{}, refuse(NotService, "a person's own token speaks for nobody else")
	case person != "":
		return Proof{}, refuse(BadService, "")
	}
	if p, ok := v.proofs.get(sum, now); ok {
		return p, nil
	}
	p, err := v.token(ctx, bearer, now)
	if err != nil {
		return Proof{}, err
	}
	v.proofs.put(sum, p, now)
	return p.clone(), nil
}

// speaker returns the service that has a secret, nil for none.
func (v *Verifier) speaker(sum [sha256.Size]byte) (*service, error) {
	var found *service
	for _, s := range v.services {
		if !s.holds(sum) {
			continue
		}
		if found != nil {
			return nil, refuse(BadService, fmt.Sprintf("%s and %s have the same secret; give each its own", found.Name, s.Name))
		}
		found = s
	}
	return found, nil
}

// token verifies a person's own token. The issuer that it claims says which
// provider's keys are tried, and nothing else of it counts before its
// signature does.
func (v *Verifier) token(ctx context.Context, raw string, now time.Time) (Proof, error) {
	t, err := parse(raw)
	if err != nil {
		return Proof{}, err
	}
	var issuer string
	text(t.claims["iss"], &issuer)
	err = refuse(BadIssuer, "no configured provider is named exactly so")
	for _, s := range v.sources {
		if issuer != s.Issuer {
			continue
		}
		p, failed := s.verify(ctx, t, now)
		if failed == nil {
			return p, nil
		}
		if telling(failed) >= telling(err) {
			err = failed
		}
	}
	return Proof{}, err
}

// telling orders the errors of several providers with one issuer: that one of
// them could not be asked, then that of the one for which the token is.
func telling(err error) int {
	switch ReasonOf(err) {
	case "":
		return 4
	case BadIssuer:
		return 0
	case BadType, BadAlgorithm:
		return 1
	case BadAudience:
		return 2
	}
	return 3
}

// Reach reads a provider's keys now, and returns how many can be used. It
// changes nothing of what the verifier knows.
func (v *Verifier) Reach(ctx context.Context, provider string) (keys int, err error) {
	for _, s := range v.sources {
		if s.Name == provider {
			found, err := s.keys.fetch(ctx)
			return len(found), err
		}
	}
	return 0, fmt.Errorf("no provider %q is configured", provider)
}

func (s source) verify(ctx context.Context, t token, now time.Time) (Proof, error) {
	if err := s.admits(t); err != nil {
		return Proof{}, err
	}
	sig := &signature{keys: s.keys, token: t}
	// Audience and times are checked in proof: the library knows one audience,
	// and other tolerances.
	verifier := oidc.NewVerifier(s.Issuer, sig, &oidc.Config{
		SupportedSigningAlgs: s.Algorithms, SkipClientIDCheck: true, SkipExpiryCheck: true,
	})
	_, err := verifier.Verify(ctx, t.raw)
	switch {
	case sig.err != nil:
		return Proof{}, sig.err // the library's error has only its text, and maybe the token's
	case err != nil || !sig.holds:
		return Proof{}, refuse(Malformed, "header or claims are not as OpenID Connect has them")
	}
	return s.proof(t, now)
}

// signature is the key set of one token.
type signature struct {
	keys  *keySet
	token token
	holds bool
	err   error
}

// VerifySignature implements oidc.KeySet.
func (s *signature) VerifySignature(ctx context.Context, raw string) ([]byte, error) {
	payload, err := s.check(ctx, raw)
	s.err, s.holds = err, err == nil
	return payload, err
}

func (s *signature) check(ctx context.Context, raw string) ([]byte, error) {
	jws, err := jose.ParseSignedCompact(raw, []jose.SignatureAlgorithm{jose.SignatureAlgorithm(s.token.alg)})
	if err != nil {
		return nil, refuse(Malformed, "no signed token")
	}
	keys, err := s.keys.find(ctx, s.token.kid, s.token.alg)
	if err != nil {
		return nil, err
	}
	if s.token.kid == nil && len(keys) > 1 {
		return nil, refuse(BadSignature, "it names no key, and the provider has several")
	}
	for _, k := range keys {
		// What was signed has to be what was read.
		if payload, err := jws.Verify(k.key); err == nil && bytes.Equal(payload, s.token.payload) {
			return payload, nil
		}
	}
	return nil, refuse(BadSignature, "")
}

// refuse makes an error of fixed text and of configured names, never of a
// token's.
func refuse(why Reason, detail string) error { return &RefusedError{Reason: why, Detail: detail} }

func (p Proof) clone() Proof {
	p.Groups = slices.Clone(p.Groups)
	return p
}

// proofs remembers tokens that were verified, by their sums.
type proofs struct {
	mu sync.Mutex
	m  map[[sha256.Size]byte]keptProof
}

type keptProof struct {
	proof Proof
	until time.Time
}

func (e keptProof) over(now time.Time) bool { return !now.Before(e.until) }

func (c *proofs) get(sum [sha256.Size]byte, now time.Time) (Proof, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.m[sum]
	if !ok || e.over(now) {
		return Proof{}, false
	}
	return e.proof.clone(), true
}

func (c *proofs) put(sum [sha256.Size]byte, p Proof, now time.Time) {
	until := now.Add(proofKept)
	if end := time.Unix(p.Until, 0); end.Before(until) {
		until = end
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.m == nil {
		c.m = map[[sha256.Size]byte]keptProof{}
	}
	thin(c.m, maxProofs, func(e keptProof) bool { return e.over(now) })
	c.m[sum] = keptProof{p, until}
}

var _ oidc.KeySet = (*signature)(nil)
