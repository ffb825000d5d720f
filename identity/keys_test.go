// SPDX-License-Identifier: Apache-2.0

package identity_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"review-assistant/identity"
	"review-assistant/identity/identitytest"
)

// fails is like want for a provider whose keys cannot be read.
func (k *kit) fails(token string) string {
	k.Helper()
	_, err := k.v.Verify(k.Context(), token, "")
	retry(k.T, err)
	leaks(k.T, err.Error()+k.log.String(), token)
	if strings.Contains(err.Error()+k.log.String(), "SECRET-IN-AN-ERROR-PAGE") {
		k.Errorf("the provider's answer is quoted: %v\n%s", err, k.log)
	}
	return err.Error()
}

func TestRotation(t *testing.T) {
	k := newKit(t)
	old := k.mint(nil)
	k.want(old, "")
	// A new key counts at once, when the last read is a minute ago.
	k.now = k.now.Add(time.Minute)
	k.oidc.AddKey("ES256")
	k.want(k.mint(nil), "")
	k.want(k.mint(map[string]any{"sub": "other"}), "")
	if n := k.oidc.Reads(); n != 2 {
		t.Errorf("the keys were read %d times", n)
	}
	k.oidc.AddKey("RS256")
	k.want(k.mint(nil), identity.BadSignature) // another within the minute waits for its end, as docs/sso.md says
	k.now = k.now.Add(time.Minute)
	k.want(k.mint(nil), "")
	k.want(old, "")
}

func TestStormOfUnknownKeys(t *testing.T) {
	k := newKit(t)
	k.want(k.mint(nil), "")
	storm := func() {
		var wg sync.WaitGroup
		for i := range 1000 {
			token := k.head(map[string]any{"kid": fmt.Sprint("unknown-", i)})
			wg.Go(func() {
				if _, err := k.v.Verify(context.WithoutCancel(t.Context()), token, ""); identity.ReasonOf(err) != identity.BadSignature {
					t.Errorf("got %v", err)
				}
			})
		}
		wg.Wait()
	}
	storm()
	if n := k.oidc.Reads(); n != 1 {
		t.Errorf("within a minute of the first read: %d reads", n)
	}
	k.now = k.now.Add(time.Minute)
	storm()
	if n := k.oidc.Reads(); n != 2 {
		t.Errorf("a minute later: %d reads", n)
	}
	k.now = k.now.Add(time.Minute)
	k.oidc.Before(identitytest.Down)
	for i := range 100 {
		k.fails(k.head(map[string]any{"kid": fmt.Sprint("unknown-", i)}))
		k.want(k.mint(map[string]any{"sub": fmt.Sprint(i)}), "")
	}
	if n := k.oidc.Reads(); n > 3 {
		t.Errorf("with the provider down: %d reads", n)
	}
}

