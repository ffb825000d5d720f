// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"review-assistant/review"
)

// Who is given a user name of somebody else binds nothing on a Gerrit where
// that one was not yet: else the first comer would lock the owner out.
func TestNameOfSomebodyElseBindsNothing(t *testing.T) {
	h := newHouse(nil)
	h.o.Hosts["edge"] = h.edge
	seven := h.edge.accounts
	h.edge.accounts = nil
	if _, err := h.Resolve(t.Context(), byClaim("s1", "jane")); err != nil {
		t.Fatal(err)
	}
	h.edge.accounts = seven // she signs in there too
	h.later(time.Minute)
	if _, err := h.Resolve(t.Context(), byClaim("s2", "jane")); ReasonOf(err) != Rebound {
		t.Fatalf("the other one: %v", err)
	}
	for _, r := range h.rows.rows {
		if strings.Contains(r.Key, "/edge/") {
			t.Errorf("bound: %s", r.Key)
		}
	}
	v, err := h.Resolve(t.Context(), byClaim("s1", "jane"))
	if err != nil || len(v.Accounts) != 2 {
		t.Errorf("Jane: %+v, %v", v.Accounts, err)
	}
}

// interrupted has something happen before the row of a person is written.
type interrupted struct {
	*fakeRows
	before func()
}

func (i *interrupted) Append(ctx context.Context, log string, rows []review.Row) (int, error) {
	if before := i.before; before != nil && strings.HasPrefix(rows[0].Key, personRows) {
		i.before = nil
		before()
	}
	return i.fakeRows.Append(ctx, log, rows)
}

// Of a person who comes as two at the same time one account is taken, and the
// other one stays free for its owner.
func TestOnePersonTakesOneAccount(t *testing.T) {
	h := newHouse(nil)
	h.o.Bindings = &interrupted{h.rows, func() {
		if _, err := NewResolver(h.o).Resolve(t.Context(), byClaim("s1", "bob")); err != nil {
			t.Error(err)
		}
	}}
	if _, err := NewResolver(h.o).Resolve(t.Context(), byClaim("s1", "jane")); ReasonOf(err) != Rebound {
		t.Errorf("the later one: %v", err)
	}
	if _, err := NewResolver(h.o).Resolve(t.Context(), byClaim("s2", "jane")); err != nil {
		t.Errorf("Jane: %v", err)
	}
}

// Each binding is told once, with the other ways to the account.
func TestBindingsAreTold(t *testing.T) {
	var told []string
	h := newHouse(func(o *ResolverOptions) {
		o.Bound = func(_ context.Context, b Binding, others []string) {
			told = append(told, b.Subject+" "+strings.Join(others, " "))
		}
	})
	for range 3 {
		for _, p := range []Proof{byClaim("s1", "jane"), byClaim("s2", "jane"), byPortal("user:default/jane"), byClaim("s3", "bob")} {
			_, _ = h.Resolve(t.Context(), p)
		}
		h.later(time.Minute)
	}
	if want := []string{"s1 ", "user:default/jane " + sso, "s3 "}; !slices.Equal(told, want) {
		t.Errorf("told %q, want %q", told, want)
	}
}

// With names of entities, user:default/jane is Jane, and nobody else who may be
// called so in a namespace of her own.
func TestNamesOfOtherNamespaces(t *testing.T) {
	h := newHouse(func(o *ResolverOptions) { o.Providers[1].EntityNames = true })
	h.add("user:guests/jane", "", "")
	if _, err := h.Resolve(t.Context(), byPortal("user:guests/jane")); ReasonOf(err) != NoAccount {
		t.Errorf("a guest: %v", err)
	}
	if v, err := h.Resolve(t.Context(), byPortal("user:default/jane")); err != nil || v.Accounts["main"].ID != jane.ID {
		t.Errorf("Jane: %+v, %v", v, err)
	}
}
