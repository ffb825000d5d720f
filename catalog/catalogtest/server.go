// SPDX-License-Identifier: Apache-2.0

// Package catalogtest says what package catalog relies on in a Backstage. The
// same cases run against the fake of this package, which answers what a real
// one was recorded with, and in package e2e/backstage against a real one.
package catalogtest

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
)

// Entities is the catalog of the contract as people write it.
//
//go:embed catalog.yaml
var Entities []byte

// recorded is the same catalog as Backstage answers it.
//
//go:embed recorded.json
var recorded []byte

// Recorded returns the recorded entities.
func Recorded() (list []map[string]any) {
	if err := json.Unmarshal(recorded, &list); err != nil {
		panic(err)
	}
	return list
}

// Server is a fake Backstage: entities behind its way of filtering and paging.
type Server struct {
	*httptest.Server
	Token string

	mu       sync.Mutex
	entities []map[string]any
	before   func(w http.ResponseWriter, r *http.Request) (done bool)
}

// Start starts a fake with the recorded entities.
func Start(token string) *Server {
	s := &Server{Token: token, entities: Recorded()}
	s.Server = httptest.NewServer(s)
	return s
}

// Edit changes the entities.
func (s *Server) Edit(change func([]map[string]any) []map[string]any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.entities = change(s.entities)
}

// Before puts a handler in front, which may answer instead; nil takes it away.
func (s *Server) Before(h func(w http.ResponseWriter, r *http.Request) (done bool)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.before = h
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.before != nil && s.before(w, r) {
		return
	}
	q := r.URL.Query()
	limit, err := strconv.Atoi(q.Get("limit"))
	switch {
	case !strings.HasSuffix(r.URL.Path, "/api/catalog/entities/by-query"):
		refuse(w, http.StatusNotFound, "NotFoundError", "No route")
	case r.Header.Get("Authorization") == "":
		refuse(w, http.StatusUnauthorized, "AuthenticationError", "Missing credentials")
	case r.Header.Get("Authorization") != "Bearer "+s.Token:
		refuse(w, http.StatusUnauthorized, "AuthenticationError", "Illegal token")
	case err != nil || limit <= 0 || !strings.HasPrefix(q.Get("fields"), "kind,metadata.name,"):
		refuse(w, http.StatusBadRequest, "InputError", "Malformed query")
	default:
		s.page(w, q.Get("filter"), q.Get("cursor"), limit)
	}
}

// page answers a part of the entities. As in the real one the cursor carries
// the filter, and one sent beside it is ignored.
func (s *Server) page(w http.ResponseWriter, filter, cursor string, limit int) {
	start := 0
	if cursor != "" {
		if _, err := fmt.Sscanf(cursor, "%d|%s", &start, &filter); err != nil {
			refuse(w, http.StatusBadRequest, "InputError", "Malformed cursor")
			return
		}
	}
	kinds := "," + strings.ToLower(filter) + ","
	hits := []map[string]any{}
	for _, e := range s.entities {
		if e == nil || strings.Contains(kinds, ",kind="+strings.ToLower(fmt.Sprint(e["kind"]))+",") {
			hits = append(hits, e)
		}
	}
	start = min(max(start, 0), len(hits))
	end := min(start+limit, len(hits))
	info := map[string]any{}
	if end < len(hits) {
		info["nextCursor"] = fmt.Sprintf("%d|%s", end, filter)
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	_ = json.NewEncoder(w).Encode(map[string]any{"items": hits[start:end], "totalItems": len(hits), "pageInfo": info})
}

// refuse answers as Backstage does, with the paths of its server included.
func refuse(w http.ResponseWriter, code int, name, message string) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(map[string]any{
		"error":    map[string]any{"name": name, "message": message, "stack": name + ": " + message + "\n    at /srv/backstage/index.js"},
		"response": map[string]any{"statusCode": code},
	})
}
