// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/go-jose/go-jose/v4"

	"review-assistant/review"
)

const (
	// keysFresh is how long keys are used before they are read anew: a key
	// that its provider has withdrawn is forgotten after that.
	keysFresh = 10 * time.Minute
	// keysAgain is the least time between two reads, however many tokens name
	// keys that nobody knows. They are refused meanwhile: a second rotation within
	// that time waits for it, rather than have every forged token answered with
	// "try again".
	keysAgain = time.Minute
	// keysFirst is the same while there are no keys and the provider is down.
	keysFirst = 10 * time.Second
	// keysKept is how long keys outlive a provider that is down. A shorter time
	// locks everybody out with tokens that are good; after this one, no token
	// of usual lifetime is left that was made before the outage. Whoever can
	// cut us off from the provider can keep a withdrawn key alive that long.
	keysKept = 24 * time.Hour

	maxAnswer  = 1 << 20 // bytes, of a discovery document and of a key set
	maxKeys    = 100     // a set with more is not used
	maxAddress = 2 << 10 // bytes of a discovered address
	minRSA     = 2048    // bits; go-jose refuses more than 4096, which cost too much time
)

// keySet is the public keys of a provider, read when they are needed. It has
// no goroutine: the call that finds them stale reads them, one at a time.
type keySet struct {
	p    *Provider
	http *http.Client
	now  func() time.Time
	log  *slog.Logger

	mu     sync.Mutex
	keys   []publicKey
	read   time.Time     // when the keys were read
	next   time.Time     // no read before that
	err    error         // of the last read
	flight chan struct{} // closed when the read that is under way is over
}

// find returns the keys that may have signed a token: with its key id, or, for
// nil, any that can make such a signature. The error is a [RefusedError] when
// the provider has no such key, and a [review.RetryError] when nobody knows.
func (s *keySet) find(ctx context.Context, kid *string, alg string) ([]publicKey, error) {
	for {
		s.mu.Lock()
		now := s.now()
		if now.Sub(s.read) > keysKept {
			s.keys = nil
		}
		found := matching(s.keys, kid, alg)
		stale := now.Sub(s.read) >= keysFresh
		flight, err, wait := s.flight, s.err, s.next.Sub(now)
		begin := (stale || len(found) == 0) && flight == nil && wait <= 0
		if begin {
			s.flight = make(chan struct{})
		}
		s.mu.Unlock()

		switch {
		case begin:
			s.refresh(ctx)
		case len(found) > 0:
			return found, nil // stale ones too: somebody else reads, or cannot
		case flight != nil:
			select {
			case <-flight:
			case <-ctx.Done():
				return nil, &review.RetryError{Err: fmt.Errorf("wait for the keys of %s: %w", s.p.Name, ctx.Err())}
			}
		case err != nil:
			return nil, &review.RetryError{After: wait, Err: fmt.Errorf("read the keys of %s: %w", s.p.Name, err)}
		default:
			return nil, refuse(BadSignature, "the provider has no such key")
		}
	}
}

// refresh reads the keys. The client who happens to cause it may leave
// meanwhile: others wait for the same keys.
func (s *keySet) refresh(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.p.Timeout)
	defer cancel()
	var keys []publicKey
	err := errors.New("it broke off")
	defer func() { // even after a panic: nobody waits for ever
		s.mu.Lock()
		defer s.mu.Unlock()
		now, before := s.now(), s.err
		s.err, s.next = err, now.Add(keysAgain)
		switch {
		case err == nil:
			s.keys, s.read = keys, now
		case len(s.keys) == 0:
			s.next = now.Add(keysFirst)
		}
		close(s.flight)
		s.flight = nil
		if err != nil && before == nil {
			s.log.Warn("keys of an identity provider cannot be read", "provider", s.p.Name, "kept", len(s.keys), "error", err)
		} else if err == nil && before != nil {
			s.log.Info("keys of an identity provider can be read again", "provider", s.p.Name)
		}
	}()
	keys, err = s.fetch(ctx)
}

