// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"slices"
	"strings"
	"time"
)

const (
	// skew is by how many seconds clocks may differ.
	skew = 60

	maxGroups = 1000
	maxGroup  = 256 // bytes
	maxEmail  = 320 // bytes
)

// admits checks what decides which key is looked for.
func (p *Provider) admits(t token) error {
	if !slices.Contains(p.Algorithms, t.alg) {
		return refuse(BadAlgorithm, "want one of "+strings.Join(p.Algorithms, ", "))
	}
	if p.Type == TypeBackstage {
		// Tokens of plugins and limited ones differ in nothing else.
		if t.typ != "vnd.backstage.user" {
			return refuse(BadType, "want a token of a Backstage user: typ vnd.backstage.user")
		}
		return nil
	}
	switch strings.TrimPrefix(strings.ToLower(t.typ), "application/") {
	case "", "jwt", "at+jwt":
		return nil
	}
	return refuse(BadType, "want an ID token or an access token: typ JWT, at+jwt or none")
}

// proof reads the claims of a token whose signature holds.
func (p *Provider) proof(t token, now time.Time) (Proof, error) {
	none := Proof{}
	if err := p.meant(t); err != nil {
		return none, err
	}
	until, err := p.timely(t, now.Unix())
	if err != nil {
		return none, err
	}
	if _, bound := t.claims["cnf"]; bound {
		return none, refuse(Bound, "it is tied to a key of its holder (DPoP, mutual TLS); use one that is not")
	}
	out := Proof{Provider: p.Name, Issuer: p.Issuer, Until: until}
	if !text(t.claims["sub"], &out.Subject) || !isName(out.Subject, maxName) {
		return none, refuse(NoSubject, "sub is missing or no name")
	}
	if p.Type == TypeBackstage {
		if !isUserRef(out.Subject) {
			return none, refuse(NoSubject, "sub is no user of the catalog such as user:default/jane")
		}
		out.Entity = out.Subject
	}
	// A claim that is there and cannot be read is no missing claim: what it
	// says may be what would not agree.
	if raw := t.claim(p.UsernameClaim); raw != nil {
		if !text(raw, &out.Username) || !isName(out.Username, maxName) {
			return none, refuse(Malformed, p.UsernameClaim+" is no user name")
		}
	}
	if raw := t.claim("email"); raw != nil && string(t.claims["email_verified"]) == "true" {
		if !text(raw, &out.Email) || !isName(out.Email, maxEmail) {
			return none, refuse(Malformed, "email is no address")
		}
	}
	if raw := t.claim(p.GroupsClaim); raw != nil {
		list, ok := oneOrMore(raw)
		if !ok || len(list) > maxGroups {
			return none, refuse(Malformed, p.GroupsClaim+" is no list of groups")
		}
		// No configuration names a group that cannot be read.
		out.Groups = slices.DeleteFunc(list, func(g string) bool { return !isName(g, maxGroup) })
	}
	return out, nil
}

// kinds are what a claim typ may say, in lower case. Keycloak signs much with the
// same keys: refresh tokens, sign-outs, links in mails. What is not here is none
// that was made for asking somebody. DPoP has a refusal of its own.
var kinds = map[string]bool{"": true, "bearer": true, "id": true, "jwt": true, "at+jwt": true, "dpop": true}

// meant checks that the token was made for us.
func (p *Provider) meant(t token) error {
	if _, is := t.claims["events"]; is {
		return refuse(BadType, "it tells of an event, such as a sign-out")
	}
	var kind, party string
	if raw := t.claim("typ"); raw != nil && (!text(raw, &kind) || !kinds[strings.ToLower(kind)]) {
		return refuse(BadType, "its claim typ is of another kind, such as a refresh token; use the access token or the ID token")
	}
	aud, ok := oneOrMore(t.claims["aud"])
	if !ok || !slices.ContainsFunc(aud, func(a string) bool { return slices.Contains(p.Audiences, a) }) {
		return refuse(BadAudience, "want one of "+strings.Join(p.Audiences, ", "))
	}
	// An ID token with several audiences was handed to the client in azp. When
	// that is not one of ours, another application holds it, and may have
	// passed it on. An access token names in aud whom it is for and in azp who
	// calls: there a stranger in azp is the rule. RFC 9068 marks one in the
	// header, Keycloak in a claim.
	access := strings.HasSuffix(strings.ToLower(t.typ), "at+jwt") || kind == "Bearer"
	if raw := t.claim("azp"); raw != nil && len(aud) > 1 && !access {
		if !text(raw, &party) || !slices.Contains(p.Audiences, party) {
			return refuse(BadAudience, "it has several audiences and was given to another client (azp); add that client to audiences if people may come through it")
		}
	}
	return nil
}

// timely checks the times, and returns the second at which the token is not
// accepted any more.
func (p *Provider) timely(t token, now int64) (int64, error) {
	at, hasIat, err := t.seconds("iat")
	if err != nil {
		return 0, err
	}
	exp, hasExp, err := t.seconds("exp")
	if err != nil {
		return 0, err
	}
	nbf, hasNbf, err := t.seconds("nbf")
	if err != nil {
		return 0, err
	}
	switch {
	case !hasExp:
		return 0, refuse(NoTimes, "it has no exp and would be valid for ever")
	case !hasIat:
		return 0, refuse(NoTimes, "it has no iat: nobody knows for how long it is valid")
	case now >= exp+skew:
		return 0, refuse(Expired, "")
	case at > now+skew || hasNbf && nbf > now+skew:
		return 0, refuse(NotYet, "check the clocks of this server and of the provider")
	case exp-at > int64(p.MaxLifetime/time.Second):
		return 0, refuse(TooLong, "more than "+p.MaxLifetime.String()+"; make the provider issue shorter ones, or raise max_lifetime")
	}
	return exp + skew, nil
}

// isUserRef reports whether a text names a user of the catalog in the one form
// that is compared: user:NAMESPACE/NAME in lower case.
func isUserRef(s string) bool {
	rest, ok := strings.CutPrefix(s, "user:")
	namespace, name, slash := strings.Cut(rest, "/")
	return ok && slash && isPart(namespace, "-") && isPart(name, "-_.")
}

// isPart reports whether a text is letters and digits with separators between
// them, as the catalog has names.
func isPart(s, separators string) bool {
	if s == "" || len(s) > 63 || strings.Contains(separators, s[:1]) || strings.Contains(separators, s[len(s)-1:]) {
		return false
	}
	return !strings.ContainsFunc(s, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9') && !strings.ContainsRune(separators, r)
	})
}
