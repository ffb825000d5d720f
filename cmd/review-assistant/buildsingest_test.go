// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"encoding/pem"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alecthomas/kong"

	"review-assistant/gerrit"
	"review-assistant/review"
	"review-assistant/server"
)

const ingestToken = "ingest-token-0123456789"

// builder is a server on the loopback interface that takes builds.
type builder struct {
	url   string
	token string // a file
	dir   string

	mu     sync.Mutex
	bodies []string
	query  url.Values
	fail   error
}

func (b *builder) take(_ context.Context, p server.BuildPush) (server.BuildTaken, error) {
	body, err := io.ReadAll(p.Body)
	if err != nil {
		return server.BuildTaken{}, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.fail != nil {
		return server.BuildTaken{}, b.fail
	}
	b.bodies, b.query = append(b.bodies, string(body)), p.Query
	return server.BuildTaken{
		Key: "unit-1", Host: p.Query.Get("host"), Project: p.Query.Get("project"), Result: review.BuildFailed, Failures: 2, Dropped: 1,
		Duplicate: len(b.bodies) > 1,
	}, nil
}

func (b *builder) last() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.bodies) == 0 {
		return ""
	}
	return b.bodies[len(b.bodies)-1]
}

func startBuilder(t *testing.T, parts bool) *builder {
	t.Helper()
	b := &builder{dir: t.TempDir()}
	b.token = b.file(t, "token", ingestToken+"\n")
	api := server.BuildsAPI{Take: b.take, Tokens: []server.BuildToken{{Name: "ci", TokenFiles: []string{b.token}, May: []string{server.RightPush}}}}
	if parts {
		spool, err := server.OpenSpool(server.SpoolOptions{Dir: filepath.Join(b.dir, "spool")})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = spool.Close() })
		api.Spool = spool
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	b.url = "http://" + l.Addr().String()
	s, err := server.New(server.Options{
		Listener: l, Builds: api, Decode: gerrit.Decode,
		Accept: func(context.Context, review.Event) (bool, string, error) { return false, "", nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return b
}

func (b *builder) file(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(b.dir, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// ingest runs the command as people do.
func ingest(t *testing.T, in io.Reader, args ...string) (out, said string, err error) {
	t.Helper()
	var c struct {
		Ingest buildsIngestCmd `cmd:""`
	}
	parser, err := kong.New(&c)
	if err != nil {
		t.Fatal(err)
	}
	k, err := parser.Parse(append([]string{"ingest"}, args...))
	if err != nil {
		return "", "", err
	}
	var stdout, stderr bytes.Buffer
	err = k.Run(&program{ctx: t.Context(), in: in, ui: newUI(&stdout, &stderr)})
	return stdout.String(), stderr.String(), err
}

func TestIngest(t *testing.T) {
	b := startBuilder(t, true)
	report := b.file(t, "build.log", "error: it broke\n")
	about := []string{"--to", b.url, "--token-file", b.token, "--project", "main/team/a", "--job", "unit"}
	out, _, err := ingest(t, nil, append([]string{
		report, "--change", "12", "--patch-set", "3", "--result", "failed", "--url", "https://ci/1", "--log-url", "https://ci/1/log", "--branch", "main",
		"--pipeline", "check", "--id", "run-1", "--node", "n1", "--started", "2026-01-31T09:30:00+01:00", "--ended", "2026-01-31T09:30:00Z", "--tests-ran", "--optional",
	}, about...)...)
	if want := "taken: unit-1 of main/team/a, failed, 2 failures (1 more were dropped)\n"; err != nil || out != want {
		t.Fatalf("%q, %v", out, err)
	}
	if got, want := b.query.Encode(), "branch=main&change=12&ended=2026-01-31T09%3A30%3A00Z&format=log&host=main&id=run-1&job=unit&log_url=https%3A%2F%2Fci%2F1%2Flog&node=n1&optional=true&patch_set=3&pipeline=check&project=team%2Fa&result=failed&started=2026-01-31T08%3A30%3A00Z&tests_ran=true&url=https%3A%2F%2Fci%2F1"; got != want {
		t.Errorf("query %s\nwant  %s", got, want)
	}
	out, _, err = ingest(t, strings.NewReader("<testsuite/>"), append([]string{"-", "--format", "junit", "--json"}, about...)...)
	var taken server.BuildTaken
	if err != nil || json.Unmarshal([]byte(out), &taken) != nil || !taken.Duplicate || b.last() != "<testsuite/>" {
		t.Errorf("%s, %v, taken %q", out, err, b.last())
	}
	for name, tt := range map[string]struct {
		args []string
		want string
	}{
		"no format":      {append([]string{"-"}, about...), "--format: the name"},
		"JSON by name":   {append([]string{b.file(t, "r.json", "{}")}, about...), "--format"},
		"no job":         {[]string{report, "--to", b.url, "--token-file", b.token, "--project", "main/a"}, "--project and --job are needed with log"},
		"no host":        {[]string{report, "--to", b.url, "--token-file", b.token, "--project", "a", "--job", "x"}, "HOST/NAME"},
		"no URL":         {[]string{report, "--to", "review", "--token-file", b.token, "--project", "main/a", "--job", "x"}, "https://review.example.com"},
		"password":       {[]string{report, "--to", "https://u:p@review", "--token-file", b.token, "--project", "main/a", "--job", "x"}, "holds credentials"},
		"no file":        {append([]string{"absent.log"}, about...), "no such file"},
		"negative":       {append([]string{report, "--change=-1"}, about...), "numbers from 1"},
		"wrong token":    {[]string{report, "--to", b.url, "--token-file", b.file(t, "wrong", "wrong-token-0123456789"), "--project", "main/a", "--job", "x"}, "builds.tokens"},
		"empty token":    {[]string{report, "--to", b.url, "--token-file", b.file(t, "empty", "\n"), "--project", "main/a", "--job", "x"}, "one line with the token"},
		"no such server": {[]string{report, "--to", "http://127.0.0.1:1/x/", "--token-file", b.token + "x", "--project", "main/a", "--job", "x"}, "token"},
		"no authority":   {append([]string{report, "--ca-file", b.token}, about...), "no PEM certificate"},
	} {
		if _, _, err := ingest(t, nil, tt.args...); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", name, err, tt.want)
		}
	}
	b.mu.Lock()
	b.fail = &review.RejectedError{Err: errors.New("line 3: no such element")}
	b.mu.Unlock()
	if _, said, err := ingest(t, nil, append([]string{report}, about...)...); err == nil || !strings.Contains(err.Error(), "build.log was not taken: build not understood (422): line 3: no such element; mend") || said != "" {
		t.Errorf("rejected: %v, said %q", err, said)
	}
}

// A page of something else, a login for example, is no success.
func TestIngestElsewhere(t *testing.T) {
	b := startBuilder(t, false)
	for name, h := range map[string]http.HandlerFunc{
		"page":     func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<html>log in</html>") },
		"redirect": func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, b.url, http.StatusTemporaryRedirect) },
		"404":      http.NotFound,
	} {
		s := httptest.NewServer(h)
		_, _, err := ingest(t, strings.NewReader("log"), "-", "--format", "log", "--to", s.URL, "--token-file", b.token, "--project", "main/a", "--job", "x")
		s.Close()
		if err == nil || !strings.Contains(err.Error(), "compare --to with its address") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if b.last() != "" {
		t.Error("the build followed a redirect")
	}
}

func TestIngestTLS(t *testing.T) {
	b := startBuilder(t, false)
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") == "Bearer "+ingestToken {
			_, _ = io.WriteString(w, `{"key":"k"}`)
		}
	}))
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	defer s.Close()
	ca := b.file(t, "ca.pem", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw})))
	args := []string{"-", "--format", "log", "--to", s.URL, "--token-file", b.token, "--project", "main/a", "--job", "x"}
	if _, _, err := ingest(t, strings.NewReader("log"), append(args, "--ca-file", ca)...); err != nil {
		t.Error(err)
	}
	if _, said, err := ingest(t, strings.NewReader("log"), args...); err == nil || !strings.Contains(err.Error(), "certificate") || said != "" {
		t.Errorf("unknown authority: %v, said %q", err, said)
	}
}

