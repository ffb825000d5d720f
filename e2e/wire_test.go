// SPDX-License-Identifier: Apache-2.0

//go:build e2e

package e2e

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"sync"

	"review-assistant/e2e/rig"
)

// wire stands between a bot and a Gerrit: it keeps what the bot asks for, and
// lets a story act at a moment of its choice.
type wire struct {
	URL string

	mu     sync.Mutex
	calls  []call
	before []func(call) *reply
	after  []func(call) *reply
}

// reply is an answer that a story gives in Gerrit's place.
type reply struct {
	status int
	header http.Header
	body   string
}

func (a *reply) write(w http.ResponseWriter) {
	for k, v := range a.header {
		w.Header()[k] = v
	}
	w.WriteHeader(a.status)
	_, _ = io.WriteString(w, a.body)
}

// call is one request of a bot.
type call struct {
	Method string
	Path   string // escaped, with the query
	Body   []byte
}

// posts reports whether the call writes a comment.
func (c call) posts() bool {
	return c.Method == http.MethodPost && strings.HasSuffix(c.Path, "/review")
}

// about reports whether the call is about the change.
func (c call) about(k *rig.Change) bool { return strings.Contains(c.Path, k.Path("/")) }

func newWire(t rig.T, g *rig.Gerrit) *wire {
	t.Helper()
	target, err := url.Parse(g.URL)
	if err != nil {
		t.Fatalf("read the URL of gerrit: %v", err)
	}
	w := &wire{}
	proxy := &httputil.ReverseProxy{
		Rewrite:      func(r *httputil.ProxyRequest) { r.SetURL(target) },
		Transport:    &http.Transport{MaxIdleConnsPerHost: 16},
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) },
	}
	front := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		c := call{r.Method, r.URL.RequestURI(), body}
		w.mu.Lock()
		w.calls = append(w.calls, c)
		before, after := slices.Clone(w.before), slices.Clone(w.after)
		w.mu.Unlock()
		for _, f := range before {
			if a := f(c); a != nil {
				a.write(rw)
				return
			}
		}
		// The story acts while the bot still waits for the answer.
		answer := httptest.NewRecorder()
		proxy.ServeHTTP(answer, r)
		for _, f := range after {
			if a := f(c); a != nil {
				a.write(rw)
				return
			}
		}
		for k, v := range answer.Header() {
			rw.Header()[k] = v
		}
		rw.WriteHeader(answer.Code)
		_, _ = rw.Write(answer.Body.Bytes())
	}))
	t.Cleanup(front.Close)
	w.URL = front.URL
	return w
}

// onBefore has f called before a call reaches Gerrit; a reply takes its place.
func (w *wire) onBefore(f func(call) *reply) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.before = append(w.before, f)
}

// onAfter has f called before the answer of Gerrit reaches the bot; a reply
// takes the answer's place.
func (w *wire) onAfter(f func(call) *reply) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.after = append(w.after, f)
}

// matching returns the calls for which ok is true.
func (w *wire) matching(ok func(call) bool) []call {
	w.mu.Lock()
	defer w.mu.Unlock()
	var out []call
	for _, c := range w.calls {
		if ok(c) {
			out = append(out, c)
		}
	}
	return out
}

// within reports whether the call is about a change of the project.
func (c call) within(p *rig.Project) bool {
	return strings.Contains(c.Path, "/changes/"+url.PathEscape(p.Name)+"~")
}

// about returns the calls about a change.
func (w *wire) about(k *rig.Change) []call {
	return w.matching(func(c call) bool { return c.about(k) })
}

// sweeps counts the queries for recent changes.
func (w *wire) sweeps() int {
	return len(w.matching(func(c call) bool { return strings.HasPrefix(c.Path, "/a/changes/?") }))
}

// reviewInput is the body of a call that posts.
type reviewInput struct {
	Tag       string                    `json:"tag"`
	Notify    string                    `json:"notify"`
	Drafts    string                    `json:"drafts"`
	NoRules   bool                      `json:"ignore_automatic_attention_set_rules"`
	Labels    map[string]int            `json:"labels"`
	Reviewers []any                     `json:"reviewers"`
	Message   string                    `json:"message"`
	Ready     bool                      `json:"ready"`
	Comments  map[string][]reviewRemark `json:"comments"`
}

type reviewRemark struct {
	Message    string `json:"message"`
	Unresolved *bool  `json:"unresolved"`
}

func (c call) review(t rig.T) (in reviewInput) {
	t.Helper()
	if err := json.Unmarshal(c.Body, &in); err != nil {
		t.Fatalf("the bot posts no JSON: %v", err)
	}
	return in
}
