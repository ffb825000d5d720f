// SPDX-License-Identifier: Apache-2.0

package gerrittest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// Delivery is one webhook that was sent, or given up.
type Delivery struct {
	Type   string
	Number int // of the change, 0 for events about refs and projects
	Body   []byte
	Status int // 0 when nobody answered
	Took   time.Duration
}

type target struct {
	url   string
	types []string
}

// hooks sends webhooks beside the server's own work. Like the real ones they
// live in memory, are filtered by type only, and carry private changes too.
type hooks struct {
	client *http.Client

	mu      sync.Mutex
	idle    *sync.Cond
	targets []target
	lose    bool
	queue   []outgoing
	busy    int
	closed  bool
	done    []Delivery
	kept    map[string][]byte // last body by type and change
}

type outgoing struct {
	url string
	Delivery
}

func newHooks(senders int) *hooks {
	h := &hooks{
		// No proxy from the environment: everything is on this machine.
		client: &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 16}},
		kept:   map[string][]byte{},
	}
	h.idle = sync.NewCond(&h.mu)
	for range senders {
		go h.send()
	}
	return h
}

func (h *hooks) close() {
	h.mu.Lock()
	h.closed, h.queue = true, nil
	h.mu.Unlock()
	h.idle.Broadcast()
	h.client.CloseIdleConnections()
}

// Webhook has events sent to the URL, all of them when no type is named.
func (s *Server) Webhook(url string, types ...string) {
	s.hooks.mu.Lock()
	defer s.hooks.mu.Unlock()
	s.hooks.targets = append(s.hooks.targets, target{url, types})
}

// LoseWebhooks makes the server forget webhooks, as a restart does, or send
// them again.
func (s *Server) LoseWebhooks(lose bool) {
	s.hooks.mu.Lock()
	defer s.hooks.mu.Unlock()
	s.hooks.lose = lose
}

// WaitWebhooks returns when every webhook so far was answered.
func (s *Server) WaitWebhooks() {
	h := s.hooks
	h.mu.Lock()
	defer h.mu.Unlock()
	for (len(h.queue) > 0 || h.busy > 0) && !h.closed {
		h.idle.Wait()
	}
}

// Deliveries returns the webhooks that were sent so far.
func (s *Server) Deliveries() []Delivery {
	s.hooks.mu.Lock()
	defer s.hooks.mu.Unlock()
	return slices.Clone(s.hooks.done)
}

// Resend sends the last webhook of that type about the change once more, also
// if it was lost.
func (c *Change) Resend(eventType string) {
	h := c.s.hooks
	h.mu.Lock()
	defer h.mu.Unlock()
	if body := h.kept[fmt.Sprint(eventType, c.Number)]; body != nil {
		h.enqueue(Delivery{Type: eventType, Number: c.Number, Body: body})
	}
}

// enqueue hands a webhook to the senders. The caller holds the lock.
func (h *hooks) enqueue(d Delivery) {
	for _, t := range h.targets {
		if len(t.types) == 0 || slices.Contains(t.types, d.Type) {
			h.queue = append(h.queue, outgoing{t.url, d})
		}
	}
	h.idle.Broadcast()
}

func (h *hooks) send() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for {
		for len(h.queue) == 0 && !h.closed {
			h.idle.Wait()
		}
		if h.closed {
			return
		}
		o := h.queue[0]
		h.queue = h.queue[1:]
		h.busy++
		h.mu.Unlock()
		began := time.Now()
		o.Status = h.post(o)
		o.Took = time.Since(began)
		h.mu.Lock()
		h.busy--
		if len(h.done) < maxLogged {
			h.done = append(h.done, o.Delivery)
		}
		h.idle.Broadcast()
	}
}

// post sends one webhook once and returns the status of the answer.
func (h *hooks) post(o outgoing) int {
	req, err := http.NewRequest(http.MethodPost, o.url, bytes.NewReader(o.Body))
	if err != nil {
		return 0
	}
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	req.Header.Set("User-Agent", "Apache-HttpClient/4.5.14 (Java/25.0.3)")
	resp, err := h.client.Do(req)
	if err != nil {
		return 0
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 1<<16))
	return resp.StatusCode
}

// emit sends an event. The caller holds the server's lock.
func (s *Server) emit(event object) { s.emitAbout(event, 0) }

func (s *Server) emitAbout(event object, number int) {
	event["eventCreatedOn"] = s.o.Now().Unix()
	var buf bytes.Buffer
	if err := json.NewEncoder(&buf).Encode(event); err != nil {
		return
	}
	kind, _ := event["type"].(string)
	d := Delivery{Type: kind, Number: number, Body: bytes.TrimSpace(buf.Bytes())}
	h := s.hooks
	h.mu.Lock()
	defer h.mu.Unlock()
	if number > 0 {
		h.kept[fmt.Sprint(kind, number)] = d.Body
	}
	if !h.lose {
		h.enqueue(d)
	}
}

func (s *Server) emitRef(project, ref, old, new string, by *Account) {
	s.emit(object{
		"type": "ref-updated", "submitter": by.event(),
		"refUpdate": object{"oldRev": old, "newRev": new, "refName": ref, "project": project},
	})
}

// emitChange sends an event about a change, with its patch set if the type has one.
func (s *Server) emitChange(kind string, c *change, event object, withPatchSet bool) {
	ps := c.current()
	about := object{
		"project": c.project.name, "branch": strings.TrimPrefix(c.branch, "refs/heads/"), "id": c.key, "number": c.number,
		"subject": ps.subject(), "owner": c.owner.event(), "url": fmt.Sprintf("%s/c/%s/+/%d", s.URL, c.project.name, c.number),
		"commitMessage": ps.message, "createdOn": c.created.Unix(), "status": c.status,
	}
	if c.topic != "" {
		about["topic"] = c.topic
	}
	if len(c.hashtags) > 0 {
		about["hashtags"] = c.hashtags
	}
	if c.private {
		about["private"] = true
	}
	if c.wip {
		about["wip"] = true
	}
	event["type"], event["change"], event["refName"] = kind, about, c.branch
	event["project"], event["changeKey"] = object{"name": c.project.name}, object{"key": c.key}
	if withPatchSet {
		inserted, deleted := 0, 0
		for _, d := range ps.files {
			inserted, deleted = inserted+d.inserted, deleted+d.deleted
		}
		event["patchSet"] = object{
			"number": ps.number, "revision": ps.sha, "parents": ps.parents,
			"ref":      fmt.Sprintf("refs/changes/%02d/%d/%d", c.number%100, c.number, ps.number),
			"uploader": ps.uploader.event(), "author": ps.author.event(), "createdOn": ps.created.Unix(),
			"kind": ps.kind, "sizeInsertions": inserted, "sizeDeletions": -deleted,
		}
	}
	s.emitAbout(event, c.number)
}
