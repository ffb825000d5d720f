// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"review-assistant/identity"
	"review-assistant/review"
)

// IdentityConfig is about who asks.
type IdentityConfig struct {
	Providers []IdentityProviderConfig `yaml:"providers" env:"-" doc:"Who may prove people by tokens, one entry each. Without any, no person is let in."`
	Services  []IdentityServiceConfig  `yaml:"services" env:"-" doc:"Backends that sign people in themselves and ask for them: Authorization with the secret, and X-Review-Assistant-User with the person, such as user:default/jane."`
	Roles     []IdentityRoleConfig     `yaml:"roles" env:"-" doc:"Who may more than read what Gerrit shows them, one entry for each group. Without any, nobody."`
}

// IdentityProviderConfig is one identity provider.
type IdentityProviderConfig struct {
	Name          string        `yaml:"name" doc:"Short name, for the log and for roles."`
	Type          string        `yaml:"type" doc:"oidc (the default), or backstage: tokens that Backstage gives its signed-in users."`
	Issuer        string        `yaml:"issuer" doc:"The iss of its tokens, letter by letter. Backstage's is the backend's base URL and /api/auth."`
	Audiences     []string      `yaml:"audiences" doc:"A token has to name one of them in aud. Backstage's is backstage, and need not be written."`
	Algorithms    []string      `yaml:"algorithms" doc:"Signatures that are taken; without it RS256, ES256 and EdDSA, of Backstage ES256 alone."`
	JWKSURL       string        `yaml:"jwks_url" doc:"Where the keys are, if the provider's discovery document does not say so."`
	UsernameClaim string        `yaml:"username_claim" doc:"Claim with the user name as Gerrit has it, such as preferred_username. People must not be able to change it themselves. Needed for oidc."`
	GroupsClaim   string        `yaml:"groups_claim" doc:"Claim with the person's groups, for roles; without it groups. A name with dots leads into objects: realm_access.roles."`
	Email         bool          `yaml:"email" doc:"The verified e-mail address of the token has to agree with the account too. An address alone never leads to one."`
	EntityNames   bool          `yaml:"entity_names" doc:"For backstage: NAME of user:default/NAME is the Gerrit user name; people of other namespaces need the annotation. Without it the catalog's annotation has to say it; with both, both have to agree."`
	Gerrits       []string      `yaml:"gerrits" doc:"Ids of the Gerrits to whose accounts its people lead; empty means all."`
	CAFile        string        `yaml:"ca_file" doc:"PEM file with the CA of this provider; empty means the system's."`
	ProxyURL      string        `yaml:"proxy_url" doc:"Proxy for this provider. Proxies of the environment are ignored."`
	AllowHTTP     bool          `yaml:"allow_http" doc:"Fetch its keys without encryption from another machine. For trials only: whoever is on the way can be anybody."`
	MaxLifetime   time.Duration `yaml:"max_lifetime" doc:"Longest time from issue to end of a token that is taken; without it 24h."`
}

// IdentityServiceConfig is one backend that speaks for people.
type IdentityServiceConfig struct {
	Name       string   `yaml:"name" doc:"Who it is, for the audit log."`
	TokenFiles []string `yaml:"token_files" doc:"Files with its secret, in the current and the next generation; read again when they change. Each has at least 16 bytes."`
	Provider   string   `yaml:"provider" doc:"Name of the backstage provider for whose people it speaks."`
}

// IdentityRoleConfig grants a role to a group.
type IdentityRoleConfig struct {
	Role     string `yaml:"role" doc:"operator, who runs the bot, or auditor, who reads what was done and why."`
	Provider string `yaml:"provider" doc:"Name of the provider in whose claim the group is; or set gerrit."`
	Gerrit   string `yaml:"gerrit" doc:"Id of the Gerrit on which the group is; or set provider. The bot has to see the group."`
	Group    string `yaml:"group" doc:"Name of the group, letter by letter; of a Gerrit its UUID too."`
}

