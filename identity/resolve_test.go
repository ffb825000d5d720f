// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"review-assistant/review"
)

func TestResolve(t *testing.T) {
	names := func(o *ResolverOptions) { o.Providers[1].EntityNames = true }
	noCatalog := func(o *ResolverOptions) { o.Catalog = nil }
	for _, tt := range []struct {
		name   string
		option func(*ResolverOptions)
		given  func(*house)
		proof  Proof
		want   int64 // account on main
		entity string
		reason Reason
		detail string
	}{
		{name: "the claim leads", proof: byClaim("s1", "jane"), want: 1001, entity: "user:default/jane"},
		{name: "the claim leads without a catalog", option: noCatalog, proof: byClaim("s1", "jane"), want: 1001},
		{name: "the claim leads where the catalog does not know the person", given: func(h *house) { clear(h.catalog.users) }, proof: byClaim("s1", "jane"), want: 1001},
		{name: "the annotation leads", proof: byPortal("user:default/jane"), want: 1001, entity: "user:default/jane"},
		{name: "the annotation leads, whatever its case", given: func(h *house) { h.add("user:default/jane", "Jane", "") }, proof: byPortal("user:default/jane"), want: 1001, entity: "user:default/jane"},
		{name: "the name leads where it may", option: names, given: func(h *house) { h.add("user:default/jane", "", "") }, proof: byPortal("user:default/jane"), want: 1001, entity: "user:default/jane"},
		{name: "the name leads without a catalog", option: func(o *ResolverOptions) { names(o); noCatalog(o) }, proof: byPortal("user:default/jane"), want: 1001, entity: "user:default/jane"},
		{name: "an address that leads nowhere says nothing", given: func(h *house) { h.add("user:default/jane", "jane", "old@example.com") }, proof: byPortal("user:default/jane"), want: 1001, entity: "user:default/jane"},
		{
			name: "the address of a switched-off account says nothing", given: func(h *house) {
				h.main.set(review.Account{ID: 1003, Username: "jane.old", Email: "old@example.com", Inactive: true})
				h.add("user:default/jane", "jane", "old@example.com")
			}, proof: byPortal("user:default/jane"), want: 1001, entity: "user:default/jane",
		},

		{name: "nothing leads", proof: byClaim("s1", "carol"), reason: NoAccount, detail: `"carol" (claim of the provider) leads to no account`},
		{name: "no claim", proof: byClaim("s1", ""), reason: NoAccount, detail: "no user name is known; set username_claim"},
		{name: "the claim is written otherwise", proof: byClaim("s1", "Jane"), reason: NoAccount, detail: "leads to no account"},
		{name: "the name leads nowhere unless it may", given: func(h *house) { h.add("user:default/jane", "", "") }, proof: byPortal("user:default/jane"), reason: NoAccount, detail: "annotate the catalog's user"},
		{
			name: "an address alone does not lead", given: func(h *house) { h.add("user:default/jane", "", "jane@example.com") },
			proof: byPortal("user:default/jane"), reason: NoAccount, detail: "the e-mail address of account 1001 alone is no proof; annotate the catalog's user",
		},
		{
			name: "the provider's address alone does not lead", option: func(o *ResolverOptions) { o.Providers[0].Email = true },
			proof: Proof{Provider: "sso", Issuer: sso, Subject: "s1", Email: "jane@example.com"}, reason: NoAccount, detail: "alone is no proof",
		},
		{
			name: "annotation and address disagree", given: func(h *house) { h.add("user:default/jane", "jane", "bob@example.com") },
			proof: byPortal("user:default/jane"), reason: Ambiguous, detail: `the user name "jane" (annotation in the catalog) leads to account 1001, the e-mail address (of the catalog) to account 1002`,
		},
		{
			name: "the claim and the catalog's address disagree", given: func(h *house) { h.add("user:default/jane", "jane", "bob@example.com") },
			proof: byClaim("s1", "jane"), reason: Ambiguous,
		},
		{
			name: "the claim and the provider's address disagree", option: func(o *ResolverOptions) { o.Providers[0].Email = true },
			proof: Proof{Provider: "sso", Issuer: sso, Subject: "s1", Username: "jane", Email: "bob@example.com"}, reason: Ambiguous,
		},
		{
			name:  "the provider's address does not count unless it may",
			proof: Proof{Provider: "sso", Issuer: sso, Subject: "s1", Username: "jane", Email: "bob@example.com"}, want: 1001, entity: "user:default/jane",
		},
		{name: "name and annotation disagree", option: names, given: func(h *house) { h.add("user:default/jane", "bob", "") }, proof: byPortal("user:default/jane"), reason: Ambiguous},
		{name: "name leads, annotation does not", option: names, given: func(h *house) { h.add("user:default/jane", "j.doe", "") }, proof: byPortal("user:default/jane"), reason: Ambiguous, detail: "to nobody"},
		{name: "claim and annotation disagree", proof: func() Proof { p := byPortal("user:default/jane"); p.Username = "bob"; return p }(), reason: Ambiguous},
		{name: "two accounts of one name", given: func(h *house) { h.main.set(review.Account{ID: 1004, Username: "JANE"}) }, proof: byClaim("s1", "jane"), reason: Ambiguous, detail: "more than one active account"},
		{name: "two accounts of one address", given: func(h *house) { h.main.set(review.Account{ID: 1004, Username: "j", Email: "jane@example.com"}) }, proof: byClaim("s1", "jane"), reason: Ambiguous},
		{name: "switched off", given: func(h *house) { a := jane; a.Inactive = true; h.main.set(a) }, proof: byClaim("s1", "jane"), reason: Inactive, detail: "account 1001 is switched off"},
		{
			name: "switched off, and the address is somebody else's", given: func(h *house) {
				a := jane
				a.Inactive = true
				h.main.set(a)
				h.add("user:default/jane", "jane", "bob@example.com")
			}, proof: byClaim("s1", "jane"), reason: Ambiguous,
		},
		{name: "gone from the catalog", given: func(h *house) { clear(h.catalog.users) }, proof: byPortal("user:default/jane"), reason: Unknown},
		{name: "gone from the catalog, and the name would lead", option: names, given: func(h *house) { clear(h.catalog.users) }, proof: byPortal("user:default/jane"), reason: Unknown},
		{name: "no user of a catalog", option: noCatalog, proof: byPortal("group:default/jane"), reason: Unknown},
		{name: "the bot's own account", proof: byClaim("s1", "review-assistant"), reason: Machine, detail: "service user"},
		{name: "a service user", given: func(h *house) { a := jane; a.Service = true; h.main.set(a) }, proof: byClaim("s1", "jane"), reason: Machine, detail: "service user"},
		{name: "no Gerrit", option: func(o *ResolverOptions) { o.Providers[0].Hosts = []string{"other"} }, proof: byClaim("s1", "jane"), reason: NoAccount},
		{name: "no such provider", proof: Proof{Provider: "x"}, reason: BadIssuer},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := newHouse(tt.option)
			if tt.given != nil {
				tt.given(h)
			}
			v, err := h.Resolve(t.Context(), tt.proof)
			if got := v.Accounts["main"].ID; got != tt.want || ReasonOf(err) != tt.reason || tt.reason == "" && err != nil {
				t.Fatalf("Resolve() = account %d, %v, want account %d, reason %q", got, err, tt.want, tt.reason)
			}
			if v.Entity != tt.entity {
				t.Errorf("entity = %q, want %q", v.Entity, tt.entity)
			}
			if err != nil {
				if !strings.Contains(err.Error(), tt.detail) {
					t.Errorf("error = %q, want %q in it", err, tt.detail)
				}
				if strings.Contains(err.Error(), "@") {
					t.Errorf("error %q holds an address", err)
				}
				if len(h.denied) != 1 || h.denied[0] != tt.proof.Subject+" "+string(tt.reason) {
					t.Errorf("told = %q", h.denied)
				}
				if len(h.rows.rows) > 0 {
					t.Errorf("somebody who was refused is bound: %d rows", len(h.rows.rows))
				}
			}
		})
	}
}

