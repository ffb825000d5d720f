// SPDX-License-Identifier: Apache-2.0

package server

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"review-assistant/review"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	token = "0123456789abcdef0123456789abcdef"
	event = `{"type":"patchset-created","marker":"PRIVATE-TEXT"}`
)

// decode reads just enough to tell events apart.
func decode(b []byte) (review.Event, error) {
	var e struct{ Type string }
	if err := json.Unmarshal(b, &e); err != nil {
		return review.Event{}, err
	}
	return review.Event{Type: review.EventType(e.Type), Project: "demo", Number: 1}, nil
}

func accept(context.Context, review.Event) (bool, string, error) { return true, "new code", nil }

// running is a server on the loopback interface.
type running struct {
	*Server
	url    string
	log    *lockedBuffer
	client *http.Client
	stop   func() error // ends it and returns what Serve returned
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func writeToken(t testing.TB, s string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(path, []byte(s+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func start(t testing.TB, o Options) *running {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := &running{log: new(lockedBuffer), url: "http://" + l.Addr().String()}
	o.Listener = l
	o.Log = slog.New(slog.NewTextHandler(r.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	if o.Hosts == nil {
		o.Hosts = map[string]HostAuth{"main": {TokenFiles: []string{writeToken(t, token)}}}
	}
	if o.Decode == nil {
		o.Decode = decode
	}
	if o.Accept == nil {
		o.Accept = accept
	}
	if r.Server, err = New(o); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- r.Serve(ctx) }()
	r.stop = sync.OnceValue(func() error { cancel(); return <-ended })
	transport := &http.Transport{MaxIdleConnsPerHost: 512}
	r.client = &http.Client{Transport: transport, Timeout: 20 * time.Second}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		if err := r.stop(); err != nil {
			t.Errorf("Serve: %v", err)
		}
	})
	return r
}

func (r *running) do(t testing.TB, method, path string, header http.Header, body io.Reader) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, r.url+path, body)
	if err != nil {
		t.Fatal(err)
	}
	for k, v := range header {
		req.Header[k] = v
	}
	resp, err := r.client.Do(req)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(b)
}

func jsonHeader() http.Header {
	return http.Header{"Content-Type": {"application/json; charset=utf-8"}}
}

func (r *running) hook(t testing.TB, tok, body string) int {
	t.Helper()
	resp, _ := r.do(t, http.MethodPost, "/hooks/gerrit/main?token="+tok, jsonHeader(), strings.NewReader(body))
	return resp.StatusCode
}

// chunked hides the length of a body.
type chunked struct{ io.Reader }

func TestWebhookAnswers(t *testing.T) {
	big := `{"type":"` + strings.Repeat("x", 1<<20) + `"}`
	exact := `{"type":"a` + strings.Repeat(" ", 1<<20-12) + `"}`
	gzip := jsonHeader()
	gzip.Set("Content-Encoding", "gzip")
	tests := []struct {
		name   string
		path   string // default: the right one
		header http.Header
		body   io.Reader
		accept func(context.Context, review.Event) (bool, string, error)
		over   bool
		want   int
		result string // as counted
	}{
		{name: "wanted", want: 202, result: hookAccepted},
		{name: "unwanted", want: 202, result: hookIgnored, accept: func(context.Context, review.Event) (bool, string, error) { return false, "closed", nil }},
		{name: "of 1 MiB", body: strings.NewReader(exact), want: 202, result: hookAccepted},
		{name: "wrong token", path: "/hooks/gerrit/main?token=" + strings.ToUpper(token), want: 401, result: hookDenied},
		{name: "no token", path: "/hooks/gerrit/main", want: 401, result: hookDenied},
		{name: "beginning of the token", path: "/hooks/gerrit/main?token=" + token[:16], want: 401, result: hookDenied},
		{name: "token of 4 KiB", path: "/hooks/gerrit/main?token=" + strings.Repeat(token, 128), want: 401, result: hookDenied},
		{name: "unknown host", path: "/hooks/gerrit/other?token=" + token, want: 401, result: hookDenied},
		{name: "too large", body: strings.NewReader(big), want: 413, result: hookTooLarge},
		{name: "too large, chunked", body: chunked{strings.NewReader(big)}, want: 413, result: hookTooLarge},
		{name: "form", header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}, want: 415, result: hookUnsupported},
		{name: "no content type", header: http.Header{"Accept": {"*/*"}}, want: 415, result: hookUnsupported},
		{name: "gzip", header: gzip, want: 415, result: hookUnsupported},
		{name: "malformed", body: strings.NewReader(event[:20]), want: 400, result: hookMalformed},
		{name: "empty", body: strings.NewReader(""), want: 400, result: hookMalformed},
		{name: "overload", over: true, want: 429, result: hookOverload},
		{name: "store is away", want: 429, result: hookUnavailable, accept: func(context.Context, review.Event) (bool, string, error) {
			return false, "", errors.New("store hint: connection refused")
		}},
		{name: "store hangs", want: 429, result: hookUnavailable, accept: func(ctx context.Context, _ review.Event) (bool, string, error) {
			<-ctx.Done()
			return false, "", ctx.Err()
		}},
		{name: "panic", want: 429, accept: func(context.Context, review.Event) (bool, string, error) { panic("PRIVATE-TEXT") }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := start(t, Options{Accept: tt.accept, AcceptTimeout: 50 * time.Millisecond, Overload: func() bool { return tt.over }})
			if tt.path == "" {
				tt.path = "/hooks/gerrit/main?token=" + token
			}
			if tt.header == nil {
				tt.header = jsonHeader()
			}
			if tt.body == nil {
				tt.body = strings.NewReader(event)
			}
			resp, body := r.do(t, http.MethodPost, tt.path, tt.header, tt.body)
			if resp.StatusCode != tt.want {
				t.Errorf("status %d, want %d", resp.StatusCode, tt.want)
			}
			if tt.want >= 400 {
				var p problem
				if err := json.Unmarshal([]byte(body), &p); err != nil || p.Status != tt.want || p.Detail == "" || p.Next == "" {
					t.Errorf("problem %q: %v", body, err)
				}
				if ct := resp.Header.Get("Content-Type"); ct != "application/problem+json" {
					t.Errorf("content type %q", ct)
				}
			}
			if (tt.want == 429) != (resp.Header.Get("Retry-After") != "") {
				t.Errorf("Retry-After %q on a %d", resp.Header.Get("Retry-After"), tt.want)
			}
			if _, page := r.do(t, http.MethodGet, "/metrics", nil, nil); tt.result != "" && !strings.Contains(page, `bot_events_total{result="`+tt.result+`",`) {
				t.Errorf("not counted as %q", tt.result)
			}
			for _, secret := range []string{token, strings.ToUpper(token), "PRIVATE-TEXT", "token="} {
				if strings.Contains(r.log.String(), secret) {
					t.Errorf("the log holds %q:\n%s", secret, r.log)
				}
			}
		})
	}
}

