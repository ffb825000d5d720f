// SPDX-License-Identifier: Apache-2.0

// Package llmtest is a fake model server that speaks the OpenAI wire format
// on loopback. It reads the prompt it gets and can be good, careless,
// obedient to injected instructions, or broken in every way seen in the
// field. It keeps requests and answers, so that a test can prove what reached
// the model and what came back.
//
// A new kind of misbehaviour is a [Mode] and a case in answers.go or below.
package llmtest

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Mode is how the server behaves.
type Mode string

// Modes that answer with a chat completion.
const (
	Good          Mode = "good"          // names real files, lines and symbols of the diff
	Wrapped       Mode = "wrapped"       // good, behind thoughts and inside a Markdown fence
	Obedient      Mode = "obedient"      // good, until the prompt holds an instruction; then nothing but forbidden acts
	Sly           Mode = "sly"           // like obedient, with forbidden acts among more true statements
	Hallucinating Mode = "hallucinating" // files, lines, symbols, commits that are not there
	Leaking       Mode = "leaking"       // repeats Secrets, makes up tokens and placeholders
	WrongSchema   Mode = "wrong-schema"
	CutJSON       Mode = "cut-json"  // half of the answer, finish_reason stop
	Truncated     Mode = "truncated" // half of the answer, finish_reason length
	Prose         Mode = "prose"     // no JSON at all
	Blank         Mode = "blank"     // empty content
	NoChoices     Mode = "no-choices"
	Refusing      Mode = "refusing"  // the refusal field
	Declining     Mode = "declining" // a refusal in prose
	Huge          Mode = "huge"      // 5 MB
)

// Modes are all modes that answer with a chat completion.
func Modes() []Mode {
	return []Mode{Good, Wrapped, Obedient, Sly, Hallucinating, Leaking, WrongSchema, CutJSON, Truncated, Prose, Blank, NoChoices, Refusing, Declining, Huge}
}

// Modes that break or refuse the exchange itself.
const (
	HTML         Mode = "html" // a login page with status 200
	NoBody       Mode = "no-body"
	HalfBody     Mode = "half-body" // the connection ends in the middle
	Endless      Mode = "endless"
	Slow         Mode = "slow"           // answers well after Release
	Busy         Mode = "busy"           // 429 with Retry-After
	Down         Mode = "down"           // 503
	Filtered     Mode = "filtered"       // 400 content_filter
	TooLong      Mode = "too-long"       // 400 context_length_exceeded
	Unauthorized Mode = "unauthorized"   // 401
	NoQuota      Mode = "no-quota"       // 429 insufficient_quota
	Redirecting  Mode = "redirecting"    // 307
	NoSchema     Mode = "no-schema"      // 400 on json_schema, else good
	NoFormat     Mode = "no-format"      // 400 on any response_format, else good
	NoTemper     Mode = "no-temperature" // 400 on temperature and max_tokens, else good
)

// Request is one request as it arrived.
type Request struct {
	Body   []byte
	Header http.Header
	Model  string
	System string
	User   string
	Format string // type of response_format, "" for none
}

// Server is the fake. Its methods may be called at any time.
type Server struct {
	// URL is the base for [review-assistant/llm.Profile], set by [Start].
	URL string

	http *httptest.Server

	mu         sync.Mutex
	mode       Mode
	next       []Mode
	answer     func(Request) string
	delay      time.Duration
	retryAfter string
	secrets    []string
	keep       int
	requests   []Request
	answers    []string
	count      int
	arrived    chan struct{} // closed and replaced at every request
	release    chan struct{}
}

// defaultKeep bounds how many requests are kept.
const defaultKeep = 10_000

// maxBody is in bytes; a client that sends more is broken.
const maxBody = 16 << 20

// New returns a server without a listener, to be used through Transport.
func New(mode Mode) *Server {
	return &Server{
		mode: mode, retryAfter: "1", keep: defaultKeep,
		arrived: make(chan struct{}), release: make(chan struct{}),
	}
}

// Start returns a server that listens on loopback until Close.
func Start(mode Mode) *Server {
	s := New(mode)
	s.http = httptest.NewServer(s)
	s.URL = s.http.URL + "/v1"
	return s
}

// Close releases waiting requests and stops listening.
func (s *Server) Close() {
	s.Release()
	if s.http != nil {
		s.http.CloseClientConnections()
		s.http.Close()
	}
}

// SetMode changes the behaviour from the next request on.
func (s *Server) SetMode(m Mode) { s.mu.Lock(); defer s.mu.Unlock(); s.mode = m }

