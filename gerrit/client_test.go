// SPDX-License-Identifier: Apache-2.0

package gerrit_test

import (
	"context"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"review-assistant/gerrit"
	"review-assistant/gerrit/gerrittest"
	"review-assistant/review"
)

// class names the class of an error.
func class(err error) string {
	switch _, retry := errors.AsType[*review.RetryError](err); {
	case err == nil:
		return "none"
	case retry:
		return "retry"
	case review.IsDenied(err):
		return "denied"
	case review.IsGone(err):
		return "gone"
	case review.IsRejected(err):
		return "rejected"
	}
	return "other"
}

func TestFaultsAreTypedErrors(t *testing.T) {
	tests := []struct {
		name  string
		fault gerrittest.Fault
		class string
		after time.Duration
	}{
		{"401", gerrittest.Fault{Status: 401}, "denied", 0},
		{"403", gerrittest.Fault{Status: 403}, "denied", 0},
		{"404", gerrittest.Fault{Status: 404}, "gone", 0},
		{"400", gerrittest.Fault{Status: 400}, "rejected", 0},
		{"408", gerrittest.Fault{Status: 408}, "retry", 0},
		{"409", gerrittest.Fault{Status: 409}, "retry", 0},
		{"429", gerrittest.Fault{Status: 429, RetryAfter: "17"}, "retry", 17 * time.Second},
		{"429 for a year", gerrittest.Fault{Status: 429, RetryAfter: "31536000"}, "retry", time.Hour},
		{"429 with nonsense", gerrittest.Fault{Status: 429, RetryAfter: "soon"}, "retry", 0},
		{"500", gerrittest.Fault{Status: 500}, "retry", 0},
		{"503 with a date", gerrittest.Fault{Status: 503, RetryAfter: "Tue, 24 Nov 2026 02:00:30 GMT"}, "retry", 30 * time.Second},
		{"truncated", gerrittest.Fault{Mangle: gerrittest.Truncated}, "retry", 0},
		{"hang up", gerrittest.Fault{Mangle: gerrittest.Hangup}, "retry", 0},
		{"login page", gerrittest.Fault{Mangle: gerrittest.LoginPage}, "retry", 0},
		{"no prefix", gerrittest.Fault{Mangle: gerrittest.NoPrefix}, "retry", 0},
		{"huge", gerrittest.Fault{Mangle: gerrittest.Huge}, "retry", 0},
		{"redirect", gerrittest.Fault{Mangle: gerrittest.Redirect}, "retry", 0},
		{"slow", gerrittest.Fault{Delay: time.Minute}, "retry", 0},
	}
	g := gerrittest.New(t)
	g.Config("demo", "[review-assistant]\n")
	k := g.Push(gerrittest.Push{Message: "x", Files: gerrittest.Files{"a.go": "package a\n"}})
	good := open(t, g, nil)
	ch := read(t, good, k)
	comment := review.Comment{Kind: review.PostSummary, Revision: ch.Current().Revision, PatchSet: 1, Message: "hello"}
	calls := map[string]func(context.Context, *gerrit.Client) error{
		"change": func(ctx context.Context, c *gerrit.Client) error { _, err := c.Change(ctx, ch.ID); return err },
		"patch": func(ctx context.Context, c *gerrit.Client) error {
			_, err := c.Patch(ctx, ch, ch.Current(), nil)
			return err
		},
		"post":   func(ctx context.Context, c *gerrit.Client) error { _, err := c.Post(ctx, ch.ID, comment); return err },
		"config": func(ctx context.Context, c *gerrit.Client) error { _, err := c.ConfigChain(ctx, "demo"); return err },
		"recent": func(ctx context.Context, c *gerrit.Client) error {
			for _, err := range c.Recent(ctx, time.Time{}) {
				return err
			}
			return nil
		},
	}
	for _, tt := range tests {
		for name, do := range calls {
			t.Run(tt.name+"/"+name, func(t *testing.T) {
				defer g.Heal()
				c := open(t, g, func(o *gerrit.Options) {
					o.MaxBody = 1 << 20
					o.Now = func() time.Time { return time.Date(2026, 11, 24, 2, 0, 0, 0, time.UTC) }
					if tt.fault.Delay > 0 {
						o.Timeout = 20 * time.Millisecond
					}
				})
				g.Break(tt.fault)
				err := do(t.Context(), c)
				if got := class(err); got != tt.class {
					t.Fatalf("the error is %s (%v), want %s", got, err, tt.class)
				}
				if got := review.RetryAfter(err); got != tt.after {
					t.Errorf("retry after %s, want %s", got, tt.after)
				}
				if strings.ContainsAny(err.Error(), "\r\n") || strings.Contains(err.Error(), "html") || strings.Contains(err.Error(), "http://") {
					t.Errorf("the error shows too much: %q", err)
				}
				if c.Calls() != 1 {
					t.Errorf("%d calls were made, want 1", c.Calls())
				}
			})
		}
	}
}