func TestManyFirstCallsReadOnce(t *testing.T) {
	k := newKit(t)
	token := k.mint(nil)
	var wg sync.WaitGroup
	for range 100 {
		wg.Go(func() {
			if _, err := k.v.Verify(context.WithoutCancel(t.Context()), token, ""); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n := k.oidc.Reads(); n != 1 {
		t.Errorf("the keys were read %d times", n)
	}
}

func TestProviderDown(t *testing.T) {
	k := newKit(t)
	k.oidc.Before(identitytest.Down)
	_, err := k.v.Verify(t.Context(), k.mint(nil), "")
	if r := retry(t, err); r.After != 10*time.Second {
		t.Errorf("again after %v", r.After)
	}
	k.want(k.user(nil, nil), "") // the other one works
	k.oidc.Before(nil)
	k.fails(k.mint(nil)) // not asked again at once
	k.now = k.now.Add(10 * time.Second)
	token := k.mint(map[string]any{"exp": k.now.Add(24 * time.Hour).Unix()})
	k.want(token, "")

	// Down again: its keys are good for a day.
	k.oidc.Before(identitytest.Down)
	k.now = k.now.Add(11 * time.Minute)
	k.want(token, "")
	k.now = k.now.Add(24*time.Hour - 11*time.Minute)
	k.want(token, "")
	k.fails(k.head(map[string]any{"kid": "new"})) // nobody knows
	k.now = k.now.Add(time.Second)
	k.fails(k.mint(nil))
	k.oidc.Before(nil)
	k.now = k.now.Add(time.Minute)
	k.want(k.mint(nil), "")
	for text, times := range map[string]int{"cannot be read": 2, "can be read again": 2} {
		if n := strings.Count(k.log.String(), text); n != times {
			t.Errorf("%q is in the log %d times:\n%s", text, n, k.log)
		}
	}
}

// Whoever causes a read may leave: the keys are read all the same, and others
// do not wait for longer than they want to.
func TestSlowProvider(t *testing.T) {
	k := newKit(t)
	asked, free := make(chan struct{}, 9), make(chan struct{})
	k.oidc.Before(func(_ http.ResponseWriter, r *http.Request) bool {
		if strings.HasSuffix(r.URL.Path, identitytest.KeysPath) {
			asked <- struct{}{}
			<-free
		}
		return false
	})
	token := k.mint(nil)
	ctx, leave := context.WithCancel(t.Context())
	var first sync.WaitGroup
	first.Go(func() {
		if _, err := k.v.Verify(ctx, token, ""); err != nil {
			t.Error(err)
		}
	})
	<-asked
	leave()
	_, err := k.v.Verify(ctx, token, "") // it waits for the first one's read
	retry(t, err)
	close(free)
	first.Wait()
	k.want(token, "")

	// With keys at hand nobody waits but the one who reads.
	k.now = k.now.Add(10 * time.Minute)
	free = make(chan struct{})
	first.Go(func() { k.want(token, "") })
	<-asked
	for i := range 10 {
		k.want(k.mint(map[string]any{"sub": fmt.Sprint(i)}), "")
	}
	close(free)
	first.Wait()
	if n := k.oidc.Reads(); n != 2 {
		t.Errorf("the keys were read %d times", n)
	}
}

func TestTimeout(t *testing.T) {
	k := newKit(t)
	k.v = k.verifier([]identity.Provider{{Name: "corp", Issuer: k.oidc.Issuer, Audiences: []string{audience}, Timeout: 50 * time.Millisecond}})
	stop := make(chan struct{})
	t.Cleanup(func() { close(stop) })
	for name, h := range map[string]func(w http.ResponseWriter){
		"silent": func(http.ResponseWriter) {},
		"drips": func(w http.ResponseWriter) {
			fmt.Fprint(w, `{"keys":[`)
			w.(http.Flusher).Flush()
		},
	} {
		for _, path := range []string{identitytest.DiscoveryPath, identitytest.KeysPath} {
			k.now = k.now.Add(time.Hour)
			k.oidc.Before(func(w http.ResponseWriter, r *http.Request) bool {
				if strings.HasSuffix(r.URL.Path, path) {
					h(w)
					select {
					case <-stop:
					case <-r.Context().Done():
					}
					return true
				}
				return false
			})
			if text := k.fails(k.mint(nil)); !strings.Contains(text, "deadline") {
				t.Errorf("%s at %s: %s", name, path, text)
			}
		}
	}
}

func TestLyingProvider(t *testing.T) {
	k := newKit(t)
	var called bool
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { called = true }))
	defer other.Close()
	document := func(change map[string]any) func(w http.ResponseWriter) {
		return func(w http.ResponseWriter) {
			identitytest.Answer(w, with(map[string]any{"issuer": k.oidc.Issuer, "jwks_uri": k.oidc.Issuer + identitytest.KeysPath}, change))
		}
	}
	text := func(s string) func(w http.ResponseWriter) {
		return func(w http.ResponseWriter) { fmt.Fprint(w, s) }
	}
	endless := func(w http.ResponseWriter) {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, `{"keys":[], "x":"`)
		for {
			if _, err := io.WriteString(w, strings.Repeat("SECRET-IN-AN-ERROR-PAGE", 1000)); err != nil {
				return
			}
		}
	}
	redirect := func(w http.ResponseWriter) {
		w.Header().Set("Location", other.URL)
		w.WriteHeader(http.StatusFound)
	}
	many := make([]map[string]any, 101)
	for _, row := range []struct {
		name, path string
		answer     func(w http.ResponseWriter)
		says       string
	}{
		{"other issuer", identitytest.DiscoveryPath, document(map[string]any{"issuer": k.oidc.Issuer + "/"}), "another issuer"},
		{"no issuer", identitytest.DiscoveryPath, document(map[string]any{"issuer": nil}), "another issuer"},
		{"no keys", identitytest.DiscoveryPath, document(map[string]any{"jwks_uri": nil}), "no place for keys"},
		{"keys elsewhere over http", identitytest.DiscoveryPath, document(map[string]any{"jwks_uri": "http://keys.example.com/"}), "plain http"},
		{"keys in a file", identitytest.DiscoveryPath, document(map[string]any{"jwks_uri": "file:///etc/passwd"}), "no https URL"},
		{"keys with credentials", identitytest.DiscoveryPath, document(map[string]any{"jwks_uri": "https://a:b@example.com/"}), "credentials"},
		{"keys at a long address", identitytest.DiscoveryPath, document(map[string]any{"jwks_uri": "https://" + strings.Repeat("x", 5000)}), "no place for keys"},
		{"keys as a list", identitytest.DiscoveryPath, document(map[string]any{"jwks_uri": []string{other.URL}}), "no discovery document"},
		{"HTML", identitytest.DiscoveryPath, text("<html>SECRET-IN-AN-ERROR-PAGE"), "no discovery document"},
		{"redirect", identitytest.DiscoveryPath, redirect, "redirects are not followed"},
		{"endless", identitytest.DiscoveryPath, endless, "more than 1048576 bytes"},
		{"keys under an error", identitytest.KeysPath, func(w http.ResponseWriter) {
			w.WriteHeader(http.StatusInternalServerError)
			identitytest.Answer(w, map[string]any{"keys": []any{identitytest.JWK(k.oidc.Key(k.ec).Public(), map[string]any{"kid": k.ec})}})
		}, "status 500"},
		{"keys: HTML", identitytest.KeysPath, text("<html>SECRET-IN-AN-ERROR-PAGE"), "no key set"},
		{"keys: null", identitytest.KeysPath, text(`{"keys":null}`), "no key set"},
		{"keys: object", identitytest.KeysPath, text(`{"keys":{}}`), "no key set"},
		{"keys: empty body", identitytest.KeysPath, text(""), "no key set"},
		{"keys: redirect", identitytest.KeysPath, redirect, "redirects are not followed"},
		{"keys: endless", identitytest.KeysPath, endless, "more than 1048576 bytes"},
		{"keys: too many", identitytest.KeysPath, func(w http.ResponseWriter) { identitytest.Answer(w, map[string]any{"keys": many}) }, "101 keys"},
	} {
		k.now = k.now.Add(time.Hour)
		k.oidc.Before(func(w http.ResponseWriter, r *http.Request) bool {
			if strings.HasSuffix(r.URL.Path, row.path) {
				row.answer(w)
				return true
			}
			return false
		})
		if got := k.fails(k.mint(nil)); !strings.Contains(got, row.says) || len(got) > 400 {
			t.Errorf("%s: %.400s", row.name, got)
		}
	}
	if called {
		t.Error("somebody else's server was called")
	}
}

