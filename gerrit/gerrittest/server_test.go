// SPDX-License-Identifier: Apache-2.0

package gerrittest_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"review-assistant/gerrit/gerrittest"
)

// keysOf lists the paths of all keys of an object; lists count as their items.
func keysOf(prefix string, v any, into map[string]bool) {
	switch v := v.(type) {
	case map[string]any:
		for k, inner := range v {
			into[prefix+k] = true
			keysOf(prefix+k+".", inner, into)
		}
	case []any:
		for _, inner := range v {
			keysOf(prefix, inner, into)
		}
	}
}

func keys(t *testing.T, body []byte) map[string]bool {
	t.Helper()
	var v any
	if err := json.Unmarshal(body, &v); err != nil {
		t.Fatal(err)
	}
	into := map[string]bool{}
	keysOf("", v, into)
	return into
}

// A body of the fake has the keys that recorded bodies of the same type have.
func TestWebhooksHaveTheShapeOfRecordedOnes(t *testing.T) {
	recorded := map[string][]map[string]bool{}
	files, err := filepath.Glob("../testdata/events/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no recorded bodies: %v", err)
	}
	for _, file := range files {
		body, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var e struct {
			Type string `json:"type"`
		}
		if err := json.Unmarshal(body, &e); err != nil {
			t.Fatal(err)
		}
		recorded[e.Type] = append(recorded[e.Type], keys(t, body))
	}
	g := gerrittest.New(t)
	g.Webhook("http://127.0.0.1:1/")
	g.Project("demo")
	k := g.Push(gerrittest.Push{Message: "x", Files: gerrittest.Files{"a": "b\n"}, Topic: "t", Reviewers: []string{"bob"}})
	k.Vote("bob", "Code-Review", 1, "well")
	k.SetWIP(true)
	k.SetWIP(false)
	k.SetPrivate(true)
	k.SetPrivate(false)
	k.AddHashtag("x")
	k.Abandon()
	k.Restore()
	k.Submit()
	k.Delete()
	g.WaitWebhooks()
	types := map[string]bool{}
	for _, d := range g.Deliveries() {
		types[d.Type] = true
		got := keys(t, d.Body)
		known, needed := map[string]bool{}, map[string]int{}
		for _, r := range recorded[d.Type] {
			for key := range r {
				known[key] = true
				needed[key]++
			}
		}
		// Hashtags, topic, state and old votes come only when there are some.
		for _, key := range []string{"change.hashtags", "change.topic", "change.wip", "change.private", "approvals.oldValue", "reason", "newRev"} {
			known[key] = true
			delete(needed, key)
		}
		for key := range got {
			if !known[key] {
				t.Errorf("%s has %q, which no recorded one has", d.Type, key)
			}
		}
		for key, n := range needed {
			if n == len(recorded[d.Type]) && !got[key] {
				t.Errorf("%s lacks %q, which every recorded one has", d.Type, key)
			}
		}
	}
	if len(types) < 11 {
		t.Errorf("only these were sent: %v", types)
	}
}

func TestWebhookDelivery(t *testing.T) {
	var got atomic.Int32
	status := atomic.Int32{}
	status.Store(http.StatusAccepted)
	bot := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got.Add(1)
		if r.URL.RawQuery != "token=x" || r.Header.Get("Content-Type") != "application/json; charset=utf-8" {
			t.Errorf("the webhook is %s %v", r.URL, r.Header)
		}
		w.WriteHeader(int(status.Load()))
	}))
	defer bot.Close()
	g := gerrittest.New(t)
	g.Webhook(bot.URL+"/hooks/gerrit/main?token=x", "patchset-created")
	k := g.Push(gerrittest.Push{Message: "x"})
	g.WaitWebhooks()
	if got.Load() != 1 {
		t.Fatalf("%d webhooks came, want 1", got.Load())
	}
	g.LoseWebhooks(true)
	k.Amend(gerrittest.Push{Message: "y"})
	g.LoseWebhooks(false)
	g.WaitWebhooks()
	if got.Load() != 1 {
		t.Fatalf("a lost webhook came")
	}
	status.Store(http.StatusTooManyRequests)
	for range 30 {
		k.Resend("patchset-created")
	}
	g.WaitWebhooks()
	d := g.Deliveries()
	if got.Load() != 31 || len(d) != 31 || d[30].Status != http.StatusTooManyRequests || !strings.Contains(string(d[30].Body), `"number":2`) {
		t.Errorf("%d webhooks came, the last is %d %s", got.Load(), d[len(d)-1].Status, d[len(d)-1].Body)
	}
}

func TestRequestsAreLogged(t *testing.T) {
	g := gerrittest.NewWith(t, gerrittest.Options{Prefix: "/r"})
	get := func(path string) int {
		t.Helper()
		resp, err := http.Get(g.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		_, _ = io.Copy(io.Discard, resp.Body)
		return resp.StatusCode
	}
	if s := get("/a/config/server/version"); s != http.StatusUnauthorized {
		t.Errorf("without credentials the answer is %d", s)
	}
	if s := get("/config/server/version"); s != http.StatusNotFound {
		t.Errorf("without /a the answer is %d", s)
	}
	var got []string
	for _, r := range g.Requests() {
		got = append(got, fmt.Sprintf("%s %d", r, r.Status))
	}
	if want := []string{"GET /config/server/version 401", "GET /config/server/version 404"}; !slices.Equal(got, want) {
		t.Errorf("the log is %q, want %q", got, want)
	}
	g.ResetRequests()
	if len(g.Requests()) != 0 {
		t.Error("the log is not empty")
	}
}