// Several Gerrits: an account on some is enough, doubt on one denies all.
func TestResolveOnSeveralGerrits(t *testing.T) {
	both := func(o *ResolverOptions, h *house) { o.Hosts["edge"] = h.edge }
	for _, tt := range []struct {
		name   string
		given  func(*house)
		hosts  []string
		want   string
		reason Reason
	}{
		{name: "on both", want: "map[edge:7 main:1001]"},
		{name: "on one", given: func(h *house) { h.edge.accounts = nil }, want: "map[main:1001]"},
		{name: "switched off on one", given: func(h *house) { h.edge.accounts[0].Inactive = true }, want: "map[main:1001]"},
		{name: "the provider is for one", hosts: []string{"edge"}, want: "map[edge:7]"},
		{
			name: "switched off on one, none on the other", given: func(h *house) { h.edge.accounts[0].Inactive = true; h.main.accounts = nil },
			reason: Inactive, want: "map[]",
		},
		{
			name: "in doubt on one", given: func(h *house) { h.edge.set(review.Account{ID: 8, Username: "JANE"}) },
			reason: Ambiguous, want: "map[]",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := newHouse(nil)
			both(&h.o, h)
			h.o.Providers[0].Hosts = tt.hosts
			if tt.given != nil {
				tt.given(h)
			}
			v, err := h.Resolve(t.Context(), byClaim("s1", "jane"))
			got := map[string]int64{}
			for host, a := range v.Accounts {
				got[host] = a.ID
			}
			if fmt.Sprint(got) != tt.want || ReasonOf(err) != tt.reason {
				t.Errorf("Resolve() = %v, %v, want %s, %q", got, err, tt.want, tt.reason)
			}
			if tt.reason == Ambiguous && len(h.rows.rows) > 0 {
				t.Error("somebody in doubt was bound")
			}
		})
	}
}