func TestOddKeys(t *testing.T) {
	k := newKit(t)
	weak, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Skip("no weak keys are made here:", err)
	}
	big, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	good := identitytest.NewKey("ES256")
	public := func(more map[string]any) any { return identitytest.JWK(good.Public(), more) }
	for name, odd := range map[string]any{
		"for encryption":         public(map[string]any{"kid": "x", "use": "enc"}),
		"for signing":            public(map[string]any{"kid": "x", "key_ops": []string{"sign"}}),
		"for another algorithm":  public(map[string]any{"kid": "x", "alg": "ES384"}),
		"for no known algorithm": public(map[string]any{"kid": "x", "alg": "HS256"}),
		"private":                public(map[string]any{"kid": "x", "d": "AQ"}),
		"not on its curve":       public(map[string]any{"kid": "x", "y": strings.Repeat("A", 43)}),
		"of another curve":       public(map[string]any{"kid": "x", "crv": "P-384"}),
		"secret":                 map[string]any{"kty": "oct", "kid": "x", "k": "c2VjcmV0"},
		"weak":                   identitytest.JWK(weak.Public(), map[string]any{"kid": "x"}),
		"with exponent 1":        map[string]any{"kty": "RSA", "kid": "x", "e": "AQ", "n": identitytest.JWK(k.oidc.Key(k.rsa).Public(), nil)["n"]},
		"unknown":                map[string]any{"kty": "QUANTUM", "kid": "x"},
		"no object":              "x",
		"null":                   nil,
		"kid is a number":        public(map[string]any{"kid": 7}),
		"another curve's":        identitytest.JWK(big.Public(), map[string]any{"kid": "x"}),
	} {
		k.now = k.now.Add(time.Hour)
		k.oidc.Before(func(w http.ResponseWriter, r *http.Request) bool {
			if !strings.HasSuffix(r.URL.Path, identitytest.KeysPath) {
				return false
			}
			identitytest.Answer(w, map[string]any{"keys": []any{odd, identitytest.JWK(good.Public(), map[string]any{"kid": "good"})}})
			return true
		})
		sign := func(kid string) string {
			return identitytest.Sign("ES256", good, fmt.Sprintf(`{"alg":"ES256","kid":%q}`, kid), encode(t, k.claims(nil)))
		}
		k.want(sign("x"), identity.BadSignature)
		k.want(sign("good"), "") // it locks nobody out
		if name == "weak" {
			k.want(identitytest.Sign("RS256", weak, `{"alg":"RS256","kid":"x"}`, encode(t, k.claims(nil))), identity.BadSignature)
		}
		// The one key that is left needs no name.
		k.want(identitytest.Sign("ES256", good, `{"alg":"ES256"}`, encode(t, k.claims(nil))), "")
	}
	// Certificates are not looked at, and an empty set is one: Backstage's
	// before the first sign-in.
	for body, want := range map[string]identity.Reason{
		encode(t, map[string]any{"keys": []any{public(map[string]any{"kid": "x", "x5c": []string{"bm8="}, "x5t": "?"})}}): "",
		`{"keys":[]}`: identity.BadSignature,
	} {
		k.now = k.now.Add(time.Hour)
		k.oidc.Before(func(w http.ResponseWriter, r *http.Request) bool {
			if !strings.HasSuffix(r.URL.Path, identitytest.KeysPath) {
				return false
			}
			identitytest.Answer(w, json.RawMessage(body))
			return true
		})
		k.want(identitytest.Sign("ES256", good, `{"alg":"ES256","kid":"x"}`, encode(t, k.claims(nil))), want)
	}
}

