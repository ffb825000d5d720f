// SPDX-License-Identifier: Apache-2.0

package server

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"review-assistant/review"
)

// keeper is a project's failures and builds. What was asked of it stays.
type keeper struct {
	mu     sync.Mutex
	asked  []string
	of     review.Source // that was asked for last
	builds []string      // the sequence number of each is its place, from 1
	marks  []BuildMark
	by     string
	fail   error
	looked chan struct{} // told behind each look at builds, when it is not nil
}

func (k *keeper) ask(format string, args ...any) error {
	k.asked = append(k.asked, fmt.Sprintf(format, args...))
	return k.fail
}

func (k *keeper) clusters(_ context.Context, of review.Source, limit int) (any, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.of = of
	return []string{"a cluster"}, k.ask("clusters of %s/%s, %d", of.Host, of.Project, limit)
}

func (k *keeper) list(ctx context.Context, of review.Source, after int64, limit int) (any, int, int64, error) {
	out, err := k.look(of, after, limit)
	// Behind the look, so that what is added then was not in it.
	if k.looked != nil {
		select {
		case k.looked <- struct{}{}:
		case <-ctx.Done():
		}
	}
	return out, len(out), after + int64(len(out)), err
}

func (k *keeper) look(of review.Source, after int64, limit int) ([]string, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.of = of
	out := k.builds[min(int(after), len(k.builds)):]
	out = append([]string{}, out[:min(limit, len(out))]...)
	return out, k.ask("builds of %s/%s behind %d, %d", of.Host, of.Project, after, limit)
}

func (k *keeper) add(build string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.builds = append(k.builds, build)
}

func (k *keeper) mark(_ context.Context, by string, _ *review.Viewer, m BuildMark) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.marks, k.by = append(k.marks, m), by
	return k.fail
}

func (k *keeper) source(ref string) (review.Source, bool) {
	s, known := map[string]review.Source{
		"component:default/pay":    {Host: "main", Project: "team/pay", Dir: "api"},
		"component:default/stable": {Host: "main", Project: "team/pay", Dir: "api", Branch: "stable"},
		"component:default/whole":  {Host: "main", Project: "team/pay"},
		"component:default/other":  {Host: "main", Project: "other"},
		"component:default/any":    {Project: "team/any"},
		"component:default/nocode": {},
	}[ref]
	return s, known
}

// last is what was asked last.
func (k *keeper) last() string {
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.asked) == 0 {
		return ""
	}
	return k.asked[len(k.asked)-1]
}

func startFailures(t testing.TB, k *keeper, o Options) *running {
	t.Helper()
	o.Builds.Tokens = append(tokensFor(t), BuildToken{
		Name: "owner", TokenFiles: []string{writeToken(t, ownerToken)}, Projects: []string{"main/team/**"}, May: []string{RightRead, RightMark},
	})
	o.API.TokenFiles = []string{writeToken(t, scopeToken)}
	o.Failures = FailuresAPI{Clusters: k.clusters, Builds: k.list, Mark: k.mark}
	o.Source = k.source
	return start(t, o)
}

const ownerToken = "owner-token-0123456789"

const ofPay = "host=main&project=team/pay"

