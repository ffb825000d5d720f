// SPDX-License-Identifier: Apache-2.0

//go:build e2e

package e2e

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"review-assistant/catalog/catalogtest"
	"review-assistant/e2e/rig"
)

func TestKeycloakRig(t *testing.T) {
	t.Parallel()
	k := startKeycloak(t)
	jwks := k.Issuer() + "/protocol/openid-connect/certs"
	ctx := t.Context()

	jane := readToken(t, jwks, must(k.Token(ctx, "jane", rig.Password, rig.Audience))(t))
	jane.want(t, "RS256", k.Issuer(), rig.Audience, "jane")
	if got := fmt.Sprintf("%v %v %v", jane.Claims["groups"], jane.Claims["email"], jane.Claims["email_verified"]); got != "[review-operators] jane@example.com true" {
		t.Errorf("jane has groups, e-mail, verified = %s", got)
	}
	other := readToken(t, jwks, must(k.Token(ctx, "tom", rig.Password, rig.Elsewhere))(t))
	other.want(t, "RS256", k.Issuer(), rig.Elsewhere, "tom")
	if isFor(other.Claims["aud"], rig.Audience) {
		t.Errorf("a token for elsewhere is for %v", other.Claims["aud"])
	}

	t.Run("browser", func(t *testing.T) {
		got := readToken(t, jwks, must(k.Login(ctx, "jane", rig.Password, false))(t))
		got.want(t, "RS256", k.Issuer(), rig.Audience, "jane")
		if got.Claims["sub"] != jane.Claims["sub"] {
			t.Errorf("jane is %v by browser and %v by script", got.Claims["sub"], jane.Claims["sub"])
		}
		if token, err := k.Login(ctx, "jane", "wrong", false); err == nil {
			t.Errorf("a wrong password yields %s", token)
		}
	})
	t.Run("SAML", func(t *testing.T) {
		first := readToken(t, jwks, must(k.Login(ctx, "ada", rig.Password, true))(t))
		first.want(t, "RS256", k.Issuer(), rig.Audience, "ada")
		again := readToken(t, jwks, must(k.Login(ctx, "ada", rig.Password, true))(t))
		if first.Claims["sub"] != again.Claims["sub"] {
			t.Errorf("ada is %v, then %v", first.Claims["sub"], again.Claims["sub"])
		}
		if token, err := k.Login(ctx, "ada", rig.Password, false); err == nil {
			t.Errorf("corp itself has a password of ada: %s", token)
		}
	})
	t.Run("disabled", func(t *testing.T) {
		check(t, k.Disable(ctx, "tom"))
		if _, err := k.Token(ctx, "tom", rig.Password, rig.Audience); rig.StatusOf(err) != http.StatusBadRequest {
			t.Errorf("a disabled person gets %v, want status 400", err)
		}
		if token, err := k.Login(ctx, "tom", rig.Password, false); err == nil {
			t.Errorf("a disabled person signs in: %s", token)
		}
		check(t, k.Enable(ctx, "tom"))
		must(k.Token(ctx, "tom", rig.Password, rig.Audience))(t)
	})
	t.Run("rotation", func(t *testing.T) { rotate(t, k, jwks, jane) })
}

