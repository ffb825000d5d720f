// SPDX-License-Identifier: Apache-2.0

package server

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"review-assistant/board"
	"review-assistant/review"
)

// whole reads a body to its end.
func whole(t testing.TB, r io.Reader) string {
	t.Helper()
	body, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// What is wrong is told by its own words, and by one for programs.
func TestToldWhatIsWrong(t *testing.T) {
	r := startAll(t)
	for _, tt := range []struct {
		method, token, path string
		code                int
		reason, detail      string
	}{
		{"GET", janeToken, "/nothing", 404, "not-found", "nothing of this name"},
		{"POST", janeToken, "/me", 405, "bad-method", "not for this method"},
		{"GET", "", "/me", 401, "no-token", "no bearer token was sent"},
		{"GET", janeToken, "/events?component=pay", 400, "bad-request", "component is not the name"},
		{"GET", janeToken, "/events?component=component:default/pay/x", 400, "bad-request", "component is not the name"},
		{"GET", janeToken, payChanges + "?status=", 400, "bad-request", "status has no value"},
		{"GET", janeToken, payChanges + "?fields=", 400, "bad-request", "fields has no value"},
		{"GET", janeToken, payChanges + "?cursor=x", 400, "bad-cursor", "cursor"},
		{"GET", readToken, "/me", 403, "no-person", "for programs"},
		{"GET", janeToken, "/builds?" + ofPay, 403, "no-program", "for tokens of programs"},
		{"GET", janeToken, "/components/component/default/pay/builds", 403, "no-program", "for tokens of programs"},
		{"GET", "wrong-token-0123456789", "/builds?" + ofPay, 401, "bad-token", "missing or not valid"},
		{"GET", readToken, "/builds?colour=red&" + ofPay, 400, "bad-request", "no parameter"},
		{"GET", readToken, "/builds/clusters?projct=x&" + ofPay, 400, "bad-request", "no parameter"},
		{"GET", readToken, "/components/component/default/pay/failures?project=x", 400, "bad-request", "no parameter"},
		{"DELETE", pushToken, "/builds/uploads/x?colour=red", 400, "bad-request", "no parameter"},
		{"GET", pushToken, "/builds?" + ofPay, 403, "no-right", "right"},
	} {
		resp, body := r.do(t, tt.method, base+tt.path, bearerHeader(tt.token), nil)
		var p problem
		if err := json.Unmarshal([]byte(body), &p); err != nil {
			t.Fatalf("%s %s: %s", tt.method, tt.path, body)
		}
		if resp.StatusCode != tt.code || p.Reason != tt.reason || !strings.Contains(p.Detail, tt.detail) || p.Next == "" {
			t.Errorf("%s %s: %d %s, want %d, %s and %q", tt.method, tt.path, resp.StatusCode, body, tt.code, tt.reason, tt.detail)
		}
	}
	// A service that does not know of the route learns the same.
	if resp, body := r.get(t, portalToken, "/builds?"+ofPay, HeaderPerson, "user:default/jane"); resp.StatusCode != 403 || !strings.Contains(body, "no-program") {
		t.Errorf("a service: %d %s", resp.StatusCode, body)
	}
}

// Every status that a problem of the API may have has a word.
func TestEveryProblemHasAReason(t *testing.T) {
	for name, p := range problems() {
		if p.Reason == "" || reasons[p.Status] == "" {
			t.Errorf("%s has no reason", name)
		}
	}
	if p := newProblem(http.StatusTeapot, "", "", ""); p.Reason == "" {
		t.Error("another status has no reason")
	}
}

// What a board says of names that are no secret is told as it is.
func TestNamesThatAreNot(t *testing.T) {
	for err, want := range map[error]string{
		board.ErrNoEntity: "no such component", board.ErrNoHost: "no such Gerrit", board.ErrNoPatchSet: "no such patch set",
	} {
		var told []Denial
		r := startPeople(t, &wall{fail: &review.GoneError{Err: err}}, newPeople(), Options{API: API{Denied: func(_ context.Context, d Denial) { told = append(told, d) }}})
		path := payChanges + "/main/team/pay~7"
		if err == board.ErrNoHost {
			path = "/events?component=component:default/pay"
		}
		if resp, body := r.get(t, janeToken, path); resp.StatusCode != 404 || !strings.Contains(body, `"title":"`+want+`"`) || len(told) > 0 {
			t.Errorf("%v: %d %s, told of %+v", err, resp.StatusCode, body, told)
		}
	}
}

// A component of which nothing is shown says nothing of whose code it is.
func TestNoProjectOfNothing(t *testing.T) {
	r := startAll(t)
	if _, body := r.get(t, rootToken, "/components/component/default/pay/failures"); body != `{"host":"main","clusters":[]}` {
		t.Errorf("%s", body)
	}
}
