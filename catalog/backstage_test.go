// SPDX-License-Identifier: Apache-2.0

package catalog_test

import (
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"review-assistant/catalog"
	"review-assistant/catalog/catalogtest"
	"review-assistant/review"
)

// fake is a Backstage backend with entities recorded from a real one.
type fake = catalogtest.Server

const token = "catalog-test-token"

func newFake(t *testing.T) *fake {
	t.Helper()
	var list []map[string]any
	for _, name := range []string{"by-query-components", "by-query-groups", "by-query-users"} {
		var rec struct {
			Body struct{ Items []map[string]any }
		}
		raw, err := os.ReadFile(filepath.Join("testdata/recorded", name+".json"))
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(raw, &rec); err != nil {
			t.Fatal(err)
		}
		list = append(list, rec.Body.Items...)
	}
	f := catalogtest.Start(token)
	t.Cleanup(f.Close)
	f.Edit(func([]map[string]any) []map[string]any { return list })
	return f
}

// replay sends a recorded answer.
func replay(w http.ResponseWriter, name string) {
	var rec struct {
		Status      int
		ContentType string
		Body        json.RawMessage
	}
	raw, err := os.ReadFile(filepath.Join("testdata/recorded", name+".json"))
	if err == nil {
		err = json.Unmarshal(raw, &rec)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusTeapot)
		return
	}
	w.Header().Set("Content-Type", rec.ContentType)
	w.WriteHeader(rec.Status)
	_, _ = w.Write(rec.Body)
}

type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time { c.mu.Lock(); defer c.mu.Unlock(); return c.now }

func (c *clock) add(d time.Duration) { c.mu.Lock(); defer c.mu.Unlock(); c.now = c.now.Add(d) }

func open(t *testing.T, f *fake) (*catalog.Backstage, *clock) {
	t.Helper()
	c := &clock{now: time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)}
	return openKept(t, f, c, ""), c
}

