// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/google/jsonschema-go/jsonschema"

	"review-assistant/gerrit/gerrittest"
)

const portal = `identity:
  providers: [{name: portal, type: backstage, issuer: "http://127.0.0.1:9/api/auth", entity_names: true}]
  services: [{name: portal, token_files: [portal], provider: portal}]
`

// contract is the document of the API, by whose schemas answers are checked.
// What they do not name may not be in an answer.
type contract struct{ schemas map[string]any }

func (s *served) contract() contract {
	s.t.Helper()
	code, text := s.do("GET", "/api/v1/openapi.yaml", "portal", nil)
	raw, err := yaml.YAMLToJSON([]byte(text))
	if code != 200 || err != nil {
		s.t.Fatal(code, err)
	}
	var doc struct {
		Components struct {
			Schemas map[string]any
		}
	}
	if err := json.Unmarshal(raw, &doc); err != nil {
		s.t.Fatal(err)
	}
	parts := map[string]bool{"Change": true, "Person": true, "Outcome": true} // of other schemas
	for name, schema := range doc.Components.Schemas {
		if !parts[name] {
			schema.(map[string]any)["unevaluatedProperties"] = false
		}
	}
	return contract{doc.Components.Schemas}
}

// check compares an answer with a schema.
func (c contract) check(t *testing.T, schema, answer string) {
	t.Helper()
	raw, err := json.Marshal(map[string]any{"$defs": c.schemas, "$ref": "#/$defs/" + schema})
	if err != nil {
		t.Fatal(err)
	}
	var s jsonschema.Schema
	if err := json.Unmarshal([]byte(strings.ReplaceAll(string(raw), "#/components/schemas/", "#/$defs/")), &s); err != nil {
		t.Fatal(err)
	}
	r, err := s.Resolve(nil)
	if err != nil {
		t.Fatal(err)
	}
	var got any
	if err := json.Unmarshal([]byte(answer), &got); err != nil {
		t.Fatal(err)
	}
	if err := r.Validate(got); err != nil {
		t.Errorf("no %s: %v\n%s", schema, err, answer)
	}
}

// streams opens a stream of events, which says at once where it is, as a number
// from which another one goes on.
func (s *served) streams(person string) {
	s.t.Helper()
	open := func(after string) string {
		ctx, cancel := context.WithTimeout(s.t.Context(), 20*time.Second)
		defer cancel()
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url+"/api/v1/events"+after, nil)
		if err != nil {
			s.t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer a-secret-of-the-portal")
		req.Header.Set("X-Review-Assistant-User", person)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			s.t.Fatal(err)
		}
		defer resp.Body.Close()
		var block strings.Builder
		for lines := bufio.NewScanner(resp.Body); lines.Scan() && lines.Text() != ""; {
			block.WriteString(lines.Text() + "\n")
		}
		return block.String()
	}
	first := open("")
	id, is := strings.CutPrefix(first, "retry: 3000\nid: ")
	if mark, err := strconv.Atoi(strings.TrimSpace(id)); !is || err != nil || mark <= 0 {
		s.t.Fatalf("a stream begins with %q", first)
	}
	if again := open("?after=" + strings.TrimSpace(id)); again != first {
		s.t.Errorf("another stream begins with %q, want %q", again, first)
	}
}

