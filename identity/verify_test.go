// SPDX-License-Identifier: Apache-2.0

package identity_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"review-assistant/identity"
	"review-assistant/identity/identitytest"
	"review-assistant/review"
)

// kit is an OpenID Connect provider, a Backstage, and a verifier of both.
type kit struct {
	*testing.T
	now   time.Time
	oidc  *identitytest.Provider
	stage *identitytest.Provider
	v     *identity.Verifier
	log   *bytes.Buffer
	rsa   string // key ids of oidc
	ed    string
	ec    string
}

const audience = "review-assistant"

func newKit(t *testing.T, services ...identity.Service) *kit {
	t.Helper()
	k := &kit{
		T: t, now: time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC), log: &bytes.Buffer{},
		oidc: identitytest.Start(t, ""), stage: identitytest.Start(t, "/api/auth"),
	}
	k.rsa, k.ed, k.ec = k.oidc.AddKey("RS256"), k.oidc.AddKey("EdDSA"), k.oidc.AddKey("ES256")
	k.v = k.verifier([]identity.Provider{
		{Name: "corp", Issuer: k.oidc.Issuer, Audiences: []string{audience}, UsernameClaim: "preferred_username"},
		{Name: "portal", Type: identity.TypeBackstage, Issuer: k.stage.Issuer},
	}, services...)
	return k
}

func (k *kit) verifier(providers []identity.Provider, services ...identity.Service) *identity.Verifier {
	k.Helper()
	v, err := identity.NewVerifier(providers, services, identity.VerifierOptions{
		Now: func() time.Time { return k.now },
		Log: slog.New(slog.NewTextHandler(k.log, nil)),
	})
	if err != nil {
		k.Fatal(err)
	}
	return v
}

// claims are good ones, with changes; nil takes one away.
func (k *kit) claims(change map[string]any) map[string]any {
	return with(k.oidc.Claims(k.now, "f3a1", audience), change)
}

func with(claims, change map[string]any) map[string]any {
	maps.Copy(claims, change)
	maps.DeleteFunc(claims, func(_ string, v any) bool { return v == nil })
	return claims
}

// mint makes a token that is good but for its claims.
func (k *kit) mint(change map[string]any) string { return k.oidc.Mint(k.claims(change), nil) }

// head makes a token that is good but for its header.
func (k *kit) head(change map[string]any) string { return k.oidc.Mint(k.claims(nil), change) }

// user makes Backstage's token of a user, with changes.
func (k *kit) user(claims, header map[string]any) string {
	c := with(k.stage.Claims(k.now, "user:default/jane", "backstage"), map[string]any{"uip": "c2ln"})
	return k.stage.Mint(with(c, claims), with(map[string]any{"typ": "vnd.backstage.user"}, header))
}

func (k *kit) want(token string, reason identity.Reason) identity.Proof {
	k.Helper()
	p, err := k.v.Verify(k.Context(), token, "")
	if identity.ReasonOf(err) != reason || (err == nil) != (reason == "") {
		k.Errorf("Verify(%s) = %+v, %v; want %q", show(token), p, err, reason)
	}
	if err != nil {
		leaks(k.T, err.Error(), token)
	}
	return p
}

func show(token string) string {
	parts := strings.Split(token, ".")
	for i, p := range parts[:len(parts)-1] {
		if raw, err := base64.RawURLEncoding.DecodeString(p); err == nil {
			parts[i] = string(raw)
		}
	}
	return fmt.Sprintf("%.300s", strings.Join(parts, "."))
}

// leaks finds parts of a token in a text.
func leaks(t *testing.T, text, token string) {
	t.Helper()
	for _, part := range strings.Split(token, ".") {
		if len(part) > 12 && strings.Contains(text, part[:12]) {
			t.Errorf("the error holds a part of the token: %s", text)
		}
	}
}

func b64(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }

func encode(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestVerify(t *testing.T) {
	k := newKit(t)
	claims := k.claims(map[string]any{
		"preferred_username": "jane", "email": "jane@example.com", "email_verified": true, "groups": []string{"ops", "", "line\nend", "dev"},
	})
	want := identity.Proof{
		Provider: "corp", Issuer: k.oidc.Issuer, Subject: "f3a1", Username: "jane", Email: "jane@example.com",
		Groups: []string{"ops", "dev"}, Until: k.now.Add(time.Hour + time.Minute).Unix(),
	}
	for _, id := range []string{k.rsa, k.ed, k.ec} {
		alg := map[string]string{k.rsa: "RS256", k.ed: "EdDSA", k.ec: "ES256"}[id]
		token := identitytest.Sign(alg, k.oidc.Key(id), fmt.Sprintf(`{"alg":%q,"kid":%q}`, alg, id), encode(t, claims))
		for range 2 { // the second time remembered
			if diff := cmp.Diff(want, k.want(token, "")); diff != "" {
				t.Errorf("%s (-want +got):\n%s", alg, diff)
			}
		}
	}
	if n := k.oidc.Reads(); n != 1 {
		t.Errorf("the keys were read %d times", n)
	}
	want = identity.Proof{
		Provider: "portal", Issuer: k.stage.Issuer, Subject: "user:default/jane", Entity: "user:default/jane", Until: want.Until,
	}
	if diff := cmp.Diff(want, k.want(k.user(nil, nil), "")); diff != "" {
		t.Errorf("backstage (-want +got):\n%s", diff)
	}
}

func TestPitfalls(t *testing.T) {
	k := newKit(t)
	var lured atomic.Int32
	lure := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { lured.Add(1) }))
	defer lure.Close()
	now := k.now.Unix()
	rsaDER, err := x509.MarshalPKIXPublicKey(k.oidc.Key(k.rsa).Public())
	if err != nil {
		t.Fatal(err)
	}
	rsaPEM := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: rsaDER})
	mallory := identitytest.NewKey("ES256")
	good := k.mint(nil)
	parts := strings.Split(good, ".")
	signing := parts[0] + "." + parts[1] + "."
	sig, err := base64.RawURLEncoding.DecodeString(parts[2])
	if err != nil {
		t.Fatal(err)
	}
	header := fmt.Sprintf(`{"alg":"ES256","kid":%q}`, k.ec)
	// raw signs claims with the right key as they are written.
	raw := func(claims string) string { return identitytest.Sign("ES256", k.oidc.Key(k.ec), header, claims) }
	hmac := func(secret []byte) string {
		return identitytest.Sign("HS256", secret, fmt.Sprintf(`{"alg":"HS256","kid":%q}`, k.rsa), encode(t, k.claims(nil)))
	}
	rs := identitytest.Sign("RS256", k.oidc.Key(k.rsa), fmt.Sprintf(`{"alg":"RS256","kid":%q}`, k.rsa), encode(t, k.claims(nil)))
	last := parts[2][len(parts[2])-1:]
	alphabet := "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	order := elliptic.P256().Params().N

	type claim = map[string]any
	for _, row := range []struct {
		name  string
		token string
		want  identity.Reason
	}{
		{"good", good, ""},

		// Algorithms.
		{"none", identitytest.Sign("none", nil, `{"alg":"none"}`, encode(t, k.claims(nil))), identity.BadAlgorithm},
		{"None", identitytest.Sign("none", nil, `{"alg":"None"}`, encode(t, k.claims(nil))), identity.BadAlgorithm},
		{"NONE", identitytest.Sign("none", nil, `{"alg":"NONE"}`, encode(t, k.claims(nil))), identity.BadAlgorithm},
		{"nOnE with a good signature", k.head(claim{"alg": "nOnE"}), identity.BadAlgorithm},
		{"no algorithm", k.head(claim{"alg": nil}), identity.BadAlgorithm},
		{"empty algorithm", k.head(claim{"alg": ""}), identity.BadAlgorithm},
		{"algorithm in lower case", k.head(claim{"alg": "es256"}), identity.BadAlgorithm},
		{"algorithm as a number", k.head(claim{"alg": 1}), identity.Malformed},
		{"algorithm as a list", k.head(claim{"alg": []string{"ES256"}}), identity.Malformed},
		{"HS256 with the public key, PEM", hmac(rsaPEM), identity.BadAlgorithm},
		{"HS256 with the public key, PEM without its last line end", hmac(bytes.TrimSpace(rsaPEM)), identity.BadAlgorithm},
		{"HS256 with the public key, DER", hmac(rsaDER), identity.BadAlgorithm},
		{"HS256 with no secret", hmac(nil), identity.BadAlgorithm},
		{"HS256 that says RS256", identitytest.Sign("HS256", rsaPEM, fmt.Sprintf(`{"alg":"RS256","kid":%q}`, k.rsa), encode(t, k.claims(nil))), identity.BadSignature},
		{"RS256 that says ES256", relabel(rs, fmt.Sprintf(`{"alg":"ES256","kid":%q}`, k.rsa)), identity.BadSignature},
		{"RS256 that says HS256", relabel(rs, fmt.Sprintf(`{"alg":"HS256","kid":%q}`, k.rsa)), identity.BadAlgorithm},
		{"RS256 that says PS256", relabel(rs, fmt.Sprintf(`{"alg":"PS256","kid":%q}`, k.rsa)), identity.BadAlgorithm},
		{"ES256 with the id of an RSA key", k.head(claim{"kid": k.rsa}), identity.BadSignature},
		{"a key that is for another algorithm", identitytest.Sign("ES256", k.oidc.Key(k.ec), fmt.Sprintf(`{"alg":"EdDSA","kid":%q}`, k.ec), encode(t, k.claims(nil))), identity.BadSignature},

		// Signatures.
		{"r = s = 0", signing + b64(string(make([]byte, 64))), identity.BadSignature},
		{"r = s = order", signing + b64(string(order.Bytes())+string(order.Bytes())), identity.BadSignature},
		{"no signature", signing, identity.BadSignature},
		{"signature cut", signing + b64(string(sig[:63])), identity.BadSignature},
		{"signature and more", signing + b64(string(sig)+"\x00"), identity.BadSignature},
		{"signature in DER", signing + b64("0E\x02\x20"), identity.BadSignature},
		{"other bits in the last digit", good[:len(good)-1] + string(alphabet[strings.Index(alphabet, last)^1]), identity.Malformed},
		{"signature of another token", signing + strings.Split(k.mint(claim{"sub": "other"}), ".")[2], identity.BadSignature},
		{"claims of another token", parts[0] + "." + b64(encode(t, k.claims(claim{"sub": "other"}))) + "." + parts[2], identity.BadSignature},
		{"somebody else's key", identitytest.Sign("ES256", mallory, header, encode(t, k.claims(nil))), identity.BadSignature},

		// Keys.
		{"unknown key", k.head(claim{"kid": "key-99"}), identity.BadSignature},
		{"key id in another case", k.head(claim{"kid": strings.ToUpper(k.ec)}), identity.BadSignature},
		{"no key id, several keys", k.head(claim{"kid": nil}), identity.BadSignature},
		{"empty key id", k.head(claim{"kid": ""}), identity.BadSignature},
		{"key id as a number", k.head(claim{"kid": 1}), identity.Malformed},
		{"key id null", raw2(k, `{"alg":"ES256","kid":null}`), identity.Malformed},
		{"key id is a path", k.head(claim{"kid": "../../../../dev/null"}), identity.BadSignature},
		{"key id is SQL", k.head(claim{"kid": "x' UNION SELECT 'key' --"}), identity.BadSignature},
		{"key id is a command", k.head(claim{"kid": k.ec + "|touch x"}), identity.BadSignature},
		{"key id with a NUL", k.head(claim{"kid": k.ec + "\x00"}), identity.BadSignature},
		{"key id is an address", k.head(claim{"kid": lure.URL}), identity.BadSignature},
		{"key in the header", identitytest.Sign("ES256", mallory, encode(t, claim{"alg": "ES256", "kid": "m", "jwk": identitytest.JWK(mallory.Public(), claim{"kid": "m"})}), encode(t, k.claims(nil))), identity.BadSignature},
		{"key in the header, of a known id", identitytest.Sign("ES256", mallory, encode(t, claim{"alg": "ES256", "kid": k.ec, "jwk": identitytest.JWK(mallory.Public(), nil)}), encode(t, k.claims(nil))), identity.BadSignature},
		{"jku", identitytest.Sign("ES256", mallory, encode(t, claim{"alg": "ES256", "kid": "m", "jku": lure.URL}), encode(t, k.claims(nil))), identity.BadSignature},
		{"x5u", identitytest.Sign("ES256", mallory, encode(t, claim{"alg": "ES256", "kid": "m", "x5u": lure.URL}), encode(t, k.claims(nil))), identity.BadSignature},
		{"jku beside a good signature is not followed", k.head(claim{"jku": lure.URL, "x5u": lure.URL}), ""},
		{"x5c", k.head(claim{"x5c": []string{"bm8="}}), identity.Malformed},

		// Header.
		{"crit", k.head(claim{"crit": []string{"exp"}}), identity.Malformed},
		{"crit, empty", k.head(claim{"crit": []string{}}), identity.Malformed},
		{"b64", k.head(claim{"b64": false, "crit": []string{"b64"}}), identity.Malformed},
		{"b64 alone", k.head(claim{"b64": false}), identity.Malformed},
		{"zip", k.head(claim{"zip": "DEF"}), identity.Malformed},
		{"typ in lower case", k.head(claim{"typ": "jwt"}), ""},
		{"typ of an access token", k.head(claim{"typ": "at+jwt"}), ""},
		{"typ with application", k.head(claim{"typ": "application/AT+JWT"}), ""},
		{"no typ", k.head(claim{"typ": nil}), ""},
		{"typ of a sign-out", k.head(claim{"typ": "logout+jwt"}), identity.BadType},
		{"typ of an event", k.head(claim{"typ": "secevent+jwt"}), identity.BadType},
		{"typ of a DPoP proof", k.head(claim{"typ": "dpop+jwt"}), identity.BadType},
		{"typ of Backstage's users", k.head(claim{"typ": "vnd.backstage.user"}), identity.BadType},
		{"typ twice application", k.head(claim{"typ": "application/application/jwt"}), identity.BadType},
		{"typ as a list", k.head(claim{"typ": []string{"JWT"}}), identity.Malformed},
		{"event without its typ", k.mint(claim{"events": claim{"http://schemas.openid.net/event/backchannel-logout": claim{}}}), identity.BadType},
		{"algorithm twice", raw2(k, `{"alg":"none","alg":"ES256","kid":"`+k.ec+`"}`), identity.Malformed},
		{"header is a list", raw2(k, `["ES256"]`), identity.Malformed},
		{"header and more", raw2(k, header+"{}"), identity.Malformed},

		// Issuer.
		{"issuer with a slash", k.mint(claim{"iss": k.oidc.Issuer + "/"}), identity.BadIssuer},
		{"issuer in capitals", k.mint(claim{"iss": strings.ToUpper(k.oidc.Issuer)}), identity.BadIssuer},
		{"issuer that looks alike", k.mint(claim{"iss": strings.Replace(k.oidc.Issuer, "http", "h\u0442tp", 1)}), identity.BadIssuer},
		{"issuer with a NUL", k.mint(claim{"iss": k.oidc.Issuer + "\x00"}), identity.BadIssuer},
		{"issuer as a list", k.mint(claim{"iss": []string{k.oidc.Issuer}}), identity.BadIssuer},
		{"no issuer", k.mint(claim{"iss": nil}), identity.BadIssuer},
		{"issuer null", raw(strings.Replace(encode(t, k.claims(nil)), `"`+k.oidc.Issuer+`"`, "null", 1)), identity.BadIssuer},
		{"somebody else's issuer", k.mint(claim{"iss": lure.URL}), identity.BadIssuer},
		{"issuer of the other provider", k.mint(claim{"iss": k.stage.Issuer}), identity.BadType},
		{"issuer of the other provider, its typ", k.oidc.Mint(k.claims(claim{"iss": k.stage.Issuer}), claim{"typ": "vnd.backstage.user"}), identity.BadSignature},
		{"a second issuer in capitals, which is no issuer", raw(strings.Replace(encode(t, k.claims(nil)), `"iss"`, `"ISS":"other","iss"`, 1)), ""},
		{"a second issuer in capitals, which another reader may take", raw(strings.Replace(encode(t, k.claims(nil)), `"sub"`, `"ISS":"other","sub"`, 1)), identity.Malformed},

		// Audience.
		{"audience in a list", k.mint(claim{"aud": []string{audience}}), ""},
		{"no audience", k.mint(claim{"aud": nil}), identity.BadAudience},
		{"empty audience", k.mint(claim{"aud": ""}), identity.BadAudience},
		{"no audience in a list", k.mint(claim{"aud": []string{}}), identity.BadAudience},
		{"part of the audience", k.mint(claim{"aud": audience[:6]}), identity.BadAudience},
		{"audience and more", k.mint(claim{"aud": audience + "-2"}), identity.BadAudience},
		{"audience in capitals", k.mint(claim{"aud": strings.ToUpper(audience)}), identity.BadAudience},
		{"audiences with a comma", k.mint(claim{"aud": audience + ",other"}), identity.BadAudience},
		{"audience of another client", k.mint(claim{"aud": "wiki"}), identity.BadAudience},
		{"audience with a null", k.mint(claim{"aud": []any{audience, nil}}), identity.BadAudience},
		{"for us alone, asked for by another client", k.mint(claim{"azp": "portal"}), ""},
		{"several audiences", k.mint(claim{"aud": []string{"wiki", audience}}), ""},
		{"several audiences, given to us", k.mint(claim{"aud": []string{"wiki", audience}, "azp": audience}), ""},
		{"several audiences, given to another", k.mint(claim{"aud": []string{"wiki", audience}, "azp": "wiki"}), identity.BadAudience},
		{"several audiences, given to a number", k.mint(claim{"aud": []string{"wiki", audience}, "azp": 1}), identity.BadAudience},
		{"access token that another client uses", k.oidc.Mint(k.claims(claim{"aud": []string{"wiki", audience}, "azp": "portal"}), claim{"typ": "at+jwt"}), ""},
		{"Keycloak's access token that another client uses", k.mint(claim{"aud": []string{audience, "account"}, "azp": "portal", "typ": "Bearer"}), ""},
		{"ID token of another client alone", k.mint(claim{"aud": "wiki", "azp": audience}), identity.BadAudience},

		// Keycloak's kinds.
		{"access token by its claim", k.mint(claim{"typ": "Bearer"}), ""},
		{"ID token by its claim", k.mint(claim{"typ": "ID"}), ""},
		{"null in its claim", k.mint(claim{"typ": json.RawMessage("null")}), ""},
		{"refresh token", k.mint(claim{"typ": "Refresh"}), identity.BadType},
		{"refresh token for another audience", k.mint(claim{"typ": "Refresh", "aud": "x"}), identity.BadType},
		{"offline token", k.mint(claim{"typ": "Offline"}), identity.BadType},
		{"sign-out by its claim", k.mint(claim{"typ": "Logout"}), identity.BadType},
		{"ID token in a sign-out", k.mint(claim{"typ": "Serialized-ID"}), identity.BadType},
		{"link in a mail", k.mint(claim{"typ": "reset-credentials"}), identity.BadType},
		{"kind that is a number", k.mint(claim{"typ": 1}), identity.BadType},
		{"bound by its claim", k.mint(claim{"typ": "DPoP", "cnf": claim{}}), identity.Bound},

		// Times.
		{"no exp", k.mint(claim{"exp": nil}), identity.NoTimes},
		{"exp null", raw(strings.Replace(encode(t, k.claims(nil)), `"exp":`, `"exp":null,"x":`, 1)), identity.Malformed},
		{"exp in the past", k.mint(claim{"iat": now - 7200, "exp": now - 3600}), identity.Expired},
		{"exp 61 seconds ago", k.mint(claim{"iat": now - 3600, "exp": now - 61}), identity.Expired},
		{"exp 60 seconds ago", k.mint(claim{"iat": now - 3600, "exp": now - 60}), identity.Expired},
		{"exp 59 seconds ago", k.mint(claim{"iat": now - 3600, "exp": now - 59}), ""},
		{"exp 0", k.mint(claim{"exp": 0}), identity.Expired},
		{"exp negative", k.mint(claim{"exp": -1}), identity.Malformed},
		{"exp as text", k.mint(claim{"exp": fmt.Sprint(now + 3600)}), identity.Malformed},
		{"exp with a fraction", k.mint(claim{"exp": float64(now) + 3600.5}), ""},
		{"exp as a list", k.mint(claim{"exp": []int64{now + 3600}}), identity.Malformed},
		{"exp as true", k.mint(claim{"exp": true}), identity.Malformed},
		{"exp in milliseconds", k.mint(claim{"exp": (now + 3600) * 1000}), identity.Malformed},
		{"exp beyond numbers", raw(strings.Replace(encode(t, k.claims(nil)), `"exp":`, `"exp":1e999,"x":`, 1)), identity.Malformed},
		{"exp that wraps", raw(strings.Replace(encode(t, k.claims(nil)), `"exp":`, `"exp":9223372036854775807,"x":`, 1)), identity.Malformed},
		{"a day long", k.mint(claim{"exp": now + 86400}), ""},
		{"longer than a day", k.mint(claim{"exp": now + 86401}), identity.TooLong},
		{"ten years", k.mint(claim{"exp": now + 10*365*86400}), identity.TooLong},
		{"old and long", k.mint(claim{"iat": now - 86400, "exp": now + 60}), identity.TooLong},
		{"no iat", k.mint(claim{"iat": nil}), identity.NoTimes},
		{"iat as text", k.mint(claim{"iat": fmt.Sprint(now)}), identity.Malformed},
		{"iat 60 seconds ahead", k.mint(claim{"iat": now + 60}), ""},
		{"iat 61 seconds ahead", k.mint(claim{"iat": now + 61}), identity.NotYet},
		{"nbf 60 seconds ahead", k.mint(claim{"nbf": now + 60}), ""},
		{"nbf 61 seconds ahead", k.mint(claim{"nbf": now + 61}), identity.NotYet},
		{"nbf as text", k.mint(claim{"nbf": "0"}), identity.Malformed},

		// Subject.
		{"no subject", k.mint(claim{"sub": nil}), identity.NoSubject},
		{"empty subject", k.mint(claim{"sub": ""}), identity.NoSubject},
		{"subject of spaces", k.mint(claim{"sub": "  "}), identity.NoSubject},
		{"subject that ends with a space", k.mint(claim{"sub": "f3a1 "}), identity.NoSubject},
		{"subject as a number", raw(strings.Replace(encode(t, k.claims(nil)), `"f3a1"`, "7", 1)), identity.Malformed},
		{"subject of 255 bytes", k.mint(claim{"sub": strings.Repeat("x", 255)}), ""},
		{"subject of 256 bytes", k.mint(claim{"sub": strings.Repeat("x", 256)}), identity.NoSubject},
		{"subject with a line end", k.mint(claim{"sub": "f3a1\nf3a2"}), identity.NoSubject},
		{"subject with a NUL", k.mint(claim{"sub": "f3a1\x00"}), identity.NoSubject},
		{"subject with an escape", k.mint(claim{"sub": "\x1b[2J"}), identity.NoSubject},
		{"subject with what cannot be seen", k.mint(claim{"sub": "f3\u200ba1"}), identity.NoSubject},
		{"subject that turns", k.mint(claim{"sub": "f3\u202ea1"}), identity.NoSubject},
		{"subject with half a character", raw(strings.Replace(encode(t, k.claims(nil)), "f3a1", `f3\ud800`, 1)), identity.NoSubject},
		{"subject twice", raw(strings.Replace(encode(t, k.claims(nil)), `"sub"`, `"sub":"other","sub"`, 1)), identity.Malformed},
		{"subject twice, once escaped", raw(strings.Replace(encode(t, k.claims(nil)), `"sub"`, `"s\u0075b":"other","sub"`, 1)), identity.Malformed},
		{"claims that are not UTF-8", raw(strings.Replace(encode(t, k.claims(nil)), "f3a1", "f3\xff", 1)), identity.Malformed},

		{"bound to a key", k.mint(claim{"cnf": claim{"jkt": "x"}}), identity.Bound},
		{"bound to a certificate", k.mint(claim{"cnf": claim{"x5t#S256": "x"}}), identity.Bound},
		{"bound to nothing", k.mint(claim{"cnf": claim{}}), identity.Bound},

		// What is said of the person.
		{"user name as a list", k.mint(claim{"preferred_username": []string{"jane"}}), identity.Malformed},
		{"user name with a line end", k.mint(claim{"preferred_username": "jane\n"}), identity.Malformed},
		{"address as a number, verified", k.mint(claim{"email": 1, "email_verified": true}), identity.Malformed},
		{"groups as an object", k.mint(claim{"groups": claim{"ops": true}}), identity.Malformed},
		{"groups with a number", k.mint(claim{"groups": []any{"ops", 1}}), identity.Malformed},
		{"too many groups", k.mint(claim{"groups": make([]string, 1001)}), identity.Malformed},

		// Form.
		{"empty", "", identity.NoToken},
		{"huge", k.mint(claim{"x": strings.Repeat("x", 8<<10)}), identity.TooLarge},
		{"megabytes", strings.Repeat("x.", 1<<20), identity.TooLarge},
		{"dots", "..", identity.Malformed},
		{"many dots", strings.Repeat(".", 8<<10), identity.Malformed},
		{"two parts", parts[0] + "." + parts[1], identity.Malformed},
		{"four parts", good + "." + parts[2], identity.Malformed},
		{"encrypted", good + "." + parts[2] + "." + parts[2], identity.Malformed},
		{"JSON form", fmt.Sprintf(`{"payload":%q,"protected":%q,"signature":%q}`, parts[1], parts[0], parts[2]), identity.Malformed},
		{"JSON form with signatures", fmt.Sprintf(`{"payload":%q,"signatures":[{"protected":%q,"signature":%q}]}`, parts[1], parts[0], parts[2]), identity.Malformed},
		{"Bearer twice", "Bearer " + good, identity.Malformed},
		{"a space before", " " + good, identity.Malformed},
		{"a space behind", good + " ", identity.Malformed},
		{"a line end behind", good + "\n", identity.Malformed},
		{"a line end within", parts[0] + "." + parts[1][:8] + "\r\n" + parts[1][8:] + "." + parts[2], identity.Malformed},
		{"a NUL within", parts[0] + ".\x00" + parts[1] + "." + parts[2], identity.Malformed},
		{"padding", good + "==", identity.Malformed},
		{"the other base64", strings.NewReplacer("-", "+", "_", "/").Replace(k.mint(claim{"x": "\u00ff\u00fe???>>>~~~"})) + "+/", identity.Malformed},
		{"a token in a token", identitytest.Sign("ES256", k.oidc.Key(k.ec), fmt.Sprintf(`{"alg":"ES256","kid":%q,"cty":"JWT"}`, k.ec), good), identity.Malformed},
		{"a token in a token, as text", raw(encode(t, good)), identity.Malformed},
		{"claims and more", raw(encode(t, k.claims(nil)) + encode(t, k.claims(nil))), identity.Malformed},
		{"claims in a list", raw("[" + encode(t, k.claims(nil)) + "]"), identity.Malformed},
		{"no claims", raw(""), identity.Malformed},
		{"deep claims", raw(strings.Repeat(`{"a":`, 1000) + "1" + strings.Repeat("}", 1000)), identity.BadIssuer},
		{"claims from elsewhere", k.mint(claim{"_claim_names": claim{"groups": "a"}, "_claim_sources": claim{"a": claim{"endpoint": lure.URL}}}), ""},

		// Backstage.
		{"user", k.user(nil, nil), ""},
		{"user, typ in capitals", k.user(nil, claim{"typ": "VND.BACKSTAGE.USER"}), identity.BadType},
		{"user, no typ", k.user(nil, claim{"typ": nil}), identity.BadType},
		{"user, typ JWT", k.user(nil, claim{"typ": "JWT"}), identity.BadType},
		{"limited user", k.user(claim{"aud": nil}, claim{"typ": "vnd.backstage.limited-user"}), identity.BadType},
		{"plugin", k.user(claim{"sub": "catalog", "aud": "auth"}, claim{"typ": "vnd.backstage.plugin"}), identity.BadType},
		{"plugin on behalf of a user", k.user(claim{"sub": "catalog", "obo": k.user(nil, nil)}, claim{"typ": "vnd.backstage.plugin"}), identity.BadType},
		{"plugin that says user", k.user(claim{"sub": "catalog"}, nil), identity.NoSubject},
		{"group", k.user(claim{"sub": "group:default/ops"}, nil), identity.NoSubject},
		{"user in capitals", k.user(claim{"sub": "user:default/Jane"}, nil), identity.NoSubject},
		{"kind in capitals", k.user(claim{"sub": "User:default/jane"}, nil), identity.NoSubject},
		{"no namespace", k.user(claim{"sub": "user:jane"}, nil), identity.NoSubject},
		{"one part more", k.user(claim{"sub": "user:default/jane/x"}, nil), identity.NoSubject},
		{"no name", k.user(claim{"sub": "user:default/"}, nil), identity.NoSubject},
		{"name with a dot", k.user(claim{"sub": "user:default/jane.doe"}, nil), ""},
		{"audience of a plugin", k.user(claim{"aud": "catalog"}, nil), identity.BadAudience},
		{"user without an audience", k.user(claim{"aud": nil}, nil), identity.BadAudience},
		{"user, RS256", identitytest.Sign("RS256", k.oidc.Key(k.rsa), `{"alg":"RS256","typ":"vnd.backstage.user"}`, encode(t, k.stage.Claims(k.now, "user:default/jane", "backstage"))), identity.BadAlgorithm},
	} {
		t.Run(row.name, func(t *testing.T) {
			inner := *k
			inner.T = t
			inner.want(row.token, row.want)
		})
	}
	if n := lured.Load(); n != 0 {
		t.Errorf("somebody else's server was called %d times", n)
	}
	if n := k.oidc.Reads() + k.stage.Reads(); n > 2 {
		t.Errorf("the keys were read %d times", n)
	}
}