func TestFailuresRoutes(t *testing.T) {
	for _, tt := range []struct {
		name, token, path string
		code              int
		want, asked       string
	}{
		{"clusters", readToken, "/builds/clusters?" + ofPay, 200, `{"host":"main","project":"team/pay","clusters":["a cluster"]}`, "clusters of main/team/pay, 50"},
		{"the only host", readToken, "/builds/clusters?project=team/pay", 200, `"host":"main"`, "clusters of main/team/pay, 50"},
		{"a limit", readToken, "/builds/clusters?limit=500&" + ofPay, 200, "", "clusters of main/team/pay, 500"},
		{"API token", scopeToken, "/builds/clusters?" + ofPay, 200, "", "clusters of main/team/pay, 50"},
		{"owner", ownerToken, "/builds/clusters?" + ofPay, 200, "", "clusters of main/team/pay, 50"},
		{"no token", "", "/builds/clusters?" + ofPay, 401, "missing or not valid", ""},
		{"wrong token", "wrong-token-0123456789", "/builds/clusters?" + ofPay, 401, "missing or not valid", ""},
		{"right to push alone", pushToken, "/builds/clusters?" + ofPay, 403, "builds.tokens.may", ""},
		{"another project", ownerToken, "/builds/clusters?host=main&project=other", 403, "builds.tokens.projects", ""},
		{"a way out", ownerToken, "/builds/clusters?host=main&project=team/../other", 403, "builds.tokens.projects", ""},
		{"unknown host", readToken, "/builds/clusters?host=else&project=a", 404, "no such project", ""},
		{"no project", readToken, "/builds/clusters?host=main", 404, "no such project", ""},
		{"limit of nothing", readToken, "/builds/clusters?limit=0&" + ofPay, 400, "bad page", ""},
		{"limit too high", readToken, "/builds/clusters?limit=501&" + ofPay, 400, "bad page", ""},
		{"limit is no number", readToken, "/builds/clusters?limit=ten&" + ofPay, 400, "bad page", ""},

		{"builds", readToken, "/builds?" + ofPay, 200, `{"host":"main","project":"team/pay","builds":["one","two","three"],"next":3}`, "builds of main/team/pay behind 0, 50"},
		{"a page", readToken, "/builds?after=1&limit=1&" + ofPay, 200, `"builds":["two"],"next":2}`, "builds of main/team/pay behind 1, 1"},
		{"behind the end", readToken, "/builds?after=3&" + ofPay, 200, `"builds":[],"next":3}`, "builds of main/team/pay behind 3, 50"},
		{"builds, no token", "", "/builds?" + ofPay, 401, "missing or not valid", ""},
		{"builds, another right", pushToken, "/builds?" + ofPay, 403, "builds.tokens.may", ""},
		{"builds, another project", ownerToken, "/builds?host=main&project=other", 403, "builds.tokens.projects", ""},
		{"negative after", readToken, "/builds?after=-2&" + ofPay, 400, "bad page", ""},
		{"after beyond numbers", readToken, "/builds?after=99999999999999999999&" + ofPay, 400, "bad page", ""},
		{"wait too long", readToken, "/builds?wait=26&" + ofPay, 400, "bad page", ""},
		{"wait is no number", readToken, "/builds?wait=1s&" + ofPay, 400, "bad page", ""},

		{"component", readToken, "/components/component/default/pay/failures", 200, `"project":"team/pay"`, "clusters of main/team/pay, 50"},
		{"component's builds", readToken, "/components/component/default/pay/builds?after=2", 200, `"builds":["three"]`, "builds of main/team/pay behind 2, 50"},
		{"component on any host", readToken, "/components/component/default/any/failures", 200, `"host":"main"`, "clusters of main/team/any, 50"},
		{"component of the named host", readToken, "/components/component/default/pay/failures?host=main", 200, `"host":"main"`, "clusters of main/team/pay, 50"},
		{"component of another host", readToken, "/components/component/default/pay/failures?host=else", 404, "no such component", ""},
		{"component unknown", readToken, "/components/component/default/none/failures", 404, "no such component", ""},
		{"component without code", readToken, "/components/component/default/nocode/builds", 404, "no such component", ""},
		{"component of another project", ownerToken, "/components/component/default/other/failures", 403, "builds.tokens.projects", ""},
		{"component, no token", "", "/components/component/default/pay/failures", 401, "missing or not valid", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			k := &keeper{builds: []string{"one", "two", "three"}}
			r := startFailures(t, k, Options{})
			resp, body := r.do(t, "GET", "/api/v1"+tt.path, bearerHeader(tt.token), nil)
			if resp.StatusCode != tt.code || !strings.Contains(body, tt.want) {
				t.Errorf("%d %s, want %d and %q", resp.StatusCode, body, tt.code, tt.want)
			}
			if k.last() != tt.asked {
				t.Errorf("asked for %q, want %q", k.last(), tt.asked)
			}
			if got := resp.Header.Get("Cache-Control"); got != "no-store" {
				t.Errorf("Cache-Control is %q", got)
			}
			if resp.StatusCode >= 400 && resp.Header.Get("Content-Type") != "application/problem+json" {
				t.Errorf("content type %s", resp.Header.Get("Content-Type"))
			}
		})
	}
}

func TestComponentIsPartOfProject(t *testing.T) {
	k := &keeper{}
	r := startFailures(t, k, Options{})
	for _, route := range []string{"failures", "builds"} {
		for name, want := range map[string]review.Source{
			"pay":    {Host: "main", Project: "team/pay", Dir: "api"},
			"stable": {Host: "main", Project: "team/pay", Dir: "api", Branch: "stable"},
			"whole":  {Host: "main", Project: "team/pay"},
			"any":    {Host: "main", Project: "team/any"},
		} {
			r.do(t, "GET", "/api/v1/components/component/default/"+name+"/"+route, bearerHeader(readToken), nil)
			if k.of != want {
				t.Errorf("%s of %s are those of %+v, want %+v", route, name, k.of, want)
			}
		}
	}
}