// openKept opens a catalog with a snapshot.
func openKept(t *testing.T, f *fake, c *clock, snapshot string) *catalog.Backstage {
	t.Helper()
	b, err := catalog.OpenBackstage(catalog.Options{
		URL: f.URL + "/backend/", TokenFile: write(t, t.TempDir(), "token", token+"\n"), Refresh: time.Hour, Gerrits: gerrits, Now: c.Now,
		Snapshot: snapshot, PageSize: 2,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	return b
}

func TestBackstageOwners(t *testing.T) {
	b, _ := open(t, newFake(t))
	tests := []struct {
		name, project string
		paths         []string
		want          []string
		note          string
	}{
		{
			name: "component of a team", project: "shop/payments", paths: []string{"cmd/main.go"},
			want: []string{
				"0 user:default/alice payments component:default/payments-api /",
				"0 user:default/bob payments component:default/payments-api /",
			},
		},
		{
			name: "two parts of a monorepo", project: "shop/monorepo", paths: []string{"apps/web/a.ts", "libs/ledger/l.go", "README.md"},
			want: []string{
				"0 user:default/bob component:default/ledger-lib /libs/ledger",
				"0 user:default/bob web component:default/web-shop /apps/web",
				"1 user:default/alice payments component:default/payments-api /apps/web",
				"1 user:default/bob payments component:default/payments-api /apps/web",
			},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			owners, note, err := b.Owners(t.Context(), "main", tt.project, "main", tt.paths)
			if err != nil || note != tt.note {
				t.Errorf("Owners: note %q, error %v, want note %q", note, err, tt.note)
			}
			if diff := cmp.Diff(tt.want, lines(owners)); diff != "" {
				t.Errorf("Owners(%s, %q) (-want +got):\n%s", tt.project, tt.paths, diff)
			}
		})
	}
	owners, _, _ := b.Owners(t.Context(), "main", "shop/payments", "main", []string{"x"})
	if want := (review.Person{Entity: "user:default/alice", Name: "Alice Lindgren", Email: "alice@example.com", Username: "alice"}); owners[0].Person != want {
		t.Errorf("person %+v, want %+v", owners[0].Person, want)
	}
}

// An owner moves to another team: the next refresh knows.
func TestBackstageRefresh(t *testing.T) {
	f := newFake(t)
	b, _ := open(t, f)
	if err := b.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	f.Edit(func(list []map[string]any) []map[string]any {
		for _, e := range list {
			if e["metadata"].(map[string]any)["name"] == "payments-api" {
				e["relations"] = []any{map[string]any{"type": "ownedBy", "targetRef": "group:default/web"}}
			}
		}
		return list
	})
	if err := b.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	owners, _, _ := b.Owners(t.Context(), "main", "shop/payments", "main", []string{"x"})
	if diff := cmp.Diff([]string{"0 user:default/bob web component:default/payments-api /"}, lines(owners)); diff != "" {
		t.Errorf("owners (-want +got):\n%s", diff)
	}
}

func TestBackstageOutage(t *testing.T) {
	const stack = "Error: secret at /srv/backstage/index.js"
	answer := func(code int, kind, body string) func(http.ResponseWriter, *http.Request) bool {
		return func(w http.ResponseWriter, _ *http.Request) bool {
			w.Header().Set("Content-Type", kind)
			w.Header().Set("Retry-After", "90")
			w.WriteHeader(code)
			fmt.Fprint(w, body)
			return true
		}
	}
	raw := func(text string) func(http.ResponseWriter, *http.Request) bool {
		return func(w http.ResponseWriter, _ *http.Request) bool {
			conn, _, err := w.(http.Hijacker).Hijack()
			if err == nil {
				_, _ = conn.Write([]byte(text))
				conn.Close()
			}
			return true
		}
	}
	recorded := func(name string) func(http.ResponseWriter, *http.Request) bool {
		return func(w http.ResponseWriter, _ *http.Request) bool { replay(w, name); return true }
	}
	tests := []struct {
		name   string
		before func(http.ResponseWriter, *http.Request) bool
		want   string
		class  func(error) bool
	}{
		{"bad token", recorded("err-bad-token"), "does not take the token (401)", review.IsDenied},
		{"restricted token", recorded("err-restricted-plugin"), "may not read the catalog (403)", review.IsDenied},
		{"rate limit", answer(429, "text/plain", stack), "backstage answers 429", func(err error) bool { return review.RetryAfter(err) == 90*time.Second }},
		{"broken", answer(503, "application/json", stack), "backstage answers 503", nil},
		{"not found", answer(404, "application/json", stack), "backstage answers 404; check the URL", nil},
		{"login page", answer(302, "text/html", ""), "backstage redirects (302)", nil},
		{"web page", answer(200, "text/html", "<html>"+stack), "answers no JSON", nil},
		{"garbage", answer(200, "application/json", `{"items": [`), "not a page of entities", nil},
		{"another JSON", answer(200, "application/json", `{"ok": true}`), "not a page of entities", nil},
		{"too long", answer(200, "application/json", `{"items": [`+strings.Repeat(" ", 17<<20)), "larger than 16 MiB", nil},
		{"endless pages", answer(200, "application/json", `{"items": [{"kind":"Location"}], "pageInfo": {"nextCursor": "again"}}`), "pages do not end", nil},
		{"no HTTP", raw("HTTP/1.1 " + stack + "\r\n\r\n"), "cannot be reached: it does not answer as an HTTP server does", nil},
		{"odd head", raw("HTTP/1.1 200 OK\r\na secret\r\n\r\n"), "cannot be reached: it does not answer as an HTTP server does", nil},
		{"odd body", raw("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n" + stack + "\r\n"), "answer broke off: it does not answer as an HTTP server does", nil},
		{"hung up", func(w http.ResponseWriter, _ *http.Request) bool { panic(http.ErrAbortHandler) }, "cannot be reached", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := newFake(t)
			b, c := open(t, f)
			if err := b.Refresh(t.Context()); err != nil {
				t.Fatal(err)
			}
			f.Before(tt.before)
			err := b.Refresh(t.Context())
			if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "secret") {
				t.Fatalf("Refresh = %v, want %q", err, tt.want)
			}
			if tt.class != nil && !tt.class(err) {
				t.Errorf("Refresh = %T %v", err, err)
			}
			c.add(3 * time.Hour)
			owners, note, err := b.Owners(t.Context(), "main", "shop/payments", "main", []string{"x"})
			if err != nil || len(owners) != 2 || !strings.HasPrefix(note, "ownership is 3 hours old: ") || !strings.Contains(note, tt.want) {
				t.Errorf("after the outage: owners %q, note %q, error %v", lines(owners), note, err)
			}
			f.Before(nil)
			if err := b.Refresh(t.Context()); err != nil {
				t.Fatal(err)
			}
			if _, note, _ := b.Owners(t.Context(), "main", "shop/payments", "main", []string{"x"}); note != "" {
				t.Errorf("after recovery: note %q", note)
			}
		})
	}
}