// Then queues modes for the next requests, one each, before the lasting mode.
func (s *Server) Then(m ...Mode) { s.mu.Lock(); defer s.mu.Unlock(); s.next = append(s.next, m...) }

// SetAnswer makes good modes answer with what f returns; nil ends that.
func (s *Server) SetAnswer(f func(Request) string) { s.mu.Lock(); defer s.mu.Unlock(); s.answer = f }

// SetDelay makes every answer take that long.
func (s *Server) SetDelay(d time.Duration) { s.mu.Lock(); defer s.mu.Unlock(); s.delay = d }

// SetRetryAfter changes the header of Busy and Down; "" sends none.
func (s *Server) SetRetryAfter(v string) { s.mu.Lock(); defer s.mu.Unlock(); s.retryAfter = v }

// SetSecrets gives the leaking mode values to repeat.
func (s *Server) SetSecrets(v ...string) { s.mu.Lock(); defer s.mu.Unlock(); s.secrets = v }

// SetKeep bounds how many requests and answers are kept, the newest ones.
func (s *Server) SetKeep(n int) { s.mu.Lock(); defer s.mu.Unlock(); s.keep = n }

// Release lets requests of the slow mode go on, those waiting and later ones,
// until Hold.
func (s *Server) Release() {
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case <-s.release:
	default:
		close(s.release)
	}
}

// Hold makes the slow mode wait again after a Release.
func (s *Server) Hold() { s.mu.Lock(); defer s.mu.Unlock(); s.release = make(chan struct{}) }

// Requests returns what arrived, oldest first.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Request(nil), s.requests...)
}

// Prompts returns the text of every request: all messages, joined.
func (s *Server) Prompts() []string {
	var out []string
	for _, r := range s.Requests() {
		out = append(out, r.System+"\n"+r.User)
	}
	return out
}

// Answers returns the content of every answer that held one, oldest first.
func (s *Server) Answers() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.answers...)
}

// Forget drops the requests and answers that are kept.
func (s *Server) Forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests, s.answers = nil, nil
}

// Count returns the number of requests, also of those not kept.
func (s *Server) Count() int { s.mu.Lock(); defer s.mu.Unlock(); return s.count }

// Wait returns when n requests have arrived since the start.
func (s *Server) Wait(ctx context.Context, n int) error {
	for {
		s.mu.Lock()
		count, arrived := s.count, s.arrived
		s.mu.Unlock()
		if count >= n {
			return nil
		}
		select {
		case <-arrived:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// turn is how one request is served.
type turn struct {
	mode       Mode
	answer     func(Request) string
	delay      time.Duration
	retryAfter string
	secrets    []string
	release    chan struct{}
	number     int // of the request, from 1
}

// arrive keeps r and decides how to serve it.
func (s *Server) arrive(r Request) turn {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = last(append(s.requests, r), s.keep)
	s.count++
	close(s.arrived)
	s.arrived = make(chan struct{})
	t := turn{s.mode, s.answer, s.delay, s.retryAfter, s.secrets, s.release, s.count}
	if len(s.next) > 0 {
		t.mode, s.next = s.next[0], s.next[1:]
	}
	return t
}

func (s *Server) keepAnswer(content string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answers = last(append(s.answers, content), s.keep)
}

func last[T any](list []T, n int) []T {
	if over := len(list) - n; over > 0 {
		clear(list[:over])
		return list[over:]
	}
	return list
}

// ServeHTTP implements [http.Handler].
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost || !strings.HasSuffix(r.URL.Path, "/chat/completions") {
		fault(w, http.StatusNotFound, "not_found", "no such route")
		return
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody))
	if err != nil {
		return
	}
	req, err := parse(body)
	if err != nil {
		fault(w, http.StatusBadRequest, "invalid_json", "the body is not a chat completion request")
		return
	}
	req.Header = r.Header.Clone()
	t := s.arrive(req)
	if t.delay > 0 {
		select {
		case <-time.After(t.delay):
		case <-r.Context().Done():
			return
		}
	}
	if t.mode == Slow {
		select {
		case <-t.release:
		case <-r.Context().Done():
			return
		}
	}
	if breakExchange(w, r, t, req) {
		return
	}
	content, reply := compose(t, req)
	s.keepAnswer(content)
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(reply)
}

// parse reads a chat completion request.
func parse(body []byte) (Request, error) {
	var in struct {
		Model    string `json:"model"`
		Messages []struct {
			Role    string `json:"role"`
			Content string `json:"content"`
		} `json:"messages"`
		Format struct {
			Type string `json:"type"`
		} `json:"response_format"`
	}
	if err := json.Unmarshal(body, &in); err != nil {
		return Request{}, err
	}
	r := Request{Body: body, Model: in.Model, Format: in.Format.Type}
	for _, m := range in.Messages {
		if m.Role == "system" || m.Role == "developer" {
			r.System += m.Content
		} else {
			r.User += m.Content
		}
	}
	return r, nil
}

// fault answers with an error in the wire format.
func fault(w http.ResponseWriter, status int, code, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{
		"error": map[string]any{"message": message, "type": "invalid_request_error", "param": nil, "code": code},
	})
}

