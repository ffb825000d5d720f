// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"slices"

	"review-assistant/gerrit"
	"review-assistant/identity"
	"review-assistant/review"
)

// checkIdentity looks at what is needed to find out who asks.
func checkIdentity(ctx context.Context, p *parts) []finding {
	c := p.config.Identity
	if len(c.Providers) == 0 {
		return []finding{ok("no identity provider is configured: no person is let in over the API, and Backstage shows nothing")}
	}
	out := slices.Concat(keyFindings(ctx, c), serviceFindings(c.Services))
	if err := p.config.sharedSecret(); err != nil {
		out = append(out, fail("serve does not start with it", "%v", err))
	}
	return slices.Concat(out, p.roleFindings(ctx), p.unnamedFindings(c))
}

// keyFindings tries to read the keys of each provider.
func keyFindings(ctx context.Context, c IdentityConfig) (out []finding) {
	v, err := identity.NewVerifier(c.providers(), nil, identity.VerifierOptions{})
	if err != nil {
		return []finding{fail("mend it: serve does not start with it", "%v", err)}
	}
	for _, p := range c.Providers {
		bounded, cancel := shortly(ctx)
		keys, err := v.Reach(bounded, p.Name)
		cancel()
		switch {
		case err != nil:
			out = append(out, fail("check issuer, jwks_url, proxy_url and ca_file; until then people with its tokens get status 503", "provider %s: its keys cannot be read: %v", p.Name, err))
		case keys == 0:
			out = append(out, warn("a Backstage has some after the first sign-in", "provider %s: it has no key that can be used", p.Name))
		default:
			out = append(out, ok("provider %s: %s", p.Name, plural(keys, "key")))
		}
	}
	return out
}

// serviceFindings tries the secret of each service.
func serviceFindings(services []IdentityServiceConfig) (out []finding) {
	for _, s := range services {
		good := 0
		for _, file := range s.TokenFiles {
			if _, err := identity.Secret(file); err != nil {
				out = append(out, warn("it opens nothing; write one: openssl rand -hex 32", "service %s: %v", s.Name, err))
				continue
			}
			good++
		}
		if good == 0 {
			out = append(out, fail("serve does not start without one", "service %s: no secret can be read", s.Name))
			continue
		}
		out = append(out, ok("service %s speaks for people of %s", s.Name, s.Provider))
	}
	return out
}

// roleFindings looks whether the bot sees the groups that grant roles.
func (p *parts) roleFindings(ctx context.Context) (out []finding) {
	for _, r := range p.config.Identity.Roles {
		if r.Gerrit == "" {
			out = append(out, ok("%s: whose token of %s names the group %q", r.Role, r.Provider, r.Group))
			continue
		}
		bounded, cancel := shortly(ctx)
		out = append(out, roleFinding(bounded, p.gerrits[r.Gerrit], r))
		cancel()
	}
	return out
}

func roleFinding(ctx context.Context, c *gerrit.Client, r IdentityRoleConfig) finding {
	self, err := c.Self(ctx)
	if err == nil {
		_, err = c.Member(ctx, r.Group, self)
	}
	switch {
	case review.IsDenied(err), review.IsGone(err):
		return fail("make it visible to all registered users, or name another group", "%s: %s does not show the group %q to the bot, so that nobody gets the role by it", r.Role, r.Gerrit, r.Group)
	case err != nil:
		return fail("try again", "%s: the group %q of %s cannot be looked up: %v", r.Role, r.Group, r.Gerrit, err)
	}
	return ok("%s: members of the group %q of %s", r.Role, r.Group, r.Gerrit)
}

// unnamedFindings counts users of the catalog who lead to no account, where
// that takes an annotation.
func (p *parts) unnamedFindings(c IdentityConfig) []finding {
	needed := slices.ContainsFunc(c.Providers, func(p IdentityProviderConfig) bool { return p.kind() == identity.TypeBackstage && !p.EntityNames })
	if !needed {
		return nil
	}
	source, is := p.catalog.(reporting)
	if !is {
		return nil // the catalog has its own complaint
	}
	r, there := source.Report()
	switch {
	case !there:
		return nil
	case r.Unnamed > 0:
		return []finding{warn("annotate them with review-assistant/username; identity explain tells about one", "%d of %s in the catalog have no user name for Gerrit: they are not let in", r.Unnamed, count(r.Users, "person", "people"))}
	}
	return []finding{ok("everybody in the catalog has a user name for Gerrit")}
}

// ownerFindings tells whose owners the bot cannot find: Gerrit shows the rules of
// a project to those who may read its refs/meta/config.
func ownerFindings(chain []review.ConfigFile) (out []finding) {
	for i, f := range chain {
		if f.State != review.ConfigNoRead {
			continue
		}
		whose := "owners whom the parent %q names count as no owners over the API"
		switch {
		case i == 0:
			whose = "owners whom %q names count as no owners over the API"
		case i == len(chain)-1:
			whose = "administrators, and owners whom %q names, count as no owners over the API"
		}
		out = append(out, warn("let the bots' group read refs/meta/config there: docs/gerrit-access.md, step 7", whose, f.Project))
	}
	if len(out) == 0 {
		out = append(out, ok("owners can be found, if their groups are visible to all registered users"))
	}
	return out
}
