// SPDX-License-Identifier: Apache-2.0

package rig

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"time"
)

// Hooks is a receiver that records the webhooks it is sent.
type Hooks struct {
	URL string

	s      *Scene
	mu     sync.Mutex
	got    []Hook
	waited chan struct{} // closed and replaced with each arrival
}

// Hook is one webhook as it was on the wire.
type Hook struct {
	Header http.Header
	Query  string
	Body   []byte
	Type   string
	Number int // of the change, 0 for events about refs and projects
}

// Hooks starts a receiver that ends with the test.
func (s *Scene) Hooks() *Hooks {
	h := &Hooks{s: s, waited: make(chan struct{})}
	server := httptest.NewServer(h)
	h.URL = server.URL
	s.Cleanup(server.Close)
	return h
}

func (h *Hooks) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	var event struct {
		Type   string `json:"type"`
		Change struct {
			Number int `json:"number"`
		} `json:"change"`
	}
	if err == nil {
		err = json.Unmarshal(body, &event)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.got = append(h.got, Hook{r.Header.Clone(), r.URL.RawQuery, body, event.Type, event.Change.Number})
	close(h.waited)
	h.waited = make(chan struct{})
	w.WriteHeader(http.StatusAccepted)
}

// All returns what has arrived so far.
func (h *Hooks) All() []Hook {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.got)
}

// Wait returns the first webhook of the type about the change, nil for any,
// and fails the test when none arrives within 30 seconds.
func (h *Hooks) Wait(kind string, c *Change) Hook {
	h.s.Helper()
	ctx, cancel := context.WithTimeout(h.s.Context(), 30*time.Second)
	defer cancel()
	for {
		h.mu.Lock()
		arrival := h.waited
		i := slices.IndexFunc(h.got, func(k Hook) bool { return k.Type == kind && (c == nil || k.Number == c.Number) })
		if i >= 0 {
			defer h.mu.Unlock()
			return h.got[i]
		}
		h.mu.Unlock()
		select {
		case <-arrival:
		case <-ctx.Done():
			h.s.Fatalf("no webhook %q about %v: %v", kind, c, ctx.Err())
		}
	}
}
