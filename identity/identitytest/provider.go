// SPDX-License-Identifier: Apache-2.0

// Package identitytest is an identity provider on this machine, which signs
// whatever a test wants to have signed.
package identitytest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"math/big"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// Provider serves a discovery document and keys. All methods are safe for
// concurrent use; they panic on what no test means to do.
type Provider struct {
	Issuer string

	mu     sync.Mutex
	keys   []key
	made   int
	reads  int
	before func(w http.ResponseWriter, r *http.Request) (done bool)
}

type key struct {
	id, alg string
	private crypto.Signer
}

// Start starts a provider with one ES256 key until the test ends. Path stands
// behind the address in its issuer: "" or, for a Backstage, "/api/auth".
func Start(tb testing.TB, path string) *Provider {
	p := &Provider{}
	s := httptest.NewServer(p)
	tb.Cleanup(s.Close)
	p.Issuer = s.URL + path
	p.AddKey("ES256")
	return p
}

// Claims are those of a good token: issued now, for an hour.
func (p *Provider) Claims(now time.Time, subject, audience string) map[string]any {
	return map[string]any{
		"iss": p.Issuer, "sub": subject, "aud": audience, "iat": now.Unix(), "exp": now.Add(time.Hour).Unix(),
	}
}

// Mint signs claims with the newest key. Header is laid over the usual one; a
// nil value takes an entry away.
func (p *Provider) Mint(claims, header map[string]any) string {
	p.mu.Lock()
	k := p.keys[len(p.keys)-1]
	p.mu.Unlock()
	all := map[string]any{"alg": k.alg, "kid": k.id, "typ": "JWT"}
	maps.Copy(all, header)
	maps.DeleteFunc(all, func(_ string, v any) bool { return v == nil })
	return Sign(k.alg, k.private, encode(all), encode(claims))
}

// Sign makes a token of a header and claims as they are, however odd. Key is
// a private key, for HS256 a []byte, and for none nil.
func Sign(alg string, key any, header, claims string) string {
	text := b64([]byte(header)) + "." + b64([]byte(claims))
	sum := sha256.Sum256([]byte(text))
	var sig []byte
	switch alg {
	case "RS256":
		sig = must(rsa.SignPKCS1v15(nil, key.(*rsa.PrivateKey), crypto.SHA256, sum[:]))
	case "ES256":
		r, s, err := ecdsa.Sign(rand.Reader, key.(*ecdsa.PrivateKey), sum[:])
		must(0, err)
		sig = append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...)
	case "EdDSA":
		sig = ed25519.Sign(key.(ed25519.PrivateKey), []byte(text))
	case "HS256":
		h := hmac.New(sha256.New, key.([]byte))
		h.Write([]byte(text))
		sig = h.Sum(nil)
	case "none":
	default:
		panic("no such algorithm: " + alg)
	}
	return text + "." + b64(sig)
}

// AddKey publishes one more key, for RS256, ES256 or EdDSA, with which tokens
// are signed from now on. It returns the key's id.
func (p *Provider) AddKey(alg string) string {
	k := key{alg: alg, private: NewKey(alg)}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.made++
	k.id = fmt.Sprintf("key-%d", p.made)
	p.keys = append(p.keys, k)
	return k.id
}

// RemoveKey withdraws a key.
func (p *Provider) RemoveKey(id string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.keys = slices.DeleteFunc(p.keys, func(k key) bool { return k.id == id })
}

// Key returns a private key.
func (p *Provider) Key(id string) crypto.Signer {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.keys[slices.IndexFunc(p.keys, func(k key) bool { return k.id == id })].private
}

// NewKey makes a private key for RS256, ES256 or EdDSA.
func NewKey(alg string) crypto.Signer {
	switch alg {
	case "RS256":
		return must(rsa.GenerateKey(rand.Reader, 2048))
	case "ES256":
		return must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	case "EdDSA":
		_, private, err := ed25519.GenerateKey(rand.Reader)
		return must(private, err)
	}
	panic("no such algorithm: " + alg)
}

// Reads counts how often the keys were asked for.
func (p *Provider) Reads() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.reads
}

// Before puts a handler in front, which may answer instead, or lie, or wait;
// nil takes it away.
func (p *Provider) Before(h func(w http.ResponseWriter, r *http.Request) (done bool)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.before = h
}

// Down answers everything with an error page.
func Down(w http.ResponseWriter, _ *http.Request) bool {
	http.Error(w, "SECRET-IN-AN-ERROR-PAGE", http.StatusServiceUnavailable)
	return true
}

// ServeHTTP implements http.Handler.
func (p *Provider) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	keys := strings.HasSuffix(r.URL.Path, KeysPath)
	p.mu.Lock()
	before, list := p.before, slices.Clone(p.keys)
	if keys {
		p.reads++
	}
	p.mu.Unlock()
	switch {
	case before != nil && before(w, r):
	case keys:
		set := []map[string]any{}
		for _, k := range list {
			set = append(set, JWK(k.private.Public(), map[string]any{"kid": k.id, "alg": k.alg, "use": "sig"}))
		}
		Answer(w, map[string]any{"keys": set})
	case strings.HasSuffix(r.URL.Path, DiscoveryPath):
		Answer(w, map[string]any{
			"issuer": p.Issuer, "jwks_uri": p.Issuer + KeysPath,
			"id_token_signing_alg_values_supported": []string{"RS256", "ES256", "EdDSA", "HS256", "none"},
		})
	default:
		http.NotFound(w, r)
	}
}

// Where things are, behind the issuer.
const (
	DiscoveryPath = "/.well-known/openid-configuration"
	KeysPath      = "/.well-known/jwks.json"
)

// JWK writes a public key, with more entries beside it.
func JWK(public crypto.PublicKey, more map[string]any) map[string]any {
	out := map[string]any{}
	switch k := public.(type) {
	case *rsa.PublicKey:
		out = map[string]any{"kty": "RSA", "n": b64(k.N.Bytes()), "e": b64(big.NewInt(int64(k.E)).Bytes())}
	case *ecdsa.PublicKey:
		point := must(k.Bytes()) // 4, x, y
		half := (len(point) - 1) / 2
		out = map[string]any{"kty": "EC", "crv": k.Curve.Params().Name, "x": b64(point[1 : 1+half]), "y": b64(point[1+half:])}
	case ed25519.PublicKey:
		out = map[string]any{"kty": "OKP", "crv": "Ed25519", "x": b64(k)}
	}
	maps.Copy(out, more)
	return out
}

// Answer writes JSON.
func Answer(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	fmt.Fprint(w, encode(v))
}

func encode(v any) string { return string(must(json.Marshal(v))) }

func b64(raw []byte) string { return base64.RawURLEncoding.EncodeToString(raw) }

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