// What people get of a real server, with all its parts joined, is what the
// document says, and names no change that is hidden from them.
func TestAnswersAreAsDocumented(t *testing.T) {
	s := startServedWith(t, portal)
	s.gerrit.AddAccount(gerrittest.Account{Username: "jane", Name: "Jane", Email: "jane@example.com"})
	joe := s.gerrit.AddAccount(gerrittest.Account{Username: "joe", Name: "Joe", Email: "joe@example.com"})
	s.gerrit.Webhook(s.url + "/hooks/gerrit/main?token=a-token-for-webhooks")
	s.gerrit.Group("owners", joe)
	s.gerrit.Own("pay", "owners")
	push := func() *gerrittest.Change {
		c := s.gerrit.Push(gerrittest.Push{
			Project: "pay", Message: "pay: retry", Owner: joe.Username, Reviewers: []string{"review-assistant", "jane"},
			Files: gerrittest.Files{"pay/retry.go": "package pay\n\nfunc Retry() int { return 3 }\n"},
		})
		if code, answer := s.push("ci", "junit"+of(c, "pay", "unit", "&id="+strconv.Itoa(c.Number)+"&url=https://ci.example/"+strconv.Itoa(c.Number)), strings.NewReader(failedSuite)); code != 201 {
			t.Fatalf("%d %s", code, answer)
		}
		return c
	}
	ask := func(person, path string) (int, string) {
		return s.do("GET", "/api/v1"+path, "portal", nil, "X-Review-Assistant-User", "user:default/"+person)
	}
	shown, hidden := push(), push()
	s.looked(shown, 0)
	s.looked(hidden, 0)
	hidden.SetPrivate(true)
	doc := s.contract()
	id := url.PathEscape(fmt.Sprintf("main/pay~%d", shown.Number))
	// Summary and feed come when they come.
	for end := time.Now().Add(20 * time.Second); ; {
		code, answer := ask("jane", "/components/component/default/retries/activity")
		if code == 200 && strings.Contains(answer, `"kind":"summary"`) && strings.Contains(answer, `"kind":"builds"`) {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("%d %s\n%s", code, answer, s.log)
		}
		select {
		case <-s.log.line:
		case <-time.After(100 * time.Millisecond):
		}
	}
	s.streams("user:default/jane")
	var fingerprint string
	for i := range 2 {
		for _, person := range []string{"jane", "joe"} {
			for path, want := range map[string][2]string{
				"/me":            {"Me", `"username":"` + person + `"`},
				"/changes/" + id: {"Detail", `"failures":[{"id":`},
				"/components/component/default/retries/changes":       {"Changes", `"failed":1`},
				"/components/component/default/retries/changes/" + id: {"Detail", `"failures":[{"id":`},
				"/components/component/default/retries/activity":      {"Activities", `"activity":[{`},
				"/components/component/default/retries/branches":      {"Branches", `"mode":"on","branches":[{`},
				"/components/component/default/retries/failures":      {"Failures", `"changes":1,"blocked":[` + strconv.Itoa(shown.Number) + "]"},
				"/builds/clusters?project=pay":                        {"Failures", `"project":"pay","mode":"on","builds":true,"clusters":[{`},
				"/me/reviews":                                         {"Changes", `"changes":[`},
			} {
				code, answer := ask(person, path)
				if code != 200 || !strings.Contains(answer, want[1]) {
					t.Errorf("%s for %s: %d %s, want %s", path, person, code, answer, want[1])
					continue
				}
				doc.check(t, want[0], answer)
				for _, secret := range []string{"@example.com", fmt.Sprintf("pay~%d", hidden.Number), fmt.Sprintf("ci.example/%d", hidden.Number), fmt.Sprintf("change %d", hidden.Number)} {
					if strings.Contains(answer, secret) {
						t.Errorf("%s for %s holds %s: %s", path, person, secret, answer)
					}
				}
				if i == 1 && want[0] == "Failures" && !strings.Contains(answer, `"ruling":{"class":"flaky","message":"known","by":"user:default/joe"`) {
					t.Errorf("%s for %s has no ruling: %s", path, person, answer)
				}
				if want[0] == "Failures" {
					var f struct {
						Clusters []struct{ Fingerprint string }
					}
					if err := json.Unmarshal([]byte(answer), &f); err != nil {
						t.Fatal(err)
					}
					fingerprint = f.Clusters[0].Fingerprint
				}
			}
			// Who owns the project says what the failure is; then once more.
			if i == 0 {
				code, answer := s.do("POST", "/api/v1/builds/clusters/"+fingerprint+"/mark", "portal", strings.NewReader(`{"host":"main","project":"pay","as":"flaky","note":"known"}`), "X-Review-Assistant-User", "user:default/"+person)
				if want := map[string]int{"jane": 403, "joe": 204}[person]; code != want {
					t.Errorf("mark as %s: %d %s, want %d", person, code, answer, want)
				}
			}
		}
	}
}