func TestUnknownHostLooksLikeWrongToken(t *testing.T) {
	r := start(t, Options{})
	wrong, body1 := r.do(t, http.MethodPost, "/hooks/gerrit/main?token=wrong", jsonHeader(), strings.NewReader(event))
	unknown, body2 := r.do(t, http.MethodPost, "/hooks/gerrit/none?token="+token, jsonHeader(), strings.NewReader(event))
	wrong.Header.Del("Date")
	unknown.Header.Del("Date")
	if body1 != body2 || fmt.Sprint(wrong.Header) != fmt.Sprint(unknown.Header) {
		t.Errorf("answers differ:\n%v %s\n%v %s", wrong.Header, body1, unknown.Header, body2)
	}
}

func TestAnswerAfterAccept(t *testing.T) {
	var durable atomic.Bool
	var got review.Event
	r := start(t, Options{Accept: func(_ context.Context, e review.Event) (bool, string, error) {
		got = e
		durable.Store(true)
		return true, "", nil
	}})
	if code := r.hook(t, token, event); code != 202 || !durable.Load() {
		t.Errorf("status %d, durable %v", code, durable.Load())
	}
	if want := (review.Event{Type: "patchset-created", Host: "main", Project: "demo", Number: 1}); got != want {
		t.Errorf("event %+v, want %+v", got, want)
	}
}

func TestOtherRoutes(t *testing.T) {
	r := start(t, Options{})
	for _, tt := range []struct {
		method, path string
		want         int
	}{
		{"GET", "/healthz", 200},
		{"GET", "/readyz", 200},
		{"GET", "/metrics", 200},
		{"GET", "/hooks/gerrit/main?token=" + token, 405},
		{"GET", "/nothing", 404},
		{"POST", "/healthz", 405},
	} {
		if resp, _ := r.do(t, tt.method, tt.path, nil, nil); resp.StatusCode != tt.want {
			t.Errorf("%s %s: %d, want %d", tt.method, tt.path, resp.StatusCode, tt.want)
		}
	}
}

func TestReadiness(t *testing.T) {
	down := Reason{Name: "store", Detail: "cannot be written"}
	slow := Reason{Name: "catalog", Detail: "is stale", Degraded: true}
	tests := []struct {
		name    string
		reasons []Reason
		code    int
		text    string
	}{
		{"ready", nil, 200, "ready\n"},
		{"degraded", []Reason{slow}, 200, "degraded\ncatalog: is stale\n"},
		{"not ready", []Reason{slow, down}, 503, "not ready\ncatalog: is stale\nstore: cannot be written\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			asked := 0
			now := time.Unix(1e9, 0)
			r := start(t, Options{
				Now:   func() time.Time { return now },
				Ready: func(context.Context) []Reason { asked++; return tt.reasons },
			})
			resp, body := r.do(t, "GET", "/readyz", nil, nil)
			if resp.StatusCode != tt.code || body != tt.text {
				t.Errorf("%d %q, want %d %q", resp.StatusCode, body, tt.code, tt.text)
			}
			_, body = r.do(t, "GET", "/readyz", http.Header{"Accept": {"application/json"}}, nil)
			var got Readiness
			if err := json.Unmarshal([]byte(body), &got); err != nil || got.Status != tt.name || got.Reasons == nil {
				t.Errorf("JSON %q, %v", body, err)
			}
			if asked != 1 {
				t.Errorf("asked %d times within a second, want once", asked)
			}
		})
	}
}

