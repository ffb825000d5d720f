// SPDX-License-Identifier: Apache-2.0

package llm

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/pem"
	"errors"
	"io"
	"log"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"review-assistant/llm/llmtest"
	"review-assistant/review"
)

func TestModes(t *testing.T) {
	tests := []struct {
		mode     llmtest.Mode
		want     Code
		requests int
		class    string // of review's errors
	}{
		{llmtest.Good, "", 1, ""},
		{llmtest.Wrapped, "", 1, ""},
		{llmtest.Obedient, "", 1, ""},
		{llmtest.Hallucinating, "", 1, ""},
		{llmtest.Leaking, "", 1, ""},
		{llmtest.NoSchema, "", 2, ""},
		{llmtest.NoFormat, "", 3, ""},
		{llmtest.NoTemper, "", 3, ""},
		{llmtest.WrongSchema, CodeMalformed, 2, ""},
		{llmtest.CutJSON, CodeMalformed, 2, ""},
		{llmtest.Truncated, CodeMalformed, 2, ""},
		{llmtest.Prose, CodeMalformed, 2, ""},
		{llmtest.Declining, CodeMalformed, 2, ""},
		{llmtest.Blank, CodeMalformed, 2, ""},
		{llmtest.NoChoices, CodeMalformed, 2, ""},
		{llmtest.Refusing, CodeRefused, 1, ""},
		{llmtest.Filtered, CodeRefused, 1, ""},
		{llmtest.TooLong, CodeRefused, 1, ""},
		{llmtest.Huge, CodeMalformed, 1, ""},
		{llmtest.HTML, CodeMalformed, 1, ""},
		{llmtest.NoBody, CodeMalformed, 1, ""},
		{llmtest.HalfBody, CodeMalformed, maxTries, ""},
		{llmtest.Endless, CodeMalformed, 1, ""},
		{llmtest.Busy, CodeUnavailable, maxTries, "retry"},
		{llmtest.Down, CodeUnavailable, maxTries, "retry"},
		{llmtest.Unauthorized, CodeDenied, 1, "denied"},
		{llmtest.NoQuota, CodeDenied, 1, "denied"},
		{llmtest.Redirecting, CodeDenied, 1, "denied"},
		{llmtest.Slow, CodeTimeout, 1, "retry"},
	}
	for _, tt := range tests {
		t.Run(string(tt.mode), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := llmtest.New(tt.mode)
				defer s.Close()
				a, err := Ask(t.Context(), model(t, s, Profile{}, Options{}), prompt(t), nil)
				if got := Reason(err); got != tt.want {
					t.Fatalf("Ask = %v, reason %q, want %q", err, got, tt.want)
				}
				noEcho(t, err)
				if s.Count() != tt.requests {
					t.Errorf("%d requests, want %d", s.Count(), tt.requests)
				}
				class := ""
				if _, ok := errors.AsType[*review.RetryError](err); ok {
					class = "retry"
				} else if review.IsDenied(err) {
					class = "denied"
				}
				if class != tt.class {
					t.Errorf("class %q, want %q", class, tt.class)
				}
				if err == nil && (prompt(t).Check(a.JSON) != nil || a.Usage.Prompt == 0 || a.Model != "test-model") {
					t.Errorf("answer %+v does not fit", a)
				}
			})
		})
	}
}

func TestWire(t *testing.T) {
	half := 0.5
	tests := []struct {
		name    string
		profile Profile
		modes   []llmtest.Mode
	}{
		{"default", Profile{}, nil},
		{"all", Profile{
			JSONMode: JSONObject, Temperature: &half, MaxOutputTokens: 99, ReasoningEffort: "low", StoreFalse: true,
		}, nil},
		{"none", Profile{JSONMode: JSONNone}, nil},
		{"fallback", Profile{}, []llmtest.Mode{llmtest.NoTemper, llmtest.NoTemper, llmtest.NoFormat, llmtest.NoFormat}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := llmtest.New(llmtest.Good)
			s.Then(tt.modes...)
			if _, err := model(t, s, tt.profile, Options{}).Complete(t.Context(), prompt(t)); err != nil {
				t.Fatal(err)
			}
			all := s.Requests()
			var b bytes.Buffer
			if err := json.Indent(&b, all[len(all)-1].Body, "", "  "); err != nil {
				t.Fatal(err)
			}
			golden(t, "testdata/wire_"+tt.name+".json", b.String()+"\n")
		})
	}
}