// A file goes to a server that lost it once more, what was piped cannot.
func TestIngestForgotten(t *testing.T) {
	b := startBuilder(t, false)
	var begun, whole int
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n, _ := io.Copy(io.Discard, r.Body)
		switch {
		case r.Method == http.MethodPost:
			begun++
			w.Header().Set("Location", "/api/v1/builds/uploads/1")
			w.WriteHeader(http.StatusCreated)
		case begun%2 == 1:
			w.WriteHeader(http.StatusNotFound)
		case r.Header.Get("Upload-Complete") == "?1":
			whole += int(n)
			_, _ = io.WriteString(w, `{"key":"k"}`)
		default:
			whole += int(n)
			w.WriteHeader(http.StatusNoContent)
		}
	}))
	defer s.Close()
	text := lines(ingestChunk + 1000)
	args := []string{"--format", "log", "--to", s.URL, "--token-file", b.token, "--project", "main/a", "--job", "x"}
	if out, said, err := ingest(t, nil, append(args, b.file(t, "build.log", text))...); err != nil || begun != 2 || whole != len(text) {
		t.Errorf("%s, %s, %v; begun %d times, %d bytes came", out, said, err, begun, whole)
	}
	if _, _, err := ingest(t, strings.NewReader(text), append(args, "-")...); !errors.Is(err, errForgotten) {
		t.Errorf("piped: %v", err)
	}
}