// Without any read there are no owners, and the note says why.
func TestBackstageNeverRead(t *testing.T) {
	answer := func(code int, body string) func(http.ResponseWriter, *http.Request) bool {
		return func(w http.ResponseWriter, _ *http.Request) bool {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(code)
			fmt.Fprint(w, body)
			return true
		}
	}
	for _, tt := range []struct {
		name   string
		before func(http.ResponseWriter, *http.Request) bool
		want   string
	}{
		{"bad token", func(w http.ResponseWriter, _ *http.Request) bool { replay(w, "err-bad-token"); return true }, "backstage does not take the token"},
		{"overloaded", answer(429, "{}"), "backstage answers 429"},
		{"broken", answer(500, `{"error":{"stack":"secret"}}`), "backstage answers 500"},
		{"garbage", answer(200, "\x00\x01"), "not a page of entities"},
		{"nothing", answer(200, ""), "not a page of entities"},
		{"null", answer(200, "null"), "not a page of entities"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := newFake(t)
			f.Before(tt.before)
			b, _ := open(t, f)
			owners, note, err := b.Owners(t.Context(), "main", "shop/payments", "main", []string{"x"})
			if err != nil || owners != nil || !strings.HasPrefix(note, "ownership is unknown: ") || !strings.Contains(note, tt.want) || strings.Contains(note, "secret") {
				t.Errorf("Owners = %q, note %q, error %v; want %q", lines(owners), note, err, tt.want)
			}
			if people, ok := b.Team("payments"); ok || people != nil || b.Revision() != "" {
				t.Errorf("a team %v, revision %q", people, b.Revision())
			}
		})
	}
}

// A bad entity costs itself and is counted; a dangling owner is told.
func TestBackstageMalformed(t *testing.T) {
	f := newFake(t)
	more := []map[string]any{
		{"kind": "User", "metadata": map[string]any{"name": "evil\u202e"}},
		{"kind": "Component", "metadata": 7},
		nil,
		{
			"kind": "Component", "relations": []any{nil, map[string]any{"type": nil, "targetRef": nil}, map[string]any{"type": "ownedBy", "targetRef": "user:default/bob"}},
			"metadata": map[string]any{
				"name": "nulls", "namespace": nil, "description": "<img src=x>\u202e" + strings.Repeat("x", 100_000), "title": "[x](http:)",
				"annotations": map[string]any{"review-assistant/project": "g", "review-assistant/path": "n", "other": nil},
			},
			"spec": nil,
		},
		{
			"kind": "Component", "metadata": map[string]any{"name": "ghostly", "annotations": map[string]any{"review-assistant/project": "g"}},
			"relations": []any{map[string]any{"type": "ownedBy", "targetRef": "group:default/ghosts"}, map[string]any{"type": "ownedBy", "targetRef": "<script>"}},
		},
	}
	f.Edit(func(list []map[string]any) []map[string]any { return append(list, more...) })
	b, _ := open(t, f)
	owners, note, _ := b.Owners(t.Context(), "main", "g", "main", []string{"x"})
	if got, _, _ := b.Owners(t.Context(), "main", "g", "main", []string{"n/x"}); len(got) != 1 || got[0].Title != "nulls" {
		t.Errorf("with nulls: %q", lines(got))
	}
	if want := "group:default/ghosts of ghostly is not in the catalog; 2 catalog entities are malformed and left out"; owners != nil || note != want {
		t.Errorf("owners %q, note %q, want note %q", lines(owners), note, want)
	}
}