// TestAnyModelName covers names that the client library ties to rules.
func TestAnyModelName(t *testing.T) {
	for _, name := range []string{"o1-mini-local", "o3", "gpt-5-nano", "gpt-6", "qwen3:8b"} {
		s := llmtest.New(llmtest.Good)
		m, err := Open(Profile{Name: "n", URL: "http://model.invalid", Model: name}, Options{Transport: s.Transport()})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := m.Complete(t.Context(), prompt(t)); err != nil {
			t.Errorf("model %q: %v", name, err)
		}
	}
}

// TestForeignErrors covers servers whose error bodies are their own, and that
// repeat the request.
func TestForeignErrors(t *testing.T) {
	echo := `,"input":"content_filter maximum context insufficient_quota ` + canary + `"}]}`
	tests := []struct {
		name, body string
		status     int
		want       Code
		requests   int
	}{
		{"pydantic", `{"detail":[{"type":"extra_forbidden","loc":["body","response_format"],"msg":"` + strings.Repeat("x", maxWords) + `"` + echo, 422, CodeDenied, 3},
		{"plain", "Bad Request", 400, CodeDenied, 3},
		{"empty", "", 400, CodeDenied, 3},
		{"list", `[]`, 400, CodeDenied, 3},
		{"tokens", `{"error":"max_tokens is not permitted"}`, 400, CodeDenied, 4},
		{"too long", `{"message":"the request exceeds the available context size"}`, 400, CodeRefused, 1},
		{"payload", "", 413, CodeRefused, 1},
		{"gateway", "<html>" + canary, 502, CodeUnavailable, maxTries},
		{"not there", `{"detail":"Not Found"}`, 404, CodeDenied, 1},
		{"teapot", canary, 418, CodeDenied, 3},
		{"quota words of a diff", "insufficient_quota", 500, CodeUnavailable, maxTries},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				requests := 0
				m, err := Open(Profile{Name: "d", URL: "http://model.invalid", Model: "m"}, Options{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
					requests++
					return &http.Response{StatusCode: tt.status, Body: io.NopCloser(strings.NewReader(tt.body)), Request: r}, nil
				})})
				if err != nil {
					t.Fatal(err)
				}
				_, err = m.Complete(t.Context(), prompt(t))
				noEcho(t, err)
				if Reason(err) != tt.want || requests != tt.requests {
					t.Errorf("Complete = %v after %d requests, want %s after %d", err, requests, tt.want, tt.requests)
				}
			})
		})
	}
}

func TestContentInParts(t *testing.T) {
	m, err := Open(Profile{Name: "d", URL: "http://model.invalid", Model: "m"}, Options{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
		body := `{"model":"<b>","choices":[{"message":{"role":"assistant","content":[{"type":"text","text":"{\"a\""},{"type":"text","text":":1}"}]}}],"usage":{"prompt_tokens":-5}}`
		return &http.Response{StatusCode: 200, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
	})})
	if err != nil {
		t.Fatal(err)
	}
	got, err := m.Complete(t.Context(), prompt(t))
	if want := (Reply{Text: `{"a":1}`, Model: "m"}); err != nil || got != want {
		t.Errorf("Complete = %+v, %v; want %+v", got, err, want)
	}
}