func TestManyAtOnce(t *testing.T) {
	var n atomic.Int64
	r := start(t, Options{MaxConnsPerIP: 400, Accept: func(context.Context, review.Event) (bool, string, error) {
		n.Add(1)
		return true, "", nil
	}})
	var wg sync.WaitGroup
	for range 300 {
		wg.Go(func() {
			if code := r.hook(t, token, event); code != 202 {
				t.Errorf("status %d", code)
			}
		})
	}
	wg.Wait()
	if n.Load() != 300 {
		t.Errorf("%d accepted, want 300", n.Load())
	}
}

func TestTooManyHooks(t *testing.T) {
	enter, leave := make(chan struct{}), make(chan struct{})
	r := start(t, Options{MaxHooks: 1, Accept: func(context.Context, review.Event) (bool, string, error) {
		enter <- struct{}{}
		<-leave
		return true, "", nil
	}})
	first := make(chan int)
	go func() { first <- r.hook(t, token, event) }()
	<-enter
	if code := r.hook(t, token, event); code != 429 {
		t.Errorf("second webhook: %d, want 429", code)
	}
	close(leave)
	if code := <-first; code != 202 {
		t.Errorf("first webhook: %d, want 202", code)
	}
}

func TestDrain(t *testing.T) {
	enter, leave := make(chan struct{}), make(chan struct{})
	r := start(t, Options{Accept: func(context.Context, review.Event) (bool, string, error) {
		close(enter)
		<-leave
		return true, "", nil
	}})
	code := make(chan int)
	go func() { code <- r.hook(t, token, event) }()
	<-enter
	ended := make(chan error)
	go func() { ended <- r.stop() }()
	for !r.draining.Load() {
		select {
		case err := <-ended:
			t.Fatalf("Serve ended with a request at work: %v", err)
		default:
		}
	}
	if got := r.readiness(t.Context()); got.Status != "not ready" {
		t.Errorf("readiness while draining: %+v", got)
	}
	close(leave)
	if got := <-code; got != 202 {
		t.Errorf("request in flight: %d, want 202", got)
	}
	if err := <-ended; err != nil {
		t.Errorf("Serve: %v", err)
	}
}

func TestDrainTimeout(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	enter, leave := make(chan struct{}), make(chan struct{})
	s, err := New(Options{
		Listener: l, DrainTimeout: 10 * time.Millisecond, Decode: decode,
		Hosts:  map[string]HostAuth{"main": {TokenFiles: []string{writeToken(t, token)}}},
		Accept: func(context.Context, review.Event) (bool, string, error) { close(enter); <-leave; return true, "", nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- s.Serve(ctx) }()
	sent := make(chan struct{})
	go func() {
		defer close(sent)
		resp, err := http.Post("http://"+l.Addr().String()+"/hooks/gerrit/main?token="+token, "application/json", strings.NewReader(event))
		if err == nil {
			resp.Body.Close()
			t.Error("a request that was cut off got an answer")
		}
	}()
	<-enter
	cancel()
	if err := <-ended; err == nil || !strings.Contains(err.Error(), "drain") {
		t.Errorf("Serve: %v, want an error about draining", err)
	}
	close(leave)
	<-sent
}

func BenchmarkWebhook(b *testing.B) {
	run := func(b *testing.B, url string, client *http.Client) {
		b.SetParallelism(8)
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				resp, err := client.Post(url, "application/json", strings.NewReader(event))
				if err != nil {
					b.Fatal(err)
				}
				resp.Body.Close()
				if resp.StatusCode != http.StatusAccepted {
					b.Fatal(resp.Status)
				}
			}
		})
	}
	b.Run("ours", func(b *testing.B) {
		r := start(b, Options{})
		run(b, r.url+"/hooks/gerrit/main?token="+token, r.client)
	})
	b.Run("bare", func(b *testing.B) {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			b.Fatal(err)
		}
		srv := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if _, err := io.Copy(io.Discard, r.Body); err != nil {
				b.Error(err)
			}
			w.WriteHeader(http.StatusAccepted)
		})}
		go srv.Serve(l) //nolint:errcheck // ends with Close
		defer srv.Close()
		run(b, "http://"+l.Addr().String(), &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 512}})
	})
}
