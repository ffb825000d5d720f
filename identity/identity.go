// SPDX-License-Identifier: Apache-2.0

// Package identity finds out who asks: from a token to a person of an identity
// provider, from there to the person's Gerrit accounts and catalog entity.
//
// The invariant: who is not proven, or not certain, is nobody. A person is
// (issuer, subject); names and e-mail addresses only lead to an account, and
// all that is known has to agree on the same one.
//
// A new way to prove who somebody is goes into verify.go, a new source of
// accounts into resolve.go.
package identity

import "errors"

// Reason is why somebody is not let in: fixed words for answers, figures and
// the audit log.
type Reason string

// Reasons of a proof that is none. They are told to whoever sent it.
const (
	NoToken      Reason = "no-token"
	TooLarge     Reason = "token-too-large"
	Malformed    Reason = "token-malformed"
	BadAlgorithm Reason = "token-algorithm"
	BadType      Reason = "token-type"
	BadIssuer    Reason = "token-issuer"
	BadAudience  Reason = "token-audience"
	BadSignature Reason = "token-signature"
	Expired      Reason = "token-expired"
	NotYet       Reason = "token-not-yet-valid"
	TooLong      Reason = "token-lifetime" // valid for longer than is allowed
	NoTimes      Reason = "token-times"    // exp or iat is missing: nobody knows for how long it is valid
	Bound        Reason = "token-bound"    // only its holder's key may use it, which a bearer does not show
	NoSubject    Reason = "token-subject"  // missing, or no name
	BadService   Reason = "service-secret" // nobody's
	BadPerson    Reason = "service-person" // the service names nobody, or somebody it may not speak for
	NotService   Reason = "not-a-service"  // a token that is no service's, beside the name of somebody
)

// Reasons why a proven person has no account here.
const (
	NoAccount Reason = "no-account"
	Inactive  Reason = "account-inactive"
	Machine   Reason = "account-service"   // of a service user, or the bot's own
	Ambiguous Reason = "account-ambiguous" // sources do not agree
	Rebound   Reason = "account-rebound"   // the person, or the account, was bound otherwise before
	Unknown   Reason = "person-unknown"    // the catalog does not have, or no longer has, the person
)

// RefusedError is why nobody is let in. Its text holds no part of a token.
type RefusedError struct {
	Reason Reason
	Detail string // for the operator: log, audit and explain
}

func (e *RefusedError) Error() string {
	if e.Detail == "" {
		return string(e.Reason)
	}
	return string(e.Reason) + ": " + e.Detail
}

// proven are the reasons that come after the proof.
var proven = map[Reason]bool{NoAccount: true, Inactive: true, Machine: true, Ambiguous: true, Rebound: true, Unknown: true}

// Proven reports whether it is known who is refused for that reason.
func (r Reason) Proven() bool { return proven[r] }

// Proven reports whether it is known who is refused: a server answers 403,
// else 401.
func (e *RefusedError) Proven() bool { return e.Reason.Proven() }

// ReasonOf returns the reason of an error, "" for one that is no refusal: then
// somebody who was needed did not answer.
func ReasonOf(err error) Reason {
	if r, ok := errors.AsType[*RefusedError](err); ok {
		return r.Reason
	}
	return ""
}

// Proof is what a token proves: a person of a provider, and what the provider
// says of the person. Nothing is known of accounts yet.
type Proof struct {
	Provider string // name in the configuration
	Issuer   string
	Subject  string
	Service  string   // that speaks for the person, "" for the person's own token
	Username string   // of the provider's claim, "" for none
	Email    string   // only one that the provider has verified
	Groups   []string // of the provider's claim
	// Entity is the person's entity in the catalog, where the token names it:
	// Backstage's do.
	Entity string
	Until  int64 // Unix seconds
}