func TestComponentOnSeveralHosts(t *testing.T) {
	k := &keeper{}
	hosts := map[string]HostAuth{"main": {TokenFiles: []string{writeToken(t, token)}}, "second": {TokenFiles: []string{writeToken(t, token)}}}
	r := startFailures(t, k, Options{Hosts: hosts})
	for _, tt := range []struct {
		path, want string
		code       int
	}{
		{"/components/component/default/any/failures", "which Gerrit", 400},
		{"/components/component/default/any/failures?host=second", `"host":"second"`, 200},
		{"/components/component/default/any/failures?host=third", "no such project", 404},
		{"/components/component/default/pay/failures", `"host":"main"`, 200},
		{"/components/component/default/pay/failures?host=second", "no such component", 404},
		{"/builds/clusters?project=team/pay", "no such project", 404},
	} {
		if resp, body := r.do(t, "GET", "/api/v1"+tt.path, bearerHeader(readToken), nil); resp.StatusCode != tt.code || !strings.Contains(body, tt.want) {
			t.Errorf("%s: %d %s, want %d and %q", tt.path, resp.StatusCode, body, tt.code, tt.want)
		}
	}
}

func TestFailuresThatCannotBeTold(t *testing.T) {
	for _, tt := range []struct {
		name string
		err  error
		code int
		want string
	}{
		{"gone", &review.GoneError{Err: errors.New("x")}, 404, "no such project"},
		{"rejected", &review.RejectedError{Err: errors.New("not\x1b[2J this")}, 422, `"detail":"not [2J this"`},
		{"store", errors.New("disk on fire"), 503, "not available now"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := startFailures(t, &keeper{fail: tt.err}, Options{})
			for _, path := range []string{"/builds/clusters?" + ofPay, "/builds?" + ofPay, "/builds?wait=5&" + ofPay} {
				resp, body := r.do(t, "GET", "/api/v1"+path, bearerHeader(readToken), nil)
				if resp.StatusCode != tt.code || !strings.Contains(body, tt.want) || strings.Contains(body, "on fire") {
					t.Errorf("%s: %d %s, want %d and %q", path, resp.StatusCode, body, tt.code, tt.want)
				}
			}
		})
	}
}

func TestMarkRoute(t *testing.T) {
	const good = `{"host":"main","project":"team/pay","as":"flaky","note":"n","link":"https://t.example/1"}`
	for _, tt := range []struct {
		name, token, body string
		fail              error
		code              int
		want              string
	}{
		{"owner", ownerToken, good, nil, 204, ""},
		{"API token", scopeToken, good, nil, 204, ""},
		{"no token", "", good, nil, 401, "missing or not valid"},
		{"reader", readToken, good, nil, 403, "builds.tokens.may"},
		{"pusher", pushToken, good, nil, 403, "builds.tokens.may"},
		{"another project", ownerToken, strings.Replace(good, "team/pay", "other", 1), nil, 403, "builds.tokens.projects"},
		{"unknown host", ownerToken, strings.Replace(good, "main", "else", 1), nil, 404, "no such project"},
		{"no project", ownerToken, `{"host":"main","as":"flaky"}`, nil, 404, "no such project"},
		{"unknown key", ownerToken, `{"host":"main","project":"team/pay","as":"flaky","colour":"red"}`, nil, 400, "bad mark"},
		{"fingerprint in the body", ownerToken, `{"host":"main","project":"team/pay","as":"flaky","fingerprint":"0"}`, nil, 400, "bad mark"},
		{"no JSON", ownerToken, "flaky", nil, 400, "bad mark"},
		{"nothing", ownerToken, "", nil, 400, "bad mark"},
		{"two", ownerToken, good + good, nil, 400, "bad mark"},
		{"something behind", ownerToken, good + "}", nil, 400, "bad mark"},
		{"too large", ownerToken, strings.Replace(good, `"n"`, `"`+strings.Repeat("n", maxMark)+`"`, 1), nil, 400, "bad mark"},
		{"too large behind", ownerToken, good + strings.Repeat(" ", maxMark) + "x", nil, 400, "bad mark"},
		{"rejected", ownerToken, good, &review.RejectedError{Err: errors.New("the note is too long")}, 422, "the note is too long"},
		{"not kept", ownerToken, good, errors.New("disk on fire"), 503, "not available now"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			k := &keeper{fail: tt.fail}
			r := startFailures(t, k, Options{})
			resp, body := r.do(t, "POST", "/api/v1/builds/clusters/0123456789abcdef/mark", bearerHeader(tt.token), strings.NewReader(tt.body))
			if resp.StatusCode != tt.code || !strings.Contains(body, tt.want) {
				t.Errorf("%d %s, want %d and %q", resp.StatusCode, body, tt.code, tt.want)
			}
			if taken := len(k.marks) > 0; taken != (tt.code == 204 || tt.fail != nil) {
				t.Errorf("marked: %v", k.marks)
			}
			if want := (BuildMark{"main", "team/pay", "0123456789abcdef", "flaky", "n", "https://t.example/1"}); tt.code == 204 && k.marks[0] != want {
				t.Errorf("marked %+v, want %+v", k.marks[0], want)
			}
		})
	}
}

func TestMarkIsSignedWithName(t *testing.T) {
	for token, name := range map[string]string{ownerToken: "owner", scopeToken: "api"} {
		k := &keeper{}
		r := startFailures(t, k, Options{})
		r.do(t, "POST", "/api/v1/builds/clusters/0123456789abcdef/mark", bearerHeader(token), strings.NewReader(`{"host":"main","project":"team/pay","as":"none"}`))
		if k.by != name {
			t.Errorf("marked by %q, want %q", k.by, name)
		}
	}
}

func TestHeldRequest(t *testing.T) {
	held := "/api/v1/builds?after=0&" + ofPay
	t.Run("answers when something comes", func(t *testing.T) {
		t.Parallel()
		k := &keeper{looked: make(chan struct{})}
		r := startFailures(t, k, Options{})
		began := time.Now()
		go func() {
			<-k.looked // and found nothing
			k.add("news")
			<-k.looked
		}()
		resp, body := r.do(t, "GET", held+"&wait=25", bearerHeader(readToken), nil)
		if took := time.Since(began); resp.StatusCode != 200 || !strings.Contains(body, `"builds":["news"],"next":1}`) || took > 10*time.Second {
			t.Errorf("%d %s after %s", resp.StatusCode, body, took)
		}
	})
	t.Run("ends when nothing comes", func(t *testing.T) {
		t.Parallel()
		// The server's own limits of a request are shorter than the wait.
		r := startFailures(t, &keeper{}, Options{ReadHeaderTimeout: 200 * time.Millisecond, ReadTimeout: 200 * time.Millisecond, WriteTimeout: 600 * time.Millisecond})
		began := time.Now()
		resp, body := r.do(t, "GET", held+"&wait=1", bearerHeader(readToken), nil)
		if took := time.Since(began); resp.StatusCode != 200 || !strings.Contains(body, `"builds":[],"next":0}`) || took < time.Second {
			t.Errorf("%d %s after %s", resp.StatusCode, body, took)
		}
		// The connection serves on.
		if resp, _ := r.do(t, "GET", held, bearerHeader(readToken), nil); resp.StatusCode != 200 {
			t.Errorf("the next request: %d", resp.StatusCode)
		}
	})
	t.Run("ends when the client leaves", func(t *testing.T) {
		t.Parallel()
		k := &keeper{looked: make(chan struct{})}
		r := startFailures(t, k, Options{})
		ctx, leave := context.WithCancel(t.Context())
		go func() { <-k.looked; leave() }()
		req, err := http.NewRequestWithContext(ctx, "GET", r.url+held+"&wait=25", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header = bearerHeader(readToken)
		if resp, err := r.client.Do(req); err == nil {
			_ = resp.Body.Close()
			t.Error("there is an answer")
		}
		// It gives its place back: all of them can be taken.
		for range maxWaiting {
			select {
			case r.waiting <- struct{}{}:
			case <-time.After(10 * time.Second):
				t.Fatal("a place is never given back")
			}
		}
	})
	t.Run("ends with the server", func(t *testing.T) {
		t.Parallel()
		k := &keeper{looked: make(chan struct{}, 100)}
		r := startFailures(t, k, Options{})
		go func() {
			<-k.looked
			_ = r.stop()
		}()
		began := time.Now()
		resp, body := r.do(t, "GET", held+"&wait=25", bearerHeader(readToken), nil)
		if took := time.Since(began); resp.StatusCode != 200 || !strings.Contains(body, `"builds":[]`) || took > 10*time.Second {
			t.Errorf("%d %s after %s", resp.StatusCode, body, took)
		}
	})
	t.Run("too many", func(t *testing.T) {
		t.Parallel()
		r := startFailures(t, &keeper{}, Options{})
		for range maxWaiting {
			r.waiting <- struct{}{}
		}
		resp, body := r.do(t, "GET", held+"&wait=1", bearerHeader(readToken), nil)
		if resp.StatusCode != 429 || resp.Header.Get("Retry-After") == "" {
			t.Errorf("%d %s", resp.StatusCode, body)
		}
		// One that does not wait needs no place.
		if resp, body := r.do(t, "GET", held, bearerHeader(readToken), nil); resp.StatusCode != 200 {
			t.Errorf("%d %s", resp.StatusCode, body)
		}
	})
}

// Without somebody to answer there are no such routes, whoever asks.
func TestFailuresAreAbsent(t *testing.T) {
	r := start(t, Options{Builds: BuildsAPI{Tokens: tokensFor(t)}})
	for _, path := range []string{"/builds/clusters?" + ofPay, "/builds?" + ofPay, "/components/component/default/pay/failures"} {
		if resp, _ := r.do(t, "GET", "/api/v1"+path, bearerHeader(readToken), nil); resp.StatusCode != 404 {
			t.Errorf("%s: %d", path, resp.StatusCode)
		}
	}
}
