// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"review-assistant/audit"
	"review-assistant/catalog"
	"review-assistant/gerrit"
	"review-assistant/identity"
	"review-assistant/internal/secretfile"
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
	verifier *identity.Verifier // nil when the configuration is wrong: identityErr
	resolver *identity.Resolver
}

// openIdentity puts together what finds out who asks, nothing when nobody may.
func (p *parts) openIdentity(c IdentityConfig) {
	if len(c.Providers) == 0 {
		return
	}
	o := identity.ResolverOptions{
		Providers: c.mappings(), Roles: c.rules(), Hosts: map[string]identity.Accounts{},
		Bindings: p.store, Denied: p.denied, Bound: p.bound, Log: p.log,
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
		return
	}
	p.identityErr = p.config.sharedSecret()
}

// sharedSecret refuses a secret of a service that serves for something else too:
// who may read the one, such as a project's owner the address of its webhook,
// could be anybody.
func (c *Config) sharedSecret() error {
	of := map[string]string{}
	c.otherSecrets(func(file, setting string) {
		if secret, err := secretfile.New(file, maxToken).Read(); err == nil && secret != "" {
			of[secret] = setting
		}
	})
	for _, s := range c.Identity.Services {
		own := "the service " + s.Name
		for _, file := range s.TokenFiles {
			secret, err := identity.Secret(file)
			if err != nil {
				continue
			}
			if setting, shared := of[secret]; shared && setting != own {
				return fmt.Errorf("identity: the secret of the service %s is one of %s too; write another one into its file", s.Name, setting)
			}
			of[secret] = own
		}
	}
	return nil
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

// denied records that a proven person has no account here. A provider where
// anybody signs up, or a service that makes names up, fills no disk: the figures
// count all.
func (p *parts) denied(ctx context.Context, proof identity.Proof, refused *identity.RefusedError) {
	if !p.refusals.Allow() {
		return
	}
	who := audit.Actor{Kind: "person", Iss: proof.Issuer, Sub: proof.Subject, Entity: proof.Entity}
	p.recordDenied(ctx, who, proof.Service, string(refused.Reason), "provider "+proof.Provider, refused.Detail)
}

// deniedAt records what the server alone knows: that somebody who is not proven
// was not let in, at a bounded rate, and that a person asked for what neither her
// roles nor Gerrit open. Of people without an account the resolver tells.
func (p *parts) deniedAt(ctx context.Context, d server.Denial) {
	reason := identity.Reason(d.Reason)
	switch {
	case d.Viewer != nil:
		p.recordDenied(ctx, actorOf(d.Viewer, ""), d.Viewer.Service, d.Reason, d.Route, d.Detail)
	case reason.Proven(), reason == identity.NoToken, !p.strangers.Allow():
	default:
		p.recordDenied(ctx, audit.Actor{Kind: "unknown"}, "", d.Reason, d.Route, d.Remote, d.Detail)
	}
}

// recordDenied writes a refusal into the audit log, and which service asked, ""
// for none. It stands, even if that fails.
func (p *parts) recordDenied(ctx context.Context, who audit.Actor, service, reason string, evidence ...string) {
	if service != "" {
		evidence = append(evidence, "service "+service)
	}
	evidence = slices.DeleteFunc(evidence, func(s string) bool { return s == "" })
	_, err := p.audit.Append(context.WithoutCancel(ctx), audit.Entry{
		Actor: who, Action: audit.ActionDenied, Result: audit.ResultRefused, Why: audit.Why{Rule: reason, Evidence: evidence},
	})
	if err != nil {
		p.log.Error("a refusal cannot be audited", "reason", reason, "error", err)
	}
}

// bound records that a person was bound to an account, and by which other
// providers somebody is on it: with the weaker of two one could be anybody.
func (p *parts) bound(ctx context.Context, b identity.Binding, others []string) {
	e := audit.Entry{
		Actor:  audit.Actor{Kind: "person", Iss: b.Issuer, Sub: b.Subject, GerritID: b.Account},
		Action: audit.ActionBind, Why: audit.Why{Rule: "first-answer", Evidence: []string{fmt.Sprintf("%s/%d", b.Host, b.Account)}},
	}
	e.Why.Evidence = append(e.Why.Evidence, b.Sources...)
	for _, issuer := range others {
		e.Why.Evidence = append(e.Why.Evidence, "bound by "+issuer+" too")
	}
	if _, err := p.audit.Append(context.WithoutCancel(ctx), e); err != nil {
		p.log.Error("a binding cannot be audited", "host", b.Host, "account", b.Account, "error", err)
	}
}

var errNoProvider = &usageError{errors.New("no identity provider is configured; add one under identity.providers: docs/sso.md")}
