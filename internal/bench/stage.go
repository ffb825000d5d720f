// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"review-assistant/gerrit/gerrittest"
	"review-assistant/llm/llmtest"
)

// webhookToken lets our webhooks in.
const webhookToken = "bench-webhook-token-of-loopback"

// stage is the world around one bot: Gerrit, model, catalog, configuration.
type stage struct {
	gerrit *gerrittest.Server
	gate   *gate
	model  *llmtest.Server
	mail   *mailbox
	client *http.Client
	bot    *process

	number int // of the last event that is about no change of the fake
}

// extra is what a group needs beside the usual world.
type extra struct {
	people  []string // user names in Gerrit
	catalog string   // further entities
	server  string   // further keys of server
	yaml    string   // below all else
	files   map[string]string
}

// openStage starts the fakes and a bot, and waits until it is ready. The
// catalog holds the projects.
func (b *bench) openStage(ctx context.Context, name string, projects []string, more extra) (_ *stage, err error) {
	s := &stage{
		model: llmtest.Start(llmtest.Good),
		// Below the bot's own limit of connections for one address.
		client: &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{MaxConnsPerHost: 150, MaxIdleConnsPerHost: 150}},
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.close())
		}
	}()
	s.model.SetKeep(1)
	if s.gerrit, err = gerrittest.Start(gerrittest.Options{Senders: 4}); err != nil {
		return nil, err
	}
	s.gate = newGate(s.gerrit)
	s.mail = newMailbox()
	s.gerrit.Webhook(s.mail.http.URL, "patchset-created")
	for _, owner := range slices.Concat(owners, more.people) {
		s.gerrit.AddAccount(gerrittest.Account{Username: owner})
	}
	for _, p := range projects {
		s.gerrit.Project(p)
		s.gerrit.Commit(p, baseFiles())
		s.gerrit.Config(p, "[review-assistant]\n\tmode = on\n")
	}
	dir := filepath.Join(b.dir, name)
	config, url, err := s.configure(dir, projects, more)
	if err != nil {
		return nil, err
	}
	if s.bot, err = start(b.binary, dir, config, url); err != nil {
		return nil, err
	}
	return s, s.bot.wait(ctx, 20*time.Second, "it was ready", func() bool { return s.bot.ready(s.client) })
}

// close ends the bot first, so that it does not see its servers go.
func (s *stage) close() (err error) {
	if s.bot != nil {
		err = s.bot.stop()
	}
	s.client.CloseIdleConnections()
	s.model.Close()
	if s.mail != nil {
		s.gate.http.Close()
		s.gerrit.Close()
		s.mail.http.Close()
	}
	return err
}

// configure writes what an operator would, with debounce 0 and without caps
// on the model. Secrets lie outside of the bot's own folder.
func (s *stage) configure(dir string, projects []string, more extra) (config, url string, err error) {
	beside := dir + ".config"
	if err := errors.Join(os.MkdirAll(dir, 0o700), os.MkdirAll(beside, 0o700)); err != nil {
		return "", "", err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", "", err
	}
	address := l.Addr().String()
	if err := l.Close(); err != nil {
		return "", "", err
	}
	text := fmt.Sprintf(`server: {listen: %q%s}
log: {format: json}
gerrit:
  - {id: bench, url: %q, username: %s, password_file: password, webhook_token_files: [token]}
models:
  default: {url: %q, model: stand-in}
catalog: {files: [catalog.yaml]}
store: {sqlite: %q}
audit: {dir: %q, accept_ephemeral: true}
bot: {debounce: 0s}
budget: {tokens_per_day: 0, requests_per_minute: 0}
%s`, address, more.server, s.gate.http.URL, s.gerrit.Bot().Username, s.model.URL, filepath.Join(dir, "store.db"), filepath.Join(dir, "audit"), more.yaml)
	files := map[string]string{
		"config.yaml": text, "password": s.gerrit.Bot().Password, "token": webhookToken, "catalog.yaml": catalogFile(projects) + more.catalog,
	}
	maps.Copy(files, more.files)
	for name, body := range files {
		if err := os.WriteFile(filepath.Join(beside, name), []byte(body), 0o600); err != nil {
			return "", "", err
		}
	}
	return filepath.Join(beside, "config.yaml"), "http://" + address, nil
}

// push uploads a change of five files and returns its number and webhook.
func (s *stage) push(project string) (int, []byte) {
	n := s.gerrit.Push(gerrittest.Push{Project: project, Message: "orders: retry the payment of an order", Files: changedFiles()}).Number
	s.gerrit.WaitWebhooks()
	return n, s.mail.of(n)
}

// event is the webhook of a change that only the webhook knows. Its number is
// new, so that the bot finds no job to join it with.
func (s *stage) event(like []byte, project string) ([]byte, error) {
	s.number++
	var e map[string]any
	if err := json.Unmarshal(like, &e); err != nil {
		return nil, err
	}
	change, ok := e["change"].(map[string]any)
	if !ok {
		return nil, errors.New("the webhook of a change is about no change")
	}
	change["number"], change["project"] = 1_000_000+s.number, project
	e["project"] = map[string]any{"name": project}
	return json.Marshal(e)
}

// send posts a webhook and wants it accepted.
func (s *stage) send(ctx context.Context, body []byte) error {
	return post(ctx, s.client, s.bot.url+"/hooks/gerrit/bench?token="+webhookToken, body)
}

