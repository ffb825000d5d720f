// SPDX-License-Identifier: Apache-2.0

//go:build e2e

package e2e

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"review-assistant/e2e/rig"
	"review-assistant/review"
)

// repositoriesAppear: a project of Gerrit that describes itself is in the
// catalog, with our tab.
func repositoriesAppear(t *testing.T, x *pages) {
	s := server.Scene(t)
	p := s.Project()
	p.Commit(rig.Push{Message: "Describe it", Files: rig.Files{"catalog-info.yaml": "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {name: discovered}\nspec: {type: service, lifecycle: production, owner: user:lee}\n"}})
	began := time.Now()
	token := must(x.backstage.UserToken(t.Context(), "user:default/jane"))(t)
	var body string
	eventually(t, "the project in the catalog", func() bool {
		var status int
		status, body, _ = x.backstage.Get(t.Context(), "/api/catalog/entities/by-name/component/default/discovered", token)
		return status == http.StatusOK
	})
	t.Logf("a project of Gerrit was in the catalog after %s", time.Since(began).Round(time.Millisecond))
	holds(t, "the entity", body, "/plugins/gitiles/"+p.Name+"/+/refs/heads/main/")
	jane := x.tab(t, "jane")
	jane.Open(page("discovered"))
	jane.Shows("discovered")
	jane.Shows("Gerrit reviews")
	jane.Screenshot("page")
}

// membersOfGroup: who leaves a Gerrit group no longer sees what is for its
// members alone, neither the entity nor its changes.
func membersOfGroup(t *testing.T, x *pages) {
	s := server.Scene(t)
	jane := must(x.backstage.UserToken(t.Context(), "user:default/jane"))(t)
	tom := must(x.backstage.UserToken(t.Context(), "user:default/tom"))(t)
	paths := []string{"/api/catalog/entities/by-name/component/default/vault", "/api/gerrit-review-assistant/components/component/default/vault/changes"}
	sees := func(token string) (n int) {
		for _, path := range paths {
			if status, _, err := x.backstage.Get(t.Context(), path, token); err == nil && status == http.StatusOK {
				n++
			}
		}
		return n
	}
	eventually(t, "a member to see it", func() bool { return sees(jane) == len(paths) })
	if sees(tom) > 0 {
		t.Error("who is no member sees it")
	}
	tab := x.window(t, "jane")
	tab.Open(page("vault"))
	tab.Shows("Gerrit reviews")
	s.Leave("Keepers of the vault", s.Person("jane"))
	began := time.Now()
	eventually(t, "the former member to see nothing", func() bool { return sees(jane) == 0 })
	took := time.Since(began)
	t.Logf("who left the group saw nothing after %s", took.Round(time.Millisecond))
	if took > time.Minute {
		t.Error("that is more than a minute")
	}
	tab.Open(page("vault"))
	tab.Hides("Gerrit reviews", "Entity not found")
	tab.Screenshot("left")
	for _, fault := range tab.Faults() {
		// Other parts of the page throw what they are refused meanwhile.
		if !strings.Contains(fault.Text, "403 Forbidden") {
			t.Error(fault)
		}
	}
}

// optInByAction: the scaffolder's action opens one change, and no second one.
func optInByAction(t *testing.T, _ *pages) {
	s := server.Scene(t)
	p := s.Project()
	owner := s.Person("lee")
	s.Group("Owners of "+p.Name, owner)
	s.Grant(p.Name, "refs/*", "owner", "Owners of "+p.Name, rig.Allow)
	s.Grant(p.Name, review.ConfigRef, "push", "Owners of "+p.Name, rig.Allow)
	out, err := rig.OptIn(server, owner, p.Name)
	if err != nil {
		t.Fatal(err)
	}
	if out["outcome"] != "opened" {
		t.Fatalf("the action says %v", out)
	}
	var found []struct {
		Branch  string `json:"branch"`
		Subject string `json:"subject"`
	}
	s.Do(owner, http.MethodGet, "/changes/?q=project:"+p.Name, nil, &found)
	if len(found) != 1 || found[0].Branch != review.ConfigRef {
		t.Errorf("there are the changes %+v, want one on %s", found, review.ConfigRef)
	}
	again, err := rig.OptIn(server, owner, p.Name)
	if err != nil || again["outcome"] != "open" {
		t.Errorf("once more it says %v, %v", again, err)
	}
}
