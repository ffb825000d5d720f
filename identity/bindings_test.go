// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"review-assistant/review"
)

func TestBinding(t *testing.T) {
	h := newHouse(func(o *ResolverOptions) { o.Providers[1].EntityNames = true })
	ask := func(p Proof, want Reason) error {
		t.Helper()
		h.later(time.Minute)
		_, err := h.Resolve(t.Context(), p)
		if ReasonOf(err) != want || want == "" && err != nil {
			t.Fatalf("Resolve(%s as %s) = %v, want %q", p.Subject, p.Username, err, want)
		}
		return err
	}
	ask(byClaim("s1", "jane"), "")
	ask(byClaim("s1", "jane"), "")
	// The name is given to somebody else, who must not inherit the account.
	if err := ask(byClaim("s2", "jane"), Rebound); !strings.Contains(err.Error(), "identity forget --account main/1001") {
		t.Errorf("error = %v", err)
	}
	// The person now comes with another name.
	ask(byClaim("s1", "bob"), Rebound)
	// Another provider may well be the same human. A service that speaks for
	// persons of the portal is bound as their own tokens are.
	ask(byPortal("user:default/jane"), "")
	spoken := byPortal("user:default/jane")
	spoken.Service = "portal-backend"
	ask(spoken, "")
	h.add("user:other/jane", "jane", "")
	delete(h.catalog.users, "user:default/jane")
	ask(byPortal("user:other/jane"), Rebound)

	list, err := Bindings(t.Context(), h.rows)
	if err != nil || len(list) != 2 || list[0].Subject != "s1" || list[0].Account != 1001 || list[0].Claim != "jane" || list[1].Subject != "user:default/jane" {
		t.Fatalf("Bindings() = %+v, %v", list, err)
	}
	gone, err := Forget(t.Context(), h.rows, func(b Binding) bool { return b.Issuer == sso && b.Subject == "s1" })
	if err != nil || len(gone) != 1 || len(h.rows.rows) != 2 {
		t.Fatalf("Forget() = %+v, %v; %d rows are left", gone, err, len(h.rows.rows))
	}
	ask(byClaim("s2", "jane"), "")
	ask(byClaim("s1", "jane"), Rebound)
	if gone, err = Forget(t.Context(), h.rows, func(b Binding) bool { return b.Host == "main" && b.Account == 1001 }); err != nil || len(gone) != 2 || len(h.rows.rows) != 0 {
		t.Errorf("Forget() of an account = %+v, %v; %d rows are left", gone, err, len(h.rows.rows))
	}
}

func TestBindingThatCannotBeRead(t *testing.T) {
	h := newHouse(nil)
	if _, err := h.Resolve(t.Context(), byClaim("s1", "jane")); err != nil {
		t.Fatal(err)
	}
	h.rows.rows[0].Data = []byte("{")
	h.later(time.Minute)
	if _, err := h.Resolve(t.Context(), byClaim("s1", "jane")); err == nil || ReasonOf(err) != "" {
		t.Errorf("Resolve() = %v, want that it cannot be told", err)
	}
}

// Of many who want one account at the same moment, on several replicas, one
// gets it, and nothing stays of the others.
func TestBindAtOnce(t *testing.T) {
	for range 50 {
		h := newHouse(nil)
		var wg sync.WaitGroup
		var mu sync.Mutex
		in := map[string]bool{}
		for i := range 8 {
			replica := NewResolver(h.o)
			wg.Go(func() {
				p := byClaim(fmt.Sprint("s", i%4), "jane")
				if _, err := replica.Resolve(t.Context(), p); err == nil {
					mu.Lock()
					defer mu.Unlock()
					in[p.Subject] = true
				}
			})
		}
		wg.Wait()
		if len(in) > 1 || len(h.rows.rows) > 2 {
			t.Fatalf("%v are on one account; %d rows", in, len(h.rows.rows))
		}
	}
}