// echo is a piece of the prompt inside error messages: servers do that, and
// it must not reach a log.
func echo(r Request) string { return r.User[:min(len(r.User), 400)] }

// breakExchange serves the modes that are not a chat completion.
func breakExchange(w http.ResponseWriter, r *http.Request, t turn, req Request) bool {
	switch t.mode {
	case HTML:
		w.Header().Set("Content-Type", "text/html")
		_, _ = io.WriteString(w, "<!doctype html><title>Sign in</title>")
	case NoBody:
		w.WriteHeader(http.StatusOK)
	case HalfBody:
		w.Header().Set("Content-Length", "5000")
		_, _ = io.WriteString(w, `{"id":"x","choices":[{"message":{"role":"assistant","content":"{\"title\":`)
	case Endless:
		endless(w, r)
	case Busy:
		retryAfter(w, t)
		fault(w, http.StatusTooManyRequests, "rate_limit_exceeded", "slow down: "+echo(req))
	case Down:
		retryAfter(w, t)
		fault(w, http.StatusServiceUnavailable, "overloaded", "overloaded: "+echo(req))
	case Filtered:
		fault(w, http.StatusBadRequest, "content_filter", "filtered: "+echo(req))
	case TooLong:
		fault(w, http.StatusBadRequest, "context_length_exceeded", "This model's maximum context length is 4096 tokens: "+echo(req))
	case Unauthorized:
		fault(w, http.StatusUnauthorized, "invalid_api_key", "bad key "+req.Header.Get("Authorization"))
	case NoQuota:
		fault(w, http.StatusTooManyRequests, "insufficient_quota", "quota")
	case Redirecting:
		http.Redirect(w, r, "/v1/elsewhere/chat/completions", http.StatusTemporaryRedirect)
	case NoSchema:
		return refuse(w, req.Format == "json_schema", "response_format json_schema is not supported")
	case NoFormat:
		return refuse(w, req.Format != "", "extra fields not permitted: response_format")
	case NoTemper:
		return refuse(w, bytes.Contains(req.Body, []byte(`"temperature":`)), "Unsupported value: 'temperature' does not support 0 with this model.") ||
			refuse(w, bytes.Contains(req.Body, []byte(`"max_tokens":`)), "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.")
	default:
		return false
	}
	return true
}

func refuse(w http.ResponseWriter, when bool, message string) bool {
	if when {
		fault(w, http.StatusBadRequest, "unsupported", message)
	}
	return when
}

func retryAfter(w http.ResponseWriter, t turn) {
	if t.retryAfter != "" {
		w.Header().Set("Retry-After", t.retryAfter)
	}
}

// maxEndless is in bytes, so that a client without a limit fails a test
// instead of the machine.
const maxEndless = 64 << 20

func endless(w http.ResponseWriter, r *http.Request) {
	_, _ = io.WriteString(w, `{"choices":[{"message":{"role":"assistant","content":"`)
	block := bytes.Repeat([]byte("and so on "), 1<<12)
	for sent := 0; sent < maxEndless && r.Context().Err() == nil; sent += len(block) {
		if _, err := w.Write(block); err != nil {
			return
		}
	}
}

// Transport serves requests in memory, without a socket: for tests in
// synthetic time and for measuring.
func (s *Server) Transport() http.RoundTripper { return transport{s} }

type transport struct{ s *Server }

func (t transport) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	t.s.ServeHTTP(w, r)
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	resp := w.Result()
	resp.Request = r
	if want, err := strconv.Atoi(w.Header().Get("Content-Length")); err == nil && want > w.Body.Len() {
		resp.Body = io.NopCloser(io.MultiReader(bytes.NewReader(w.Body.Bytes()), cut{}))
	}
	return resp, nil
}

// cut is the end of a connection in the middle of a body.
type cut struct{}

func (cut) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }
