// SPDX-License-Identifier: Apache-2.0

package server

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/labstack/echo/v4"
)

// Reason is one thing that keeps the bot from working, or from working well.
type Reason struct {
	Name   string `json:"name"`   // of the part: store, gerrit/main, audit
	Detail string `json:"detail"` // what is wrong and what to do; no secrets
	// Degraded means that the bot goes on without the part.
	Degraded bool `json:"degraded,omitempty"`
}

// Readiness is the answer of /readyz.
type Readiness struct {
	Status  string   `json:"status"` // ready, degraded or not ready
	Reasons []Reason `json:"reasons"`
}

// Limits of readiness: anybody may ask, so asking often costs nothing more.
const (
	readyCache   = time.Second
	readyTimeout = 3 * time.Second
	expiryNotice = 30 * 24 * time.Hour
)

type readiness struct {
	mu   sync.Mutex
	at   time.Time
	last Readiness
}

func (s *Server) healthz(c echo.Context) error { return c.String(http.StatusOK, "ok\n") }

func (s *Server) readyz(c echo.Context) error {
	r := s.readiness(c.Request().Context())
	code := http.StatusOK
	if r.Status == "not ready" {
		code = http.StatusServiceUnavailable
	}
	if strings.Contains(c.Request().Header.Get(echo.HeaderAccept), "json") {
		return c.JSON(code, r)
	}
	var b strings.Builder
	fmt.Fprintln(&b, r.Status)
	for _, reason := range r.Reasons {
		fmt.Fprintf(&b, "%s: %s\n", reason.Name, reason.Detail)
	}
	return c.String(code, b.String())
}

func (s *Server) readiness(ctx context.Context) Readiness {
	s.ready.mu.Lock()
	defer s.ready.mu.Unlock()
	now := s.opts.Now()
	if age := now.Sub(s.ready.at); age < 0 || age >= readyCache {
		// The answer is for all who ask, so it must not end with the first one.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), readyTimeout)
		defer cancel()
		s.ready.last, s.ready.at = judge(s.reasons(ctx, now)), now
	}
	if s.draining.Load() {
		return judge(append([]Reason{{Name: "server", Detail: "is shutting down"}}, s.ready.last.Reasons...))
	}
	return s.ready.last
}

func (s *Server) reasons(ctx context.Context, now time.Time) []Reason {
	var out []Reason
	if s.opts.Ready != nil {
		out = s.opts.Ready(ctx)
	}
	if s.cert != nil {
		switch end := s.cert.expiry(); {
		case !now.Before(end):
			out = append(out, Reason{Name: "certificate", Detail: "ended on " + end.Format(time.DateOnly) + ": Gerrit drops events at once; replace the file"})
		case end.Sub(now) < expiryNotice:
			out = append(out, Reason{Name: "certificate", Degraded: true, Detail: "ends on " + end.Format(time.DateOnly) + "; replace the file before"})
		}
	}
	for id, t := range s.hosts {
		if t.newest().IsZero() {
			out = append(out, Reason{Name: "gerrit/" + id, Detail: "has no valid webhook token left; write a token file", Degraded: true})
		}
	}
	return out
}

func judge(reasons []Reason) Readiness {
	r := Readiness{Status: "ready", Reasons: reasons}
	if reasons == nil {
		r.Reasons = []Reason{}
	}
	for _, reason := range reasons {
		if !reason.Degraded {
			r.Status = "not ready"
			return r
		}
		r.Status = "degraded"
	}
	return r
}