func (s *keySet) fetch(ctx context.Context) ([]publicKey, error) {
	address := s.p.JWKSURL
	if address == "" {
		var err error
		if address, err = s.discover(ctx); err != nil {
			return nil, fmt.Errorf("discovery: %w", err)
		}
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", "application/json")
	resp, err := s.http.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	keys, left, err := parseKeys(body)
	if left > 0 && len(keys) == 0 {
		s.log.Warn("none of an identity provider's keys can be used", "provider", s.p.Name, "keys", left)
	}
	return keys, err
}

// discover asks the provider where its keys are. What it answers is not quoted.
func (s *keySet) discover(ctx context.Context) (string, error) {
	found, err := oidc.NewProvider(oidc.ClientContext(ctx, s.http), s.p.Issuer)
	if _, is := errors.AsType[*oidc.IssuerMismatchError](err); is {
		return "", errors.New("the document is of another issuer; write issuer exactly as the document has it")
	}
	if u, is := errors.AsType[*url.Error](err); is {
		return "", u
	}
	var doc struct {
		Keys string `json:"jwks_uri"`
	}
	if err != nil || found.Claims(&doc) != nil {
		return "", errors.New("the answer is no discovery document; check issuer, or set jwks_url")
	}
	switch {
	case doc.Keys == "" || len(doc.Keys) > maxAddress:
		return "", errors.New("the document names no place for keys; set jwks_url")
	case strings.HasPrefix(s.p.Issuer, "https:") && !strings.HasPrefix(doc.Keys, "https:"):
		return "", errors.New("the document has its keys at an address without https")
	}
	return doc.Keys, s.p.checkURL("jwks_uri of the document", doc.Keys)
}

// publicKey is a key that may sign tokens.
type publicKey struct {
	id  string
	alg string // "" for any that it can make
	key any    // *rsa.PublicKey, *ecdsa.PublicKey or ed25519.PublicKey
}

// makes reports whether the key is one for this algorithm.
func (k publicKey) makes(alg string) bool {
	if k.alg != "" && k.alg != alg {
		return false
	}
	switch key := k.key.(type) {
	case *rsa.PublicKey:
		return strings.HasPrefix(alg, "RS") || strings.HasPrefix(alg, "PS")
	case *ecdsa.PublicKey:
		curves := map[string]string{"ES256": "P-256", "ES384": "P-384", "ES512": "P-521"}
		return curves[alg] == key.Curve.Params().Name
	case ed25519.PublicKey:
		return alg == "EdDSA"
	}
	return false
}

func matching(keys []publicKey, kid *string, alg string) (list []publicKey) {
	for _, k := range keys {
		if (kid == nil || *kid == k.id) && k.makes(alg) {
			list = append(list, k)
		}
	}
	return list
}

// parseKeys reads a key set. Keys that are of no use, or of a kind that nobody
// here knows, are left out and counted: one odd key does not lock people out.
func parseKeys(body []byte) (keys []publicKey, left int, err error) {
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if json.Unmarshal(body, &set) != nil || set.Keys == nil {
		return nil, 0, errors.New("the answer is no key set; check issuer and jwks_url")
	}
	if len(set.Keys) > maxKeys {
		return nil, 0, fmt.Errorf("the set has %d keys, more than %d", len(set.Keys), maxKeys)
	}
	for _, raw := range set.Keys {
		if k, ok := parseKey(raw); ok {
			keys = append(keys, k)
		} else {
			left++
		}
	}
	return keys, left, nil
}

// jwk is what of a key is looked at. Certificates beside it prove nothing that
// the line it came over does not.
type jwk struct {
	Kty string `json:"kty"`
	Crv string `json:"crv,omitempty"`
	X   string `json:"x,omitempty"`
	Y   string `json:"y,omitempty"`
	N   string `json:"n,omitempty"`
	E   string `json:"e,omitempty"`
}

// parseKey reads a public key for signatures. One that is published together
// with its private half is nobody's.
func parseKey(raw []byte) (publicKey, bool) {
	var k struct {
		jwk
		ID     string          `json:"kid"`
		Alg    string          `json:"alg"`
		Use    string          `json:"use"`
		Ops    []string        `json:"key_ops"`
		Secret json.RawMessage `json:"k"`
		D      json.RawMessage `json:"d"`
		P      json.RawMessage `json:"p"`
		Q      json.RawMessage `json:"q"`
	}
	none := publicKey{}
	if json.Unmarshal(raw, &k) != nil || k.Secret != nil || k.D != nil || k.P != nil || k.Q != nil {
		return none, false
	}
	if k.Use != "" && k.Use != "sig" || k.Ops != nil && !slices.Contains(k.Ops, "verify") {
		return none, false
	}
	plain, err := json.Marshal(k.jwk)
	if err != nil {
		return none, false
	}
	var parsed jose.JSONWebKey
	if parsed.UnmarshalJSON(plain) != nil || !parsed.IsPublic() || !parsed.Valid() {
		return none, false
	}
	if key, is := parsed.Key.(*rsa.PublicKey); is && (key.N.BitLen() < minRSA || key.E < 3 || key.E%2 == 0) {
		return none, false
	}
	out := publicKey{id: k.ID, alg: k.Alg, key: parsed.Key}
	return out, slices.ContainsFunc(algorithms, out.makes)
}