// validate returns every fault at once. Hosts are the ids of all Gerrits; catalog
// is set where one is configured.
func (c *IdentityConfig) validate(hosts []string, catalog bool) (out []ConfigProblem) {
	bad := complain(&out, "identity.")
	types := map[string]string{}
	for i, p := range c.Providers {
		key := fmt.Sprintf("providers[%d].", i)
		bad(tokenName.MatchString(p.Name), key+"name", fmt.Sprintf("%q is no name", p.Name), "use letters, digits and -")
		bad(types[p.Name] == "", key+"name", fmt.Sprintf("%q is there twice", p.Name), "give each provider its own")
		types[p.Name] = p.kind()
		out = append(out, p.validate("identity."+key)...)
		bad(p.kind() != identity.TypeBackstage || p.EntityNames || catalog, key+"entity_names", "is off and no catalog is configured: its people lead to no account", "set catalog.url or catalog.files, or entity_names: true")
		for _, id := range p.Gerrits {
			bad(slices.Contains(hosts, id), key+"gerrits", fmt.Sprintf("%q is no configured Gerrit", id), "use some of "+strings.Join(hosts, ", "))
		}
		for _, other := range c.Providers[:i] {
			taken := func(a string) bool { return slices.Contains(other.audiences(), a) }
			switch {
			case p.Issuer != other.Issuer:
			case p.Issuer != "" && p.kind() != other.kind():
				bad(false, key+"issuer", fmt.Sprintf("%s has the same and is of another type", other.Name), "keep one: an issuer is of one type")
			default:
				bad(!slices.ContainsFunc(p.audiences(), taken), key+"audiences", fmt.Sprintf("%s takes one of them from the same issuer", other.Name), "keep it at one of the two")
			}
		}
	}
	names := map[string]bool{}
	for i, s := range c.Services {
		key := fmt.Sprintf("services[%d].", i)
		bad(tokenName.MatchString(s.Name), key+"name", fmt.Sprintf("%q is no name", s.Name), "use letters, digits and -")
		bad(!names[s.Name], key+"name", fmt.Sprintf("%q is there twice", s.Name), "give each service its own")
		names[s.Name] = true
		bad(len(s.TokenFiles) > 0, key+"token_files", "is missing", "write 32 random bytes in hex into a file and name it here")
		bad(types[s.Provider] == identity.TypeBackstage, key+"provider", fmt.Sprintf("%q is no provider of type backstage", s.Provider), "name the one whose people the service signs in")
	}
	for i, r := range c.Roles {
		key := fmt.Sprintf("roles[%d].", i)
		bad(r.Role == review.RoleOperator || r.Role == review.RoleAuditor, key+"role", fmt.Sprintf("%q is unknown", r.Role), "use operator or auditor")
		bad(strings.TrimSpace(r.Group) != "", key+"group", "is missing", "name the group whose members get the role")
		bad((r.Provider == "") != (r.Gerrit == ""), key+"provider", "one of provider and gerrit is needed, and only one", "say where the group is")
		bad(r.Provider == "" || types[r.Provider] != "", key+"provider", fmt.Sprintf("%q is no configured provider", r.Provider), "use a name of identity.providers")
		bad(types[r.Provider] != identity.TypeBackstage, key+"provider", "tokens of Backstage name no groups", "use a group of a Gerrit")
		bad(r.Gerrit == "" || slices.Contains(hosts, r.Gerrit), key+"gerrit", fmt.Sprintf("%q is no configured Gerrit", r.Gerrit), "use one of "+strings.Join(hosts, ", "))
	}
	return out
}

func (p IdentityProviderConfig) kind() string { return orElse(p.Type, identity.TypeOIDC) }

func (p IdentityProviderConfig) audiences() []string {
	if len(p.Audiences) == 0 && p.kind() == identity.TypeBackstage {
		return []string{"backstage"}
	}
	return p.Audiences
}

// validate checks what concerns one provider alone.
func (p IdentityProviderConfig) validate(key string) (out []ConfigProblem) {
	bad := complain(&out, key)
	kind := p.kind()
	bad(kind == identity.TypeOIDC || kind == identity.TypeBackstage, "type", fmt.Sprintf("%q is unknown", p.Type), "use oidc or backstage")
	out = append(out, p.checkURL(key+"issuer", p.Issuer, true)...)
	out = append(out, p.checkURL(key+"jwks_url", p.JWKSURL, false)...)
	out = append(out, checkURL(key+"proxy_url", p.ProxyURL, false)...)
	bad(len(p.audiences()) > 0 && !slices.Contains(p.Audiences, ""), "audiences", "is missing, or one is empty", "name what the provider writes into aud for this API; without it a token for any other would do")
	for _, a := range p.Algorithms {
		bad(slices.Contains(identity.Algorithms(), a), "algorithms", fmt.Sprintf("%q is not taken", a), "use some of "+strings.Join(identity.Algorithms(), ", "))
		bad(kind != identity.TypeBackstage || a == "ES256", "algorithms", fmt.Sprintf("%q is none of Backstage", a), "leave it out")
	}
	bad(kind != identity.TypeOIDC || p.UsernameClaim != "", "username_claim", "is missing", "name the claim that holds the Gerrit user name and that people cannot change, such as preferred_username")
	bad(kind == identity.TypeOIDC || !p.Email, "email", "tokens of Backstage hold no e-mail address", "leave it out: the catalog's address has to agree as it is")
	bad(kind != identity.TypeOIDC || !p.EntityNames, "entity_names", "is for backstage", "use username_claim")
	bad(p.MaxLifetime == 0 || p.MaxLifetime >= time.Minute && p.MaxLifetime <= 30*24*time.Hour, "max_lifetime", p.MaxLifetime.String()+" is out of range", "use 1m to 720h")
	return out
}