func TestDialectIsRemembered(t *testing.T) {
	s := llmtest.New(llmtest.NoFormat)
	m := model(t, s, Profile{}, Options{})
	for range 3 {
		if _, err := m.Complete(t.Context(), prompt(t)); err != nil {
			t.Fatal(err)
		}
	}
	if s.Count() != 5 {
		t.Errorf("%d requests, want 3 + 1 + 1", s.Count())
	}
	// A fixed mode does not fall back, and a request that fails for another
	// reason changes nothing.
	s = llmtest.New(llmtest.NoFormat)
	m = model(t, s, Profile{JSONMode: JSONSchema}, Options{})
	if _, err := m.Complete(t.Context(), prompt(t)); Reason(err) != CodeDenied || s.Count() != 1 {
		t.Errorf("fixed mode: %v after %d requests", err, s.Count())
	}
}

func TestRetryAfter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := llmtest.New(llmtest.Good)
		s.SetRetryAfter("7")
		s.Then(llmtest.Busy, llmtest.Down)
		start := time.Now()
		if _, err := model(t, s, Profile{}, Options{}).Complete(t.Context(), prompt(t)); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(start); took < 14*time.Second || took > 16*time.Second {
			t.Errorf("took %v, want twice 7 s", took)
		}
		// A pause beyond the total time is the worker's business.
		s.SetRetryAfter("600")
		s.SetMode(llmtest.Busy)
		start = time.Now()
		_, err := model(t, s, Profile{}, Options{}).Complete(t.Context(), prompt(t))
		if review.RetryAfter(err) != 600*time.Second || time.Since(start) > time.Second {
			t.Errorf("Complete = %v after %v, want RetryError{600s} at once", err, time.Since(start))
		}
	})
}

func TestParseRetryAfter(t *testing.T) {
	now := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	for in, want := range map[string]time.Duration{
		"": 0, "3": 3 * time.Second, "-5": 0, "x": 0, "NaN": 0, "999999999999": maxRetryAfter, "99999999999999999999": 0,
		"Sun, 01 Nov 2026 00:00:20 GMT": 20 * time.Second, "Sat, 31 Oct 2026 00:00:20 GMT": 0,
	} {
		if got := parseRetryAfter(in, now); got != want {
			t.Errorf("parseRetryAfter(%q) = %v, want %v", in, got, want)
		}
	}
}

func TestTotalTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := llmtest.New(llmtest.Down)
		s.SetDelay(40 * time.Second)
		start := time.Now()
		_, err := model(t, s, Profile{Timeout: time.Minute, TotalTimeout: 90 * time.Second}, Options{}).Complete(t.Context(), prompt(t))
		if took := time.Since(start); Reason(err) == "" || took > 90*time.Second {
			t.Errorf("Complete = %v after %v, want a failure within 90 s", err, took)
		}
	})
}

func TestBreaker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := llmtest.New(llmtest.Down)
		s.SetRetryAfter("")
		m := model(t, s, Profile{}, Options{})
		for range 4 {
			if _, err := m.Complete(t.Context(), prompt(t)); Reason(err) != CodeUnavailable {
				t.Fatal(err)
			}
		}
		if s.Count() != breakerFailures {
			t.Fatalf("%d requests reached a broken server, want %d", s.Count(), breakerFailures)
		}
		_, err := m.Complete(t.Context(), prompt(t))
		if after := review.RetryAfter(err); after <= 0 || after > breakerPause {
			t.Errorf("open breaker: RetryAfter = %v", after)
		}
		// After the pause one probe goes out; its failure opens again, its
		// success closes.
		time.Sleep(breakerPause)
		_, _ = m.Complete(t.Context(), prompt(t))
		if s.Count() != breakerFailures+1 {
			t.Errorf("%d requests, want one probe", s.Count())
		}
		s.SetMode(llmtest.Good)
		time.Sleep(breakerPause)
		for range 3 {
			if _, err := m.Complete(t.Context(), prompt(t)); err != nil {
				t.Errorf("closed breaker: %v", err)
			}
		}
	})
}

