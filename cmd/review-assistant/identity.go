// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"review-assistant/audit"
	"review-assistant/identity"
	"review-assistant/store"
)

type identityCmd struct {
	Explain identityExplainCmd `cmd:"" help:"Say step by step how a person leads to Gerrit accounts, or why not."`
	List    identityListCmd    `cmd:"" help:"List which person is bound to which account."`
	Forget  identityForgetCmd  `cmd:"" help:"Let a binding go, so that an account can be somebody else's."`
}

type identityExplainCmd struct {
	Who       []string `arg:"" optional:"" placeholder:"USER" help:"user:NAMESPACE/NAME of the catalog, a Gerrit user name, or ISSUER SUBJECT."`
	TokenFile string   `type:"path" placeholder:"FILE" help:"Explain the token in a file instead, from its signature on."`
	JSON      bool     `name:"json" help:"Print JSON."`
}

// Help is the long help.
func (identityExplainCmd) Help() string {
	return `It looks at what decides over the API, now and anew: token, catalog, each Gerrit, bindings and roles. It binds nobody. Exit code 0 says that the person resolves by at least one provider, 3 that by none, with what to do about it. Groups of a provider's claim are known from a token alone.`
}

// Run implements the command.
func (e identityExplainCmd) Run(p *program) error {
	asked, err := e.asked()
	if err != nil {
		return err
	}
	return withBot(p, func(_ Config, parts *parts) error {
		if parts.asking == nil {
			return errNoProvider
		}
		if e.TokenFile != "" {
			proof, err := parts.proofIn(p, e.TokenFile)
			if r, is := errors.AsType[*identity.RefusedError](err); is {
				return e.show(p, []identity.Explanation{{Reason: r.Reason, Steps: []identity.Step{{Status: identity.Fails, Place: "token", Says: orElse(r.Detail, string(r.Reason))}}}})
			}
			if err != nil {
				return err
			}
			asked.Proof = &proof
		}
		done := p.ui.progress("asking catalog and Gerrit")
		list, err := parts.asking.resolver.Explain(p.ctx, asked)
		done()
		if err != nil {
			return &usageError{fmt.Errorf("identity explain: %w", err)}
		}
		return e.show(p, list)
	})
}

// asked reads the arguments.
func (e identityExplainCmd) asked() (identity.Asked, error) {
	switch {
	case e.TokenFile != "" && len(e.Who) == 0:
		return identity.Asked{}, nil
	case e.TokenFile == "" && len(e.Who) == 1 && strings.HasPrefix(e.Who[0], "user:"):
		return identity.Asked{Entity: e.Who[0]}, nil
	case e.TokenFile == "" && len(e.Who) == 1 && e.Who[0] != "":
		return identity.Asked{Username: e.Who[0]}, nil
	case e.TokenFile == "" && len(e.Who) == 2 && e.Who[0] != "" && e.Who[1] != "":
		return identity.Asked{Issuer: e.Who[0], Subject: e.Who[1]}, nil
	}
	return identity.Asked{}, &usageError{errors.New("identity explain: name one person: user:NAMESPACE/NAME, a Gerrit user name, ISSUER SUBJECT, or a token with --token-file")}
}

// maxToken is in bytes of a file.
const maxToken = 16 << 10

// proofIn proves the token in a file.
func (p *parts) proofIn(prog *program, file string) (identity.Proof, error) {
	if p.identityErr != nil {
		return identity.Proof{}, &usageError{p.identityErr}
	}
	body, err := readLimited(file, maxToken)
	if err != nil {
		return identity.Proof{}, &usageError{fmt.Errorf("--token-file: %w", err)}
	}
	return p.asking.verifier.Verify(prog.ctx, strings.TrimSpace(string(body)), "")
}

// show prints explanations. What is true by one provider is enough.
func (e identityExplainCmd) show(p *program, list []identity.Explanation) error {
	resolves := slices.ContainsFunc(list, func(e identity.Explanation) bool { return e.Viewer != nil })
	unknown := slices.IndexFunc(list, func(e identity.Explanation) bool { return e.Error != "" })
	if e.JSON {
		if err := p.ui.json(struct {
			Resolves     bool                   `json:"resolves"`
			Explanations []identity.Explanation `json:"explanations"`
		}{resolves, list}); err != nil {
			return fmt.Errorf("write: %w", err)
		}
	} else {
		for _, one := range list {
			p.explanation(one)
		}
	}
	switch {
	case resolves:
		return nil
	case unknown >= 0:
		return errors.New(list[unknown].Error)
	}
	return errFindings
}