func TestOIDCRig(t *testing.T) {
	t.Parallel()
	o := startOIDC(t)
	jwks := o.URL + "/jwks"
	ctx := t.Context()

	jane := readToken(t, jwks, must(o.Token(ctx, "jane", rig.Password, rig.Audience))(t))
	jane.want(t, "ES256", o.Issuer(), rig.Audience, "jane")
	if got := fmt.Sprintf("%v %v %v", jane.Header["typ"], jane.Claims["groups"], jane.Claims["email_verified"]); got != "at+jwt [review-operators] true" {
		t.Errorf("the token of jane has type, groups, verified = %s", got)
	}
	readToken(t, jwks, must(o.TokenOf(ctx, "tom", rig.Password, rig.Audience, "RS256", 5*time.Minute))(t)).
		want(t, "RS256", o.Issuer(), rig.Audience, "tom")
	other := readToken(t, jwks, must(o.Token(ctx, "tom", rig.Password, rig.Elsewhere))(t))
	other.want(t, "ES256", o.Issuer(), rig.Elsewhere, "tom")
	if _, err := o.Token(ctx, "ada", rig.Password, rig.Audience); rig.StatusOf(err) != http.StatusBadRequest {
		t.Errorf("somebody unknown gets %v, want status 400", err)
	}

	t.Run("browser", func(t *testing.T) {
		got := readToken(t, jwks, must(o.Login(ctx, "jane", rig.Password, rig.Audience))(t))
		got.want(t, "ES256", o.Issuer(), rig.Audience, "jane")
		if got.Claims["sub"] != jane.Claims["sub"] {
			t.Errorf("jane is %v by browser and %v by script", got.Claims["sub"], jane.Claims["sub"])
		}
		if token, err := o.Login(ctx, "jane", "wrong", rig.Audience); err == nil {
			t.Errorf("a wrong password yields %s", token)
		}
	})
	t.Run("rotation", func(t *testing.T) { rotate(t, o, jwks, jane) })
	t.Run("silence", func(t *testing.T) {
		check(t, o.Hang(ctx))
		short, cancel := context.WithTimeout(ctx, 100*time.Millisecond)
		defer cancel()
		if _, err := o.Token(short, "jane", rig.Password, rig.Audience); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("while it hangs the answer is %v", err)
		}
		check(t, o.Fail(ctx))
		if _, err := o.Token(ctx, "jane", rig.Password, rig.Audience); rig.StatusOf(err) != http.StatusServiceUnavailable {
			t.Errorf("while it fails the answer is %v, want status 503", err)
		}
		check(t, o.Recover(ctx))
		must(o.Token(ctx, "jane", rig.Password, rig.Audience))(t)
	})
}

// rotate has a provider sign with a new key, and then drop the one that signed a
// token of jane.
func rotate(t *testing.T, p interface {
	Token(ctx context.Context, user, password, client string) (string, error)
	RotateKeys(ctx context.Context) error
	DropOldKeys(ctx context.Context) error
}, jwks string, jane token,
) {
	t.Helper()
	ctx := t.Context()
	check(t, p.RotateKeys(ctx))
	next := readToken(t, jwks, must(p.Token(ctx, "jane", rig.Password, rig.Audience))(t))
	if next.Header["kid"] == jane.Header["kid"] {
		t.Errorf("the key is still %v", next.Header["kid"])
	}
	readToken(t, jwks, jane.Raw)
	check(t, p.DropOldKeys(ctx))
	if keysAt(t, jwks)[jane.Header["kid"].(string)] != nil {
		t.Error("the old key is still published")
	}
	readToken(t, jwks, next.Raw)
}

func TestBackstageRig(t *testing.T) {
	t.Parallel()
	b := startBackstage(t)
	ctx := t.Context()

	raw := must(b.UserToken(ctx, "user:default/jane"))(t)
	jane := readToken(t, b.Issuer()+"/.well-known/jwks.json", raw)
	if jane.Header["typ"] != "vnd.backstage.user" || jane.Header["alg"] != "ES256" || jane.Claims["iss"] != b.Issuer() ||
		!isFor(jane.Claims["aud"], "backstage") || jane.Claims["sub"] != "user:default/jane" {
		t.Errorf("the token of jane has header %v and claims %v", jane.Header, jane.Claims)
	}
	if tom := readToken(t, b.Issuer()+"/.well-known/jwks.json", must(b.UserToken(ctx, "user:default/tom"))(t)); tom.Claims["sub"] != "user:default/tom" {
		t.Errorf("the token of tom is about %v", tom.Claims["sub"])
	}

	plugins := b.URL + "/api/caller/.backstage/auth/v1/jwks.json"
	own := readToken(t, plugins, must(b.PluginToken(ctx, "x", ""))(t))
	if own.Header["typ"] != "vnd.backstage.plugin" || own.Claims["sub"] != "caller" || !isFor(own.Claims["aud"], "x") || own.Claims["obo"] != nil {
		t.Errorf("the token of a plugin has header %v and claims %v", own.Header, own.Claims)
	}
	behalf := readToken(t, plugins, must(b.PluginToken(ctx, "x", raw))(t))
	if obo, _ := behalf.Claims["obo"].(string); obo == "" {
		t.Errorf("the token on behalf of jane has claims %v", behalf.Claims)
	} else if limited := readToken(t, b.Issuer()+"/.well-known/jwks.json", obo); limited.Header["typ"] != "vnd.backstage.limited-user" {
		t.Errorf("what stands for jane in it has header %v and claims %v", limited.Header, limited.Claims)
	}
}