func TestOneProbe(t *testing.T) {
	var b breaker
	now := time.Unix(1e9, 0)
	for range breakerFailures {
		b.done(now, failing)
	}
	now = now.Add(breakerPause)
	first, _ := b.allow(now)
	second, _ := b.allow(now)
	b.done(now, undecided)
	third, _ := b.allow(now)
	if !first || second || !third {
		t.Errorf("probes allowed: %v %v %v, want true false true", first, second, third)
	}
}

func TestStopped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := llmtest.New(llmtest.Down)
		var stop atomic.Bool
		m := model(t, s, Profile{}, Options{Stopped: func(context.Context) bool { return stop.Load() || s.Count() == 2 }})
		// Switched off between two tries: the third does not go out.
		if _, err := m.Complete(t.Context(), prompt(t)); Reason(err) != CodeStopped || s.Count() != 2 {
			t.Errorf("Complete = %v after %d requests", err, s.Count())
		}
		stop.Store(true)
		if _, err := m.Complete(t.Context(), prompt(t)); Reason(err) != CodeStopped || s.Count() != 2 {
			t.Errorf("Complete = %v after %d requests", err, s.Count())
		}
	})
}

func TestCancel(t *testing.T) {
	s := llmtest.New(llmtest.Slow)
	defer s.Close()
	m := model(t, s, Profile{}, Options{})
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() {
		if _, err := m.Complete(ctx, prompt(t)); !errors.Is(err, context.Canceled) {
			t.Errorf("Complete = %v, want canceled", err)
		}
	})
	if err := s.Wait(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	cancel()
	wg.Wait()
}

func TestLimits(t *testing.T) {
	tests := []struct {
		name    string
		profile Profile
		limiter func() *Limiter // channels have to be made inside the bubble
		took    time.Duration
	}{
		{"none", Profile{}, func() *Limiter { return nil }, time.Second},
		{"profile", Profile{MaxConcurrent: 2}, func() *Limiter { return nil }, 3 * time.Second},
		{"server", Profile{}, func() *Limiter { return NewLimiter(3, 0) }, 2 * time.Second},
		{"profile and server", Profile{MaxConcurrent: 5}, func() *Limiter { return NewLimiter(6, 6000) }, 2 * time.Second},
		{"rate", Profile{}, func() *Limiter { return NewLimiter(0, 20) }, 13 * time.Second}, // 2 at once, then one in 3 s
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := llmtest.New(llmtest.Good)
				s.SetDelay(time.Second)
				m := model(t, s, tt.profile, Options{Limiter: tt.limiter()})
				start := time.Now()
				var wg sync.WaitGroup
				for range 6 {
					wg.Go(func() {
						if _, err := m.Complete(t.Context(), prompt(t)); err != nil {
							t.Error(err)
						}
					})
				}
				wg.Wait()
				if took := time.Since(start); took != tt.took {
					t.Errorf("6 requests of 1 s took %v, want %v", took, tt.took)
				}
			})
		})
	}
}

func TestNoSlotInTime(t *testing.T) {
	for _, limit := range []string{"profile", "server", "rate"} {
		synctest.Test(t, func(t *testing.T) {
			s := llmtest.New(llmtest.Good)
			p, o := Profile{TotalTimeout: 50 * time.Second}, Options{Limiter: NewLimiter(1, 1)}
			if limit == "profile" {
				p.MaxConcurrent = 1
				o.Limiter = nil
			}
			m := model(t, s, p, o)
			// Somebody else holds the slot, or has just used up the minute.
			release, f := m.(*openAI).acquire(t.Context())
			if f != nil {
				t.Fatal(f.err)
			}
			if limit == "rate" {
				release()
			}
			if _, err := m.Complete(t.Context(), prompt(t)); Reason(err) != CodeUnavailable || !strings.Contains(err.Error(), "no free slot") {
				t.Errorf("%s: Complete = %v", limit, err)
			}
			if s.Count() != 0 {
				t.Errorf("%s: %d requests, want none", limit, s.Count())
			}
		})
	}
}