// pusherTo is one with small parts and short pauses.
func (b *builder) pusherTo(t *testing.T, to string) *pusher {
	t.Helper()
	p, err := buildsIngestCmd{To: to, TokenFile: b.token}.pusher()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.client.CloseIdleConnections)
	p.query = url.Values{"format": {"log"}, "host": {"main"}, "project": {"a"}, "job": {"unit"}}
	p.chunk, p.progress = 100_000, func(int64) {}
	p.pause = func(ctx context.Context, d time.Duration, _ error) error {
		return newUI(io.Discard, io.Discard).pause(ctx, d/50, errors.New("a test"))
	}
	return p
}

func lines(n int) string {
	var b strings.Builder
	for i := 0; b.Len() < n; i++ {
		b.WriteString("line ")
		b.WriteString(strings.Repeat("x", i%50))
		b.WriteByte('\n')
	}
	return b.String()[:n]
}

func TestPushParts(t *testing.T) {
	for _, parts := range []bool{true, false} {
		b := startBuilder(t, parts)
		for _, n := range []int{0, 1, 99_999, 100_000, 100_001, 200_000, 350_000} {
			text := lines(n)
			if _, err := b.pusherTo(t, b.url).push(t.Context(), bufio.NewReader(strings.NewReader(text))); err != nil {
				t.Errorf("%d bytes: %v", n, err)
			} else if b.last() != text {
				t.Errorf("%d bytes: %d came", n, len(b.last()))
			}
		}
	}
}

func TestPushGzip(t *testing.T) {
	b := startBuilder(t, true)
	var z bytes.Buffer
	w := gzip.NewWriter(&z)
	if _, err := io.WriteString(w, lines(300_000)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	for _, chunk := range []int{1000, 1 << 20} {
		p := b.pusherTo(t, b.url)
		p.chunk = chunk
		if _, err := p.push(t.Context(), bufio.NewReader(bytes.NewReader(z.Bytes()))); err != nil || b.last() != lines(300_000) {
			t.Errorf("%d bytes came, %v", len(b.last()), err)
		}
	}
}

// flaky forwards connections, and breaks each after so many bytes.
func flaky(t *testing.T, to string, each int64) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	t.Cleanup(func() { _ = l.Close(); all.Wait() })
	all.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			all.Go(func() {
				defer c.Close()
				back, err := net.Dial("tcp", strings.TrimPrefix(to, "http://"))
				if err != nil {
					return
				}
				defer back.Close()
				all.Go(func() { _, _ = io.Copy(c, back); _ = c.Close() })
				_, _ = io.CopyN(back, c, each)
			})
		}
	})
	return "http://" + l.Addr().String()
}

func TestPushOverBadLine(t *testing.T) {
	b := startBuilder(t, true)
	text := lines(500_000)
	for _, each := range []int64{150_000, 40_000} {
		p := b.pusherTo(t, flaky(t, b.url, each))
		if taken, err := p.push(t.Context(), bufio.NewReader(strings.NewReader(text))); err != nil || taken.Key == "" {
			t.Errorf("a line that breaks each %d bytes: %v", each, err)
		} else if b.last() != text {
			t.Errorf("%d bytes came, or others", len(b.last()))
		}
		p.client.CloseIdleConnections()
	}
}

// stub answers requests by a list, the last of which stays.
type stub struct {
	mu      sync.Mutex
	answers []func(*http.Request) (*http.Response, error)
	asked   []string
}

func (s *stub) RoundTrip(r *http.Request) (*http.Response, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = append(s.asked, r.Method)
	if r.Body != nil {
		_, _ = io.Copy(io.Discard, r.Body)
		_ = r.Body.Close()
	}
	a := s.answers[0]
	if len(s.answers) > 1 {
		s.answers = s.answers[1:]
	}
	return a(r)
}

func says(status int, body string, headers ...string) func(*http.Request) (*http.Response, error) {
	return func(*http.Request) (*http.Response, error) {
		h := http.Header{}
		for i := 0; i < len(headers); i += 2 {
			h.Set(headers[i], headers[i+1])
		}
		return &http.Response{StatusCode: status, Header: h, Body: io.NopCloser(strings.NewReader(body))}, nil
	}
}

func breaks(*http.Request) (*http.Response, error) { return nil, io.ErrUnexpectedEOF }

