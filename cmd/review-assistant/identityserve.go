// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"

	"review-assistant/audit"
	"review-assistant/catalog"
	"review-assistant/gerrit"
	"review-assistant/identity"
	"review-assistant/review"
	"review-assistant/server"
)

var (
	_ identity.Accounts = (*gerrit.Client)(nil)
	_ identity.Catalog  = (*catalog.Files)(nil)
	_ identity.Catalog  = (*catalog.Backstage)(nil)
)

// asking finds out who asks over the API.
type asking struct {
	verifier *identity.Verifier // nil with an identityErr
	resolver *identity.Resolver
}

// openIdentity puts together what finds out who asks, nothing when nobody may.
func (p *parts) openIdentity(c IdentityConfig) {
	if len(c.Providers) == 0 {
		return
	}
	o := identity.ResolverOptions{
		Providers: c.mappings(), Roles: c.rules(), Hosts: map[string]identity.Accounts{},
		Bindings: p.store, Denied: p.denied, Log: p.log,
	}
	for id, client := range p.gerrits {
		o.Hosts[id] = client
	}
	if people, is := p.catalog.(identity.Catalog); is {
		o.Catalog = people
	}
	p.asking = &asking{resolver: identity.NewResolver(o)}
	var err error
	if p.asking.verifier, err = identity.NewVerifier(c.providers(), c.services(), identity.VerifierOptions{Log: p.log}); err != nil {
		p.identityErr = fmt.Errorf("identity: %w", err)
	}
}

// identify returns who asks: what the server calls for each request of a person.
func (p *parts) identify(ctx context.Context, bearer, person string) (review.Viewer, error) {
	if p.asking == nil {
		return review.Viewer{}, &identity.RefusedError{Reason: identity.BadIssuer, Detail: "no identity provider is configured"}
	}
	proof, err := p.asking.verifier.Verify(ctx, bearer, person)
	if err != nil {
		return review.Viewer{}, err
	}
	return p.asking.resolver.Resolve(ctx, proof)
}

// denied records that a proven person has no account here.
func (p *parts) denied(ctx context.Context, proof identity.Proof, refused *identity.RefusedError) {
	evidence := []string{"provider " + proof.Provider, refused.Detail}
	if proof.Service != "" {
		evidence = append(evidence, "service "+proof.Service)
	}
	p.recordDenied(ctx, audit.Actor{Kind: "person", Iss: proof.Issuer, Sub: proof.Subject, Entity: proof.Entity}, string(refused.Reason), evidence...)
}

// deniedAt records what the server alone knows: that somebody who is not proven
// was not let in, at a bounded rate, and that a person asked for what neither her
// roles nor Gerrit open. Of people without an account the resolver tells.
func (p *parts) deniedAt(ctx context.Context, d server.Denial) {
	refused := identity.RefusedError{Reason: identity.Reason(d.Reason)}
	switch {
	case d.Viewer != nil:
		evidence := []string{d.Route}
		if d.Detail != "" {
			evidence = append(evidence, d.Detail)
		}
		if d.Viewer.Service != "" {
			evidence = append(evidence, "service "+d.Viewer.Service)
		}
		p.recordDenied(ctx, actorOf(d.Viewer, ""), d.Reason, evidence...)
	case refused.Proven(), refused.Reason == identity.NoToken, !p.strangers.Allow():
	default:
		p.recordDenied(ctx, audit.Actor{Kind: "unknown"}, d.Reason, d.Route, d.Remote, d.Detail)
	}
}

// recordDenied writes a refusal into the audit log. It stands, even if that
// fails.
func (p *parts) recordDenied(ctx context.Context, who audit.Actor, reason string, evidence ...string) {
	_, err := p.audit.Append(context.WithoutCancel(ctx), audit.Entry{
		Actor: who, Action: audit.ActionDenied, Result: audit.ResultRefused, Why: audit.Why{Rule: reason, Evidence: evidence},
	})
	if err != nil {
		p.log.Error("a refusal cannot be audited", "reason", reason, "error", err)
	}
}

var errNoProvider = &usageError{errors.New("no identity provider is configured; add one under identity.providers: docs/sso.md")}