// TestOverLoopback runs the parts that need a socket.
func TestOverLoopback(t *testing.T) {
	t.Setenv("HTTP_PROXY", "http://127.0.0.1:1")
	t.Setenv("HTTPS_PROXY", "http://127.0.0.1:1")
	open := func(p Profile) Model {
		t.Helper()
		p.Name, p.Model = "default", "m"
		m, err := Open(p, Options{})
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	s := llmtest.Start(llmtest.Good)
	defer s.Close()
	if _, err := Ask(t.Context(), open(Profile{URL: s.URL}), prompt(t), nil); err != nil {
		t.Error(err)
	}
	for mode, want := range map[llmtest.Mode]Code{
		llmtest.Endless: CodeMalformed, llmtest.Redirecting: CodeDenied, llmtest.Huge: CodeMalformed,
	} {
		s.SetMode(mode)
		before := s.Count()
		_, err := Ask(t.Context(), open(Profile{URL: s.URL}), prompt(t), nil)
		if Reason(err) != want || s.Count() != before+1 {
			t.Errorf("%s: %v after %d requests, want %s after 1", mode, err, s.Count()-before, want)
		}
	}

	// An explicit proxy is used, for http as an ordinary request.
	s.SetMode(llmtest.Good)
	before := s.Count()
	if _, err := Ask(t.Context(), open(Profile{URL: "http://model.invalid/v1", ProxyURL: strings.TrimSuffix(s.URL, "/v1")}), prompt(t), nil); err != nil || s.Count() != before+1 {
		t.Errorf("by proxy: %v", err)
	}

	// Certificates: not trusted without ca_file, trusted with it.
	secure := httptest.NewUnstartedServer(s)
	secure.Config.ErrorLog = log.New(io.Discard, "", 0)
	secure.StartTLS()
	defer secure.Close()
	if _, err := open(Profile{URL: secure.URL + "/v1"}).Complete(t.Context(), prompt(t)); !review.IsDenied(err) || !strings.Contains(err.Error(), "ca_file") {
		t.Errorf("unknown certificate: %v", err)
	}
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: secure.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := open(Profile{URL: secure.URL + "/v1", CAFile: ca}).Complete(t.Context(), prompt(t)); err != nil {
		t.Errorf("with ca_file: %v", err)
	}
}

func TestNoConnection(t *testing.T) {
	refused := roundTrip(func(*http.Request) (*http.Response, error) { return nil, errors.New("dial " + canary) })
	synctest.Test(t, func(t *testing.T) {
		m, err := Open(Profile{Name: "d", URL: "http://model.invalid", Model: "m"}, Options{Transport: refused})
		if err != nil {
			t.Fatal(err)
		}
		_, err = m.Complete(t.Context(), prompt(t))
		noEcho(t, err)
		if Reason(err) != CodeUnavailable {
			t.Errorf("Complete = %v", err)
		}
	})
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestKeyRotation(t *testing.T) {
	path := filepath.Join(t.TempDir(), "key")
	write := func(s string) {
		t.Helper()
		if err := os.WriteFile(path+".new", []byte(s), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(path+".new", path); err != nil {
			t.Fatal(err)
		}
	}
	s := llmtest.New(llmtest.Good)
	m := model(t, s, Profile{KeyFile: path}, Options{})
	steps := []struct{ name, content, want string }{
		{"missing", "", "denied"},
		{"first", "key-one\n", "Bearer key-one"},
		{"same", "key-one\n", "Bearer key-one"},
		{"rotated", "  key-two", "Bearer key-two"},
		{"half written", "\n", "Bearer key-two"},
		{"two lines", "key\nkey", "denied"},
		{"whole", "key-three", "Bearer key-three"},
	}
	for _, step := range steps {
		if step.name != "missing" {
			write(step.content)
		}
		_, err := m.Complete(t.Context(), prompt(t))
		got := "denied"
		if err == nil {
			all := s.Requests()
			got = all[len(all)-1].Header.Get("Authorization")
		} else if !review.IsDenied(err) {
			t.Errorf("%s: %v", step.name, err)
		}
		if got != step.want {
			t.Errorf("%s: got %q, want %q", step.name, got, step.want)
		}
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if _, err := m.Complete(t.Context(), prompt(t)); !review.IsDenied(err) || strings.Contains(err.Error(), "key-three") {
		t.Errorf("a removed key still works: %v", err)
	}
}

func TestValidate(t *testing.T) {
	bad := -1.0
	err := Profile{
		Name: "big", URL: "https://user:pw@example.com/v1", ProxyURL: "proxy:3128", JSONMode: "yaml",
		Timeout: -1, MaxOutputTokens: -1, Temperature: &bad, Provider: "",
	}.Validate()
	for _, want := range []string{"models.big.url", "models.big.proxy_url", "model:", "json_mode", "timeout", "limits", "temperature"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Validate does not name %s: %v", want, err)
		}
	}
	if strings.Contains(err.Error(), "pw") {
		t.Error("Validate prints a password")
	}
	for _, p := range []Profile{
		{Name: "a", URL: "https://example.com/v1", Model: "m"},
		{Name: "a", Provider: "replay", Dir: "x", Model: "m"},
	} {
		if err := p.Validate(); err != nil {
			t.Error(err)
		}
	}
	for _, p := range []Profile{{}, {Name: "a", Provider: "magic", Model: "m"}, {Name: "a", Provider: "replay", Model: "m"}, {Name: "a", URL: "https://x?key=1", Model: "m"}} {
		if _, err := Open(p, Options{}); err == nil {
			t.Errorf("Open took %+v", p)
		}
	}
	if _, err := Open(Profile{Name: "a", URL: "https://example.com", Model: "m", CAFile: "none.pem"}, Options{}); err == nil {
		t.Error("Open took a missing ca_file")
	}
}

func TestCost(t *testing.T) {
	p := Profile{PricePrompt: 2, PriceCompletion: 8}
	if c := p.Cost(Usage{Prompt: 500_000, Completion: 250_000}); !p.Priced() || c != 3_000_000 {
		t.Errorf("Cost = %v millionths, want 3 of the currency", c)
	}
	if c := (Profile{PricePrompt: 0.05}).Cost(Usage{Prompt: 1}); c != 1 {
		t.Errorf("a twentieth of a millionth = %d, want it rounded up", c)
	}
	if (Profile{}).Priced() {
		t.Error("a price without prices")
	}
}

func TestMicros(t *testing.T) {
	for in, want := range map[float64]int64{0: 0, -1: 0, math.NaN(): 0, 1e-9: 1, 0.29: 290_000, 12.34: 12_340_000} {
		if got := Micros(in); got != want {
			t.Errorf("Micros(%v) = %d, want %d", in, got, want)
		}
	}
}

func TestModelName(t *testing.T) {
	for in, want := range map[string]string{
		"gpt-x-2026-01-01": "gpt-x-2026-01-01", "org/model:8b": "org/model:8b", "": "mine", "LGTM <b>": "mine",
		"http://evil.example": "mine", "@mallory": "mine", strings.Repeat("a", 200): "mine",
	} {
		if got := modelName(in, "mine"); got != want {
			t.Errorf("modelName(%q) = %q, want %q", in, got, want)
		}
	}
}

func BenchmarkAsk(b *testing.B) {
	s := llmtest.New(llmtest.Good)
	s.SetKeep(1)
	m := model(b, s, Profile{}, Options{})
	p := prompt(b)
	for b.Loop() {
		if _, err := Ask(b.Context(), m, p, nil); err != nil {
			b.Fatal(err)
		}
	}
}
