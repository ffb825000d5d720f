// SPDX-License-Identifier: Apache-2.0

package server

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"review-assistant/review"
)

const (
	pushToken  = "push-token-0123456789"
	teamToken  = "team-token-0123456789"
	readToken  = "read-token-0123456789"
	scopeToken = "api-token-0123456789"
)

// taker is a Take that remembers.
type taker struct {
	mu     sync.Mutex
	pushes []BuildPush
	bodies []string
	known  map[string]bool
	fail   error         // instead of taking
	enter  chan struct{} // told when a body was read
	leave  chan struct{}
}

func (k *taker) take(_ context.Context, p BuildPush) (BuildTaken, error) {
	body, err := io.ReadAll(p.Body)
	if err != nil {
		return BuildTaken{}, fmt.Errorf("read the report: %w", err)
	}
	if k.enter != nil {
		k.enter <- struct{}{}
		<-k.leave
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.fail != nil {
		return BuildTaken{}, k.fail
	}
	host, project := p.Query.Get("host"), p.Query.Get("project")
	if p.Query.Get("format") == "json" {
		var in struct{ Host, Project string }
		if err := json.Unmarshal(body, &in); err != nil {
			return BuildTaken{}, &review.RejectedError{Err: errors.New("the body is not\x1b[31m JSON")}
		}
		host, project = in.Host, in.Project
	}
	if !p.Allowed(host, project) {
		return BuildTaken{}, &review.DeniedError{Err: errors.New("not theirs")}
	}
	k.pushes, k.bodies = append(k.pushes, p), append(k.bodies, string(body))
	key := "build-" + p.Query.Get("id")
	taken := BuildTaken{Key: key, Host: host, Project: project, Result: review.BuildFailed, Failures: 1, Duplicate: k.known[key]}
	if k.known == nil {
		k.known = map[string]bool{}
	}
	k.known[key] = true
	return taken, nil
}

func (k *taker) last() string {
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.bodies) == 0 {
		return ""
	}
	return k.bodies[len(k.bodies)-1]
}

// tokensFor are one token for all, one for a team's projects, one that reads.
func tokensFor(t testing.TB) []BuildToken {
	t.Helper()
	return []BuildToken{
		{Name: "ci", TokenFiles: []string{writeToken(t, pushToken)}, May: []string{RightPush}},
		{Name: "team", TokenFiles: []string{writeToken(t, teamToken)}, Projects: []string{"main/team/**"}, May: []string{RightPush, RightMark}},
		{Name: "reader", TokenFiles: []string{writeToken(t, readToken)}, May: []string{RightRead}},
	}
}

func startBuilds(t testing.TB, k *taker, b BuildsAPI) *running {
	t.Helper()
	if b.Tokens == nil {
		b.Tokens = tokensFor(t)
	}
	b.Take = k.take
	return start(t, Options{Builds: b, API: API{TokenFiles: []string{writeToken(t, scopeToken)}}})
}

func bearerHeader(token string, more ...string) http.Header {
	h := http.Header{}
	if token != "" {
		h.Set("Authorization", "Bearer "+token)
	}
	for i := 0; i < len(more); i += 2 {
		h.Set(more[i], more[i+1])
	}
	return h
}

const aBuild = "/api/v1/builds?format=log&host=main&project=team/a&job=unit&result=failed"