// Whoever does not answer is no reason to let somebody in, or to say no.
func TestResolveFailsClosed(t *testing.T) {
	for name, breakIt := range map[string]func(*house, error){
		"gerrit":  func(h *house, err error) { h.main.down = err },
		"store":   func(h *house, err error) { h.rows.down = err },
		"catalog": func(h *house, err error) { h.catalog.unread = err != nil },
	} {
		for _, err := range []error{errDown, &review.DeniedError{Err: errDown}, &review.GoneError{Err: errDown}, &review.RetryError{After: time.Second, Err: errDown}} {
			t.Run(fmt.Sprintf("%s %T", name, err), func(t *testing.T) {
				h := newHouse(nil)
				retries := func(when string) {
					t.Helper()
					_, got := h.Resolve(t.Context(), byClaim("s1", "jane"))
					if _, is := errors.AsType[*review.RetryError](got); !is || ReasonOf(got) != "" {
						t.Errorf("%s: Resolve() = %v, want a RetryError", when, got)
					}
				}
				breakIt(h, err)
				retries("at first")
				breakIt(h, nil)
				if _, got := h.Resolve(t.Context(), byClaim("s1", "jane")); got != nil {
					t.Fatalf("Resolve() of a well house = %v: a failure was kept", got)
				}
				h.later(59 * time.Second)
				breakIt(h, err)
				if _, got := h.Resolve(t.Context(), byClaim("s1", "jane")); got != nil {
					t.Errorf("within a minute: %v", got)
				}
				h.later(time.Second)
				retries("after a minute")
				if len(h.denied) > 0 {
					t.Errorf("told of %q: nobody was refused", h.denied)
				}
			})
		}
	}
}

func TestResolveForgetsWithinAMinute(t *testing.T) {
	for name, change := range map[string]struct {
		do   func(*house)
		want Reason
	}{
		"renamed at Gerrit":     {func(h *house) { a := jane; a.Username = "jane.new"; h.main.set(a) }, NoAccount},
		"switched off":          {func(h *house) { a := jane; a.Inactive = true; h.main.set(a) }, Inactive},
		"gone from the catalog": {func(h *house) { delete(h.catalog.users, "user:default/jane") }, Unknown},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(nil)
			ask := func() error { _, err := h.Resolve(t.Context(), byPortal("user:default/jane")); return err }
			if err := ask(); err != nil {
				t.Fatal(err)
			}
			change.do(h)
			h.later(time.Minute)
			if err := ask(); ReasonOf(err) != change.want {
				t.Errorf("a minute later: %v, want %q", err, change.want)
			}
		})
	}
}

