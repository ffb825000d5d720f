// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/time/rate"

	"review-assistant/audit"
	"review-assistant/gerrit/gerrittest"
	"review-assistant/identity"
	"review-assistant/identity/identitytest"
	"review-assistant/review"
	"review-assistant/server"
)

// written is an audit log that keeps its entries, or is broken.
type written struct {
	list []audit.Entry
	err  error
}

func (w *written) Append(_ context.Context, e audit.Entry) (audit.Receipt, error) {
	w.list = append(w.list, e)
	return audit.Receipt{}, w.err
}

func (*written) Digest(...string) string { return "" }

// TestIdentity goes the way of a request: from a proof to an account, or to a
// record of the refusal, and then through the operator's commands.
func TestIdentity(t *testing.T) {
	g, err := gerrittest.Start(gerrittest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(g.Close)
	ann := g.Person("ann")
	sso := identitytest.Start(t, "")
	issuer := sso.Issuer
	dir := t.TempDir()
	file := filepath.Join(dir, "config.yaml")
	for name, text := range map[string]string{
		"password": g.Bot().Password, "hook": "a-token-for-webhooks", "token": "of-bob",
		"config.yaml": fmt.Sprintf(`log: {level: error}
gerrit: [{id: main, url: "%s", username: review-assistant, password_file: password, webhook_token_files: [hook]}]
store: {sqlite: store.db}
audit: {dir: audit, accept_ephemeral: true}
identity: {providers: [{name: sso, issuer: "%s", audiences: [review-assistant], username_claim: uid}]}
`, g.URL, issuer),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	c, err := loadConfig(file)
	if err != nil {
		t.Fatal(err)
	}
	log := &written{}
	var said strings.Builder
	p, err := open(t.Context(), c, slog.New(slog.NewTextHandler(&said, nil)), log)
	if err != nil {
		t.Fatal(err)
	}
	ask := func(subject, name string, want identity.Reason) review.Viewer {
		t.Helper()
		token := "nonsense"
		if subject != "" {
			claims := sso.Claims(time.Now(), subject, "review-assistant")
			claims["uid"] = name
			token = sso.Mint(claims, nil)
		}
		v, err := p.identify(t.Context(), token, "")
		if identity.ReasonOf(err) != want || want == "" && err != nil {
			t.Fatalf("identify(%q, %q) = %v, want %q", subject, name, err, want)
		}
		return v
	}
	if v := ask("s1", "ann", ""); v.Accounts["main"].ID != ann.ID {
		t.Errorf("viewer = %+v", v)
	}
	ask("", "", identity.Malformed)
	if len(log.list) != 1 || log.list[0].Action != audit.ActionBind || log.list[0].Actor.Sub != "s1" || log.list[0].Actor.GerritID != ann.ID {
		t.Errorf("records %+v, want that of the binding", log.list)
	}
	log.list = nil
	ask("s2", "ann", identity.Rebound)
	ask("s2", "ann", identity.Rebound)
	if len(log.list) != 1 {
		t.Fatalf("%d records of one refusal", len(log.list))
	}
	e := log.list[0]
	if e.Actor != (audit.Actor{Kind: "person", Iss: issuer, Sub: "s2"}) || e.Action != audit.ActionDenied || e.Result != audit.ResultRefused ||
		e.Why.Rule != "account-rebound" || len(e.Why.Evidence) != 2 {
		t.Errorf("record = %+v", e)
	}
	log.err = errors.New("disk full")
	ask("s3", "ann", identity.Rebound)
	if !strings.Contains(said.String(), "a refusal cannot be audited") {
		t.Errorf("log = %q", said.String())
	}
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}

	command := func(code int, want string, args ...string) {
		t.Helper()
		var out strings.Builder
		if got := run(t.Context(), append(args, "-c", file), strings.NewReader(""), &out, &out); got != code || !strings.Contains(out.String(), want) {
			t.Fatalf("%q ends with %d, want %d and %q:\n%s", args, got, code, want, out.String())
		}
	}
	account := fmt.Sprintf("main/%d", ann.ID)
	command(exitDone, account+" ann  "+issuer+" s1", "identity", "list")
	command(exitDone, `"subject": "s1"`, "identity", "list", "--json")
	command(exitDone, "resolves to account", "identity", "explain", issuer, "s1")
	command(exitDone, "who came with this user name on", "identity", "explain", "ann")
	command(exitFindings, "nobody came with this subject yet", "identity", "explain", issuer, "s2")
	command(exitUsage, "nobody is bound as s2 of "+issuer+"; see review-assistant identity list -c "+file, "identity", "forget", issuer, "s2")
	command(exitUsage, "the issuer of each is one of: "+issuer+"\n", "identity", "forget", issuer+"/", "s1")
	command(exitUsage, "write HOST/ID", "identity", "forget", "--account", "main")
	command(exitUsage, "no Gerrit with id", "identity", "forget", "--account", "edge/1")
	command(exitUsage, "name ISSUER SUBJECT", "identity", "forget", issuer)
	command(exitDone, "forgot that "+account+" is s1", "identity", "forget", issuer, "s1")
	command(exitDone, "identity-forget", "audit", "query")
	command(exitDone, "identity-forget", "audit", "query", "--reason", "operator")
	command(exitDone, "no record matches", "audit", "query", "--reason", "no-account")
	command(exitDone, "nobody is bound to an account yet", "identity", "list")
	command(exitUsage, "nobody is bound to "+account+";", "identity", "forget", "--account", account)
}

// TestIdentityProof goes the whole way with tokens of a real provider, and with
// a service that speaks for a person.
func TestIdentityProof(t *testing.T) {
	g, err := gerrittest.Start(gerrittest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(g.Close)
	ann := g.Person("ann")
	sso, portal := identitytest.Start(t, ""), identitytest.Start(t, "/api/auth")
	dir := t.TempDir()
	file := filepath.Join(dir, "config.yaml")
	now := time.Now()
	claims := func(audience string) map[string]any {
		c := sso.Claims(now, "s1", audience)
		c["uid"], c["groups"] = "ann", []string{"audit"}
		return c
	}
	for name, text := range map[string]string{
		"password": g.Bot().Password, "hook": "a-token-for-webhooks", "secret": "a-secret-of-the-portal",
		"token": sso.Mint(claims("review-assistant"), nil) + "\n", "other": sso.Mint(claims("other"), nil),
		"people.yaml": "kind: User\nmetadata: {name: ann, annotations: {review-assistant/username: ann}}\nspec: {memberOf: []}\n",
		"config.yaml": fmt.Sprintf(`log: {level: error}
gerrit: [{id: main, url: "%s", username: review-assistant, password_file: password, webhook_token_files: [hook]}]
store: {sqlite: store.db}
audit: {dir: audit, accept_ephemeral: true}
catalog: {files: [people.yaml]}
identity:
  providers:
    - {name: sso, issuer: "%s", audiences: [review-assistant], username_claim: uid}
    - {name: portal, type: backstage, issuer: "%s"}
  services: [{name: backend, token_files: [secret], provider: portal}]
  roles: [{role: auditor, provider: sso, group: audit}]
`, g.URL, sso.Issuer, portal.Issuer),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	c, err := loadConfig(file)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(c.secrets(), "a-secret-of-the-portal") {
		t.Error("the service's secret is none that the process keeps to itself")
	}
	p, err := open(t.Context(), c, slog.New(slog.DiscardHandler), &written{})
	if err != nil {
		t.Fatal(err)
	}
	token, err := os.ReadFile(filepath.Join(dir, "token"))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ bearer, person, service, roles string }{
		{strings.TrimSpace(string(token)), "", "", "[auditor]"},
		{"a-secret-of-the-portal", "user:default/ann", "backend", "[]"},
		{portal.Mint(portal.Claims(now, "user:default/ann", "backstage"), map[string]any{"typ": "vnd.backstage.user"}), "", "", "[]"},
	} {
		v, err := p.identify(t.Context(), tt.bearer, tt.person)
		if err != nil || v.Accounts["main"].ID != ann.ID || v.Entity != "user:default/ann" || v.Service != tt.service || fmt.Sprint(v.Roles) != tt.roles || !v.Until.After(now) {
			t.Errorf("identify(%.10s…, %q) = %+v, %v", tt.bearer, tt.person, v, err)
		}
	}
	if _, err := p.identify(t.Context(), "a-secret-of-the-portal", "user:default/bob"); identity.ReasonOf(err) != identity.Unknown {
		t.Errorf("identify() of nobody in the catalog = %v", err)
	}
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		code int
		want string
		args []string
	}{
		{exitDone, "resolves to account", []string{"identity", "explain", "--token-file", filepath.Join(dir, "token")}},
		{exitFindings, "resolves to nobody: token-audience", []string{"identity", "explain", "--token-file", filepath.Join(dir, "other")}},
		{exitUsage, "no such file", []string{"identity", "explain", "--token-file", filepath.Join(dir, "none")}},
		{exitDone, "portal: 1 key", []string{"doctor"}},
	} {
		var out strings.Builder
		if got := run(t.Context(), append(tt.args, "-c", file), strings.NewReader(""), &out, &out); got != tt.code && tt.args[0] != "doctor" || !strings.Contains(out.String(), tt.want) {
			t.Errorf("%q ends with %d, want %d and %q:\n%s", tt.args, got, tt.code, tt.want, out.String())
		}
	}
}

// A secret with which a service could be anybody opens nothing else.
func TestSharedSecret(t *testing.T) {
	dir := t.TempDir()
	file := func(name, secret string) []string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(secret+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		return []string{path}
	}
	own := file("own", "of-the-portal-alone")
	for _, tt := range []struct {
		name string
		edit func(*Config, []string)
		want string
	}{
		{"a webhook", func(c *Config, f []string) { c.Gerrit = []GerritConfig{{ID: "main", WebhookTokenFiles: f}} }, "webhook_token_files of main"},
		{"a script", func(c *Config, f []string) { c.API.TokenFiles = f }, "api.token_files"},
		{"another service", func(c *Config, f []string) {
			c.Identity.Services = append(c.Identity.Services[:1], IdentityServiceConfig{Name: "wiki", TokenFiles: f})
		}, "the service portal"},
		{"a CI", func(c *Config, f []string) { c.Builds.Tokens = []BuildTokenConfig{{Name: "ci", Files: f}} }, "builds.tokens of ci"},
	} {
		c := &Config{}
		c.Identity.Services = []IdentityServiceConfig{{Name: "portal", TokenFiles: own}}
		tt.edit(c, file("other", "of-somebody-else"))
		if err := c.sharedSecret(); err != nil {
			t.Errorf("%s: %v", tt.name, err)
		}
		tt.edit(c, file("other", "of-the-portal-alone"))
		if err := c.sharedSecret(); err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "alone") {
			t.Errorf("%s: %v, want %q", tt.name, err, tt.want)
		}
	}
}