// A later file of a patch meets the fault too.
func TestFaultsInPatches(t *testing.T) {
	for _, m := range []gerrittest.Mangle{gerrittest.Truncated, gerrittest.LoginPage, gerrittest.Redirect, gerrittest.Hangup} {
		for _, version := range []string{"3.13.5", "3.10.2"} {
			g := gerrittest.NewWith(t, gerrittest.Options{Version: version})
			k := g.Push(gerrittest.Push{Message: "x", Files: gerrittest.Files{"a.go": "package a\n"}})
			c := open(t, g, nil)
			ch := read(t, c, k)
			if version == "3.10.2" {
				patch(t, c, ch, nil) // learns that plain patches are unknown
			}
			g.Break(gerrittest.Fault{On: "/patch", Mangle: m})
			if _, err := c.Patch(t.Context(), ch, ch.Current(), nil); class(err) != "retry" {
				t.Errorf("mangle %d on %s: the error is %v", m, version, err)
			}
		}
	}
}

// Errors tell the status and nothing of the answer: a proxy repeats what it
// was sent.
func TestErrorsHoldNoBodies(t *testing.T) {
	var status atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/a/config/server/version" { // no HTTP at all
			conn, _, err := w.(http.Hijacker).Hijack()
			if err == nil {
				fmt.Fprint(conn, "s3cret: you are not welcome\r\n\r\n")
				conn.Close()
			}
			return
		}
		_, password, _ := r.BasicAuth()
		w.Header().Set("Content-Type", "text/plain")
		w.Header().Set("X-Gerrit-Trace", "trace\u00e9!")
		w.WriteHeader(int(status.Load()))
		fmt.Fprint(w, "password: "+password+" of jane@example.com\nis \x1b[31mnot known, "+strings.Repeat("long ", 100))
	}))
	defer server.Close()
	file := filepath.Join(t.TempDir(), "p")
	if err := os.WriteFile(file, []byte("s3cret"), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := gerrit.Open(gerrit.Options{ID: "main", URL: server.URL, Username: "bot", PasswordFile: file})
	if err != nil {
		t.Fatal(err)
	}
	for code, want := range map[int32]string{400: "status 400 Bad Request", 401: "status 401 Unauthorized", 409: "status 409 Conflict", 418: "status 418", 503: "status 503 Service Unavailable"} {
		status.Store(code)
		_, err = c.Resolve(t.Context(), []review.Person{{Email: "jane@example.com"}})
		if err == nil || !strings.Contains(err.Error(), want) || strings.ContainsAny(err.Error(), "@\n\x1b") || strings.Contains(err.Error(), "s3cret") || strings.Contains(err.Error(), "trace ") {
			t.Errorf("the error is %q, want %q", err, want)
		}
	}
	if _, err := c.Version(t.Context()); class(err) != "retry" || strings.Contains(err.Error(), "s3cret") {
		t.Errorf("without HTTP the error is %q", err)
	}
	server.Close()
	_, err = c.Resolve(t.Context(), []review.Person{{Email: "jane@example.com"}})
	if class(err) != "retry" || strings.Contains(err.Error(), "jane") || strings.Contains(err.Error(), "s3cret") {
		t.Errorf("the error is %q", err)
	}
	if _, silent := errors.AsType[*gerrit.SilentError](err); !silent {
		t.Errorf("without a server the error is %T", err)
	}
}

func TestPasswordIsReadAgain(t *testing.T) {
	g := gerrittest.New(t)
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	// As Kubernetes does it: the file is a link that is swapped.
	link := func(to string) {
		t.Helper()
		if err := os.Symlink(to, filepath.Join(dir, "next")); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(filepath.Join(dir, "next"), filepath.Join(dir, "password")); err != nil {
			t.Fatal(err)
		}
	}
	write("one", g.Bot().Password+"\r\n")
	link("one")
	c := open(t, g, func(o *gerrit.Options) { o.PasswordFile = filepath.Join(dir, "password") })
	version := func() error { _, err := c.Version(t.Context()); return err }
	if err := version(); err != nil {
		t.Fatal(err)
	}
	g.SetPassword(g.Bot().Username, "second")
	if err := version(); class(err) != "denied" {
		t.Errorf("after the rotation the error is %v", err)
	}
	write("two", "second\n")
	link("two")
	if err := version(); err != nil {
		t.Errorf("with a swapped link: %v", err)
	}
	g.SetPassword(g.Bot().Username, "the third")
	write("two", "the third\n")
	if err := version(); err != nil {
		t.Errorf("with a rewritten file: %v", err)
	}
	if err := os.Remove(filepath.Join(dir, "password")); err != nil {
		t.Fatal(err)
	}
	if err := version(); err != nil {
		t.Errorf("while the file is away: %v", err)
	}
	g.SetActive(g.Bot().Username, false)
	if err := version(); class(err) != "denied" {
		t.Errorf("for an inactive account the error is %v", err)
	}
}

