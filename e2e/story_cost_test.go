// SPDX-License-Identifier: Apache-2.0

//go:build e2e

package e2e

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"review-assistant/e2e/rig"
)

const costConfig = `identity:
  providers: [{name: portal, type: backstage, issuer: "http://127.0.0.1:1/api/auth", entity_names: true}]
  services: [{name: portal-backend, token_files: [service], provider: portal}]
`

// TestVisibilityCost prints what a page costs beyond what Gerrit itself takes
// for the same question. It asserts calls, and no times. To see the figures:
//
//	go test -tags e2e ./e2e -run TestVisibilityCost -count=1 -v
func TestVisibilityCost(t *testing.T) {
	s := server.Scene(t)
	p := s.Project()
	b := startBot(t, botOptions{
		Name: "costly", Files: map[string]string{"service": serviceSecret}, More: costConfig,
		Catalog: fmt.Sprintf("kind: Component\nmetadata: {name: part-0, annotations: {review-assistant/project: %s}}\nspec: {type: service, lifecycle: production, owner: user:ann}\n", p.Name) + costPeople(),
	})
	st := b.stage(t)
	var changes []*rig.Change
	for i := range 100 {
		changes = append(changes, st.draft(p, st.ann, i))
	}
	st.open(p, "on")
	b.await("the opt-in", 0, func(v visit) bool { return v.Message == "project opted in" })
	b.edit(", config_age: 100ms", "") // as it is outside of tests
	b.restart()
	for _, c := range changes {
		b.visited(c, 1, 0)
	}

	var mu sync.Mutex
	var calls []call
	b.wires[0].onBefore(func(c call) *reply {
		mu.Lock()
		defer mu.Unlock()
		calls = append(calls, c)
		return nil
	})
	var cold, warm, own, least []time.Duration
	query := ""
	reader := func(i int) asker {
		name := costReader(i)
		return asker{t: t, url: b.url, bearer: serviceSecret, person: "user:default/" + name, account: s.Person(name)}
	}
	// What the project's file says is read once a minute, for all.
	reader(10).read(component(0, "changes"), &struct{}{})
	for i := range 10 {
		who := reader(i)
		who.read("/me", &struct{}{}) // who it is, is asked once a minute
		for _, limit := range []int{25, 24, 23} {
			page := func() time.Duration {
				var got struct{ Changes []shown }
				began := time.Now()
				who.read(component(0, fmt.Sprintf("changes?limit=%d", limit)), &got)
				took := time.Since(began)
				if len(got.Changes) != limit {
					t.Fatalf("a page has %d changes, want %d", len(got.Changes), limit)
				}
				return took
			}
			mu.Lock()
			before := len(calls)
			mu.Unlock()
			cold = append(cold, page())
			mu.Lock()
			// The bot is at work beside, after other stories for a while.
			asked := slices.DeleteFunc(slices.Clone(calls[before:]), func(c call) bool { return !strings.Contains(c.Path, "visibleto") })
			mu.Unlock()
			if len(asked) != 1 {
				t.Errorf("a page took %d questions who sees what, want one: %v", len(asked), asked)
				continue
			}
			query = asked[0].Path
			warm = append(warm, page())
			// The very same question, to Gerrit over the same wire, and without what
			// only the rows of a list need.
			own = append(own, b.alone(t, asked[0].Path))
			least = append(least, b.alone(t, withoutStanding.Replace(asked[0].Path)))
		}
	}
	query, err := url.QueryUnescape(query)
	check(t, err)
	t.Logf("100 open changes of one project, 10 people, 3 pages each; one question a page: %s", query)
	t.Logf("p50: a page nobody asked for %s, Gerrit alone %s, so %s is the bot's; a page again within the minute %s", p50(cold), p50(own), p50(cold)-p50(own), p50(warm))
	t.Logf("Gerrit alone without votes and submit requirements: %s", p50(least))
}

// withoutStanding takes out of a question how the reviews stand.
var withoutStanding = strings.NewReplacer("&o=LABELS", "", "&o=DETAILED_LABELS", "", "&o=SUBMIT_REQUIREMENTS", "")

// alone asks Gerrit as the bot, and says how long that took.
func (b *bot) alone(t *testing.T, path string) time.Duration {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, b.wires[0].URL+path, nil)
	check(t, err)
	req.SetBasicAuth(b.account.Username, b.account.Password)
	began := time.Now()
	resp, err := http.DefaultClient.Do(req)
	check(t, err)
	_, err = io.Copy(io.Discard, resp.Body)
	check(t, err)
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("gerrit answers %s to %s", resp.Status, path)
	}
	return time.Since(began)
}

func costReader(i int) string { return "reader-" + string(rune('a'+i)) }

func costPeople() string {
	var out strings.Builder
	for i := range 11 {
		fmt.Fprintf(&out, "---\nkind: User\nmetadata: {name: %s}\n", costReader(i))
	}
	return out.String()
}

func p50(list []time.Duration) time.Duration {
	list = slices.Sorted(slices.Values(list))
	return list[len(list)/2].Round(10 * time.Microsecond)
}