func TestPushAuthorization(t *testing.T) {
	k := new(taker)
	r := startBuilds(t, k, BuildsAPI{})
	other := strings.Replace(aBuild, "team/a", "other", 1)
	for _, tt := range []struct {
		name, token, path, body string
		code                    int
		want                    string
	}{
		{"right", pushToken, aBuild, "log", 201, `"key":"build-"`},
		{"again", pushToken, aBuild, "log", 200, `"duplicate":true`},
		{"its project", teamToken, aBuild, "log", 200, `"failures":1`},
		{"no token", "", aBuild, "log", 401, "builds.tokens"},
		{"wrong token", "wrong-token-0123456789", aBuild, "log", 401, "builds.tokens"},
		{"long token", strings.Repeat("x", 5000), aBuild, "log", 401, "builds.tokens"},
		{"webhook token", token, aBuild, "log", 401, "builds.tokens"},
		{"reader", readToken, aBuild, "log", 403, "builds.tokens.may"},
		{"API token", scopeToken, aBuild, "log", 403, "builds.tokens.may"},
		{"another project", teamToken, other, "log", 403, "builds.tokens.projects"},
		{"another project for all", pushToken, other, "log", 200, `"project":"other"`},
		{"in the body", teamToken, "/api/v1/builds?format=json", `{"host":"main","project":"team/b"}`, 200, `"project":"team/b"`},
		{"another one in the body", teamToken, "/api/v1/builds?format=json", `{"host":"main","project":"other"}`, 403, "builds.tokens.projects"},
		{"a way out", teamToken, strings.Replace(aBuild, "team/a", "team/../other", 1), "log", 403, "builds.tokens.projects"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			resp, body := r.do(t, "POST", tt.path, bearerHeader(tt.token), strings.NewReader(tt.body))
			if resp.StatusCode != tt.code || !strings.Contains(body, tt.want) {
				t.Errorf("%d %s, want %d and %q", resp.StatusCode, body, tt.code, tt.want)
			}
			if resp.StatusCode == 401 && resp.Header.Get("WWW-Authenticate") != "Bearer" {
				t.Error("no challenge")
			}
		})
	}
	if by := k.pushes[2].By; by != "team" {
		t.Errorf("pushed by %q, want the token's name", by)
	}
	if log := r.log.String(); strings.Contains(log, pushToken) || strings.Contains(log, "wrong-token") {
		t.Errorf("a token is in the log:\n%s", log)
	}
	// No figure tells who pushes what.
	_, figures := r.do(t, "GET", "/metrics", nil, nil)
	for _, secret := range []string{"team", "other", "unit", "build-"} {
		if strings.Contains(figures, `="`+secret) || strings.Contains(figures, secret+"/") {
			t.Errorf("%q is in the figures", secret)
		}
	}
	for _, want := range []string{`bot_builds_pushed_total{result="taken"} 1`, `bot_builds_pushed_total{result="duplicate"} 4`, `bot_builds_pushed_total{result="denied"} 3`} {
		if !strings.Contains(figures, want) {
			t.Errorf("the figures do not say %s", want)
		}
	}
}

func TestPushTokenRotation(t *testing.T) {
	dir := t.TempDir()
	current, next := filepath.Join(dir, "current"), filepath.Join(dir, "next")
	day := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	write(t, current, pushToken, day)
	r := startBuilds(t, new(taker), BuildsAPI{Tokens: []BuildToken{{Name: "ci", TokenFiles: []string{current, next}, May: []string{RightPush}}}})
	want := func(step string, old, fresh bool) {
		t.Helper()
		for token, ok := range map[string]bool{pushToken: old, teamToken: fresh} {
			if resp, _ := r.do(t, "POST", aBuild, bearerHeader(token), strings.NewReader("log")); (resp.StatusCode < 300) != ok {
				t.Errorf("%s: %d", step, resp.StatusCode)
			}
		}
	}
	want("before", true, false)
	write(t, next, teamToken, day)
	want("both generations", true, true)
	if err := os.Remove(current); err != nil {
		t.Fatal(err)
	}
	want("after", false, true)
}

func TestBuildTokens(t *testing.T) {
	good := func() BuildToken {
		return BuildToken{Name: "ci", TokenFiles: []string{writeToken(t, pushToken)}, May: []string{RightPush}}
	}
	same := writeToken(t, teamToken)
	for _, tt := range []struct {
		name   string
		change func(*BuildToken)
		want   string
	}{
		{"good", func(*BuildToken) {}, ""},
		{"globs", func(b *BuildToken) { b.Projects = []string{"main/**", "*/team-{a,b}/*"} }, ""},
		{"no name", func(b *BuildToken) { b.Name = "" }, "without a name"},
		{"a sentence", func(b *BuildToken) { b.Name = "our CI" }, "write a word"},
		{"reserved", func(b *BuildToken) { b.Name = "api" }, "api.token_files"},
		{"no rights", func(b *BuildToken) { b.May = nil }, "push, read, mark"},
		{"no such right", func(b *BuildToken) { b.May = []string{"write"} }, `"write" is not one of`},
		{"no glob", func(b *BuildToken) { b.Projects = []string{"main/[a"} }, "no glob"},
		{"no host", func(b *BuildToken) { b.Projects = []string{"team"} }, "HOST/NAME"},
		{"no files", func(b *BuildToken) { b.TokenFiles = nil }, "builds.tokens.token_files"},
		{"same token", func(b *BuildToken) { b.TokenFiles = []string{same} }, "its token is that of api too"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := good()
			tt.change(&b)
			_, err := New(Options{Decode: decode, Accept: accept, API: API{TokenFiles: []string{same}}, Builds: BuildsAPI{Tokens: []BuildToken{b}}})
			if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
				t.Errorf("New() = %v, want %q", err, tt.want)
			}
			if err != nil && strings.Contains(err.Error(), teamToken) {
				t.Error("the error shows the token")
			}
		})
	}
	if _, err := New(Options{Decode: decode, Accept: accept, Builds: BuildsAPI{Tokens: []BuildToken{good(), good()}}}); err == nil || !strings.Contains(err.Error(), "another token has this name") {
		t.Errorf("two of one name: %v", err)
	}
}