func TestOpenRefuses(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	good := gerrit.Options{ID: "main", URL: "https://gerrit.example.com/r/", Username: "bot", PasswordFile: file("p", "x")}
	tests := []struct {
		name   string
		change func(*gerrit.Options)
		want   string
	}{
		{"nothing wrong", func(*gerrit.Options) {}, ""},
		{"no scheme", func(o *gerrit.Options) { o.URL = "gerrit.example.com" }, "no http or https URL"},
		{"credentials", func(o *gerrit.Options) { o.URL = "https://bot:geheim@gerrit.example.com" }, "holds credentials"},
		{"query", func(o *gerrit.Options) { o.URL = "https://gerrit.example.com/?x=1" }, "query or fragment"},
		{"web address with credentials", func(o *gerrit.Options) { o.WebURL = "https://bot:geheim@gerrit.example.com" }, "web_url holds credentials"},
		{"no user", func(o *gerrit.Options) { o.Username = "" }, "username"},
		{"no password", func(o *gerrit.Options) { o.PasswordFile = "" }, "password_file is missing"},
		{"no such file", func(o *gerrit.Options) { o.PasswordFile = filepath.Join(dir, "none") }, "read password_file"},
		{"empty file", func(o *gerrit.Options) { o.PasswordFile = file("e", "\n") }, "want one line"},
		{"two lines", func(o *gerrit.Options) { o.PasswordFile = file("l", "a\nb\n") }, "want one line"},
		{"no certificates", func(o *gerrit.Options) { o.CAFile = file("ca", "x") }, "no PEM certificate"},
		{"proxy", func(o *gerrit.Options) { o.ProxyURL = "::" }, "proxy_url is no URL"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := good
			tt.change(&o)
			_, err := gerrit.Open(o)
			if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("the error is %v, want one with %q", err, tt.want)
			}
			if err != nil && strings.Contains(err.Error(), "geheim") {
				t.Errorf("the error holds the password: %v", err)
			}
		})
	}
}

func TestOwnCAAndProxy(t *testing.T) {
	g := gerrittest.NewWith(t, gerrittest.Options{Prefix: "/r"})
	t.Setenv("HTTPS_PROXY", "http://127.0.0.1:1")
	t.Setenv("HTTP_PROXY", "http://127.0.0.1:1")
	tls := httptest.NewTLSServer(g)
	defer tls.Close()
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: tls.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	use := func(o *gerrit.Options) { o.URL, o.CAFile = tls.URL+"/r/", ca }
	if v, err := open(t, g, use).Version(t.Context()); err != nil || v != "3.13.5" {
		t.Errorf("the version is %q, %v", v, err)
	}
	_, err := open(t, g, func(o *gerrit.Options) { o.URL = tls.URL + "/r" }).Version(t.Context())
	if class(err) != "retry" {
		t.Errorf("without the CA the error is %v", err)
	}
	asked := ""
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = r.URL.String()
		g.ServeHTTP(w, r)
	}))
	defer proxy.Close()
	_, err = open(t, g, func(o *gerrit.Options) { o.URL, o.ProxyURL = "http://gerrit.invalid/r", proxy.URL }).Version(t.Context())
	if err != nil || asked != "http://gerrit.invalid/r/a/config/server/version" {
		t.Errorf("the proxy was asked for %q, %v", asked, err)
	}
}

func TestObserve(t *testing.T) {
	g := gerrittest.New(t)
	k := g.Push(gerrittest.Push{Project: "se/cret", Message: "x", Files: gerrittest.Files{"a.go": "package a\n"}})
	var seen []string
	c := open(t, g, func(o *gerrit.Options) {
		o.Observe = func(method, route string, status int, d time.Duration) {
			seen = append(seen, fmt.Sprintf("%s %s %d", method, route, status))
		}
	})
	patch(t, c, read(t, c, k), nil)
	g.Break(gerrittest.Fault{Mangle: gerrittest.Hangup})
	_, _ = c.Version(t.Context())
	if got, want := strings.Join(seen, ", "), "GET change 200, GET public 200, GET files 200, GET patch 200, GET version 0"; got != want {
		t.Errorf("observed %s, want %s", got, want)
	}
}
