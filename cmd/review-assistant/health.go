// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"slices"
	"sync"
	"time"

	"review-assistant/audit"
	"review-assistant/review"
	"review-assistant/server"
	"review-assistant/store"
)

// Times of the watch over what the bot depends on.
const (
	watchEach  = 30 * time.Second // a revoked account is told within a minute
	rightsEach = time.Hour
	// maxQueued is how many jobs may wait before new webhooks are put off.
	maxQueued = 100_000
)

// health knows what keeps the bot from working. It looks in the background, so
// that asking costs nothing.
type health struct {
	parts *parts
	audit *audit.Log

	mu     sync.Mutex
	gerrit map[string]string // by host: why it cannot be used
	stats  store.Stats
	stops  []review.Control
}

// watch looks until ctx ends.
func (h *health) watch(ctx context.Context) {
	h.parts.metrics.Watch("bot_queue_jobs", "Jobs by state.", "state", h.queue)
	tick := time.NewTicker(watchEach)
	defer tick.Stop()
	rights := time.Now() // serve looks before the first job
	for {
		if time.Since(rights) >= rightsEach {
			h.rights(ctx)
			rights = time.Now()
		}
		h.look(ctx)
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// look asks every Gerrit who we are, and the store how it is.
func (h *health) look(ctx context.Context) {
	for id, c := range h.parts.gerrits {
		bounded, cancel := shortly(ctx)
		_, err := c.Capabilities(bounded)
		cancel()
		why := ""
		switch {
		case err == nil:
			if h.parts.unsafe.unknown(id) {
				h.rights(ctx)
			}
		case review.IsDenied(err):
			why = "refuses the service account: check its token, and that it is active"
		default:
			why = "cannot be reached: " + err.Error()
		}
		h.note(id, why)
	}
	bounded, cancel := shortly(ctx)
	defer cancel()
	if stats, err := h.parts.store.Stats(bounded); err == nil {
		h.mu.Lock()
		h.stats = stats
		h.mu.Unlock()
	}
	if stops, err := h.parts.store.Controls(bounded); err == nil {
		h.noteStops(stops)
	}
}

// noteStops logs what was stopped and resumed since the last look.
func (h *health) noteStops(now []review.Control) {
	h.mu.Lock()
	defer h.mu.Unlock()
	without := func(list []review.Control, scope string) bool {
		return !slices.ContainsFunc(list, func(c review.Control) bool { return c.Scope == scope })
	}
	for _, c := range now {
		if without(h.stops, c.Scope) {
			h.parts.log.Warn("stopped by an operator; the queue is kept", "scope", c.Scope, "by", c.By, "why", c.Why)
		}
	}
	for _, c := range h.stops {
		if without(now, c.Scope) {
			h.parts.log.Info("resumed by an operator", "scope", c.Scope)
		}
	}
	h.stops = now
}

func (h *health) note(id, why string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.gerrit == nil {
		h.gerrit = map[string]string{}
	}
	if why != "" && h.gerrit[id] != why {
		h.parts.log.Error("gerrit cannot be used; jobs are kept", "host", id, "why", why)
	} else if why == "" && h.gerrit[id] != "" {
		h.parts.log.Info("gerrit can be used again", "host", id)
	}
	h.gerrit[id] = why
}

// rights checks what the accounts could do, and writes the answer to the audit log.
func (h *health) rights(ctx context.Context) {
	for id, c := range h.parts.gerrits {
		bounded, cancel := shortly(ctx)
		err := h.parts.unsafe.look(bounded, id, c)
		cancel()
		e := audit.Entry{Actor: audit.Actor{Kind: "system"}, Action: audit.ActionSelfCheck, Object: audit.Object{Host: id}, Result: audit.ResultDone}
		why := h.parts.unsafe.of(id)
		switch {
		case err != nil:
			e.Result = audit.ResultFailed
		case why != "":
			e.Result, e.Why.Evidence = audit.ResultRefused, []string{why}
			h.parts.log.Error("nothing is posted to this host", "host", id, "why", why)
		}
		if _, err := h.audit.Append(ctx, e); err != nil && ctx.Err() == nil {
			h.parts.log.Error("audit", "error", err)
		}
	}
}

func (h *health) overloaded() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.stats.Due+h.stats.Delayed > maxQueued
}

// queue feeds the gauges.
func (h *health) queue() map[string]float64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	s := h.stats
	return map[string]float64{"due": float64(s.Due), "leased": float64(s.Leased), "delayed": float64(s.Delayed), "dead": float64(s.Dead)}
}

// reasons is what /readyz tells.
func (h *health) reasons(ctx context.Context) []server.Reason {
	var out []server.Reason
	if err := h.parts.store.Ping(ctx); err != nil {
		out = append(out, server.Reason{Name: "store", Detail: "takes no writes: " + err.Error()})
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for id, why := range h.gerrit {
		if why != "" {
			out = append(out, server.Reason{Name: "gerrit/" + id, Detail: why, Degraded: true})
		}
	}
	for id := range h.parts.gerrits {
		if why := h.parts.unsafe.of(id); why != "" && !h.parts.unsafe.unknown(id) {
			out = append(out, server.Reason{Name: "rights/" + id, Detail: why, Degraded: true})
		}
	}
	// Anybody may ask: who stopped it, and why, is for doctor.
	for _, c := range h.stops {
		out = append(out, server.Reason{Name: "stopped", Detail: c.Scope + ", by an operator; see review-assistant doctor", Degraded: true})
	}
	if h.stats.Dead > 0 {
		out = append(out, server.Reason{Name: "queue", Detail: "jobs were given up; see review-assistant dlq ls", Degraded: true})
	}
	return out
}