// What is denied to a person says for whom, of what, and by which service.
func TestDenialIsAudited(t *testing.T) {
	log := &written{}
	p := &parts{audit: log, strangers: rate.NewLimiter(0, 1)}
	v := &review.Viewer{Issuer: "i", Subject: "s", Service: "portal"}
	p.deniedAt(t.Context(), server.Denial{Reason: "not-shown", Detail: "main/team/pay~7", Viewer: v, Route: "/r"})
	p.deniedAt(t.Context(), server.Denial{Reason: "token-expired", Detail: "d", Route: "/r", Remote: "192.0.2.1"})
	p.deniedAt(t.Context(), server.Denial{Reason: "token-expired", Route: "/r"}) // too many
	p.deniedAt(t.Context(), server.Denial{Reason: "no-token", Route: "/r"})
	var got []string
	for _, e := range log.list {
		got = append(got, fmt.Sprint(e.Actor.Kind, e.Actor.Sub, e.Why.Rule, e.Why.Evidence))
	}
	if want := []string{"person" + "s" + "not-shown[/r main/team/pay~7 service portal]", "unknown" + "token-expired[/r 192.0.2.1 d]"}; !slices.Equal(got, want) {
		t.Errorf("records %q, want %q", got, want)
	}
}

// However many people are nobody here, the audit log grows at a bounded rate.
func TestManyRefusals(t *testing.T) {
	log := &written{}
	p := &parts{audit: log, refusals: rate.NewLimiter(0, 3)}
	for i := range 10 {
		p.denied(t.Context(), identity.Proof{Issuer: "i", Subject: fmt.Sprint(i)}, &identity.RefusedError{Reason: identity.NoAccount})
	}
	if len(log.list) != 3 {
		t.Errorf("%d records", len(log.list))
	}
}