func TestAuthoritiesAndProxy(t *testing.T) {
	k := newKit(t)
	safe := &identitytest.Provider{}
	server := httptest.NewTLSServer(safe)
	defer server.Close()
	safe.Issuer = server.URL
	safe.AddKey("ES256")
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	token := safe.Mint(safe.Claims(k.now, "f3a1", audience), nil)
	p := identity.Provider{Name: "safe", Issuer: safe.Issuer, Audiences: []string{audience}}
	k.v = k.verifier([]identity.Provider{p})
	if text := k.fails(token); !strings.Contains(text, "certificate") {
		t.Error(text)
	}
	p.CAFile = ca
	k.v = k.verifier([]identity.Provider{p})
	k.want(token, "")
	safe.Before(func(w http.ResponseWriter, _ *http.Request) bool {
		identitytest.Answer(w, map[string]any{"issuer": safe.Issuer, "jwks_uri": k.oidc.Issuer + identitytest.KeysPath})
		return true
	})
	k.v = k.verifier([]identity.Provider{p})
	if text := k.fails(token); !strings.Contains(text, "without https") {
		t.Error(text)
	}

	far := &identitytest.Provider{Issuer: "http://login.invalid"}
	far.AddKey("RS256")
	proxy := httptest.NewServer(far)
	defer proxy.Close()
	k.v = k.verifier([]identity.Provider{{Name: "far", Issuer: far.Issuer, Audiences: []string{audience}, AllowHTTP: true, ProxyURL: proxy.URL}})
	k.want(far.Mint(far.Claims(k.now, "f3a1", audience), nil), "")
}