// shared is a server that starts with the first test that needs it, and ends
// after the last test.
type shared[S interface {
	Stop()
	Pid() int
}] struct {
	sync.Mutex
	server S
	up     bool
}

func (s *shared[S]) get(t *testing.T, what string, start func() (S, error)) S {
	t.Helper()
	s.Lock()
	defer s.Unlock()
	if !s.up {
		began := time.Now()
		var err error
		if s.server, err = start(); err != nil {
			t.Fatal(err)
		}
		s.up = true
		t.Logf("%s after %.1f s, %s, log in .cache", what, time.Since(began).Seconds(), memoryOf(s.server.Pid()))
	}
	return s.server
}

func (s *shared[S]) stop() {
	if s.up {
		s.server.Stop()
	}
}

var (
	keycloak shared[*rig.Keycloak]
	// keycloakTurn is held by the one test that Keycloak serves: its keys are
	// everybody's.
	keycloakTurn sync.Mutex
	backstage    shared[*rig.Backstage]
)

// stopProviders ends what tests of signing in have shared.
func stopProviders() {
	keycloak.stop()
	backstage.stop()
}

// portalPeople are users of the catalog: one who is annotated, one who is not.
const portalPeople = `
---
apiVersion: backstage.io/v1alpha1
kind: User
metadata: {name: jane, annotations: {review-assistant/username: jane}}
spec: {profile: {email: jane@example.com}, memberOf: []}
---
apiVersion: backstage.io/v1alpha1
kind: User
metadata: {name: guest}
spec: {memberOf: []}
`

// startBackstage returns the one that all tests share. A test is left out where
// it cannot run.
func startBackstage(t *testing.T) *rig.Backstage {
	t.Helper()
	leaveOut(t, "sign-in with Backstage", rig.MissingBackstage())
	return backstage.get(t, "backstage", func() (*rig.Backstage, error) {
		return rig.StartBackstage(t.Context(), rig.BackstageOptions{
			Entry: rig.Contract, Catalog: slices.Concat(catalogtest.Entities, []byte(portalPeople)),
		})
	})
}

// startOIDC starts one for a test, which is left out where it cannot run.
func startOIDC(t *testing.T) *rig.OIDC {
	t.Helper()
	leaveOut(t, "sign-in with OpenID", rig.MissingOIDC())
	began := time.Now()
	o, err := rig.StartOIDC(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(o.Stop)
	t.Logf("OpenID provider after %.1f s, %s", time.Since(began).Seconds(), memoryOf(o.Pid()))
	return o
}

// startKeycloak returns the one that all tests share, one after the other. A
// test is left out where it cannot run.
func startKeycloak(t *testing.T) *rig.Keycloak {
	t.Helper()
	leaveOut(t, "sign-in with Keycloak", rig.MissingKeycloak(t.Context()))
	keycloakTurn.Lock()
	t.Cleanup(keycloakTurn.Unlock)
	return keycloak.get(t, "keycloak "+rig.KeycloakVersion, func() (*rig.Keycloak, error) {
		log, err := os.Create(filepath.Join("..", ".cache", "keycloak.log"))
		if err != nil {
			return nil, err
		}
		return rig.StartKeycloak(t.Context(), rig.KeycloakOptions{Log: log})
	})
}

// leaveOut skips a test that lacks something, and fails it in CI.
func leaveOut(t *testing.T, what, missing string) {
	t.Helper()
	if missing == "" {
		return
	}
	if os.Getenv("CI") == "true" {
		t.Fatalf("in CI nothing may be left out: %s", missing)
	}
	fmt.Printf("e2e: left out: %s: %s\n", what, missing)
	t.Skip(missing)
}

// memoryOf tells what a process takes, where the kernel tells.
func memoryOf(pid int) string {
	status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	for line := range strings.Lines(string(status)) {
		if rss, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			return strings.TrimSpace(rss)
		}
	}
	return "memory unknown"
}