func TestPushTries(t *testing.T) {
	type list = []func(*http.Request) (*http.Response, error)
	good := says(201, `{"key":"k"}`)
	begun := says(201, "", "Location", "/api/v1/builds/uploads/1")
	next := says(204, "")
	for _, tt := range []struct {
		name    string
		bytes   int
		answers list
		asked   string
		pauses  []time.Duration
		want    string
	}{
		{"small", 5, list{good}, "POST", nil, ""},
		{"small, later", 5, list{says(503, ""), breaks, good}, "POST POST POST", []time.Duration{500 * time.Millisecond, time.Second}, ""},
		{"told when", 5, list{says(429, "", "Retry-After", "7"), good}, "POST POST", []time.Duration{7 * time.Second}, ""},
		{"told much too late", 5, list{says(429, "", "Retry-After", "86400"), good}, "POST POST", []time.Duration{time.Minute}, ""},
		{"small, refused", 5, list{says(403, `{"title":"not allowed","detail":"the token is not for this project","next":"ask"}`)}, "POST", nil, "not allowed (403): the token is not for this project; ask"},
		{"large", 25, list{begun, next, next, good}, "POST PATCH PATCH PATCH", nil, ""},
		{"begins later", 25, list{says(502, ""), begun, next, next, good}, "POST POST PATCH PATCH PATCH", []time.Duration{500 * time.Millisecond}, ""},
		{"breaks in a part", 25, list{begun, next, breaks, says(204, "", "Upload-Offset", "14"), next, good}, "POST PATCH PATCH HEAD PATCH PATCH", []time.Duration{500 * time.Millisecond}, ""},
		{"breaks behind a part", 25, list{begun, next, breaks, says(204, "", "Upload-Offset", "20"), next, good}, "POST PATCH PATCH HEAD PATCH PATCH", []time.Duration{500 * time.Millisecond}, ""},
		{"the answer is lost", 25, list{begun, next, next, breaks, says(204, "", "Upload-Offset", "25", "Upload-Complete", "?1"), good}, "POST PATCH PATCH PATCH HEAD PATCH", []time.Duration{500 * time.Millisecond}, ""},
		{"conflict", 25, list{begun, says(409, "", "Upload-Offset", "4"), next, next, good}, "POST PATCH PATCH PATCH PATCH", nil, ""},
		{"conflict about nothing", 25, list{begun, says(409, "", "Upload-Offset", "0")}, "POST PATCH DELETE", nil, "answers 409"},
		{"conflict without an offset", 25, list{begun, says(409, "")}, "POST PATCH DELETE", nil, "answers 409"},
		{"forgotten", 25, list{begun, breaks, says(404, "")}, "POST PATCH HEAD DELETE", []time.Duration{500 * time.Millisecond}, "run the command again"},
		{"gone back", 25, list{begun, next, breaks, says(204, "", "Upload-Offset", "5")}, "POST PATCH PATCH HEAD DELETE", []time.Duration{500 * time.Millisecond}, "run the command again"},
		{"gone ahead", 25, list{begun, breaks, says(204, "", "Upload-Offset", "11")}, "POST PATCH HEAD DELETE", []time.Duration{500 * time.Millisecond}, "run the command again"},
		{"keeps no parts", 25, list{says(501, ""), good}, "POST POST", nil, ""},
		{"elsewhere", 25, list{says(201, "", "Location", "https://evil.example/")}, "POST", nil, "does not say where"},
		{"nowhere", 25, list{says(201, "")}, "POST", nil, "does not say where"},
		{"for ever", 5, list{breaks}, strings.TrimSpace(strings.Repeat("POST ", pushTries)), nil, "after 8 tries"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := &stub{answers: tt.answers}
			var pauses []time.Duration
			p := &pusher{
				client: &http.Client{Transport: s}, at: &url.URL{Scheme: "https", Host: "review", Path: "/api/v1/builds"}, chunk: 10, progress: func(int64) {},
				pause: func(_ context.Context, d time.Duration, _ error) error { pauses = append(pauses, d); return nil },
			}
			_, err := p.push(t.Context(), bufio.NewReader(strings.NewReader(lines(tt.bytes))))
			if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%v, want %q", err, tt.want)
			}
			if got := strings.Join(s.asked, " "); got != tt.asked {
				t.Errorf("asked %s, want %s", got, tt.asked)
			}
			if tt.name != "for ever" && len(pauses) != len(tt.pauses) {
				t.Fatalf("paused %v, want %v", pauses, tt.pauses)
			}
			for i, d := range tt.pauses {
				if pauses[i] != d {
					t.Errorf("paused %v, want %v", pauses, tt.pauses)
				}
			}
		})
	}
}

func TestPushReader(t *testing.T) {
	b := startBuilder(t, true)
	broken := errors.New("the disk broke")
	for _, n := range []int{10, 150_000} {
		in := io.MultiReader(strings.NewReader(lines(n)), brokenReader{broken})
		if _, err := b.pusherTo(t, b.url).push(t.Context(), bufio.NewReader(in)); !errors.Is(err, broken) {
			t.Errorf("after %d bytes: %v", n, err)
		}
	}
	if b.last() != "" {
		t.Error("a part is taken for the whole")
	}
}

type brokenReader struct{ err error }

func (r brokenReader) Read([]byte) (int, error) { return 0, r.err }