// explanation prints one for people.
func (p *program) explanation(e identity.Explanation) {
	if e.Provider != "" {
		p.ui.title("By " + visible(e.Provider))
	}
	var list []finding
	for _, s := range e.Steps {
		list = append(list, finding{s.Status, visible(s.Place + ": " + s.Says), visible(s.Do)})
	}
	p.ui.findings(list)
	switch {
	case e.Viewer != nil:
		var where []string
		for _, host := range slices.Sorted(maps.Keys(e.Accounts)) {
			where = append(where, fmt.Sprintf("account %d on %s", e.Accounts[host], host))
		}
		text := "resolves to " + strings.Join(where, ", ")
		if e.Entity != "" {
			text += "; " + e.Entity
		}
		if len(e.Roles) > 0 {
			text += "; " + strings.Join(e.Roles, ", ")
		}
		p.ui.printf("  %s\n", p.ui.paint(bold, visible(text)))
	case e.Reason != "":
		p.ui.printf("  %s\n", p.ui.paint(bold, "resolves to nobody: "+string(e.Reason)))
	default:
		p.ui.printf("  %s\n", p.ui.paint(bold, "is not known now: "+visible(e.Error)))
	}
}

type identityListCmd struct {
	JSON bool `name:"json" help:"Print JSON."`
}

// Run implements the command.
func (l identityListCmd) Run(p *program) error {
	return withStore(p, func(_ Config, st store.Store) error {
		list, err := identity.Bindings(p.ctx, st)
		if err != nil {
			return err
		}
		if l.JSON {
			if list == nil {
				list = []identity.Binding{}
			}
			return p.ui.json(list)
		}
		for _, b := range list {
			p.ui.printf("%s  %s  %s\n", p.ui.paint(dim, b.At.Format(time.DateOnly)), p.ui.paint(bold, visible(fmt.Sprintf("%s/%d %s", b.Host, b.Account, b.Username))), visible(b.Issuer+" "+b.Subject))
		}
		if len(list) == 0 {
			p.ui.printf("nobody is bound to an account yet\n")
		}
		return nil
	})
}

type identityForgetCmd struct {
	Who     []string `arg:"" optional:"" placeholder:"ISSUER SUBJECT" help:"The person, as identity list prints it."`
	Account string   `placeholder:"HOST/ID" help:"Whoever is bound to this account, instead."`
}

// Help is the long help.
func (identityForgetCmd) Help() string {
	return `A person is bound to an account by the first request, and the account to the person. Who comes later with the same user name is refused, and so is a person who suddenly leads to another account. Look first whether the change is right: the next request binds anew. Running servers follow within a minute; until then the old and the new person may both be let in. The command is audited.`
}

// Run implements the command.
func (f identityForgetCmd) Run(p *program) error {
	return withStore(p, func(c Config, st store.Store) error {
		which, err := f.which(c)
		if err != nil {
			return err
		}
		all, err := identity.Bindings(p.ctx, st)
		if err != nil {
			return err
		}
		list := slices.DeleteFunc(slices.Clone(all), func(b identity.Binding) bool { return !which(b) })
		if len(list) == 0 {
			return f.nobody(p.config, all)
		}
		e := audit.Entry{Action: audit.ActionForget, Why: audit.Why{Rule: "operator"}}
		for _, b := range list {
			e.Why.Evidence = append(e.Why.Evidence, fmt.Sprintf("%s/%d of %s", b.Host, b.Account, b.Issuer), b.Subject)
		}
		err = operate(p, c, e, func() error { _, err := identity.Forget(p.ctx, st, which); return err })
		if err != nil {
			return err
		}
		for _, b := range list {
			p.ui.printf("forgot that %s is %s of %s\n", visible(fmt.Sprintf("%s/%d", b.Host, b.Account)), visible(b.Subject), visible(b.Issuer))
		}
		p.ui.printf("running servers follow within a minute; until then they may let in both who was forgotten and who comes next\n")
		return nil
	})
}

// nobody says whom the arguments did not find, and where the right ones stand.
func (f identityForgetCmd) nobody(config string, all []identity.Binding) error {
	whom := "to " + f.Account
	hint := "review-assistant identity list -c " + config
	if len(f.Who) == 2 {
		whom = "as " + f.Who[1] + " of " + f.Who[0]
		issuers := map[string]bool{}
		for _, b := range all {
			issuers[b.Issuer] = true
		}
		if len(all) > 0 && !issuers[f.Who[0]] {
			hint += "; the issuer of each is one of: " + strings.Join(slices.Sorted(maps.Keys(issuers)), ", ")
		}
	}
	return &usageError{fmt.Errorf("nobody is bound %s; see %s", whom, hint)}
}

// which reads the arguments.
func (f identityForgetCmd) which(c Config) (func(identity.Binding) bool, error) {
	if f.Account != "" && len(f.Who) == 0 {
		host, number, _ := strings.Cut(f.Account, "/")
		id, err := strconv.ParseInt(number, 10, 64)
		if err != nil || id <= 0 {
			return nil, &usageError{fmt.Errorf("--account %q: write HOST/ID, such as main/1000042", f.Account)}
		}
		return func(b identity.Binding) bool { return b.Host == host && b.Account == id }, c.knows(host)
	}
	if f.Account == "" && len(f.Who) == 2 {
		return func(b identity.Binding) bool { return b.Issuer == f.Who[0] && b.Subject == f.Who[1] }, nil
	}
	return nil, &usageError{errors.New("identity forget: name ISSUER SUBJECT, or an account with --account HOST/ID")}
}