func TestGrantAllows(t *testing.T) {
	team := &grant{projects: []string{"main/team/**", "main/one"}}
	for name, ok := range map[string]bool{
		"main/team/a": true, "main/team/a/b": true, "main/one": true, "main/team": true, "main/teams/a": false, "main/one/b": false,
		"other/team/a": false, "main/team/../x": false, "main/": false, "/team/a": false, "main/team//a": false, "main//one": false,
	} {
		host, project, _ := strings.Cut(name, "/")
		if got := team.allows(host, project); got != ok {
			t.Errorf("allows(%q, %q) = %v", host, project, got)
		}
	}
	if all := new(grant); !all.allows("main", "a") || all.allows("main", "../a") || all.allows("", "a") || all.allows("main/a", "b") {
		t.Error("a grant for all is not for all that has a name")
	}
}

func squeeze(t testing.TB, text string) string {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestPushAnswers(t *testing.T) {
	rejected := &review.RejectedError{Err: errors.New("line 3: \x1b[31mno such element\n" + strings.Repeat("x", 1000))}
	for _, tt := range []struct {
		name, query, body string
		header            []string
		fail              error
		code              int
		want              string
	}{
		{name: "log", body: "log", code: 201, want: `"result":"failed"`},
		{name: "empty", body: "", code: 201},
		{name: "at the limit", body: strings.Repeat("x", 1000), code: 201},
		{name: "gzip", body: squeeze(t, "log"), header: []string{"Content-Encoding", "gzip"}, code: 201},
		{name: "complete", body: "log", header: []string{"Upload-Complete", "?1"}, code: 201},
		{name: "too large", body: strings.Repeat("x", 1001), code: 413, want: "1000 bytes as it is sent"},
		{name: "too large unpacked", body: squeeze(t, strings.Repeat("x", 5001)), header: []string{"Content-Encoding", "gzip"}, code: 413, want: "5000 bytes when it is unpacked"},
		{name: "no gzip", body: "log", header: []string{"Content-Encoding", "gzip"}, code: 400, want: "cannot be unpacked"},
		{name: "empty gzip", header: []string{"Content-Encoding", "gzip"}, code: 400, want: "cannot be unpacked"},
		{name: "half a gzip", body: squeeze(t, "log")[:15], header: []string{"Content-Encoding", "gzip"}, code: 400, want: "cannot be unpacked"},
		{name: "another encoding", body: "log", header: []string{"Content-Encoding", "br"}, code: 415, want: "only gzip"},
		{name: "no format", query: "?host=main", code: 400, want: "format is not one of junit, sarif, go-test, log, json"},
		{name: "unknown format", query: "?format=xunit", code: 400, want: "format is not one of"},
		{name: "misspelt", query: "?format=log&patchset=1", code: 400, want: `there is no parameter \"patchset\"`},
		{name: "twice", query: "?format=log&job=a&job=b", code: 400, want: "job is given twice"},
		{name: "two lines", query: "?format=log&job=a%0Ab", code: 400, want: "job is not one line"},
		{name: "not UTF-8", query: "?format=log&job=%ff", code: 400, want: "job is not one line"},
		{name: "long", query: "?format=log&job=" + strings.Repeat("x", 3000), code: 400, want: "at most 2048 bytes"},
		{name: "semicolon", query: "?format=log;job=a", code: 400, want: "the query cannot be read"},
		{name: "no flag", header: []string{"Upload-Complete", "yes"}, code: 400, want: "?0 or ?1"},
		{name: "no spool", header: []string{"Upload-Complete", "?0"}, code: 501, want: "builds.spool"},
		{name: "unknown project", fail: &review.GoneError{Err: errors.New("no such project")}, code: 404, want: "gerrit.id"},
		{name: "rejected", fail: rejected, code: 422, want: "line 3:  [31mno such element xxx"},
		{name: "store down", fail: errors.New("store: SECRET-DETAIL"), code: 503, want: "send it again later"},
		{name: "later", fail: &review.RetryError{After: 90 * time.Second, Err: errors.New("busy")}, code: 503, want: "send it again later"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			k := &taker{fail: tt.fail}
			r := startBuilds(t, k, BuildsAPI{MaxBody: 1000, MaxText: 5000})
			path := aBuild
			if tt.query != "" {
				path = "/api/v1/builds" + tt.query
			}
			// Once with a length, once without.
			for _, body := range []io.Reader{strings.NewReader(tt.body), io.MultiReader(strings.NewReader(tt.body))} {
				k.known = nil
				resp, answer := r.do(t, "POST", path, bearerHeader(pushToken, tt.header...), body)
				if resp.StatusCode != tt.code || !strings.Contains(answer, tt.want) {
					t.Errorf("%d %s, want %d and %q", resp.StatusCode, answer, tt.code, tt.want)
				}
				if tt.code >= 300 && (resp.Header.Get("Content-Type") != "application/problem+json" || len(answer) > 1500) {
					t.Errorf("%s of %d bytes", resp.Header.Get("Content-Type"), len(answer))
				}
				if strings.Contains(answer, "SECRET-DETAIL") || strings.Contains(answer, `\u001b`) {
					t.Errorf("the answer tells too much: %s", answer)
				}
				if after := map[string]string{"store down": "30", "later": "90"}[tt.name]; resp.Header.Get("Retry-After") != after {
					t.Errorf("Retry-After %q, want %q", resp.Header.Get("Retry-After"), after)
				}
			}
		})
	}
}