// relabel puts another header on a token.
func relabel(token, header string) string {
	_, rest, _ := strings.Cut(token, ".")
	return b64(header) + "." + rest
}

// raw2 signs good claims under a header as it is written.
func raw2(k *kit, header string) string {
	return identitytest.Sign("ES256", k.oidc.Key(k.ec), header, encode(k.T, k.claims(nil)))
}

// Who has a signature can make another one of it. The person stays the same.
func TestOtherSignature(t *testing.T) {
	k := newKit(t)
	good := k.mint(nil)
	cut := strings.LastIndex(good, ".") + 1
	sig, err := base64.RawURLEncoding.DecodeString(good[cut:])
	if err != nil {
		t.Fatal(err)
	}
	s := new(big.Int).Sub(k.oidc.Key(k.ec).(*ecdsa.PrivateKey).Params().N, new(big.Int).SetBytes(sig[32:]))
	twin := good[:cut] + b64(string(sig[:32])+string(s.FillBytes(make([]byte, 32))))
	if diff := cmp.Diff(k.want(good, ""), k.want(twin, "")); diff != "" {
		t.Errorf("the twin proves somebody else:\n%s", diff)
	}
}

func TestClaims(t *testing.T) {
	k := newKit(t)
	type claim = map[string]any
	other := k.verifier([]identity.Provider{{
		Name: "corp", Issuer: k.oidc.Issuer, Audiences: []string{audience}, UsernameClaim: "https://example.com/gerrit", GroupsClaim: "realm_access.roles",
	}})
	for _, row := range []struct {
		name   string
		v      *identity.Verifier
		claims claim
		user   string
		email  string
		groups []string
	}{
		{"nothing", k.v, nil, "", "", nil},
		{"null", k.v, claim{"preferred_username": json.RawMessage("null"), "groups": json.RawMessage("null")}, "", "", nil},
		{"address not verified", k.v, claim{"email": "jane@example.com"}, "", "", nil},
		{"address verified as text", k.v, claim{"email": "jane@example.com", "email_verified": "true"}, "", "", nil},
		{"address refused", k.v, claim{"email": 7, "email_verified": false}, "", "", nil},
		{"one group", k.v, claim{"groups": "ops"}, "", "", []string{"ops"}},
		{"long groups", k.v, claim{"groups": []string{strings.Repeat("x", 257), "/ops"}}, "", "", []string{"/ops"}},
		{"paths", other, claim{"https://example.com/gerrit": "jane", "realm_access": claim{"roles": []string{"ops"}}}, "jane", "", []string{"ops"}},
		{"whole name before path", other, claim{"realm_access.roles": "dev", "realm_access": claim{"roles": []string{"ops"}}}, "", "", []string{"dev"}},
		{"path through a list", other, claim{"realm_access": []string{"roles"}}, "", "", nil},
		{"path that ends", other, claim{"realm_access": claim{"x": 1}}, "", "", nil},
	} {
		p, err := row.v.Verify(t.Context(), k.mint(row.claims), "")
		if err != nil {
			t.Errorf("%s: %v", row.name, err)
		}
		if p.Username != row.user || p.Email != row.email || !cmp.Equal(p.Groups, row.groups) {
			t.Errorf("%s: got %+v", row.name, p)
		}
	}
}

