// SPDX-License-Identifier: Apache-2.0

//go:build e2e

package e2e

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"review-assistant/e2e/rig"
)

const ssoConfig = `catalog: {url: %q, token_file: catalog-token}
identity:
  providers:
    - {name: keycloak, issuer: %q, audiences: [review-assistant], username_claim: preferred_username, email: true}
    - {name: portal, type: backstage, issuer: %q}
  services:
    - {name: portal-backend, token_files: [service-a, service-b], provider: portal}
  roles:
    - {role: operator, provider: keycloak, group: review-operators}
`

const (
	serviceSecret = "e2e-service-secret-0123456789"
	nextSecret    = "e2e-service-secret-of-tomorrow"
)

// me is what the API says of who asks.
type me struct {
	Issuer, Subject, Entity string
	Accounts                []struct{ Host, Username string }
	Roles                   []string
}

// TestSSO signs people in with a real Keycloak, also over SAML, and with a real
// Backstage, and asks the API as them.
func TestSSO(t *testing.T) {
	t.Parallel()
	k, portal := startKeycloak(t), startBackstage(t)
	ctx := t.Context()
	inCatalog(t, portal, "jane")
	inCatalog(t, portal, "guest")
	people := server.Scene(t)
	for _, name := range []string{"jane", "tom", "ada"} {
		people.Person(name)
	}
	b := startBot(t, botOptions{
		Name: "sso", More: fmt.Sprintf(ssoConfig, portal.URL, k.Issuer(), portal.Issuer()),
		Files: map[string]string{"catalog-token": portal.Token, "service-a": serviceSecret, "service-b": ""},
	})
	ask := func(bearer, person string) answer {
		t.Helper()
		return asker{t: t, url: b.url, bearer: bearer, person: person}.get("/me")
	}
	is := func(what string, got answer, user string) (out me) {
		t.Helper()
		err := json.Unmarshal([]byte(got.body), &out)
		if err != nil || got.status != http.StatusOK || len(out.Accounts) != 1 || out.Accounts[0].Username != user || out.Accounts[0].Host != "main" {
			t.Fatalf("%s: the answer is %d %s, want %s", what, got.status, got.body, user)
		}
		return out
	}

	// Who people are: the same person by script and by browser, and somebody of
	// another company who came over SAML.
	old := must(k.Token(ctx, "jane", rig.Password, rig.Audience))(t)
	jane := is("a script", ask(old, ""), "jane")
	if jane.Issuer != k.Issuer() || len(jane.Roles) != 1 || jane.Roles[0] != "operator" {
		t.Errorf("jane is %+v", jane)
	}
	if got := is("a browser", ask(must(k.Login(ctx, "jane", rig.Password, false))(t), ""), "jane"); got.Subject != jane.Subject {
		t.Errorf("jane is %q by browser and %q by script", got.Subject, jane.Subject)
	}
	if ada := is("SAML", ask(must(k.Login(ctx, "ada", rig.Password, true))(t), ""), "ada"); len(ada.Roles) > 0 {
		t.Errorf("ada has the roles %v", ada.Roles)
	}

	// What proves nobody.
	tom := must(k.Token(ctx, "tom", rig.Password, rig.Audience))(t)
	is("tom", ask(tom, ""), "tom")
	for what, bad := range map[string]struct{ token, reason string }{
		"a token for others":        {must(k.Token(ctx, "jane", rig.Password, rig.Elsewhere))(t), "token-audience"},
		"claims of somebody else":   {tampered(t, tom, "jane"), "token-signature"},
		"no signature":              {unsigned(old), "token-algorithm"},
		"a plugin":                  {must(portal.PluginToken(ctx, "catalog", ""))(t), "token-issuer"},
		"a plugin on her behalf":    {must(portal.PluginToken(ctx, "catalog", must(portal.UserToken(ctx, "user:default/jane"))(t)))(t), "token-issuer"},
		"claims of a portal's user": {tampered(t, must(portal.UserToken(ctx, "user:default/guest"))(t), "jane"), "token-signature"},
		"no secret of a service":    {"e2e-service-secret-012345678", "token-malformed"},
	} {
		t.Run(what, func(t *testing.T) { ask(bad.token, "").refused(t, http.StatusUnauthorized, bad.reason) })
	}

	// People of the portal lead to accounts over the catalog alone.
	user := must(portal.UserToken(ctx, "user:default/jane"))(t)
	if got := is("the portal", ask(user, ""), "jane"); got.Entity != "user:default/jane" || got.Issuer != portal.Issuer() || len(got.Roles) > 0 {
		t.Errorf("jane of the portal is %+v", got)
	}
	ask(must(portal.UserToken(ctx, "user:default/guest"))(t), "").refused(t, http.StatusForbidden, "no-account")
	ask(must(portal.UserToken(ctx, "user:default/nobody"))(t), "").refused(t, http.StatusForbidden, "person-unknown")
	// The portal's backend speaks for the same people.
	if got := is("the service", ask(serviceSecret, "user:default/jane"), "jane"); got.Issuer != portal.Issuer() {
		t.Errorf("jane of the service is %+v", got)
	}
	ask(serviceSecret, "").refused(t, http.StatusUnauthorized, "service-person")
	ask(serviceSecret, "user:default/guest").refused(t, http.StatusForbidden, "no-account")
	ask(serviceSecret, "user:default/nobody").refused(t, http.StatusForbidden, "person-unknown")
	ask(nextSecret, "user:default/jane").refused(t, http.StatusUnauthorized, "service-secret")
	b.write("service-b", nextSecret)
	eventually(t, "the next secret to count", func() bool { return ask(nextSecret, "user:default/jane").status == http.StatusOK })
	is("the secret of today", ask(serviceSecret, "user:default/jane"), "jane")
	b.write("service-a", "")
	eventually(t, "the old secret to end", func() bool { return ask(serviceSecret, "user:default/jane").status == http.StatusUnauthorized })
	is("the secret of tomorrow", ask(nextSecret, "user:default/jane"), "jane")

	// Whoever is disabled gets no new token; those that are out end by themselves.
	check(t, k.Disable(ctx, "tom"))
	if token, err := k.Token(ctx, "tom", rig.Password, rig.Audience); err == nil {
		t.Errorf("a disabled person gets %s", token)
	}
	is("tom's last token", ask(tom, ""), "tom")
	check(t, k.Enable(ctx, "tom"))

	// The provider's keys change while the bot runs. It reads them at most once a
	// minute.
	check(t, k.RotateKeys(ctx))
	next := must(k.Token(ctx, "jane", rig.Password, rig.Audience))(t)
	eventually(t, "the new key to count", func() bool { return ask(next, "").status == http.StatusOK })
	is("the key that was", ask(old, ""), "jane")
	check(t, k.RotateKeys(ctx))
	check(t, k.DropOldKeys(ctx))
	last := must(k.Token(ctx, "jane", rig.Password, rig.Audience))(t)
	eventually(t, "the newest key to count", func() bool { return ask(last, "").status == http.StatusOK })
	ask(old, "").refused(t, http.StatusUnauthorized, "token-signature")
	ask(next, "").refused(t, http.StatusUnauthorized, "token-signature")

	out, exit := b.run("identity", "explain", "jane")
	holds(t, "explain", out, "By keycloak", "By portal", "resolves to account")
	if exit != 0 {
		t.Errorf("explain ends with %d", exit)
	}
	out, _ = b.run("audit", "query", "--action", "access-denied")
	holds(t, "the audit log", out, "person-unknown", "no-account", "token-signature")
	for _, secret := range []string{serviceSecret, nextSecret, old, user} {
		lacks(t, "log and audit log", b.logText()+out, secret)
	}
}

// inCatalog waits until Backstage has taken a user in: it reads files after its
// start.
func inCatalog(t *testing.T, b *rig.Backstage, name string) {
	t.Helper()
	eventually(t, name+" to be in the catalog", func() bool {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, b.URL+"/api/catalog/entities/by-name/user/default/"+name, nil)
		check(t, err)
		req.Header.Set("Authorization", "Bearer "+b.Token)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			return false
		}
		_ = resp.Body.Close()
		return resp.StatusCode == http.StatusOK
	})
}

// tampered is a token whose claims say that it is about somebody else.
func tampered(t *testing.T, raw, user string) string {
	t.Helper()
	parts := strings.Split(raw, ".")
	var claims map[string]any
	unpack(t, parts[1], &claims)
	claims["preferred_username"], claims["email"] = user, user+"@example.com"
	body, err := json.Marshal(claims)
	check(t, err)
	parts[1] = base64.RawURLEncoding.EncodeToString(body)
	return strings.Join(parts, ".")
}

// unsigned is the same token without a signature.
func unsigned(raw string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none","typ":"JWT"}`)) + "." + strings.Split(raw, ".")[1] + "."
}