func TestRoles(t *testing.T) {
	rules := []RoleRule{
		{Role: review.RoleAuditor, Provider: "sso", Group: "audit"},
		{Role: review.RoleOperator, Host: "main", GerritGroup: "Operators"},
		{Role: review.RoleOperator, Host: "main", GerritGroup: "Hidden"},
		{Role: review.RoleOperator, Host: "nowhere", GerritGroup: "Operators"},
		{Role: review.RoleAuditor, Provider: "sso"}, // never by an empty group
	}
	with := func(p Proof, groups ...string) Proof { p.Groups = groups; return p }
	h := newHouse(func(o *ResolverOptions) { o.Roles = rules })
	h.main.groups["Operators"] = []int64{bob.ID}
	h.main.hidden = []string{"Hidden"}
	h.main.groups["Hidden"] = []int64{jane.ID}
	for _, tt := range []struct {
		name  string
		proof Proof
		want  []string
	}{
		{"nothing", byClaim("s1", "jane"), nil},
		{"a group of the provider", with(byClaim("s1", "jane"), "x", "audit"), []string{"auditor"}},
		{"letters count", with(byClaim("s1", "jane"), "Audit", ""), nil},
		{"a group of another provider", with(byPortal("user:default/jane"), "audit"), nil},
		{"a group of Gerrit", byClaim("s2", "bob"), []string{"operator"}},
		{"both", with(byClaim("s2", "bob"), "audit"), []string{"auditor", "operator"}},
		{"a group of Gerrit, by the portal", byPortal("user:default/bob"), []string{"operator"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			v, err := h.Resolve(t.Context(), tt.proof)
			if err != nil || !slices.Equal(v.Roles, tt.want) {
				t.Errorf("Resolve() = roles %q, %v, want %q", v.Roles, err, tt.want)
			}
		})
	}
	h.main.groups["Operators"] = nil
	h.later(time.Minute)
	if v, err := h.Resolve(t.Context(), byClaim("s2", "bob")); err != nil || len(v.Roles) > 0 {
		t.Errorf("a minute after the group: roles %q, %v", v.Roles, err)
	}
}

// A storm of one person asks Gerrit once, and an answer does not end with the
// first who asked.
func TestOneQuestionForAll(t *testing.T) {
	h := newHouse(nil)
	h.main.wait = make(chan struct{})
	gone, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() {
		if _, err := h.Resolve(gone, byClaim("s1", "jane")); err != nil {
			t.Errorf("Resolve() = %v", err)
		}
	})
	h.main.wait <- struct{}{} // the first is with Gerrit now
	cancel()
	close(h.main.wait)
	for range 50 {
		wg.Go(func() {
			if v, err := h.Resolve(t.Context(), byClaim("s1", "jane")); err != nil || v.Accounts["main"].ID != 1001 {
				t.Errorf("Resolve() = %+v, %v", v, err)
			}
		})
	}
	wg.Wait()
	if h.main.asked != 1 {
		t.Errorf("Gerrit was asked %d times, want once", h.main.asked)
	}
}

// An answer belongs to who asked: writing to it changes nobody's.
func TestViewersAreTheirOwn(t *testing.T) {
	h := newHouse(nil)
	p := byClaim("s1", "jane")
	first, err := h.Resolve(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	first.Accounts["main"] = bob
	p.Until, p.Service = 1_900_000_000, "ci"
	second, err := h.Resolve(t.Context(), p)
	if err != nil || second.Accounts["main"].ID != jane.ID || second.Until.Unix() != 1_900_000_000 || second.Service != "ci" {
		t.Errorf("Resolve() = %+v, %v", second, err)
	}
}

// A storm of refusals is told once a minute for each person and reason, and
// what is remembered of it stays small.
func TestDenied(t *testing.T) {
	h := newHouse(nil)
	h.denied = nil
	for range 50 {
		if _, err := h.Resolve(t.Context(), byClaim("s1", "carol")); ReasonOf(err) != NoAccount {
			t.Fatal(err)
		}
		h.later(time.Second)
	}
	if len(h.denied) != 1 || h.main.asked != 5 {
		t.Errorf("told %d times, Gerrit asked %d times; want once, and every ten seconds", len(h.denied), h.main.asked)
	}
	h.later(10 * time.Second)
	h.Resolve(t.Context(), byClaim("s1", "carol"))
	if len(h.denied) != 2 {
		t.Errorf("told %d times after a minute", len(h.denied))
	}
	r, c := newRarely(100), newRecent(100)
	for i := range 10_000 {
		r.may(fmt.Sprint(i), h.now)
		c.of(t.Context(), fmt.Sprint(i), h.o.Now, func(context.Context) (review.Viewer, error) { return review.Viewer{}, nil })
	}
	if len(r.last) > 100 || len(c.m) > 100 {
		t.Errorf("remembers %d refusals and %d answers, 100 are allowed", len(r.last), len(c.m))
	}
}

// A person who came within the last minute costs no question.
func BenchmarkResolve(b *testing.B) {
	h := newHouse(nil)
	p := byClaim("s1", "jane")
	for b.Loop() {
		if _, err := h.Resolve(b.Context(), p); err != nil {
			b.Fatal(err)
		}
	}
	if h.main.asked != 1 {
		b.Errorf("Gerrit was asked %d times", h.main.asked)
	}
}
