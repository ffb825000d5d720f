// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"fmt"
	"strings"
	"testing"

	"review-assistant/review"
)

func TestExplain(t *testing.T) {
	h := newHouse(func(o *ResolverOptions) {
		o.Roles = []RoleRule{{Role: review.RoleAuditor, Provider: "sso", Group: "audit"}, {Role: review.RoleOperator, Host: "main", GerritGroup: "Operators"}, {Role: review.RoleAuditor, Host: "main", GerritGroup: "Hidden"}}
	})
	h.main.groups["Operators"] = []int64{jane.ID}
	h.main.hidden = []string{"Hidden"}
	proof := byClaim("s9", "jane")
	explain := func(a Asked) []Explanation {
		t.Helper()
		out, err := h.Explain(t.Context(), a)
		if err != nil {
			t.Fatalf("Explain(%+v) = %v", a, err)
		}
		return out
	}
	for _, tt := range []struct {
		name  string
		asked Asked
		want  []string // each is in a line of some step, in order
	}{
		{"a token", Asked{Proof: &proof}, []string{
			`ok provider sso vouches for "s9"`, `ok catalog user:default/jane has the user name "jane"`, `ok gerrit main the user name "jane" (claim of the provider) leads to account 1001`,
			"ok gerrit main the e-mail address (of the catalog) leads to account 1001", "ok binding on main none yet", `ok role not auditor by the group "audit" of sso`, `ok role operator by the group "Operators" of main`,
			`warn role auditor by the group "Hidden" of main: the bot cannot see the group`, "= main 1001",
		}},
		{"an entity", Asked{Entity: "user:default/jane"}, []string{"ok provider portal", "(annotation in the catalog) leads to account 1001", "= main 1001"}},
		{"an entity that is gone", Asked{Entity: "user:default/carol"}, []string{`fail catalog "user:default/carol" is not, or no longer`, "= person-unknown"}},
		{"an entity in capitals", Asked{Entity: "user:default/Jane"}, []string{`fail catalog "user:default/Jane" is no user of a catalog; write user:NAMESPACE/NAME in lower case`, "= person-unknown"}},
		{"a user name", Asked{Username: "jane"}, []string{"ok provider nobody came with this user name yet", `ok role auditor by the group "audit" of sso, if the token names it`, "= main 1001", "ok catalog", "= main 1001"}},
		{"an unknown user name", Asked{Username: "carol"}, []string{"fail gerrit main", "= no-account", `fail catalog nobody in the catalog has the user name "carol"`, "= no-account"}},
		{"a subject of the portal", Asked{Issuer: portal, Subject: "user:default/bob"}, []string{"= main 1002"}},
		{"a subject that never came", Asked{Issuer: sso, Subject: "s1"}, []string{"fail provider nobody came with this subject yet", "= no-account"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			text := told(explain(tt.asked))
			for _, want := range tt.want {
				_, rest, found := strings.Cut(text, want)
				if !found {
					t.Fatalf("no %q in what is left:\n%s", want, text)
				}
				text = rest
			}
		})
	}
	if len(h.rows.rows) > 0 || len(h.denied) > 0 {
		t.Errorf("explaining bound %d rows and told of %q", len(h.rows.rows), h.denied)
	}
	if _, err := h.Explain(t.Context(), Asked{Issuer: "https://other.example.com", Subject: "s1"}); err == nil {
		t.Error("Explain() of another issuer = nil")
	}

	// What is explained is what decides, also when something stands.
	if _, err := h.Resolve(t.Context(), byClaim("s1", "jane")); err != nil {
		t.Fatal(err)
	}
	if got := told(explain(Asked{Issuer: sso, Subject: "s1"})); !strings.Contains(got, "ok binding on main account 1001 since 2026-01-02") {
		t.Errorf("of a bound person:\n%s", got)
	}
	if got := told(explain(Asked{Proof: &proof})); !strings.Contains(got, "fail binding on main account 1001 is bound to another person") || !strings.Contains(got, "= account-rebound") {
		t.Errorf("of somebody who came later:\n%s", got)
	}
	if got := told(explain(Asked{Username: "jane"})); !strings.Contains(got, `who came with this user name on 2026-01-02 is "s1"`) || strings.Contains(got, "fail") {
		t.Errorf("of a bound user name:\n%s", got)
	}
	h.main.down = errDown
	if got := explain(Asked{Proof: &proof}); got[0].Error == "" || got[0].Reason != "" || got[0].Viewer != nil {
		t.Errorf("with Gerrit down: %+v", got)
	}
}

func told(list []Explanation) string {
	var b strings.Builder
	for _, e := range list {
		for _, s := range e.Steps {
			b.WriteString(s.Status + " " + s.Place + " " + s.Says + "; " + s.Do + "\n")
		}
		fmt.Fprintf(&b, "= %s%s", e.Reason, e.Error)
		for host, id := range e.Accounts {
			fmt.Fprintf(&b, "%s %d", host, id)
		}
		b.WriteString("\n")
	}
	return b.String()
}