func post(ctx context.Context, c *http.Client, url string, body []byte) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	resp, err := c.Do(req)
	if err != nil {
		return err
	}
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		return errors.Join(err, resp.Body.Close())
	}
	if resp.StatusCode != http.StatusAccepted {
		err = fmt.Errorf("a webhook was answered with %s", resp.Status)
	}
	return errors.Join(err, resp.Body.Close())
}

// vote has people vote on a change, on two labels each.
func (s *stage) vote(number int, names ...string) {
	for _, name := range names {
		for _, label := range []string{"Code-Review", "Verified"} {
			s.gerrit.Change(number).Vote(name, label, 1, "")
		}
	}
}

// review sends the webhook of a change and returns when its comment stands.
func (s *stage) review(ctx context.Context, number int, body []byte) (sent, posted time.Time, err error) {
	ctx, cancel := context.WithTimeout(ctx, 60*time.Second)
	defer cancel()
	stands := s.gate.expect(number)
	sent = time.Now()
	if err := s.send(ctx, body); err != nil {
		return sent, posted, err
	}
	select {
	case posted = <-stands:
		return sent, posted, s.check(number)
	case err := <-s.bot.ended:
		s.bot.ended <- err
		return sent, posted, s.bot.failed(fmt.Errorf("the bot ended: %w", err))
	case <-ctx.Done():
		return sent, posted, s.bot.failed(fmt.Errorf("no comment on change %d: %w", number, ctx.Err()))
	}
}

// check makes sure that the whole work was done: one comment, by the model,
// with reviewers.
func (s *stage) check(number int) error {
	posts := s.gerrit.Change(number).Posts()
	if len(posts) != 1 {
		return fmt.Errorf("change %d has %d comments of the bot, want 1", number, len(posts))
	}
	for _, want := range []string{"(stand-in)", "through team-orders"} {
		if !strings.Contains(posts[0].Text, want) {
			return fmt.Errorf("the comment on change %d lacks %q:\n%s", number, want, posts[0].Text)
		}
	}
	return nil
}

// quiet returns when the bot has ended no job for a second.
func (s *stage) quiet(ctx context.Context) error {
	last, since := -1.0, time.Now()
	var looked time.Time
	return s.bot.wait(ctx, 60*time.Second, "its queue was empty", func() bool {
		if time.Since(looked) < 100*time.Millisecond {
			return false
		}
		looked = time.Now()
		if n := s.jobs(); n != last {
			last, since = n, looked
		}
		return time.Since(since) > time.Second
	})
}

var jobsLine = regexp.MustCompile(`(?m)^bot_jobs_total\{.*\} (\S+)$`)

// jobs returns how many jobs have ended, by the bot's own count.
func (s *stage) jobs() (sum float64) {
	resp, err := s.client.Get(s.bot.url + "/metrics")
	if err != nil {
		return -1
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return -1
	}
	for _, m := range jobsLine.FindAllSubmatch(body, -1) {
		if n, err := strconv.ParseFloat(string(m[1]), 64); err == nil {
			sum += n
		}
	}
	return sum
}

// gate stands before the fake Gerrit: it counts calls and sees comments come.
type gate struct {
	http *httptest.Server

	mu      sync.Mutex
	done    work
	waiting map[int]chan time.Time
}

var reviewPath = regexp.MustCompile(`~(\d+)/revisions/[^/]+/review$`)

func newGate(next http.Handler) *gate {
	g := &gate{waiting: map[int]chan time.Time{}}
	g.http = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		g.mu.Lock()
		g.done.calls++
		if strings.Contains(r.URL.RawQuery, "visibleto") {
			g.done.asked++
		}
		g.mu.Unlock()
		seen := &statusWriter{ResponseWriter: w}
		began := time.Now()
		next.ServeHTTP(seen, r)
		g.mu.Lock()
		g.done.busy += time.Since(began)
		g.mu.Unlock()
		if m := reviewPath.FindStringSubmatch(r.URL.Path); m != nil && r.Method == http.MethodPost && seen.status == http.StatusOK {
			g.stands(m[1])
		}
	}))
	return g
}

// expect returns where the time of the comment on a change will come.
func (g *gate) expect(number int) <-chan time.Time {
	g.mu.Lock()
	defer g.mu.Unlock()
	c := make(chan time.Time, 1)
	g.waiting[number] = c
	return c
}

func (g *gate) stands(number string) {
	n, err := strconv.Atoi(number)
	if err != nil {
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if c := g.waiting[n]; c != nil {
		c <- time.Now()
		delete(g.waiting, n)
	}
}

// work is what Gerrit has done so far.
type work struct {
	calls int
	asked int           // of them, who may see what
	busy  time.Duration // of all calls together
}

func (g *gate) work() work {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.done
}

type statusWriter struct {
	http.ResponseWriter
	status int
}

func (w *statusWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

// mailbox takes the fake's webhooks and keeps them, so that the bench decides
// when each one is sent.
type mailbox struct {
	http *httptest.Server

	mu     sync.Mutex
	bodies map[int][]byte
}

func newMailbox() *mailbox {
	m := &mailbox{bodies: map[int][]byte{}}
	m.http = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		var e struct{ Change struct{ Number int } }
		if err != nil || json.Unmarshal(body, &e) != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		m.mu.Lock()
		m.bodies[e.Change.Number] = body
		m.mu.Unlock()
		w.WriteHeader(http.StatusAccepted)
	}))
	return m
}

func (m *mailbox) of(number int) []byte {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.bodies[number]
}
