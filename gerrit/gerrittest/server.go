// SPDX-License-Identifier: Apache-2.0

package gerrittest

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Options are all optional.
type Options struct {
	Prefix  string // path in front of every URL, such as "/r"
	Version string // "3.13.5" by default; before 3.12 plain patches are unknown
	// Now is the server's clock, time.Now by default.
	Now func() time.Time
	// PageLimit is the most changes that one query returns, 500 by default.
	PageLimit int
	// Senders is how many webhooks are sent at once; 1 by default, which keeps
	// them in order. A real Gerrit has 2.
	Senders int
}

// Server is a running fake.
type Server struct {
	URL string // base, without a slash at the end

	o    Options
	http *http.Server

	mu       sync.Mutex
	serial   int
	accounts []*Account
	groups   map[string]*group
	projects map[string]*project
	changes  map[int]*change
	faults   []*Fault
	requests []Request
	posts    int
	hooks    *hooks
}

// Start starts a server on a free loopback port.
func Start(o Options) (*Server, error) {
	if o.Version == "" {
		o.Version = "3.13.5"
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.PageLimit == 0 {
		o.PageLimit = 500
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &Server{
		URL: "http://" + listener.Addr().String() + strings.TrimRight(o.Prefix, "/"),
		o:   o, groups: map[string]*group{}, projects: map[string]*project{}, changes: map[int]*change{},
		hooks: newHooks(max(1, o.Senders)),
	}
	s.http = &http.Server{Handler: s, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = s.http.Serve(listener) }()
	s.addAccount(Account{Name: "Administrator", Username: "admin"})
	s.addAccount(Account{Name: "Review Assistant", Username: "review-assistant", Service: true})
	s.projects["All-Projects"] = s.newProject("All-Projects", "")
	return s, nil
}

// Close ends the server and the sending of webhooks.
func (s *Server) Close() {
	_ = s.http.Close()
	s.hooks.close()
}

// Request is one request as it came.
type Request struct {
	At     time.Time
	User   string
	Method string
	Path   string // escaped, with the query, without prefix and "/a"
	Body   string
	Status int // 0 while it is not answered
}

// String returns the method and path.
func (r Request) String() string { return r.Method + " " + r.Path }

// Requests returns what was asked so far, in order of arrival.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Request(nil), s.requests...)
}

// ResetRequests empties the log of requests.
func (s *Server) ResetRequests() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = nil
}

// Posts returns how many reviews were written so far, wherever and by whomever.
func (s *Server) Posts() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.posts
}

// maxLogged keeps the log of requests small in long runs.
const maxLogged = 50_000

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, 8<<20))
	if err != nil {
		return
	}
	path := strings.TrimPrefix(r.URL.EscapedPath(), s.o.Prefix)
	user, password, _ := r.BasicAuth()
	shown := strings.TrimPrefix(path, "/a")
	if r.URL.RawQuery != "" {
		shown += "?" + r.URL.RawQuery
	}
	s.mu.Lock()
	index := len(s.requests)
	if index < maxLogged {
		s.requests = append(s.requests, Request{At: s.o.Now(), User: user, Method: r.Method, Path: shown, Body: string(body)})
	}
	fault := s.faultFor(r.Method, shown)
	s.mu.Unlock()
	if !fault.wait(r.Context()) {
		return
	}

	s.mu.Lock()
	ans := fault.instead()
	if ans == nil || fault.Done {
		real := s.answer(&request{
			s: s, method: r.Method, path: path, query: r.URL.RawQuery, values: r.URL.Query(), body: body,
			me: s.authenticate(user, password), stale: fault != nil && fault.Stale,
		})
		if ans == nil {
			ans = real
		}
	}
	if index < len(s.requests) {
		s.requests[index].Status = ans.status
	}
	s.mu.Unlock()
	w.Header().Set("X-Gerrit-Trace", fmt.Sprintf("1795487080139-%08x", index))
	fault.write(w, ans)
}

// answer is what is sent back.
type answer struct {
	status int
	header map[string]string
	body   []byte
}

func text(status int, format string, args ...any) *answer {
	return &answer{status, map[string]string{"Content-Type": "text/plain;charset=utf-8"}, fmt.Appendf(nil, format, args...)}
}

func notFound(what string) *answer { return text(http.StatusNotFound, "Not found: %s", what) }

func jsonAnswer(status int, v any) *answer {
	body, err := json.Marshal(v)
	if err != nil {
		return text(http.StatusInternalServerError, "Internal server error")
	}
	return &answer{status, map[string]string{"Content-Type": "application/json;charset=utf-8"}, append([]byte(")]}'\n"), body...)}
}

func ok(v any) *answer { return jsonAnswer(http.StatusOK, v) }

// object is a JSON object.
type object = map[string]any

// stampOf writes a time as Gerrit does.
func stampOf(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05.000000000") }