func TestPushBomb(t *testing.T) {
	r := startBuilds(t, new(taker), BuildsAPI{})
	body := squeeze(t, strings.Repeat("\x00", 32<<20))
	if resp, answer := r.do(t, "POST", aBuild, bearerHeader(pushToken, "Content-Encoding", "gzip"), strings.NewReader(body)); resp.StatusCode != 413 || !strings.Contains(answer, "200 times") {
		t.Errorf("%d bytes: %d %s", len(body), resp.StatusCode, answer)
	}
	if _, figures := r.do(t, "GET", "/metrics", nil, nil); !strings.Contains(figures, `bot_builds_pushed_total{result="too_large"} 1`) {
		t.Error("it is not counted")
	}
}

// raw sends bytes and returns the connection.
func (r *running) raw(t *testing.T, text string) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", strings.TrimPrefix(r.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	if _, err := io.WriteString(c, text); err != nil {
		t.Fatal(err)
	}
	return c
}

func TestPushStalls(t *testing.T) {
	r := startBuilds(t, new(taker), BuildsAPI{Stall: 50 * time.Millisecond})
	c := r.raw(t, "POST "+aBuild+" HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "+pushToken+"\r\nContent-Length: 100\r\n\r\nlog")
	resp, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != 408 {
		t.Errorf("%s, want 408", resp.Status)
	}
}

// trickle sends bytes until an answer comes or the time is over.
func trickle(r *running, c net.Conn, head string, long time.Duration, end string) (*http.Response, error) {
	if _, err := io.WriteString(c, head); err != nil {
		return nil, err
	}
	for begin := time.Now(); time.Since(begin) < long; {
		if _, err := io.WriteString(c, "1\r\nx\r\n"); err != nil {
			break // the answer is there
		}
	}
	_, _ = io.WriteString(c, end)
	return http.ReadResponse(bufio.NewReader(c), nil)
}

