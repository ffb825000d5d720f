// SPDX-License-Identifier: Apache-2.0

package catalogtest

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"review-assistant/catalog"
	"review-assistant/review"
	"review-assistant/reviewers"
)

// Target is a Backstage with the entities of catalog.yaml.
type Target interface {
	URL() string
	Token() string
	// Move gives a component another owner, as its team would: Backstage knows
	// it a little later.
	Move(t *testing.T, component, owner string)
}

// gerrits are the ones whose sources catalog.yaml describes.
var gerrits = catalog.Gerrits{"main": {Web: "https://gerrit.example.com"}}

// Run runs the contract. The cases share the target.
func Run(t *testing.T, target Target) {
	open := func(t *testing.T, change func(*catalog.Options)) *catalog.Backstage {
		t.Helper()
		o := catalog.Options{URL: target.URL(), TokenFile: secret(t, target.Token()), Refresh: time.Hour, Gerrits: gerrits}
		if change != nil {
			change(&o)
		}
		b, err := catalog.OpenBackstage(o)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { b.Close() })
		return b
	}
	t.Run("from a path to people", func(t *testing.T) { ways(t, open(t, nil)) })
	t.Run("small pages", func(t *testing.T) {
		small, whole := open(t, func(o *catalog.Options) { o.PageSize = 2 }), open(t, nil)
		for _, b := range []*catalog.Backstage{small, whole} {
			if err := b.Refresh(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if small.Revision() != whole.Revision() || small.Revision() == "" {
			t.Errorf("pages of two give the revision %q, large ones %q", small.Revision(), whole.Revision())
		}
		ways(t, small)
	})
	for _, tt := range []struct{ name, token, want string }{
		{"wrong token", "not-the-token-of-anybody", "does not take the token (401)"},
		{"no token", "", "does not take the token (401)"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := open(t, func(o *catalog.Options) {
				if o.TokenFile = ""; tt.token != "" {
					o.TokenFile = secret(t, tt.token)
				}
			})
			err := b.Refresh(t.Context())
			if !review.IsDenied(err) || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "index.js") {
				t.Errorf("Refresh = %v, want %q", err, tt.want)
			}
			owners, note, err := b.Owners(t.Context(), "main", "shop/payments", "main", []string{"x"})
			if owners != nil || !strings.Contains(note, tt.want) || err != nil {
				t.Errorf("Owners = %v, %q, %v", owners, note, err)
			}
		})
	}
	t.Run("the report", func(t *testing.T) {
		b := open(t, nil)
		if err := b.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
		r, ok := b.Report()
		if !ok || r.Components != 6 || r.Groups != 3 || r.Users != 4 || len(r.Unplaced)+len(r.Empty)+len(r.Large)+len(r.Orphans) != 0 ||
			!slices.Equal(r.Unowned, []string{"component:default/lost belongs to group:default/ghosts, which is not there"}) || len(r.Reachable) != 4 {
			t.Errorf("the report is %+v", r)
		}
	})
	t.Run("an owner moves", func(t *testing.T) { moves(t, open(t, nil), target) })
}

func secret(t *testing.T, token string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(file, []byte(token+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// ways asks for the owners of paths in different places.
func ways(t *testing.T, b *catalog.Backstage) {
	t.Helper()
	for _, tt := range []struct {
		project, branch, file string
		want                  string
		note                  string
	}{
		{"shop/payments", "main", "cmd/main.go", "0 alice payments payments-api, 0 bob payments payments-api, 1 alice payments checkout, 1 bob payments checkout, " +
			"2 alice platform commerce, 2 bob platform commerce, 2 dana platform commerce", ""},
		{"shop/monorepo", "main", "libs/ledger/book.go", "0 bob  ledger-lib", ""},
		{"shop/monorepo", "main", "apps/web/cart.ts", "0 bob web web-shop, 0 dana web web-shop, 1 alice payments payments-api, 1 bob payments payments-api, " +
			"2 alice payments checkout, 2 bob payments checkout, 3 alice platform commerce, 3 bob platform commerce, 3 dana platform commerce", ""},
		{"shop/monorepo", "release/1.0", "apps/web/cart.ts", "0 carol  old-web", ""},
		{"shop/monorepo", "main", "README.md", "", ""},
		{"shop/all", "any", "x", "0 alice platform all-of-it, 0 bob platform all-of-it, 0 dana platform all-of-it", ""},
		{"shop/lost", "main", "x", "", "group:default/ghosts of lost is not in the catalog"},
		{"shop/none", "main", "x", "", ""},
	} {
		owners, note, err := b.Owners(t.Context(), "main", tt.project, tt.branch, []string{tt.file})
		var got []string
		for _, o := range owners {
			_, name, _ := strings.Cut(o.Person.Entity, "/")
			got = append(got, fmt.Sprintf("%d %s %s %s", o.Distance, name, o.Group, o.Title))
		}
		if strings.Join(got, ", ") != tt.want || note != tt.note || err != nil {
			t.Errorf("%s of %s on %s: %q, note %q, %v; want %q, %q", tt.file, tt.project, tt.branch, strings.Join(got, ", "), note, err, tt.want, tt.note)
		}
	}
	owners, _, _ := b.Owners(t.Context(), "main", "shop/payments", "main", []string{"x"})
	if want := (review.Person{Entity: "user:default/alice", Name: "Alice Lindgren", Email: "alice@example.com", Username: "alice"}); len(owners) == 0 || owners[0].Person != want {
		t.Errorf("the first owner is %+v, want %+v", owners, want)
	}
	if people, ok := b.Team("web"); !ok || len(people) != 2 {
		t.Errorf("the team web is %v", people)
	}
}

// moves checks that a suggestion follows the catalog within one read of it.
func moves(t *testing.T, b *catalog.Backstage, target Target) {
	suggest := func() string {
		t.Helper()
		owners, _, err := b.Owners(t.Context(), "main", "shop/payments", "main", []string{"cmd/main.go"})
		if err != nil {
			t.Fatal(err)
		}
		for i := range owners {
			p := &owners[i].Person // whose account is numbered by its first letter
			p.Account = review.Account{ID: int64(p.Name[0]), Name: p.Name}
		}
		picks := reviewers.Recommend(reviewers.Input{
			Host: "main", Project: "shop/payments", Branch: "main", Author: review.Account{ID: 1}, Files: []string{"cmd/main.go"},
			Owners: owners, Max: 2, Now: time.Now(),
		})
		var names []string
		for _, p := range picks {
			names = append(names, p.Entity)
		}
		slices.Sort(names)
		return strings.Join(names, " ")
	}
	if err := b.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := suggest(); got != "user:default/alice user:default/bob" {
		t.Errorf("without history %q are suggested, want the members of payments", got)
	}
	before := b.Revision()
	target.Move(t, "payments-api", "group:default/web")
	// What Backstage knows counts with the next read, whenever that is.
	deadline := time.NewTimer(time.Minute)
	defer deadline.Stop()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for b.Revision() == before {
		if err := b.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
		select {
		case <-tick.C:
		case <-deadline.C:
			t.Fatal("the move does not reach the catalog in a minute")
		}
	}
	if got := suggest(); got != "user:default/bob user:default/dana" {
		t.Errorf("after the move %q are suggested, want the members of web", got)
	}
}
