// SPDX-License-Identifier: Apache-2.0

package identity_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"review-assistant/identity"
)

const secret = "correct-horse-battery"

func TestService(t *testing.T) {
	dir := t.TempDir()
	written := time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)
	write := func(name, text string) string {
		t.Helper()
		path := filepath.Join(dir, name)
		written = written.Add(time.Second)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, written, written); err != nil {
			t.Fatal(err)
		}
		return path
	}
	current := write("current", secret+"\n")
	k := newKit(t, identity.Service{Name: "portal", TokenFiles: []string{current, filepath.Join(dir, "next")}, Provider: "portal"},
		identity.Service{Name: "wiki", TokenFiles: []string{write("wiki", "a.b.c-with-dots-and-more")}, Provider: "corp"})
	ask := func(bearer, person string, reason identity.Reason) identity.Proof {
		t.Helper()
		p, err := k.v.Verify(t.Context(), bearer, person)
		if identity.ReasonOf(err) != reason || (err == nil) != (reason == "") {
			t.Errorf("Verify(%q, %q) = %+v, %v; want %q", bearer, person, p, err, reason)
		}
		return p
	}
	jane := "user:default/jane"
	until := k.now.Add(5 * time.Minute).Unix()
	want := identity.Proof{Provider: "portal", Issuer: k.stage.Issuer, Subject: jane, Service: "portal", Entity: jane, Until: until}
	if diff := cmp.Diff(want, ask(secret, jane, "")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	want = identity.Proof{Provider: "corp", Issuer: k.oidc.Issuer, Subject: "f3a1", Service: "wiki", Until: until}
	if diff := cmp.Diff(want, ask("a.b.c-with-dots-and-more", "f3a1", "")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for _, person := range []string{
		"", "jane", "user:jane", "User:default/jane", "user:default/Jane", "user:default/jane ", "user:default/jane,user:default/joe",
		"user:default/jane\r\nX-Review-Assistant-User: user:default/joe", "user:default/../joe", "user:/jane", "group:default/ops",
		"user:default/-jane", "user:default/j\u00e4ne", "user:default/" + strings.Repeat("x", 64), strings.Repeat("x", 9000),
	} {
		ask(secret, person, identity.BadPerson)
	}
	ask("a.b.c-with-dots-and-more", "", identity.BadPerson)
	ask("a.b.c-with-dots-and-more", "f3a1\n", identity.BadPerson)
	for _, bad := range []string{secret[1:], secret + "x", strings.ToUpper(secret), secret + "\n", "Bearer " + secret, "x"} {
		ask(bad, jane, identity.BadService)
		ask(bad, "", identity.Malformed)
	}
	ask("", jane, identity.NoToken)
	// A person's own token speaks for nobody else, and not for that person either.
	ask(k.user(nil, nil), "user:default/joe", identity.NotService)
	ask(k.user(nil, nil), jane, identity.NotService)
	token := k.user(nil, nil)
	ask(token, "", "")
	ask(token, jane, identity.NotService) // remembered

	// Rotation: the next secret counts as soon as it is there, the old one
	// until it is gone.
	ask("the-next-one-of-them", jane, identity.BadService)
	write("next", "too-short")
	ask("too-short", jane, identity.BadService)
	write("next", "the-next-one-of-them")
	ask("the-next-one-of-them", jane, "")
	ask(secret, jane, "")
	// A file without its secret ends it at once, and that is told once.
	for _, empty := range []string{"", "\n"} {
		write("current", empty)
		told := strings.Count(k.log.String(), "a service's secret is no longer valid")
		for range 2 {
			ask(secret, jane, identity.BadService)
		}
		ask("the-next-one-of-them", jane, "")
		if n := strings.Count(k.log.String(), "a service's secret is no longer valid") - told; n != 1 || strings.Contains(k.log.String(), secret) {
			t.Errorf("told %d times that the secret ended:\n%s", n, k.log)
		}
		write("current", secret)
		ask(secret, jane, "")
	}
	write("current", "the-next-one-of-them\n")
	ask("the-next-one-of-them", jane, "")
	ask(secret, jane, identity.BadService)

	// A secret that two have is nobody's.
	write("wiki", "the-next-one-of-them")
	ask("the-next-one-of-them", jane, identity.BadService)
	if strings.Contains(k.log.String(), secret) {
		t.Errorf("the secret is in the log:\n%s", k.log)
	}
}

func TestConfiguration(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	good := identity.Provider{Name: "corp", Issuer: "https://login.example.com", Audiences: []string{"bot"}}
	stage := identity.Provider{Name: "portal", Type: "backstage", Issuer: "https://portal.example.com/api/auth"}
	secretFile := file("secret", secret)
	edit := func(p identity.Provider, change func(p *identity.Provider)) []identity.Provider {
		change(&p)
		return []identity.Provider{p}
	}
	p := func(change func(p *identity.Provider)) []identity.Provider { return edit(good, change) }
	service := func(name, provider string, files ...string) []identity.Service {
		return []identity.Service{{Name: name, Provider: provider, TokenFiles: files}}
	}
	for _, row := range []struct {
		name      string
		providers []identity.Provider
		services  []identity.Service
		says      string // "" for no error
	}{
		{"nothing", nil, nil, ""},
		{"good", []identity.Provider{good, stage}, service("portal", "portal", secretFile), ""},
		{"all algorithms", p(func(p *identity.Provider) { p.Algorithms = []string{"PS256", "ES384", "EdDSA"} }), nil, ""},
		{"http here", p(func(p *identity.Provider) { p.Issuer = "http://127.0.0.1:8080" }), nil, ""},
		{"http here, IPv6", p(func(p *identity.Provider) { p.Issuer = "http://[::1]:8080" }), nil, ""},
		{"http allowed", p(func(p *identity.Provider) { p.Issuer, p.AllowHTTP = "http://login", true }), nil, ""},
		{"no name", p(func(p *identity.Provider) { p.Name = "" }), nil, "name is missing"},
		{"type", p(func(p *identity.Provider) { p.Type = "saml" }), nil, `want oidc or backstage`},
		{"no issuer", p(func(p *identity.Provider) { p.Issuer = "" }), nil, "issuer is missing"},
		{"http", p(func(p *identity.Provider) { p.Issuer = "http://login.example.com" }), nil, "use https"},
		{"http, like here", p(func(p *identity.Provider) { p.Issuer = "http://localhost.example.com" }), nil, "use https"},
		{"no address", p(func(p *identity.Provider) { p.Issuer = "login.example.com" }), nil, "no https URL"},
		{"issuer with credentials", p(func(p *identity.Provider) { p.Issuer = "https://a:b@example.com" }), nil, "credentials"},
		{"issuer with a query", p(func(p *identity.Provider) { p.Issuer = "https://example.com?a" }), nil, "query"},
		{"jwks over http", p(func(p *identity.Provider) { p.JWKSURL = "http://example.com/keys" }), nil, "jwks_url is plain http"},
		{"no audience", p(func(p *identity.Provider) { p.Audiences = nil }), nil, "audiences is missing"},
		{"empty audience", p(func(p *identity.Provider) { p.Audiences = []string{""} }), nil, "audiences is missing"},
		{"none", p(func(p *identity.Provider) { p.Algorithms = []string{"RS256", "none"} }), nil, `"none"`},
		{"HS256", p(func(p *identity.Provider) { p.Algorithms = []string{"HS256"} }), nil, "proves nothing"},
		{"no such algorithm", p(func(p *identity.Provider) { p.Algorithms = []string{"rs256"} }), nil, `"rs256"`},
		{"backstage's algorithm", edit(stage, func(p *identity.Provider) { p.Algorithms = []string{"RS256"} }), nil, "ES256 alone"},
		{"negative", p(func(p *identity.Provider) { p.MaxLifetime = -1 }), nil, "negative"},
		{"no CA file", p(func(p *identity.Provider) { p.CAFile = filepath.Join(dir, "none") }), nil, "ca_file"},
		{"bad CA file", p(func(p *identity.Provider) { p.CAFile = secretFile }), nil, "no certificate"},
		{"bad proxy", p(func(p *identity.Provider) { p.ProxyURL = "proxy" }), nil, "proxy_url"},
		{"a name twice", []identity.Provider{good, good}, nil, "name is there twice"},
		{"an issuer of two types", append(p(func(p *identity.Provider) { p.Name = "other"; p.Issuer = stage.Issuer }), stage), nil, `"other" has the same issuer and another type`},
		{"an audience twice", append(p(func(p *identity.Provider) { p.Name = "other"; p.Audiences = []string{"x", "bot"} }), good), nil, `"other" accepts one of its audiences`},
		{"no such provider", nil, service("portal", "portal", secretFile), `provider "portal" is none`},
		{"no file", []identity.Provider{stage}, service("portal", "portal"), "token_files is missing"},
		{"file not there", []identity.Provider{stage}, service("portal", "portal", filepath.Join(dir, "none")), "no such file"},
		{"short secret", []identity.Provider{stage}, service("portal", "portal", file("short", "fifteen-bytes-x")), "at least 16 bytes"},
		{"service without a name", []identity.Provider{stage}, service("", "portal", secretFile), "name is missing"},
		{"service twice", []identity.Provider{stage}, append(service("a", "portal", secretFile), service("a", "portal", secretFile)...), "there twice"},
	} {
		_, err := identity.NewVerifier(row.providers, row.services, identity.VerifierOptions{})
		if (err == nil) != (row.says == "") || err != nil && !strings.Contains(err.Error(), row.says) {
			t.Errorf("%s: got %v, want %q", row.name, err, row.says)
		}
	}
}