func TestBackstageTokenIsReadAgain(t *testing.T) {
	f := newFake(t)
	name := write(t, t.TempDir(), "token", "an-older-token")
	b, err := catalog.OpenBackstage(catalog.Options{URL: f.URL + "/backend", TokenFile: name, Refresh: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	if err := b.Refresh(t.Context()); !review.IsDenied(err) {
		t.Errorf("Refresh with an old token = %v", err)
	}
	write(t, filepath.Dir(name), "token", token)
	if err := b.Refresh(t.Context()); err != nil {
		t.Errorf("Refresh with the new token = %v", err)
	}
	write(t, filepath.Dir(name), "token", "two words")
	if err := b.Refresh(t.Context()); err == nil || strings.Contains(err.Error(), "words") {
		t.Errorf("Refresh with a broken token file = %v", err)
	}
}

func TestOpenBackstageErrors(t *testing.T) {
	ca := write(t, t.TempDir(), "ca.pem", "no certificate")
	for _, tt := range []struct {
		name, want string
		opts       catalog.Options
	}{
		{"no address", "want the address", catalog.Options{URL: "backstage.example.com"}},
		{"bad authority", "holds no certificate", catalog.Options{URL: "https://b.example.com", CAFile: ca}},
		{"missing authority", "ca_file", catalog.Options{URL: "https://b.example.com", CAFile: ca + "x"}},
		{"bad proxy", "proxy_url", catalog.Options{URL: "https://b.example.com", ProxyURL: "proxy:3128"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b, err := catalog.OpenBackstage(tt.opts)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("OpenBackstage = %v, want %q", err, tt.want)
			}
			if b != nil {
				b.Close()
			}
		})
	}
}

// Certificates of an own authority are taken only when it is configured, and
// requests go through the configured proxy, never through the environment's.
func TestBackstageNetwork(t *testing.T) {
	f := newFake(t)
	secure := httptest.NewTLSServer(f)
	defer secure.Close()
	block := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: secure.Certificate().Raw})
	through := make(chan string, 64)
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case through <- r.URL.Host:
		default: // enough is known
		}
		f.ServeHTTP(w, r)
	}))
	defer proxy.Close()
	t.Setenv("HTTP_PROXY", "http://127.0.0.1:1")
	t.Setenv("HTTPS_PROXY", "http://127.0.0.1:1")

	secret := write(t, t.TempDir(), "token", token)
	for _, tt := range []struct {
		name, want string
		opts       catalog.Options
	}{
		{"unknown authority", "certificate", catalog.Options{URL: secure.URL + "/backend"}},
		{"known authority", "", catalog.Options{URL: secure.URL + "/backend", CAFile: write(t, t.TempDir(), "ca.pem", string(block))}},
		{"through a proxy", "", catalog.Options{URL: "http://backstage.invalid/backend", ProxyURL: proxy.URL}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.opts.TokenFile, tt.opts.Refresh = secret, time.Hour
			b, err := catalog.OpenBackstage(tt.opts)
			if err != nil {
				t.Fatal(err)
			}
			defer b.Close()
			err = b.Refresh(t.Context())
			if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("Refresh = %v, want %q", err, tt.want)
			}
		})
	}
	select {
	case host := <-through:
		if host != "backstage.invalid" {
			t.Errorf("the proxy saw %q", host)
		}
	default:
		t.Error("the proxy saw nothing")
	}
}
