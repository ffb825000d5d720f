// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"review-assistant/review"
)

// What a step came to.
const (
	Fine  = "ok"
	Warns = "warn"
	Fails = "fail"
)

// Step is one thing that was looked at on the way from a person to accounts.
type Step struct {
	Status string `json:"status"` // ok, warn or fail
	Place  string `json:"place"`  // such as "catalog" or "gerrit main"
	Says   string `json:"says"`
	Do     string `json:"do,omitempty"` // what mends it
}

// Explanation is how a person of one provider resolves now, and why.
type Explanation struct {
	Provider string           `json:"provider"`
	Steps    []Step           `json:"steps"`
	Viewer   *review.Viewer   `json:"-"`                  // nil for nobody
	Accounts map[string]int64 `json:"accounts,omitempty"` // by Gerrit
	Entity   string           `json:"entity,omitempty"`
	Roles    []string         `json:"roles,omitempty"`
	Reason   Reason           `json:"reason,omitempty"` // of a refusal
	Error    string           `json:"error,omitempty"`  // why it is not known now
}

// Asked is whom to explain, in one of four ways.
type Asked struct {
	Proof           *Proof // of a token
	Entity          string // of the catalog
	Username        string // of Gerrit
	Issuer, Subject string
}

// Explain tells how somebody resolves, one explanation for each provider that
// could vouch for them. It asks anew, binds nobody and tells nobody. An error
// says that no provider could.
func (r *Resolver) Explain(ctx context.Context, asked Asked) ([]Explanation, error) {
	var out []Explanation
	for _, m := range r.o.Providers {
		var e *Explanation
		switch {
		case asked.Proof != nil:
			if asked.Proof.Provider == m.Provider {
				e = r.explain(ctx, walk{proof: *asked.Proof})
			}
		case asked.Entity != "":
			if m.Entities {
				e = r.explain(ctx, m.person(asked.Entity))
			}
		case asked.Issuer != "":
			if m.Issuer == asked.Issuer {
				e = r.explainSubject(ctx, m, asked.Subject)
			}
		case asked.Username != "":
			e = r.explainName(ctx, m, asked.Username)
		}
		if e != nil {
			out = append(out, *e)
		}
	}
	if len(out) == 0 {
		return nil, errors.New("no configured provider could say who this is")
	}
	return out, nil
}

// person is a walk for a user of the catalog whose token is not there.
func (m Mapping) person(ref string) walk {
	return walk{blind: true, proof: Proof{Provider: m.Provider, Issuer: m.Issuer, Subject: ref, Entity: ref}}
}

func (r *Resolver) explain(ctx context.Context, w walk) *Explanation {
	w.r = r
	v, err := w.viewer(ctx)
	e := &Explanation{Provider: w.proof.Provider, Steps: w.steps}
	switch {
	case err == nil:
		v.Service = w.proof.Service
		e.Viewer, e.Entity, e.Roles, e.Accounts = &v, v.Entity, v.Roles, map[string]int64{}
		for host, a := range v.Accounts {
			e.Accounts[host] = a.ID
		}
	case ReasonOf(err) != "":
		e.Reason = ReasonOf(err)
	default:
		e.Error = err.Error()
	}
	return e
}

// nobody is an explanation that ends before anything is asked.
func nobody(m Mapping, place, do, format string, args ...any) *Explanation {
	return &Explanation{Provider: m.Provider, Reason: NoAccount, Steps: []Step{{Status: Fails, Place: place, Says: fmt.Sprintf(format, args...), Do: do}}}
}

// explainSubject is for a person of a provider whose token is not there: what
// it would say is known from the catalog, or from the day of the binding.
func (r *Resolver) explainSubject(ctx context.Context, m Mapping, subject string) *Explanation {
	if m.Entities {
		return r.explain(ctx, m.person(subject))
	}
	for _, host := range r.hostsOf(m) {
		b, err := readBinding(ctx, r.o.Bindings, Binding{Host: host, Person: personHash(m.Issuer, subject)}.personKey())
		if err != nil {
			return &Explanation{Provider: m.Provider, Error: err.Error()}
		}
		if b != nil && b.Claim != "" {
			return r.explain(ctx, walk{
				blind: true, proof: Proof{Provider: m.Provider, Issuer: m.Issuer, Subject: subject, Username: b.Claim},
				steps: []Step{{Status: Warns, Place: "provider", Says: fmt.Sprintf("without a token the user name is that of the binding of %s: %.80q", b.At.Format(time.DateOnly), b.Claim)}},
			})
		}
	}
	return nobody(m, "provider", "explain the Gerrit user name, or a token with --token-file", "nobody came with this subject yet, so what its token says is not known")
}

// explainName is for a Gerrit user name. Which person comes with it is known
// only where it is bound.
func (r *Resolver) explainName(ctx context.Context, m Mapping, username string) *Explanation {
	if !m.Entities {
		p := Proof{Provider: m.Provider, Issuer: m.Issuer, Username: username}
		before, err := r.holder(ctx, &p, username)
		if err != nil {
			return &Explanation{Provider: m.Provider, Error: err.Error()}
		}
		return r.explain(ctx, walk{blind: true, proof: p, steps: before})
	}
	entity := ""
	if r.o.Catalog != nil {
		user, _ := r.o.Catalog.UserNamed(username)
		entity = user.Entity
	}
	if entity == "" && m.EntityNames {
		entity = defaultUsers + strings.ToLower(username)
	}
	if entity == "" {
		return nobody(m, "catalog", "annotate the catalog's user with review-assistant/username", "nobody in the catalog has the user name %.80q for Gerrit", username)
	}
	return r.explain(ctx, m.person(entity))
}

// holder finds the person of a provider whom a user name's account is bound to.
func (r *Resolver) holder(ctx context.Context, p *Proof, username string) ([]Step, error) {
	all, err := Bindings(ctx, r.o.Bindings)
	if err != nil {
		return nil, fmt.Errorf("read bindings: %w", err)
	}
	i := slices.IndexFunc(all, func(b Binding) bool { return b.Issuer == p.Issuer && b.Claim == username })
	if i < 0 {
		return []Step{{Status: Fine, Place: "provider", Says: "nobody came with this user name yet: what follows is for the first who does"}}, nil
	}
	p.Subject = all[i].Subject
	return []Step{{Status: Fine, Place: "provider", Says: fmt.Sprintf("who came with this user name on %s is %.200q", all[i].At.Format(time.DateOnly), p.Subject)}}, nil
}
