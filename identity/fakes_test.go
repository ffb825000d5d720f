// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"review-assistant/review"
)

var errDown = errors.New("connection refused")

// fakeGerrit answers as Gerrit's client does: names and addresses are found
// whatever their case.
type fakeGerrit struct {
	mu       sync.Mutex
	accounts []review.Account
	groups   map[string][]int64
	hidden   []string
	down     error
	asked    int
	wait     chan struct{} // an answer waits for it, if there is one
}

func (g *fakeGerrit) Self(context.Context) (review.Account, error) {
	return review.Account{ID: 1, Username: "review-assistant"}, nil
}

func (g *fakeGerrit) Known(ctx context.Context, people []review.Person) ([]review.Person, error) {
	if g.wait != nil {
		<-g.wait
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.asked++; g.down != nil {
		return nil, g.down
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	out := slices.Clone(people)
	for i, p := range people {
		var active []review.Account
		for _, a := range g.accounts {
			if p.Username != "" && !strings.EqualFold(a.Username, p.Username) || p.Email != "" && !strings.EqualFold(a.Email, p.Email) {
				continue
			}
			if a.Inactive {
				out[i].Gone = a.ID
			} else {
				active = append(active, a)
			}
		}
		switch len(active) {
		case 0:
			if out[i].Gone != 0 {
				out[i].Doubt = "inactive: somebody"
			}
		case 1:
			out[i].Account, out[i].Gone = active[0], 0
		default:
			out[i].Doubt, out[i].Gone = "ambiguous: somebody", 0
		}
	}
	return out, nil
}

func (g *fakeGerrit) Member(_ context.Context, group string, a review.Account) (bool, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.down != nil {
		return false, g.down
	}
	if slices.Contains(g.hidden, group) {
		return false, &review.DeniedError{Err: errors.New("the service account cannot see it")}
	}
	return slices.Contains(g.groups[group], a.ID), nil
}

// set changes an account, or adds it.
func (g *fakeGerrit) set(a review.Account) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.accounts = slices.DeleteFunc(g.accounts, func(old review.Account) bool { return old.ID == a.ID })
	g.accounts = append(g.accounts, a)
}

// fakeCatalog is users by their reference.
type fakeCatalog struct {
	users  map[string]review.Person
	unread bool
}

func (c *fakeCatalog) User(ref string) (review.Person, bool) { p, ok := c.users[ref]; return p, ok }

func (c *fakeCatalog) UserNamed(name string) (found review.Person, ok bool) {
	for _, p := range c.users {
		if p.Username == name {
			if ok {
				return review.Person{}, false
			}
			found, ok = p, true
		}
	}
	return found, ok
}

func (c *fakeCatalog) Revision() string {
	if c.unread {
		return ""
	}
	return "r1"
}

// fakeRows is a log of a store.
type fakeRows struct {
	mu   sync.Mutex
	rows []review.Row
	seq  int64
	down error
}

func (f *fakeRows) Append(_ context.Context, _ string, rows []review.Row) (added int, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.down != nil {
		return 0, f.down
	}
	for _, r := range rows {
		if !slices.ContainsFunc(f.rows, func(old review.Row) bool { return old.Key == r.Key }) {
			f.seq++
			r.Seq = f.seq
			f.rows = append(f.rows, r)
			added++
		}
	}
	return added, nil
}

func (f *fakeRows) Rows(_ context.Context, _ string, after int64, limit int) (out []review.Row, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, r := range f.rows {
		if r.Seq > after && len(out) < limit {
			out = append(out, r)
		}
	}
	return out, f.down
}

func (f *fakeRows) RowOf(_ context.Context, _, key string) (review.Row, bool, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	i := slices.IndexFunc(f.rows, func(r review.Row) bool { return r.Key == key })
	if i < 0 || f.down != nil {
		return review.Row{}, false, f.down
	}
	return f.rows[i], true, nil
}

func (f *fakeRows) Remove(_ context.Context, _ string, keys []string) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	before := len(f.rows)
	f.rows = slices.DeleteFunc(f.rows, func(r review.Row) bool { return slices.Contains(keys, r.Key) })
	return before - len(f.rows), f.down
}

// house is everything that a resolver asks, and the resolver.
type house struct {
	main, edge *fakeGerrit
	catalog    *fakeCatalog
	rows       *fakeRows
	now        time.Time
	mu         sync.Mutex
	denied     []string
	*Resolver
}

func (h *house) later(d time.Duration) { h.mu.Lock(); defer h.mu.Unlock(); h.now = h.now.Add(d) }

const (
	sso    = "https://sso.example.com/realms/one"
	portal = "https://portal.example.com/api/auth"
)

var (
	jane = review.Account{ID: 1001, Name: "Jane Example", Username: "jane", Email: "jane@example.com"}
	bob  = review.Account{ID: 1002, Name: "Bob Example", Username: "bob", Email: "bob@example.com"}
)

// newHouse has jane and bob on both Gerrits and in the catalog, an OIDC
// provider sso and a Backstage portal.
func newHouse(change func(*ResolverOptions)) *house {
	h := &house{
		main:    &fakeGerrit{accounts: []review.Account{jane, bob, {ID: 1, Username: "review-assistant"}}, groups: map[string][]int64{}},
		edge:    &fakeGerrit{accounts: []review.Account{{ID: 7, Username: "jane", Email: "jane@example.com"}}, groups: map[string][]int64{}},
		catalog: &fakeCatalog{users: map[string]review.Person{}},
		rows:    &fakeRows{}, now: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
	}
	h.add("user:default/jane", "jane", "jane@example.com")
	h.add("user:default/bob", "bob", "bob@example.com")
	o := ResolverOptions{
		Providers: []Mapping{{Provider: "sso", Issuer: sso}, {Provider: "portal", Issuer: portal, Entities: true}},
		Hosts:     map[string]Accounts{"main": h.main},
		Catalog:   h.catalog, Bindings: h.rows,
		Denied: func(_ context.Context, p Proof, r *RefusedError) {
			h.mu.Lock()
			defer h.mu.Unlock()
			h.denied = append(h.denied, fmt.Sprintf("%s %s", p.Subject, r.Reason))
		},
		Now: func() time.Time { h.mu.Lock(); defer h.mu.Unlock(); return h.now },
	}
	if change != nil {
		change(&o)
	}
	h.Resolver = NewResolver(o)
	return h
}

func (h *house) add(ref, username, email string) {
	h.catalog.users[ref] = review.Person{Entity: ref, Username: username, Email: email}
}

// byClaim and byPortal are people as the two providers prove them.
func byClaim(subject, username string) Proof {
	return Proof{Provider: "sso", Issuer: sso, Subject: subject, Username: username, Until: 1_800_000_000}
}

func byPortal(ref string) Proof {
	return Proof{Provider: "portal", Issuer: portal, Subject: ref, Entity: ref, Until: 1_800_000_000}
}