// TestTwoPeopleNeverShareAnAccount plays random histories of an identity
// provider that gives names to others, of a Gerrit and a catalog that change,
// and of an operator who forgets bindings. Whatever happens, no two people of
// one issuer are on one account, and who was on an account comes to another
// one, and an account to somebody else, only after that was forgotten.
func TestTwoPeopleNeverShareAnAccount(t *testing.T) {
	type place struct{ issuer, host string }
	rapid.Check(t, func(rt *rapid.T) {
		h := newHouse(nil)
		h.o.Hosts["edge"] = h.edge
		names := []string{"jane", "bob", "carol"}
		subjects := []string{"s1", "s2", "s3"}
		claims := map[string]string{"s1": "jane", "s2": "bob", "s3": "carol"}
		// What was true the last time, until it is forgotten.
		holds := map[place]map[string]int64{}
		held := map[place]map[int64]string{}
		replicas := []*Resolver{NewResolver(h.o), NewResolver(h.o)}
		check := func(rt *rapid.T) {
			h.later(time.Minute)
			for _, s := range subjects {
				for _, p := range []Proof{byClaim(s, claims[s]), byPortal("user:default/" + s)} {
					v, err := rapid.SampledFrom(replicas).Draw(rt, "replica").Resolve(t.Context(), p)
					if err != nil {
						continue
					}
					for host, a := range v.Accounts {
						at := place{p.Issuer, host}
						if holds[at] == nil {
							holds[at], held[at] = map[string]int64{}, map[int64]string{}
						}
						if was, known := holds[at][p.Subject]; known && was != a.ID {
							rt.Fatalf("%s was on account %d of %s and is on %d", p.Subject, was, host, a.ID)
						}
						if was, known := held[at][a.ID]; known && was != p.Subject {
							rt.Fatalf("account %d of %s was %s's and is %s's", a.ID, host, was, p.Subject)
						}
						holds[at][p.Subject], held[at][a.ID] = a.ID, p.Subject
					}
				}
			}
		}
		rt.Repeat(map[string]func(*rapid.T){
			"": check,
			"provider renames": func(rt *rapid.T) {
				claims[rapid.SampledFrom(subjects).Draw(rt, "who")] = rapid.SampledFrom(names).Draw(rt, "name")
			},
			"provider swaps": func(rt *rapid.T) {
				a, b := rapid.SampledFrom(subjects).Draw(rt, "one"), rapid.SampledFrom(subjects).Draw(rt, "other")
				claims[a], claims[b] = claims[b], claims[a]
			},
			"catalog annotates": func(rt *rapid.T) {
				h.add("user:default/"+rapid.SampledFrom(subjects).Draw(rt, "who"), rapid.SampledFrom(names).Draw(rt, "name"), "")
			},
			"gerrit renames": func(rt *rapid.T) {
				rapid.SampledFrom([]*fakeGerrit{h.main, h.edge}).Draw(rt, "host").set(review.Account{
					ID: rapid.Int64Range(1001, 1004).Draw(rt, "account"), Username: rapid.SampledFrom(names).Draw(rt, "name"), Inactive: rapid.Bool().Draw(rt, "inactive"),
				})
			},
			"operator forgets a person": func(rt *rapid.T) {
				s := rapid.SampledFrom(subjects).Draw(rt, "who")
				if _, err := Forget(t.Context(), h.rows, func(b Binding) bool { return b.Issuer == sso && b.Subject == s }); err != nil {
					rt.Fatal(err)
				}
				for at := range holds {
					if at.issuer == sso {
						delete(held[at], holds[at][s])
						delete(holds[at], s)
					}
				}
			},
			"operator forgets an account": func(rt *rapid.T) {
				id := rapid.Int64Range(1001, 1004).Draw(rt, "account")
				if _, err := Forget(t.Context(), h.rows, func(b Binding) bool { return b.Host == "main" && b.Account == id }); err != nil {
					rt.Fatal(err)
				}
				for at := range holds {
					if at.host == "main" {
						delete(holds[at], held[at][id])
						delete(held[at], id)
					}
				}
			},
		})
	})
}