// Without a provider nobody is let in, whatever is asked.
func TestNobodyWithoutProvider(t *testing.T) {
	p := &parts{}
	p.openIdentity(IdentityConfig{})
	if _, err := p.identify(t.Context(), "a b", ""); identity.ReasonOf(err) == "" {
		t.Errorf("identify() = %v", err)
	}
}

// TestSSOPage checks that every example of docs/sso.md, and the portal's of
// docs/backstage.md, is a good file.
func TestSSOPage(t *testing.T) {
	var examples []string
	var page []byte
	for _, name := range []string{"backstage.md", "sso.md"} {
		var err error
		if page, err = os.ReadFile("../../docs/" + name); err != nil {
			t.Fatal(err)
		}
		found := strings.Split(string(page), "```yaml\n# config.yaml\n")[1:]
		if len(found) == 0 {
			t.Errorf("docs/%s has no example", name)
		}
		examples = append(examples, found...)
	}
	for i, e := range examples {
		body, _, _ := strings.Cut(e, "```")
		c := defaultConfig()
		problems := decodeConfig([]byte(body), &c)
		c.Gerrit = []GerritConfig{{ID: "main", URL: "https://gerrit.example.com", Username: "bot", PasswordFile: "p", WebhookTokenFiles: []string{"t"}, Timeout: 1}}
		for _, problem := range append(problems, c.Validate()...) {
			t.Errorf("example %d: %v", i+1, problem)
		}
		if len(c.Identity.Providers) == 0 {
			t.Errorf("example %d has no provider", i+1)
		}
	}
	if len(examples) < 4 {
		t.Errorf("%d examples are left", len(examples))
	}
	// Each reason has its row: what denies is never without a way out.
	for _, r := range []identity.Reason{
		identity.NoToken, identity.TooLarge, identity.Malformed, identity.BadAlgorithm, identity.BadType, identity.BadIssuer, identity.BadAudience,
		identity.BadSignature, identity.Expired, identity.NotYet, identity.TooLong, identity.NoTimes, identity.Bound, identity.NoSubject, identity.BadService, identity.BadPerson, identity.NotService,
		identity.NoAccount, identity.Inactive, identity.Machine, identity.Ambiguous, identity.Rebound, identity.Unknown,
	} {
		if !strings.Contains(string(page), "| `"+string(r)+"` |") {
			t.Errorf("docs/sso.md does not say what to do about %s", r)
		}
	}
}

// An operator reads in the log why somebody was not let in.
func TestAuditTextNamesTheReason(t *testing.T) {
	r := audit.Record{Entry: audit.Entry{
		Actor: audit.Actor{Kind: "person", Sub: "7f3a"}, Action: audit.ActionDenied,
		Why: audit.Why{Rule: string(identity.Inactive), Evidence: []string{"provider sso"}},
	}}
	if got := auditText(r); got != "account-inactive; provider sso; by 7f3a" {
		t.Errorf("the record reads %q", got)
	}
	r.Object, r.Actor = audit.Object{Host: "main", Project: "team/pay"}, audit.Actor{}
	r.Why = audit.Why{Rule: "token-expired", Evidence: []string{"/api/v1/me", "192.0.2.1", ""}}
	if got := auditText(r); got != "token-expired; main/team/pay; /api/v1/me, 192.0.2.1" {
		t.Errorf("the record reads %q", got)
	}
}