// token is a JSON web token whose signature was found good.
type token struct {
	Raw            string
	Header, Claims map[string]any
}

// readToken verifies a token with the keys at an address, by hand: the tests
// of the rig hold nothing of ours for granted.
func readToken(t *testing.T, jwks, raw string) token {
	t.Helper()
	k := token{Raw: raw}
	parts := strings.Split(raw, ".")
	if len(parts) != 3 {
		t.Fatalf("this is no signed token: %q", raw)
	}
	unpack(t, parts[0], &k.Header)
	unpack(t, parts[1], &k.Claims)
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	check(t, err)
	digest := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	key := keysAt(t, jwks)[fmt.Sprint(k.Header["kid"])]
	good := false
	switch key := key.(type) {
	case *rsa.PublicKey:
		good = k.Header["alg"] == "RS256" && rsa.VerifyPKCS1v15(key, crypto.SHA256, digest[:], signature) == nil
	case *ecdsa.PublicKey:
		good = k.Header["alg"] == "ES256" && len(signature) == 64 &&
			ecdsa.Verify(key, digest[:], new(big.Int).SetBytes(signature[:32]), new(big.Int).SetBytes(signature[32:]))
	}
	if !good {
		t.Fatalf("the key at %s did not sign the token with header %v", jwks, k.Header)
	}
	return k
}

// want holds the token to what is the same for every provider.
func (k token) want(t *testing.T, alg, issuer, audience, user string) {
	t.Helper()
	name := k.Claims["preferred_username"]
	if k.Header["alg"] != alg || k.Claims["iss"] != issuer || !isFor(k.Claims["aud"], audience) || name != user || k.Claims["sub"] == "" {
		t.Errorf("the token has header %v and claims %v; want %s of %s for %s about %s", k.Header, k.Claims, alg, issuer, audience, user)
	}
	life := time.Until(time.Unix(int64(k.Claims["exp"].(float64)), 0))
	if life < time.Minute || life > time.Hour {
		t.Errorf("the token lives for %s", life)
	}
}

// isFor reports whether an audience, a string or a list, names one.
func isFor(aud any, want string) bool {
	list, _ := aud.([]any)
	return aud == want || slices.Contains(list, any(want))
}

// keysAt fetches a key set, by key id.
func keysAt(t *testing.T, jwks string) map[string]crypto.PublicKey {
	t.Helper()
	var set struct {
		Keys []struct{ Kid, Kty, Use, Crv, N, E, X, Y string }
	}
	getJSON(t.Context(), t, jwks, &set)
	number := func(s string) []byte {
		b, err := base64.RawURLEncoding.DecodeString(s)
		check(t, err)
		return b
	}
	keys := map[string]crypto.PublicKey{}
	for _, k := range set.Keys {
		switch {
		case k.Use == "enc":
		case k.Kty == "RSA":
			keys[k.Kid] = &rsa.PublicKey{N: new(big.Int).SetBytes(number(k.N)), E: int(new(big.Int).SetBytes(number(k.E)).Int64())}
		case k.Kty == "EC" && k.Crv == "P-256":
			key, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), slices.Concat([]byte{4}, number(k.X), number(k.Y)))
			check(t, err)
			keys[k.Kid] = key
		}
	}
	return keys
}

func getJSON(ctx context.Context, t *testing.T, url string, out any) {
	t.Helper()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	check(t, err)
	resp, err := http.DefaultClient.Do(req)
	check(t, err)
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("GET %s: %s", url, resp.Status)
	}
	check(t, json.NewDecoder(resp.Body).Decode(out))
}

func unpack(t *testing.T, part string, out any) {
	t.Helper()
	body, err := base64.RawURLEncoding.DecodeString(part)
	check(t, err)
	check(t, json.Unmarshal(body, out))
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// must unwraps what never fails on a healthy rig.
func must[V any](v V, err error) func(*testing.T) V {
	return func(t *testing.T) V {
		t.Helper()
		check(t, err)
		return v
	}
}
