// SPDX-License-Identifier: Apache-2.0

package identity_test

import (
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"review-assistant/identity"
	"review-assistant/identity/identitytest"
)

// FuzzVerify takes what anybody may send. Nothing but the tokens that were
// signed gets in, and only for the person whom they name.
func FuzzVerify(f *testing.F) {
	now := time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)
	p := identitytest.Start(f, "")
	good := p.Mint(p.Claims(now, "f3a1", audience), nil)
	head := strings.Split(good, ".")[0]
	for _, seed := range []string{
		good, good + ".", good[1:], "", "..", "a.b.c", b64(`{"alg":"none"}`) + "." + b64(`{"iss":"`+p.Issuer+`"}`) + ".",
		head + "." + b64(`{"iss":"`+p.Issuer+`","aud":["a"],"exp":1e9}`) + ".AAAA", b64(`{"alg":"ES256","alg":1}`) + ".e30.", "{}",
	} {
		f.Add(seed, "")
		f.Add(seed, "user:default/jane")
	}
	v, err := identity.NewVerifier([]identity.Provider{{Name: "corp", Issuer: p.Issuer, Audiences: []string{audience}, UsernameClaim: "preferred_username"}}, nil,
		identity.VerifierOptions{Now: func() time.Time { return now }})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, bearer, person string) {
		proof, err := v.Verify(t.Context(), bearer, person)
		if err == nil && (proof.Subject != "f3a1" || person != "" || bearer[:strings.LastIndex(bearer, ".")] != good[:strings.LastIndex(good, ".")]) {
			t.Errorf("Verify(%q, %q) = %+v", bearer, person, proof)
		}
		if err != nil && identity.ReasonOf(err) == "" {
			t.Errorf("Verify(%q, %q): %v", bearer, person, err)
		}
	})
}

// FuzzClaims signs what a provider that has gone wrong may say.
func FuzzClaims(f *testing.F) {
	now := time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)
	p := identitytest.Start(f, "")
	f.Add(`,"sub":"jane"`)
	f.Add(`,"preferred_username":"a","email":"b","email_verified":true,"groups":["c"]`)
	f.Add(`,"realm_access":{"roles":["a"]},"cnf":{}`)
	f.Add(`,"exp":1e308,"nbf":-0.0,"aud":[null]`)
	v, err := identity.NewVerifier([]identity.Provider{{Name: "corp", Issuer: p.Issuer, Audiences: []string{audience}, UsernameClaim: "preferred_username", GroupsClaim: "realm_access.roles"}}, nil,
		identity.VerifierOptions{Now: func() time.Time { return now }})
	if err != nil {
		f.Fatal(err)
	}
	id := p.AddKey("EdDSA")
	f.Fuzz(func(t *testing.T, more string) {
		claims := fmt.Sprintf(`{"iss":%q,"aud":%q,"iat":%d,"exp":%d%s}`, p.Issuer, audience, now.Unix(), now.Unix()+60, more)
		proof, err := v.Verify(t.Context(), identitytest.Sign("EdDSA", p.Key(id), `{"alg":"EdDSA","kid":"`+id+`"}`, claims), "")
		if err != nil {
			if identity.ReasonOf(err) == "" {
				t.Errorf("%s: %v", claims, err)
			}
			return
		}
		for _, s := range append([]string{proof.Subject}, proof.Groups...) {
			if s == "" || len(s) > 256 || strings.ContainsAny(s, "\x00\n\r\x1b\u202e") {
				t.Errorf("%s: %q", claims, s)
			}
		}
	})
}

func BenchmarkVerify(b *testing.B) {
	now := time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)
	p := identitytest.Start(b, "")
	for _, alg := range []string{"RS256", "ES256", "EdDSA"} {
		p.AddKey(alg)
		claims := p.Claims(now, "f3a1", audience)
		maps.Copy(claims, map[string]any{"preferred_username": "jane", "email": "jane@example.com", "email_verified": true, "groups": []string{"dev", "ops"}})
		token := p.Mint(claims, nil)
		for _, kept := range []bool{false, true} {
			v, err := identity.NewVerifier([]identity.Provider{{Name: "corp", Issuer: p.Issuer, Audiences: []string{audience}, UsernameClaim: "preferred_username"}}, nil,
				identity.VerifierOptions{Now: func() time.Time { return now }})
			if err != nil {
				b.Fatal(err)
			}
			if _, err := v.Verify(b.Context(), token, ""); err != nil {
				b.Fatal(err)
			}
			b.Run(fmt.Sprintf("%s/kept=%v", alg, kept), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if !kept {
						v.Forget()
					}
					if _, err := v.Verify(b.Context(), token, ""); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