// checkURL refuses what would bring keys over a line that others can write to.
func (p IdentityProviderConfig) checkURL(key, raw string, required bool) []ConfigProblem {
	out := checkURL(key, raw, required)
	u, err := url.Parse(raw)
	if len(out) > 0 || err != nil || p.AllowHTTP || !identity.Plain(u) {
		return out
	}
	return []ConfigProblem{{Key: key, Cause: "is without encryption: whoever is on the way could hand out keys", Fix: "use https"}}
}

// files calls at for every path.
func (c *IdentityConfig) files(at func(*string)) {
	for i := range c.Providers {
		at(&c.Providers[i].CAFile)
	}
	for i := range c.Services {
		for j := range c.Services[i].TokenFiles {
			at(&c.Services[i].TokenFiles[j])
		}
	}
}

// otherSecrets yields the files with secrets by which others than a service are
// let in, with their setting.
func (c *Config) otherSecrets(yield func(file, setting string)) {
	each := func(files []string, setting string) {
		for _, file := range files {
			yield(file, setting)
		}
	}
	for _, g := range c.Gerrit {
		each(g.WebhookTokenFiles, "webhook_token_files of "+g.ID)
	}
	each(c.API.TokenFiles, "api.token_files")
	for _, t := range c.Builds.Tokens {
		each(t.Files, "builds.tokens of "+t.Name)
	}
}

// sharedFiles tells files of a service's secret that are there for something
// else too: serve does not start with one secret for two.
func (c *Config) sharedFiles() (out []ConfigProblem) {
	of := map[string]string{}
	c.otherSecrets(func(file, setting string) { of[filepath.Clean(file)] = setting })
	for i, s := range c.Identity.Services {
		for _, file := range s.TokenFiles {
			if setting := of[filepath.Clean(file)]; setting != "" {
				out = append(out, ConfigProblem{
					Key: fmt.Sprintf("identity.services[%d].token_files", i), Cause: fmt.Sprintf("%s is one of %s too", file, setting), Fix: "write another secret into a file of its own",
				})
			}
		}
		for _, file := range s.TokenFiles {
			of[filepath.Clean(file)] = "the service " + s.Name
		}
	}
	return out
}

// providers are the entries as the verifier takes them.
func (c *IdentityConfig) providers() (out []identity.Provider) {
	for _, p := range c.Providers {
		out = append(out, identity.Provider{
			Name: p.Name, Type: p.kind(), Issuer: p.Issuer, Audiences: p.Audiences, Algorithms: p.Algorithms, JWKSURL: p.JWKSURL,
			UsernameClaim: p.UsernameClaim, GroupsClaim: p.GroupsClaim, CAFile: p.CAFile, ProxyURL: p.ProxyURL,
			AllowHTTP: p.AllowHTTP, MaxLifetime: p.MaxLifetime,
		})
	}
	return out
}

// services are the entries as the verifier takes them.
func (c *IdentityConfig) services() (out []identity.Service) {
	for _, s := range c.Services {
		out = append(out, identity.Service{Name: s.Name, TokenFiles: s.TokenFiles, Provider: s.Provider})
	}
	return out
}

// mappings say how people of each provider lead to accounts.
func (c *IdentityConfig) mappings() (out []identity.Mapping) {
	for _, p := range c.Providers {
		out = append(out, identity.Mapping{
			Provider: p.Name, Issuer: p.Issuer, Entities: p.kind() == identity.TypeBackstage,
			EntityNames: p.EntityNames, Email: p.Email, Hosts: p.Gerrits,
		})
	}
	return out
}

// rules are the roles as the resolver takes them.
func (c *IdentityConfig) rules() (out []identity.RoleRule) {
	for _, r := range c.Roles {
		rule := identity.RoleRule{Role: r.Role, Provider: r.Provider, Group: r.Group}
		if r.Gerrit != "" {
			rule = identity.RoleRule{Role: r.Role, Host: r.Gerrit, GerritGroup: r.Group}
		}
		out = append(out, rule)
	}
	return out
}
