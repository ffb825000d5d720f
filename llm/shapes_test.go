// SPDX-License-Identifier: Apache-2.0

package llm

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"review-assistant/prompts"
)

// TestShapes sends one request as each provider takes it and reads one answer
// and one error as it gives them. The files follow the providers'
// documentation; none was recorded from a live service.
func TestShapes(t *testing.T) {
	tests := []struct {
		name    string
		profile Profile // URL is what follows the host
		key     bool
		model   string // that answered
		usage   Usage
		status  int // of the error
		code    Code
		tooLong bool
	}{
		{
			"azure",
			Profile{Provider: "azure", Model: "reviews-eu", APIVersion: "2024-10-21"},
			true,
			"gpt-4o-2024-11-20",
			Usage{1200, 60},
			400, CodeRefused, false,
		},
		{
			"ollama",
			Profile{URL: "/v1", Model: "qwen3:8b", MaxOutputTokens: 2048, ReasoningEffort: "low"},
			false,
			"qwen3:8b",
			Usage{1300, 200},
			404, CodeDenied, false,
		},
		{
			"vllm",
			Profile{URL: "/v1", Model: "Qwen/Qwen3-32B", JSONMode: JSONSchema},
			false,
			"Qwen/Qwen3-32B",
			Usage{1250, 180},
			400, CodeRefused, true,
		},
		{
			"bedrock",
			Profile{URL: "/openai/v1", Model: "openai.gpt-oss-120b-1:0", JSONMode: JSONNone},
			true,
			"openai.gpt-oss-120b-1:0",
			Usage{1210, 150},
			403, CodeDenied, false,
		},
		{
			"vertex",
			Profile{URL: "/v1/projects/reviews/locations/europe-west4/endpoints/openapi", Model: "google/gemini-2.5-flash"},
			true,
			"google/gemini-2.5-flash",
			Usage{1190, 610},
			401, CodeDenied, false,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := prompt(t)
			var got string
			var fails atomic.Bool
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Type", "application/json")
				file := tt.name + ".reply.json"
				if fails.Load() {
					file = tt.name + ".error.json"
					w.WriteHeader(tt.status)
				}
				body, _ := io.ReadAll(r.Body)
				got = asSent(r, body, p)
				reply, err := os.ReadFile(filepath.Join("testdata/shapes", file))
				if err != nil {
					t.Error(err)
				}
				_, _ = w.Write(reply)
			}))
			defer server.Close()
			profile := tt.profile
			profile.Name, profile.URL = tt.name, server.URL+profile.URL
			if tt.key {
				profile.KeyFile = writeKey(t, filepath.Join(t.TempDir(), "key"), "a-key-of-"+tt.name)
			}
			m, err := Open(profile, Options{})
			if err != nil {
				t.Fatal(err)
			}
			a, err := Ask(t.Context(), m, p, nil)
			if err != nil || a.Model != tt.model || a.Usage != tt.usage || a.Requests != 1 || !strings.Contains(string(a.JSON), `"title":"`+tt.name+`"`) {
				t.Errorf("Ask = %s by %s, %+v, %d requests, %v", a.JSON, a.Model, a.Usage, a.Requests, err)
			}
			if strings.Contains(got, "stream") && !strings.Contains(got, `"stream":false`) || strings.Contains(got, "stream_options") {
				t.Errorf("the request asks for a stream:\n%s", got)
			}
			golden(t, "testdata/shapes/"+tt.name+".request", got)

			fails.Store(true)
			_, err = m.Complete(t.Context(), p)
			e, ok := errors.AsType[*Error](err)
			if !ok || e.Code != tt.code || e.TooLong != tt.tooLong {
				t.Errorf("status %d: %v, want %s", tt.status, err, tt.code)
			}
			noEcho(t, err)
		})
	}
}

