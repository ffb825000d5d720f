// SPDX-License-Identifier: Apache-2.0

package gerrit_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"review-assistant/gerrit"
	"review-assistant/gerrit/gerrittest"
	"review-assistant/review"
)

func TestOpenAsks(t *testing.T) {
	g := gerrittest.New(t)
	ann := g.Person("ann")
	c := open(t, g, nil)
	g.ResetRequests()
	if _, err := c.Open(t.Context(), review.OpenQuery{Account: ann.ID, Project: "pay", Dir: "/lib/", Branch: "release/1.2"}); err != nil {
		t.Fatal(err)
	}
	all := fmt.Sprintf(`-is:wip status:new project:"pay" dir:"lib" branch:"refs/heads/release/1.2" visibleto:%d -is:private`, ann.ID)
	want := []url.Values{{"q": {all}, "n": {"500"}, "o": {"SUBMITTABLE", "SKIP_DIFFSTAT"}}}
	if diff := cmp.Diff(want, asked(t, g)); diff != "" {
		t.Errorf("Open asks (-want +got):\n%s", diff)
	}
	for _, q := range []review.OpenQuery{{}, {Project: "pay"}, {Account: -1, Project: "pay"}, {Account: ann.ID}, {Account: ann.ID, Project: "^.*"}, {Account: ann.ID, Project: "pay", Dir: `a"`}, {Account: ann.ID, Project: "pay", Branch: "^.*"}} {
		g.ResetRequests()
		if got, err := c.Open(t.Context(), q); err == nil || len(asked(t, g)) > 0 {
			t.Errorf("Open(%+v) = %+v, and asks %v", q, got, asked(t, g))
		}
	}
}

// What a Gerrit answers is counted only where it can be an answer, and what is cut
// off is told.
func TestOpenCounts(t *testing.T) {
	row := func(number int, more string) string {
		return fmt.Sprintf(`{"project":"pay","branch":"main","status":"NEW","_number":%d%s}`, number, more)
	}
	many := make([]string, 600)
	for i := range many {
		many[i] = row(i+1, `,"submittable":true`)
	}
	for _, tt := range []struct {
		name, body string
		want       review.OpenCount
	}{
		{"none", `[]`, review.OpenCount{Branches: map[string]review.Open{}}},
		{"some", `[` + row(1, "") + `,` + row(2, `,"submittable":true`) + `,{"project":"pay","branch":"refs/heads/dev","status":"NEW","_number":3,"submittable":false}]`, review.OpenCount{Branches: map[string]review.Open{"main": {All: 2, Ready: 1}, "dev": {All: 1}}}},
		{"what is none", `[` + strings.Join([]string{row(1, `,"is_private":true`), row(2, `,"work_in_progress":true`), `{"project":"web","branch":"main","status":"NEW","_number":3}`, `{"project":"pay","branch":"main","status":"MERGED","_number":4}`, row(0, ""), `{"project":"pay","status":"NEW","_number":5}`}, ",") + `]`, review.OpenCount{Branches: map[string]review.Open{}}},
		{"more than one asks for", `[` + row(1, `,"_more_changes":true`) + `]`, review.OpenCount{Branches: map[string]review.Open{"main": {All: 1}}, More: true}},
		{"more than were asked for", `[` + strings.Join(many, ",") + `]`, review.OpenCount{Branches: map[string]review.Open{"main": {All: 500, Ready: 500}}, More: true}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "application/json")
				fmt.Fprint(w, ")]}'\n"+tt.body)
			}))
			defer srv.Close()
			c := open(t, gerrittest.New(t), func(o *gerrit.Options) { o.URL = srv.URL })
			got, err := c.Open(t.Context(), review.OpenQuery{Account: 7, Project: "pay"})
			if diff := cmp.Diff(tt.want, got); err != nil || diff != "" {
				t.Errorf("Open = %v (-want +got):\n%s", err, diff)
			}
			// Nor is a row of another branch than was asked for.
			got, err = c.Open(t.Context(), review.OpenQuery{Account: 7, Project: "pay", Branch: "dev"})
			if delete(tt.want.Branches, "main"); err != nil || !cmp.Equal(tt.want, got) {
				t.Errorf("Open of dev = %+v, %v, want %+v", got, err, tt.want)
			}
		})
	}
}