// Two clients of one provider are two providers here.
func TestOneIssuerTwice(t *testing.T) {
	k := newKit(t)
	k.v = k.verifier([]identity.Provider{
		{Name: "cli", Issuer: k.oidc.Issuer, Audiences: []string{"cli"}, Algorithms: []string{"RS256"}},
		{Name: "web", Issuer: k.oidc.Issuer, Audiences: []string{"web"}},
		{Name: "tv", Issuer: k.oidc.Issuer, Audiences: []string{"tv"}},
	})
	type claim = map[string]any
	for _, name := range []string{"web", "tv"} {
		if p := k.want(k.mint(claim{"aud": name}), ""); p.Provider != name {
			t.Errorf("%s: got %+v", name, p)
		}
	}
	k.want(k.mint(claim{"aud": "cli"}), identity.BadAudience)
	k.want(k.mint(claim{"aud": "web", "exp": k.now.Unix() - 100}), identity.Expired)
	k.want(k.mint(claim{"aud": "tv", "cnf": claim{}}), identity.Bound)
	k.want(k.mint(claim{"aud": "wiki"}), identity.BadAudience)
}

func TestReplay(t *testing.T) {
	k := newKit(t)
	short := k.mint(map[string]any{"exp": k.now.Unix() + 10})
	k.want(short, "")
	k.now = k.now.Add(69 * time.Second)
	k.want(short, "")
	k.now = k.now.Add(time.Second)
	k.want(short, identity.Expired)

	// A key that is withdrawn counts until keys are read again, and a minute.
	long := k.mint(nil)
	k.want(long, "")
	k.oidc.RemoveKey(k.ec)
	k.now = k.now.Add(time.Minute)
	k.want(long, "")
	k.now = k.now.Add(9 * time.Minute)
	k.want(long, identity.BadSignature)

	// Somebody else's verifier does not take it.
	k.v = k.verifier([]identity.Provider{{Name: "wiki", Issuer: k.oidc.Issuer, Audiences: []string{"wiki"}}})
	k.want(k.oidc.Mint(k.claims(nil), nil), identity.BadAudience)
}

// What a caller does to a proof does not reach the next one.
func TestProofIsACopy(t *testing.T) {
	k := newKit(t)
	token := k.mint(map[string]any{"groups": []string{"dev"}})
	for range 3 {
		p := k.want(token, "")
		if p.Groups[0] != "dev" {
			t.Fatalf("got %v", p.Groups)
		}
		p.Groups[0] = "ops"
	}
}

func retry(t *testing.T, err error) *review.RetryError {
	t.Helper()
	r, ok := errors.AsType[*review.RetryError](err)
	if !ok || identity.ReasonOf(err) != "" {
		t.Fatalf("got %v, want a RetryError", err)
	}
	return r
}