// asSent renders a request, its body byte for byte but for the prompt's own
// name and texts, which have tests of their own.
func asSent(r *http.Request, body []byte, p prompts.Prompt) string {
	quoted := func(s string) string {
		var b bytes.Buffer
		_ = json.NewEncoder(&b).Encode(s)
		return strings.Trim(strings.TrimSpace(b.String()), `"`)
	}
	text := strings.NewReplacer(
		quoted("\nJSON schema of the answer:\n"+string(p.Schema())), "{{schema}}",
		quoted(p.System().String()), "{{system}}", quoted(p.User().String()), "{{user}}",
		string(wireSchema(p.Schema())), `"{{schema}}"`, strings.ReplaceAll(p.ID(), "/", "_"), "{{name}}",
	).Replace(string(body))
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s\n", r.Method, r.URL.RequestURI())
	for _, name := range []string{"Content-Type", "Authorization", "Api-Key"} {
		if v, there := r.Header[name]; there {
			fmt.Fprintf(&b, "%s: %s\n", name, strings.Join(v, ", "))
		}
	}
	return b.String() + "\n" + text + "\n"
}

// writeKey writes a key file; a second one looks unchanged from outside.
func writeKey(t *testing.T, path, key string) string {
	t.Helper()
	if err := os.WriteFile(path, []byte(key+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(path, day, day); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestRotation replaces the key in the middle of a call.
func TestRotation(t *testing.T) {
	const before, after = "key-number-1", "key-number-2" // of one length: the file looks the same
	tests := []struct {
		name     string
		refusal  int  // what the old key gets
		rotates  bool // before that answer
		requests string
		code     Code
	}{
		{"expired", 401, true, "old new", ""},
		{"forbidden", 403, true, "old new", ""},
		{"still the same", 401, false, "old", CodeDenied},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			path := writeKey(t, filepath.Join(t.TempDir(), "key"), before)
			var seen []string
			reply, err := os.ReadFile("testdata/shapes/vertex.reply.json")
			if err != nil {
				t.Fatal(err)
			}
			var first string
			m := rotated(t, path, func(r *http.Request, body string) (int, string) {
				if r.Header.Get("Authorization") == "Bearer "+after {
					seen = append(seen, "new")
					if body != first {
						t.Error("the second request differs from the first")
					}
					return 200, string(reply)
				}
				seen, first = append(seen, "old"), body
				if tt.rotates {
					writeKey(t, path, after)
				}
				return tt.refusal, "{}"
			})
			_, err = m.Complete(t.Context(), prompt(t))
			if got := strings.Join(seen, " "); got != tt.requests || Reason(err) != tt.code {
				t.Errorf("requests with %q keys, then %v; want %q, %q", got, err, tt.requests, tt.code)
			}
		})
	}
}

// TestRotationWhileRetrying replaces the key while the server is down.
func TestRotationWhileRetrying(t *testing.T) {
	path := writeKey(t, filepath.Join(t.TempDir(), "key"), "the-first-key")
	synctest.Test(t, func(t *testing.T) {
		var keys []string
		m := rotated(t, path, func(r *http.Request, _ string) (int, string) {
			keys = append(keys, strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "))
			writeKey(t, path, "key-after-"+strings.Repeat("x", len(keys)))
			return 503, "{}"
		})
		_, err := m.Complete(t.Context(), prompt(t))
		if len(keys) != maxTries || keys[0] == keys[1] || keys[1] == keys[2] || Reason(err) != CodeUnavailable {
			t.Errorf("keys %q, then %v", keys, err)
		}
	})
}

// rotated is a model whose server is a function.
func rotated(t *testing.T, keyFile string, answer func(r *http.Request, body string) (int, string)) Model {
	t.Helper()
	m, err := Open(Profile{Name: "a", URL: "http://model.invalid/v1", Model: "m", KeyFile: keyFile, Timeout: time.Minute}, Options{
		Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			body, err := io.ReadAll(r.Body)
			if err != nil {
				return nil, err
			}
			status, text := answer(r, string(body))
			return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(text)), Request: r}, nil
		}),
	})
	if err != nil {
		t.Fatal(err)
	}
	return m
}
