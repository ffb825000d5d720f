// SPDX-License-Identifier: Apache-2.0

package gerrittest

import (
	"context"
	"io"
	"net/http"
	"strings"
	"time"
)

// Mangle is what becomes of an answer on its way.
type Mangle int

// The ways in which an answer breaks.
const (
	Intact    Mangle = iota
	Truncated        // half of the body, then the connection ends
	Hangup           // no answer at all
	LoginPage        // 200 with HTML
	NoPrefix         // JSON without Gerrit's first line
	Huge             // 64 MiB
	Redirect         // 302 to another host
)

// Fault is a way to misbehave. The first one that matches a request counts.
type Fault struct {
	// On is a part of "METHOD PATH?QUERY", such as "POST", "/review" or
	// "GET /changes/"; empty matches every request.
	On    string
	Times int // how often; 0 means until Heal

	Delay      time.Duration // before anything else
	Status     int           // answered instead
	RetryAfter string        // header of that answer
	Done       bool          // with Status: the work is done all the same
	Mangle     Mangle
	Stale      bool // changes are shown without their newest patch set
}

// Break makes the server misbehave.
func (s *Server) Break(f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, &f)
}

// Heal ends all faults.
func (s *Server) Heal() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
}

// faultFor returns the fault of a request and counts it, or nil.
func (s *Server) faultFor(method, path string) *Fault {
	for i, f := range s.faults {
		if !strings.Contains(method+" "+path, f.On) {
			continue
		}
		found := *f
		if f.Times > 0 {
			if f.Times--; f.Times == 0 {
				s.faults = append(s.faults[:i:i], s.faults[i+1:]...)
			}
		}
		return &found
	}
	return nil
}

// wait sleeps for the delay; false means that the caller has gone.
func (f *Fault) wait(ctx context.Context) bool {
	if f == nil || f.Delay == 0 {
		return true
	}
	timer := time.NewTimer(f.Delay)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// instead returns the answer that replaces the real one, or nil.
func (f *Fault) instead() *answer {
	if f == nil || f.Status == 0 {
		return nil
	}
	a := text(f.Status, "%s", http.StatusText(f.Status))
	if f.RetryAfter != "" {
		a.header["Retry-After"] = f.RetryAfter
	}
	return a
}

// write sends the answer, or what is left of it.
func (f *Fault) write(w http.ResponseWriter, a *answer) {
	for k, v := range a.header {
		w.Header().Set(k, v)
	}
	mangle := Intact
	if f != nil {
		mangle = f.Mangle
	}
	body := a.body
	switch mangle {
	case Hangup:
		panic(http.ErrAbortHandler)
	case LoginPage:
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		a.status, body = http.StatusOK, []byte("<!DOCTYPE html><html><title>Sign in</title><form action=/login></form></html>\n")
	case NoPrefix:
		body = body[min(len(body), len(")]}'\n")):]
	case Redirect:
		w.Header().Set("Location", "http://localhost:1/login")
		a.status, body = http.StatusFound, nil
	}
	w.WriteHeader(a.status)
	switch mangle {
	case Truncated:
		_, _ = w.Write(body[:len(body)/2])
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	case Huge:
		_, _ = io.WriteString(w, ")]}'\n\"")
		block := strings.Repeat("x", 1<<20)
		for range 64 {
			if _, err := io.WriteString(w, block); err != nil {
				return
			}
		}
	default:
		_, _ = w.Write(body)
	}
}