func TestPushTakesTime(t *testing.T) {
	head := "POST " + aBuild + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + pushToken + "\r\nTransfer-Encoding: chunked\r\n\r\n"
	t.Run("longer than a webhook", func(t *testing.T) {
		r := start(t, Options{
			ReadTimeout: 50 * time.Millisecond, WriteTimeout: 50 * time.Millisecond,
			Builds: BuildsAPI{Tokens: tokensFor(t), Take: new(taker).take, MaxBody: 1 << 30, MaxText: 1 << 30},
		})
		resp, err := trickle(r, r.raw(t, ""), head, 200*time.Millisecond, "0\r\n\r\n")
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		if resp.StatusCode != 201 {
			t.Errorf("%s, want 201", resp.Status)
		}
	})
	t.Run("longer than all", func(t *testing.T) {
		r := startBuilds(t, new(taker), BuildsAPI{Timeout: 50 * time.Millisecond, MaxBody: 1 << 30, MaxText: 1 << 30})
		resp, err := trickle(r, r.raw(t, ""), head, 10*time.Second, "")
		if err != nil {
			return // reset while we wrote: it was ended, too
		}
		defer resp.Body.Close()
		if resp.StatusCode != 408 {
			t.Errorf("%s, want 408", resp.Status)
		}
	})
}

// Pushes have places of their own, and take none of the webhooks'.
func TestTooManyPushes(t *testing.T) {
	k := &taker{enter: make(chan struct{}), leave: make(chan struct{})}
	r := start(t, Options{MaxHooks: 1, Builds: BuildsAPI{Tokens: tokensFor(t), Take: k.take, MaxPushes: 1}})
	first := make(chan int)
	go func() {
		resp, _ := r.do(t, "POST", aBuild, bearerHeader(pushToken), strings.NewReader("log"))
		first <- resp.StatusCode
	}()
	<-k.enter
	if resp, answer := r.do(t, "POST", aBuild, bearerHeader(pushToken), strings.NewReader("log")); resp.StatusCode != 429 || resp.Header.Get("Retry-After") == "" {
		t.Errorf("second push: %s %s", resp.Status, answer)
	}
	if code := r.hook(t, token, event); code != 202 {
		t.Errorf("webhook: %d, want 202", code)
	}
	close(k.leave)
	if code := <-first; code != 201 {
		t.Errorf("first push: %d, want 201", code)
	}
}

// No token keeps others out.
func TestPushesOfOneToken(t *testing.T) {
	k := &taker{enter: make(chan struct{}), leave: make(chan struct{})}
	r := startBuilds(t, k, BuildsAPI{MaxPushes: 2})
	codes := make(chan int)
	push := func(token string) {
		resp, _ := r.do(t, "POST", aBuild, bearerHeader(token), strings.NewReader("log"))
		codes <- resp.StatusCode
	}
	go push(pushToken)
	<-k.enter
	if resp, _ := r.do(t, "POST", aBuild, bearerHeader(pushToken), strings.NewReader("log")); resp.StatusCode != 429 {
		t.Errorf("the same token: %s", resp.Status)
	}
	go push(teamToken)
	<-k.enter
	close(k.leave)
	for range 2 {
		if code := <-codes; code >= 300 {
			t.Errorf("one for each token: %d", code)
		}
	}
}

func TestNoBuildRoutes(t *testing.T) {
	for name, b := range map[string]BuildsAPI{"no Take": {Tokens: tokensFor(t)}, "no tokens": {Take: new(taker).take}} {
		r := start(t, Options{Builds: b})
		if resp, _ := r.do(t, "POST", aBuild, bearerHeader(pushToken), strings.NewReader("log")); resp.StatusCode != 404 {
			t.Errorf("%s: %s", name, resp.Status)
		}
	}
}

func FuzzPushQuery(f *testing.F) {
	for _, s := range []string{"format=log", "format=json&job=%00", "a=b;c", "%zz", "format=log&format=log"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		query, err := pushQuery(raw)
		if err != nil {
			if _, ok := errors.AsType[*problem](err); !ok {
				t.Errorf("%v is no problem", err)
			}
			return
		}
		if again, err := url.ParseQuery(query.Encode()); err != nil || len(again) != len(query) {
			t.Errorf("%q does not stay: %v", raw, err)
		}
	})
}
